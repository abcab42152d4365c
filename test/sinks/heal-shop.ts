/** Several objects of built-in kinds under one Baseline, watched and judged as the engine would, for the heals' tests. */
import { readBuiltInSchema } from "../../src/cli/schema-files.ts";
import { noFacts, type Facts } from "../../src/compare/facts.ts";
import { createSchemaIndex } from "../../src/compare/schema-index.ts";
import { annotations } from "../../src/model/annotations.ts";
import type { Baseline, RemediationSettings } from "../../src/model/baseline.ts";
import { declare } from "../../src/model/desired.ts";
import { isObject, type JsonObject } from "../../src/model/json.ts";
import type { HealthState, LiveView } from "../../src/model/live.ts";
import type { Problem } from "../../src/model/problem.ts";
import { idKey, idOf, type KubeObject, type ResourceId } from "../../src/model/resource.ts";
import type { DesiredObject } from "../../src/model/snapshot.ts";
import { decide, type DecideInput } from "../../src/verdict/decide.ts";
import { startHealing, type Healing, type HealingOptions } from "./heal-world.ts";
import { baselineOf, judgementOf, stateOf } from "./sink-fixtures.ts";
import { createWorld, type World } from "./sink-world.ts";

const schemas = createSchemaIndex();
for (const [groupVersion, document] of readBuiltInSchema().documents) schemas.addOpenApi(groupVersion, document);
const notServed: Problem = { code: "kind-not-served", message: "no" };

export interface Shop extends World {
  readonly healing: Healing;
  readonly baseline: () => Baseline;
  settle(over: Partial<RemediationSettings>): void;
  /** By annotation of the Baseline. */
  say(over: Partial<Baseline>): void;
  facts: Facts;
  /** Git declares it, and it runs so. */
  declare(object: JsonObject): ResourceId;
  /** Git does not declare it any more. */
  drop(id: ResourceId): void;
  live(id: ResourceId): KubeObject | undefined;
  /** By somebody else. */
  put(id: ResourceId, change: (object: KubeObject) => KubeObject): void;
  vanish(id: ResourceId): void;
  /** What the watch brings is judged, in this order, and told; everything that follows at once has happened. */
  watch(...ids: readonly ResourceId[]): Promise<void>;
  /** The process is gone with all it remembered; another one starts. */
  restart(): Promise<void>;
  health: HealthState;
  /** Who is on record for a ConfigMap's colour. */
  editor: string | undefined;
  /** Who is on record for other keys of a ConfigMap. */
  readonly editors: Map<string, string>;
}

export const configMap = (name: string, rest: JsonObject = { data: { colour: "green" } }): JsonObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "shop" },
  ...rest,
});

