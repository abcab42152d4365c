/** Thousands of random amounts, each held to what apimachinery itself makes of it. */
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatQuantity, parseQuantity, roundUpToMilli, sameQuantity } from "../../../src/compare/quantity.ts";
import type { Json } from "../../../src/model/json.ts";
import { describeWith } from "../../support/describe-with.ts";
import { buildOracle, type Oracle } from "./go-oracle.ts";

const suffixes = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const exponents = fc.tuple(
  fc.constantFrom("e", "E"),
  fc.constantFrom("", "+", "-"),
  fc.oneof(fc.nat(30), fc.nat(400)).map(String),
);
const suffix = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...suffixes) },
  { weight: 3, arbitrary: exponents.map((parts) => parts.join("")) },
  { weight: 1, arbitrary: fc.constantFrom("K", "ki", "KI", "i", "e", "E3e", "mi", "N", "U", " m", "_", "e1.5", "Ki1") },
);
const zeros = fc.constantFrom("", "", "", "0", "000", "000000000000");
const digits = fc.oneof(
  fc.nat(20).map(String),
  fc.nat(2_000_000).map(String),
  fc.bigInt({ min: 0n, max: 10n ** 25n }).map(String),
  fc.constantFrom("", "9223372036854775807", "9223372036854775808", "1024", "1048576", "999999999999999999"),
);
const sign = fc.constantFrom("", "", "", "-", "+");
const amount = fc
  .tuple(sign, zeros, digits, zeros, fc.option(fc.tuple(zeros, digits, zeros), { freq: 2 }), suffix)
  .map(([minus, before, whole, after, fraction, unit]) => {
    const point = fraction === null ? "" : `.${fraction.join("")}`;
    return `${minus}${before}${whole}${after}${point}${unit}`;
  });
const spaced = fc
  .tuple(fc.constantFrom("", "", "", " ", "\u00a0", "\n", "\t"), amount)
  .map(([space, text]) => `${space}${text}`);
const noise = fc.string({ unit: fc.constantFrom(..."0123456789.+-eEKMGTPinumk "), maxLength: 8 });
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e30, max: 1e30 }),
  fc.integer(),
  fc.integer({ min: 0, max: 100_000 }).map((thousandths) => thousandths / 1000),
);
const any: fc.Arbitrary<string | number> = fc.oneof(
  { weight: 6, arbitrary: spaced },
  { weight: 2, arbitrary: noise },
  { weight: 2, arbitrary: number },
);

const fixed: readonly (string | number)[] = [
  "1e4294967296",
  "1e2147483647",
  "1e9223372036854775807",
  "1e9223372036854775808",
  "1e-9223372036854775809",
  "1e-4294967296",
  "",
  ".",
  "+",
  "-",
  "Ki",
  "Pi",
  ".Pi",
  "0Pi",
  "0.Pi",
  "m",
  "e5",
  ".e5",
  "e-20",
  "-.",
  "00",
  "+5",
  "1.500",
  "+1Ki",
  "01Ki",
  "1028Ki",
  "100E",
  "1000E",
  "10000E",
  "1000000000E",
  "1234E",
  "8Ei",
  "-8Ei",
  "7Ei",
  "0.5Ei",
  "0.0000000001",
  "-0.0000000001",
  "1e-10",
  "1e-400",
  "0e-400",
  "0.1Ki",
  "0.0001Ki",
  `${"9".repeat(300)}`,
  `${"0".repeat(300)}1`,
  "1e21",
  1e21,
  1e-7,
  0.1,
  0.30000000000000004,
  -0,
  5e-324,
  123456789012345680000,
]; // prettier

const seed = 20_260_401;
const values = [...fixed, ...fc.sample(any, { seed, numRuns: 12_000 })];
const raw = (value: string | number): string => JSON.stringify(value);

describeWith(["go"], "a quantity, as apimachinery has it", ({ go }) => {
  let oracle: Oracle;
  beforeAll(async () => {
    oracle = await buildOracle(go);
  }, 550_000);
  afterAll(() => oracle?.remove());

  test("is read or refused, stored and rounded as there", async () => {
    const answers = await oracle.ask(values.map((value) => ({ op: "quantity", args: [raw(value)] })));
    const ours = values.map((value): readonly string[] | "refused" => {
      const read = parseQuantity(value);
      return read === undefined ? "refused" : [formatQuantity(read), formatQuantity(roundUpToMilli(read))];
    });
    const wrong = values.flatMap((value, index) => {
      const theirs = answers[index]?.values ?? "refused";
      return JSON.stringify(theirs) === JSON.stringify(ours[index]) ? [] : [{ value, theirs, ours: ours[index] }];
    });
    expect(wrong).toEqual([]);
    expect(answers.filter((answer) => answer.values !== undefined).length).toBeGreaterThan(values.length / 2);
  });

  test("is the same as another where the stored ones are", async () => {
    // Neighbours in text are seldom equal, so each is also held to another spelling of itself, and to one a nano beside it.
    const pairs = values.flatMap((value, index): readonly (readonly [Json, Json])[] => {
      const read = parseQuantity(value);
      // The library takes forever over the order of such.
      if (read === undefined || Math.abs(read.exponent) > 500) return [];
      const next = values[index + 1] ?? 0;
      const other = Math.abs(parseQuantity(next)?.exponent ?? 0) > 500 ? 0 : next;
      const exponent = `${read.digits}e${read.exponent}`;
      return [
        [value, other],
        [value, exponent],
        [value, `${read.digits * 1000n}e${read.exponent - 3}`],
        [exponent, `${read.digits + 1n}e${read.exponent}`],
      ];
    });
    const answers = await oracle.ask(
      pairs.map(([one, other]) => ({ op: "quantityOrder", args: [raw(one as string), raw(other as string)] })),
    );
    const wrong = pairs.flatMap(([one, other], index) => {
      const left = parseQuantity(one);
      const right = parseQuantity(other);
      const ours = left === undefined || right === undefined ? undefined : sameQuantity(left, right);
      const order = answers[index]?.values?.[0];
      const theirs = order === undefined ? undefined : order === "0";
      return ours === theirs ? [] : [{ one, other, ours, order }];
    });
    expect(wrong).toEqual([]);
  });
});
