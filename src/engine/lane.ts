/**
 * Takes things in for each Baseline one after the other: what is long is done in slices, and what comes meanwhile waits
 * its turn. Of several renders that wait the last one counts.
 */
import type { BaselineRecord, BaselineStore } from "./baseline-store.ts";

type Steps = Generator<void, void>;

export interface LaneDeps {
  readonly baselines: BaselineStore;
  /** Runs steps to their end, in slices; undefined where they ended at once. Never where the Baseline goes meanwhile. */
  inSlices(record: BaselineRecord, steps: Steps): Promise<void> | undefined;
  /** Nothing is to be begun any more. */
  stopped(): boolean;
  /** Nothing waits any more. */
  ended(record: BaselineRecord): void;
  failed(record: BaselineRecord, error: unknown): void;
}

export interface Lane {
  inLine(record: BaselineRecord, take: () => void, isRender?: boolean): void;
  /** Now, by whose turn it is. */
  run(record: BaselineRecord, steps: Steps): void;
  inTurn(record: BaselineRecord, steps: () => Steps): void;
}

export function createLane({ baselines, inSlices, stopped, ended, failed }: LaneDeps): Lane {
  /** Next in line, once what is being taken in is in. */
  const goOn = (record: BaselineRecord): void => {
    const { lane = [] } = record;
    record.lane = undefined;
    for (let one = lane.shift(); one !== undefined; one = lane.shift()) {
      one.take();
      // It is being taken in: the others wait on, behind nothing that came meanwhile.
      const begun = laneOf(record);
      if (begun !== undefined) return void begun.unshift(...lane);
    }
    ended(record);
  };

  const inLine: Lane["inLine"] = (record, take, isRender = false) => {
    if (record.lane === undefined) return take();
    if (isRender) record.lane = record.lane.filter((waiting) => !waiting.isRender);
    record.lane.push({ isRender, take });
  };

  const run: Lane["run"] = (record, steps) => {
    if (stopped()) return;
    record.lane = [];
    // One way to end, whether the first slice was enough or not, and whether it broke.
    const over = (): void => {
      if (baselines.get(record.baseline.key) === record) goOn(record);
    };
    let rest: Promise<void> | undefined;
    try {
      rest = inSlices(record, steps);
    } catch (error) {
      failed(record, error);
    }
    if (rest === undefined) over();
    else void rest.catch((error: unknown) => failed(record, error)).then(over);
  };

  return { inLine, run, inTurn: (record, steps) => inLine(record, () => run(record, steps())) };
}

/** Asked anew: what was taken before may have begun to take something in. */
const laneOf = ({ lane }: BaselineRecord): BaselineRecord["lane"] => lane;
