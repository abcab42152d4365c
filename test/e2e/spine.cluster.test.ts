/**
 * The main job, end to end: commits in Git and edits in a cluster come in; Drift records, metrics, Events, a status and
 * healed objects come out. One operator, one Baseline in mode Remediate, nothing opted in but what a test opts in.
 * Each test leaves its objects as declared.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { getIn, getString, getStrings, type Json, type JsonObject } from "../../src/model/json.ts";
import { describeWith } from "../support/describe-with.ts";
import { defaultNamespace, eventually, operatorAccount, startOperator, type Operator } from "./operator.ts";
import { changesOf, hasLines, lineOf, shopFiles, startWorld, type World } from "./world.ts";

const canary = "canary-5f1d7c";
const base64 = (text: string): string => Buffer.from(text).toString("base64");

const configMap = (name: string, data: string, annotation = ""): string => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  namespace: shop
  annotations: {${annotation}}
data:
  value: ${data}
`;
const optedIn = '"plumbline.dev/remediate": enabled';

/** The example application, and objects for what it has none of. */
const files: Record<string, string> = {
  ...shopFiles(),
  "healed.yaml": configMap("healed", "one", optedIn),
  "plain.yaml": configMap("plain", "one"),
  "live.yaml": configMap("live", "one"),
  "going.yaml": configMap("going", "one"),
  "deleted.yaml": configMap("deleted", "one"),
  "worker.yaml": `apiVersion: apps/v1
kind: Deployment
metadata:
  name: worker
  namespace: shop
  annotations: {${optedIn}}
spec:
  selector: {matchLabels: {app: worker}}
  template:
    metadata:
      labels: {app: worker}
    spec:
      containers:
        - name: worker
          image: worker:1.0
          env:
            - {name: QUEUE, value: orders}
`,
  "secret.yaml": `apiVersion: v1
kind: Secret
metadata:
  name: token
  namespace: shop
data:
  token: ${base64("declared-token")}
`,
};

const shop = "/api/v1/namespaces/shop";
const deployment = (name: string): string => `/apis/apps/v1/namespaces/shop/deployments/${name}`;
const configMapPath = (name: string): string => `${shop}/configmaps/${name}`;
const dataOf = async (world: World, name: string): Promise<string | undefined> =>
  getString(await world.get(configMapPath(name)), "data", "value");

