import { expect, test } from "vitest";
import type { EvidenceRecord } from "../../src/model/evidence.ts";
import { idKey } from "../../src/model/resource.ts";
import { createHealLedger } from "../../src/sinks/heal-ledger.ts";
import { createHealRecall } from "../../src/sinks/heal-recall.ts";
import { createHealWitness, witnessBreaker } from "../../src/sinks/heal-witness.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { baselineOf, driftedVerdict, inSync, judgementOf, start, transitionOf, webId } from "./sink-fixtures.ts";

const { key } = baselineOf();

test("a fight is on record with who and what, and of which object", () => {
  const records: EvidenceRecord[] = [];
  witnessBreaker(
    { record: (record) => records.push(record) },
    new ManualClock(),
  )({
    baseline: key,
    object: `${key} ${idKey(webId)}`,
    from: "closed",
    to: "open",
    contested: { managers: ["hpa"], paths: [".spec.replicas"] },
  });
  expect(records).toEqual([
    {
      kind: "breaker",
      at: start,
      baseline: key,
      id: webId,
      result: "open",
      reason: "hpa and plumbline contest .spec.replicas",
    },
  ]);
});

test("whose doing an end is is told when the write under way is answered, not before", async () => {
  const records: EvidenceRecord[] = [];
  const ledger = createHealLedger();
  const evidence = { record: (record: EvidenceRecord): void => void records.push(record) };
  const witness = createHealWitness({ evidence, ledger, clock: new ManualClock(), hashOf: () => "" });
  let answer = (): void => {};
  ledger.sent(key, webId, start + 1);
  ledger.underWay(key, webId, new Promise((resolve) => (answer = resolve)));
  // The watch brings what another did; ours is refused a moment later.
  witness.seen(transitionOf(judgementOf(driftedVerdict()), judgementOf(inSync)));
  expect(records).toEqual([]);
  ledger.sent(key, webId, undefined);
  answer();
  await new Promise((resolve) => setImmediate(resolve));
  expect(records.map(({ kind, result }) => `${kind} ${result}`)).toEqual(["resolved other"]);
  expect(ledger.answered(key, webId)).toBeUndefined();
});

test("nothing is kept of what is over, and not before the write under way is answered", async () => {
  const ledger = createHealLedger();
  let answer = (): void => {};
  ledger.sent(key, webId, start);
  ledger.underWay(key, webId, new Promise((resolve) => (answer = resolve)));
  const told = ledger.answered(key, webId)?.then(() => ledger.actedSince(key, webId, start));
  ledger.over(key, webId);
  expect(ledger.actedSince(key, webId, start)).toBe(true);
  answer();
  expect(await told).toBe(true);
  await new Promise((resolve) => setImmediate(resolve));
  expect([ledger.actedSince(key, webId, start), ledger.stateOf(key, webId)]).toEqual([false, undefined]);
});

test("what is put back again while the last write is answered is not forgotten with it", async () => {
  const ledger = createHealLedger();
  let answer = (): void => {};
  ledger.sent(key, webId, start);
  ledger.underWay(key, webId, new Promise((resolve) => (answer = resolve)));
  ledger.over(key, webId);
  ledger.sent(key, webId, start + 1);
  answer();
  await new Promise((resolve) => setImmediate(resolve));
  expect(ledger.actedSince(key, webId, start + 1)).toBe(true);
});

test("what a record says of before a restart is told to all who go by it", () => {
  const heard: string[] = [];
  const part = (name: string) => ({
    recall: (_: string, object: unknown) => void heard.push(`${name} ${typeof object}`),
  });
  const [ledger, breaker] = [part("ledger"), part("breaker")];
  const recall = createHealRecall({ ledger, breaker, healthAfter: part("health"), claimants: part("claimants") });
  recall.recall(key, webId, { state: "waiting", attempts: 0 });
  expect(heard).toEqual(["ledger object", "breaker string", "health object", "claimants object"]);
});
