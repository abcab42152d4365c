/**
 * The layout of one YAML document: where each key, value and dash stands in the text. It is for changing the very
 * characters of a value; what a value means is told by the reader in `sources`, never here.
 */
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseDocument, Parser, type Scalar, visit } from "yaml";
import { keyText, readScalar } from "../../sources/yaml-scalars.ts";

interface Place {
  /** Offset of the first character of the value, behind its anchor and tag. */
  readonly start: number;
  /** Offset behind the last character that belongs to it: never a line break, a trailing comment or a blank line. */
  readonly end: number;
  /** Its anchor, where an alias somewhere in the document means it. */
  readonly anchor?: string;
}

export interface ScalarNode extends Place {
  readonly type: "scalar";
  readonly style: "plain" | "single" | "double" | "block" | "empty";
  /** A block with `+`: the blank lines below are part of its text. */
  readonly keeps?: true;
}

export interface PairNode {
  /** Undefined for what is no key of JSON, and for a merge. */
  readonly key: string | undefined;
  readonly keyStart: number;
  /** Offset behind the colon. */
  readonly colonEnd: number;
  readonly value: YamlNode;
}

export interface MapNode extends Place {
  readonly type: "map";
  readonly flow: boolean;
  readonly pairs: readonly PairNode[];
}

export interface ItemNode {
  /** Offset of the dash; of the value itself inside brackets. */
  readonly start: number;
  readonly value: YamlNode;
}

export interface SeqNode extends Place {
  readonly type: "seq";
  readonly flow: boolean;
  readonly items: readonly ItemNode[];
}

export interface AliasNode extends Place {
  readonly type: "alias";
  readonly name: string;
}

export type YamlNode = ScalarNode | MapNode | SeqNode | AliasNode;

export function* scalarsOf(node: YamlNode): Generator<ScalarNode> {
  if (node.type === "scalar") yield node;
  if (node.type === "map") for (const { value } of node.pairs) yield* scalarsOf(value);
  if (node.type === "seq") for (const { value } of node.items) yield* scalarsOf(value);
}

interface Token {
  readonly type: string;
  readonly offset: number;
  readonly source: string;
}

const styles: Readonly<Record<string, ScalarNode["style"]>> = {
  PLAIN: "plain",
  QUOTE_SINGLE: "single",
  QUOTE_DOUBLE: "double",
  BLOCK_LITERAL: "block",
  BLOCK_FOLDED: "block",
};

const options = {
  schema: "failsafe",
  resolveKnownTags: false,
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: "silent",
  keepSourceTokens: true,
} as const;

function tokensOf(item: unknown, part: "start" | "sep"): readonly Token[] {
  const found = typeof item === "object" && item !== null ? (item as Record<string, unknown>)[part] : undefined;
  return Array.isArray(found) ? (found as Token[]) : [];
}

const endOf = (token: Token | undefined): number | undefined =>
  token === undefined ? undefined : token.offset + token.source.length;

class Builder {
  readonly #text: string;
  readonly #aliased: ReadonlySet<string>;

  constructor(text: string, aliased: ReadonlySet<string>) {
    this.#text = text;
    this.#aliased = aliased;
  }