describeWith(["etcd", "kube-apiserver", "kube-controller-manager", "kubectl", "helm"], "the spine", () => {
  let world: World;
  let operator: Operator;
  let total = 0;

  beforeAll(async () => {
    world = await startWorld({
      plane: {
        controllerManager: true,
        controllerManagerArgs: ["--horizontal-pod-autoscaler-sync-period=1s"],
        audit: true,
      },
      files,
      values: { "rbac.mode": "remediate", "rbac.secrets": "full" },
    });
    operator = await startOperator(world.plane);
    await operator.ready();
    await world.createBaseline("shop", { mode: "Remediate", source: { git: source(world.url) } });
  });
  afterAll(async () => {
    await operator?.stop();
    await world?.stop();
  });

  const source = (url: string): Json => ({ url, ref: { branch: "main" }, interval: "10m" });
  const metric = (name: string, labels: Readonly<Record<string, string>> = {}) =>
    operator.metric(name, { baseline: "shop", ...labels });
  const series = (name: string) => metric("plumbline_resource_drifted", { resource_name: name });
  const resolved = async (kind: string, name: string): Promise<void> => {
    await world.noDrift(kind, name);
    expect(await series(name)).toBeUndefined();
    await world.event("DriftResolved", name);
  };

  test("deployed with kubectl apply: Ready, everything in sync", async () => {
    await world.kubectl("wait", "--for=condition=Ready", "baseline/shop", "-n", defaultNamespace, "--timeout=60s");
    const counts = await eventually("all judged", async () => {
      const found = await world.counts("shop");
      return typeof found["total"] === "number" && found["inSync"] === found["total"] ? found : undefined;
    });
    total = Number(counts["total"]);
    expect(total).toBe(19);
    expect(await world.drifts()).toEqual([]);
    expect(await metric("plumbline_baseline_objects", { verdict: "in-sync" })).toBe(total);
    expect(await metric("plumbline_baseline_objects")).toBe(total);
    expect(await metric("plumbline_baseline_compliance_ratio")).toBe(1);
    expect(await metric("plumbline_drifts_total")).toBeUndefined();
    const status = getIn(await world.baseline("shop"), "status");
    expect(getString(status, "compliance", "ratio")).toBe("1.000");
    expect(getString(status, "source", "settledRevision")).toBe(getString(status, "source", "revision"));
  });

  test("the autoscaler scales a Deployment up: no drift", async () => {
    // Its count is at the default, 1, below minReplicas: that it scales needs no metrics.
    await eventually("web scaled to 2", async () =>
      getIn(await world.get(deployment("web")), "spec", "replicas") === 2 ? true : undefined,
    );
    await world.patch("/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/web", [
      { op: "replace", path: "/spec/minReplicas", value: 3 },
    ]);
    // That edit by hand is drift, of the autoscaler; the scaling it leads to is none.
    await world.drifted("HorizontalPodAutoscaler", "web");
    await eventually("web scaled to 3", async () =>
      getIn(await world.get(deployment("web")), "spec", "replicas") === 3 ? true : undefined,
    );
    await world.apply(files["web.yaml"] ?? "");
    await world.noDrift("HorizontalPodAutoscaler", "web");
    const told = await world.events("Drifted", "web");
    expect(told.map((event) => getString(event, "regarding", "kind"))).toEqual(["HorizontalPodAutoscaler"]);
    expect(await metric("plumbline_drifts_total")).toBe(1);
  });

  test("an image edited by hand: who, when, which field, where in Git", async () => {
    const before = Math.floor(Date.now() / 1000) * 1000;
    await world.kubectl("set", "image", "deployment/api", "api=example/http-echo:2.0", "-n", "shop");
    const record = await world.drifted("Deployment", "api", hasLines);
    expect(changesOf(record)).toEqual([
      expect.objectContaining({
        op: "changed",
        path: '.spec.template.spec.containers[name="api"].image',
        pointer: "/spec/template/spec/containers/0/image",
        desired: "hashicorp/http-echo:1.0",
        live: "example/http-echo:2.0",
        severity: "high",
        class: "workload",
        cause: "live-edit",
        owner: expect.objectContaining({ manager: "kubectl-set", operation: "Update", confidence: "exact" }),
        source: { file: "api.yaml", line: lineOf(files["api.yaml"] ?? "", "image:") },
      }),
    ]);
    const time = Date.parse(getString(changesOf(record)[0], "owner", "time") ?? "");
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now());
    expect(getIn(record, "source")).toEqual({ file: "api.yaml", line: 1 });
    expect(getString(record, "who")).toBe("kubectl-set");
    expect(await series("api")).toBe(1);
    expect(await metric("plumbline_drifts_total", { severity: "high", class: "workload" })).toBe(1);
    expect(getString(await world.event("Drifted", "api"), "note")).toContain("kubectl-set");

    await world.apply(files["api.yaml"] ?? "");
    await resolved("Deployment", "api");
  });

  test("an environment variable added by hand, on a Deployment that nobody opted in: reported, left alone", async () => {
    const env = { name: "DEBUG", value: "1" };
    await world.patch(deployment("web"), [{ op: "add", path: "/spec/template/spec/containers/0/env/-", value: env }]);
    const record = await world.drifted("Deployment", "web");
    expect(changesOf(record)).toEqual([
      expect.objectContaining({
        op: "added",
        path: '.spec.template.spec.containers[name="web"].env[name="DEBUG"]',
        live: env,
        severity: "high",
        owner: expect.objectContaining({ manager: "kubectl-edit", confidence: "exact" }),
      }),
    ]);
    // What would be done is shown; that anything is done, or waited for, is not said.
    expect(Object.keys(getIn(record, "remediation") as JsonObject)).toEqual(["plan"]);
    await world.patch(deployment("web"), [{ op: "remove", path: "/spec/template/spec/containers/0/env/1" }]);
    await resolved("Deployment", "web");
  });

  test("a subject added to a RoleBinding by hand: critical, security", async () => {
    const subject = { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "mallory" };
    const binding = "/apis/rbac.authorization.k8s.io/v1/namespaces/shop/rolebindings/config-reader";
    await world.patch(binding, [{ op: "add", path: "/subjects/-", value: subject }]);
    const record = await world.drifted("RoleBinding", "config-reader");
    expect(record).toMatchObject({ verdict: "drifted", severity: "critical", class: "security", cause: "live-edit" });
    expect(changesOf(record)).toHaveLength(1);
    expect(getString(changesOf(record)[0], "path")).toContain(".subjects");
    expect(await metric("plumbline_resource_drifted", { severity: "critical", class: "security" })).toBe(1);
    await eventually("the status names it", async () =>
      getString(getIn(await world.baseline("shop"), "status"), "compliance", "severity") === "critical"
        ? true
        : undefined,
    );
    await world.patch(binding, [{ op: "remove", path: "/subjects/1" }]);
    await resolved("RoleBinding", "config-reader");
  });

  test("a commit: pending, then in sync once its deployer has applied it", async () => {
    files["config.yaml"] = (files["config.yaml"] ?? "").replace("THEME: light", "THEME: dark");
    await world.checkNow("shop", world.commit(files));
    await eventually("pending", async () => ((await world.counts("shop"))["pending"] === 1 ? true : undefined));
    expect(await metric("plumbline_baseline_objects", { verdict: "pending" })).toBe(1);
    const status = getIn(await world.baseline("shop"), "status");
    expect(getString(status, "source", "settledRevision")).not.toBe(getString(status, "source", "revision"));
    expect(await world.drift("ConfigMap", "web")).toBeUndefined();
    await world.apply(files["config.yaml"]);
    await eventually("in sync", async () => ((await world.counts("shop"))["inSync"] === total ? true : undefined));
    const after = getIn(await world.baseline("shop"), "status");
    expect(getString(after, "source", "settledRevision")).toBe(getString(after, "source", "revision"));
    expect(await world.drift("ConfigMap", "web")).toBeUndefined();
  });

  test("opted in by Git: healed; not opted in: untouched", async () => {
    await world.patch(configMapPath("plain"), { data: { value: "two" } });
    await world.patch(configMapPath("healed"), { data: { value: "two" } });
    await eventually("healed", async () => ((await dataOf(world, "healed")) === "one" ? true : undefined));
    await world.event("Remediated", "healed");
    await resolved("ConfigMap", "healed");
    expect(await metric("plumbline_remediations_total", { result: "applied" })).toBe(1);
    expect(await metric("plumbline_time_to_reconcile_seconds_count", { by: "plumbline" })).toBe(1);
    const record = await world.drifted("ConfigMap", "plain");
    // What would be done is shown; that anything is done, or waited for, is not said.
    expect(Object.keys(getIn(record, "remediation") as JsonObject)).toEqual(["plan"]);
    expect(await dataOf(world, "plain")).toBe("two");
    await world.patch(configMapPath("plain"), { data: { value: "one" } });
    await resolved("ConfigMap", "plain");
  });

  test("opted in by an annotation on the live object: healed, and the annotation stays", async () => {
    await world.patch(configMapPath("live"), { data: { value: "two" } });
    await world.drifted("ConfigMap", "live");
    await world.kubectl("annotate", "configmap/live", "plumbline.dev/remediate=enabled", "-n", "shop");
    await eventually("healed", async () => ((await dataOf(world, "live")) === "one" ? true : undefined));
    await resolved("ConfigMap", "live");
    const live = await world.get(configMapPath("live"));
    expect(getStrings(live, "metadata", "annotations")["plumbline.dev/remediate"]).toBe("enabled");
  });

  test("a heal is by field: what was added goes, everything else stays as it was", async () => {
    const before = await world.get(deployment("worker"));
    await world.patch(deployment("worker"), [
      { op: "add", path: "/spec/template/spec/containers/0/env/-", value: { name: "DEBUG", value: "1" } },
    ]);
    await world.event("Remediated", "worker");
    await world.noDrift("Deployment", "worker");
    const after = await world.get(deployment("worker"));
    expect(getIn(after, "spec")).toEqual(getIn(before, "spec"));
    const { "deployment.kubernetes.io/revision": _, ...annotations } = getStrings(after, "metadata", "annotations");
    expect(getStrings(before, "metadata", "annotations")).toMatchObject(annotations);
  });

  test("a missing object that is opted in is made again; another one is reported missing", async () => {
    const before = getString(await world.get(configMapPath("healed")), "metadata", "uid");
    await world.kubectl("delete", "configmap", "healed", "deleted", "-n", "shop");
    const again = await eventually("made again", async () => await world.get(configMapPath("healed")));
    expect(getString(again, "metadata", "uid")).not.toBe(before);
    expect(getIn(again, "data")).toEqual({ value: "one" });
    const record = await world.drifted("ConfigMap", "deleted");
    expect(record).toMatchObject({ verdict: "missing", cause: "deletion" });
    await world.event("Missing", "deleted");
    expect(await metric("plumbline_resource_drifted", { resource_name: "deleted", verdict: "missing" })).toBe(1);
    await world.noDrift("ConfigMap", "healed");
    await world.apply(files["deleted.yaml"] ?? "");
    await resolved("ConfigMap", "deleted");
  });

  test("a Secret edited by hand: found, and its values are nowhere", async () => {
    await world.patch(`${shop}/secrets/token`, { data: { token: base64(canary), extra: base64(`${canary}-2`) } });
    const record = await world.drifted("Secret", "token");
    expect(changesOf(record)).toContainEqual(
      expect.objectContaining({ op: "changed", path: ".data.token", desired: "<redacted>", live: "<redacted>" }),
    );
    const event = await world.event("Drifted", "token");
    expect(getString(event, "note")).toContain("<redacted>");
    const said = JSON.stringify({
      drifts: await world.drifts(),
      events: await world.items("/apis/events.k8s.io/v1/events"),
      status: await world.baseline("shop"),
      metrics: await operator.metrics(),
      log: operator.log(),
    });
    for (const value of ["declared-token", canary].flatMap((text) => [text, base64(text), base64(`${text}-2`)]))
      expect(said).not.toContain(value);
    await world.patch(`${shop}/secrets/token`, { data: { token: base64("declared-token"), extra: null } });
    await resolved("Secret", "token");
  });

  test("a kind that is new in Git is watched from then on", async () => {
    files["quota.yaml"] = `apiVersion: v1
kind: ResourceQuota
metadata: {name: shop, namespace: shop}
spec: {hard: {configmaps: "100"}}
`;
    const label = { resource_kind: "ResourceQuota" };
    expect(await operator.metric("plumbline_watch_last_event_timestamp_seconds", label)).toBeUndefined();
    const asked = (): number =>
      world
        .audit()
        .filter(
          ({ requestURI, user }) =>
            requestURI.startsWith("/api/v1/resourcequotas?") && user.username === operatorAccount,
        ).length;
    expect(asked()).toBe(0);
    await world.checkNow("shop", world.commit(files));
    await eventually("watched", () => operator.metric("plumbline_watch_last_event_timestamp_seconds", label));
    expect(asked()).toBeGreaterThan(0);
    await world.apply(files["quota.yaml"]);
    await eventually("in sync", async () => ((await world.counts("shop"))["inSync"] === total + 1 ? true : undefined));
  });

  test("an object dropped from Git: unmanaged until it is deleted", async () => {
    delete files["going.yaml"];
    await world.checkNow("shop", world.commit(files));
    const record = await world.drifted("ConfigMap", "going");
    expect(record).toMatchObject({ verdict: "unmanaged", cause: "dropped-from-git" });
    expect(await metric("plumbline_baseline_objects", { verdict: "unmanaged" })).toBe(1);
    expect(await dataOf(world, "going")).toBe("one");
    await world.kubectl("delete", "configmap", "going", "-n", "shop");
    await resolved("ConfigMap", "going");
    expect(await metric("plumbline_baseline_objects", { verdict: "unmanaged" })).toBe(0);
  });

  test("at the end everything is in sync, and nothing was counted twice", async () => {
    await eventually("in sync", async () => ((await world.counts("shop"))["inSync"] === total ? true : undefined));
    expect(await world.drifts()).toEqual([]);
    expect(await metric("plumbline_resource_drifted")).toBeUndefined();
    // autoscaler, api, web, binding, plain, healed twice, live, worker, deleted, token, going
    expect(await metric("plumbline_drifts_total")).toBe(12);
    expect(await metric("plumbline_remediations_total", { result: "applied" })).toBe(4);
    expect(operator.log()).not.toMatch(/"level":"?(error|50)/);
  });
});
