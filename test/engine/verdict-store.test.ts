import { describe, expect, test } from "vitest";
import type { FreshJudgement } from "../../src/engine/meaning.ts";
import { meaningOf } from "../../src/engine/meaning.ts";
import { VerdictStore } from "../../src/engine/verdict-store.ts";
import { idKey } from "../../src/model/resource.ts";
import { baselineKey } from "../../src/model/snapshot.ts";
import type { Judgement, Verdict } from "../../src/model/verdict.ts";

const baseline = baselineKey("platform", "shop");
const id = { group: "", kind: "ConfigMap", namespace: "shop", name: "web" };

const inSync: Verdict = { kind: "in-sync" };
const missing: Verdict = { kind: "missing", severity: "high", class: "workload", cause: "deletion" };
const unmanaged: Verdict = { kind: "unmanaged", severity: "low", class: "metadata", cause: "dropped-from-git" };
const forbidden: Verdict = { kind: "unknown", problem: { code: "forbidden", message: "refused" } };
const notSynced: Verdict = { kind: "unknown", problem: { code: "not-synced", message: "not yet" } };

const judgement = (verdict: Verdict, more: Partial<FreshJudgement> = {}): FreshJudgement => ({
  baseline,
  id,
  version: "v1",
  verdict,
  suppressed: [],
  warnings: [],
  ...more,
});

const dated = (verdict: Verdict, at: number): Judgement => ({
  ...judgement(verdict),
  firstObserved: at,
  lastChanged: at,
});

function run(seed: readonly Judgement[], verdicts: readonly (Verdict | FreshJudgement)[]) {
  const store = new VerdictStore();
  for (const one of seed) store.seed(one);
  let now = 1000;
  const news = verdicts.map((next) => {
    const fresh = "kind" in next ? judgement(next) : next;
    now += 1000;
    const said = meaningOf(fresh, { live: { state: "absent" }, desired: undefined, namespaceAnnotations: undefined });
    const { transition } = store.record(fresh, said, { now, waiting: fresh.verdict === notSynced });
    if (transition === undefined) return "";
    const { before, after, replayed } = transition;
    return `${before?.verdict.kind ?? "none"} > ${after?.verdict.kind ?? "none"}${replayed ? " again" : ""}`;
  });
  return { store, news, now };
}

describe("which judgements are news", () => {
  const rows: readonly (readonly [string, readonly Judgement[], readonly Verdict[], readonly string[]])[] = [
    ["the first one", [], [inSync], ["none > in-sync"]],
    ["the same again: not", [], [inSync, inSync], ["none > in-sync", ""]],
    ["another one", [], [inSync, missing, inSync], ["none > in-sync", "in-sync > missing", "missing > in-sync"]],
    ["not synced, before anything was said: not", [], [notSynced, inSync], ["", "none > in-sync"]],
    ["not synced, after something was said", [], [inSync, notSynced], ["none > in-sync", "in-sync > unknown"]],
    [
      "seeing again what stood before: replayed",
      [],
      [missing, forbidden, missing],
      ["none > missing", "missing > unknown", "missing > missing again"],
    ],
    [
      "seeing again that it was repaired: told as such",
      [],
      [missing, forbidden, notSynced, inSync],
      ["none > missing", "missing > unknown", "unknown > unknown", "missing > in-sync"],
    ],
    ["what a record says: replayed", [dated(missing, 5)], [missing, missing], ["missing > missing again", ""]],
    [
      "what a record says, not synced at first",
      [dated(missing, 5)],
      [notSynced, missing],
      ["", "missing > missing again"],
    ],
    [
      "what a record says, unseen in between",
      [dated(missing, 5)],
      [forbidden, missing],
      ["missing > unknown", "missing > missing again"],
    ],
    ["repaired since the record", [dated(missing, 5)], [inSync], ["missing > in-sync"]],
    ["something else than the record", [dated(missing, 5)], [unmanaged], ["missing > unmanaged"]],
    ["a record of what does not stand is none", [dated(inSync, 5)], [inSync], ["none > in-sync"]],
  ];
  test.each(rows)("%s", (_, seed, verdicts, expected) => {
    expect(run(seed, verdicts).news).toEqual(expected);
  });

  test("another uid of what stands is replayed; of what is in sync it is nothing", () => {
    expect(run([], [judgement(missing, { uid: "1" }), judgement(missing, { uid: "2" })]).news).toEqual([
      "none > missing",
      "missing > missing again",
    ]);
    expect(run([], [judgement(inSync, { uid: "1" }), judgement(inSync, { uid: "2" })]).news[1]).toBe("");
  });

  test("a new warning is news", () => {
    const warnings = [{ code: "invalid-annotation", message: "no such severity" }] as const;
    expect(run([], [inSync, judgement(inSync, { warnings })]).news[1]).toBe("in-sync > in-sync");
  });
});

