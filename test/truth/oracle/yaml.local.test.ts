/** Thousands of random files, each held to what kubectl sends for it. A file is read as there, or refused; never otherwise. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { canonicalJson } from "../../../src/model/canonical.ts";
import { parseJson } from "../../../src/model/json.ts";
import { yamlSentence } from "../../../src/sources/yaml-errors.ts";
import { parseYaml } from "../../../src/sources/yaml.ts";
import { describeWith } from "../../support/describe-with.ts";
import { buildOracle, type Answer, type Oracle } from "./go-oracle.ts";
import { fileTexts, placedTexts, soupTexts } from "./yaml-texts.ts";

/** What we refuse and kubectl reads; docs/values.md tells each. */
const stricter = [
  "BAD_DQ_ESCAPE",
  "BLOCK_IN_FLOW",
  "FLOW_COLON",
  "FLOW_MARK",
  "BREAK",
  "UNREAD",
  "UNEXPECTED_TOKEN",
  "KEY",
  "TAG",
].map(yamlSentence);

function ours(text: string): { readonly documents?: readonly string[]; readonly refusal?: string } {
  const { documents, problems } = parseYaml(text);
  const [problem] = problems;
  if (problem !== undefined) return { refusal: problem.code === "yaml-duplicate-key" ? problem.code : problem.message };
  return { documents: documents.filter(({ value }) => value !== null).map(({ value }) => canonicalJson(value)) };
}

function theirs(answer: Answer | undefined): readonly string[] | undefined {
  if (answer?.error !== undefined) return undefined;
  return (answer?.values ?? []).map((text) => canonicalJson(parseJson(text)));
}

describeWith(["go"], "a file, as kubectl reads it", ({ go }) => {
  let oracle: Oracle;
  beforeAll(async () => {
    oracle = await buildOracle(go);
  }, 550_000);
  afterAll(() => oracle?.remove());

  test.each([
    ["whole files", fileTexts(20_260_402, 4000), stricter],
    ["one scalar in each place", placedTexts(20_260_403, 6000), stricter],
    ["marks in no order", soupTexts(20_260_404, 6000), undefined],
  ])("%s", { timeout: 300_000 }, async (_, texts, allowed) => {
    const answers = await oracle.ask(texts.map((text) => ({ op: "documents", args: [text] })));
    let same = 0;
    const wrong = texts.flatMap((text, index): readonly object[] => {
      const read = ours(text);
      const expected = theirs(answers[index]);
      // What kubectl refuses is applied nowhere, so nothing false can be said of it.
      if (expected === undefined) return [];
      if (read.documents === undefined) {
        const told = allowed === undefined || [...allowed, "yaml-duplicate-key"].includes(read.refusal ?? "");
        return told ? [] : [{ text, refusal: read.refusal }];
      }
      if (JSON.stringify(read.documents) !== JSON.stringify(expected))
        return [{ text, expected, read: read.documents }];
      same += 1;
      return [];
    });
    expect(wrong).toEqual([]);
    // Enough of them say something.
    expect(same).toBeGreaterThan(texts.length / 10);
  });
});

describeWith(["go", "corpora"], "files of real projects, as kubectl reads them", ({ go, corpora }) => {
  let oracle: Oracle;
  beforeAll(async () => {
    oracle = await buildOracle(go);
  }, 550_000);
  afterAll(() => oracle?.remove());

  test("every document, but where a key is there twice", { timeout: 300_000 }, async () => {
    const files = readdirSync(corpora, { recursive: true, encoding: "utf8" }).filter((file) =>
      /\.(ya?ml|json)$/.test(file),
    );
    const texts = files.map((file) => readFileSync(path.join(corpora, file), "utf8"));
    const answers = await oracle.ask(texts.map((text) => ({ op: "documents", args: [text] })));
    const wrong = files.filter((_, index) => {
      const read = ours(texts[index] ?? "");
      const expected = theirs(answers[index]);
      if (expected === undefined || read.refusal === "yaml-duplicate-key") return false;
      return JSON.stringify(read.documents) !== JSON.stringify(expected);
    });
    expect(wrong).toEqual([]);
    expect(files.length).toBeGreaterThan(100);
  });
});
