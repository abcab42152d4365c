/**
 * One parsed document to JSON, as go-yaml and sigs.k8s.io/yaml make it: scalars resolved, anchors and merges expanded
 * within a budget, keys made text. What those refuse, and what the parser would read otherwise than they do, is refused
 * with its place; a key that is there twice, and an alias bomb, too.
 */
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from "yaml";
import type { Json } from "../model/json.ts";
import { printableLine } from "../model/printable.ts";
import type { Problem } from "../model/problem.ts";
import { yamlSentence } from "./yaml-errors.ts";
import type { YamlLimits } from "./yaml-limits.ts";
import { keyText, readScalar, readTagged, toJson, type ReadScalar } from "./yaml-scalars.ts";

interface Anchored {
  readonly node: Node;
  value: Json | undefined;
  size: number;
}

/** Why a document is refused; caught where it is parsed. */
export class Refusal {
  readonly code: Problem["code"];
  readonly sentence: string;
  readonly offset: number;
  constructor(code: Problem["code"], sentence: string, node: Node | null) {
    this.code = code;
    this.sentence = sentence;
    this.offset = node?.range?.[0] ?? 0;
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
export class Reading {
  readonly #text: string;
  /** Text that is JSON is read as JSON: what YAML 1.1 makes of some escapes does not matter then. */
  readonly #json: boolean;
  readonly #limits: YamlLimits;
  readonly #anchors = new Map<string, Anchored>();
  readonly #targets = new Map<Node, Anchored>();
  #size = 0;
  #aliased = 0;

  constructor(text: string, json: boolean, limits: YamlLimits) {
    this.#text = text;
    this.#json = json;
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
    if (isSeq(node)) {
      return node.items.map((item) => {
        if (node.flow === true) checkInFlow(item);
        return this.#readPairAsText(item) ?? this.read(item as Node | null, depth + 1);
      });
    }
    const value = toJson(this.#readScalar(node as Scalar).value);
    if (value === undefined) throw new Refusal("yaml-syntax", yamlSentence("NUMBER"), node);
    return value;
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
      if (node.flow === true) checkPairInFlow(pair);
      const key = (node.flow === true ? this.#withColon(pair.key) : undefined) ?? this.#readKey(pair.key);
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
    const target = isAlias(node) ? this.#anchors.get(node.source)?.node : node;
    if (isScalar(target) && target.anchor !== undefined) this.read(node, 0);
    const key = isScalar(target) ? keyText(this.#readScalar(target)) : undefined;
    if (key === undefined) throw new Refusal("yaml-syntax", yamlSentence("KEY"), node);
    return key;
  }

  #readScalar(node: Scalar): ReadScalar {
    const text = node.source ?? "";
    const ofYaml = node.tag?.startsWith(TAG) === true;
    if (node.type === "QUOTE_DOUBLE" && !this.#json) this.#checkEscapes(node);
    // A half of a surrogate pair is replaced, as Go does.
    if (!ofYaml && (node.type !== "PLAIN" || node.tag !== undefined))
      return { value: String(node.value).toWellFormed(), float: false };
    const read = ofYaml ? readTagged(text, node.tag?.slice(TAG.length) ?? "") : readScalar(text);
    if (read === undefined) throw new Refusal("yaml-syntax", yamlSentence("TAG"), node);
    return read;
  }

  /** What YAML 1.1 has no escape for, and a blank line behind an escaped line break, which the parser drops. */
  #checkEscapes(node: Scalar): void {
    const raw = this.#text.slice(node.range?.[0], node.range?.[1]);
    if (!raw.includes("\\")) return;
    for (const [escape] of raw.matchAll(/\\(?:\r?\n[ \t]*\r?\n|u[dD][89a-fA-F]|.)/g)) {
      if (escape === "\\/" || escape.length > 2) throw new Refusal("yaml-syntax", yamlSentence("BAD_DQ_ESCAPE"), node);
    }
  }

  /** The parser ends `a` at the colon of `{a:}` and `[2001:db8::]`; for go-yaml the colon is the text's last letter. */
  #withColon(key: Node): string | undefined {
    if (!isScalar(key) || key.type !== "PLAIN") return undefined;
    const end = key.range?.[1] ?? 0;
    const [, space, next = ""] = /^([ \t]*):([,[\]{}])/.exec(this.#text.slice(end, end + 64)) ?? [];
    if (space === undefined) return undefined;
    if (space !== "" || key.tag !== undefined || "[{".includes(next))
      throw new Refusal("yaml-syntax", yamlSentence("FLOW_COLON"), key);
    return `${key.source}:`;
  }

  #readPairAsText(item: unknown): string | undefined {
    if (!isMap(item) || item.flow !== true || item.items.length !== 1) return undefined;
    // With braces around it, it is a mapping whatever it holds.
    if (this.#text[item.range?.[0] ?? 0] === "{") return undefined;
    return this.#withColon(item.items[0]?.key as Node);
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

/** Inside brackets go-yaml takes `?`, and `:` at the start, for marks of its own, wherever they stand. */
function checkInFlow(node: unknown): void {
  if (!isScalar(node) || node.type !== "PLAIN") return;
  const text = node.source ?? "";
  if (text.startsWith(":") || text.includes("?"))
    throw new Refusal("yaml-syntax", yamlSentence("FLOW_MARK"), node as Scalar);
}

function checkPairInFlow({ key, value }: Pair<Node, Node | null>): void {
  checkInFlow(key);
  checkInFlow(value);
}
