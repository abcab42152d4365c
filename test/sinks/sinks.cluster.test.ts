/** The sinks against the real API server and the real CRDs: what it takes, prunes, refuses and races. */
import { declare as declareObject } from "../../src/model/desired.ts";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { noFacts } from "../../src/compare/facts.ts";
import { createSchemaIndex } from "../../src/compare/schema-index.ts";
import { annotations } from "../../src/model/annotations.ts";
import type { Baseline } from "../../src/model/baseline.ts";
import {
  formatJson,
  getIn,
  getString,
  isArray,
  isObject,
  parseJson,
  type Json,
  type JsonObject,
} from "../../src/model/json.ts";
import { idKey, kindRef, type KubeObject, type ResourceId } from "../../src/model/resource.ts";
import type { DesiredObject } from "../../src/model/snapshot.ts";
import type { Judgement } from "../../src/model/verdict.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { createDriftRecords, type DriftRecordsSink } from "../../src/sinks/drift-records.ts";
import { readRemembered } from "../../src/sinks/drift-seeds.ts";
import { seriesBody } from "../../src/sinks/event-body.ts";
import { createEvents, type EventsSink } from "../../src/sinks/events.ts";
import { createHealLedger, type HealLedger } from "../../src/sinks/heal-ledger.ts";
import { recordOfPlan, type ShownRecord } from "../../src/verdict/shown-plan.ts";
import type { RemediationResult, WritingSink } from "../../src/sinks/ports.ts";
import { createRemediation } from "../../src/sinks/remediation.ts";
import { createStatus } from "../../src/sinks/status.ts";
import { memoryOf } from "../../src/sinks/status-body.ts";
import { createRate } from "../../src/runtime/rate.ts";
import { decide, type DecideInput } from "../../src/verdict/decide.ts";
import { connect, until, type Connection } from "../cluster/connection.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { publishedDocuments } from "../corpus/truth-server.ts";
import { remediationDeps } from "./heal-world.ts";
import { baselineOf, changeOf, driftedVerdict, FakeEngine, judgementOf, revision, stateOf } from "./sink-fixtures.ts";

const crds = fileURLToPath(new URL("../../deploy/crds.yaml", import.meta.url));

let plane: ControlPlane;
let connection: Connection;
const schemas = createSchemaIndex();

let namespace: string;
let baseline: Baseline;
let engine: FakeEngine;
let ledger: HealLedger;
let results: RemediationResult[];
let stopping: AbortController;
let runs: Promise<void>[];
let events: EventsSink;
let records: DriftRecordsSink;
let status: WritingSink;
let remediation: WritingSink;
let desired: DesiredObject;
let count = 0;

async function must(args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await plane.kubectl(args, input);
  if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
  return stdout;
}

const kubectl = (...args: string[]): Promise<string> => must(["-n", namespace, ...args]);
const apply = (object: JsonObject): Promise<string> => must(["apply", "-n", namespace, "-f", "-"], formatJson(object));

async function list(kind: string, of: string = namespace): Promise<readonly KubeObject[]> {
  const items = getIn(parseJson(await must(["get", kind, "-n", of, "-o", "json"])), "items");
  return isArray(items) ? (items as readonly KubeObject[]) : [];
}

beforeAll(async () => {
  plane = await startControlPlane();
  await must(["apply", "--server-side", "-f", "-"], readFileSync(crds, "utf8"));
  await must(["wait", "--for=condition=Established", "crd/baselines.plumbline.dev", "crd/drifts.plumbline.dev"]);
  connection = await connect(plane.kubeconfigPath);
  const read = async (path: string): Promise<Json> => parseJson((await plane.request("GET", path)).text);
  for (const [groupVersion, path] of await publishedDocuments(read))
    if (["v1", "apps/v1", "rbac.authorization.k8s.io/v1"].includes(groupVersion))
      schemas.addOpenApi(groupVersion, await read(path));
});

afterAll(async () => {
  await connection?.close();
  await plane?.stop();
});

