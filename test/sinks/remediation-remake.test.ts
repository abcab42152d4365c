/** What takes more than one request, or ends an object: recreation and pruning, and the rehearsal before them. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { JsonObject } from "../../src/model/json.ts";
import type { KubeObject, ResourceId } from "../../src/model/resource.ts";
import { hashOfPlan } from "../../src/verdict/heal-plan.ts";
import { configMap, openShop, type Shop } from "./heal-shop.ts";
import type { HealingOptions } from "./heal-world.ts";
import { refusal } from "./memory-api.ts";

let shop: Shop;
let id: ResourceId;
let answer: Awaited<ReturnType<NonNullable<HealingOptions["ask"]>>> | undefined;
let asked: number;
let isRecorded: boolean;
let recorded: string[];

const sealed = (colour: string): JsonObject => ({ immutable: true, data: { colour } });
const repaint = (colour: string) => (object: KubeObject) => ({ ...object, ...sealed(colour) }) as KubeObject;
const verbs = (): readonly string[] => shop.api.writes().map(({ verb }) => verb);
const reasons = (): readonly string[] => shop.healing.told.map(({ reason }) => reason);
const state = () => shop.healing.ledger.stateOf(shop.baseline().key, id);

beforeEach(() => {
  answer = undefined;
  asked = 0;
  isRecorded = true;
  recorded = [];
  shop = openShop({
    hashOf: (input, plan) => hashOfPlan(input, Buffer.alloc(32), plan),
    recordNow(key, of) {
      const owed = shop.healing.ledger.stateOf(key, of)?.owed;
      recorded.push(`${shop.live(of) === undefined ? "absent" : "present"}, ${owed === undefined ? "-" : "owed"}`);
      return Promise.resolve(isRecorded);
    },
    ask(question) {
      asked += 1;
      return Promise.resolve(answer ?? { ok: true, object: question.desired });
    },
  });
  shop.settle({ recreate: true, prune: true, causes: ["live-edit", "deletion", "dropped-from-git"] });
  id = shop.declare(configMap("web", sealed("green")));
});

afterEach(() => shop.stop());

async function driftSealed(): Promise<string> {
  shop.put(id, repaint("red"));
  const before = String(shop.live(id)?.metadata["resourceVersion"]);
  await shop.watch(id);
  return before;
}

test("what cannot be changed is deleted at the version judged, and made anew when it is gone", async () => {
  shop.healing.approved = true;
  const uid = shop.live(id)?.metadata["uid"];
  const version = await driftSealed();
  const [first] = shop.api.writes();
  expect(first).toMatchObject({
    verb: "remove",
    preconditions: { uid, resourceVersion: version },
    options: { propagation: "Background" },
  });
  expect(state()).toMatchObject({ state: "retrying", message: expect.stringContaining("made anew") });
  // Not before the watch has shown that it is gone.
  await shop.clock.advance(60_000);
  expect(verbs()).toEqual(["remove"]);
  await shop.watch(id);
  expect(verbs()).toEqual(["remove", "create"]);
  expect(shop.live(id)?.["data"]).toEqual({ colour: "green" });
  await shop.watch(id);
  await shop.clock.advance(600_000);
  expect(verbs()).toEqual(["remove", "create"]);
  expect(shop.healing.results).toEqual(["applied"]);
  expect(reasons()).toEqual(["Remediated"]);
  expect(shop.healing.told[0]?.note).toContain("made anew");
});

test("finalizers are waited for, not forced", async () => {
  shop.healing.approved = true;
  shop.put(id, (object) => ({ ...object, metadata: { ...object.metadata, finalizers: ["example.com/hold"] } }));
  await driftSealed();
  await shop.watch(id);
  await shop.clock.advance(600_000);
  expect(verbs()).toEqual(["remove"]);
  expect(state()?.message).toContain("as soon as it is gone");
  shop.vanish(id);
  await shop.watch(id);
  expect(verbs()).toEqual(["remove", "create"]);
});

test("without leave nothing is deleted: it waits for approval, and not at all where recreate is off", async () => {
  await driftSealed();
  expect([verbs(), state()?.waitingFor]).toEqual([[], "approval"]);
  shop.settle({ recreate: false });
  shop.healing.sink.stateChanged(shop.baseline().key);
  await shop.clock.advance(60_000);
  expect([verbs(), state()?.state]).toEqual([[], "not-allowed"]);
});

test("what is approved is done at once", async () => {
  await driftSealed();
  shop.healing.approved = true;
  shop.healing.sink.approvalChanged(shop.baseline().key, id);
  await shop.clock.advance(0);
  expect(verbs()).toEqual(["remove"]);
});

test("a crash between the two halves loses nothing: what is missing is made by whoever starts next", async () => {
  shop.healing.approved = true;
  await driftSealed();
  expect(shop.live(id)).toBeUndefined();
  await shop.restart();
  await shop.watch(id);
  expect(verbs()).toEqual(["create"]);
  expect(shop.live(id)?.["data"]).toEqual({ colour: "green" });
});

test("the second half is owed: neither an approval nor a limit is asked for again", async () => {
  shop.settle({ approval: "Always", maxPerMinute: 1 });
  shop.healing.approved = true;
  await driftSealed();
  shop.healing.approved = false;
  await shop.watch(id);
  expect(verbs()).toEqual(["remove", "create"]);
});

/** The process is gone between the two halves; the next one has nothing but the record. */
async function restart(): Promise<void> {
  const kept = state();
  await shop.restart();
  if (kept !== undefined) shop.healing.ledger.recall(shop.baseline().key, id, kept);
}
const closed = { schedule: "0 2 * * *", duration: 60_000, timeZone: "UTC", kind: "Allow" } as const;

