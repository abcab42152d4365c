/**
 * What `plumbline diff` reads from files: desired objects with their file and line, and live objects as `kubectl get`
 * prints them. Bad documents become problems; only what is not there at all is thrown.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { getString, isArray, isObject, type Json, parseJson } from "../../model/json.ts";
import type { Problem } from "../../model/problem.ts";
import { type IdKey, idKey, idOf, isKubeObject, type KubeObject } from "../../model/resource.ts";
import type { DesiredObject } from "../../model/snapshot.ts";
import { readManifests } from "../../sources/yaml.ts";
import { CliError, messageOf } from "../cli-error.ts";

export interface ReadObjects {
  readonly objects: readonly DesiredObject[];
  readonly problems: readonly Problem[];
}

const MANIFEST = /\.(ya?ml|json)$/i;

function filesUnder(target: string): readonly string[] {
  let stat: ReturnType<typeof statSync>;
  try {
    stat = statSync(target);
  } catch (error) {
    throw new CliError(`${target}: ${messageOf(error).replace(/^ENOENT.*/, "no such file or directory")}`);
  }
  if (!stat.isDirectory()) return [target];
  return readdirSync(target, { recursive: true, encoding: "utf8" })
    .filter((file) => MANIFEST.test(file))
    .map((file) => path.join(target, file))
    .filter((file) => statSync(file).isFile())
    .toSorted();
}

/** Files, folders (every manifest below), or `-` for standard input. @throws CliError for what is not there */
export function readDesired(targets: readonly string[], readStandardInput: () => string): ReadObjects {
  const objects: DesiredObject[] = [];
  const problems: Problem[] = [];
  for (const target of targets) {
    const files = target === "-" ? ["-"] : filesUnder(target);
    for (const file of files) {
      const text = file === "-" ? readStandardInput() : readFileSync(file, "utf8");
      const read = readManifests(text, file === "-" ? "<stdin>" : file);
      objects.push(...read.objects);
      problems.push(...read.problems);
    }
  }
  return { objects, problems };
}

function* liveValues(value: Json): Generator<KubeObject> {
  if (isArray(value)) for (const item of value) yield* liveValues(item);
  else if (isObject(value) && (getString(value, "kind") ?? "").endsWith("List") && isArray(value["items"])) {
    // Items of a typed list (`kubectl get --raw`) name no kind of their own.
    const kind = (getString(value, "kind") ?? "").slice(0, -"List".length);
    const apiVersion = getString(value, "apiVersion") ?? "";
    for (const item of value["items"])
      yield* liveValues(isObject(item) && kind !== "" && !("kind" in item) ? { apiVersion, kind, ...item } : item);
  } else if (isKubeObject(value)) yield value;
}

/** JSON, NDJSON and a List need no YAML parser; for big dumps that is a hundred times faster. */
function parseLive(
  text: string,
  file: string,
): { readonly values: readonly Json[]; readonly problems: readonly Problem[] } {
  if (/^\s*[[{]/.test(text)) {
    try {
      return { values: [parseJson(text)], problems: [] };
    } catch {
      const lines = text.split("\n").filter((line) => line.trim() !== "");
      try {
        return { values: lines.map(parseJson), problems: [] };
      } catch {
        // Not JSON line by line either: YAML in flow style, or broken; the parser below says which.
      }
    }
  }
  const read = readManifests(text, file);
  return { values: read.objects.map(({ object }) => object), problems: read.problems };
}

export interface LiveDump {
  readonly objects: ReadonlyMap<IdKey, KubeObject>;
  readonly problems: readonly Problem[];
}

/** @throws CliError for what is not there */
export function readLive(target: string, readStandardInput: () => string): LiveDump {
  const objects = new Map<IdKey, KubeObject>();
  const problems: Problem[] = [];
  for (const file of target === "-" ? ["-"] : filesUnder(target)) {
    const text = file === "-" ? readStandardInput() : readFileSync(file, "utf8");
    const read = parseLive(text, file === "-" ? "<stdin>" : file);
    problems.push(...read.problems);
    for (const value of read.values) for (const object of liveValues(value)) objects.set(idKey(idOf(object)), object);
  }
  return { objects, problems };
}
