/** Places in a text of lines, what is put there, and why something cannot be. */

export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Why a place cannot be changed on its own. */
export class Objection extends Error {
  override readonly name = "Objection";
  readonly offset: number;
  /** It is the layout alone that is in the way: nothing else in the document takes part. */
  readonly layout: boolean;
  constructor(offset: number, message: string, layout = false) {
    super(message);
    this.offset = offset;
    this.layout = layout;
  }
}

export interface Lines {
  /** Offset of the start of the line. */
  lineStart(at: number): number;
  /** Offset behind the line's break. */
  nextLine(at: number): number;
  column(at: number): number;
  /** Nothing but white space stands before it on its line. */
  isFirstOnLine(at: number): boolean;
}

export function linesOf(text: string): Lines {
  const lineStart = (at: number): number => text.lastIndexOf("\n", at - 1) + 1;
  return {
    lineStart,
    nextLine(at) {
      const found = text.indexOf("\n", at);
      return found < 0 ? text.length : found + 1;
    },
    column: (at) => at - lineStart(at),
    isFirstOnLine: (at) => /^[ \t]*$/.test(text.slice(lineStart(at), at)),
  };
}
