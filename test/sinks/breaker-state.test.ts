/** The breaker as a table: what happens to one object, minute by minute, and which of its drifts may be put back. */
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  closed,
  elapsed,
  fightHeals,
  fightWindow,
  firstOpen,
  longestOpen,
  moved,
  openFor,
  putBack,
  recalled,
  type BreakerState,
  type Contest,
} from "../../src/sinks/breaker-state.ts";

const MINUTE = 60_000;

interface Edit {
  readonly minute: number;
  readonly path?: string;
  readonly by?: string;
  readonly desired?: string;
  /** The state that was seen; each edit makes a new one unless told. */
  readonly seen?: string;
}

const contestOf = ({ path = ".spec.replicas", by = "hpa", desired = "v1", seen }: Edit, at: number): Contest => ({
  moves: path.split("+").map((one) => ({ path: one, manager: by })),
  seen: seen ?? `at ${at}`,
  desired,
});

/** Each edit is put back where it may be: `healed` or `held`, and the state at the end. */
function play(edits: readonly Edit[], from: BreakerState = closed): { said: readonly string[]; state: BreakerState } {
  let state = from;
  const said = edits.map((edit) => {
    const at = edit.minute * MINUTE;
    const contest = contestOf(edit, at);
    state = moved(state, contest, at);
    if (state.kind === "open") return "held";
    state = putBack(state, contest, at);
    return "healed";
  });
  return { said, state };
}

const at = (...minutes: readonly number[]): readonly Edit[] => minutes.map((minute) => ({ minute }));
const times = (many: number, text: string): readonly string[] => Array<string>(many).fill(text);

test.each<[string, readonly Edit[], readonly string[]]>([
  ["the same path, three times put back: the fourth move is held", at(0, 1, 2, 3), [...times(3, "healed"), "held"]],
  [
    "the same path, so rarely that three heals never fall into one window",
    at(0, 5, 10, 15, 20, 25),
    times(6, "healed"),
  ],
  [
    "by alternating managers: it is the path that counts",
    [0, 1, 2, 3].map((minute) => ({ minute, by: minute % 2 === 0 ? "hpa" : "argocd" })),
    [...times(3, "healed"), "held"],
  ],
  [
    "by five people, each of them once: every one goes at once",
    ["ada", "ben", "cleo", "dan", "eve"].map((by, minute) => ({ minute, by })),
    times(5, "healed"),
  ],
  [
    "by one who comes back among others",
    ["ada", "ben", "cleo", "dan", "ben"].map((by, minute) => ({ minute, by })),
    [...times(4, "healed"), "held"],
  ],
  [
    "by somebody with another name each time: ten at most",
    Array.from({ length: 12 }, (_, at) => ({ minute: at / 10, by: `m${at}` })),
    [...times(10, "healed"), "held", "held"],
  ],
  [
    "by nobody on record, as removals are",
    [0, 1, 2, 3].map((minute) => ({ minute, by: "" })),
    [...times(3, "healed"), "held"],
  ],
  [
    "five edits of different paths by one manager: each goes at once",
    [".a", ".b", ".c", ".d", ".e"].map((path) => ({ minute: 0, path, seen: path })),
    times(5, "healed"),
  ],
  [
    "another path by the same manager after three heals of the first: no fight",
    [...at(0, 1, 2), { minute: 3, path: ".spec.paused" }],
    times(4, "healed"),
  ],
  [
    "a path among others each time",
    [".a+.x", ".b+.x", ".c+.x", ".d+.x"].map((path, minute) => ({ minute, path })),
    [...times(3, "healed"), "held"],
  ],
  [
    "Git moves the path each time: that is no fight",
    [0, 1, 2, 3, 4].map((minute) => ({ minute, desired: `v${minute}` })),
    times(5, "healed"),
  ],
  [
    "the third heal looked at again before the watch brings it: old news",
    [...at(0, 1), { minute: 2, seen: "same" }, { minute: 2.01, seen: "same" }],
    times(4, "healed"),
  ],
  [
    "no writes to the object while it is open, whatever the path",
    [...at(0, 1, 2, 3), { minute: 4, path: ".b" }],
    [...times(3, "healed"), ...times(2, "held")],
  ],
  [
    "one trial after ten minutes, and held again when it is moved back",
    at(0, 1, 2, 3, 12.9, 13, 13.1, 20),
    [...times(3, "healed"), "held", "held", "healed", "held", "held"],
  ],
  [
    "the second trial comes after twice the time",
    at(0, 1, 2, 3, 13, 14, 33.9, 34, 35),
    [...times(3, "healed"), "held", "healed", "held", "held", "healed", "held"],
  ],
  [
    "a trial and then peace for the window: closed, and it takes three heals again",
    at(0, 1, 2, 3, 13, 23, 24, 25, 26),
    [...times(3, "healed"), "held", "healed", ...times(3, "healed"), "held"],
  ],
  [
    "after a trial another path is put back, for the contested one is at peace",
    [...at(0, 1, 2, 3, 13), { minute: 14, path: ".b" }, { minute: 15, path: ".b" }],
    [...times(3, "healed"), "held", ...times(3, "healed")],
  ],
  [
    "another path put back first when the time is over is not the trial",
    [...at(0, 1, 2, 3), { minute: 13, path: ".b" }, { minute: 14 }, { minute: 15 }],
    [...times(3, "healed"), "held", "healed", "healed", "held"],
  ],
  [
    "Git declares something else while it is open: a trial at once, and no second one",
    [...at(0, 1, 2, 3), { minute: 4, desired: "v2" }, { minute: 5, desired: "v2" }],
    [...times(3, "healed"), "held", "healed", "held"],
  ],
  [
    "the trial looked at again before the watch brings it: old news",
    [...at(0, 1, 2, 3), { minute: 13, seen: "same" }, { minute: 13.01, seen: "same" }, { minute: 14 }],
    [...times(3, "healed"), "held", "healed", "healed", "held"],
  ],
  [
    "Git declares something else after the trial: another trial, for that may be what ends it",
    [...at(0, 1, 2, 3, 13), { minute: 14, desired: "v2" }, { minute: 15, desired: "v2" }],
    [...times(3, "healed"), "held", "healed", "healed", "held"],
  ],
  [
    "a second path becomes a fight during the trial: both are contested",
    [...at(0, 1, 2, 3, 13), ...[14, 15, 16, 17].map((minute) => ({ minute, path: ".b" }))],
    [...times(3, "healed"), "held", "healed", ...times(3, "healed"), "held"],
  ],
])("%s", (_, edits, expected) => {
  expect(play(edits).said).toEqual(expected);
});

