import { expect, test } from "vitest";
import type { Judgement, Transition, Verdict } from "../../src/model/verdict.ts";
import type { Remembered } from "../../src/sinks/drift-seeds.ts";
import { stepOf } from "../../src/sinks/episodes.ts";
import { createHealLedger } from "../../src/sinks/heal-ledger.ts";
import { createTakeover, hearingTime } from "../../src/sinks/takeover.ts";
import {
  driftedVerdict,
  FakeEngine,
  inSync,
  judgementOf,
  missingVerdict,
  start,
  stateOf,
  transitionOf,
  webId,
} from "./sink-fixtures.ts";

const unknown: Verdict = { kind: "unknown", problem: { code: "forbidden", message: "no" } };
const drifted = driftedVerdict();

function takeOver(
  recorded: readonly Remembered[],
  judged: readonly Judgement[],
  heard: readonly Transition[] = [],
  ago = 0,
  led: readonly Transition[] = [],
) {
  const engine = new FakeEngine();
  engine.put(stateOf());
  for (const judgement of judged) engine.judge(judgement, start);
  const adopted: Judgement[] = [];
  const published: Transition[] = [];
  const ledger = createHealLedger();
  const reader = {
    states: () => engine.states(),
    judgement: engine.judgement.bind(engine),
    open: engine.open.bind(engine),
    adopt: (judgements: readonly Judgement[]) => void adopted.push(...judgements),
  };
  const tell = { publish: (transition: Transition) => void published.push(transition) };
  const retold: Transition[] = [];
  let elapsed = 0;
  const clock = { now: () => start, monotonic: () => elapsed };
  const retell = (transition: Transition): void => void retold.push(transition);
  let leads = true;
  const takeover = createTakeover({ engine: reader, ledger, tell, retell, isLeader: () => leads, clock });
  for (const transition of led) takeover.transition(transition);
  leads = false;
  for (const transition of heard) takeover.transition(transition);
  elapsed = ago;
  leads = true;
  takeover.from(recorded);
  return { published, adopted, ledger, retold, takeover };
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

test("what was seen and is recorded is told once more, for a record does not say that its Event was written", () => {
  const began = transitionOf(judgementOf(inSync), judgementOf(drifted));
  const { published, retold } = takeOver([record(drifted)], [judgementOf(drifted)], [began]);
  expect({ published, retold }).toEqual({ published: [], retold: [began] });
});

test("what was seen and has no record is told and counted, named by the version in which it was seen", () => {
  const began = transitionOf(judgementOf(inSync), judgementOf(drifted, { resourceVersion: "7" }));
  const { published, retold } = takeOver([], [judgementOf(drifted, { resourceVersion: "9" })], [began]);
  expect(retold).toEqual([]);
  expect(published.map(({ after, at }) => [after?.resourceVersion, at])).toEqual([["7", began.at]]);
});

test("put back and forgotten by the one before, between two looks: both halves are told once more", () => {
  const began = transitionOf(judgementOf(inSync), judgementOf(drifted));
  const ended = transitionOf(judgementOf(drifted), judgementOf(inSync));
  const { published, retold } = takeOver([], [judgementOf(inSync)], [began, ended]);
  expect({ published, retold }).toEqual({ published: [], retold: [began, ended] });
});

test("what is long past was told, or never will be", () => {
  const ended = transitionOf(judgementOf(drifted), judgementOf(inSync));
  expect(takeOver([], [judgementOf(inSync)], [ended], hearingTime + 1).retold).toEqual([]);
});

const begins = transitionOf(judgementOf(inSync), judgementOf(drifted));
const ends = transitionOf(judgementOf(drifted), judgementOf(inSync));
const stillDrifted = [judgementOf(drifted)];
const inSyncAgain = [judgementOf(inSync)];

test.each([
  ["told as the leader, not recorded yet", [begins], [], [], stillDrifted, 0, []],
  ["its end told as the leader, still recorded", [begins, ends], [], [record(drifted)], inSyncAgain, 0, []],
  ["the same, ten minutes later", [begins, ends], [], [record(drifted)], inSyncAgain, 600_001, ["ended"]],
  ["told as the leader, over by now, still recorded", [begins], [ends], [record(drifted)], inSyncAgain, 0, ["ended"]],
  ["its end told as the leader, drifted since", [begins, ends], [begins], [], stillDrifted, 0, ["began"]],
] as const)("who leads again: %s", (_, led, heard, recorded, judged, ago, steps) => {
  const { published } = takeOver(recorded, judged, heard, ago, led);
  expect(published.map((transition) => stepOf(transition).kind)).toEqual(steps);
});

test("who leads again and again tells once what nothing recorded meanwhile", () => {
  const { published, takeover } = takeOver([], stillDrifted);
  takeover.from([]);
  expect(published).toHaveLength(1);
});

test("what was told of a Baseline goes with it", () => {
  const { published, takeover } = takeOver([], stillDrifted, [], 0, [begins]);
  takeover.removed(stateOf().baseline.key);
  takeover.from([]);
  expect(published).toHaveLength(1);
});
