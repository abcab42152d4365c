/** What one object goes through between Git, a deployer and people with kubectl. */
import { autoscalersSettle, stallPatience } from "../../src/engine/fact-store.ts";
import { beginning } from "../../src/engine/recorder.ts";
import { afterEach, describe, expect, test } from "vitest";
import {
  baseline,
  configMap,
  deployment,
  autoscaler,
  idIn,
  minute,
  namespace,
  secret,
} from "../support/scenario/samples.ts";
import { scaledBy } from "../support/scenario/fake-live.ts";
import { World, type WorldOptions } from "../support/scenario/world.ts";

let world: World;
afterEach(() => world.stop());

function open(options: Partial<WorldOptions> = {}): World {
  world = new World({ baselines: [baseline()], ...options });
  return world;
}

const web = configMap("web", { color: "blue" });
const green = configMap("web", { color: "green" });
const red = configMap("web", { color: "red" });
const name = "ConfigMap shop/web";

/** Declared, deployed and in sync. */
async function settled(...objects: Parameters<World["commit"]>[0]): Promise<World> {
  open();
  await world.commit(objects);
  await world.deploy();
  world.published();
  return world;
}

describe("live edits", () => {
  test("an edit by hand is drift, and its repair resolves it", async () => {
    await settled(web);
    world.expect({ [name]: "in-sync" });
    await world.edit(red);
    world.expect({ [name]: "drifted" });
    world.expectPublished(["web: in-sync > drifted", "web: drifted > drifted (lines)"]);
    await world.edit(web);
    world.expect({ [name]: "in-sync" });
    world.expectPublished(["web: drifted > in-sync"]);
  });

  test("another edit of what drifted is news; the same one told again is not", async () => {
    await settled(web);
    await world.edit(red);
    const { firstObserved } = world.judgement(web)!;
    await world.tick(minute);
    await world.edit(configMap("web", { color: "pink" }));
    world.expectPublished(["web: in-sync > drifted", "web: drifted > drifted (lines)", "web: drifted > drifted"]);
    expect(world.judgement(web)).toMatchObject({ firstObserved, lastChanged: firstObserved + minute });
    world.engine.recheckBaseline(world.key);
    await world.settle();
    world.expectPublished([]);
  });

  test("a Secret edited twice is news twice, though both values look alike", async () => {
    const token = secret("token", { password: "b25l" });
    open();
    await world.commit([token]);
    await world.deploy();
    world.published();
    await world.edit(secret("token", { password: "dHdv" }));
    await world.edit(secret("token", { password: "dGhyZWU=" }));
    world.expectPublished(["token: in-sync > drifted", "token: drifted > drifted (lines)", "token: drifted > drifted"]);
    expect(JSON.stringify(world.transitions)).not.toMatch(/dHdv|dGhyZWU/);
  });

  test("each changed field names its file and line", async () => {
    await settled(web);
    await world.edit(red);
    expect(world.judgement(web)?.verdict).toMatchObject({
      kind: "drifted",
      changes: [{ pointer: "/data/color", source: { file: "configmap-web.yaml", line: 7 } }],
    });
    const { located } = world.sources;
    world.engine.recheckBaseline(world.key);
    await world.settle();
    expect(world.sources.located, "asked once per commit").toBe(located);
  });

  test("a switch set by hand on what drifted reaches the sinks, and is announced to nobody", async () => {
    await settled(web);
    await world.edit(red);
    world.published();
    await world.edit({ ...red, metadata: { name: "web", annotations: { "plumbline.dev/remediate": "enabled" } } });
    await world.edit({ ...red, metadata: { name: "web", annotations: { "plumbline.dev/remediate": "disabled" } } });
    world.expectPublished(["web: drifted > drifted (again)", "web: drifted > drifted (again)"]);
  });

  test("deleted by hand it is missing, confirmed by one GET; made again it is in sync, and known to be another", async () => {
    await settled(web);
    await world.remove(web);
    world.expect({ [name]: "missing" });
    expect(world.live.confirmed).toBe(1);
    world.engine.recheckBaseline(world.key);
    await world.settle();
    expect(world.live.confirmed, "not asked again while nothing happened").toBe(1);
    await world.edit(web);
    world.expect({ [name]: "in-sync" });
    world.expectPublished(["web: in-sync > missing", "web: missing > in-sync"]);
    expect(world.recreated).toEqual([name]);
    await world.remove(web);
    expect(world.live.confirmed, "another absence").toBe(2);
  });

  test("the time from the watch line to the verdict is told once per edit", async () => {
    await settled(web);
    world.latencies.length = 0;
    await world.edit(red);
    world.engine.recheckBaseline(world.key);
    await world.settle();
    expect(world.latencies).toEqual([0]);
  });

  test("an object nobody declares concerns nobody", async () => {
    await settled(web);
    await world.edit(configMap("other", { color: "blue" }));
    world.expect({ [name]: "in-sync" });
    world.expectPublished([]);
  });
});

