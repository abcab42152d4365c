/** Who may declare an object, who was heard, and who was asked since it was made. */
import { beforeEach, describe, expect, test } from "vitest";
import { BaselineStore, type BaselineRecord } from "../../src/engine/baseline-store.ts";
import { createDeclarers, type Declarers } from "../../src/engine/declarers.ts";
import type { Baseline } from "../../src/model/baseline.ts";
import type { BaselineMemory } from "../../src/model/state.ts";
import { baseline } from "../support/scenario/samples.ts";

const shop = { namespace: "shop" };
const memory: BaselineMemory = { revision: `main@sha1:${"1".repeat(40)}` };

let store: BaselineStore;
let declarers: Declarers;
beforeEach(() => {
  store = new BaselineStore({ platformNamespaces: ["platform"] });
  declarers = createDeclarers(store);
});

function added(changes: Partial<Baseline> = {}, remembered: BaselineMemory = {}): BaselineRecord {
  const record = store.add(baseline(changes.name ?? "one", changes), remembered, 0);
  declarers.consider(record);
  return record;
}

describe("unheard", () => {
  test.each<readonly [string, Partial<Baseline>, BaselineMemory, boolean]>([
    ["a platform's, at first", {}, {}, true],
    ["one that is suspended and never declared anything", { suspend: true }, {}, false],
    ["one that is suspended and did", { suspend: true }, memory, true],
    ["a tenant's, of another namespace", { namespace: "tenant" }, {}, false],
    ["a tenant's, of its own", { namespace: "shop" }, {}, true],
    ["a tenant's with an account of its own", { namespace: "tenant", serviceAccountName: "robot" }, {}, true],
  ])("%s: %#", (_, changes, remembered, expected) => {
    const record = added(changes, remembered);
    expect(declarers.unheard(shop)).toEqual(expected ? [record.baseline.key] : []);
  });

  test("until its snapshot is in force", () => {
    const record = added({}, memory);
    record.source = { ...record.source, state: "ready" };
    expect(declarers.consider(record)).toBe(false);
    expect(declarers.heard(record)).toBe(true);
    expect(declarers.unheard(shop)).toEqual([]);
    expect(declarers.heard(record), "it is no news").toBe(false);
  });

  test("tried, and not heard: it is still waited for by whoever has to know what it declares", () => {
    const record = added({}, memory);
    expect(declarers.untried(shop)).toEqual([record.baseline.key]);
    record.source = { ...record.source, state: "failed" };
    declarers.consider(record);
    expect(declarers.untried(shop)).toEqual([]);
    expect(declarers.unheard(shop)).toEqual([record.baseline.key]);
  });

  test("where it never declared anything, until its first attempt has failed", () => {
    const record = added();
    record.source = { state: "failed" };
    expect(declarers.consider(record)).toBe(true);
    expect(declarers.unheard(shop)).toEqual([]);
  });

  test("until it is gone", () => {
    const record = added();
    expect(declarers.forget(record.baseline.key)).toBe(true);
    expect(declarers.unheard(shop)).toEqual([]);
  });
});

describe("asked since", () => {
  const at = (record: BaselineRecord, lastSuccessAt: number): void => {
    record.source = { ...record.source, state: "ready", lastSuccessAt };
  };

  test("by each that has a say, and in force", () => {
    const [one, two] = [added(), added({ name: "two" })];
    at(one, 100);
    expect(declarers.unasked(shop, 50), "two was not").toEqual([two.baseline.key]);
    at(two, 60);
    expect(declarers.unasked(shop, 50)).toEqual([]);
    expect(declarers.unasked(shop, 70)).toEqual([two.baseline.key]);
    two.gate = new Set();
    expect(declarers.unasked(shop, 50), "what it answered is on its way in").toEqual([two.baseline.key]);
  });

  test("whatever those do that have none", () => {
    at(added(), 100);
    const tenant = added({ name: "tenant", namespace: "tenant" });
    expect(declarers.unasked(shop, 50)).toEqual([]);
    expect(declarers.unasked({ namespace: "tenant" }, 50)).toEqual([tenant.baseline.key]);
  });
});
