/**
 * People, commits, switches, pauses, faults and restarts in any order, against a real API server, and what must hold
 * whatever happens: nothing is written without permission, nothing that was not opted in is changed, what is permitted
 * comes about, nothing is written once all is well, and nothing is deleted that may not be.
 *
 * PLUMBLINE_MODEL_STEPS (150; `npm run model`: 2,000) and PLUMBLINE_MODEL_SEED choose how much, and which; a failure prints the seed and script.
 */
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readEnvironment } from "../../src/runtime/config.ts";
import { evidenceLines } from "./evidence-lines.ts";
import { scripts, type Real } from "./remediation-model-commands.ts";
import { secretMark } from "./remediation-model-objects.ts";
import { Run } from "./remediation-model-run.ts";
import { group, setStage, type Stage } from "./remediation-model-world.ts";

const environment = readEnvironment();
const wanted = Number(environment["PLUMBLINE_MODEL_STEPS"] ?? 150);
/** Every day the same scripts; whoever asks for more wants new ones. */
const usual = environment["PLUMBLINE_MODEL_STEPS"] === undefined ? 302 : Date.now() % 1_000_000;
const seed = Number(environment["PLUMBLINE_MODEL_SEED"] ?? usual);
const longest = 200;

let stage: Stage;

beforeAll(async () => {
  stage = await setStage();
});
afterAll(() => stage?.stop());

test(
  `whatever happens, in whatever order: ${wanted} steps from seed ${seed}`,
  async () => {
    const counts = new Map<string, number>();
    let steps = 0;
    let runs = 0;
    const play = async (script: Iterable<fc.AsyncCommand<Run, Real>>): Promise<void> => {
      if (steps >= wanted) return;
      const run = new Run(stage, runs);
      runs += 1;
      await run.start();
      const stepped = (name: string): void => {
        steps += 1;
        counts.set(name, (counts.get(name) ?? 0) + 1);
      };
      await fc.asyncModelRun(() => ({ model: run, real: { run, stage, stepped } }), script);
      await run.finish();
    };
    await fc.assert(fc.asyncProperty(scripts(longest), play), {
      seed,
      numRuns: wanted,
      // The world has moved on: no shorter script would meet the same one.
      endOnFailure: true,
    });
    const list = (map: ReadonlyMap<string, number>): string =>
      [...map]
        .map(([name, count]) => `${name} ${count}`)
        .toSorted()
        .join(", ");
    console.log(`${steps} steps in ${runs} runs from seed ${seed}: ${list(counts)}; written: ${list(stage.tally)}`);
    expect(steps).toBeGreaterThanOrEqual(wanted);
    // It was at work at all.
    expect(stage.tally.get("patch") ?? 0).toBeGreaterThan(steps / 20);
    // Standard output: one line for each write, but for what a kill or a cut took away before its answer came.
    const evidence = evidenceLines(stage.said());
    const applied = evidence.filter((line) => line.includes('"kind":"attempt"') && line.includes('"result":"applied"'));
    const written = [...stage.tally.values()].reduce((sum, count) => sum + count, 0);
    expect(applied.length).toBeLessThanOrEqual(written);
    expect(applied.length).toBeGreaterThan(written * 0.8);

    const { body } = await stage.send("GET", `${group}/drifts`);
    const events = await stage.send("GET", "/apis/events.k8s.io/v1/events");
    for (const text of [stage.said(), JSON.stringify(body), JSON.stringify(events.body)])
      expect(text).not.toContain(secretMark);
  },
  120_000 + wanted * 2_000,
);
