/**
 * Our exporter, our rules as the chart renders them, and our dashboard, on a real Prometheus. The verdicts are made by
 * hand here; the demo's test goes the same way with the operator.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { getIn } from "../../src/model/json.ts";
import { serve, type HttpServer } from "../../src/runtime/http-server.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { createWorkQueue } from "../../src/runtime/work-queue.ts";
import { createDriftMetrics } from "../../src/sinks/metrics/drift-metrics.ts";
import { createProcessMetrics } from "../../src/sinks/metrics/process-metrics.ts";
import { createQueueMetrics } from "../../src/sinks/metrics/queue-metrics.ts";
import { createMetrics } from "../../src/sinks/metrics/registry.ts";
import { collectStateGauges } from "../../src/sinks/metrics/state-gauges.ts";
import { waitReasons } from "../../src/sinks/ports.ts";
import type { Verdict } from "../../src/model/verdict.ts";
import { find, openHelm, render } from "../chart/helm.ts";
import { baselineOf, FakeEngine, inSync, judgementOf, ready, stateOf } from "../sinks/sink-fixtures.ts";
import { describeWith } from "../support/describe-with.ts";
import { dashboardQueries, readDashboard } from "./dashboard.ts";
import { startPrometheus, type Prometheus } from "./prometheus.ts";

const baseline = baselineOf();
const key = baseline.key;
const clusterRole = { group: "rbac.authorization.k8s.io", kind: "ClusterRole", namespace: "", name: "admin" };
const broken: Verdict = { kind: "missing", severity: "critical", class: "security", cause: "deletion" };

/** Everything that the operator exports, with an engine of maps behind it. */
async function startExporter() {
  const engine = new FakeEngine();
  const metrics = createMetrics({ isLeader: () => true });
  const remediation = {
    waiting: () =>
      Object.fromEntries(waitReasons.map((reason) => [reason, 0])) as Record<(typeof waitReasons)[number], number>,
    actedSince: () => false,
  };
  collectStateGauges(metrics, { engine, remediation, maxResourceSeries: 100 });
  const watch = { kind: { group: "apps", version: "v1", kind: "Deployment" }, state: "live" as const, relists: 0 };
  const about = { isLeader: () => true, leaseName: "plumbline", version: "0.1.0", clock: systemClock };
  const process = createProcessMetrics({
    ...about,
    metrics,
    engine,
    watches: () => [{ ...watch, lastEventAt: Date.now() }],
  });
  const queues = createQueueMetrics(metrics);
  const queue = createWorkQueue<string>({ clock: systemClock, name: "engine", metrics: queues.queue("engine") });
  queues.created(queue, 4);
  const counts = createDriftMetrics({ metrics, remediation, isLeader: () => true });
  const now = Date.now();
  engine.put(stateOf({ source: { ...ready, fetchedAt: now, lastSuccessAt: now } }));
  const judge = (verdict: Verdict): void => {
    const at = Date.now();
    counts.transition(engine.judge(judgementOf(verdict, { id: clusterRole, firstObserved: at, lastChanged: at }), at));
    process.judged(0.004);
  };
  engine.judge(judgementOf(inSync), now);
  judge(inSync);
  process.fetched("success", 0.2, key);
  process.rendered(0.1);
  process.requested({ verb: "GET", method: "GET", code: "200", host: "api", seconds: 0.01 });
  // Nothing was put back by Plumbline yet: a counted zero, so that rates have where to start.
  const labels = { baseline_namespace: baseline.namespace, baseline: baseline.name };
  metrics.count("plumbline_remediations_total", { ...labels, result: "applied" }, 0);
  const server = await serve("127.0.0.1:0", {
    "/metrics": async (accept) => ({ status: 200, ...(await metrics.expose(accept)) }),
  });
  return { server, judge, process };
}

describeWith(["prometheus"], "a real Prometheus", ({ prometheus: binary }) => {
  let exporter: Awaited<ReturnType<typeof startExporter>>;
  let server: HttpServer;
  let prometheus: Prometheus;
  beforeAll(async () => {
    exporter = await startExporter();
    server = exporter.server;
    const helm = await openHelm();
    const short = { for: "1s" };
    const overrides = { PlumblineCriticalDrift: short, PlumblineSecurityDrift: short };
    const values = { prometheusRule: { enabled: true, renderMode: "alwaysRender", overrides } };
    const rule = find(await render(helm, values), "PrometheusRule", "plumbline");
    helm.close();
    const rules = getIn(rule, "spec", "groups");
    prometheus = await startPrometheus({ binary, targets: { plumbline: [`127.0.0.1:${server.port}`] }, rules });
  });
  afterAll(async () => {
    await prometheus?.stop();
    await server?.stop();
  });

  const soon = { timeout: 30_000, interval: 250 };
  const value = async (expr: string): Promise<number | undefined> => (await prometheus.query(expr))[0]?.value;
  const firing = async (): Promise<readonly string[]> =>
    [...new Set((await prometheus.alerts()).filter(({ state }) => state === "firing").map(({ name }) => name))].sort();

  test("at rest: compliant, nothing fires, Plumbline is there", async () => {
    await expect.poll(() => value("plumbline_baseline_compliance_ratio"), soon).toBe(1);
    expect(await value('sum(up{job="plumbline"})')).toBe(1);
    expect(await prometheus.query("plumbline_resource_drifted")).toEqual([]);
    expect(await firing()).toEqual([]);
  });

  test("a ClusterRole goes: both alerts fire, and the three first questions are answered", async () => {
    exporter.judge(broken);
    await expect.poll(firing, soon).toEqual(["PlumblineCriticalDrift", "PlumblineSecurityDrift"]);
    // How compliant are we?
    expect(await value("plumbline_baseline_compliance_ratio")).toBe(0.5);
    // What is drifted?
    expect((await prometheus.query("plumbline_resource_drifted")).map(({ metric }) => metric)).toEqual([
      expect.objectContaining({
        baseline_namespace: "shop",
        baseline: "web",
        resource_kind: "ClusterRole",
        resource_name: "admin",
        verdict: "missing",
        severity: "critical",
        class: "security",
        mode: "Alert",
      }),
    ]);
    // Since when?
    const age = await value("time() - min by (baseline) (plumbline_drift_oldest_timestamp_seconds)");
    expect(age).toBeGreaterThan(0);
    expect(age).toBeLessThan(60);
  });

  test("every query of the dashboard answers", async () => {
    const silent = async (): Promise<readonly string[]> => {
      exporter.process.judged(0.003);
      exporter.process.fetched("success", 0.2, key);
      exporter.process.rendered(0.1);
      const found = await Promise.all(
        dashboardQueries(readDashboard(), 10).map(
          async ({ title, expr }) => [title, await prometheus.query(expr)] as const,
        ),
      );
      return found.filter(([, series]) => series.length === 0).map(([title]) => title);
    };
    // Time to reconcile has nothing to tell until something was reconciled.
    await expect.poll(silent, soon).toEqual(["Time to reconcile, 90th percentile"]);
  });

  test("healed: both alerts resolve, and the time it took is told", async () => {
    exporter.judge(inSync);
    await expect.poll(firing, soon).toEqual([]);
    expect(await prometheus.query("plumbline_resource_drifted")).toEqual([]);
    expect(await value("plumbline_baseline_compliance_ratio")).toBe(1);
    expect(await value('sum(plumbline_time_to_reconcile_seconds_count{by="other"})')).toBe(1);
    expect(await value("sum(plumbline_drifts_total)")).toBe(1);
  });
});
