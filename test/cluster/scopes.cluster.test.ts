/**
 * How far the watches see with the rights they have: namespace by namespace where the cluster is forbidden, metadata
 * where no more is asked for, and a tenant's own rights. All of it on a real API server with RBAC.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { WatchedKind } from "../../src/cluster/live-watches.ts";
import { createSubjectAccess } from "../../src/cluster/subject-access.ts";
import { createTenantSight } from "../../src/cluster/tenant-sight.ts";
import type { LiveView } from "../../src/model/live.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { isAllowed } from "../control-plane/access-review.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { configMap, configMapId, connect, until, type Connection } from "./connection.ts";

let plane: ControlPlane;
let connection: Connection;

const namespaceKind = { group: "", version: "v1", kind: "Namespace" } as const;
const rbac = "/apis/rbac.authorization.k8s.io/v1";
const namespaces = ["shop", "mall", "park"] as const;

beforeAll(async () => {
  plane = await startControlPlane();
  for (const name of namespaces) {
    await make("/api/v1/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name, labels: { team: name } },
    });
    await make(`/api/v1/namespaces/${name}/configmaps`, mapOf("one"));
  }
  await make("/api/v1/namespaces/shop/serviceaccounts", {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "reader" },
  });
  await make(`${rbac}/clusterroles`, {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRole",
    metadata: { name: "reads" },
    rules: [{ apiGroups: [""], resources: ["configmaps", "namespaces"], verbs: ["get", "list", "watch"] }],
  });
});
beforeEach(() => grant("shop"));
afterEach(async () => {
  await connection.close();
  await revoke("");
  for (const name of namespaces) await revoke(name);
});
afterAll(() => plane?.stop());

const mapOf = (name: string): unknown => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } });

async function make(path: string, body: unknown): Promise<void> {
  const answer = await plane.request("POST", path, { body });
  if (answer.status !== 201) throw new Error(answer.text);
}

const bindings = (namespace: string): string =>
  namespace === "" ? `${rbac}/clusterrolebindings` : `${rbac}/namespaces/${namespace}/rolebindings`;

/** Until the server goes by it: whoever is refused a moment too early is not asked again in some of the tests. */
function inForce(namespace: string, allowed: boolean): Promise<void> {
  const watching = { verb: "watch", resource: "configmaps", namespace };
  return until(`${namespace}: ${allowed}`, async () => (await isAllowed(plane, "shop/reader", watching)) === allowed);
}

/** "" for the whole cluster. */
async function grant(namespace: string): Promise<void> {
  await make(bindings(namespace), {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: namespace === "" ? "ClusterRoleBinding" : "RoleBinding",
    metadata: { name: "reads" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "reads" },
    subjects: [{ kind: "ServiceAccount", namespace: "shop", name: "reader" }],
  });
  await inForce(namespace, true);
}

async function revoke(namespace: string): Promise<void> {
  await plane.request("DELETE", `${bindings(namespace)}/reads`);
  await inForce(namespace, false);
}

async function asReader(recheck: number): Promise<Connection> {
  const kubeconfig = plane.writeKubeconfig("reader.kubeconfig", await plane.tokenFor("shop", "reader"));
  connection = await connect(kubeconfig, { recheck });
  return connection;
}

const inNamespaces = (...names: readonly string[]): WatchedKind => ({ ...configMap, namespaces: names });
const viewOf = (namespace: string, name = "one"): LiveView =>
  connection.watches.view(configMapId(name, namespace), configMap.version);
const turn = (): number => connection.watches.states()[0]?.turn ?? -1;
const missing = (scope: string): unknown => ({
  state: "unseen",
  problem: { code: "forbidden", message: `cannot watch configmaps in the API group ""${scope}` },
});
const HOURS = 10_000_000;