  build(node: Node | null, at: number): YamlNode {
    if (node === null) return { type: "scalar", style: "empty", start: at, end: at };
    const [start, end] = [node.range?.[0] ?? at, node.range?.[1] ?? at];
    if (isAlias(node)) return { type: "alias", name: node.source, start, end };
    const anchor = (node as Scalar).anchor;
    const named = anchor !== undefined && this.#aliased.has(anchor) ? { anchor } : {};
    if (isMap(node)) return { ...this.#map(node as never, start, end), ...named };
    if (isSeq(node)) return { ...this.#seq(node as never, start, end), ...named };
    return { ...this.#scalar(node as Scalar, start, end, at), ...named };
  }

  #scalar(node: Scalar, start: number, end: number, at: number): ScalarNode {
    const style = styles[node.type ?? "PLAIN"] ?? "plain";
    if (style === "plain" && end === start) {
      // The parser has it behind the blanks, where a comment may begin; an anchor stays before it.
      const place = at + this.#text.slice(at, start).trimEnd().length;
      return { type: "scalar", style: "empty", start: place, end: place };
    }
    if (style !== "block") return { type: "scalar", style, start, end };
    // Blank lines behind it are its own only where it keeps them.
    const [header = ""] = /^[^\n]*/.exec(this.#text.slice(start, end)) ?? [];
    const text = this.#text.slice(start, end);
    if (!/^[|>][0-9]?\+/.test(header))
      return { type: "scalar", style, start, end: start + text.replace(/(?:\r?\n[ \t]*)+$/, "").length };
    return { type: "scalar", style, start, end: start + text.replace(/\r?\n$/, "").length, keeps: true };
  }

  #map(
    node: { readonly flow?: boolean; readonly items: readonly Pair<Node, Node | null>[] },
    start: number,
    end: number,
  ) {
    const pairs = node.items.map((pair): PairNode => {
      const token = (pair as unknown as { readonly srcToken?: unknown }).srcToken;
      const colon = tokensOf(token, "sep").find(({ type }) => type === "map-value-ind");
      const explicit = tokensOf(token, "start").some(({ type }) => type === "explicit-key-ind");
      const keyEnd = pair.key.range?.[1] ?? start;
      const colonEnd = endOf(colon) ?? keyEnd;
      return {
        key: explicit || colon === undefined ? undefined : this.#key(pair.key),
        keyStart: pair.key.range?.[0] ?? start,
        colonEnd,
        value: this.build(pair.value, colonEnd),
      };
    });
    const flow = node.flow === true;
    const last = pairs.at(-1);
    return {
      type: "map" as const,
      flow,
      pairs,
      start,
      end: flow || last === undefined ? end : Math.max(last.colonEnd, last.value.end),
    };
  }

  #key(node: Node): string | undefined {
    if (!isScalar(node) || node.anchor !== undefined || node.tag !== undefined) return undefined;
    if (node.type !== "PLAIN") return String(node.value);
    const text = node.source ?? "";
    return text === "<<" ? undefined : keyText(readScalar(text));
  }

  #seq(
    node: { readonly flow?: boolean; readonly items: readonly (Node | null)[]; readonly srcToken?: unknown },
    start: number,
    end: number,
  ) {
    const flow = node.flow === true;
    const tokens = (node.srcToken as { readonly items?: readonly unknown[] } | undefined)?.items ?? [];
    const items = node.items.map((item, index): ItemNode => {
      const dash = flow ? undefined : tokensOf(tokens[index], "start").find(({ type }) => type === "seq-item-ind");
      const value = this.build(item, endOf(dash) ?? start);
      return { start: dash?.offset ?? value.start, value };
    });
    const last = items.at(-1);
    return {
      type: "seq" as const,
      flow,
      items,
      start,
      end: flow || last === undefined ? end : Math.max(last.start + 1, last.value.end),
    };
  }
}

/** Undefined where the text is not one document that the parser takes without a complaint. */
export function readLayout(text: string): YamlNode | undefined {
  let document: ReturnType<typeof parseDocument>;
  try {
    document = parseDocument(text, options);
  } catch {
    return undefined;
  }
  if (document.errors.length > 0) return undefined;
  const aliased = new Set<string>();
  visit(document, { Alias: (_, alias) => void aliased.add(alias.source) });
  return new Builder(text, aliased).build(document.contents as Node | null, 0);
}

export interface Comment {
  readonly text: string;
  readonly offset: number;
}

function* commentsIn(token: unknown): Generator<Comment> {
  if (typeof token !== "object" || token === null) return;
  if (Array.isArray(token)) {
    for (const one of token) yield* commentsIn(one);
    return;
  }
  const { type, source, offset } = token as Partial<Token>;
  if (type === "comment") yield { text: source?.trimEnd() ?? "", offset: offset ?? 0 };
  else for (const inside of Object.values(token)) yield* commentsIn(inside);
}

/** Every comment of a text, in no order that means anything. */
export const commentsOf = (text: string): readonly Comment[] => [...commentsIn([...new Parser().parse(text)])];
