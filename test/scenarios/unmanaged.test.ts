/** `spec.unmanaged` in the whole engine: what is found where nobody declares it, and what is not. */
import { afterEach, describe, expect, test } from "vitest";
import type { Json } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { baseline, configMap, deployment, minute, namespace, widget } from "../support/scenario/samples.ts";
import { hand, handName, searched, SearchedWorld, web, withMetadata } from "../support/scenario/searched-world.ts";

let world: SearchedWorld;
afterEach(() => world.stop());

const owned = (object: KubeObject, uid: string, apiVersion: string, kind: string, name: string): KubeObject =>
  withMetadata(object, { ownerReferences: [{ apiVersion, kind, name, uid, controller: true }] as Json });

describe("what is found", () => {
  test("an object that nobody declares, in a namespace in which the Baseline declares something", async () => {
    world = await SearchedWorld.open();
    await world.write(hand);
    world.expect({ "ConfigMap shop/web": "in-sync", [handName]: "unmanaged live-edit" });
    world.expectCounted();
    expect(world.judgement(hand)?.verdict).toMatchObject({ severity: "medium", made: { manager: "kubectl-create" } });
    expect(world.judgement(hand)).not.toHaveProperty("source");
  });

  test("one that was there before: by the walk, without a request", async () => {
    world = new SearchedWorld();
    for (const object of [web, hand])
      world.live.write({ ...object, metadata: { ...object.metadata, namespace: "shop" } });
    await world.commit([web]);
    await world.rest();
    expect(world.verdictOf(handName)).toBe("unmanaged live-edit");
    expect(world.live.confirmed).toBe(0);
  });

  test("nothing where the scope is None, and nothing more is watched then", async () => {
    world = await SearchedWorld.open({ baselines: [baseline("shop", { gracePeriod: 0 })] });
    await world.write(hand);
    world.expect({ "ConfigMap shop/web": "in-sync" });
    expect(world.live.watchedKinds()).toEqual(["v1/ConfigMap", "v1/Namespace"]);
    expect(world.search.glimpsed).toBe(0);
  });

  test("nothing elsewhere, until something is declared there", async () => {
    world = await SearchedWorld.open();
    const far = configMap("far", {}, "far");
    await world.write(far);
    expect(world.verdictOf("ConfigMap far/far")).toBeUndefined();
    const there = configMap("there", {}, "far");
    await world.write(there);
    await world.declare(web, there);
    expect(world.verdictOf("ConfigMap far/far")).toBe("unmanaged live-edit");
    await world.declare(web);
    expect(world.verdictOf("ConfigMap far/far")).toBeUndefined();
    expect(world.left()).toEqual(["unsearched"]);
  });

  test("a kind that nobody declares, also one that is installed later", async () => {
    world = await SearchedWorld.open();
    await world.write(deployment("tool", 1));
    expect(world.verdictOf("Deployment shop/tool")).toBe("unmanaged live-edit");
    world.live.serve("example.com/v1/Widget", "Namespaced");
    world.engine.discoveryChanged();
    await world.rest();
    await world.write(widget("gear", 1));
    expect(world.verdictOf("Widget shop/gear")).toBe("unmanaged live-edit");
    expect(world.live.watchedKinds()).not.toContain("v1/Event");
    // Its definition is deleted, and the objects with it.
    world.live.serve("example.com/v1/Widget", undefined);
    world.engine.discoveryChanged();
    await world.rest();
    expect(world.verdictOf("Widget shop/gear")).toBeUndefined();
  });

  test("what a selector matches, wherever it lives, also where it lives nowhere", async () => {
    const selector = searched({ unmanaged: { scope: "Selector", labelSelector: "team=shop" } });
    world = new SearchedWorld({ baselines: [selector] });
    world.live.serve("rbac.authorization.k8s.io/v1/ClusterRole", "Cluster");
    await world.commit([web]);
    await world.deploy();
    const labels = { team: "shop" };
    const far = withMetadata(configMap("far", {}, "far"), { labels });
    const role: KubeObject = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "reader", labels },
    };
    world.live.write(role);
    world.engine.discoveryChanged();
    await world.rest();
    await world.write(far);
    await world.write(hand);
    expect(world.verdicts()).toEqual({
      "ConfigMap shop/web": "in-sync",
      "ConfigMap far/far": "unmanaged live-edit",
      "ClusterRole reader": "unmanaged live-edit",
    });
    await world.write(withMetadata(far, { labels: {} }));
    expect(world.verdictOf("ConfigMap far/far")).toBeUndefined();
  });

  test("a selector that cannot be read claims nothing, and that is said", async () => {
    world = await SearchedWorld.open({
      baselines: [searched({ unmanaged: { scope: "Selector", labelSelector: "a in b" } })],
    });
    await world.write(hand);
    expect(world.verdictOf(handName)).toBeUndefined();
    expect(world.state().unsearched?.map(({ message }) => message)).toEqual([
      "spec.unmanaged.labelSelector cannot be read: nothing is searched",
    ]);
  });
});

