/** The fast readers held to the precise one: what they answer is byte for byte what it would have said. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatYaml } from "../../src/cli/output/yaml-text.ts";
import { formatJson, type Json } from "../../src/model/json.ts";
import { yamlLimits } from "../../src/sources/yaml-limits.ts";
import { readPrecisely } from "../../src/sources/yaml-precise.ts";
import { splitDocuments } from "../../src/sources/yaml-split.ts";
import { readFast } from "../../src/sources/yaml.ts";
import { describeWith } from "../support/describe-with.ts";
import { fileTexts, placedTexts, soupTexts } from "../truth/oracle/yaml-texts.ts";
import { chanceOf } from "../truth/random.ts";

interface Difference {
  readonly text: string;
  readonly fast: string;
  readonly precise: string;
}

interface Tally {
  fast: number;
  all: number;
}

/** Each document of a text that a fast reader answers otherwise than the precise one. */
function differences(text: string, tally: Tally = { fast: 0, all: 0 }): readonly Difference[] {
  const found: Difference[] = [];
  for (const part of splitDocuments(text)) {
    tally.all += 1;
    const read = readFast(part, yamlLimits);
    if (read === undefined) continue;
    tally.fast += 1;
    const fast = `${read.line} ${formatJson(read.value)}`;
    const asked = readPrecisely(part, yamlLimits);
    const precise = "code" in asked ? `refused: ${asked.message}` : `${asked.line} ${formatJson(asked.value)}`;
    if (fast !== precise) found.push({ text: part.text, fast, precise });
  }
  return found;
}

const isFast = (text: string): boolean => {
  const tally = { fast: 0, all: 0 };
  expect(differences(text, tally)).toEqual([]);
  return tally.fast === tally.all;
};

const manifest = `# a service
apiVersion: v1
kind: Service
metadata:
  name: web # the name
  labels: {app: web, "tier": 'x y'}
  annotations:
    note: "a \\"b\\"\\n"
    'a "b"': 1.50
spec:
  ports:
  - name: http
    port: 80

  - {name: b, port: 0644}
  args: ["--a=b", -1, yes]
  nested:
    - - a
      - b: |
          x: y
            z

          # no comment
    -
      c: >-
        one
        two

        three
  empty:
  last: ~
`;

describe("the fast readers answer", () => {
  test.each([
    ["a manifest as people write it", manifest],
    ["keys that are words, numbers and texts", "yes: on\n0644: 0x1F\n1.5: 1_000\n'y': \"n\"\nx: 1\n"],
    ["a list at the column of its key", "a:\n- 1\n- b: c\n  d:\n  - e\nf: 1\n"],
    ["texts that hold marks", "a: b:c\nd: e#f\ng: h [i] {j} & * ! | > % @\nk: l'm\"n\n"],
    ["integers beyond a double", "a: 9007199254740993\nb: 18446744073709551615\n"],
    ["values that run over lines", "a: b c\n  (d) e\n\n  f\ng: 'h ''i''\n\n  j'\nk: \"l\n  m\\n\"\n"],
    ["a text in another script", "a: größe\nb: 大きさ 😀\n"],
    ["JSON as kubectl prints it", `${JSON.stringify({ a: [1, "x", null, {}], b: { c: 1.5, d: 1e21 } }, null, 4)}\n`],
    ["JSON on one line", '{"a":[1,true],"b":""}\n'],
  ])("%s", (_, text) => {
    expect(isFast(text)).toBe(true);
  });
});

describe("the fast readers leave to the precise one", () => {
  test.each([
    ["an anchor", "a: &x 1\nb: *x\n"],
    ["a merge", "<<: {a: 1}\n"],
    ["a tag", "a: !!str 1\n"],
    ["a key that is there twice", "a: 1\na: 2\n"],
    ["a key that is there twice by its meaning", "yes: 1\ntrue: 2\n"],
    ["__proto__", "__proto__: {a: 1}\n"],
    ["a tab", "a:\tb\n"],
    ["a carriage return", "a: b\r\n"],
    ["a byte order mark", "a: b\uFEFF\n"],
    ["a line separator", "a: b\u2028c\n"],
    ["a colon inside a value", "a: b: c\n"],
    ["a value that goes on with what looks like a list", "a: b\n  - c\n"],
    ["a value that goes on behind a comment", "a: b # c\n  d\n"],
    ["a complex key", "? a\n: b\n"],
    ["an infinity", "a: .inf\n"],
    ["a key that is null", "null: 1\n"],
    ["an odd escape", 'a: "\\x41"\n'],
    ["half a character", "a: \ud83d\n"],
    ["an indentation that fits nothing", "a:\n    b: 1\n  c: 2\n"],
    ["kept line breaks", "a: |+\n  x\n\n"],
    ["JSON with a key twice", '{"a":1,"a":2}\n'],
    ["JSON with an integer beyond a double", '{"a":9007199254740993}\n'],
    ["JSON with a number that is no double", '{"a":1e400}\n'],
    ["JSON with half a character", '{"a":"\\ud83d"}\n'],
    ["brackets that run over lines", "a: [1,\n  2]\n"],
  ])("%s", (_, text) => {
    expect(splitDocuments(text).map((part) => readFast(part, yamlLimits))).toEqual([undefined]);
  });
});