beforeEach(async () => {
  count += 1;
  namespace = `shop-${count}`;
  await must(["create", "namespace", namespace]);
  const spec = { source: { git: { url: "https://git.example/shop.git", ref: { branch: "main" } } } };
  await apply({ apiVersion: "plumbline.dev/v1alpha1", kind: "Baseline", metadata: { name: "web" }, spec });
  const [created] = await list("baselines.plumbline.dev");
  const uid = getString(created?.metadata, "uid") ?? "";
  baseline = baselineOf({ namespace, uid, mode: "Remediate", generation: 1 });
  engine = new FakeEngine();
  engine.put(stateOf({ baseline }));
  ledger = createHealLedger();
  results = [];
  stopping = new AbortController();
  const deps = {
    api: connection.api,
    engine,
    clock: systemClock,
    log: silentLog,
    isLeader: () => true,
    rate: createRate(systemClock, 20),
  };
  const planned = (): ShownRecord | undefined => {
    const input = engine.inputOf(baseline.key, desired.id);
    return input === undefined ? undefined : recordOfPlan(input, Buffer.alloc(32, 7));
  };
  events = createEvents({ ...deps, instance: "plumbline-0" });
  status = createStatus(deps);
  records = createDriftRecords({ ...deps, remediation: ledger, planned, maxPerBaseline: 500 });
  const healing = remediationDeps(deps, ledger, {
    platformNamespaces: [namespace],
    announce: (announcement) => events.announce(announcement),
    counted: (_, result) => results.push(result),
    changed: (key, id) => records.touch(key, id),
  });
  remediation = createRemediation({
    ...healing,
    keepers: { ...healing.keepers, isApproved: (key, id) => records.isApproved(key, id) },
  });
  runs = [events, status, records, remediation].map((sink) => sink.run(stopping.signal));
});

afterEach(async () => {
  stopping.abort();
  await Promise.all(runs);
});

const refOf = (id: ResourceId) => ({
  kind: { group: id.group, version: "v1", kind: id.kind },
  namespace: id.namespace,
  name: id.name,
});

/** Both sides as they are now, as the engine would read them. */
async function look(): Promise<Judgement> {
  const answer = await connection.api.get(refOf(desired.id));
  if (!answer.ok && answer.status !== 404) throw new Error(answer.message);
  const kind = kindRef(desired.object.apiVersion, desired.object.kind);
  const schema = schemas.schemaFor(kind);
  if (schema === undefined) throw new Error("no schema");
  const input: DecideInput = {
    baseline,
    id: desired.id,
    version: "v1",
    desired,
    previous: desired,
    live: answer.ok ? { state: "present", live: liveOf(answer.body) } : { state: "absent" },
    schema,
    facts: noFacts,
    seenLive: true,
    changedAt: 0,
    snapshotComplete: true,
    now: Date.now(),
  };
  engine.inputs.set(`${baseline.key} ${idKey(desired.id)}`, input);
  const uid = input.live.state === "present" ? { uid: input.live.live.uid } : {};
  const { uid: _uid, ...judgement } = judgementOf(decide(input).verdict, { baseline: baseline.key, id: desired.id });
  const now = Date.now();
  return { ...judgement, ...uid, desiredHash: desired.hash, firstObserved: now, lastChanged: now };
}

function liveOf(object: KubeObject) {
  const { status: _status, ...rest } = object;
  const { managedFields, ...metadata } = object.metadata;
  return {
    object: { ...rest, metadata } as KubeObject,
    uid: String(metadata["uid"]),
    resourceVersion: String(metadata["resourceVersion"]),
    managedFields: formatJson(managedFields ?? []),
    health: { state: "healthy" } as const,
    receivedAt: Date.now(),
  };
}

async function judge(sinks: readonly WritingSink[]): Promise<Judgement> {
  const judgement = await look();
  const transition = engine.judge(judgement, Date.now());
  for (const sink of sinks) sink.transition(transition);
  return judgement;
}