describe("what is not", () => {
  test("what another Baseline declares, in this process or in another", async () => {
    const other = baseline("other");
    const tenant = baseline("tenant", { namespace: "tenants" });
    world = await SearchedWorld.open({ baselines: [searched(), other] });
    await world.commit([hand], [], other.key);
    await world.write(hand);
    expect(world.verdictOf(handName)).toBeUndefined();
    world.search.elsewhere.set("ConfigMap shop/theirs", [other]);
    world.search.elsewhere.set("ConfigMap shop/hidden", [tenant]);
    await world.write(configMap("theirs", {}));
    await world.write(configMap("hidden", {}));
    expect(world.verdictOf("ConfigMap shop/theirs")).toBeUndefined();
    expect(world.verdictOf("ConfigMap shop/hidden"), "a tenant has no say in another's namespace").toBe(
      "unmanaged live-edit",
    );
    world.search.elsewhere.delete("ConfigMap shop/theirs");
    world.engine.claimsElsewhereChanged();
    await world.rest();
    expect(world.verdictOf("ConfigMap shop/theirs")).toBe("unmanaged live-edit");
  });

  test("a tenant cannot hide it by declaring it where the tenant has no say", async () => {
    const tenant = baseline("tenant", { namespace: "tenants", targetNamespace: "shop" });
    world = await SearchedWorld.open({ baselines: [searched(), tenant] });
    await world.commit([hand], [], tenant.key);
    await world.write(hand);
    expect(world.verdictOf(handName)).toBe("unmanaged live-edit");
  });

  test("what another Baseline dropped: that one reports it", async () => {
    const other = baseline("other", { gracePeriod: 0 });
    world = await SearchedWorld.open({ baselines: [searched(), other] });
    await world.commit([hand, configMap("kept", {})], [], other.key);
    await world.write(hand);
    await world.write(configMap("kept", {}));
    await world.commit([configMap("kept", {})], [], other.key);
    await world.rest();
    expect(world.verdictOf(handName, other.key)).toBe("unmanaged dropped-from-git");
    expect(world.verdictOf(handName)).toBeUndefined();
    await world.forget(other.key);
    await world.rest();
    expect(world.verdictOf(handName), "now nobody does").toBe("unmanaged live-edit");
  });

  test("what is in a namespace that is left out", async () => {
    world = await SearchedWorld.open({
      baselines: [searched({ exempt: [{ namespaceSelector: "team=x", reason: "theirs" }] })],
    });
    world.live.write(namespace("shop", {}));
    await world.write(hand);
    expect(world.verdictOf(handName)).toBe("unmanaged live-edit");
    world.live.write(namespace("shop", { team: "x" }));
    await world.rest();
    expect(world.verdictOf(handName)).toBeUndefined();
    expect(world.verdictOf("ConfigMap shop/web")).toBe("excluded");
    world.live.write(namespace("shop", {}));
    await world.rest();
    expect(world.verdictOf(handName)).toBe("unmanaged live-edit");
  });

  test("what a tenant may not see: it searches its own namespace only", async () => {
    const tenant = searched({ namespace: "tenant", targetNamespace: "tenant" }, "mine");
    world = await SearchedWorld.open({ baselines: [tenant] });
    await world.declare(web, configMap("there", {}, "shop"));
    await world.write(configMap("own", {}, "tenant"));
    await world.write(hand);
    expect(world.verdictOf("ConfigMap tenant/own")).toBe("unmanaged live-edit");
    expect(world.verdictOf(handName)).toBeUndefined();
  });

  test("what opts itself out: an annotation on a live object counts for nothing", async () => {
    world = await SearchedWorld.open();
    const annotations = { "plumbline.dev/detect": "disabled", "plumbline.dev/severity": "low" };
    await world.write(withMetadata(hand, { annotations }));
    expect(world.judgement(hand)?.verdict).toMatchObject({ kind: "unmanaged", severity: "medium" });
  });
});

