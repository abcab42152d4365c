/**
 * A golden case as its folder holds it. `golden/README.md` describes the files. Reads only; what a file says wrongly is
 * thrown, for a case is written by us.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { getIn, getString, isArray, isObject, parseJson, type Json, type JsonObject } from "../../src/model/json.ts";
import { isKubeObject, type KubeObject } from "../../src/model/resource.ts";
import { parseYaml } from "../../src/sources/yaml.ts";

export interface GoldenCase {
  /** `fp-01-cpu-respelled`: also the namespace its objects live in. */
  readonly name: string;
  readonly folder: string;
  readonly steps: readonly JsonObject[];
  /** Played where a kube-controller-manager runs. */
  readonly controllers: boolean;
  /** Why live was written by hand and is not recorded: only where no server here can give it. */
  readonly handmade: string | undefined;
  /** Judged while the deployer may still catch up with the revision. */
  readonly withinGrace: boolean;
  readonly expected: JsonObject;
}

/** What the recorder does where a case says nothing: the ordinary server-side apply of a GitOps tool. */
const usual: readonly JsonObject[] = [{ apply: "desired.yaml", as: "argocd-controller" }];

export const goldenRoot: string = fileURLToPath(new URL("./golden/", import.meta.url));
const ROW = /^(fp|fn)-(\d\d)-[a-z0-9-]+$/;

export const rowOf = (name: string): string => name.slice(0, 5);

function readOne(file: string): JsonObject {
  const { documents, problems } = parseYaml(readFileSync(file, "utf8"), file);
  const [problem] = problems;
  if (problem !== undefined) throw new Error(`${file}:${problem.line ?? 0}: ${problem.message}`);
  const value = documents[0]?.value;
  if (!isObject(value)) throw new Error(`${file} holds no object`);
  return value;
}

const objectsIn = (value: Json | undefined): readonly JsonObject[] => (isArray(value) ? value.filter(isObject) : []);

const KNOWN = new Set(["controllers", "handmade", "within-grace", "steps"]);

export function readCase(name: string): GoldenCase {
  const folder = path.join(goldenRoot, name);
  const stepsFile = path.join(folder, "steps.yaml");
  const said = existsSync(stepsFile) ? readOne(stepsFile) : {};
  const unknown = Object.keys(said).filter((key) => !KNOWN.has(key));
  if (unknown.length > 0) throw new Error(`${stepsFile}: ${unknown.join(", ")}`);
  const expected = readOne(path.join(folder, "expected.yaml"));
  return {
    name,
    folder,
    steps: said["steps"] === undefined ? usual : objectsIn(said["steps"]),
    controllers: said["controllers"] === true,
    handmade: getString(said, "handmade"),
    withinGrace: said["within-grace"] === true,
    expected,
  };
}

export function goldenNames(): readonly string[] {
  return readdirSync(goldenRoot, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => {
      if (!ROW.test(entry.name)) throw new Error(`${entry.name} is no row of the lists`);
      return entry.name;
    })
    .sort();
}

/** The text of a file of the case; undefined where it has none. */
export function textOf({ folder }: GoldenCase, file: string): string | undefined {
  const at = path.join(folder, file);
  return existsSync(at) ? readFileSync(at, "utf8") : undefined;
}

export const recordingOf = (look: string): string => (look === "end" ? "live.json" : `live-${look}.json`);

/** What dry runs were answered with, where the case asked for some. */
export const dryRuns = "dry-run.json";

/** Moments at which the live side was looked at, in order; the last is `end`. */
export function looksOf({ steps }: GoldenCase): readonly string[] {
  return [...steps.flatMap((step) => getString(step, "look") ?? []), "end"];
}

/** Objects of a recorded file; undefined where the case has none of that name. */
export function readRecorded(golden: GoldenCase, file: string): readonly KubeObject[] | undefined {
  const text = textOf(golden, file);
  if (text === undefined) return undefined;
  const items = getIn(parseJson(text), "items");
  return isArray(items) ? items.filter(isKubeObject) : [];
}

export function readLive(golden: GoldenCase, look: string): readonly KubeObject[] {
  const found = readRecorded(golden, recordingOf(look));
  if (found === undefined) throw new Error(`${golden.name} has no ${recordingOf(look)}: npm run golden ${golden.name}`);
  return found;
}

/** Server the recordings were made on, `1.36.1`. */
export function recordedWith(): string {
  return readFileSync(path.join(goldenRoot, "RECORDED-WITH"), "utf8").trim();
}