describe("what they answer is what the precise reader says", () => {
  test.each([
    ["whole files", fileTexts(51, 4000), 100],
    ["one scalar in each place", placedTexts(52, 12_000), 2000],
    ["marks in no order", soupTexts(53, 20_000), 200],
  ])("of random texts: %s", { timeout: 120_000 }, (_, texts, atLeast) => {
    const tally = { fast: 0, all: 0 };
    expect(texts.flatMap((text) => differences(text, tally))).toEqual([]);
    expect(tally.fast).toBeGreaterThan(atLeast);
  });

  test("of a manifest with a few characters changed", { timeout: 120_000 }, () => {
    const chance = chanceOf(54);
    const marks = [..." \n:-#'\"|>{}[],&*!%?~\t1ay.", "  ", "\n  ", ": ", " #", "- ", "---\n", "''", "\\", "\\n", "é"];
    const bases = [
      manifest,
      "a: b\nc:\n  - d: 1\n    e: 'f'\n  - g\nh: |\n  i\nj: {k: [l, 2]}\n",
      "a:\n  b: c\n  d:\n  - e\n",
    ];
    const tally = { fast: 0, all: 0 };
    const wrong: Difference[] = [];
    for (let round = 0; round < 6000; round += 1) {
      let text = chance.pick(bases);
      for (let change = chance.number(3); change >= 0; change -= 1) {
        const at = chance.number(text.length);
        text =
          text.slice(0, at) + (chance.number(4) === 0 ? "" : chance.pick(marks)) + text.slice(at + chance.number(3));
      }
      wrong.push(...differences(text, tally));
    }
    expect(wrong).toEqual([]);
    expect(tally.fast).toBeGreaterThan(500);
  });

  const anyString = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string(),
    fc.constantFrom(
      "yes",
      "0644",
      "a: b",
      " a",
      "a ",
      "- a",
      "#a",
      "a #b",
      "a\nb",
      "a\n\n  b\n",
      "x".repeat(200),
      "1e3",
      "",
    ),
    fc.lorem({ maxCount: 40 }),
  );
  const anyJson = fc.letrec<{ value: Json; map: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      anyString,
      fc.constantFrom(null, true, false),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.array(tie("value"), { maxLength: 4 }),
      tie("map"),
    ),
    map: fc.dictionary(fc.oneof(anyString, fc.stringMatching(/^[a-z./-]{1,12}$/)), tie("value"), { maxKeys: 5 }),
  })).map;

  test("of anything written as YAML", { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(anyJson, (value) => differences(formatYaml(value)).length === 0),
      { numRuns: 1500 },
    );
  });

  test("of anything written as JSON", { timeout: 120_000 }, () => {
    const indent = fc.constantFrom(0, 1, 2, 4, "\t");
    const written = fc.property(
      anyJson,
      indent,
      (value, space) => differences(`${JSON.stringify(value, null, space)}\n`).length === 0,
    );
    fc.assert(written, { numRuns: 1500 });
  });

  const root = path.join(import.meta.dirname, "..", "..");
  test.each(["test", "deploy", "docs", "charts"])("of every manifest under %s", { timeout: 120_000 }, (folder) => {
    expect(filesIn(path.join(root, folder)).flatMap((file) => differences(readFileSync(file, "utf8")))).toEqual([]);
  });
});

function filesIn(folder: string): readonly string[] {
  let found: readonly string[] = [];
  try {
    found = readdirSync(folder, { recursive: true, encoding: "utf8" });
  } catch {
    return [];
  }
  return found.filter((file) => /\.(ya?ml|json)$/.test(file)).map((file) => path.join(folder, file));
}

describeWith(["corpora"], "files of real projects", ({ corpora }) => {
  // What is larger is a definition of resources, and takes the precise reader seconds.
  const LARGE = 100_000;

  test("are read alike, and nearly all fast", { timeout: 300_000 }, () => {
    const tally = { fast: 0, all: 0 };
    const texts = filesIn(corpora).map((file) => readFileSync(file, "utf8"));
    expect(texts.filter(({ length }) => length < LARGE).flatMap((text) => differences(text, tally))).toEqual([]);
    expect(tally.fast / tally.all).toBeGreaterThan(0.95);
  });
});