async function declare(object: JsonObject): Promise<void> {
  const metadata = object["metadata"] as JsonObject;
  const given = getIn(metadata, "annotations");
  const optIn = { ...(isObject(given) ? given : {}), [annotations.remediate]: "enabled" };
  const whole = { ...object, metadata: { ...metadata, namespace, annotations: optIn } } as unknown as KubeObject;
  desired = declareObject(whole, { file: "a.yaml", line: 3, index: 0 });
  await apply(whole);
  expect((await look()).verdict.kind).toBe("in-sync");
}

const service: JsonObject = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web" },
  spec: { selector: { app: "web" }, ports: [{ name: "http", port: 80, targetPort: 8080 }] },
};

const deployment: JsonObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", labels: { app: "web" } },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: { labels: { app: "web" } },
      spec: { containers: [{ name: "web", image: "web:1", env: [{ name: "A", value: "1" }] }] },
    },
  },
};

test("a hand-edited Service port, the key of its list, is put back in one write", async () => {
  await declare(service);
  await kubectl(
    "patch",
    "service",
    "web",
    "--type=json",
    "-p",
    '[{"op":"replace","path":"/spec/ports/0/port","value":81}]',
  );
  await judge([remediation]);
  await until("healed", () => results.length > 0);
  expect(results).toEqual(["applied"]);
  expect(await kubectl("get", "service", "web", "-o", "jsonpath={.spec.ports[*].port}")).toBe("80");
  expect((await look()).verdict.kind).toBe("in-sync");
});

test("changed, added and removed paths go back together, and the fields are Plumbline's", async () => {
  await declare(deployment);
  await kubectl("set", "image", "deployment/web", "web=evil:1");
  await kubectl("set", "env", "deployment/web", "B=2", "A-");
  await judge([remediation]);
  await until("healed", () => results.length > 0);
  expect(results).toEqual(["applied"]);
  expect((await look()).verdict.kind).toBe("in-sync");
  const fields = await kubectl(
    "get",
    "deployment",
    "web",
    "--show-managed-fields",
    "-o",
    "jsonpath={.metadata.managedFields[*].manager}",
  );
  expect(fields.split(" ")).toContain("plumbline");
});

test("a missing object is created", async () => {
  await declare(service);
  await kubectl("delete", "service", "web");
  await judge([remediation]);
  await until("healed", () => results.length > 0);
  expect((await look()).verdict.kind).toBe("in-sync");
});

test("an edit between the judgement and the write is a conflict, survives, and is judged again", async () => {
  await declare(deployment);
  await kubectl("scale", "deployment/web", "--replicas=5");
  const judgement = await look();
  await kubectl("set", "image", "deployment/web", "web=late:1");
  remediation.transition(engine.judge(judgement, Date.now()));
  await until("raced", () => results.length > 0);
  expect(results).toEqual(["conflict"]);
  expect(await kubectl("get", "deployment", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image}")).toBe(
    "late:1",
  );
  await judge([remediation]);
  await until("healed", () => results.length > 1);
  expect(results).toEqual(["conflict", "applied"]);
  expect((await look()).verdict.kind).toBe("in-sync");
});

