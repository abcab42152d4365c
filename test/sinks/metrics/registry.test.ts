import { expect, test } from "vitest";
import { createMetrics, toOpenMetrics, wantsOpenMetrics } from "../../../src/sinks/metrics/registry.ts";

const asLeader = { isLeader: () => true };

const lines = async (
  metrics: ReturnType<typeof createMetrics>,
  name: string,
  accept = "",
): Promise<readonly string[]> => (await metrics.expose(accept)).body.split("\n").filter((line) => line.includes(name));

test("a family without series says nothing", async () => {
  const metrics = createMetrics(asLeader);
  expect((await metrics.expose("")).body).not.toMatch(/plumbline_(telemetry|baseline|source_ready)/);
  metrics.collect("plumbline_telemetry_completeness_ratio", () => []);
  expect((await metrics.expose("")).body).not.toContain("plumbline_telemetry");
});

test("a gauge has exactly the series its collector gives at scrape", async () => {
  const metrics = createMetrics(asLeader);
  let states = ["live", "stalled"];
  metrics.collect("plumbline_watch_streams", () => states.map((state) => [{ state }, 1]));
  expect(await lines(metrics, "plumbline_watch_streams{")).toHaveLength(2);
  states = ["live"];
  expect(await lines(metrics, "plumbline_watch_streams{")).toEqual(['plumbline_watch_streams{state="live"} 1']);
});

test("only the lease holder exports what adds up over replicas", async () => {
  let leader = false;
  const metrics = createMetrics({ isLeader: () => leader });
  const labels = { baseline_namespace: "shop", baseline: "web" };
  metrics.collect("plumbline_baseline_compliance_ratio", () => [[labels, 1]]);
  metrics.collect("plumbline_source_ready", () => [[labels, 1]]);
  metrics.count("plumbline_drifts_total", { ...labels, severity: "low", class: "config", cause: "live-edit" });
  expect((await metrics.expose("")).body).not.toMatch(/^plumbline_(baseline|drift)/m);
  expect((await metrics.expose("")).body).toContain("plumbline_source_ready");
  leader = true;
  expect((await metrics.expose("")).body).toMatch(/^plumbline_baseline_compliance_ratio/m);
  expect((await metrics.expose("")).body).toMatch(/^plumbline_drifts_total/m);
});

test("series of a Baseline that is gone are gone, those of its namesake elsewhere stay", async () => {
  const metrics = createMetrics(asLeader);
  for (const namespace of ["shop", "shop-2"]) {
    const labels = { baseline_namespace: namespace, baseline: "web" };
    metrics.count("plumbline_remediations_total", { ...labels, result: "applied" });
    metrics.observe("plumbline_time_to_reconcile_seconds", { ...labels, by: "other", severity: "low" }, 3);
  }
  metrics.forgetBaseline("shop", "web");
  const { body } = await metrics.expose("");
  expect(body).not.toContain('baseline_namespace="shop",');
  expect(body).toContain('plumbline_remediations_total{baseline_namespace="shop-2",baseline="web",result="applied"} 1');
});

test.each([
  ["", false],
  ["text/plain;version=0.0.4;q=0.5,*/*;q=0.1", false],
  ["application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4", true],
  ["application/openmetrics-text;q=0", false],
])("Accept %j asks for OpenMetrics: %s", (accept, wanted) => {
  expect(wantsOpenMetrics(accept)).toBe(wanted);
});

test("OpenMetrics declares counters without their suffix, has no blank lines and an end", () => {
  const text =
    "# HELP a_total A.\n# TYPE a_total counter\na_total 1\n\n# HELP b_total B.\n# TYPE b_total gauge\nb_total 2\n";
  expect(toOpenMetrics(text)).toBe(
    "# HELP a A.\n# TYPE a counter\na_total 1\n# HELP b_total B.\n# TYPE b_total gauge\nb_total 2\n# EOF\n",
  );
});

test("asking for one format does not change the other", async () => {
  const metrics = createMetrics(asLeader);
  metrics.count("plumbline_metrics_series_dropped_total", { metric: "x" });
  const before = await metrics.expose("");
  const open = await metrics.expose("application/openmetrics-text");
  expect(open.type).toContain("application/openmetrics-text; version=1.0.0");
  expect(open.body).toContain('plumbline_metrics_series_dropped_total{metric="x"} 1');
  expect(await metrics.expose("")).toEqual(before);
});

test("a label value cannot break a line", async () => {
  const metrics = createMetrics(asLeader);
  metrics.collect("plumbline_watch_streams", () => [[{ state: 'a"\n\\' }, 1]]);
  expect(await lines(metrics, "plumbline_watch_streams{")).toEqual(['plumbline_watch_streams{state="a\\"\\n\\\\"} 1']);
});
