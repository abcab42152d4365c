/** What a run of the benchmarks leaves: rows with our figure, the goal and the peer's, and where and when. Pure. */

export type FigureId = "P1" | "P2" | "P3" | "P4" | "P5" | "P6" | "P7" | "P8";

export interface Peer {
  readonly name: string;
  readonly value: number;
  /** "here": run in the same session; else where it was published. */
  readonly from: "here" | "its own measurements" | "measured before, on a machine of this size";
}

export interface Row {
  readonly figure: FigureId;
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** More is better, as of a rate. */
  readonly isRate?: boolean;
  /** At most, or at least where more is better. */
  readonly goal?: number;
  readonly peer?: Peer;
  /** The spread, or what it is made of. */
  readonly detail?: string;
}

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGb: number;
  readonly node: string;
  readonly server: string;
  /** Load average of a minute. */
  readonly loadBefore: number;
  readonly loadAfter: number;
  /** Milliseconds of a GET, p50 of a thousand: how fast machine and server are by themselves. */
  readonly get: number;
}

export interface Results {
  readonly commit: string;
  /** Files differ from the commit. */
  readonly isDirty: boolean;
  /** RFC 3339. */
  readonly at: string;
  readonly objects: number;
  readonly machine: Machine;
  readonly rows: readonly Row[];
}

/** How many times better than the peer; below 1, worse. Undefined where one of them is nothing. */
export function ratioOf({ value, peer, isRate }: Row): number | undefined {
  if (peer === undefined || value <= 0 || peer.value <= 0) return undefined;
  return isRate === true ? value / peer.value : peer.value / value;
}

/** Undefined where there is no goal. */
export function isMet({ value, goal, isRate }: Row): boolean | undefined {
  if (goal === undefined) return undefined;
  return isRate === true ? value >= goal : value <= goal;
}

export function numberText(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (Number.isInteger(value)) return value.toLocaleString("en");
  if (size >= 100) return Math.round(value).toLocaleString("en");
  const digits = size >= 0.1 ? 2 : 3;
  return value.toFixed(size >= 10 ? 1 : digits);
}

export function ratioText(row: Row): string {
  const ratio = ratioOf(row);
  return ratio === undefined ? "" : `${numberText(ratio)} ×`;
}
