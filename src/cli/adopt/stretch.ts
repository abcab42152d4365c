/** A stretch of a text. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Of a document: all of it. */
export const everything: Stretch = { start: 0, end: Number.MAX_SAFE_INTEGER };
