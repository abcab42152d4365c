/**
 * `npm run truth`: the comparison against a real API server, over every object of the corpora or of the directories
 * given. Prints what it found on standard output and how far it is on standard error; exits with 1 where one word was
 * false, with 2 where it could not ask.
 */
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { startControlPlane } from "../control-plane/control-plane.ts";
import { requirement } from "../control-plane/requirements.ts";
import { inOrder, readFolder, type Declared } from "../corpus/corpora.ts";
import { openTruthServer } from "../corpus/truth-server.ts";
import type { LegContext, LegReport } from "./leg.ts";
import { legs } from "./legs.ts";
import { writeReadme } from "./readme.ts";
import { printReport } from "./report.ts";
import { setStage } from "./stage.ts";
import { isWrong } from "./tally.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: "1" },
    server: { type: "string" },
    mutations: { type: "string", default: "5000" },
    sample: { type: "string", default: "300" },
    json: { type: "string" },
    readme: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const began = performance.now();
const progress = (text: string): void =>
  console.error(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${text}`);

function fail(text: string): never {
  console.error(text);
  process.exit(2);
}

if (values.help) {
  console.log(
    "npm run truth -- [leg …] [--seed 1,2,3] [--server 1.35] [--mutations 5000] [--sample 300] [--json file] [--readme] [dir …]",
  );
  for (const { name, about } of legs) console.log(`  ${name.padEnd(14)}${about}`);
  process.exit(0);
}

const isFolder = (name: string): boolean => existsSync(name) && statSync(name).isDirectory();
const named = legs.filter(({ name }) => positionals.includes(name));
const chosen = named.length > 0 ? named : legs;
const folders = positionals.filter((word) => !legs.some(({ name }) => name === word));
for (const folder of folders) if (!isFolder(folder)) fail(`${folder} is neither a leg nor a directory; see --help`);

function readAll(): readonly Declared[] {
  if (folders.length > 0) return inOrder(folders.flatMap((folder) => readFolder(folder, path.basename(folder))));
  const corpora = requirement("corpora");
  if (!corpora.ok) fail("the corpora are not here; name a directory of manifests");
  const root = path.join(corpora.path, "manifests");
  return inOrder(
    readdirSync(root)
      .toSorted()
      .flatMap((name) => readFolder(path.join(root, name), name)),
  );
}

const declared = readAll();
const seeds = values.seed.split(",").map(Number);
if (!seeds.every(Number.isSafeInteger)) fail(`--seed ${values.seed} is no list of whole numbers`);
const plane = await startControlPlane(values.server === undefined ? {} : { server: values.server });
const stop = (): never => {
  void plane.stop().finally(() => process.exit(130));
  return undefined as never;
};
process.once("SIGINT", stop);
process.once("SIGTERM", stop);
const reports: LegReport[] = [];
try {
  progress(`kube-apiserver ${plane.version}, ${declared.length} objects, seed ${seeds.join(", ")}`);
  const server = await openTruthServer(plane);
  const common = {
    plane,
    server,
    declared,
    count: Number(values.mutations),
    sample: Number(values.sample),
    stage: setStage(server, declared, { everyWay: chosen.some(({ name }) => name === "identity"), progress }),
    progress,
  };
  const contexts = seeds.map((seed): LegContext => ({ ...common, seed }));
  for (const leg of chosen) {
    for (const context of leg.seeded === true ? contexts : contexts.slice(0, 1)) {
      progress(`${leg.name}, seed ${context.seed}: ${leg.about}`);
      const report = await leg.run(context);
      reports.push(report);
      console.log(printReport(report));
    }
  }
  server.close();
} finally {
  await plane.stop();
}
if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ version: plane.version, seeds, reports })}\n`);
if (values.readme)
  writeReadme({ version: plane.version, seeds, asked: process.argv.slice(2), objects: declared.length, reports });
const wrong = reports.reduce((total, { cases }) => total + cases.filter(isWrong).length, 0);
progress(`${wrong} wrong`);
process.exitCode = wrong === 0 ? 0 : 1;
