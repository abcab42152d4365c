/**
 * Live objects as `kubectl get` prints them: a List, a typed list, documents of YAML or JSON one after another, or one
 * JSON object a line. What cannot be read becomes a problem; only what is not there at all is thrown.
 */
import { getString, isArray, isObject, type Json, parseJson } from "../../model/json.ts";
import type { Problem } from "../../model/problem.ts";
import { type IdKey, idKey, idOf, isKubeObject, type KubeObject } from "../../model/resource.ts";
import { parseYaml } from "../../sources/yaml.ts";
import { filesUnder, readText, STANDARD_INPUT } from "./inputs.ts";
import { cliLimits } from "./parse-texts.ts";

export interface LiveDump {
  /** One id may have been printed at several versions. */
  readonly objects: ReadonlyMap<IdKey, readonly KubeObject[]>;
  readonly problems: readonly Problem[];
}

interface Found {
  readonly value: Json;
  readonly line: number;
}

interface Reading {
  readonly found: readonly Found[];
  readonly problems: readonly Problem[];
}

function* liveValues(value: Json): Generator<KubeObject | "no-object"> {
  const kind = getString(value, "kind") ?? "";
  if (isArray(value)) for (const item of value) yield* liveValues(item);
  else if (isObject(value) && kind.endsWith("List") && isArray(value["items"])) {
    // Items of a typed list (`kubectl get --raw`) name no kind of their own.
    const itemKind = kind.slice(0, -"List".length);
    const apiVersion = getString(value, "apiVersion") ?? "";
    for (const item of value["items"])
      yield* liveValues(
        isObject(item) && itemKind !== "" && !("kind" in item) ? { apiVersion, kind: itemKind, ...item } : item,
      );
  } else yield isKubeObject(value) && getString(value.metadata, "name") !== undefined ? value : "no-object";
}

/** The parser's own sentence would quote the text, and with it whatever Secret stands there. */
const notJson = (file: string, line: number): Problem => ({ code: "yaml-syntax", message: "not JSON", file, line });

/** Objects printed one after another: what `kubectl get -o json` gives for several calls. */
function splitObjects(text: string): readonly Found[] {
  const found: Found[] = [];
  let line = 1;
  for (const part of text.split(/(?<=^\}[ \t]*\r?\n)(?=\s*\{)/m)) {
    found.push({ value: parseJson(part), line });
    line += part.split("\n").length - 1;
  }
  return found;
}

/** One object a line; a broken line does not hide the others. */
function readLines(text: string, file: string): Reading {
  const found: Found[] = [];
  const problems: Problem[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    try {
      found.push({ value: parseJson(line), line: index + 1 });
    } catch {
      problems.push(notJson(file, index + 1));
    }
  }
  return { found, problems };
}

function isJson(line: string): boolean {
  try {
    return isObject(parseJson(line));
  } catch {
    return false;
  }
}

/** JSON in any of its forms needs no YAML parser; for big dumps that is a hundred times faster. */
function read(text: string, file: string): Reading {
  const start = /^\s*[[{]/.exec(text);
  if (start !== null) {
    try {
      return { found: [{ value: parseJson(text), line: 1 }], problems: [] };
    } catch {
      const [first = ""] = text.trimStart().split("\n", 1);
      if (isJson(first)) return readLines(text, file);
      try {
        return { found: splitObjects(text), problems: [] };
      } catch {
        // YAML in flow style, or broken; the parser below says which.
      }
    }
  }
  const { documents, problems } = parseYaml(text, file, cliLimits);
  return { found: documents.filter(({ value }) => value !== null), problems };
}

/** @throws CliError for what is not there */
export function readLive(target: string, readStandardInput: () => string): LiveDump {
  const objects = new Map<IdKey, KubeObject[]>();
  const problems: Problem[] = [];
  for (const file of target === "-" ? ["-"] : filesUnder(target)) {
    const name = file === "-" ? STANDARD_INPUT : file;
    const reading = read(readText(file, readStandardInput), name);
    problems.push(...reading.problems);
    for (const { value, line } of reading.found)
      for (const object of liveValues(value)) {
        if (object === "no-object") {
          const message = "expected objects as `kubectl get -o yaml` prints them, found something else";
          problems.push({ code: "not-an-object", message, file: name, line });
          continue;
        }
        const key = idKey(idOf(object));
        const same = objects.get(key);
        if (same === undefined) objects.set(key, [object]);
        else same.push(object);
      }
  }
  return { objects, problems };
}
