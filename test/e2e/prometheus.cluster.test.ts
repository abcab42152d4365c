/**
 * What an on-call engineer relies on: a real Prometheus scrapes the operator on a real control plane, with the rules as
 * the chart renders them and each `for` cut to a second, and goes through drift → firing → put right → resolved.
 * The tests tell one story and run in order; that something never fired is asked of Prometheus's own history at the end.
 */
import { execFileSync } from "node:child_process";
import { renameSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getIn, getString, type Json } from "../../src/model/json.ts";
import { dashboardQueries, readDashboard } from "../prometheus/dashboard.ts";
import type { Prometheus } from "../prometheus/prometheus.ts";
import { describeWith } from "../support/describe-with.ts";
import { defaultNamespace, eventually, type Operator } from "./operator.ts";
import {
  files,
  read,
  role,
  shipped,
  startWatchedWorld,
  stuckDefinition,
  type WatchedWorld,
  widget,
} from "./watched-world.ts";
import { baselinePath, type World } from "./world.ts";

const roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/roles";
const gatePath = "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies/gate";
/** Nobody runs in shards here, and no revision is doubtful or rolled back; their gauges have suites of their own. */
const toldByPromtool = new Set(["PlumblineShardAbsent", "PlumblineSourceGuarded", "PlumblineRolledBack"]);

const allVerbs: Json = [{ op: "replace", path: "/rules/0/verbs", value: ["*"] }];

/** What Prometheus 2.42 sends. */
const accept =
  "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1";

const needs = [
  "etcd",
  "kube-apiserver",
  "kube-controller-manager",
  "kubectl",
  "helm",
  "prometheus",
  "promtool",
] as const;

