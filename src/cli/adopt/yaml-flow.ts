/**
 * What stands between brackets or braces: which entries go, which come, and the very characters that takes. An entry on
 * lines of its own goes with its lines and the comment behind it; a comment above stays, as do commas that are needed,
 * and no others: JSON takes none behind the last. Pure.
 */
import { type Lines, linesOf, type Splice } from "./yaml-lines.ts";

export interface FlowEntry {
  readonly start: number;
  readonly end: number;
}

export interface FlowChange {
  readonly text: string;
  /** Offset of the closing bracket. */
  readonly close: number;
  readonly entries: readonly FlowEntry[];
  /** By index; at least one stays. */
  readonly removed: readonly boolean[];
  /** In order; each behind an entry by its index, or before all (-1). */
  readonly added: readonly { readonly behind: number; readonly text: string }[];
}

interface Spot extends FlowEntry {
  /** Offset of the comma behind it. */
  readonly comma: number | undefined;
  /** Offset behind its comma, and the comment that follows on the same line. */
  readonly tail: number;
  readonly isFirstOnLine: boolean;
  /** Nothing follows its tail on the line. */
  readonly isLastOnLine: boolean;
}

function spotOf(text: string, { start, end }: FlowEntry, limit: number, lines: Lines): Spot {
  const [between = ""] = /^(?:\s|#[^\n]*)*/.exec(text.slice(end, limit)) ?? [];
  const comma = text[end + between.length] === "," && end + between.length < limit ? end + between.length : undefined;
  const behind = comma === undefined ? end : comma + 1;
  const [comment = ""] = /^[ \t]+#[^\r\n]*/.exec(text.slice(behind, limit)) ?? [];
  const tail = behind + comment.length;
  const isLastOnLine = /^[ \t\r]*\n/.test(text.slice(tail, limit));
  return { start, end, comma, tail, isFirstOnLine: lines.isFirstOnLine(start), isLastOnLine };
}

/** Stretches that go, those that overlap as one. */
function united(stretches: readonly FlowEntry[]): readonly Splice[] {
  const found: { start: number; end: number; text: "" }[] = [];
  for (const { start, end } of stretches.toSorted((one, other) => one.start - other.start)) {
    const last = found.at(-1);
    if (last !== undefined && start < last.end) last.end = Math.max(last.end, end);
    else found.push({ start, end, text: "" });
  }
  return found;
}

/** Behind its comma, else behind itself. */
const behindOf = ({ comma, end }: Spot): number => (comma === undefined ? end : comma + 1);

class Flow {
  readonly #text: string;
  readonly #lines: Lines;
  readonly #spots: readonly Spot[];
  readonly #removed: readonly boolean[];
  readonly #splices: Splice[] = [];

  constructor({ text, close, entries, removed }: FlowChange) {
    this.#text = text;
    this.#lines = linesOf(text);
    this.#removed = removed;
    this.#spots = entries.map((one, at) => spotOf(text, one, entries[at + 1]?.start ?? close, this.#lines));
  }

  change(added: FlowChange["added"]): readonly Splice[] {
    const kept = this.#spots.map((_, at) => at).filter((at) => this.#removed[at] !== true);
    const anchorOf = (behind: number): number => kept.findLast((at) => at <= behind) ?? -1;
    const textsBehind = (at: number): readonly string[] =>
      added.filter(({ behind }) => anchorOf(behind) === at).map(({ text }) => text);
    const first = this.#spots[kept[0] ?? 0];
    if (first !== undefined) this.#before(first, textsBehind(-1));
    const endsWithComma = this.#spots.at(-1)?.comma !== undefined;
    for (const at of kept) this.#behind(at, textsBehind(at), at === kept.at(-1) && !endsWithComma);
    const gone = [...this.#spots.keys()].filter((at) => this.#removed[at] === true).map((at) => this.#goneWith(at));
    return [...this.#splices, ...united(gone)];
  }

  #splice(start: number, end: number, text: string): void {
    if (start < end || text !== "") this.#splices.push({ start, end, text });
  }

  #skipBlanks(at: number): number {
    return at + (/^[ \t]*/.exec(this.#text.slice(at)) ?? [""])[0].length;
  }

  #break = (at: number): string => `\n${" ".repeat(this.#lines.column(at))}`;

  #before({ start, isFirstOnLine }: Spot, texts: readonly string[]): void {
    const gap = isFirstOnLine ? this.#break(start) : " ";
    this.#splice(start, start, texts.map((text) => `${text},${gap}`).join(""));
  }

  /** @param isEnd nothing that stays stands behind it, and no comma either */
  #behind(at: number, texts: readonly string[], isEnd: boolean): void {
    const spot = this.#spots[at] as Spot;
    const next = this.#spots[at + 1];
    const needsComma = !isEnd || texts.length > 0;
    if (spot.comma === undefined && needsComma) this.#splice(spot.end, spot.end, ",");
    if (spot.comma !== undefined && !needsComma) this.#splice(spot.comma, spot.comma + 1, "");
    if (texts.length === 0) return;
    const isOwnLine = spot.isLastOnLine || (next === undefined && spot.isFirstOnLine);
    const column = !spot.isFirstOnLine && next?.isFirstOnLine === true ? next.start : spot.start;
    const gap = isOwnLine ? this.#break(column) : " ";
    const place = isOwnLine ? spot.tail : behindOf(spot);
    this.#splice(place, place, `${texts.map((text) => gap + text).join(",")}${isEnd ? "" : ","}`);
  }

  /** What goes with an entry. */
  #goneWith(at: number): FlowEntry {
    const spot = this.#spots[at] as Spot;
    const [before, next] = [this.#spots[at - 1], this.#spots[at + 1]];
    const { start, tail } = spot;
    if (spot.isFirstOnLine && spot.isLastOnLine)
      return { start: this.#lines.lineStart(start), end: this.#lines.nextLine(tail) };
    const follows = this.#spots.some(
      (one, index) => index < at && this.#removed[index] !== true && !this.#text.slice(one.end, start).includes("\n"),
    );
    if (follows && before !== undefined) return { start: behindOf(before), end: behindOf(spot) };
    if (next === undefined) return { start, end: this.#skipBlanks(behindOf(spot)) };
    // What comes next moves up; a comment above it stays there.
    const hasComment = this.#text.slice(tail, next.start).includes("#");
    return hasComment ? { start: this.#text.slice(0, start).trimEnd().length, end: tail } : { start, end: next.start };
  }
}

export const flowSplices = (change: FlowChange): readonly Splice[] => new Flow(change).change(change.added);