test("a window that closes between the two halves is not waited for: nothing would be in its place", async () => {
  shop.healing.approved = true;
  await driftSealed();
  shop.settle({ windows: [closed] });
  await shop.watch(id);
  expect(verbs()).toEqual(["remove", "create"]);
});

test("it is owed over a restart: neither an approval nor a window is asked for again", async () => {
  shop.settle({ approval: "Always" });
  shop.healing.approved = true;
  await driftSealed();
  shop.settle({ windows: [closed] });
  await restart();
  await shop.watch(id);
  expect(verbs()).toEqual(["create"]);
  expect(shop.live(id)?.["data"]).toEqual({ colour: "green" });
  expect(shop.healing.told.map(({ note }) => note)).toEqual([expect.stringContaining("made anew")]);
});

test("no debt outlives the object that is there again: whoever deletes it later is asked about", async () => {
  shop.settle({ approval: "Always" });
  shop.healing.approved = true;
  await driftSealed();
  await restart();
  shop.put(id, repaint("blue"));
  await shop.watch(id);
  shop.vanish(id);
  await shop.watch(id);
  expect([verbs(), state()?.waitingFor, state()?.owed]).toEqual([[], "approval", undefined]);
});

test("a process that only watches owes nothing once another one has made it anew", async () => {
  shop.settle({ approval: "Always" });
  shop.healing.approved = true;
  await driftSealed();
  await restart();
  shop.leader = false;
  await shop.watch(id);
  shop.put(id, repaint("green"));
  await shop.watch(id);
  shop.vanish(id);
  await shop.watch(id);
  shop.leader = true;
  shop.healing.sink.leading();
  await shop.clock.advance(1_000);
  expect([verbs(), state()?.waitingFor]).toEqual([[], "approval"]);
});

test("what Git says otherwise since is not what was approved", async () => {
  shop.settle({ approval: "Always" });
  shop.healing.approved = true;
  await driftSealed();
  shop.healing.approved = false;
  id = shop.declare(configMap("web", sealed("blue")));
  shop.vanish(id);
  await shop.watch(id);
  expect([verbs(), state()?.waitingFor]).toEqual([["remove"], "approval"]);
});

test("it is on record before it is deleted, and not deleted where it cannot be recorded", async () => {
  shop.healing.approved = true;
  isRecorded = false;
  await driftSealed();
  await shop.clock.advance(1_000);
  expect([verbs(), state()?.owed, recorded]).toEqual([[], undefined, ["present, owed"]]);
  isRecorded = true;
  await shop.clock.advance(10_000);
  expect(recorded.slice(1)).toEqual(["present, owed"]);
  expect(verbs()).toEqual(["remove"]);
});

test("somebody who says stop in between is heard", async () => {
  shop.healing.approved = true;
  await driftSealed();
  shop.engine.put({ ...shop.engine.states()[0]!, baseline: { ...shop.baseline(), mode: "Alert" } });
  await shop.watch(id);
  await shop.clock.advance(60_000);
  expect(verbs()).toEqual(["remove"]);
});

test("somebody who makes it anew between the two is judged, not overwritten", async () => {
  shop.healing.approved = true;
  await driftSealed();
  shop.put(id, repaint("green"));
  await shop.watch(id);
  await shop.clock.advance(60_000);
  expect(verbs()).toEqual(["remove"]);
});

