/** Which reference to an owner is worth believing. */
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { isOwnedBy, namedOwners } from "../../src/verdict/owner-reference.ts";
import { present } from "./pair-fixture.ts";

function owned(apiVersion: string, kind: string, ...owners: JsonObject[]): KubeObject {
  return { apiVersion, kind, metadata: { name: "it", namespace: "shop", ownerReferences: owners } };
}
const owner = (apiVersion: string, kind: string, changes: JsonObject = {}): JsonObject => ({
  apiVersion,
  kind,
  name: "web",
  uid: "u-1",
  controller: true,
  ...changes,
});

describe("a reference", () => {
  test.each([
    ["a Pod of a ReplicaSet", owned("v1", "Pod", owner("apps/v1", "ReplicaSet")), true],
    ["a Job of a CronJob", owned("batch/v1", "Job", owner("batch/v1", "CronJob")), true],
    ["slices of a Service", owned("discovery.k8s.io/v1", "EndpointSlice", owner("v1", "Service")), true],
    ["anything of a custom resource", owned("v1", "Secret", owner("cert-manager.io/v1", "Certificate")), true],
    [
      "a custom resource of anything",
      owned("cert-manager.io/v1", "Certificate", owner("networking.k8s.io/v1", "Ingress")),
      true,
    ],
    ["a Deployment of a ConfigMap: nobody makes that", owned("apps/v1", "Deployment", owner("v1", "ConfigMap")), false],
    ["a Pod of a Deployment: made by its ReplicaSet only", owned("v1", "Pod", owner("apps/v1", "Deployment")), false],
    ["an owner that is no controller", owned("v1", "Pod", owner("apps/v1", "ReplicaSet", { controller: false })), true],
    ["an owner without a uid", owned("v1", "Pod", owner("apps/v1", "ReplicaSet", { uid: "" })), false],
    ["none", owned("v1", "Pod"), false],
    ["something that is no reference", owned("v1", "Pod", {}), false],
  ])("%s", (_, object, expected) => {
    expect(namedOwners(object).length > 0).toBe(expected);
  });

  test("is looked up beside the object, and where what has no namespace lives", () => {
    const pod = owned("v1", "Pod", owner("v1", "Node"));
    expect(namedOwners(pod).map(({ id }) => `${id.kind} ${id.namespace}/${id.name}`)).toEqual([
      "Node shop/web",
      "Node /web",
    ]);
  });
});

test("an owner is believed where it is the very one named", () => {
  const [named] = namedOwners(owned("v1", "Pod", owner("apps/v1", "ReplicaSet")));
  if (named === undefined) throw new Error("no owner");
  const set: KubeObject = { apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name: "web", namespace: "shop" } };
  expect(isOwnedBy(named, present(set))).toBe(true);
  expect(isOwnedBy(named, present(set, { uid: "u-2" })), "made anew, or never the owner").toBe(false);
  expect(isOwnedBy(named, { state: "absent" })).toBe(false);
  expect(isOwnedBy(named, { state: "unseen", problem: { code: "forbidden", message: "no" } })).toBeUndefined();
});
