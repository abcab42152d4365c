/**
 * One document rewritten so that it says something else, with its comments, its order and its layout: the difference
 * between two values becomes the fewest replaced, removed and inserted characters. Pure. It never guesses: what cannot
 * be changed on its own (an alias, a merged key, a key of no name) is an objection with its place, or, where asked, a
 * whole value written out.
 */
import { sameJson } from "../../compare/same-json.ts";
import { isArray, isObject, type Json, type JsonObject } from "../../model/json.ts";
import { alignLists, inOrder } from "./list-alignment.ts";
import {
  behindColon,
  flowText,
  isInline,
  itemLines,
  literalText,
  type Manner,
  pairLines,
  scalarText,
} from "./yaml-values.ts";
import { type FlowChange, flowSplices } from "./yaml-flow.ts";
import { type Lines, linesOf, Objection, type Splice } from "./yaml-lines.ts";
import { type ItemNode, type MapNode, type PairNode, scalarsOf, type SeqNode, type YamlNode } from "./yaml-tree.ts";

/** Where a value stands: behind the colon of a key at a column, behind a dash, inside brackets, or alone. */
type Seat =
  | { readonly in: "map"; readonly column: number; readonly colonEnd: number }
  | { readonly in: "seq"; readonly column: number; readonly dash: number }
  | { readonly in: "flow" }
  | { readonly in: "root" };

export interface Rewriting {
  readonly text: string;
  readonly manner: Manner;
  /** Whether what cannot be changed on its own is written out whole; its comments are lost. */
  readonly expand: boolean;
}

export function rewrite(root: YamlNode, from: Json, to: Json, how: Rewriting): readonly Splice[] {
  const splices: Splice[] = [];
  new Rewriter(root, how, splices).value(root, from, to, { in: "root" });
  return splices;
}

class Rewriter {
  readonly #text: string;
  readonly #lines: Lines;
  readonly #manner: Manner;
  readonly #expand: boolean;
  readonly #splices: Splice[];
  /** Where lines start that would be part of the text above, were they blank. */
  readonly #belowKept: Set<number>;

  constructor(root: YamlNode, { text, manner, expand }: Rewriting, splices: Splice[]) {
    this.#text = text;
    this.#lines = linesOf(text);
    this.#manner = manner;
    this.#expand = expand;
    this.#splices = splices;
    const kept = [...scalarsOf(root)].filter(({ keeps }) => keeps === true);
    this.#belowKept = new Set(kept.map(({ end }) => this.#lines.nextLine(end)));
  }

  value(node: YamlNode, from: Json, to: Json, seat: Seat): void {
    if (sameJson(from, to)) return;
    const before = this.#splices.length;
    try {
      this.#change(node, from, to, seat);
    } catch (objection) {
      if (!(objection instanceof Objection) || seat.in === "root" || node.anchor !== undefined) throw objection;
      // Where only the layout is in the way and no comment is lost, nobody need be asked.
      const isFree = objection.layout && !this.#text.slice(node.start, node.end).includes("#");
      if (!this.#expand && !isFree) throw objection;
      this.#splices.length = before;
      this.#replace(node, to, seat);
    }
  }

  #change(node: YamlNode, from: Json, to: Json, seat: Seat): void {
    if (node.type === "alias") throw new Objection(node.start, `it comes from the anchor &${node.name}`);
    if (node.anchor !== undefined)
      throw new Objection(node.start, `other places take it over by its anchor &${node.anchor}`);
    if (node.type === "map" && isObject(from) && isObject(to) && Object.keys(to).length > 0)
      return this.#map(node, from, to, seat);
    if (node.type === "seq" && isArray(from) && isArray(to) && to.length > 0) return this.#seq(node, from, to, seat);
    this.#replace(node, to, seat);
  }

