/**
 * The golden cases: one for each known cause of false drift (fp-01 to fp-92) and each trap in which drift is missed
 * (fn-01 to fn-46). Recorded on a real server, judged by the real pipeline, and held to exactly what each case expects.
 */
import { describe, expect, test } from "vitest";
import { getString } from "../../src/model/json.ts";
import { goldenNames, readCase, rowOf } from "./golden-case.ts";
import { leftAfterHealing } from "./golden-heal.ts";
import { expectedOf, judgeCase } from "./golden-judge.ts";

const names = goldenNames();
const cases = names.map(readCase);
const rows = (prefix: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}-${String(at + 1).padStart(2, "0")}`);

/** Cases in which Plumbline is known to be wrong, each with the reason: named in every run, and a failure once it is right. */
const wrong = cases.filter(({ expected }) => expected["wrong"] !== undefined);

test("every row of the two lists has a case", () => {
  const there = new Set(names.map(rowOf));
  expect([...rows("fp", 92), ...rows("fn", 46)].filter((row) => !there.has(row))).toEqual([]);
});

test("every case says why", () => {
  expect(cases.filter(({ expected }) => (getString(expected, "why") ?? "") === "").map(({ name }) => name)).toEqual([]);
});

describe("golden", () => {
  test.each(cases.filter((golden) => !wrong.includes(golden)).map((golden) => [golden.name, golden] as const))(
    "%s",
    (_, golden) => {
      expect(judgeCase(golden)).toEqual(expectedOf(golden));
    },
  );
});

test("the patch that is planned for what drifted leaves nothing", () => {
  const left = cases.map((golden) => [golden.name, leftAfterHealing(golden)] as const);
  expect(left.filter(([, objects]) => Object.keys(objects).length > 0)).toEqual([]);
});

describe.runIf(wrong.length > 0)("known to be wrong", () => {
  test.each(wrong.map((golden) => [golden.name, golden] as const))("%s", (name, golden) => {
    console.log(`known to be wrong: ${name}: ${getString(golden.expected, "wrong") ?? ""}`);
    expect(judgeCase(golden)).not.toEqual(expectedOf(golden));
  });
});
