/** What goes wrong around a heal: refusals, races, admission, limits and clocks. No double effect, no loss, a clear reason. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { getIn, type JsonObject } from "../../src/model/json.ts";
import type { KubeObject, ResourceId } from "../../src/model/resource.ts";
import { configMap, openShop, type Shop } from "./heal-shop.ts";
import { refusal, type Call } from "./memory-api.ts";

let shop: Shop;
let id: ResourceId;

const paint = (colour: string) => (object: KubeObject) => ({ ...object, data: { colour } }) as KubeObject;
const colour = (of: ResourceId = id) => getIn(shop.live(of), "data", "colour");
const state = (of: ResourceId = id) => shop.healing.ledger.stateOf(shop.baseline().key, of);
const reasons = (): readonly string[] => shop.healing.told.map(({ reason }) => reason);
const writes = (): readonly string[] =>
  shop.api.writes().map(({ verb, ref }) => `${verb} ${ref.kind.kind} ${ref.name}`);

beforeEach(() => {
  shop = openShop({ mutatorsOf: () => ["MutatingWebhookConfiguration painter"] });
  id = shop.declare(configMap("web"));
});

afterEach(() => shop.stop());

async function drift(): Promise<void> {
  shop.put(id, paint("red"));
  await shop.watch(id);
}

test.each([
  ["a field is refused, with its name", 422, 'data: Invalid value: "green": no', "denied", "no"],
  [
    "admission denies it, with its words",
    403,
    'admission webhook "w.example" denied the request: not today',
    "denied",
    "not today",
  ],
  [
    "a webhook denies it with a status of its own",
    400,
    'admission webhook "w.example" denied the request: odd',
    "denied",
    "odd",
  ],
  ["the object is too large", 413, "Request entity too large: limit is 3145728", "failed", "too large"],
] as const)("where %s: tried a few times, told once, nothing stored", async (_, status, message, result, words) => {
  shop.settle({ retries: 2 });
  shop.api.refusals.push((call) => (call.verb === "patch" ? refusal(status, "Refused", message) : undefined));
  await drift();
  await shop.clock.advance(600_000);
  expect(shop.healing.results).toEqual([result, result, result]);
  expect(reasons()).toEqual(["RemediationFailed"]);
  expect(state()).toMatchObject({ state: "failed", attempts: 3, lastResult: result });
  expect(state()?.message).toContain(words);
  expect(colour()).toBe("red");
});

test("a new revision starts the attempts over", async () => {
  shop.settle({ retries: 0 });
  shop.api.refusals.push((call) => (call.verb === "patch" ? refusal(422, "Invalid", "no") : undefined));
  await drift();
  await shop.clock.advance(60_000);
  expect(shop.healing.results).toEqual(["denied"]);
  const [before] = shop.engine.states();
  if (before?.source.revision === undefined) throw new Error("no revision");
  const revision = { ...before.source.revision, commit: "e".repeat(40) };
  shop.api.refusals.length = 0;
  shop.engine.put({ ...before, source: { ...before.source, revision } });
  const judged = shop.engine.judgement(shop.baseline().key, id);
  if (judged === undefined) throw new Error("not judged");
  shop.engine.judge({ ...judged, revision }, shop.clock.now());
  shop.healing.sink.stateChanged(shop.baseline().key);
  await shop.clock.advance(1_000);
  expect(shop.healing.results).toEqual(["denied", "applied"]);
});

test("an object that somebody else deleted and made again is not written by what was planned for the one before", async () => {
  shop.put(id, paint("red"));
  shop.api.refusals.push((call) => {
    // Between the look and the write.
    if (call.verb !== "patch") return undefined;
    shop.api.refusals.length = 0;
    shop.vanish(id);
    shop.put(id, paint("blue"));
    return undefined;
  });
  await shop.watch(id);
  expect([colour(), shop.healing.results]).toEqual(["blue", ["conflict"]]);
  await shop.watch(id);
  expect([colour(), shop.healing.results]).toEqual(["green", ["conflict", "applied"]]);
});

test("one that is gone when the write comes is judged again, not failed", async () => {
  shop.api.refusals.push((call) => {
    if (call.verb !== "patch") return undefined;
    shop.vanish(id);
    return { ...refusal(404, "NotFound"), details: { name: "web", kind: "configmaps" } };
  });
  await drift();
  expect(shop.healing.results).toEqual(["conflict"]);
  shop.api.refusals.length = 0;
  await shop.watch(id);
  expect([colour(), reasons()]).toEqual(["green", ["Remediated"]]);
});

test("what admission puts back within our own write is no success: the path and the mutator are named", async () => {
  shop.settle({ retries: 1 });
  const undo = (call: Call) => {
    const operations = call.patch?.type === "json" ? call.patch.operations : [];
    const stays: JsonObject = { op: "replace", path: "/data/colour", value: "red" };
    const stamped: JsonObject = { op: "add", path: "/metadata/generation", value: shop.clock.now() };
    // As a webhook that is asked last, on a server that counts each write.
    if (call.verb === "patch") (operations as JsonObject[]).push(stays, stamped);
    return undefined;
  };
  shop.api.refusals.push(undo);
  await drift();
  await shop.watch(id);
  await shop.clock.advance(600_000);
  expect(new Set(shop.healing.results)).toEqual(new Set(["noop"]));
  expect(state()?.message).toBe(
    "admission changed it back: .data.colour (what may act on it: MutatingWebhookConfiguration painter)",
  );
  expect(reasons()).not.toContain("Remediated");
});

test("a write that the server took and whose answer was lost is not sent again", async () => {
  shop.api.refusals.push((call) => {
    if (call.verb !== "patch") return undefined;
    shop.put(id, paint("green"));
    return refusal(0, "Unreachable");
  });
  await drift();
  await shop.watch(id);
  await shop.clock.advance(600_000);
  expect(writes()).toEqual(["patch ConfigMap web"]);
});

test("limits go by the clock that nobody can set", async () => {
  shop.settle({ maxPerMinute: 1 });
  await drift();
  await shop.watch(id);
  const wall = shop.clock.now.bind(shop.clock);
  for (const hours of [48, -48]) {
    shop.clock.now = () => wall() + hours * 3_600_000;
    shop.put(id, paint("red"));
    await shop.watch(id);
    await shop.clock.advance(20_000);
    expect([writes().length, state()?.waitingFor]).toEqual([1, "limit"]);
  }
  await shop.clock.advance(61_000);
  await shop.watch(id);
  expect(colour()).toBe("green");
});

test("what others need goes first, whatever comes first", async () => {
  const account = shop.declare({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "web", namespace: "shop" },
  });
  const space = shop.declare({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
  shop.settle({ approval: "Never" });
  for (const one of [id, account, space]) shop.vanish(one);
  await shop.watch(id, account, space);
  await shop.clock.advance(1_000);
  expect(writes()).toEqual(["create Namespace shop", "create ServiceAccount web", "create ConfigMap web"]);
});

test("a thousand that drift at once are put back once each, as fast as the limit lets them", async () => {
  shop.settle({ approval: "Never", maxPerMinute: 600, maxObjectsPerRevision: 10_000 });
  const ids = Array.from({ length: 1_000 }, (_, at) => shop.declare(configMap(`web-${at}`)));
  for (const one of ids) shop.put(one, paint("red"));
  await shop.watch(...ids);
  expect(writes()).toHaveLength(600);
  await shop.watch(...ids);
  await shop.clock.advance(61_000);
  await shop.watch(...ids);
  await shop.clock.advance(600_000);
  expect(new Set(writes()).size).toBe(1_000);
  expect(writes()).toHaveLength(1_000);
});

test("many at once are of high risk, and say how many", async () => {
  const ids = Array.from({ length: 10 }, (_, at) => shop.declare(configMap(`web-${at}`)));
  for (const one of ids) shop.put(one, paint("red"));
  // All of them are judged before the first is looked at.
  shop.leader = false;
  await shop.watch(...ids);
  shop.leader = true;
  shop.healing.sink.leading();
  await shop.clock.advance(1_000);
  expect(writes()).toEqual([]);
  const [first = id] = ids;
  expect(state(first)).toMatchObject({ state: "waiting", waitingFor: "approval" });
  expect(state(first)?.message).toContain("10 of 10 objects");
});

test("the managers are named where it is told, and every act is on record", async () => {
  shop.editor = "kubectl-edit";
  await drift();
  expect(shop.healing.told[0]?.note).toBe("ConfigMap shop/web was put back: .data.colour, moved by kubectl-edit");
  await shop.watch(id);
  expect(shop.healing.evidence.map(({ kind, result }) => `${kind} ${result}`)).toEqual([
    "decision do",
    "attempt applied",
    "resolved plumbline",
  ]);
  const [decision, attempt] = shop.healing.evidence;
  expect(decision).toMatchObject({
    asked: "git annotation",
    plan: { kind: "patch", operations: ["replace /data/colour"] },
  });
  expect(attempt).toMatchObject({ asked: "git annotation", contentHash: "h1", desiredHash: "h1", before: "10" });
  expect(attempt?.after).toBe(shop.live(id)?.metadata["resourceVersion"]);
});

test("what somebody else puts right is somebody else's", async () => {
  shop.settle({ approval: "Always" });
  await drift();
  // Looked at many times, decided once.
  await shop.clock.advance(600_000);
  shop.put(id, paint("green"));
  await shop.watch(id);
  expect(shop.healing.evidence.map(({ kind, result }) => `${kind} ${result}`)).toEqual([
    "decision wait approval",
    "resolved other",
  ]);
});

test("what was put back, moved again, and then put right by somebody else is not ours", async () => {
  await drift();
  shop.settle({ approval: "Always" });
  shop.put(id, paint("blue"));
  await shop.watch(id);
  shop.put(id, paint("green"));
  await shop.watch(id);
  expect(writes()).toHaveLength(1);
  expect(shop.healing.evidence.at(-1)).toMatchObject({ kind: "resolved", result: "other" });
});

test("a revision that nobody vouches for is not written from; while Git is asked, nothing is said", async () => {
  const [before] = shop.engine.states();
  if (before === undefined) throw new Error("no state");
  const guard = { reason: "Rewritten", commit: "e".repeat(40), message: "it was rewritten" } as const;
  shop.engine.put({ ...before, source: { ...before.source, guard: { ...guard, asking: true } } });
  await drift();
  await shop.clock.advance(1_000);
  expect([writes(), state(), reasons()]).toEqual([[], undefined, []]);
  shop.engine.put({ ...before, source: { ...before.source, guard } });
  shop.healing.sink.stateChanged(shop.baseline().key);
  await shop.clock.advance(1_000);
  expect([writes(), state()?.waitingFor, reasons()]).toEqual([[], "approval", ["RemediationWaiting"]]);
  shop.engine.put(before);
  shop.healing.sink.stateChanged(shop.baseline().key);
  await shop.clock.advance(0);
  expect(colour()).toBe("green");
});
