/** Durations, instants and bytes: thousands of random texts, each held to what Go makes of it. */
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { canonicalBytes } from "../../../src/compare/byte-text.ts";
import { parseDuration } from "../../../src/compare/duration-text.ts";
import { parseTime } from "../../../src/compare/time-text.ts";
import { describeWith } from "../../support/describe-with.ts";
import { buildOracle, type Operation, type Oracle } from "./go-oracle.ts";

const joined = (parts: readonly string[]): string => parts.join("");

const count = fc.oneof(
  fc.nat(100).map(String),
  fc.bigInt({ min: 0n, max: 2n ** 64n }).map(String),
  fc.constantFrom("", "007"),
);
const fraction = fc.oneof(
  fc.constant(""),
  fc.nat(10 ** 9).map((digits) => `.${digits}`),
  fc.bigInt({ min: 0n, max: 10n ** 25n }).map((digits) => `.${digits}`),
  fc.constant("."),
);
const unit = fc.constantFrom("ns", "us", "µs", "μs", "ms", "s", "m", "h", "h", "m", "s", "d", "", "H");
const durations = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(
        fc.constantFrom("", "", "-", "+"),
        fc.array(fc.tuple(count, fraction, unit).map(joined), { minLength: 1, maxLength: 3 }).map(joined),
      )
      .map(joined),
  },
  { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom(..."01.-+hmsnuµ "), maxLength: 6 }) },
);

const two = (most: number): fc.Arbitrary<string> => fc.nat(most).map((number) => String(number).padStart(2, "0"));
const instants = fc
  .tuple(
    fc
      .oneof(fc.integer({ min: 1, max: 9999 }), fc.constantFrom(1900, 2000, 2024))
      .map((year) => String(year).padStart(4, "0")),
    fc.constant("-"),
    two(13),
    fc.constant("-"),
    two(32),
    fc.constantFrom("T", "T", "T", "T", "t", " "),
    fc.oneof({ weight: 9, arbitrary: two(24) }, { weight: 1, arbitrary: fc.nat(9).map(String) }),
    fc.constant(":"),
    two(60),
    fc.constant(":"),
    two(60),
    fc.oneof(
      fc.constant(""),
      fc.tuple(fc.constantFrom(".", ","), fc.bigInt({ min: 0n, max: 10n ** 12n }).map(String)).map(joined),
    ),
    fc.oneof(
      fc.constantFrom("Z", "Z", "Z", "z", ""),
      fc.tuple(fc.constantFrom("+", "-"), two(25), fc.constant(":"), two(61)).map(joined),
    ),
  )
  .map(joined);

const letters = fc.constantFrom(..."ABYWZabz019+/", "\n", "\r\n", "=", "-", " ");
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 12 }).map((array) =>
    Buffer.from(array)
      .toString("base64")
      .replaceAll(/(.{4})/g, "$1\n"),
  ),
  fc.array(letters, { maxLength: 12 }).map(joined),
  fc
    .tuple(
      fc.array(fc.constantFrom(..."ABYWZabz019+/"), { minLength: 2, maxLength: 7 }).map(joined),
      fc.constantFrom("", "=", "==", "=\n="),
    )
    .map(joined),
);

const rows: readonly (readonly [Operation, fc.Arbitrary<string>, (text: string) => unknown])[] = [
  ["duration", durations, parseDuration],
  ["time", instants, parseTime],
  ["bytes", bytes, canonicalBytes],
]; // prettier

describeWith(["go"], "a text, as Go has it", ({ go }) => {
  let oracle: Oracle;
  beforeAll(async () => {
    oracle = await buildOracle(go);
  }, 550_000);
  afterAll(() => oracle?.remove());

  test.each(rows)("%s", async (op, arbitrary, read) => {
    const texts = fc.sample(arbitrary, { seed: 20_260_405, numRuns: 5000 });
    const answers = await oracle.ask(texts.map((text) => ({ op, args: [text] })));
    const wrong = texts.flatMap((text, index) => {
      const ours = read(text);
      // No bytes at all are no value in the answer.
      const theirs = answers[index]?.error === undefined ? (answers[index]?.values?.[0] ?? "") : undefined;
      return theirs === (ours === undefined ? undefined : String(ours)) ? [] : [{ text, theirs, ours }];
    });
    expect(wrong).toEqual([]);
    expect(answers.filter(({ error }) => error === undefined).length).toBeGreaterThan(texts.length / 6);
  });
});
