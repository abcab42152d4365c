/**
 * Random commits, force-pushes, approvals, rollbacks and restarts, in any order, against a model of a few lines: which
 * revision is in force, and whether it is guarded.
 */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isShrunk } from "../../src/engine/trust.ts";
import type { Baseline } from "../../src/model/baseline.ts";
import { baseline, configMap, minute } from "../support/scenario/samples.ts";
import { World } from "../support/scenario/world.ts";

type Step =
  | { readonly do: "commit"; readonly size: number; readonly orphan: boolean }
  | { readonly do: "approve" | "roll back"; readonly nth: number }
  | { readonly do: "tick"; readonly minutes: number }
  | { readonly do: "end" | "restart" | "deploy" | "poll" };

const nth = fc.integer({ min: 0, max: 6 });
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant("commit" as const),
        size: fc.integer({ min: 0, max: 14 }),
        orphan: fc.boolean(),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("approve" as const, "roll back" as const), nth }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("tick" as const), minutes: fc.constantFrom(1, 30, 61) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("end", "restart", "deploy", "poll") }) },
  ),
  { maxLength: 20 },
);

interface Commit {
  readonly size: number;
  readonly orphan: boolean;
}

/** What is expected, by the places of commits. Commit 0 has 10 objects. */
class Model {
  readonly commits: Commit[] = [{ size: 10, orphan: false }];
  /** The last one that declares anything. */
  head = 0;
  trusted = 0;
  approved: number | undefined;
  rollback: { readonly to: number; readonly until: number } | undefined;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  get rolledBack(): number | undefined {
    const { rollback } = this;
    const stands = rollback !== undefined && this.#now() < rollback.until;
    return stands && (this.commits[rollback.to]?.size ?? 0) > 0 ? rollback.to : undefined;
  }

  get inForce(): number {
    return this.rolledBack ?? this.head;
  }

  get guard(): "Shrunk" | "Rewritten" | undefined {
    if (this.rolledBack !== undefined || this.head === this.trusted) return undefined;
    const [from, to] = [this.commits[this.trusted]?.size ?? 0, this.commits[this.head]?.size ?? 0];
    if (isShrunk(Math.max(0, from - to), from)) return "Shrunk";
    const isDescendant =
      this.trusted < this.head && !this.commits.slice(this.trusted + 1, this.head + 1).some(({ orphan }) => orphan);
    return isDescendant ? undefined : "Rewritten";
  }

  /** Whatever is in force without a guard is what the next one is held against. */
  settle(): void {
    if (this.rolledBack !== undefined) return;
    if (this.approved === this.head || this.guard === undefined) this.trusted = this.head;
  }
}

const shop = baseline("shop", { mode: "Remediate" });
const idOfCommit = (place: number): string => (place + 1).toString(16).padStart(40, "0");
const objects = (size: number) => Array.from({ length: size }, (_, at) => configMap(`c${at}`, { v: "1" }));

class Run {
  readonly world = new World({ baselines: [shop] });
  readonly model = new Model(() => this.world.clock.now());
  #settings: Baseline = shop;

  async start(): Promise<void> {
    await this.world.commit(objects(10));
    await this.world.deploy();
  }

  async step(step: Step): Promise<void> {
    const { world, model } = this;
    switch (step.do) {
      case "commit":
        model.commits.push({ size: step.size, orphan: step.orphan });
        if (step.size > 0) model.head = model.commits.length - 1;
        world.repositories.commit(world.key, objects(step.size), [], [], step.orphan);
        world.sources.poll(world.key);
        break;
      case "approve":
        model.approved = step.nth;
        await this.#set({ ...this.#settings, approvedCommit: idOfCommit(step.nth) });
        break;
      case "roll back": {
        // To one that is there: one that comes later counts from some moment in between.
        if (step.nth >= model.commits.length) return;
        const until = world.clock.now() + 60 * minute;
        model.rollback = { to: step.nth, until };
        const rollback = { commit: idOfCommit(step.nth), until, reason: "", automatic: false };
        await this.#set({ ...this.#settings, rollback });
        break;
      }
      case "end": {
        model.rollback = undefined;
        const { rollback: _rollback, ...rest } = this.#settings;
        await this.#set(rest);
        break;
      }
      case "tick":
        await world.tick(step.minutes * minute);
        break;
      case "deploy":
        return world.deploy();
      case "poll":
        world.sources.poll(world.key);
        break;
      case "restart":
        // An emptied head is no revision to start from, and what was trusted before a rollback is not on record.
        if (model.commits.at(-1)?.size === 0 || model.rolledBack !== undefined) return;
        await world.restart();
    }
    await world.settle();
    model.settle();
  }

  async #set(settings: Baseline): Promise<void> {
    this.#settings = settings;
    await this.world.apply(settings);
  }

  check(): void {
    const { source } = this.world.state();
    const { model } = this;
    expect(source.revision?.commit).toBe(idOfCommit(model.inForce));
    expect(source.rollback?.phase === "in-force").toBe(model.rolledBack !== undefined);
    expect(source.guard?.reason).toBe(model.guard);
    if (source.guard !== undefined)
      expect(source.guard).toMatchObject({
        commit: idOfCommit(model.head),
        before: `main@sha1:${idOfCommit(model.trusted)}`,
      });
    const declared = this.world.engine.judgements(this.world.key);
    const standing = [...declared].filter(({ desiredHash }) => desiredHash !== undefined);
    expect(standing).toHaveLength(model.commits[model.inForce]?.size ?? 0);
    this.world.expectCounted();
  }
}

test("whatever happens, in whatever order", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const run = new Run();
      try {
        await run.start();
        for (const step of script) {
          await run.step(step);
          run.check();
        }
      } finally {
        await run.world.stop();
      }
    }),
    { numRuns: 200 },
  );
}, 120_000);
