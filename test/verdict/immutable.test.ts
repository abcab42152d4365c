/** The rows of what cannot be changed, and which operations they speak of. The rows themselves are tried on a server. */
import { describe, expect, test } from "vitest";
import { createSchemaIndex } from "../../src/compare/schema-index.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { idOf, type KubeObject } from "../../src/model/resource.ts";
import { immutableRows } from "../../src/verdict/immutable-fields.ts";
import { immutableIn } from "../../src/verdict/immutable.ts";
import type { Operation } from "../../src/verdict/working-copy.ts";
import { builtIn } from "./pair-fixture.ts";

const make = (apiVersion: string, kind: string, rest: JsonObject): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: "it", namespace: "shop" },
  ...rest,
});
const replace = (path: string, value: JsonObject | string | number = "x"): Operation => ({
  op: "replace",
  path,
  value,
});
const remove = (path: string): Operation => ({ op: "remove", path });

function refused(live: KubeObject, desired: KubeObject, ...operations: Operation[]): readonly string[] {
  return immutableIn(idOf(live), operations, () => ({ live, desired }), builtIn)?.pointers ?? [];
}

const pod = make("v1", "Pod", { spec: { containers: [{ name: "a", image: "a:1" }], nodeName: "n" } });
const gated = make("v1", "Pod", { spec: { schedulingGates: [{ name: "a.b/c" }], nodeSelector: { zone: "b" } } });
const tolerant = make("v1", "Pod", { spec: { tolerations: [{ key: "a" }], activeDeadlineSeconds: 9 } });
const usual = make("v1", "Pod", { spec: { tolerations: [{ key: "node.kubernetes.io/not-ready" }] } });
const ungated = make("v1", "Pod", { spec: { schedulingGates: [], nodeSelector: { zone: "b" } } });
const job = (spec: JsonObject): KubeObject => make("batch/v1", "Job", { spec });
const service = (spec: JsonObject): KubeObject => make("v1", "Service", { spec: { clusterIP: "10.0.0.5", ...spec } });
const balancer = { type: "LoadBalancer", externalTrafficPolicy: "Local" };
const claim = make("v1", "PersistentVolumeClaim", { spec: { storageClassName: "fast", volumeName: "pv-1" } });
const sealed = make("v1", "ConfigMap", { immutable: true, data: { a: "1" } });
const open = make("v1", "ConfigMap", { data: { a: "1" } });

