/** Others who write after each of our writes, under any name: how often it is put back, and what is said then. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { getIn, isObject } from "../../src/model/json.ts";
import type { KubeObject, ResourceId } from "../../src/model/resource.ts";
import { configMap, openShop, type Shop } from "./heal-shop.ts";

let shop: Shop;
let id: ResourceId;

beforeEach(() => {
  shop = openShop();
  id = shop.declare(configMap("web"));
});
afterEach(() => shop.stop());

const paint = (colour: string) => (object: KubeObject) => ({ ...object, data: { colour } }) as KubeObject;
const writes = (): number => shop.api.writes("ConfigMap").length;
const state = () => shop.healing.ledger.stateOf(shop.baseline().key, id);

test("somebody under our own name moves a path back each time: three writes, and then it stands down", async () => {
  shop.editor = "plumbline";
  for (let round = 0; round < 6; round += 1) {
    shop.put(id, paint(`red ${round}`));
    await shop.watch(id);
    await shop.clock.advance(1_000);
    await shop.watch(id);
    await shop.clock.advance(1_000);
  }
  expect(writes()).toBe(3);
  const managers = ["plumbline (not this process)"];
  expect(state()).toMatchObject({
    state: "waiting",
    waitingFor: "fight",
    contested: { managers, paths: [".data.colour"] },
  });
  expect(shop.healing.told.filter(({ reason }) => reason === "FightDetected")).toMatchObject([
    { note: expect.stringContaining("plumbline and plumbline (not this process) contest .data.colour") },
  ]);
});

const dataOf = (object: KubeObject) => {
  const data = getIn(object, "data");
  return isObject(data) ? data : {};
};
/** Somebody sets a key that nobody declared. */
const stamp = (key: string, manager: string): void => {
  shop.editors.set(key, manager);
  shop.put(id, (object) => ({ ...object, data: { ...dataOf(object), [key]: "now" } }) as KubeObject);
};
const failures = () => shop.healing.told.filter(({ reason }) => reason === "RemediationFailed");

/** A webhook: whatever is written gets another key, under the name of whoever writes. */
function stampEachWrite(mutate: () => void): void {
  const { patch } = shop.api;
  shop.api.patch = async (...args) => {
    const answer = await patch.apply(shop.api, args);
    const isHeal = args[0].kind.kind === "ConfigMap" && args[2]?.dryRun !== true;
    if (!answer.ok || !isHeal) return answer;
    mutate();
    const body = shop.live(id);
    return body === undefined ? answer : { ...answer, body };
  };
}

async function untilQuiet(minutes = 10): Promise<void> {
  for (let look = 0; look < minutes * 12; look += 1) {
    await shop.watch(id);
    await shop.clock.advance(5_000);
  }
}

test("a webhook that adds another key to each write: tried as often as allowed, told with its name, left alone", async () => {
  await shop.stop();
  shop = openShop({ mutatorsOf: () => ["MutatingWebhookConfiguration stamper"] });
  id = shop.declare(configMap("web"));
  shop.settle({ retries: 2 });
  let stamps = 0;
  stampEachWrite(() => stamp(`stamp-${(stamps += 1)}`, "plumbline"));
  shop.editor = "kubectl-edit";
  shop.put(id, paint("red"));
  await untilQuiet();
  expect(writes()).toBe(3);
  expect(state()).toMatchObject({ state: "failed", message: expect.stringContaining("stamper") });
  expect(failures()).toHaveLength(1);
  // What a person does then is another drift: put back, and bounded again.
  shop.put(id, (object) => ({ ...object, data: { ...dataOf(object), colour: "blue" } }) as KubeObject);
  await untilQuiet();
  expect(writes()).toBe(6);
});

test("a webhook that takes away something else with each write, which nobody is on record for: the same", async () => {
  shop.settle({ retries: 2 });
  id = shop.declare(configMap("many", { data: { colour: "green", a: "1", b: "1", c: "1", d: "1", e: "1" } }));
  const keys = ["a", "b", "c", "d", "e"];
  stampEachWrite(() => {
    const gone = keys.shift() ?? "";
    shop.put(id, (object) => {
      const { [gone]: _gone, ...data } = dataOf(object);
      return { ...object, data } as KubeObject;
    });
  });
  shop.put(id, (object) => ({ ...object, data: { ...dataOf(object), colour: "red" } }) as KubeObject);
  await untilQuiet();
  expect(writes()).toBe(3);
  expect(state()?.state).toBe("failed");
});

test("a controller that sets another key right after each write: a fight at ten, whatever the paths", async () => {
  for (let round = 0; round < 30; round += 1) {
    stamp(`stamp-${round}`, "stamper");
    await shop.watch(id);
    await shop.clock.advance(100);
    await shop.watch(id);
    await shop.clock.advance(1_000);
  }
  expect(writes()).toBe(10);
  expect(state()).toMatchObject({ state: "waiting", waitingFor: "fight", contested: { managers: ["stamper"] } });
});

test("the same where writes are few: how soon it is moved again counts, not how soon it is put back", async () => {
  shop.settle({ maxPerMinute: 2 });
  for (let second = 0; second < 600; second += 1) {
    if (Object.keys(dataOf(shop.live(id) as KubeObject)).length === 1) stamp(`stamp-${second}`, "stamper");
    await shop.watch(id);
    await shop.clock.advance(1_000);
    await shop.watch(id);
  }
  expect(writes()).toBe(10);
});

test("people who edit other fields are no fight: five at once, or one who takes a while for each", async () => {
  for (const [round, person] of ["ada", "ben", "cleo", "dan", "eve"].entries()) {
    stamp(`field-${round}`, person);
    await shop.watch(id);
    await shop.watch(id);
  }
  expect(writes()).toBe(5);
  for (let round = 0; round < 25; round += 1) {
    await shop.clock.advance(20_000);
    stamp(`other-${round}`, "kubectl-edit");
    await shop.watch(id);
    await shop.watch(id);
  }
  expect(writes()).toBe(30);
  expect(shop.healing.told.map(({ reason }) => reason)).not.toContain("FightDetected");
  expect(failures()).toEqual([]);
});
