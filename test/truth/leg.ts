/**
 * What one leg of `npm run truth` is: it makes cases on a real API server and says, for each, what had to be found and
 * what was. A leg never judges itself: tallies, figures and the exit status are made of its cases, alike for all.
 */
import type { Declared } from "../corpus/corpora.ts";
import type { TruthServer } from "../corpus/truth-server.ts";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import type { Stage } from "./stage.ts";

/** One thing asked of the comparison. Right where `expected` and `found` hold the same lines, in any order. */
export interface Case {
  /** What was done, as a row of the leg's table: `string changed`, `by helm, server-side apply`. */
  readonly operator: string;
  /** `apps/v1 Deployment`. */
  readonly kind: string;
  readonly file: string;
  /** For people: `Deployment t-1/web`. */
  readonly object: string;
  /** What exactly, with the values. */
  readonly edit: string;
  /** `changed .spec.replicas`; empty where nothing may be found. */
  readonly expected: readonly string[];
  readonly found: readonly string[];
}

/** What the server would not take. Counted and shown, never a pass. */
export interface Refusal {
  readonly operator: string;
  readonly kind: string;
  readonly file: string;
  readonly object: string;
  readonly reason: string;
}

export interface LegReport {
  readonly leg: string;
  readonly cases: readonly Case[];
  readonly refused: readonly Refusal[];
  /** Beginnings of operators that the summary tells apart. */
  readonly parts?: readonly string[];
  /** What a reader of the figures must know: which were real writes, what was left out and why. One sentence each. */
  readonly notes: readonly string[];
}

export interface LegContext {
  readonly plane: ControlPlane;
  readonly server: TruthServer;
  /** Everything the directories declare, in an order in which a server can take it. */
  readonly declared: readonly Declared[];
  readonly seed: number;
  /** How many cases of a leg that makes them up; those the server refuses are not counted. */
  readonly count: number;
  /** How many cases of a leg that asks something slow. */
  readonly sample: number;
  /** The objects as they really stand on the server, each in a namespace of its file; made on first use, for all legs. */
  readonly stage: Stage;
  /** One line on standard error. */
  readonly progress: (text: string) => void;
}

export interface Leg {
  readonly name: string;
  /** One sentence, for `--help` and the report. */
  readonly about: string;
  /** True: makes up its cases, and runs once for each seed. */
  readonly seeded?: true;
  readonly run: (context: LegContext) => Promise<LegReport>;
}
