/**
 * YAML as kubectl reads it, to JSON: the one door to the parser. It promises exact integers, own keys only (a key
 * `__proto__` is a key like any other), refusal with a line of what kubectl or JSON cannot hold, and of duplicate keys;
 * time and size bounded by the limits. It is stricter than kubectl where brackets run over lines: what they hold must be
 * indented, as YAML 1.2 has it. A document that fails leaves the others readable. It never quotes a value.
 */
import { isAlias, isMap, isScalar, isSeq, parseDocument, type Node, type Pair, type Scalar, type YAMLMap } from "yaml";
import type { Json } from "../model/json.ts";
import { parsePointer } from "../model/path.ts";
import { printableLine } from "../model/printable.ts";
import type { Problem } from "../model/problem.ts";
import type { DesiredObject } from "../model/snapshot.ts";
import { objectsOf } from "./manifest-objects.ts";
import { yamlSentence } from "./yaml-errors.ts";
import { keyText, resolvePlain, resolveTagged, type ScalarValue } from "./yaml-scalars.ts";
import { splitDocuments, type YamlPart } from "./yaml-split.ts";

export interface YamlLimits {
  /** UTF-16 units of one file. */
  readonly maxText: number;
  /** Values that all aliases of one document may expand to. */
  readonly maxAliased: number;
  readonly maxDepth: number;
}

export const yamlLimits: YamlLimits = { maxText: 8 * 1024 * 1024, maxAliased: 100_000, maxDepth: 500 };

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

interface Anchored {
  readonly node: Node;
  value: Json | undefined;
  size: number;
}

/** Why a document is refused; caught where it is parsed. */
class Refusal {
  readonly code: Problem["code"];
  readonly sentence: string;
  readonly offset: number;
  constructor(code: Problem["code"], sentence: string, node: Node | null) {
    this.code = code;
    this.sentence = sentence;
    this.offset = node?.range?.[0] ?? 0;
  }
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

/** The objects a file declares, Lists expanded. Bad documents are problems and do not stop the others. */
export function readManifests(text: string, file: string, limits: YamlLimits = yamlLimits): Manifests {
  const { documents, problems } = parseYaml(text, file, limits);
  const found = objectsOf(documents, file);
  return { objects: found.objects.map((entry) => entry.desired), problems: [...problems, ...found.problems] };
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
  try {
    // `failsafe` leaves every scalar a string, and we resolve them; uniqueness is checked below in linear time.
    const document = parseDocument(part.text, {
      schema: "failsafe",
      resolveKnownTags: false,
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: "silent",
    });
    const error = document.errors[0];
    if (error !== undefined)
      return { code: "yaml-syntax", message: yamlSentence(error.code), line: lineOf(error.pos[0]) };
    const reading = new Reading(limits);
    const root = document.contents as Node | null;
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

function put(object: Record<string, Json>, key: string, value: Json): void {
  // A plain assignment to `__proto__` would set the prototype.
  if (key === "__proto__")
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}

const TAG = "tag:yaml.org,2002:";

function isMergeKey(key: unknown): boolean {
  return (
    isScalar(key) && key.source === "<<" && (key.tag === undefined ? key.type === "PLAIN" : key.tag === `${TAG}merge`)
  );
}

/** One document being read: its anchors so far, and what its aliases have cost. */
class Reading {
  readonly #limits: YamlLimits;
  readonly #anchors = new Map<string, Anchored>();
  readonly #targets = new Map<Node, Anchored>();
  #size = 0;
  #aliased = 0;

  constructor(limits: YamlLimits) {
    this.#limits = limits;
  }

  read(node: Node | null, depth: number): Json {
    if (depth > this.#limits.maxDepth) throw new Refusal("yaml-syntax", yamlSentence("RESOURCE_EXHAUSTION"), node);
    this.#size += 1;
    if (node === null) return null;
    if (isAlias(node)) return this.#readAlias(node);
    const name = isMap(node) || isSeq(node) || isScalar(node) ? node.anchor : undefined;
    const anchored: Anchored = { node, value: undefined, size: this.#size };
    if (name !== undefined) this.#anchors.set(name, anchored);
    const value = this.#readOwn(node, depth);
    anchored.value = value;
    anchored.size = this.#size - anchored.size + 1;
    return value;
  }

  #readOwn(node: Node, depth: number): Json {
    if (isMap(node)) return this.#readMap(node as YAMLMap<Node, Node | null>, depth);
    if (isSeq(node)) return node.items.map((item) => this.read(item as Node | null, depth + 1));
    return readScalar(node as Scalar);
  }

  #readAlias(node: Node & { readonly source: string }): Json {
    const target = this.#anchors.get(node.source);
    if (target === undefined) throw new Refusal("yaml-syntax", yamlSentence("UNKNOWN_ALIAS"), node);
    if (target.value === undefined) throw new Refusal("yaml-syntax", yamlSentence("CYCLE"), node);
    this.#targets.set(node, target);
    this.#spend(target.size, node);
    return target.value;
  }

  /** Sharing costs us nothing, but whoever writes the value out pays for every copy. */
  #spend(size: number, node: Node): void {
    this.#size += size;
    this.#aliased += size;
    if (this.#aliased > this.#limits.maxAliased) throw new Refusal("yaml-alias-budget", yamlSentence("ALIASES"), node);
  }

  #readMap(node: YAMLMap<Node, Node | null>, depth: number): Json {
    const object: Record<string, Json> = {};
    const own = new Set<string>();
    for (const pair of node.items) {
      if (isMergeKey(pair.key)) {
        this.#merge(object, pair, depth);
        continue;
      }
      const key = this.#readKey(pair.key);
      if (own.has(key)) {
        const sentence = printableLine(`the key ${JSON.stringify(key)} is there twice`, 200);
        throw new Refusal("yaml-duplicate-key", sentence, pair.key);
      }
      own.add(key);
      put(object, key, this.read(pair.value, depth + 1));
    }
    return object;
  }

  #readKey(node: Node): string {
    const value = this.read(node, 0);
    const key = typeof value === "object" && value !== null ? undefined : keyText(value as ScalarValue);
    if (key === undefined) throw new Refusal("yaml-syntax", yamlSentence("KEY"), node);
    return key;
  }

  /** As go-yaml v2: in the order of the text (a merge below a key wins over it), the first of a list wins over the next. */
  #merge(object: Record<string, Json>, pair: Pair<Node, Node | null>, depth: number): void {
    const from = pair.value;
    const direct = from !== null && isSeq(from) ? [...(from.items as Node[])].reverse() : [from];
    for (const node of direct) {
      const value = this.read(node, depth + 1);
      if (typeof value !== "object" || value === null || Array.isArray(value))
        throw new Refusal("yaml-syntax", yamlSentence("MERGE"), node ?? pair.key);
      for (const [key, entry] of Object.entries(value)) put(object, key, entry);
    }
  }