test("what the server finds invalid fails with its own words, but not about a Secret", async () => {
  await declare({ apiVersion: "v1", kind: "Secret", metadata: { name: "key" }, stringData: { a: "hunter2" } });
  await kubectl("patch", "secret", "key", "-p", '{"stringData":{"a":"swordfish"}}');
  const head = { apiVersion: "admissionregistration.k8s.io/v1", metadata: { name: `blabs-${namespace}` } };
  const resourceRules = [{ apiGroups: [""], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["secrets"] }];
  const validations = [{ expression: "object.metadata.name != 'key'", message: "hunter2 is not to come back" }];
  await apply({
    ...head,
    kind: "ValidatingAdmissionPolicy",
    spec: { matchConstraints: { resourceRules }, validations },
  });
  const selected = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } } };
  const spec = { policyName: head.metadata.name, validationActions: ["Deny"], matchResources: selected };
  await apply({ ...head, kind: "ValidatingAdmissionPolicyBinding", spec });
  const probe = ["patch", "secret", "key", "--dry-run=server", "-p", '{"stringData":{"probe":"x"}}'];
  await until("in force", async () => (await plane.kubectl([...probe, "--namespace", namespace])).code !== 0);
  baseline = { ...baseline, remediation: { ...baseline.remediation, retries: 0, approval: "Never" } };
  engine.put(stateOf({ baseline }));
  await judge([remediation, records]);
  await until("given up", () => ledger.stateOf(baseline.key, desired.id)?.state === "failed");
  // What concerns security is rehearsed first: nothing was sent.
  expect(results).toEqual([]);
  expect(ledger.stateOf(baseline.key, desired.id)?.message).toBe(
    "nothing was written, for the dry run failed: the API server answered 422 Invalid",
  );
  await until("recorded", async () => (await list("drifts"))[0] !== undefined);
  await until("told", async () =>
    (await list("events.events.k8s.io")).some((event) => event["reason"] === "RemediationFailed"),
  );
  const everything = formatJson([...(await list("drifts")), ...(await list("events.events.k8s.io"))] as Json);
  for (const value of ["hunter2", "swordfish"]) {
    expect(everything).not.toContain(value);
    expect(everything).not.toContain(Buffer.from(value).toString("base64"));
  }
});

test("without the permission it waits and names the verb", async () => {
  await declare(deployment);
  await kubectl("create", "serviceaccount", "plumbline");
  const token = await plane.tokenFor(namespace, "plumbline");
  const reader = await connect(plane.writeKubeconfig(`reader-${count}`, token));
  const denied = createRemediation(
    remediationDeps({ api: reader.api, engine, clock: systemClock, log: silentLog, isLeader: () => true }, ledger, {
      platformNamespaces: [namespace],
      counted: (_, result) => results.push(result),
    }),
  );
  runs.push(denied.run(stopping.signal));
  await kubectl("scale", "deployment/web", "--replicas=5");
  await judge([denied]);
  await until("waiting", () => ledger.stateOf(baseline.key, desired.id)?.waitingFor === "permission");
  // Asked once more before it is believed: a server just back refuses what it allows a moment later.
  expect(results).toEqual(["denied", "denied"]);
  expect(ledger.stateOf(baseline.key, desired.id)?.message).toContain(`patch deployments.apps in ${namespace}`);
  await reader.close();
});

test("Events are accepted, on namespaced and on cluster-scoped objects, and extended to a series", async () => {
  const about = judgementOf(driftedVerdict(), {
    baseline: baseline.key,
    id: { group: "apps", kind: "Deployment", namespace, name: "web" },
  });
  events.transition(engine.judge(about, Date.now()));
  const roleId = {
    group: "rbac.authorization.k8s.io",
    kind: "ClusterRole",
    namespace: "",
    name: `system:plumbline-${count}`,
  };
  events.transition(
    engine.judge(judgementOf(driftedVerdict(), { baseline: baseline.key, id: roleId, uid: "u" }), Date.now()),
  );
  const ofRole = async (): Promise<readonly KubeObject[]> =>
    (await list("events.events.k8s.io", "default")).filter(
      (event) => getString(event, "regarding", "name") === roleId.name,
    );
  await until("told", async () => (await list("events.events.k8s.io")).length >= 2 && (await ofRole()).length > 0);
  const own = await list("events.events.k8s.io");
  expect(own.map((event) => getString(event, "regarding", "kind")).toSorted()).toEqual(["Baseline", "Deployment"]);
  expect(getString(own[0], "reportingController")).toBe("plumbline.dev/operator");
  expect((await ofRole()).map((event) => event["reason"])).toEqual(["Drifted"]);
  const [event] = own;
  if (event === undefined) throw new Error("no event");
  const kind = kindRef(event.apiVersion, event.kind);
  const ref = { kind, namespace, name: getString(event.metadata, "name") ?? "" };
  const answer = await connection.api.patch(ref, { type: "merge", body: seriesBody(3, Date.now()) });
  expect(answer).toMatchObject({ ok: true, body: { series: { count: 3 } } });
});