export function openShop(options: HealingOptions = {}): Shop {
  let world = createWorld();
  let healing = startHealing(world, options);
  let baseline = baselineOf({ mode: "Remediate" });
  world.engine.put(stateOf({ baseline }));
  const declared = new Map<string, DesiredObject>();
  const previous = new Map<string, DesiredObject>();
  const dropped = new Map<string, DesiredObject | undefined>();
  /** What the watch brought last. */
  const seen = new Map<string, LiveView>();

  const refOf = (id: ResourceId) => ({
    kind: { group: id.group, version: "v1", kind: id.kind },
    namespace: id.namespace,
    name: id.name,
  });
  const live = (id: ResourceId): KubeObject | undefined => world.api.find(refOf(id));

  const ownership = (): string => {
    const { editor, editors } = shop;
    const all = [...(editor === undefined ? [] : [["colour", editor] as const]), ...editors];
    if (all.length === 0) return "";
    const rest = { operation: "Update", apiVersion: "v1", time: "2026-01-01T00:00:00Z", fieldsType: "FieldsV1" };
    const entries = all.map(([name, manager]) => ({
      manager,
      ...rest,
      fieldsV1: { "f:data": { [`f:${name}`]: {} } },
    }));
    return JSON.stringify(entries);
  };
  const viewOf = (id: ResourceId): LiveView => {
    const object = live(id);
    if (object === undefined) return { state: "absent" };
    const { uid, resourceVersion } = object.metadata;
    const health = { state: shop.health };
    const receivedAt = world.clock.now();
    const found = { object, uid: String(uid), resourceVersion: String(resourceVersion), managedFields: ownership() };
    return { state: "present", live: { ...found, health, receivedAt } };
  };
  const inputOf = (id: ResourceId): DecideInput => ({
    baseline,
    id,
    version: "v1",
    desired: declared.get(idKey(id)),
    previous: previous.get(idKey(id)),
    lastDeclared: dropped.get(idKey(id)),
    live: seen.get(idKey(id)) ?? viewOf(id),
    schema: schemas.schemaFor({ group: id.group, version: "v1", kind: id.kind }) ?? notServed,
    facts: shop.facts,
    seenLive: true,
    changedAt: 0,
    snapshotComplete: true,
    now: world.clock.now(),
  });
  const look = (id: ResourceId): void => {
    seen.set(idKey(id), viewOf(id));
    const input = inputOf(id);
    const { verdict } = decide(input);
    if (verdict.kind === "in-sync" && input.desired !== undefined) previous.set(idKey(id), input.desired);
    const { uid: _uid, desiredHash: _hash, ...plain } = judgementOf(verdict, { id, health: { state: shop.health } });
    const judgement = {
      ...plain,
      ...(input.desired === undefined ? {} : { desiredHash: input.desired.hash }),
      ...(input.live.state === "present" ? { uid: input.live.live.uid } : {}),
      firstObserved: world.clock.now(),
    };
    healing.sink.transition(world.engine.judge(judgement, world.clock.now()));
  };
  const readNow = (): void => {
    world.engine.inputOf = (_, id) => inputOf(id);
  };
  readNow();

  const shop: Shop = {
    get clock() {
      return world.clock;
    },
    get api() {
      return world.api;
    },
    get engine() {
      return world.engine;
    },
    get rate() {
      return world.rate;
    },
    get log() {
      return world.log;
    },
    get leader() {
      return world.leader;
    },
    set leader(value) {
      world.leader = value;
    },
    isLeader: () => world.leader,
    start: (sink) => world.start(sink),
    stop: () => world.stop(),
    get healing() {
      return healing;
    },
    baseline: () => baseline,
    health: "healthy",
    editor: undefined,
    facts: noFacts,
    editors: new Map(),
    say(over) {
      baseline = { ...baseline, ...over };
      world.engine.put(stateOf({ baseline }));
      healing.sink.stateChanged(baseline.key);
    },
    settle(over) {
      const remediation = { ...baseline.remediation, ...over };
      baseline = { ...baseline, generation: baseline.generation + 1, remediation };
      world.engine.put(stateOf({ baseline }));
    },
    declare(object) {
      const metadata = isObject(object["metadata"]) ? object["metadata"] : {};
      const marks = isObject(metadata["annotations"]) ? metadata["annotations"] : {};
      const asked = { ...metadata, annotations: { [annotations.remediate]: "enabled", ...marks } };
      const desired = declare({ ...object, metadata: asked } as unknown as KubeObject, {
        file: "a.yaml",
        line: 1,
        index: 0,
      });
      const id = idOf(desired.object);
      declared.set(idKey(id), desired);
      previous.set(idKey(id), desired);
      world.api.put(desired.object);
      return id;
    },
    drop(id) {
      dropped.set(idKey(id), declared.get(idKey(id)));
      declared.delete(idKey(id));
    },
    live,
    put(id, change) {
      const object = live(id) ?? declared.get(idKey(id))?.object;
      if (object !== undefined) world.api.put(change(object));
    },
    vanish(id) {
      world.api.objects.delete(`${id.group}/${id.kind}/${id.namespace}/${id.name}`);
    },
    async watch(...ids) {
      for (const id of ids) look(id);
      await world.clock.advance(0);
    },
    async restart() {
      const before = world;
      await before.stop();
      const next = createWorld();
      for (const [key, object] of before.api.objects) next.api.objects.set(key, object);
      world = next;
      readNow();
      world.engine.put(stateOf({ baseline }));
      healing = startHealing(world, options);
    },
  };
  return shop;
}