test("both managers and only the contested paths are named", () => {
  const { state } = play([
    { minute: 0, path: ".x+.once", by: "hpa" },
    { minute: 1, path: ".x", by: "argocd" },
    { minute: 2, path: ".x", by: "" },
    { minute: 3, path: ".x+.other", by: "argocd" },
  ]);
  expect(state).toMatchObject({
    kind: "open",
    contested: { managers: ["hpa", "argocd"], paths: [".x"] },
  });
});

test("a second path that becomes a fight joins the first, and makes it the next round", () => {
  const { state } = play([
    ...at(0, 1, 2, 3, 13),
    ...[14, 15, 16, 17].map((minute) => ({ minute, path: ".b", by: "vpa" })),
  ]);
  expect(state).toMatchObject({
    kind: "open",
    round: 1,
    contested: { managers: ["hpa", "vpa"], paths: [".spec.replicas", ".b"] },
  });
});

test("it stays open for ten minutes, then twice as long each time, to a cap of two hours", () => {
  expect([0, 1, 2, 3, 4, 100].map((round) => openFor(round) / MINUTE)).toEqual([10, 20, 40, 80, 120, 120]);
});

test("a trial that nobody used, and no drift seen: it closes by itself after the window", () => {
  const { state } = play(at(0, 1, 2, 3));
  expect(elapsed(state, 3 * MINUTE + firstOpen).kind).toBe("half-open");
  expect(elapsed(state, 3 * MINUTE + firstOpen + fightWindow - 1).kind).toBe("half-open");
  expect(elapsed(state, 3 * MINUTE + firstOpen + fightWindow)).toEqual({ kind: "closed", heals: [] });
});

test("a contested drift that stands without being put back is no peace", () => {
  let { state } = play(at(0, 1, 2, 3));
  for (let minute = 13; minute < 60; minute += 1)
    state = moved(state, contestOf({ minute, seen: "s" }, 0), minute * MINUTE);
  expect(state.kind).toBe("half-open");
});

test.each([
  ["ten minutes left: the first round", 10, 0],
  ["fifteen left: the second", 15, 1],
  ["an hour left: the fourth", 60, 3],
  ["more than a clock that was right could say: the cap", 100_000, 4],
])("recalled, %s", (_, minutes, round) => {
  const state = recalled({ managers: ["hpa"], paths: [".x"] }, minutes * MINUTE, 0);
  expect(state).toMatchObject({ kind: "open", round, until: Math.min(longestOpen, minutes * MINUTE) });
});

test("recalled after its time was over: one trial, and not three heals", () => {
  const state = recalled({ managers: ["hpa"], paths: [".spec.replicas"] }, -60 * MINUTE, 0);
  expect(play(at(0, 1, 2), state).said).toEqual(["healed", "held", "held"]);
});

test("recalled and then seen at whatever Git declares: still open", () => {
  const state = recalled({ managers: ["hpa"], paths: [".spec.replicas"] }, 10 * MINUTE, 0);
  expect(play(at(1, 2, 9.9, 10, 11), state).said).toEqual(["held", "held", "held", "healed", "held"]);
});

const gaps = fc.array(fc.integer({ min: 1, max: 20 * MINUTE }), { minLength: 1, maxLength: 300 });

test("however often one path is moved back: never more than three heals in a window, and ever fewer in a fight", () => {
  fc.assert(
    fc.property(gaps, (steps) => {
      let state = closed;
      let now = 0;
      const heals: number[] = [];
      for (const step of steps) {
        now += step;
        const contest = contestOf({ minute: 0 }, now);
        state = moved(state, contest, now);
        if (state.kind === "open") continue;
        state = putBack(state, contest, now);
        heals.push(now);
      }
      for (const [index, heal] of heals.entries())
        expect(heals.filter((other, at) => at >= index && other < heal + fightWindow).length).toBeLessThanOrEqual(
          fightHeals,
        );
    }),
  );
});

test("whatever happened: peace for the longest opening and a window closes it", () => {
  const edit = fc.record({
    minute: fc.constant(0),
    path: fc.constantFrom(".a", ".b", ".a+.b"),
    by: fc.constantFrom("hpa", "argocd", ""),
    desired: fc.constantFrom("v1", "v2"),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(edit, fc.integer({ min: 1, max: 12 * MINUTE })), { maxLength: 200 }), (steps) => {
      let state = closed;
      let now = 0;
      for (const [one, step] of steps) {
        now += step;
        const contest = contestOf(one, now);
        state = moved(state, contest, now);
        if (state.kind !== "open") state = putBack(state, contest, now);
      }
      expect(elapsed(state, now + longestOpen + fightWindow)).toEqual(closed);
    }),
  );
});