test("kubectl waits for the conditions, and the status survives the CRD's schema whole", async () => {
  const pending = [
    {
      id: { group: "apps", kind: "Deployment", namespace, name: "new" },
      since: 1_700_000_000_000,
      hash: "0123456789abcdef",
    },
  ];
  engine.put(stateOf({ baseline, counts: { "in-sync": 40, missing: 1, pending: 1 }, severity: "high", pending }));
  status.leading();
  await must(["wait", "-n", namespace, "--for=condition=Ready", "--timeout=30s", "baseline/web"]);
  await must(["wait", "-n", namespace, "--for=condition=Compliant=False", "--timeout=30s", "baseline/web"]);
  const read = async () => (await list("baselines.plumbline.dev"))[0];
  const first = await read();
  const found = getIn(first, "status");
  expect(getIn(found, "objects")).toMatchObject({ total: 42, inSync: 40, missing: 1, pending: 1 });
  expect(getIn(found, "compliance")).toEqual({ ratio: "0.975", severity: "high" });
  expect(memoryOf(found)).toMatchObject({ revision: `main@sha1:${revision.commit}`, pending });
  const version = getString(first?.metadata, "resourceVersion");
  status.leading();
  status.stateChanged(baseline.key);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(getString((await read())?.metadata, "resourceVersion")).toBe(version);
});

test("a Drift record keeps every field, columns read well, a rewrite of the same is none, and it goes when resolved", async () => {
  await declare(deployment);
  await kubectl("set", "image", "deployment/web", "web=evil:1");
  const judgement = await judge([records]);
  await until("recorded", async () => (await list("drifts")).length === 1);
  const [record] = await list("drifts");
  if (record === undefined) throw new Error("no record");
  expect(record).toMatchObject({
    baseline: "web",
    verdict: "drifted",
    object: { kind: "Deployment", name: "web", label: `${namespace}/web` },
    changes: [
      { op: "changed", path: '.spec.template.spec.containers[name="web"].image', desired: "web:1", live: "evil:1" },
    ],
    changesTotal: 1,
    source: { file: "clusters/prod/web.yaml", line: 12 },
    metadata: { ownerReferences: [{ kind: "Baseline", name: "web", uid: baseline.uid }] },
  });
  expect(getString(record, "contentHash")).toMatch(/^[0-9a-f]{64}$/);
  expect(await kubectl("get", "drifts")).toMatch(/KIND\s+OBJECT\s+VERDICT\s+SEVERITY\s+CAUSE\s+WHO\s+SINCE/);
  const seed = readRemembered([record], () => baseline.uid)[0]?.judgement;
  expect(seed).toMatchObject({
    id: desired.id,
    baseline: baseline.key,
    verdict: { kind: "drifted", cause: "live-edit" },
  });
  expect(seed?.firstObserved).toBe(judgement.firstObserved);
  records.recordApplied(record);
  records.touch(baseline.key, desired.id);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const again = (await list("drifts"))[0];
  expect(getString(again?.metadata, "resourceVersion")).toBe(getString(record.metadata, "resourceVersion"));
  await kubectl("set", "image", "deployment/web", "web=web:1");
  await judge([records]);
  await until("gone", async () => (await list("drifts")).length === 0);
});

test("a record with every kind of value is taken as it is, null included", async () => {
  await declare(deployment);
  const odd = driftedVerdict([
    changeOf({ pointer: "/a", live: null, desired: { deep: [1, "x", { y: null }] } }),
    changeOf({ pointer: "/b", live: 12345678901234567890n, desired: true }),
    changeOf({ pointer: "/c", sensitive: true, live: "<redacted>", desired: "<redacted>" }),
  ]);
  const judgement = judgementOf(odd, { baseline: baseline.key, id: desired.id });
  records.transition(engine.judge(judgement, Date.now()));
  await until("recorded", async () => (await list("drifts")).length === 1);
  const [record] = await list("drifts");
  if (record === undefined) throw new Error("no record");
  records.recordApplied(record);
  records.touch(baseline.key, desired.id);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(getString((await list("drifts"))[0]?.metadata, "resourceVersion")).toBe(
    getString(record.metadata, "resourceVersion"),
  );
});
