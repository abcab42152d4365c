/**
 * The pair that was judged last and found to differ, for whoever acts on the verdict in the same breath: to read and
 * compare both sides once more would find the same. One pair, for a moment, handed out once, and only while everything
 * it was made from is what it was.
 */
import type { LiveView } from "../model/live.ts";
import type { Baseline } from "../model/baseline.ts";
import type { Clock } from "../runtime/clock.ts";
import type { DecideInput, Looked } from "../verdict/decide.ts";
import type { Considered } from "./desired-store.ts";

/** What a verdict was made from, and the verdict. */
export interface Pair extends Looked {
  readonly input: DecideInput;
}

/** What it must still be. */
export interface Ground {
  readonly baseline: Baseline;
  readonly live: LiveView;
  /** Admission has told something of it: that may have been told since. */
  readonly learned: boolean;
}

interface Kept {
  readonly entry: Considered;
  readonly declared: readonly unknown[];
  readonly pair: Pair;
  readonly until: number;
}

/** Milliseconds. */
const BREATH = 20;

const declaredBy = ({ desired, previous, otherRender, dropped, changedAt }: Considered): readonly unknown[] => [
  desired,
  previous,
  otherRender,
  dropped,
  changedAt,
];

function isSameVersion(one: LiveView, other: LiveView): boolean {
  if (one.state !== "present" || other.state !== "present") return false;
  return one.live.uid === other.live.uid && one.live.resourceVersion === other.live.resourceVersion;
}

export class Lately {
  readonly #clock: Pick<Clock, "monotonic">;
  #kept: Kept | undefined;

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  keep(entry: Considered, pair: Pair): void {
    const { input, decision } = pair;
    if (decision.verdict.kind !== "drifted" || input.learned !== undefined || input.learnedBefore !== undefined) return;
    this.#kept = { entry, declared: declaredBy(entry), pair, until: this.#clock.monotonic() + BREATH };
  }

  /** Undefined where it is another object, or anything about it is not as it was. */
  take(entry: Considered, now: Ground): Pair | undefined {
    const kept = this.#kept;
    if (kept?.entry !== entry) return undefined;
    this.#kept = undefined;
    const declared = declaredBy(entry);
    const isSame =
      this.#clock.monotonic() < kept.until &&
      !now.learned &&
      kept.pair.input.baseline === now.baseline &&
      kept.declared.every((one, at) => one === declared[at]) &&
      isSameVersion(kept.pair.input.live, now.live);
    return isSame ? kept.pair : undefined;
  }
}
