/** Rights that are missing and then granted, kinds that come, go and come back: what the watches say of them. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { watchObjects, type ObjectWatch } from "../../src/cluster/watch-objects.ts";
import { createSubjectAccess } from "../../src/cluster/subject-access.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { getString } from "../../src/model/json.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { configMap, configMapId, connect, secret, until, type Connection } from "./connection.ts";

let plane: ControlPlane;
let connection: Connection | undefined;
let objects: ObjectWatch | undefined;

const crds = { group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition" };
const gadget = { group: "test.plumbline.dev", version: "v1", kind: "Gadget" };
const gadgetPath = "/apis/test.plumbline.dev/v1/namespaces/default/gadgets";
const crdPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

beforeAll(async () => {
  plane = await startControlPlane();
  await make("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
  await make("/api/v1/namespaces/shop/serviceaccounts", {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "reader" },
  });
  await make("/api/v1/namespaces/shop/configmaps", { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "one" } });
});
afterEach(async () => {
  objects?.stop();
  await connection?.close();
});
afterAll(() => plane?.stop());

async function make(path: string, body: unknown): Promise<void> {
  const answer = await plane.request("POST", path, { body });
  if (answer.status !== 201) throw new Error(answer.text);
}

async function asReader(options: Parameters<typeof connect>[1] = {}): Promise<Connection> {
  const kubeconfig = plane.writeKubeconfig("reader.kubeconfig", await plane.tokenFor("shop", "reader"));
  connection = await connect(kubeconfig, options);
  return connection;
}

const rbac = "/apis/rbac.authorization.k8s.io/v1";
const role = (kind: "Role" | "ClusterRole", name: string, resources: readonly string[]): unknown => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind,
  metadata: { name },
  rules: [{ apiGroups: [""], resources, verbs: ["get", "list", "watch"] }],
});
const binding = (kind: "Role" | "ClusterRole", name: string): unknown => ({
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: `${kind}Binding`,
  metadata: { name },
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name },
  subjects: [{ kind: "ServiceAccount", namespace: "shop", name: "reader" }],
});

describe("rights", () => {
  test("what may not be read is unseen with the missing right named, and seen once it is granted", async () => {
    const { watches, discovery, transport } = await asReader();
    watches.ensure([configMap, secret]);
    await until("refused", () => watches.states().every(({ state }) => state === "forbidden"));
    expect(watches.view(configMapId("one", "shop"), "v1")).toEqual({
      state: "unseen",
      problem: { code: "forbidden", message: 'cannot watch configmaps in the API group "" at the cluster scope' },
    });
    expect(await watches.confirm(configMapId("one", "shop"), "v1")).toEqual({
      state: "unseen",
      problem: { code: "forbidden", message: 'cannot get configmaps in the API group "" in the namespace "shop"' },
    });
    expect(watches.view({ group: "", kind: "Secret", namespace: "shop", name: "one" }, "v1")).toMatchObject({
      state: "unseen",
      problem: { code: "secrets-not-granted" },
    });
    const access = createSubjectAccess({ transport, discovery });
    expect(await access.canI({ verb: "list", kind: configMap })).toEqual({
      allowed: false,
      problem: { code: "forbidden", message: 'cannot list configmaps in the API group "" at the cluster scope' },
    });

    await make(`${rbac}/clusterroles`, role("ClusterRole", "reads", ["configmaps"]));
    await make(`${rbac}/clusterrolebindings`, binding("ClusterRole", "reads"));
    await until("granted", () => watches.view(configMapId("one", "shop"), "v1").state === "present");
    expect(await access.canI({ verb: "list", kind: configMap })).toEqual({ allowed: true });
    await plane.request("DELETE", `${rbac}/clusterrolebindings/reads`);
  });

  test("an operator limited to namespaces needs rights only there, and says nothing of others", async () => {
    await make(`${rbac}/namespaces/shop/roles`, role("Role", "reads", ["configmaps"]));
    await make(`${rbac}/namespaces/shop/rolebindings`, binding("Role", "reads"));
    const { watches } = await asReader({ namespaces: ["shop"] });
    watches.ensure([configMap]);
    await until("live", () => watches.states()[0]?.state === "live");
    expect(watches.view(configMapId("one", "shop"), "v1").state).toBe("present");
    expect(watches.view(configMapId("two", "shop"), "v1").state).toBe("absent");
    expect(watches.view(configMapId("one", "default"), "v1")).toMatchObject({ state: "unseen" });
  });

  test("Secrets that are withheld by the settings are not even asked for", async () => {
    connection = await connect(plane.kubeconfigPath, { secrets: false });
    const { watches, requests } = connection;
    watches.ensure([secret]);
    const id = { group: "", kind: "Secret", namespace: "shop", name: "one" };
    expect(watches.view(id, "v1")).toMatchObject({ problem: { code: "secrets-not-granted" } });
    expect(await watches.confirm(id, "v1")).toMatchObject({ problem: { code: "secrets-not-granted" } });
    expect(requests.filter(({ verb }) => verb === "watch")).toEqual([]);
  });

  test("another's rights are asked for under its name", async () => {
    connection = await connect(plane.kubeconfigPath);
    const access = createSubjectAccess(connection);
    const as = { namespace: "shop", serviceAccount: "reader" };
    expect(await access.canI({ verb: "get", kind: configMap, namespace: "shop", as })).toEqual({ allowed: true });
    expect(await access.canI({ verb: "get", kind: secret, namespace: "shop", as })).toEqual({
      allowed: false,
      problem: {
        code: "forbidden",
        message: 'the service account shop/reader cannot get secrets in the API group "" in the namespace "shop"',
      },
    });
  });
});

describe("kinds", () => {
  test("a kind that is not served, is made, goes and comes back", async () => {
    connection = await connect(plane.kubeconfigPath);
    const { watches, discovery, transport } = connection;
    const context = { transport, discovery, clock: systemClock, log: silentLog };
    const seen: string[] = [];
    objects = watchObjects({
      context,
      kind: crds,
      handlers: {
        applied: (crd) => {
          seen.push(`applied ${getString(crd.metadata, "name")}`);
          discovery.poke();
        },
        deleted: (crd) => {
          seen.push(`deleted ${getString(crd.metadata, "name")}`);
          discovery.poke();
        },
      },
    });
    watches.ensure([gadget]);
    const id = { group: gadget.group, kind: "Gadget", namespace: "default", name: "g" };
    await until("absent", () => watches.states()[0]?.state === "absent");
    expect(watches.view(id, "v1")).toMatchObject({ state: "unseen", problem: { code: "kind-not-served" } });
    expect(await watches.confirm(id, "v1")).toMatchObject({ state: "unseen", problem: { code: "kind-not-served" } });

    await make(crdPath, gadgetCrd("v1"));
    await until("served", () => watches.states()[0]?.state === "live");
    await make(gadgetPath, { apiVersion: "test.plumbline.dev/v1", kind: "Gadget", metadata: { name: "g" } });
    await until("seen", () => watches.view(id, "v1").state === "present");

    await plane.request("DELETE", `${crdPath}/gadgets.test.plumbline.dev`);
    await until("gone", () => watches.states()[0]?.state === "absent");
    expect(watches.view(id, "v1")).toMatchObject({ state: "unseen", problem: { code: "kind-not-served" } });
    expect(watches.list(gadget)).toEqual([]);

    await until(
      "made again",
      async () => (await plane.request("POST", crdPath, { body: gadgetCrd("v1") })).status === 201,
    );
    await until("served again", () => watches.states()[0]?.state === "live");
    expect(watches.view(id, "v1")).toEqual({ state: "absent" });
    expect(seen.filter((line) => line.startsWith("deleted"))).toEqual(["deleted gadgets.test.plumbline.dev"]);

    const v2 = { name: "v2", served: true, storage: false, schema: { openAPIV3Schema: { type: "object" } } };
    const operations = [
      { op: "add", path: "/spec/versions/-", value: v2 },
      { op: "replace", path: "/spec/versions/0/served", value: false },
    ];
    const path = `${crdPath}/gadgets.test.plumbline.dev`;
    await plane.request("PATCH", path, { body: operations, contentType: "application/json-patch+json" });
    await until("moved on", () => watches.states()[0]?.problem?.code === "version-not-served");
    expect(watches.view(id, "v1")).toMatchObject({
      state: "unseen",
      problem: { message: expect.stringContaining("it serves it at test.plumbline.dev/v2") },
    });
    const next = { ...gadget, version: "v2" };
    watches.ensure([next]);
    await until("live at its new version", () => watches.states()[0]?.state === "live");
    await make(gadgetPath.replace("/v1/", "/v2/"), {
      apiVersion: "test.plumbline.dev/v2",
      kind: "Gadget",
      metadata: { name: "g" },
    });
    await until("seen at its new version", () => watches.view(id, "v2").state === "present");
    const view = watches.view(id, "v2");
    expect(view.state === "present" && view.live.object.apiVersion).toBe("test.plumbline.dev/v2");
  });

  test("a version that is not served names those that are", async () => {
    connection = await connect(plane.kubeconfigPath);
    const { watches } = connection;
    const old = { group: "apps", version: "v1beta1", kind: "Deployment" };
    watches.ensure([old]);
    expect(watches.view({ group: "apps", kind: "Deployment", namespace: "shop", name: "web" }, "v1beta1")).toEqual({
      state: "unseen",
      problem: {
        code: "version-not-served",
        message: "the API server does not serve Deployment at apps/v1beta1; it serves it at apps/v1",
      },
    });
  });
});

function gadgetCrd(version: string): unknown {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "gadgets.test.plumbline.dev" },
    spec: {
      group: "test.plumbline.dev",
      names: { kind: "Gadget", plural: "gadgets", singular: "gadget", listKind: "GadgetList" },
      scope: "Namespaced",
      versions: [{ name: version, served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
    },
  };
}
