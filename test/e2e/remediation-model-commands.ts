/** The steps of the model-based test, each with how often it is drawn, and what a script of them reads like. */
import * as fc from "fast-check";
import { edited, type EditOp } from "./remediation-model-objects.ts";
import type { Run } from "./remediation-model-run.ts";
import { deploymentNames, kindOf, playedNames } from "./remediation-model-start.ts";
import {
  pauseUntil,
  remediate,
  type Cause,
  type Declared,
  type Marks,
  type Settings,
} from "./remediation-model-state.ts";
import { compactEtcd } from "../bench/etcd.ts";
import { wait, type Stage } from "./remediation-model-world.ts";

export interface Real {
  readonly run: Run;
  readonly stage: Stage;
  /** A step was done. */
  stepped(name: string): void;
}

type Step = fc.AsyncCommand<Run, Real>;

function step(text: string, run: (real: Real) => Promise<void>, check: (run: Run) => boolean = () => true): Step {
  return {
    check,
    async run(_, real) {
      await run(real);
      real.run.audit();
      real.stepped(text.split(" ")[0] ?? "");
    },
    toString: () => text,
  };
}

const anyName = fc.constantFrom(...playedNames);
const anyOp = fc.constantFrom<EditOp>("change", "change", "add", "remove");
const small = fc.nat(7);
/** Seconds of a pause, none, or a word that is no time. */
const anyPause = fc.constantFrom(1, 2, 30, "none", "soon");
const anyMark = fc.constantFrom("enabled", "enabled", "disabled", "none", "perhaps");

const pauseText = (pause: number | string): string | null =>
  pause === "none" ? null : typeof pause === "string" ? pause : new Date(Date.now() + pause * 1_000).toISOString();

const withMark = (marks: Marks, name: string, value: string | null): Marks => {
  const { [name]: _gone, ...rest } = marks;
  return value === null ? rest : { ...rest, [name]: value };
};

const awake = (run: Run): boolean => !run.state.settings.suspend;
const settings = fc.oneof(
  fc.record<Partial<Settings>>({ mode: fc.constantFrom("Remediate", "Remediate", "Alert", "Observe") }),
  fc.record<Partial<Settings>>({ scope: fc.constantFrom("OptIn", "OptOut") }),
  fc.record<Partial<Settings>>({ approval: fc.constantFrom("Never", "HighRisk", "Always") }),
  fc.record<Partial<Settings>>({ suspend: fc.constantFrom(true, false, false) }),
  fc.record<Partial<Settings>>({ prune: fc.boolean() }),
  // All of what it takes to prune: drawn one by one it would hardly ever come about.
  fc.constant<Partial<Settings>>({
    prune: true,
    approval: "Never",
    causes: ["live-edit", "deletion", "dropped-from-git"],
  }),
  fc.record<Partial<Settings>>({
    causes: fc.constantFrom<readonly Cause[]>(
      ["live-edit", "deletion"],
      ["live-edit"],
      ["deletion", "recreation"],
      ["live-edit", "deletion", "recreation", "dropped-from-git"],
      ["live-edit", "deletion", "rollout", "dropped-from-git"],
    ),
  }),
);

const people: fc.WeightedArbitrary<Step>[] = [
  {
    weight: 20,
    arbitrary: fc
      .tuple(anyName, anyOp, small, fc.constantFrom<"put" | "merge">("put", "merge"))
      .map(([name, op, which, how]) =>
        step(`edit ${name} ${op} ${which} ${how}`, ({ run }) => run.edit(name, op, which, how)),
      ),
  },
  { weight: 2, arbitrary: anyName.map((name) => step(`mend ${name}`, ({ run }) => run.mend(name))) },
  { weight: 4, arbitrary: anyName.map((name) => step(`remove ${name}`, ({ run }) => run.remove(name))) },
  { weight: 2, arbitrary: anyName.map((name) => step(`recreate ${name}`, ({ run }) => run.recreate(name))) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(...deploymentNames), fc.integer({ min: 0, max: 9 }))
      .map(([name, replicas]) => step(`scale ${name} ${replicas}`, ({ run }) => run.scale(name, replicas))),
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(anyName, anyMark)
      .map(([name, mark]) =>
        step(`mark ${name} ${mark}`, ({ run }) => run.mark(name, remediate, mark === "none" ? null : mark)),
      ),
  },
  {
    weight: 4,
    arbitrary: fc
      .tuple(anyName, anyPause)
      .map(([name, pause]) =>
        step(`pause ${name} ${pause}`, ({ run }) => run.mark(name, pauseUntil, pauseText(pause))),
      ),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom("a", "b"), anyMark)
      .map(([half, mark]) =>
        step(`namespace ${half} ${mark}`, ({ run }) =>
          run.markNamespace(`${run.name}-${half}`, mark === "none" ? undefined : mark),
        ),
      ),
  },
  { weight: 6, arbitrary: anyName.map((name) => step(`approve ${name}`, ({ run }) => run.approve(name))) },
];