describe("what is refused", () => {
  test.each<readonly [string, KubeObject, KubeObject, Operation, boolean]>([
    ["data of a sealed ConfigMap", sealed, open, replace("/data/a"), true],
    ["the seal itself", sealed, open, remove("/immutable"), true],
    ["all of its data", sealed, open, remove("/data"), true],
    ["its labels", sealed, open, replace("/metadata/labels/a"), false],
    ["data of an open one that Git seals", open, sealed, replace("/data/a"), false],
    ["a Pod's node", pod, pod, replace("/spec/nodeName"), true],
    ["a Pod's image", pod, pod, replace("/spec/containers/0/image"), false],
    ["a Pod's command", pod, pod, replace("/spec/containers/0/command/0"), true],
    ["a container more", pod, pod, { op: "add", path: "/spec/containers/1", value: {} }, true],
    ["where a Pod may run", pod, pod, { op: "add", path: "/spec/nodeSelector", value: { zone: "a" } }, true],
    ["where a Pod without gates left may run", ungated, pod, replace("/spec/nodeSelector/zone"), true],
    ["where a gated Pod may run", gated, pod, replace("/spec/nodeSelector/zone"), false],
    ["all tolerations of a Pod", tolerant, pod, remove("/spec/tolerations"), true],
    ["one toleration of a Pod", tolerant, pod, remove("/spec/tolerations/0"), true],
    ["what a Pod tolerates", tolerant, pod, replace("/spec/tolerations/0/key"), true],
    ["how long a Pod tolerates it", tolerant, pod, replace("/spec/tolerations/0/tolerationSeconds", 9), false],
    [
      "one toleration more, in a list written anew",
      tolerant,
      pod,
      { op: "replace", path: "/spec/tolerations", value: [{ key: "b" }, { key: "a" }] },
      false,
    ],
    [
      "another toleration in a list written anew",
      tolerant,
      pod,
      { op: "replace", path: "/spec/tolerations", value: [{ key: "b" }] },
      true,
    ],
    ["one toleration more", tolerant, pod, { op: "add", path: "/spec/tolerations/1", value: { key: "b" } }, false],
    ["tolerations that admission puts back", usual, pod, remove("/spec/tolerations"), false],
    ["one toleration that admission puts back", usual, pod, remove("/spec/tolerations/0"), false],
    ["no deadline for a Pod", tolerant, pod, remove("/spec/activeDeadlineSeconds"), true],
    ["a shorter deadline", tolerant, pod, replace("/spec/activeDeadlineSeconds", 5), false],
    ["a gate back", gated, pod, { op: "add", path: "/spec/schedulingGates/1", value: { name: "a.b/d" } }, true],
    ["a gate gone", gated, pod, remove("/spec/schedulingGates/0"), false],
    ["a Pod's label", pod, pod, replace("/metadata/labels/a"), false],
    ["the template of a Job", job({}), job({}), replace("/spec/template/spec/containers/0/image"), true],
    [
      "the template of a suspended Job",
      job({ suspend: true }),
      job({}),
      replace("/spec/template/spec/containers/0/image"),
      true,
    ],
    [
      "where a suspended Job's Pods may run",
      job({ suspend: true }),
      job({}),
      replace("/spec/template/spec/nodeSelector"),
      false,
    ],
    ["how often a Job runs", job({}), job({}), replace("/spec/completions", 3), true],
    [
      "how often an indexed one does",
      job({ completionMode: "Indexed" }),
      job({}),
      replace("/spec/completions", 3),
      false,
    ],
    ["how often at once", job({}), job({}), replace("/spec/parallelism", 3), false],
    ["a Service's address", service({}), service({}), replace("/spec/clusterIP"), true],
    [
      "its addresses, the first another one",
      service({ clusterIPs: ["10.0.0.5"] }),
      service({}),
      { op: "replace", path: "/spec/clusterIPs", value: ["10.0.0.6"] },
      true,
    ],
    [
      "its addresses, one more behind the first",
      service({ clusterIPs: ["10.0.0.5"] }),
      service({}),
      { op: "replace", path: "/spec/clusterIPs", value: ["10.0.0.5", "fd00::5"] },
      false,
    ],
    ["its address, where it had none", service({ clusterIP: "" }), service({}), replace("/spec/clusterIP"), false],
    ["its address, as a name", service({}), service({ type: "ExternalName" }), remove("/spec/clusterIP"), false],
    ["its ports", service({}), service({}), replace("/spec/ports/0/port", 80), false],
    ["a balancer's class", service(balancer), service(balancer), remove("/spec/loadBalancerClass"), true],
    [
      "a balancer's class, on its way to be one",
      service({}),
      service(balancer),
      replace("/spec/loadBalancerClass"),
      false,
    ],
    ["a health check's port", service(balancer), service(balancer), replace("/spec/healthCheckNodePort", 1), true],
    ["a claim's class", claim, claim, replace("/spec/storageClassName"), true],
    ["a claim's size", claim, claim, replace("/spec/resources/requests/storage"), false],
    ["a claim's modes", claim, claim, replace("/spec/accessModes/0"), true],
    [
      "an enclosing object, the field in it the same",
      make("rbac.authorization.k8s.io/v1", "RoleBinding", { roleRef: { name: "a", kind: "Role" } }),
      open,
      replace("", { roleRef: { kind: "Role", name: "a" }, subjects: "x" }),
      false,
    ],
    [
      "an enclosing object, the field in it another",
      make("rbac.authorization.k8s.io/v1", "RoleBinding", { roleRef: { name: "a", kind: "Role" } }),
      open,
      replace("", { roleRef: { kind: "Role", name: "b" } }),
      true,
    ],
    ["anything of a kind without rows", make("a.b/v1", "Thing", {}), open, replace("/spec/selector"), false],
    ["the same name in another group", make("a.b/v1", "Deployment", {}), open, replace("/spec/selector"), false],
  ])("%s", (_, live, desired, operation, expected) => {
    expect(refused(live, desired, replace("/metadata/annotations/a"), operation)).toEqual(
      expected ? [operation.path] : [],
    );
  });
});