describe("rights in some namespaces only", () => {
  test("a namespace that may be read is seen, another names the right it lacks, and so does what nobody declared", async () => {
    const { watches, changes } = await asReader(HOURS);
    watches.ensure([inNamespaces("shop", "mall")]);
    await until("shop is seen", () => viewOf("shop").state === "present");
    await until("mall is refused", () => watches.states()[0]?.state === "forbidden");
    expect(viewOf("shop", "nobody")).toEqual({ state: "absent" });
    expect(viewOf("mall")).toEqual(missing(', neither at the cluster scope nor in the namespace "mall"'));
    expect(viewOf("park")).toEqual(missing(" at the cluster scope"));
    await make("/api/v1/namespaces/shop/configmaps", mapOf("new"));
    await until("followed", () => viewOf("shop", "new").state === "present");
    expect(changes.map(({ id }) => id)).toEqual([configMapId("new", "shop")]);
    await plane.request("DELETE", "/api/v1/namespaces/shop/configmaps/new");
  });

  test("all of them seen: the kind is live, and needed elsewhere it looks there too", async () => {
    const { watches } = await asReader(HOURS);
    await grant("mall");
    watches.ensure([inNamespaces("shop", "mall")]);
    await until("live", () => watches.states()[0]?.state === "live");
    expect(watches.states()[0]?.objects).toBe(2);
    const before = turn();
    watches.ensure([inNamespaces("mall", "park")]);
    await until("park is refused", () => watches.states()[0]?.state === "forbidden");
    expect(turn()).toBeGreaterThan(before);
    expect([viewOf("mall").state, viewOf("shop").state]).toEqual(["present", "unseen"]);
  });

  test("a right that is granted to one more namespace is found, and told although the kind stays forbidden", async () => {
    const { watches } = await asReader(500);
    watches.ensure([inNamespaces("shop", "mall", "park")]);
    await until("shop is seen", () => viewOf("shop").state === "present");
    const before = turn();
    await grant("mall");
    await until("mall is seen", () => viewOf("mall").state === "present");
    expect(turn()).toBeGreaterThan(before);
    expect(watches.states()[0]).toMatchObject({ state: "forbidden", problem: { code: "forbidden" } });
    expect(viewOf("park")).toEqual(missing(', neither at the cluster scope nor in the namespace "park"'));
  });

  test("once the whole cluster may be watched one watch does it, and nothing in between is lost", async () => {
    const { watches, requests } = await asReader(500);
    watches.ensure([inNamespaces("shop", "mall")]);
    await until("shop is seen", () => viewOf("shop").state === "present");
    const before = turn();
    await grant("");
    await until("mall is seen", () => viewOf("mall").state === "present");
    await until("park, too", () => viewOf("park").state === "present");
    expect(turn()).toBeGreaterThan(before);
    expect(watches.states()).toMatchObject([{ state: "live", objects: expect.any(Number) }]);
    const held = watches.list(configMap).map(({ uid }) => uid);
    expect(new Set(held).size).toBe(held.length);
    const asked = requests.length;
    await make("/api/v1/namespaces/park/configmaps", mapOf("later"));
    await until("followed", () => viewOf("park", "later").state === "present");
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(requests.slice(asked)).toEqual([]);
  });

  test("a right to the cluster that is taken away leaves the namespaces", async () => {
    const { watches } = await asReader(HOURS);
    await grant("");
    watches.ensure([inNamespaces("shop", "mall")]);
    await until("live", () => watches.states()[0]?.state === "live");
    expect(viewOf("park").state).toBe("present");
    await revoke("");
    // A watch that is open goes on: the right is asked for when it is taken up again.
    await plane.kill("kube-apiserver");
    await plane.restart("kube-apiserver");
    await until(
      "mall is refused",
      () => viewOf("mall").state === "unseen" && watches.states()[0]?.state === "forbidden",
    );
    await until("shop is seen", () => viewOf("shop").state === "present");
    expect(viewOf("park")).toEqual(missing(" at the cluster scope"));
  });

  test("nobody says where: the kind is forbidden, and a kind without namespaces stays so", async () => {
    const { watches, requests } = await asReader(100);
    watches.ensure([configMap, { ...namespaceKind, namespaces: ["shop"] }]);
    await until("refused", () => watches.states().every(({ state }) => state === "forbidden"));
    expect(viewOf("shop")).toEqual(missing(" at the cluster scope"));
    expect(watches.view({ group: "", kind: "Namespace", namespace: "", name: "shop" }, "v1")).toMatchObject({
      problem: { message: 'cannot watch namespaces in the API group "" at the cluster scope' },
    });
    expect(requests.filter(({ code }) => code === "403")).toHaveLength(2);
  });
});

