/**
 * YAML as kubectl reads it, to JSON. It promises exact integers, own keys only (a key `__proto__` is a key like any
 * other), refusal with a line of what kubectl or JSON cannot hold, and of duplicate keys; time and size bounded by the
 * limits. Where it differs from kubectl is told in docs/values.md, and test/truth/oracle measures it. A document that
 * fails leaves the others readable. It never quotes a value.
 */
import { fromText, type DeclaredText } from "../model/desired.ts";
import { parsePointer } from "../model/path.ts";
import type { Problem } from "../model/problem.ts";
import type { DesiredObject } from "../model/snapshot.ts";
import { objectsOf } from "./manifest-objects.ts";
import { readBlock } from "./yaml-block.ts";
import { readJson } from "./yaml-json.ts";
import { yamlLimits, type YamlLimits } from "./yaml-limits.ts";
import { readPrecisely, type YamlDocument } from "./yaml-precise.ts";
import { splitDocuments, startsAsJson, type YamlPart } from "./yaml-split.ts";

export type { YamlDocument } from "./yaml-precise.ts";

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
    const parsed = readFast(part, limits) ?? readPrecisely(part, limits);
    if ("code" in parsed) problems.push({ ...parsed, ...place });
    else documents.push(parsed);
  }
  return { documents, problems };
}

/** Plain data, as it leaves the process that read it. */
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

/** As {@link readTexts}, of text or the bytes of it. */
export function readContent(content: string | Uint8Array, file: string, limits: YamlLimits): ManifestTexts {
  const text = typeof content === "string" ? content : decode(content);
  if (text !== undefined) return readTexts(text, file, limits);
  return { objects: [], problems: [{ code: "yaml-syntax", message: "the file is not UTF-8 text", file, line: 1 }] };
}

function decode(content: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return undefined;
  }
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

/** What the fast readers make of a part; the precise one is asked for lines only when somebody asks for them. */
export function readFast(part: YamlPart, limits: YamlLimits): YamlDocument | undefined {
  if (part.unread) return undefined;
  const read = startsAsJson(part.text) ? readJson(part.text, limits.maxDepth) : readBlock(part.text, limits.maxDepth);
  if (read === undefined) return undefined;
  let precise: YamlDocument | undefined;
  return {
    value: read.value,
    line: part.line + read.linesBefore,
    lineAt(tokens) {
      if (precise === undefined) {
        const again = readPrecisely(part, limits);
        if ("code" in again) return undefined;
        precise = again;
      }
      return precise.lineAt(tokens);
    },
  };
}