describe("commits", () => {
  test("a commit is pending until it is deployed", async () => {
    await settled(web);
    await world.commit([green]);
    world.expect({ [name]: "pending changed" });
    await world.tick(5 * minute);
    await world.deploy();
    world.expect({ [name]: "in-sync" });
    world.expectPublished(["web: in-sync > pending changed", "web: pending changed > in-sync"]);
  });

  test("pending becomes drift when the grace period is over, not before", async () => {
    await settled(web);
    await world.commit([green]);
    await world.tick(10 * minute - 1);
    world.expect({ [name]: "pending changed" });
    await world.tick(1);
    world.expect({ [name]: "drifted" });
    world.expectPublished([
      "web: in-sync > pending changed",
      "web: pending changed > drifted",
      "web: drifted > drifted (lines)",
    ]);
  });

  test("pending becomes drift at once where live moves as well", async () => {
    await settled(web);
    await world.commit([green]);
    await world.edit(red);
    world.expect({ [name]: "drifted" });
  });

  test("a new object is pending, and missing when the grace period is over", async () => {
    await settled(web);
    await world.commit([web, configMap("new", {})]);
    world.expect({ [name]: "in-sync", "ConfigMap shop/new": "pending new" });
    expect(world.live.confirmed).toBe(0);
    await world.tick(10 * minute);
    world.expect({ [name]: "in-sync", "ConfigMap shop/new": "missing" });
  });

  test("a second commit gives a changed object its time again, and no other", async () => {
    const other = configMap("other", { size: "1" });
    await settled(web, other);
    await world.commit([green, configMap("other", { size: "2" })]);
    await world.tick(6 * minute);
    await world.commit([green, configMap("other", { size: "3" })]);
    await world.tick(4 * minute);
    world.expect({ [name]: "drifted", "ConfigMap shop/other": "pending changed" });
  });

  test("a commit that changes nothing publishes nothing, and is the settled revision", async () => {
    await settled(web);
    const before = world.state().source.settledRevision;
    await world.commit([web]);
    world.expectPublished([]);
    expect(world.state().judged).toBe(true);
    expect(world.state().source.settledRevision).not.toBe(before);
  });

  test("dropped from Git it stays reported until it is gone", async () => {
    await settled(web, configMap("other", {}));
    await world.commit([configMap("other", {})]);
    world.expect({ [name]: "unmanaged dropped-from-git", "ConfigMap shop/other": "in-sync" });
    await world.tick(60 * minute);
    await world.commit([configMap("other", {}), configMap("third", {})]);
    await world.deploy();
    expect(world.verdicts()).toMatchObject({ [name]: "unmanaged dropped-from-git" });
    world.published();
    await world.remove(web);
    world.expect({ "ConfigMap shop/other": "in-sync", "ConfigMap shop/third": "in-sync" });
    world.expectPublished(["web: unmanaged dropped-from-git > none"]);
  });

  test("dropped from Git it stays so while another document is bad", async () => {
    await settled(web, configMap("other", {}));
    await world.commit([configMap("other", {})]);
    await world.commit([configMap("other", {})], [{ code: "yaml-syntax", message: "tabs", file: "x.yaml", line: 3 }]);
    world.expect({ [name]: "unmanaged dropped-from-git", "ConfigMap shop/other": "in-sync" });
    expect(world.engine.pairOf(world.key, idIn(web))?.input.unreadable, "nothing is deleted for it").toBe(true);
  });

  test("dropped from Git, and then declared twice: it is declared, by whichever", async () => {
    await settled(web, configMap("other", {}));
    await world.commit([configMap("other", {})]);
    world.expect({ [name]: "unmanaged dropped-from-git", "ConfigMap shop/other": "in-sync" });
    await world.commit([web, web, configMap("other", {})]);
    expect(world.verdicts()[name]).toMatch(/^unknown/);
    await world.commit([configMap("other", {})]);
    world.expect({ [name]: "unmanaged dropped-from-git", "ConfigMap shop/other": "in-sync" });
  });

  test("dropped before it was ever deployed, it is forgotten", async () => {
    await settled(web);
    await world.commit([web, configMap("new", {})]);
    await world.commit([web]);
    world.expect({ [name]: "in-sync" });
  });

  test("declared again it is judged as before", async () => {
    await settled(web, configMap("other", {}));
    await world.commit([configMap("other", {})]);
    await world.commit([web, configMap("other", {})]);
    world.expect({ [name]: "in-sync", "ConfigMap shop/other": "in-sync" });
  });

  test("what a bad document may still declare is unknown, not dropped, and nothing is settled", async () => {
    await settled(web, configMap("other", {}));
    const { settledRevision } = world.state().source;
    await world.commit([configMap("other", {})], [{ code: "yaml-syntax", message: "tabs", file: "web.yaml", line: 3 }]);
    expect(world.verdicts()[name]).toMatch(/^unknown/);
    expect(world.state().problems).toHaveLength(1);
    expect(world.state().source.settledRevision).toBe(settledRevision);
    await world.commit([configMap("other", {})]);
    expect(world.verdicts()[name]).toBe("unmanaged dropped-from-git");
  });

  test("one id declared twice: neither is judged, both places are named", async () => {
    open();
    await world.commit([web, { ...green, metadata: { name: "web", namespace: "shop" } }, configMap("other", {})]);
    await world.deploy();
    world.expect({ "ConfigMap shop/other": "in-sync" });
    expect(world.state().problems).toMatchObject([{ code: "duplicate-id" }]);
  });
});

