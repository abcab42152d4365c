/** Reads and writes of single objects, the lease, and OpenAPI, on the real API server. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { formatMicroTime, startElection, type Election, type LeaseOptions } from "../../src/cluster/lease.ts";
import { createOpenApi } from "../../src/cluster/open-api.ts";
import { getIn, getString, isObject, parseJson } from "../../src/model/json.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { publishedDocuments } from "../corpus/truth-server.ts";
import { clusterRole, configMap, connect, until, type Connection } from "./connection.ts";

let plane: ControlPlane;
let connection: Connection;

beforeAll(async () => {
  plane = await startControlPlane();
  connection = await connect(plane.kubeconfigPath);
});
afterAll(async () => {
  await connection?.close();
  await plane?.stop();
});

const ref = (name: string) => ({ kind: configMap, namespace: "default", name });
const body = (name: string, data: Record<string, string>) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "default" },
  data,
});

function managersOf(object: unknown): readonly string[] {
  const entries = getIn(object as never, "metadata", "managedFields");
  return Array.isArray(entries) ? entries.map((entry) => getString(entry as never, "manager") ?? "") : [];
}

describe("objects", () => {
  test("create, patch three ways, remove: each write is the manager plumbline's", async () => {
    const { api } = connection;
    const made = await api.create(ref("w"), body("w", { a: "1" }));
    if (!made.ok) throw new Error(made.message);
    expect(managersOf(made.body)).toEqual(["plumbline"]);
    const version = getString(made.body.metadata, "resourceVersion") ?? "";
    const guarded = [
      { op: "replace", path: "/metadata/resourceVersion", value: version },
      { op: "replace", path: "/data/a", value: "2" },
    ];
    const patched = await api.patch(ref("w"), { type: "json", operations: guarded });
    expect(patched).toMatchObject({ ok: true, body: { data: { a: "2" } } });
    expect(await api.patch(ref("w"), { type: "json", operations: guarded })).toMatchObject({
      ok: false,
      status: 409,
      reason: "Conflict",
    });
    expect(await api.patch(ref("w"), { type: "merge", body: { data: { b: "3" } } })).toMatchObject({ ok: true });
    const applied = await api.patch(ref("w"), { type: "apply", body: body("w", { a: "4" }) }, { force: true });
    expect(applied).toMatchObject({ ok: true, body: { data: { a: "4", b: "3" } } });
    const uid = getString(made.body.metadata, "uid") ?? "";
    expect(await api.remove(ref("w"), { uid: "another" })).toMatchObject({ ok: false, status: 409 });
    expect(await api.remove(ref("w"), { uid })).toMatchObject({ ok: true });
    expect(await api.get(ref("w"))).toMatchObject({ ok: false, status: 404, reason: "NotFound" });
  });

  test("a dry run changes nothing", async () => {
    expect(await connection.api.create(ref("dry"), body("dry", {}), { dryRun: true })).toMatchObject({ ok: true });
    expect(await connection.api.get(ref("dry"))).toMatchObject({ ok: false, status: 404 });
  });

  test("a dry run of a deletion deletes nothing, though its conditions count", async () => {
    const { api } = connection;
    const made = await api.create(ref("stays"), body("stays", {}));
    if (!made.ok) throw new Error(made.message);
    const uid = getString(made.body.metadata, "uid") ?? "";
    const resourceVersion = getString(made.body.metadata, "resourceVersion") ?? "";
    expect(await api.remove(ref("stays"), { uid, resourceVersion }, { dryRun: true })).toMatchObject({ ok: true });
    expect(await api.get(ref("stays"))).toMatchObject({ ok: true, body: { metadata: { uid, resourceVersion } } });
    expect(await api.remove(ref("stays"), { uid, resourceVersion: "1" })).toMatchObject({ ok: false, status: 409 });
    const options = { propagation: "Background" } as const;
    expect(await api.remove(ref("stays"), { uid, resourceVersion }, options)).toMatchObject({ ok: true });
  });

  test("a write on behalf of a service account has its rights and no others", async () => {
    const impersonate = { namespace: "default", serviceAccount: "default" };
    const answer = await connection.api.create(ref("foreign"), body("foreign", {}), { impersonate });
    expect(answer).toMatchObject({ ok: false, status: 403, reason: "Forbidden" });
    expect(!answer.ok && answer.message).toContain("system:serviceaccount:default:default");
  });

  test.each([
    ["an empty service account", { namespace: "default", serviceAccount: "" }],
    ["an empty namespace", { namespace: "", serviceAccount: "default" }],
    ["a name that could say more", { namespace: "default", serviceAccount: "a/b" }],
  ])("%s is refused before anything is sent", async (_, impersonate) => {
    const before = connection.requests.length;
    const answer = await connection.api.create(ref("x"), body("x", {}), { impersonate });
    expect(answer).toMatchObject({ ok: false, status: 0, reason: "Invalid" });
    expect(connection.requests).toHaveLength(before);
  });

  test.each([["../secrets/x"], [".."], ["x/status"], ["x%2Fstatus"], [""]])(
    "the name %j leads nowhere",
    async (name) => {
      expect(await connection.api.get(ref(name))).toMatchObject({ ok: false, status: 0, reason: "Invalid" });
    },
  );

  test("capitals and colons of a name are kept", async () => {
    const role = { kind: clusterRole, namespace: "", name: "Team:Reader" };
    const metadata = { name: "Team:Reader" };
    const made = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata, rules: [] };
    expect(await connection.api.create(role, made)).toMatchObject({ ok: true });
    expect(await connection.api.get(role)).toMatchObject({ ok: true, body: { metadata } });
  });

  test("what a validation refuses comes with its causes", async () => {
    const operations = [{ op: "add", path: "/data", value: { "not a key": "x" } }];
    await connection.api.create(ref("valid"), body("valid", {}));
    const answer = await connection.api.patch(ref("valid"), { type: "json", operations });
    expect(answer).toMatchObject({ ok: false, status: 422, reason: "Invalid" });
    expect(!answer.ok && isObject(answer.details)).toBe(true);
  });
});

describe("OpenAPI", () => {
  test("a document is handed over, and named again only when the server's hash of it changed", async () => {
    await publishedDocuments(async (path) => parseJson((await plane.request("GET", path)).text));
    const openApi = createOpenApi(connection.transport);
    const before = connection.requests.length;
    const first = await openApi.fetchDocument("apps/v1");
    expect(getIn(first, "components", "schemas", "io.k8s.api.apps.v1.Deployment")).toBeDefined();
    expect(await openApi.refresh()).toEqual([]);
    expect(connection.requests.length - before).toBe(3);
    expect(await openApi.fetchDocument("nowhere/v1")).toBeUndefined();
  });
});

describe("the lease", () => {
  const elections: Election[] = [];
  afterEach(async () => {
    await Promise.all(elections.splice(0).map((election) => election.stop()));
  });
  const brisk = { duration: 1_500, renewDeadline: 1_000, retryPeriod: 200 };
  /** Slack enough that a busy machine renews in time. */
  const steady = { duration: 8_000, renewDeadline: 5_000, retryPeriod: 500 };
  const run = (name: string, identity: string, of = connection, timing = brisk): Election => {
    const options: LeaseOptions = {
      transport: of.transport,
      clock: systemClock,
      log: silentLog,
      namespace: "default",
      name,
      identity,
      ...timing,
    };
    const election = startElection(options);
    elections.push(election);
    return election;
  };

  test("one of two leads; when it gives up, the other follows", async () => {
    const [one, two] = ["one", "two"].map((name) => run("given-up", name, connection, steady)) as [Election, Election];
    await until("a leader", () => one.isLeader() !== two.isLeader());
    const [leader, other] = one.isLeader() ? [one, two] : [two, one];
    await until("seen by the other", () => other.holder() === leader.holder() && leader.holder() !== "");
    const before = leader.holder();
    await leader.stop();
    expect(leader.isLeader()).toBe(false);
    const answer = await plane.request("GET", "/apis/coordination.k8s.io/v1/namespaces/default/leases/given-up");
    expect(JSON.parse(answer.text)).not.toMatchObject({ spec: { holderIdentity: before } });
    await until("taken over", () => other.isLeader());
    expect(other.transitions()).toBeGreaterThan(0);
  });

  test("a leader that cannot renew stops leading by itself, before another can begin", async () => {
    const cutOff = await connect(plane.kubeconfigPath);
    const one = run("cut-off", "one", cutOff, steady);
    await until("leads", () => one.isLeader());
    const two = run("cut-off", "two", connection, steady);
    await until("the other saw who leads", () => two.holder() === one.holder());
    const both: boolean[] = [];
    const told: boolean[] = [];
    one.onChange((leader) => told.push(leader));
    two.onChange(() => both.push(one.isLeader()));
    await cutOff.transport.close();
    // Requests that hang: only the clock can tell the leader that its time is over.
    let letGo = (): void => {};
    const hanging = new Promise<never>((_, reject) => {
      letGo = () => reject(new Error("cut off"));
    });
    cutOff.credentials.access = () => hanging;
    try {
      await until("taken over", () => two.isLeader());
      expect(both).toEqual([false]);
      expect(told).toEqual([false]);
    } finally {
      letGo();
      await cutOff.close();
    }
  });

  test("the server takes its times as MicroTime", async () => {
    expect(formatMicroTime(Date.UTC(2026, 10, 21, 1, 2, 3, 4))).toBe("2026-11-21T01:02:03.004000Z");
    const one = run("times", "one");
    await until("leads", () => one.isLeader());
    const answer = await plane.request("GET", "/apis/coordination.k8s.io/v1/namespaces/default/leases/times");
    expect(JSON.parse(answer.text)).toMatchObject({ spec: { holderIdentity: "one", leaseDurationSeconds: 2 } });
  });
});