  /** Offset of the key or item that the tokens lead to. */
  offsetOf(root: Node | null, tokens: readonly string[]): number | undefined {
    let at = root;
    let offset = root?.range?.[0];
    for (const token of tokens) {
      const step = this.#step(at, token);
      if (step === undefined) return undefined;
      at = step.node;
      offset = step.offset;
    }
    return offset;
  }

  #step(from: Node | null, token: string): { readonly node: Node | null; readonly offset: number } | undefined {
    const node = from !== null && isAlias(from) ? (this.#targets.get(from)?.node ?? null) : from;
    if (isSeq(node)) {
      const item = node.items[Number(token)] as Node | null | undefined;
      return item === undefined || item === null ? undefined : { node: item, offset: item.range?.[0] ?? 0 };
    }
    if (!isMap(node)) return undefined;
    for (const pair of [...(node as YAMLMap<Node, Node | null>).items].reverse()) {
      if (isMergeKey(pair.key)) {
        const sources = isSeq(pair.value) ? (pair.value.items as Node[]) : [pair.value];
        for (const source of sources) {
          const merged = this.#step(source, token);
          if (merged !== undefined) return merged;
        }
      } else if (this.#readKey(pair.key) === token)
        return { node: pair.value ?? null, offset: pair.key.range?.[0] ?? 0 };
    }
    return undefined;
  }
}

function readScalar(node: Scalar): ScalarValue {
  const text = node.source ?? "";
  const ofYaml = node.tag?.startsWith(TAG) === true;
  if (!ofYaml && (node.type !== "PLAIN" || node.tag !== undefined)) return String(node.value);
  const value = ofYaml ? resolveTagged(text, node.tag?.slice(TAG.length) ?? "") : resolvePlain(text);
  if (value === undefined) throw new Refusal("yaml-syntax", yamlSentence("TAG"), node);
  if (typeof value === "number" && !Number.isFinite(value))
    throw new Refusal("yaml-syntax", yamlSentence("NUMBER"), node);
  return value;
}