describe("since when", () => {
  test("the kind began with its first judgement, or with the record of it", () => {
    const { store } = run([dated(missing, 5)], [missing]);
    expect(store.get(baseline, idKey(id))).toMatchObject({ firstObserved: 5, lastChanged: 5 });
  });

  test("a repair and another fall begin anew", () => {
    const { store } = run([], [missing, inSync, missing]);
    expect(store.get(baseline, idKey(id))).toMatchObject({ firstObserved: 4000, lastChanged: 4000 });
  });

  test("what is kept is always the newest, also where it is no news", () => {
    const { store } = run(
      [],
      [judgement(inSync, { resourceVersion: "1" }), judgement(inSync, { resourceVersion: "2" })],
    );
    expect(store.get(baseline, idKey(id))?.resourceVersion).toBe("2");
  });
});

describe("what is held", () => {
  test("what was told is the judgement in force, where that says the same: no second one is kept", () => {
    const { store, now } = run([], [missing, judgement(missing, { resourceVersion: "2" })]);
    const current = store.get(baseline, idKey(id));
    expect(store.leave(baseline, idKey(id), now)?.before).toBe(current);
  });

  test("a long meaning is told from another that differs at its end alone", () => {
    const excluded = (reason: string): Verdict => ({ kind: "excluded", rule: "exempt", reason });
    const long = "because ".repeat(100);
    expect(run([], [excluded(`${long}a`), excluded(`${long}a`), excluded(`${long}b`)]).news).toEqual([
      "none > excluded",
      "",
      "excluded > excluded",
    ]);
  });

  test("those that are anything but in sync are told without a walk over the others", () => {
    const opened = (verdicts: readonly Verdict[]) => [...run([], verdicts).store.open(baseline)].map(([key]) => key);
    expect(opened([missing])).toEqual([idKey(id)]);
    expect(opened([missing, inSync])).toEqual([]);
    const { store, now } = run([], [missing]);
    store.leave(baseline, idKey(id), now);
    expect([...store.open(baseline)]).toEqual([]);
  });
});

describe("leaving", () => {
  test("says what was said last, and forgets", () => {
    const { store, now } = run([], [missing]);
    expect(store.leave(baseline, idKey(id), now)).toMatchObject({ before: { verdict: missing }, after: undefined });
    expect(store.get(baseline, idKey(id))).toBeUndefined();
    expect(store.leave(baseline, idKey(id), now)).toBeUndefined();
  });

  test("says what stood, where it was unseen when it left", () => {
    const { store, now } = run([], [missing, forbidden]);
    expect(store.leave(baseline, idKey(id), now)?.before?.verdict.kind).toBe("missing");
  });

  test("says nothing where nothing was ever said", () => {
    const { store, now } = run([], [notSynced]);
    expect(store.leave(baseline, idKey(id), now)).toBeUndefined();
  });
});

describe("what another process recorded", () => {
  const at = (verdict: Verdict, moment: number): readonly Judgement[] => [dated(verdict, moment)];

  test.each([
    ["the earlier moment counts", missing, at(missing, 500), 500],
    ["one that is later by moments counts as well, for it was told", missing, at(missing, 3_000), 3_000],
    ["a later one does not", missing, at(missing, 9_000), 2_000],
    ["nor one of another verdict", missing, at(unmanaged, 500), 2_000],
  ] as const)("%s", (_, verdict, recorded, expected) => {
    const { store } = run([], [verdict]);
    store.adopt(recorded);
    expect(store.get(baseline, idKey(id))).toMatchObject({ firstObserved: expected, lastChanged: expected });
  });

  test("it holds for the judgements that follow, and adds nothing that is not there", () => {
    const { store } = run([], [missing]);
    store.adopt(at(missing, 500));
    const said = { meaning: "other", detail: "" };
    store.record(judgement(missing), said, { now: 9_000, waiting: false });
    expect(store.get(baseline, idKey(id))?.firstObserved).toBe(500);
    store.adopt([{ ...dated(missing, 500), id: { ...id, name: "other" } }]);
    expect(store.ids(baseline)).toEqual([idKey(id)]);
  });
});
