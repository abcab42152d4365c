/**
 * YAML as kubectl reads it, to JSON. It promises exact integers, own keys only (a key `__proto__` is a key like any
 * other), refusal with a line of what kubectl or JSON cannot hold, and of duplicate keys; time and size bounded by the
 * limits. Where it differs from kubectl is told in docs/values.md, and test/truth/oracle measures it. A document that
 * fails leaves the others readable. It never quotes a value.
 */
import { fromText, type DeclaredText } from "../model/desired.ts";
import type { Json } from "../model/json.ts";
import { parsePointer } from "../model/path.ts";
import type { Problem } from "../model/problem.ts";
import type { DesiredObject } from "../model/snapshot.ts";
import { objectsOf } from "./manifest-objects.ts";
import { yamlSentence } from "./yaml-errors.ts";
import { yamlLimits, type YamlLimits } from "./yaml-limits.ts";
import { parseNodes } from "./yaml-nodes.ts";
import { Reading, Refusal } from "./yaml-reading.ts";
import { isJson, splitDocuments, type YamlPart } from "./yaml-split.ts";

export interface YamlDocument {
  readonly value: Json;
  /** 1-based line of the file on which the content starts. */
  readonly line: number;
  /** 1-based line of the key or list item that the tokens lead to; undefined where the document has none. */
  lineAt(tokens: readonly string[]): number | undefined;
}

export interface Manifests {
  readonly objects: readonly DesiredObject[];
  readonly problems: readonly Problem[];
}

/** Every document of a text that is not empty; `null` documents are kept. */
export function parseYaml(
  text: string,
  file?: string,
  limits: YamlLimits = yamlLimits,
): { readonly documents: readonly YamlDocument[]; readonly problems: readonly Problem[] } {
  const documents: YamlDocument[] = [];
  const problems: Problem[] = [];
  const place = file === undefined ? {} : { file };
  if (text.length > limits.maxText) {
    const message = `the file has ${text.length} characters, more than the ${limits.maxText} that are read`;
    return { documents, problems: [{ code: "yaml-too-large", message, ...place }] };
  }
  for (const part of splitDocuments(text)) {
    const parsed = parsePart(part, limits);
    if ("code" in parsed) problems.push({ ...parsed, ...place });
    else documents.push(parsed);
  }
  return { documents, problems };
}

/** Plain data, as it leaves a thread. */
export interface ManifestTexts {
  readonly objects: readonly DeclaredText[];
  readonly problems: readonly Problem[];
}

/** The objects a file declares, Lists expanded. Bad documents are problems and do not stop the others. */
export function readTexts(text: string, file: string, limits: YamlLimits = yamlLimits): ManifestTexts {
  const { documents, problems } = parseYaml(text, file, limits);
  const found = objectsOf(documents, file);
  return { objects: found.objects.map((entry) => entry.desired), problems: [...problems, ...found.problems] };
}

export const manifestsOf = ({ objects, problems }: ManifestTexts): Manifests => ({
  objects: objects.map(fromText),
  problems,
});

export function readManifests(text: string, file: string, limits: YamlLimits = yamlLimits): Manifests {
  return manifestsOf(readTexts(text, file, limits));
}

/**
 * Lines of the very fields that JSON Pointers lead to in the object at `index` of a file; a pointer that leads nowhere
 * is left out.
 */
export function locatePointers(text: string, index: number, pointers: readonly string[]): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  const entry = objectsOf(parseYaml(text).documents, "").objects[index];
  for (const pointer of pointers) {
    const tokens = parsePointer(pointer);
    const line = tokens === undefined ? undefined : entry?.document.lineAt([...entry.prefix, ...tokens]);
    if (line !== undefined) lines.set(pointer, line);
  }
  return lines;
}

/** From offset in a part to line in its file; the index is made when first asked for. */
function lineFinder(part: YamlPart): (offset: number) => number {
  let starts: readonly number[] | undefined;
  return (offset) => {
    starts ??= [0, ...[...part.text.matchAll(/\n/g)].map((match) => match.index + 1)];
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return part.line + low;
  };
}

function parsePart(part: YamlPart, limits: YamlLimits): YamlDocument | Problem {
  const lineOf = lineFinder(part);
  if (part.unread) return { code: "yaml-syntax", message: yamlSentence("UNREAD"), line: part.line };
  try {
    const json = isJson(part.text);
    const separator = json ? -1 : part.text.search(/[\u0085\u2028\u2029]/);
    if (separator >= 0) return { code: "yaml-syntax", message: yamlSentence("BREAK"), line: lineOf(separator) };
    const parsed = parseNodes(part.text);
    if ("error" in parsed)
      return { code: "yaml-syntax", message: yamlSentence(parsed.error), line: lineOf(parsed.offset) };
    const reading = new Reading(part.text, json, limits);
    const { root } = parsed;
    const value = reading.read(root, 0);
    return {
      value,
      line: lineOf(root?.range?.[0] ?? 0),
      lineAt(tokens) {
        const offset = reading.offsetOf(root, tokens);
        return offset === undefined ? undefined : lineOf(offset);
      },
    };
  } catch (refusal) {
    if (refusal instanceof Refusal)
      return { code: refusal.code, message: refusal.sentence, line: lineOf(refusal.offset) };
    // The parser recurses into nested collections, and runs out of stack before our own limit is asked.
    if (refusal instanceof RangeError)
      return { code: "yaml-syntax", message: yamlSentence("RESOURCE_EXHAUSTION"), line: part.line };
    throw refusal;
  }
}