test("both sides are read only where the kind has rows", () => {
  const unread = (): never => {
    throw new Error("read");
  };
  expect(immutableIn({ group: "a.b", kind: "Thing" }, [replace("/spec/a")], unread, builtIn)).toBeUndefined();
});

describe("of a custom resource, what its schema says is set once", () => {
  const once = [{ rule: "self == oldSelf", message: "set once" }];
  const text = { type: "string" };
  const index = createSchemaIndex();
  index.addCrd({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "databases.a.b" },
    spec: {
      group: "a.b",
      scope: "Namespaced",
      names: { plural: "databases", kind: "Database" },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: "object",
              properties: {
                spec: {
                  type: "object",
                  properties: {
                    engine: { ...text, "x-kubernetes-validations": [{ rule: " oldSelf==self " }] },
                    size: { ...text, "x-kubernetes-validations": [{ rule: "self >= oldSelf" }] },
                    disk: { type: "object", "x-kubernetes-validations": once, additionalProperties: text },
                    users: {
                      type: "array",
                      "x-kubernetes-list-type": "map",
                      "x-kubernetes-list-map-keys": ["name"],
                      items: {
                        type: "object",
                        required: ["name"],
                        properties: { name: text, id: { ...text, "x-kubernetes-validations": once } },
                      },
                    },
                  },
                },
              },
            },
          },
        },
      ],
    },
  });
  const object = make("a.b/v1", "Database", {});
  const schema = index.schemaFor({ group: "a.b", version: "v1", kind: "Database" });

  test.each<readonly [string, Operation, boolean]>([
    ["a text", replace("/spec/engine"), true],
    ["a text that comes", { op: "add", path: "/spec/engine", value: "x" }, false],
    ["a text that goes", remove("/spec/engine"), false],
    ["under another rule", replace("/spec/size"), false],
    ["all of an object", replace("/spec/disk", {}), true],
    ["an entry of an object", replace("/spec/disk/class"), true],
    ["an entry more", { op: "add", path: "/spec/disk/class", value: "x" }, true],
    ["a field of an item", replace("/spec/users/0/id"), true],
    ["another field of it", replace("/spec/users/0/name"), false],
    ["an item", remove("/spec/users/0"), false],
    ["what no schema knows", replace("/spec/none/at/all"), false],
  ])("%s", (_, operation, expected) => {
    if (schema === undefined) throw new Error("no schema");
    const found = immutableIn(idOf(object), [operation], () => ({ live: object, desired: object }), schema);
    expect(found).toEqual(expected ? { pointers: [operation.path], orphans: false } : undefined);
  });
});

test("what a recreation destroys is said once, whatever speaks of it", () => {
  const operations = [replace("/spec/storageClassName"), replace("/spec/accessModes/0")];
  const found = immutableIn(idOf(claim), operations, () => ({ live: claim, desired: claim }), builtIn);
  expect(found).toMatchObject({ destroys: "the data of its volume", orphans: false });
});

test("every row names who refuses, and no kind has an exception outside its paths", () => {
  for (const { kind, source, paths, except = [] } of immutableRows) {
    expect(source, kind).toMatch(/[Vv]alidat/);
    for (const exception of except)
      expect(
        paths.some((path) => exception.startsWith(path)),
        exception,
      ).toBe(true);
  }
});