describe("the world around it", () => {
  test("an autoscaler owns the replicas of its target, as long as it is there", async () => {
    await settled(deployment("web", 2));
    expect(world.live.watchedKinds()).toContain("autoscaling/v2/HorizontalPodAutoscaler");
    await world.edit(autoscaler("web", "web", 1, 9));
    await world.edit(deployment("web", 5));
    world.expect({ "Deployment shop/web": "in-sync" });
    await world.remove(autoscaler("web", "web", 1, 9));
    world.expect({ "Deployment shop/web": "drifted" });
    await world.edit(autoscaler("web", "web", 1, 9));
    world.expect({ "Deployment shop/web": "in-sync" });
  });

  test("autoscalers that may not be read make nothing unknown", async () => {
    open();
    world.live.force("autoscaling/v2/HorizontalPodAutoscaler", "forbidden");
    await world.commit([deployment("web", 2)]);
    await world.deploy();
    world.expect({ "Deployment shop/web": "in-sync" });
  });

  test("nothing is said of a replica count before autoscalers are known", async () => {
    open();
    world.live.force("autoscaling/v2/HorizontalPodAutoscaler", "syncing");
    await world.edit(deployment("web", 5));
    await world.commit([deployment("web", 2), web]);
    await world.tick(beginning);
    expect(world.verdicts()["Deployment shop/web"]).toBe("unknown not-synced");
    expect(world.state().judged).toBe(false);
    await world.edit(autoscaler("web", "web", 1, 9));
    world.live.force("autoscaling/v2/HorizontalPodAutoscaler", undefined);
    await world.settle();
    expect(world.verdicts()["Deployment shop/web"]).toBe("in-sync");
    expect(world.transitions.map(({ after }) => after?.verdict.kind)).not.toContain("drifted");
  });

  test("a stalled watch of autoscalers forgets none of them", async () => {
    await settled(deployment("web", 2));
    await world.edit(autoscaler("web", "web", 1, 9));
    await world.edit(deployment("web", 5));
    world.live.force("autoscaling/v2/HorizontalPodAutoscaler", "stalled");
    await world.edit(deployment("web", 6));
    world.expect({ "Deployment shop/web": "in-sync" });
  });

  describe("an autoscaler made while the watch of autoscalers is broken", () => {
    const hpa = "autoscaling/v2/HorizontalPodAutoscaler";
    const controller = scaledBy("kube-controller-manager");
    const verdict = () => world.verdicts()["Deployment shop/web"];
    const scaled = async (owners = controller): Promise<void> => {
      await settled(deployment("web", 2));
      world.published();
      world.live.cut(hpa);
      await world.edit(autoscaler("web", "web", 1, 9));
      await world.edit(deployment("web", 5), owners);
    };

    test("what it scales is not drift before it is heard of, nor then", async () => {
      await scaled();
      await world.tick(5_000);
      expect(verdict()).toBe("in-sync");
      world.live.takeUp(hpa);
      await world.tick(autoscalersSettle - 1);
      world.live.catchUp(hpa);
      await world.settle();
      await world.tick(minute);
      expect(verdict()).toBe("in-sync");
      world.expectPublished([]);
    });

    test("what a controller scaled and no autoscaler stands behind is drift, as soon as all of them are known", async () => {
      await scaled();
      await world.remove(autoscaler("web", "web", 1, 9));
      world.live.takeUp(hpa);
      world.live.catchUp(hpa);
      await world.tick(autoscalersSettle - 1_000);
      expect(verdict()).toBe("in-sync");
      await world.tick(1_000);
      expect(verdict()).toBe("drifted");
    });

    test("a person's edit, and one of anything else beside it, is drift at once", async () => {
      await scaled(scaledBy("kubectl"));
      expect(verdict()).toBe("drifted");
      await world.stop();
      await scaled();
      await world.edit({ ...deployment("web", 5), metadata: { name: "web", labels: { tier: "gold" } } }, controller);
      expect(verdict()).toBe("drifted");
    });

    test("a watch that stays stalled is not waited for for ever", async () => {
      await settled(deployment("web", 2));
      world.live.force(hpa, "stalled");
      await world.edit(deployment("web", 5), controller);
      await world.tick(stallPatience - 1_000);
      expect(verdict()).toBe("in-sync");
      await world.tick(1_000);
      expect(verdict()).toBe("drifted");
    });
  });

  test("labels on a namespace exempt what is in it, and free it again", async () => {
    open({
      baselines: [baseline("shop", { exempt: [{ namespaceSelector: "stage=sandbox", reason: "a sandbox" }] })],
    });
    await world.edit(namespace("shop", {}));
    await world.commit([web]);
    await world.deploy();
    await world.edit(red);
    world.expect({ [name]: "drifted" });
    await world.edit(namespace("shop", { stage: "sandbox" }));
    world.expect({ [name]: "excluded" });
    await world.edit(namespace("shop", {}));
    world.expect({ [name]: "drifted" });
  });

  test("nothing is said of what may be exempt before namespaces are known", async () => {
    open({
      baselines: [baseline("shop", { exempt: [{ namespaceSelector: "stage=sandbox", reason: "a sandbox" }] })],
    });
    world.live.force("v1/Namespace", "syncing");
    await world.edit(namespace("shop", { stage: "sandbox" }));
    await world.edit(red);
    await world.commit([web]);
    await world.tick(beginning);
    world.expect({ [name]: "unknown not-synced" });
    world.live.force("v1/Namespace", undefined);
    await world.settle();
    world.expect({ [name]: "excluded" });
    world.expectPublished(["web: none > excluded"]);
  });

  test("an ignore row holds until its time, and then no longer", async () => {
    const until = Date.UTC(2026, 0, 1) + 30 * minute;
    const row = { target: { kind: "ConfigMap" }, paths: [".data.color"], managers: [], reason: "a trial", until };
    open({
      baselines: [baseline("shop", { compare: { addedFields: "Strict", ignore: [row], sensitive: [] } })],
    });
    await world.commit([web]);
    await world.deploy();
    await world.edit(red);
    world.expect({ [name]: "in-sync" });
    await world.tick(30 * minute);
    world.expect({ [name]: "drifted" });
  });
});
