/** What fifty thousand objects ask of the engine: each text decoded once, equal things held once, only who is concerned looked at. */
import { expect, test } from "vitest";
import { createEngine } from "../../src/engine/controller.ts";
import type { TenancyPort, WatchedKind } from "../../src/engine/ports.ts";
import { declare } from "../../src/model/desired.ts";
import type { LiveView } from "../../src/model/live.ts";
import type { KubeObject, ResourceId } from "../../src/model/resource.ts";
import type { DesiredObject } from "../../src/model/snapshot.ts";
import { ManualClock, settle } from "../support/manual-clock.ts";
import { FakeLive } from "../support/scenario/fake-live.ts";
import { baseline, configMap, deployment, idIn, inNamespace, namespace } from "../support/scenario/samples.ts";
import { stillPorts } from "../support/scenario/still-ports.ts";

/** Counts how often the live objects it hands over are decoded. */
class CountingLive extends FakeLive {
  decoded = 0;
  kinds: readonly WatchedKind[] = [];

  override ensure(kinds: readonly WatchedKind[]): void {
    this.kinds = kinds;
    super.ensure(kinds);
  }

  override view(id: ResourceId, version: string): LiveView {
    const view = super.view(id, version);
    if (view.state !== "present" || id.kind === "Namespace") return view;
    const { live } = view;
    const look = (): KubeObject => {
      this.decoded += 1;
      return live.object;
    };
    return {
      state: "present",
      live: {
        get object() {
          return look();
        },
        uid: live.uid,
        resourceVersion: live.resourceVersion,
        managedFields: live.managedFields,
        health: { ...live.health },
        receivedAt: live.receivedAt,
      },
    };
  }
}

const shop = baseline("shop");

async function open(objects: readonly DesiredObject[], maySee?: TenancyPort["maySee"], applied = shop) {
  const clock = new ManualClock();
  const live = new CountingLive(clock);
  const abort = new AbortController();
  const engine = createEngine({
    ...stillPorts(live, clock),
    tenancy: { platformNamespaces: ["platform"], ...(maySee === undefined ? {} : { maySee }) },
  });
  live.told = {
    changed: (id, version, at) => engine.liveChanged(id, version, at),
    states: () => engine.watchesChanged(),
  };
  const quiet = async (): Promise<void> => {
    for (let round = 0; round < 10; round += 1) await settle();
  };
  const running = engine.run(abort.signal);
  for (const { object } of objects) live.write(inNamespace(object));
  engine.baselineApplied(applied, {});
  engine.baselinesSynced();
  engine.sourceOutcome(applied.key, {
    kind: "rendered",
    snapshot: { revision: { ref: "main", commit: "1".repeat(40) }, objects, problems: [], fetchedAt: clock.now() },
  });
  await quiet();
  const stop = (): Promise<void> => {
    abort.abort();
    return running;
  };
  return { engine, live, quiet, stop };
}

/** Counts as {@link CountingLive} does. */
function counted(object: KubeObject): { readonly declared: DesiredObject; readonly decoded: () => number } {
  const of = declare(inNamespace(object), { file: "a.yaml", line: 1, index: 0 });
  let decoded = 0;
  const { id, apiVersion, source, hash, replicated, namespaced } = of;
  const declared = {
    id,
    apiVersion,
    source,
    hash,
    replicated,
    namespaced,
    get object() {
      decoded += 1;
      return of.object;
    },
  };
  return { declared, decoded: () => decoded };
}

const declared = (object: KubeObject): DesiredObject =>
  declare(inNamespace(object), { file: `${String(object.metadata["name"])}.yaml`, line: 1, index: 0 });

test.each([
  ["in sync", configMap("a", { size: "1" }), "in-sync"],
  ["drifted", configMap("a", { size: "2" }), "drifted"],
])("one judgement decodes each side once: %s", async (_, edited, verdict) => {
  const { declared: desired, decoded } = counted(configMap("a", { size: "1" }));
  const { engine, live, quiet, stop } = await open([desired]);
  const before = { live: live.decoded, desired: decoded() };
  live.write(inNamespace(edited));
  if (verdict === "in-sync") engine.recheck(idIn(edited));
  await quiet();
  expect(engine.judgement(shop.key, idIn(edited))?.verdict.kind).toBe(verdict);
  expect({ live: live.decoded - before.live, desired: decoded() - before.desired }).toEqual({ live: 1, desired: 1 });
  await stop();
});

test("what is in sync with nothing else to say shares what it says", async () => {
  const names = ["a", "b"];
  const { engine, stop } = await open(names.map((name) => declared(configMap(name, { size: "1" }))));
  const [one, other] = names.map((name) => engine.judgement(shop.key, idIn(configMap(name, {}))));
  expect(one?.verdict.kind).toBe("in-sync");
  for (const part of ["verdict", "suppressed", "warnings", "health", "revision"] as const)
    expect(one?.[part], part).toBe(other?.[part]);
  await stop();
});

test("a schema concerns the kinds of its document, one kind, or all", async () => {
  const objects = [...["a", "b", "c"].map((name) => configMap(name, {})), deployment("web", 1)];
  const { engine, quiet, stop } = await open(objects.map(declared));
  const queued = async (kinds?: Parameters<typeof engine.schemaChanged>[0]): Promise<number> => {
    engine.schemaChanged(kinds);
    const depth = engine.queueDepth();
    await quiet();
    return depth;
  };
  expect(await queued({ group: "apps", version: "v1" })).toBe(1);
  expect(await queued({ group: "apps", version: "v2" })).toBe(0);
  expect(await queued({ group: "", kind: "ConfigMap" })).toBe(3);
  expect(await queued({ group: "", kind: "Secret" })).toBe(0);
  expect(await queued()).toBe(4);
  await stop();
});

test("what is watched is told where it is, and namespaces by their labels alone until one is declared", async () => {
  const { engine, live, quiet, stop } = await open([
    declared(configMap("a", {})),
    declared(configMap("b", {}, "other")),
  ]);
  const told = (kind: string): WatchedKind | undefined => live.kinds.find((one) => one.kind === kind);
  expect(told("ConfigMap")?.namespaces?.toSorted()).toEqual(["other", "shop"]);
  expect(told("ConfigMap")).not.toHaveProperty("only");
  expect(told("Namespace")).toMatchObject({ only: "metadata" });
  const objects = [declared(configMap("a", {})), declared(namespace("shop", {}))];
  engine.sourceOutcome(shop.key, {
    kind: "rendered",
    snapshot: { revision: { ref: "main", commit: "2".repeat(40) }, objects, problems: [], fetchedAt: 0 },
  });
  await quiet();
  expect(told("Namespace")).not.toHaveProperty("only");
  await stop();
});

test("a kind is watched as soon as the Baseline may see it, without another commit", async () => {
  let answer: true | "no" = "no";
  const tenant = baseline("tenant", { namespace: "team", serviceAccountName: "reader", targetNamespace: "shop" });
  const maySee: TenancyPort["maySee"] = () =>
    answer === "no" ? { code: "outside-tenancy", message: "it may not" } : true;
  const { engine, live, quiet, stop } = await open([declared(configMap("a", {}))], maySee, tenant);
  expect(live.watchedKinds()).toEqual(["v1/Namespace"]);
  answer = true;
  engine.recheckBaseline(tenant.key);
  await quiet();
  expect(live.watchedKinds()).toEqual(["v1/ConfigMap", "v1/Namespace"]);
  expect(engine.judgement(tenant.key, idIn(configMap("a", {})))?.verdict.kind).toBe("in-sync");
  await stop();
});