test("a deletion that is refused leaves everything as it is, and is no deletion of ours later on", async () => {
  shop.healing.approved = true;
  shop.settle({ approval: "Always" });
  shop.api.refusals.push((call) =>
    call.verb === "remove" && call.options?.dryRun !== true ? refusal(422, "Invalid", "not now") : undefined,
  );
  await driftSealed();
  expect(shop.live(id)).toBeDefined();
  shop.healing.approved = false;
  shop.vanish(id);
  await shop.watch(id);
  await shop.clock.advance(1_000);
  expect([shop.live(id), state()?.waitingFor]).toEqual([undefined, "approval"]);
});

test("where much is at stake it is rehearsed first: the deletion, and the making anew", async () => {
  shop.healing.approved = true;
  await driftSealed();
  expect(shop.api.dryRuns().map(({ verb }) => verb)).toEqual(["remove"]);
  expect(asked).toBe(1);
});

test("a rehearsal that is refused is told, and nothing is written", async () => {
  shop.healing.approved = true;
  shop.settle({ retries: 1 });
  answer = { ok: false, why: "refused", message: "the API server answered 422 Invalid over data" };
  await driftSealed();
  await shop.clock.advance(600_000);
  expect(verbs()).toEqual([]);
  expect(shop.healing.results).toEqual([]);
  expect(reasons()).toEqual(["RemediationFailed"]);
  expect(state()?.message).toContain("nothing was written");
  expect(state()?.message).toContain("over data");
});

test("who may delete and not create deletes nothing: the right is named and waited for", async () => {
  shop.healing.approved = true;
  answer = { ok: false, why: "no-right", message: "not permitted: create configmaps" };
  await driftSealed();
  await shop.clock.advance(30_000);
  expect([verbs(), state()?.waitingFor]).toEqual([[], "permission"]);
  expect(state()?.message).toContain("create configmaps");
  answer = undefined;
  await shop.clock.advance(120_000);
  expect(verbs()).toEqual(["remove"]);
});

test("an ordinary heal is not rehearsed", async () => {
  const plain = shop.declare(configMap("plain"));
  shop.put(plain, (object) => ({ ...object, data: { colour: "red" } }));
  await shop.watch(plain);
  expect([shop.api.dryRuns().length, verbs()]).toEqual([0, ["patch"]]);
});

test("what Git dropped is deleted where it was declared here before, with its uid and version", async () => {
  shop.healing.approved = true;
  const { uid, resourceVersion } = shop.live(id)?.metadata ?? {};
  shop.drop(id);
  await shop.watch(id);
  expect(shop.api.writes()).toMatchObject([
    { verb: "remove", preconditions: { uid, resourceVersion }, options: { propagation: "Background" } },
  ]);
  expect(shop.healing.told[0]?.note).toContain("was deleted: Git dropped it");
  await shop.watch(id);
  await shop.clock.advance(600_000);
  expect(verbs()).toEqual(["remove"]);
  expect(shop.healing.evidence.map(({ kind, result }) => `${kind} ${result}`)).toContain("resolved plumbline");
  // Names that are made up anew with each commit would be kept for ever.
  expect(shop.healing.ledger.actedSince(shop.baseline().key, id, 0)).toBe(false);
});

test("what is pruned as the Baseline's ServiceAccount is rehearsed and deleted as it", async () => {
  shop.healing.approved = true;
  const [state] = shop.engine.states();
  if (state === undefined) throw new Error("no state");
  const baseline = { ...shop.baseline(), serviceAccountName: "deployer" };
  shop.engine.put({ ...state, baseline });
  const { inputOf } = shop.engine;
  shop.engine.inputOf = (key, of) => {
    const input = inputOf.call(shop.engine, key, of);
    return input === undefined ? undefined : { ...input, baseline };
  };
  shop.drop(id);
  await shop.watch(id);
  const as = { impersonate: { namespace: "shop", serviceAccount: "deployer" } };
  expect([...shop.api.dryRuns(), ...shop.api.writes()].map(({ options }) => options)).toMatchObject([as, as]);
});

test.each([
  ["prune is off", () => shop.settle({ prune: false })],
  ["the cause is not listed", () => shop.settle({ causes: ["live-edit", "deletion"] })],
  ["nobody approved", () => (shop.healing.approved = false)],
])("nothing is deleted where %s", async (_, arrange) => {
  shop.healing.approved = true;
  arrange();
  shop.drop(id);
  await shop.watch(id);
  await shop.clock.advance(120_000);
  expect(verbs()).toEqual([]);
});
