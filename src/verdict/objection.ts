/** What speaks against a heal, in the words that all who may object share. */
import type { HealPlan } from "./heal-plan.ts";
import type { NeverReason, RemedyInput, WaitReason } from "./remedy.ts";
import type { WriteSwitches } from "./switches.ts";

export interface Never {
  readonly do: "never";
  readonly reason: NeverReason;
  readonly message: string;
}

export interface Wait {
  readonly do: "wait";
  readonly reason: WaitReason;
  readonly until?: number;
  readonly message: string;
}

export type Objection = Never | Wait;

/** What is asked, with its annotations read. */
export interface Asked extends RemedyInput {
  /** What the write would be; undefined: nothing that a write could put right. */
  readonly act: HealPlan["kind"] | undefined;
  readonly git: WriteSwitches;
  readonly live: WriteSwitches;
  readonly namespaceSwitches: WriteSwitches;
}

export const never = (reason: NeverReason, message: string): Never => ({ do: "never", reason, message });

/** @param until milliseconds since the epoch; undefined or Infinity where no time helps */
export const wait = (reason: WaitReason, message: string, until?: number): Wait => ({
  do: "wait",
  reason,
  message,
  ...(until === undefined || until === Number.POSITIVE_INFINITY ? {} : { until }),
});

/** Milliseconds after which it may be otherwise, where nothing tells: a watch may be live again, a source may be read. */
export const LOOK_AGAIN = 5_000;

/** A delete, alone or before it is made again. */
export const removes = ({ act }: Pick<Asked, "act">): boolean => act === "delete" || act === "recreate";

/** `2026-11-21T13:00:00Z` */
export const timeText = (time: number): string => new Date(time).toISOString().replace(".000Z", "Z");
