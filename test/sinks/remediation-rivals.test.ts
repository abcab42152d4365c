/** Others who write after each of our writes, under any name: how often it is put back, and what is said then. */
import { afterEach, beforeEach, expect, test } from "vitest";
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
