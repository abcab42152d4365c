/**
 * Who is to be looked at again when something concerns many: a Baseline, kinds, a namespace, whatever is not in sync. Walks
 * over those alone, in slices, and puts ids into the queue; what is asked for again while its walk is under way is walked
 * once more. Judges nothing.
 */
import type { IdKey } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { Judgement } from "../model/verdict.ts";
import type { BaselineStore } from "./baseline-store.ts";
import type { Considered, DesiredStore } from "./desired-store.ts";
import type { KindUse } from "./kinds-in-use.ts";
import type { KindsConcerned } from "./ports.ts";
import type { VerdictStore } from "./verdict-store.ts";

export interface RevisitDeps {
  readonly baselines: BaselineStore;
  readonly desired: DesiredStore;
  readonly verdicts: VerdictStore;
  /** Looks at an object again, when nothing more urgent waits. */
  again(id: IdKey): void;
  inSlices(steps: Generator<void, void>): Promise<void> | undefined;
}

export interface Revisits {
  /** Everything a Baseline considers. */
  baseline(key: BaselineKey): void;
  /** Everything considered of some kinds; `first` is called with each. */
  kinds(concerned: KindsConcerned, first?: (entry: Considered) => void): void;
  scalable(): void;
  namespace(name: string): void;
  /** Everything whose verdict is one of these; none of them is `in-sync`. */
  open(verdicts: ReadonlySet<Judgement["verdict"]["kind"]>): void;
  everything(): void;
}

export function concerns({ group, version, kind }: KindsConcerned, use: KindUse): boolean {
  return use.group === group && (version ?? use.version) === use.version && (kind === undefined || kind === use.kind);
}

export function createRevisits({ baselines, desired, verdicts, again, inSlices }: RevisitDeps): Revisits {
  /** Walks under way; true: once more. */
  const walking = new Map<string, boolean>();

  const walk = (name: string, steps: () => Generator<void, void>): void => {
    if (walking.has(name)) return void walking.set(name, true);
    walking.set(name, false);
    const ended = (): void => {
      const isAsked = walking.get(name);
      walking.delete(name);
      if (isAsked === true) walk(name, steps);
    };
    const rest = inSlices(steps());
    if (rest === undefined) ended();
    else void rest.then(ended);
  };

  function* ofKinds(uses: readonly KindUse[], each: (entry: Considered) => void): Generator<void, void> {
    for (const { entries } of uses) {
      // From the end, where one that goes is replaced by one that was looked at already.
      for (let at = entries.length - 1; at >= 0; at -= 1) {
        const entry = entries[at];
        if (entry !== undefined) each(entry);
        yield;
      }
    }
  }

  const usesOf = (concerned: (use: KindUse) => boolean): readonly KindUse[] =>
    [...desired.kinds.all()].filter(concerned);

  return {
    baseline(key) {
      walk(`baseline ${key}`, function* steps() {
        for (const entry of desired.all(key)) {
          again(entry.key);
          yield;
        }
      });
    },
    kinds(concerned, first) {
      const { group, version, kind } = concerned;
      walk(`kinds ${group}/${version ?? ""}/${kind ?? ""} ${first === undefined}`, () =>
        ofKinds(
          usesOf((use) => concerns(concerned, use)),
          (entry) => {
            first?.(entry);
            again(entry.key);
          },
        ),
      );
    },
    scalable() {
      walk("scalable", () =>
        ofKinds(
          usesOf(() => desired.kinds.scalable),
          (entry) => {
            if (entry.scalable) again(entry.key);
          },
        ),
      );
    },
    namespace(name) {
      walk(`namespace ${name}`, () =>
        ofKinds(
          usesOf(({ namespaces }) => namespaces.has(name)),
          (entry) => {
            if (entry.id.namespace === name) again(entry.key);
          },
        ),
      );
    },
    open(kinds) {
      walk(`open ${[...kinds].join(" ")}`, function* steps() {
        for (const { baseline } of baselines.all())
          for (const [id, { verdict }] of verdicts.open(baseline.key)) {
            if (kinds.has(verdict.kind) && desired.get(baseline.key, id) !== undefined) again(id);
            yield;
          }
      });
    },
    everything() {
      walk("everything", () =>
        ofKinds(
          usesOf(() => true),
          (entry) => again(entry.key),
        ),
      );
    },
  };
}