describe("what is owned", () => {
  const pod: KubeObject = { apiVersion: "v1", kind: "Pod", metadata: { name: "web-x" }, spec: {} };
  const set: KubeObject = { apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { name: "web" }, spec: {} };
  const uidOf = (object: KubeObject): string => {
    const view = world.live.view({ group: "apps", kind: object.kind, namespace: "shop", name: "web" }, "v1");
    return view.state === "present" ? view.live.uid : "";
  };
  const served = async (): Promise<void> => {
    world = new SearchedWorld();
    world.live.serve("v1/Pod", "Namespaced");
    world.live.serve("apps/v1/ReplicaSet", "Namespaced");
    world.live.serve("apps/v1/StatefulSet", "Namespaced");
    world.live.serve("v1/PersistentVolumeClaim", "Namespaced");
    await world.start();
  };

  test("by an owner that is there: the owner is nobody's, what it owns is not", async () => {
    await served();
    await world.write(set);
    await world.write(owned(pod, uidOf(set), "apps/v1", "ReplicaSet", "web"));
    expect(world.verdicts()).toEqual({ "ConfigMap shop/web": "in-sync", "ReplicaSet shop/web": "unmanaged live-edit" });
  });

  test("by one that comes into sight a moment later; by one that never does it is nobody's", async () => {
    await served();
    await world.write(owned(pod, "uid-nobody", "apps/v1", "ReplicaSet", "web"));
    expect(world.verdictOf("Pod shop/web-x")).toBeUndefined();
    await world.tick(11_000);
    await world.rest();
    expect(world.verdictOf("Pod shop/web-x")).toBe("unmanaged live-edit");
  });

  test("by one that cannot be seen: believed, until it can be", async () => {
    await served();
    world.live.force("apps/v1/ReplicaSet", "forbidden");
    await world.rest();
    await world.write(owned(pod, "uid-nobody", "apps/v1", "ReplicaSet", "web"));
    await world.tick(minute);
    await world.rest();
    expect(world.verdictOf("Pod shop/web-x")).toBeUndefined();
    world.live.force("apps/v1/ReplicaSet", undefined);
    await world.rest();
    expect(world.verdictOf("Pod shop/web-x")).toBe("unmanaged live-edit");
  });

  test("it gets an owner: resolved, and nobody deleted it", async () => {
    await served();
    await world.write(set);
    await world.write(pod);
    expect(world.verdictOf("Pod shop/web-x")).toBe("unmanaged live-edit");
    await world.write(owned(pod, uidOf(set), "apps/v1", "ReplicaSet", "web"));
    expect(world.verdictOf("Pod shop/web-x")).toBeUndefined();
    expect(world.left()).toEqual(["claimed"]);
  });

  test("a claim of a StatefulSet's template, until the set goes and leaves it behind", async () => {
    await served();
    const claim: KubeObject = { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "data-db-0" } };
    const stateful: KubeObject = {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "db" },
      spec: { volumeClaimTemplates: [{ metadata: { name: "data" } }] },
    };
    await world.write(stateful);
    await world.write(claim);
    expect(world.verdictOf("PersistentVolumeClaim shop/data-db-0")).toBeUndefined();
    await world.remove(stateful);
    await world.rest();
    expect(world.verdictOf("PersistentVolumeClaim shop/data-db-0")).toBe("unmanaged live-edit");
    // Declared, it is only missing.
    await world.declare(web, stateful);
    world.live.write(withMetadata(claim, { namespace: "shop", labels: { touched: "" } }));
    await world.rest();
    expect(world.verdictOf("PersistentVolumeClaim shop/data-db-0")).toBeUndefined();
  });
});