describe("metadata only", () => {
  const id = { group: "", kind: "Namespace", namespace: "", name: "shop" };
  const objectOf = (): unknown => {
    const view = connection.watches.view(id, "v1");
    return view.state === "present" ? view.live.object : view;
  };

  test("labels are there and a change of them is told; what was declared since is whole", async () => {
    connection = await connect(plane.kubeconfigPath);
    const { watches, changes, transport } = connection;
    watches.ensure([{ ...namespaceKind, only: "metadata" }]);
    await until("live", () => watches.states()[0]?.state === "live");
    expect(objectOf()).toMatchObject({ apiVersion: "v1", kind: "Namespace", metadata: { labels: { team: "shop" } } });
    expect(objectOf()).not.toHaveProperty("spec");
    const patch = (team: string): ReturnType<typeof transport.request> =>
      transport.request({
        method: "PATCH",
        path: "/api/v1/namespaces/shop",
        verb: "patch",
        body: JSON.stringify({ metadata: { labels: { team } } }),
        headers: { "content-type": "application/merge-patch+json" },
      });
    await patch("other");
    await until("the label", () => changes.length > 0);
    expect(changes.map((change) => change.id)).toEqual([id]);
    expect(objectOf()).toMatchObject({ metadata: { labels: { team: "other" } } });

    const before = turn();
    watches.ensure([namespaceKind]);
    expect(watches.view(id, "v1")).toMatchObject({ state: "unseen", problem: { code: "not-synced" } });
    await until("whole", () => watches.view(id, "v1").state === "present");
    expect(objectOf()).toMatchObject({ kind: "Namespace", spec: { finalizers: ["kubernetes"] } });
    watches.ensure([{ ...namespaceKind, only: "metadata" }]);
    expect(objectOf()).toHaveProperty("spec");
    expect(before).toBeGreaterThan(0);
    await patch("shop");
  });

  test("page by page, too", async () => {
    connection = await connect(plane.kubeconfigPath);
    const { transport } = connection;
    const { metadataOnly } = await import("../../src/cluster/metadata-only.ts");
    const answer = await metadataOnly(transport).request({ method: "GET", path: "/api/v1/namespaces", verb: "list" });
    expect(answer.status).toBe(200);
    const { kind, items } = JSON.parse(answer.text) as { kind: string; items: readonly object[] };
    expect(kind).toBe("PartialObjectMetadataList");
    expect(items.length).toBeGreaterThan(3);
    for (const item of items) expect(item).not.toHaveProperty("spec");
  });
});

test("a tenant sees what its ServiceAccount may get, asked of the server under a kind's group and name alone", async () => {
  connection = await connect(plane.kubeconfigPath);
  let changes = 0;
  const sight = createTenantSight(createSubjectAccess(connection), systemClock, () => (changes += 1));
  const as = { namespace: "shop", serviceAccount: "reader" };
  const see = (kind: string, namespace: string): unknown => sight.maySee(as, { group: "", kind }, namespace);
  expect([see("ConfigMap", "shop"), see("ConfigMap", "mall"), see("Gadget", "shop")]).toEqual([
    "asking",
    "asking",
    "asking",
  ]);
  await until("three answers", () => changes === 3);
  expect(see("ConfigMap", "shop")).toBe(true);
  expect(see("ConfigMap", "mall")).toEqual({
    code: "forbidden",
    message: 'the service account shop/reader cannot get configmaps in the API group "" in the namespace "mall"',
  });
  expect(see("Gadget", "shop")).toEqual({
    code: "kind-not-served",
    message: 'the API server serves no Gadget in the API group ""',
  });
  const reviews = connection.requests.filter(({ verb }) => verb === "create");
  expect(reviews.map(({ code }) => code)).toEqual(["201", "201"]);
});
