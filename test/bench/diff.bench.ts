/**
 * `plumbline diff` of 10,000 objects against a saved dump, held against parsing the same bytes alone. The contract
 * (docs/diff.md) allows 20 % more; the ratio is printed. On a busy machine, the lowest of the rounds says most.
 */
import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { createFolder, plumbline } from "../cli/terminal.ts";
import { makeShop } from "./shop.ts";

const OBJECTS = 10_000;
const DRIFT_EVERY = 100;
const folder = createFolder();
afterAll(() => folder.remove());

const shop = makeShop(OBJECTS, DRIFT_EVERY);
const files = shop.files.map((text, at) => folder.put(`git/${String(at).padStart(3, "0")}.yaml`, text));
const dump = folder.put("live.json", shop.dump);

function parseOnly(): void {
  for (const file of files) for (const document of parseAllDocuments(readFileSync(file, "utf8"))) document.toJS();
  JSON.parse(readFileSync(dump, "utf8"));
}

async function diff(): Promise<void> {
  const run = await plumbline(["diff", "-f", folder.at("git"), "--live", dump, "-o", "json"]);
  expect(run.status).toBe(1);
  expect(run.stdout).toContain(`"drifted": ${shop.drifted}`);
}

test(`${OBJECTS} objects, one in ${DRIFT_EVERY} drifted`, { timeout: 600_000 }, async ({ bench }) => {
  const results = await bench.compare(bench("parse only", parseOnly), bench("diff", diff), {
    time: 0,
    iterations: 3,
    warmupTime: 0,
    warmupIterations: 1,
  });
  const lowest = (name: "parse only" | "diff"): number => results.get(name).latency.min;
  const ratio = lowest("diff") / lowest("parse only");
  process.stdout.write(
    `parse ${lowest("parse only").toFixed(0)} ms, diff ${lowest("diff").toFixed(0)} ms: ratio ${ratio.toFixed(2)}\n`,
  );
});