  #splice(start: number, end: number, text: string): void {
    this.#splices.push({ start, end, text });
  }

  #insertLines(before: number, lines: readonly string[]): void {
    const gone = this.#splices.find(({ start, end, text }) => text === "" && start < before && before < end);
    const at = gone?.end ?? before;
    this.#splice(at, at, lines.map((line) => `${line}\n`).join(""));
  }

  /** Removes the lines of what stands between two places; below a text that keeps its blank lines, those behind too. */
  #removeLines(first: number, last: number): void {
    const start = this.#lines.lineStart(first);
    let end = this.#lines.nextLine(last);
    for (const line of this.#belowKept) if (line > start && line <= end) this.#belowKept.delete(line);
    if (this.#belowKept.has(start)) {
      end += (/^(?:[ \t]*\r?\n)+/.exec(this.#text.slice(end)) ?? [""])[0].length;
      this.#belowKept.add(end);
    }
    this.#splice(start, end, "");
  }

  // --- whole values -------------------------------------------------------------------------------------------------

  #replace(node: YamlNode, to: Json, seat: Seat): void {
    const literal = seat.in === "flow" ? undefined : literalText(this.#text.slice(node.start, node.end), to);
    if (literal !== undefined) return this.#splice(node.start, node.end, literal);
    const scalar = node.type === "scalar" && node.style !== "block";
    if (seat.in === "flow") {
      const style = node.type === "scalar" ? node.style : "plain";
      const space = node.type === "scalar" && node.style === "empty" ? " " : "";
      return this.#splice(node.start, node.end, space + (scalarText(to, style, true, this.#manner) ?? ""));
    }
    if (seat.in === "root") throw new Objection(node.start, "it is the whole document");
    if (scalar && node.style !== "empty" && isInline(to)) {
      const text = scalarText(to, node.style, false, this.#manner);
      if (text !== undefined) return this.#splice(node.start, node.end, text);
    }
    if (seat.in === "seq") return this.#replaceItem(node, to, seat);
    this.#replaceBehindColon(node, to, seat);
  }

  #replaceBehindColon(node: YamlNode, to: Json, { column, colonEnd }: Extract<Seat, { in: "map" }>): void {
    const [first = "", ...below] = behindColon(to, column, this.#manner);
    const rest = first.trimStart();
    this.#put(colonEnd, Math.max(colonEnd, node.end), [rest === "" ? "" : ` ${rest}`, ...below]);
  }

  #replaceItem(node: YamlNode, to: Json, { column, dash }: Extract<Seat, { in: "seq" }>): void {
    const [first = "", ...below] = itemLines(to, column, this.#manner);
    this.#put(dash, Math.max(dash + 1, node.end), [first.slice(column), ...below]);
  }

  /** Lines in the place of others; a comment behind the old ones goes up to the first: below a text it would be text. */
  #put(start: number, end: number, [first = "", ...below]: readonly string[]): void {
    const comment = below.length === 0 ? "" : (/^[ \t]+#[^\r\n]*/.exec(this.#text.slice(end)) ?? [""])[0];
    this.#splice(start, end + comment.length, [first + comment, ...below].join("\n"));
  }

  // --- maps ---------------------------------------------------------------------------------------------------------

  #map(node: MapNode, from: JsonObject, to: JsonObject, seat: Seat): void {
    const pairOf = new Map(node.pairs.flatMap((pair) => (pair.key === undefined ? [] : [[pair.key, pair] as const])));
    const gone = Object.keys(from).filter((key) => !Object.hasOwn(to, key));
    for (const key of gone)
      if (!pairOf.has(key))
        throw new Objection(node.start, `its key ${JSON.stringify(key)} is merged in from elsewhere`);
    const removed = new Set(gone.flatMap((key) => pairOf.get(key) ?? []));
    // A merged key is covered by one of its own, below the merge.
    const added = Object.entries(to).filter(
      ([key, value]) => !pairOf.has(key) && !(Object.hasOwn(from, key) && sameJson(from[key] ?? null, value)),
    );
    const isOwnLine = !node.flow && this.#lines.isFirstOnLine(node.pairs[0]?.keyStart ?? node.start);
    // Of a map on lines of its own only those go: the comments around them stay.
    if (removed.size === node.pairs.length && seat.in !== "root" && (node.pairs.length === 0 || !isOwnLine))
      return this.#replace(node, to, seat);
    for (const pair of node.pairs) if (!removed.has(pair)) this.#changePair(node, pair, from, to);
    if (node.flow) return this.#flowMap(node, removed, added);
    this.#removePairs(node, removed);
    const last = node.pairs.at(-1);
    if (added.length === 0 || last === undefined) return;
    const column = this.#lines.column(node.pairs[0]?.keyStart ?? 0);
    const lines = added.flatMap(([key, value]) => pairLines(key, value, column, this.#manner));
    this.#insertLines(this.#lines.nextLine(this.#endOfPair(last)), lines);
  }

  #changePair({ flow }: MapNode, { key, keyStart, colonEnd, value }: PairNode, from: JsonObject, to: JsonObject): void {
    const [before, after] = key === undefined ? [] : [from[key], to[key]];
    if (before === undefined || after === undefined) return;
    const inside: Seat = flow ? { in: "flow" } : { in: "map", column: this.#lines.column(keyStart), colonEnd };
    this.value(value, before, after, inside);
  }

  #endOfPair({ colonEnd, value }: PairNode): number {
    return Math.max(colonEnd, value.end);
  }

  #removePairs({ pairs }: MapNode, removed: ReadonlySet<PairNode>): void {
    const kept = pairs.findIndex((pair) => !removed.has(pair));
    const [first] = pairs;
    // The first of an item shares its line with the dash: the next one that stays moves up beside it.
    const moves = first !== undefined && kept > 0 && !this.#lines.isFirstOnLine(first.keyStart);
    if (moves) this.#moveUp(pairs.slice(0, kept + 1));
    for (const pair of pairs.slice(moves ? kept : 0)) {
      if (!removed.has(pair)) continue;
      if (!this.#lines.isFirstOnLine(pair.keyStart))
        throw new Objection(pair.keyStart, "it shares its line with another key", true);
      this.#removeLines(pair.keyStart, this.#endOfPair(pair));
    }
  }

  /** The last of the pairs to the place of the first; comments on lines of their own between them stay. */
  #moveUp(pairs: readonly PairNode[]): void {
    const [first, last] = [pairs[0], pairs.at(-1)];
    if (first === undefined || last === undefined) return;
    const comments: string[] = [];
    for (const [index, pair] of pairs.slice(1).entries()) {
      if (!this.#lines.isFirstOnLine(pair.keyStart))
        throw new Objection(pair.keyStart, "it shares its line with another key", true);
      const behind = this.#lines.nextLine(this.#endOfPair(pairs[index] ?? first));
      const lines = this.#text.slice(behind, this.#lines.lineStart(pair.keyStart)).split("\n");
      comments.push(...lines.map((line) => line.trim()).filter((line) => line.startsWith("#")));
    }
    const indent = " ".repeat(this.#lines.column(last.keyStart));
    this.#splice(first.keyStart, last.keyStart, comments.map((line) => `${line}\n${indent}`).join(""));
  }

  #flowMap(node: MapNode, removed: ReadonlySet<PairNode>, added: readonly (readonly [string, Json])[]): void {
    const texts = added.map(([key, value]) => {
      const text = flowText({ [key]: value }, { ...this.#manner, quoted: true }).slice(1, -1);
      return this.#manner.quoted ? text : flowText({ [key]: value }, this.#manner).slice(2, -2);
    });
    const last = node.pairs.length - 1;
    if (last < 0) return this.#splice(node.start + 1, node.end - 1, texts.join(", "));
    this.#flow(node, {
      entries: node.pairs.map((pair) => ({ start: pair.keyStart, end: this.#endOfPair(pair) })),
      removed: node.pairs.map((pair) => removed.has(pair)),
      added: texts.map((text) => ({ behind: last, text })),
    });
  }

  #flow(node: MapNode | SeqNode, change: Pick<FlowChange, "entries" | "removed" | "added">): void {
    this.#splices.push(...flowSplices({ text: this.#text, close: node.end - 1, ...change }));
  }

  // --- lists --------------------------------------------------------------------------------------------------------

  #seq(node: SeqNode, from: readonly Json[], to: readonly Json[], seat: Seat): void {
    const [first] = node.items;
    if (first === undefined) return this.#replace(node, to, seat);
    const aligned = alignLists(from, to);
    const keeps = aligned.some((step) => step.from !== undefined && step.to !== undefined);
    // Where nothing is what it was, texts and numbers take each other's place, and their comments stay.
    const takesPlaces = !keeps && (node.flow || [...from, ...to].every((one) => !isArray(one) && !isObject(one)));
    const steps = takesPlaces ? inOrder(from.length, to.length) : aligned;
    if (!keeps && !takesPlaces && !this.#lines.isFirstOnLine(first.start)) return this.#replace(node, to, seat);
    const removed = node.items.map(() => false);
    const added: { readonly behind: number; readonly value: Json }[] = [];
    let behind = -1;
    for (const step of steps) {
      const item = step.from === undefined ? undefined : node.items[step.from];
      if (item === undefined) added.push({ behind, value: to[step.to ?? 0] ?? null });
      else if (step.to === undefined) removed[step.from ?? 0] = true;
      else this.#changeItem(node, item, from[step.from ?? 0] ?? null, to[step.to] ?? null);
      if (step.from !== undefined) behind = step.from;
    }
    if (node.flow) {
      const texts = added.map(({ behind: after, value }) => ({ behind: after, text: flowText(value, this.#manner) }));
      const entries = node.items.map(({ start, value }) => ({ start, end: value.end }));
      return this.#flow(node, { entries, removed, added: texts });
    }
    this.#blockItems(node, removed, added);
  }

  #changeItem(node: SeqNode, item: ItemNode, from: Json, to: Json): void {
    const seat: Seat = node.flow
      ? { in: "flow" }
      : { in: "seq", column: this.#lines.column(item.start), dash: item.start };
    this.value(item.value, from, to, seat);
  }

  #blockItems(
    { items }: SeqNode,
    removed: readonly boolean[],
    added: readonly { readonly behind: number; readonly value: Json }[],
  ): void {
    const first = items[0] as ItemNode;
    const column = this.#lines.column(first.start);
    const end = ({ start, value }: ItemNode): number => Math.max(start + 1, value.end);
    for (const [index, item] of items.entries()) {
      if (removed[index] !== true) continue;
      if (!this.#lines.isFirstOnLine(item.start))
        throw new Objection(item.start, "it shares its line with another item", true);
      this.#removeLines(item.start, end(item));
    }
    for (const { behind, value } of added) {
      const item = items[behind];
      if (item === undefined && !this.#lines.isFirstOnLine(first.start))
        throw new Objection(first.start, "it shares its line with another item", true);
      const at = item === undefined ? this.#lines.lineStart(first.start) : this.#lines.nextLine(end(item));
      this.#insertLines(at, itemLines(value, column, this.#manner));
    }
  }
}
