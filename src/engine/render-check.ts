/**
 * One commit came out in two ways: its settings are others now, or its render is not to be relied on. A third render
 * tells which, once per commit.
 */
import { messageOf } from "../model/problem.ts";
import type { RenderOutcome } from "../model/render-outcome.ts";
import type { DesiredObject, Snapshot } from "../model/snapshot.ts";
import type { BaselineRecord, BaselineStore } from "./baseline-store.ts";
import { Declarations, type Placing } from "./declarations.ts";
import type { DesiredStore, Swap } from "./desired-store.ts";
import type { EnginePorts } from "./ports.ts";

type Steps = Generator<void, void>;

export interface RenderCheckDeps {
  readonly ports: Pick<EnginePorts, "sources" | "log">;
  readonly baselines: BaselineStore;
  readonly desired: DesiredStore;
  placing(record: BaselineRecord): Placing;
  /** Runs steps to their end, when nothing else of the Baseline is being taken in. */
  inTurn(record: BaselineRecord, steps: () => Steps): void;
  swapped(record: BaselineRecord, swap: Pick<Swap, "changed" | "left">, isFirst: boolean): Steps;
}

export interface RenderCheck {
  again(record: BaselineRecord, snapshot: Snapshot): void;
}

export function createRenderCheck(deps: RenderCheckDeps): RenderCheck {
  const { ports, baselines, desired, placing, inTurn, swapped } = deps;

  return {
    again(record, snapshot) {
      const { baseline } = record;
      const { commit } = snapshot.revision;
      if (record.renderedAgain === commit) return;
      record.renderedAgain = commit;
      function* compareWith(objects: readonly DesiredObject[]): Steps {
        if (record.snapshot !== snapshot) return;
        const others = yield* new Declarations().advance(objects, placing(record));
        const changed = yield* desired.compareRender(baseline.key, others);
        if (changed.length === 0) return;
        ports.log.warn({ baseline: baseline.key, commit, count: changed.length }, "one commit renders in several ways");
        yield* swapped(record, { changed, left: [] }, false);
      }
      const compare = (outcome: RenderOutcome): void => {
        if (outcome.kind !== "rendered" || baselines.get(baseline.key) !== record) return;
        const { objects } = outcome.snapshot;
        inTurn(record, () => compareWith(objects));
      };
      ports.sources.renderAt(baseline, commit).then(compare, (error: unknown) => {
        const why = messageOf(error);
        ports.log.warn({ baseline: baseline.key, commit, why }, "cannot be rendered again to be compared");
      });
    },
  };
}
