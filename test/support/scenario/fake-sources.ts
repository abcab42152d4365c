/** Repositories in memory, behind the engine's `SourcePort`: each Baseline has its own line of commits. */
import type { SourcePort } from "../../../src/engine/ports.ts";
import type { Baseline } from "../../../src/model/baseline.ts";
import type { Problem } from "../../../src/model/problem.ts";
import type { RenderOutcome } from "../../../src/model/render-outcome.ts";
import type { KubeObject } from "../../../src/model/resource.ts";
import type { BaselineKey, Provenance, Snapshot } from "../../../src/model/snapshot.ts";
import type { Clock } from "../../../src/runtime/clock.ts";
import { declared } from "./samples.ts";

export interface Repository {
  readonly commits: {
    readonly commit: string;
    readonly objects: readonly KubeObject[];
    readonly problems: readonly Problem[];
    /** What a renderer that cannot be relied on makes of the commit: each time the next of these. */
    readonly renders: (readonly KubeObject[])[];
    /** Its history is another than that of those before. */
    readonly orphan: boolean;
  }[];
  /** Every attempt fails with this while it is set. */
  failure: Problem | undefined;
}

/** The repositories; they outlive a restart. */
export class Repositories {
  readonly #all = new Map<BaselineKey, Repository>();

  of(key: BaselineKey): Repository {
    const known = this.#all.get(key) ?? { commits: [], failure: undefined };
    this.#all.set(key, known);
    return known;
  }

  commit(
    key: BaselineKey,
    objects: readonly KubeObject[],
    problems: readonly Problem[] = [],
    renders: (readonly KubeObject[])[] = [],
    orphan = false,
  ): string {
    const { commits } = this.of(key);
    const commit = (commits.length + 1).toString(16).padStart(40, "0");
    commits.push({ commit, objects, problems, renders, orphan });
    return commit;
  }
}

/** What the commit is rendered to this time. */
function renderOf({ objects, renders }: Repository["commits"][number]): readonly KubeObject[] {
  return renders.shift() ?? objects;
}

export class FakeSources implements SourcePort {
  readonly #clock: Clock;
  readonly #repositories: Repositories;
  readonly #ensured = new Set<BaselineKey>();
  readonly #last = new Map<BaselineKey, string>();
  told: ((key: BaselineKey, outcome: RenderOutcome) => void) | undefined;
  /** Makes `renderAt` fail. */
  renderAtFails: "rejects" | "fails" | undefined;
  located = 0;
  /** Which commits Git was asked about: `1 < 2`. */
  readonly asked: string[] = [];
  descendsFails = false;

  constructor(clock: Clock, repositories: Repositories) {
    this.#clock = clock;
    this.#repositories = repositories;
  }

  ensure(baseline: Baseline): void {
    if (this.#ensured.has(baseline.key)) return;
    this.#ensured.add(baseline.key);
    queueMicrotask(() => this.poll(baseline.key));
  }

  remove(key: BaselineKey): void {
    this.#ensured.delete(key);
    this.#last.delete(key);
  }

  checkNow(key: BaselineKey): void {
    queueMicrotask(() => this.poll(key));
  }

  /** As after an edit of the Baseline: the commit in force is rendered anew. */
  renderAnew(key: BaselineKey): void {
    this.#last.delete(key);
    this.poll(key);
  }

  /** What the source's interval would do. */
  poll(key: BaselineKey): void {
    if (!this.#ensured.has(key)) return;
    const { failure, commits } = this.#repositories.of(key);
    const at = this.#clock.now();
    const head = commits.at(-1);
    if (failure !== undefined) return this.told?.(key, { kind: "failed", stage: "source", problem: failure, at });
    if (head === undefined)
      return this.told?.(key, {
        kind: "failed",
        stage: "source",
        problem: { code: "source-empty", message: "there is no commit" },
        at,
      });
    const revision = { ref: "main", commit: head.commit };
    if (this.#last.get(key) === head.commit) return this.told?.(key, { kind: "unchanged", revision, fetchedAt: at });
    this.#last.set(key, head.commit);
    this.told?.(key, { kind: "rendered", snapshot: this.#snapshot(key, head.commit) });
  }

  renderAt(baseline: Baseline, commit: string): Promise<RenderOutcome> {
    const problem: Problem = { code: "source-ref-not-found", message: "the commit is gone" };
    if (this.renderAtFails === "rejects") return Promise.reject(new Error("disk on fire"));
    if (this.renderAtFails === "fails")
      return Promise.resolve({ kind: "failed", stage: "source", problem, at: this.#clock.now() });
    const isKnown = this.#repositories.of(baseline.key).commits.some((entry) => entry.commit === commit);
    if (!isKnown) return Promise.resolve({ kind: "failed", stage: "source", problem, at: this.#clock.now() });
    return Promise.resolve({ kind: "rendered", snapshot: this.#snapshot(baseline.key, commit) });
  }

  /** Commits descend from those before them, up to one that does not. */
  descends(baseline: Baseline, ancestor: string, commit: string): Promise<boolean | Problem> {
    this.asked.push(`${Number.parseInt(ancestor, 16)} < ${Number.parseInt(commit, 16)}`);
    if (this.descendsFails) return Promise.resolve({ code: "source-unreachable", message: "no route" });
    const { commits } = this.#repositories.of(baseline.key);
    const [from, to] = [ancestor, commit].map((one) => commits.findIndex((entry) => entry.commit === one));
    if (from === undefined || to === undefined || from < 0 || to < from) return Promise.resolve(false);
    return Promise.resolve(!commits.slice(from + 1, to + 1).some(({ orphan }) => orphan));
  }

  locate(
    _key: BaselineKey,
    _commit: string,
    _source: Provenance,
    pointers: readonly string[],
  ): Promise<ReadonlyMap<string, number>> {
    this.located += 1;
    return Promise.resolve(new Map(pointers.map((pointer) => [pointer, 7])));
  }

  #snapshot(key: BaselineKey, commit: string): Snapshot {
    const found = this.#repositories.of(key).commits.find((entry) => entry.commit === commit);
    return {
      revision: { ref: "main", commit },
      objects: (found === undefined ? [] : renderOf(found)).map((object) => declared(object)),
      problems: found?.problems ?? [],
      fetchedAt: this.#clock.now(),
    };
  }
}