describeWith(needs, "Prometheus", ({ prometheus: binary, promtool }) => {
  let world: World;
  let operator: Operator;
  let prometheus: Prometheus;
  let rules: WatchedWorld["rules"];
  let vanishing: string;
  let stop: (() => Promise<void>) | undefined;

  beforeAll(async () => {
    ({ world, operator, prometheus, rules, vanishing, stop } = await startWatchedWorld(binary));
  });
  afterAll(() => stop?.());

  const within = { within: 60_000, every: 50 };
  /** What is scraped once a second is not there at once. */
  const polled = { timeout: 30_000, interval: 100 };
  const value = async (expr: string): Promise<number | undefined> => (await prometheus.query(expr))[0]?.value;
  /** `PlumblineCriticalDrift shop` for what fires, the Baseline where it names one. */
  const firing = async (): Promise<readonly string[]> =>
    (await prometheus.alerts())
      .filter(({ state }) => state === "firing")
      .map(({ name, labels }) => `${name} ${labels["baseline"] ?? ""}`.trim())
      .toSorted();
  /** Waits until exactly these fire; how long it took. */
  const fires = async (...wanted: readonly string[]): Promise<number> => {
    const begun = performance.now();
    let seen: readonly string[] = [];
    await eventually(
      `firing: ${wanted.join(", ") || "nothing"}`,
      async () => {
        seen = await firing();
        if (seen.join() !== wanted.join()) throw new Error(`firing is: ${seen.join(", ") || "nothing"}`);
        return true;
      },
      within,
    );
    return Math.round(performance.now() - begun);
  };
  const poke = (name: string): Promise<void> =>
    world.patch(baselinePath(name), {
      metadata: { annotations: { "plumbline.dev/requested-at": new Date().toISOString() } },
    });

  test("the chart's rules are loaded, and each leads to its part of the runbook", () => {
    const loaded = rules.flatMap((group) => group.rules);
    expect(loaded.map((rule) => rule.alert)).toEqual(shipped);
    expect(new Set(loaded.map((rule) => rule.for))).toEqual(new Set(["1s"]));
    const anchors = [...read("docs/runbook.md").matchAll(/^## (.+)$/gm)].map(([, title]) => title?.toLowerCase());
    for (const { annotations } of loaded)
      expect(anchors).toContain(annotations.runbook_url.replace("docs/runbook.md#", ""));
  });

  test("at rest: every Baseline complies, and nothing fires", async () => {
    await expect.poll(() => value("count(plumbline_baseline_compliance_ratio == 1)"), polled).toBe(5);
    await fires();
    expect(await prometheus.query("plumbline_resource_drifted")).toEqual([]);
  });

  test("it reads OpenMetrics without an error, and promtool has nothing to say about the text", async () => {
    const answer = await fetch(operator.metricsUrl, { headers: { accept } });
    expect(answer.headers.get("content-type")).toMatch(/^application\/openmetrics-text; version=1\.0\.0/);
    expect(await answer.text()).toMatch(/\n# EOF\n$/);
    // Declared without `_total`: what Prometheus itself got was OpenMetrics.
    expect(await prometheus.declared("plumbline_source_fetches")).toEqual(["counter"]);
    expect(await prometheus.targets()).toEqual([{ job: "plumbline", health: "up", lastError: "" }]);
    expect(execFileSync(promtool, ["check", "metrics"], { input: await operator.metrics(), encoding: "utf8" })).toBe(
      "",
    );
  });

  test("a Role edited by hand: the alerts fire and the first three questions are answered; undone, they resolve", async ({
    annotate,
  }) => {
    await world.patch(`${roles}/config-reader`, allVerbs);
    const shop = ["PlumblineBaselineNonCompliant shop", "PlumblineCriticalDrift shop", "PlumblineSecurityDrift shop"];
    await annotate(`edit → three alerts firing: ${await fires(...shop)} ms (scrape, evaluation and for: 1 s each)`);

    // How compliant are we?
    const total = await value('sum(plumbline_baseline_objects{baseline="shop"})');
    const compliance = await prometheus.query("plumbline_baseline_compliance_ratio");
    expect(Object.fromEntries(compliance.map((one) => [one.metric["baseline"], one.value]))).toEqual({
      shop: (Number(total) - 1) / Number(total),
      observed: 1,
      waits: 1,
      heals: 1,
      vanishing: 1,
    });
    // What is drifted?
    const named = await prometheus.query("plumbline_resource_drifted");
    expect(named.map(({ metric }) => metric)).toEqual([
      expect.objectContaining({
        baseline_namespace: defaultNamespace,
        baseline: "shop",
        resource_group: "rbac.authorization.k8s.io",
        resource_kind: "Role",
        resource_namespace: "shop",
        resource_name: "config-reader",
        verdict: "drifted",
        severity: "critical",
        class: "security",
        cause: "live-edit",
        mode: "Alert",
      }),
    ]);
    // Since when? The same moment as in its record, which has whole seconds at least.
    const observed = Date.parse(getString(await world.drifted("Role", "config-reader"), "firstObserved") ?? "");
    const since = await value('plumbline_resource_drifted_since_timestamp_seconds{resource_name="config-reader"}');
    expect(Math.floor(since ?? 0)).toBe(Math.floor(observed / 1000));
    expect(await value('plumbline_drift_oldest_timestamp_seconds{severity="critical"}')).toBe(since);

    await world.apply(files["shop/rbac.yaml"] ?? "");
    await annotate(`undone → all resolved: ${await fires()} ms`);
    expect(await prometheus.query("plumbline_resource_drifted")).toEqual([]);
    expect(await value("min(plumbline_baseline_compliance_ratio)")).toBe(1);
  });

  test("mode Observe and a pending object: counted, and silent", async () => {
    await world.patch(`${roles}/observed`, allVerbs);
    const commit = world.commit({ ...files, "waits/role.yaml": role("waits", "get, list") });
    await world.checkNow("waits", commit);
    await expect.poll(() => value('plumbline_baseline_objects{baseline="waits", verdict="pending"}'), polled).toBe(1);
    await expect.poll(() => value('plumbline_baseline_compliance_ratio{baseline="observed"}'), polled).toBe(0);
    expect(await prometheus.query('plumbline_resource_drifted{baseline="waits"}')).toEqual([]);
  });

  test("mode Remediate: drift fires while nobody opted in; the annotation heals it, and the alerts resolve", async ({
    annotate,
  }) => {
    await world.patch(gatePath, [{ op: "remove", path: "/spec/policyTypes/1" }]);
    const heals = [
      "PlumblineBaselineNonCompliant heals",
      "PlumblineCriticalDrift heals",
      "PlumblineSecurityDrift heals",
    ];
    await fires(...heals);
    await world.patch(gatePath, { metadata: { annotations: { "plumbline.dev/remediate": "enabled" } } });
    await annotate(`annotated → healed and all resolved: ${await fires()} ms`);
    expect(getIn(await world.get(gatePath), "spec", "policyTypes")).toEqual(["Ingress", "Egress"]);
    const applied = 'sum(plumbline_remediations_total{baseline="heals", result="applied"})';
    await expect.poll(() => value(applied), polled).toBe(1);
    const byPlumbline = 'sum(plumbline_time_to_reconcile_seconds_count{by="plumbline"})';
    await expect.poll(() => value(byPlumbline), polled).toBe(1);
    expect(await value('sum(plumbline_time_to_reconcile_seconds_count{by="other"})')).toBe(1);
  });

  test("a repository that vanishes: its Baseline alone is stale; back again, it resolves", async () => {
    renameSync(vanishing, `${vanishing}.gone`);
    await poke("vanishing");
    await fires("PlumblineSourceStale vanishing");
    expect(await value('plumbline_baseline_compliance_ratio{baseline="vanishing"}')).toBe(1);
    renameSync(`${vanishing}.gone`, vanishing);
    await poke("vanishing");
    await fires();
  });

  test("every query of the dashboard returns data", async () => {
    const silent = async (): Promise<readonly string[]> => {
      const found = await Promise.all(
        dashboardQueries(readDashboard(), 120).map(
          async ({ title, expr }) => [title, expr, await prometheus.query(expr)] as const,
        ),
      );
      return found
        .filter(([, , series]) => !series.some((one) => Number.isFinite(one.value)))
        .map(([title, expr]) => `${title}: ${expr}`);
    };
    await expect.poll(silent, { timeout: 20_000, interval: 500 }).toEqual([]);
    const panel = async (title: string) =>
      prometheus.query(dashboardQueries(readDashboard(), 120).find((query) => query.title === title)?.expr ?? "");
    // Also what happened for the first time, and so has no earlier value to grow from.
    expect(await panel("Remediations")).toEqual([{ metric: { result: "applied" }, value: 1 }]);
    const [row] = await panel("What is not as declared");
    expect(row?.metric).toMatchObject({ resource_kind: "Role", resource_name: "observed", severity: "critical" });
    const since = Date.parse(getString(await world.drift("Role", "observed"), "firstObserved") ?? "");
    expect(Math.floor((row?.value ?? 0) / 1000)).toBe(Math.floor(since / 1000));
  });

  test("somebody moves it back each time: Plumbline stands down and that fires; let go of, it resolves", async ({
    annotate,
  }) => {
    const heals = ["BaselineNonCompliant", "CriticalDrift", "RemediationFight", "SecurityDrift"];
    const both = async (): Promise<true | undefined> =>
      String(getIn(await world.get(gatePath), "spec", "policyTypes")) === "Ingress,Egress" || undefined;
    // It was put back once already.
    for (let round = 0; round < 2; round += 1) {
      await world.patch(gatePath, [{ op: "remove", path: "/spec/policyTypes/1" }]);
      await eventually("put back", both, within);
    }
    await world.patch(gatePath, [{ op: "remove", path: "/spec/policyTypes/1" }]);
    await annotate(`stood down → firing: ${await fires(...heals.map((name) => `Plumbline${name} heals`))} ms`);
    expect(await value('sum(plumbline_remediation_breakers{baseline="heals", state="open"})')).toBe(1);
    expect(await value('sum(plumbline_remediation_fights_total{baseline="heals"})')).toBe(1);
    await world.patch(gatePath, [{ op: "add", path: "/spec/policyTypes/-", value: "Egress" }]);
    await annotate(`let go of → all resolved: ${await fires()} ms`);
  });

  test("a kind whose objects cannot be listed: the watch stalls; no longer declared, it resolves", async () => {
    await world.apply(stuckDefinition());
    await world.kubectl("wait", "--for=condition=Established", "crd/widgets.stuck.example");
    // Established, it may still be missing in discovery for a moment.
    await eventually("a widget", () => world.apply(widget("v1")).then(() => true));
    await world.apply(stuckDefinition("https://127.0.0.1:9/convert"));
    world.commit({ ...files, "stuck/widget.yaml": widget("v2") });
    const source = { git: { url: world.url, ref: { branch: "main" } } };
    await world.createBaseline("stuck", { source, path: "stuck", mode: "Observe" });
    await fires("PlumblineWatchStalled");
    await world.kubectl("delete", "baseline", "stuck", "-n", defaultNamespace);
    await fires();
  });

  test("the API server goes away: without a lease nobody is at work; back again, it resolves", async ({ annotate }) => {
    await world.plane.kill("kube-apiserver");
    await annotate(`API server killed → missed: ${await fires("PlumblineAbsent")} ms`);
    await world.plane.restart("kube-apiserver");
    await annotate(`API server back → resolved: ${await fires()} ms`);
    expect(await value('sum(up{job="plumbline"})')).toBe(1);
    await expect.poll(() => value('plumbline_baseline_compliance_ratio{baseline="observed"}'), polled).toBe(0);
  });

  test("mode Observe and pending never fired, and every scrape was read", async () => {
    expect(await prometheus.query('count_over_time(ALERTS{baseline=~"observed|waits"}[1h])')).toEqual([]);
    expect(await prometheus.query("count by (alertname) (count_over_time(ALERTS[1h]))")).toHaveLength(
      shipped.filter((alert) => !toldByPromtool.has(alert)).length,
    );
    expect(await value('min_over_time(up{job="plumbline"}[1h])')).toBe(1);
    expect((await prometheus.query("plumbline_resource_drifted")).map(({ metric }) => metric["resource_name"])).toEqual(
      ["observed"],
    );
  });

  test("Plumbline stops: it is missed, and what it said is not taken for the truth any longer", async ({
    annotate,
  }) => {
    await operator.stop();
    await annotate(`stopped → missed: ${await fires("PlumblineAbsent")} ms`);
    expect(await prometheus.targets()).toEqual([expect.objectContaining({ health: "down" })]);
    expect(await prometheus.query("plumbline_baseline_compliance_ratio")).toEqual([]);
  });
});