/** What Git would say of it instead. */
const commit = (text: string, name: string, change: (git: Declared, n: number) => Declared): Step =>
  step(
    text,
    ({ run }) => run.commit({ [name]: change(run.thing(name).git ?? run.thing(name).lastGit, run.next()) }),
    (run) => awake(run) && run.thing(name).git !== undefined,
  );

/** More than these at once would be a source that shrank. */
const MOST_DROPPED = 2;
const dropped = (run: Run): number => playedNames.filter((name) => run.thing(name).git === undefined).length;

const git: fc.WeightedArbitrary<Step>[] = [
  {
    weight: 6,
    arbitrary: fc.tuple(anyName, anyOp, small).map(([name, op, which]) =>
      commit(`commit ${name} ${op} ${which}`, name, ({ content, marks }, n) => ({
        content: edited(kindOf(name), content, op, which, n),
        marks,
      })),
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(anyName, anyMark).map(([name, mark]) =>
      commit(`commit-mark ${name} ${mark}`, name, ({ content, marks }) => ({
        content,
        marks: withMark(marks, remediate, mark === "none" ? null : mark),
      })),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(anyName, anyPause).map(([name, pause]) =>
      commit(`commit-pause ${name} ${pause}`, name, ({ content, marks }) => ({
        content,
        marks: withMark(marks, pauseUntil, pauseText(pause)),
      })),
    ),
  },
  {
    weight: 3,
    arbitrary: anyName.map((name) =>
      step(
        `drop ${name}`,
        ({ run }) => run.commit({ [name]: undefined }),
        (run) => awake(run) && run.thing(name).git !== undefined && dropped(run) < MOST_DROPPED,
      ),
    ),
  },
  {
    weight: 3,
    arbitrary: anyName.map((name) =>
      step(
        `add ${name}`,
        ({ run }) => run.commit({ [name]: run.thing(name).lastGit }),
        (run) => awake(run) && run.thing(name).git === undefined,
      ),
    ),
  },
  { weight: 3, arbitrary: fc.constant(step("revert", ({ run }) => run.revert(), awake)) },
  { weight: 8, arbitrary: fc.constant(step("deploy", ({ run }) => run.deploy())) },
];

const baseline: fc.WeightedArbitrary<Step>[] = [
  {
    weight: 12,
    arbitrary: settings.map((change) => step(`settings ${JSON.stringify(change)}`, ({ run }) => run.settle(change))),
  },
  {
    weight: 2,
    arbitrary: anyPause.map((pause) =>
      step(`baseline-pause ${pause}`, ({ run }) =>
        run.settle({ marks: withMark(run.state.settings.marks, pauseUntil, pauseText(pause)) }),
      ),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom("disabled", "none", "none")
      .map((mark) =>
        step(`baseline-mark ${mark}`, ({ run }) =>
          run.settle({ marks: withMark(run.state.settings.marks, remediate, mark === "none" ? null : mark) }),
        ),
      ),
  },
];

const world: fc.WeightedArbitrary<Step>[] = [
  {
    weight: 8,
    arbitrary: fc
      .constantFrom(100, 300, 1_100, 2_100)
      .map((ms) => step(`wait ${ms}`, async () => void (await wait(ms)))),
  },
  { weight: 6, arbitrary: fc.constant(step("look", ({ run }) => run.look())) },
  { weight: 2, arbitrary: fc.constant(step("cut", ({ run, stage }) => run.faulty(() => stage.proxy.cut()))) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom(200, 1_500), anyName).map(([ms, name]) =>
      step(`hold ${ms} ${name}`, ({ run, stage }) =>
        run.faulty(async () => {
          stage.proxy.hold();
          await run.edit(name, "change", 0, "put");
          await wait(ms);
          stage.proxy.release();
        }),
      ),
    ),
  },
  { weight: 2, arbitrary: fc.constant(step("clock", async ({ run }) => run.moveClock())) },
  { weight: 1, arbitrary: fc.constant(step("kill", ({ run }) => run.restarted("SIGKILL"))) },
  { weight: 1, arbitrary: fc.constant(step("stop", ({ run }) => run.restarted("SIGTERM"))) },
];

/** Seldom: it takes seconds. Whoever watched from before the compaction is told 410. */
const server: fc.WeightedArbitrary<Step> = {
  weight: 1,
  arbitrary: fc.constant(
    step("server", ({ run, stage }) =>
      run.faulty(async () => {
        await compactEtcd(stage.plane);
        await stage.restartServer();
      }),
    ),
  ),
};

const often = (rows: readonly fc.WeightedArbitrary<Step>[]): fc.WeightedArbitrary<Step>[] =>
  rows.map(({ weight, arbitrary }) => ({ weight: weight * 4, arbitrary }));

/** Scripts of so many steps at most. */
export function scripts(maxCommands: number): fc.Arbitrary<Iterable<Step>> {
  const any = fc.oneof(...often([...people, ...git, ...baseline, ...world]), server);
  return fc.commands([any], { maxCommands, size: "max" });
}
