/**
 * Somebody sets the clock while remediation is at work. What people named a time for (pauses) follows the clock they
 * read; what is counted in durations (limits, pauses between attempts, fights) does not notice.
 */
import { afterEach, beforeEach, expect, test } from "vitest";
import { annotations } from "../../src/model/annotations.ts";
import { getIn, isObject, type JsonObject } from "../../src/model/json.ts";
import type { KubeObject, ResourceId } from "../../src/model/resource.ts";
import { configMap, openShop, type Shop } from "./heal-shop.ts";
import { refusal } from "./memory-api.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

let shop: Shop;

beforeEach(() => {
  shop = openShop();
});

afterEach(() => shop.stop());

const colour = (id: ResourceId) => getIn(shop.live(id), "data", "colour");
const writes = (): number => shop.api.writes("ConfigMap").length;

async function drift(id: ResourceId, marks: JsonObject = {}): Promise<void> {
  shop.put(id, (object) => {
    const old = object.metadata["annotations"];
    const metadata = { ...object.metadata, annotations: { ...(isObject(old) ? old : {}), ...marks } };
    return { ...object, metadata, data: { colour: "red" } } as KubeObject;
  });
  await shop.watch(id);
}

const inAnHour = (): JsonObject => ({
  [annotations.pauseUntil]: new Date(shop.clock.now() + hour).toISOString(),
});

test("set forward over the end of a pause: it is put back at the next look, a minute later at most", async () => {
  const id = shop.declare(configMap("web"));
  await drift(id, inAnHour());
  shop.clock.jump(2 * hour);
  await shop.clock.advance(minute);
  expect(colour(id)).toBe("green");
});

test("set back before the end of a pause: nothing is written until it is over again", async () => {
  const id = shop.declare(configMap("web"));
  const pause = inAnHour();
  await shop.clock.advance(hour + minute);
  shop.clock.jump(-hour);
  await drift(id, pause);
  await shop.clock.advance(30 * minute);
  expect(writes()).toBe(0);
  await shop.clock.advance(31 * minute);
  expect(colour(id)).toBe("green");
});

test.each([
  ["forward by a day", day],
  ["back by a day", -day],
])("set %s: a limit for each minute is a limit for each minute", async (_, jump) => {
  shop.settle({ maxPerMinute: 2 });
  const ids = ["a", "b", "c"].map((name) => shop.declare(configMap(name)));
  for (const id of ids) await drift(id);
  expect(writes()).toBe(2);
  shop.clock.jump(jump);
  await shop.clock.advance(minute / 2);
  expect(writes()).toBe(2);
  await shop.clock.advance(minute);
  expect(ids.map(colour)).toEqual(["green", "green", "green"]);
});

test.each([
  ["forward by a day", day],
  ["back by a day", -day],
])("set %s: what the server refuses is tried no sooner, and goes on", async (_, jump) => {
  const id = shop.declare(configMap("web"));
  shop.settle({ retries: 10 });
  shop.api.refusals.push(({ verb }) => (verb === "patch" ? refusal(422, "Invalid", "no") : undefined));
  await drift(id);
  await shop.clock.advance(10_000);
  const before = writes();
  shop.clock.jump(jump);
  await shop.clock.advance(500);
  expect(writes()).toBeLessThanOrEqual(before + 1);
  shop.api.refusals.length = 0;
  await shop.clock.advance(2 * minute);
  expect(colour(id)).toBe("green");
});

test.each([
  ["forward by a day", day],
  ["back by a day", -day],
])("set %s: a fight that was broken off stays so", async (_, jump) => {
  const id = shop.declare(configMap("web"));
  for (let turn = 0; turn < 8; turn++) {
    await drift(id);
    await shop.watch(id);
    await shop.clock.advance(1_000);
  }
  await drift(id);
  await shop.clock.advance(1_000);
  expect(shop.healing.ledger.stateOf(shop.baseline().key, id)).toMatchObject({ waitingFor: "fight" });
  const before = writes();
  shop.clock.jump(jump);
  await shop.watch(id);
  await shop.clock.advance(minute);
  expect(writes()).toBe(before);
  expect(colour(id)).toBe("red");
});
