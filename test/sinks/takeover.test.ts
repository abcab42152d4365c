import { expect, test } from "vitest";
import type { Judgement, Transition, Verdict } from "../../src/model/verdict.ts";
import type { Remembered } from "../../src/sinks/drift-seeds.ts";
import { stepOf } from "../../src/sinks/episodes.ts";
import { createHealLedger } from "../../src/sinks/heal-ledger.ts";
import { createTakeover } from "../../src/sinks/takeover.ts";
import { ManualClock } from "../support/manual-clock.ts";
import {
  driftedVerdict,
  FakeEngine,
  inSync,
  judgementOf,
  missingVerdict,
  start,
  stateOf,
  webId,
} from "./sink-fixtures.ts";

const unknown: Verdict = { kind: "unknown", problem: { code: "forbidden", message: "no" } };
const drifted = driftedVerdict();

function takeOver(recorded: readonly Remembered[], judged: readonly Judgement[]) {
  const engine = new FakeEngine();
  engine.put(stateOf());
  for (const judgement of judged) engine.judge(judgement, start);
  const adopted: Judgement[] = [];
  const published: Transition[] = [];
  const ledger = createHealLedger();
  const reader = {
    states: () => engine.states(),
    judgement: engine.judgement.bind(engine),
    judgements: engine.judgements.bind(engine),
    adopt: (judgements: readonly Judgement[]) => void adopted.push(...judgements),
  };
  const tell = { publish: (transition: Transition) => void published.push(transition) };
  createTakeover({ engine: reader, ledger, tell, clock: new ManualClock() }).from(recorded);
  return { published, adopted, ledger };
}

const record = (verdict: Verdict): Remembered => ({ judgement: judgementOf(verdict), remediation: undefined });
const { desiredHash: _hash, resourceVersion: _version, ...seed } = judgementOf(drifted);

test.each([
  ["stands, without a record", [], [judgementOf(drifted)], ["began"]],
  ["missing, without a record", [], [judgementOf(missingVerdict())], ["began"]],
  ["stands, with a record", [record(drifted)], [judgementOf(drifted)], []],
  ["in sync, with a record", [record(drifted)], [judgementOf(inSync)], ["ended"]],
  ["in sync, without a record", [], [judgementOf(inSync)], []],
  ["not seen now, with a record: not seeing is not resolving", [record(drifted)], [judgementOf(unknown)], ["none"]],
  ["not looked at yet, with a record", [record(drifted)], [], []],
  ["known from a record only, which is gone by now", [], [seed], []],
] as const)("%s", (_, recorded, judged, steps) => {
  expect(takeOver(recorded, judged).published.map((transition) => stepOf(transition).kind)).toEqual(steps);
});

test("since when it stands is the record's to say", () => {
  const { adopted } = takeOver([record(drifted)], [judgementOf(drifted)]);
  expect(adopted).toEqual([judgementOf(drifted)]);
});

test("what a record says remediation waits for is not said again", () => {
  const remediation = { state: "waiting", attempts: 0, waitingFor: "permission", message: "no" } as const;
  const { ledger } = takeOver([{ judgement: judgementOf(drifted), remediation }], [judgementOf(drifted)]);
  const { key } = stateOf().baseline;
  expect(ledger.stateOf(key, webId)).toEqual(remediation);
  expect(ledger.sayOnce(key, webId, "wait permission")).toBe(false);
  expect(ledger.sayOnce(key, webId, "wait pause")).toBe(true);
});
