/**
 * The comparison, timed: one Deployment, ten thousand mixed objects, a ConfigMap of 1 MB and a CRD of 1.5 MB, each as
 * Git declares it for the first time and as it is met again. Then the same objects through `kubectl diff`, where its
 * binaries are here. Prints figures and ratios, asserts nothing: `npm run bench:compare`.
 */
import { declare } from "../../src/model/desired.ts";
import { noFacts } from "../../src/compare/facts.ts";
import { diffObjects } from "../../src/compare/diff.ts";
import { formatJson, parseJson } from "../../src/model/json.ts";
import { idOf, kindRef, type KubeObject } from "../../src/model/resource.ts";
import { decide } from "../../src/verdict/decide.ts";
import { plainBaseline } from "../support/baseline-fixture.ts";
import { timeKubectl } from "./kubectl-diff.ts";
import { deployment, largeConfigMap, largeDefinition, mixed, pairOf, type BenchPair } from "./pairs.ts";

const OBJECTS = 10_000;
const DRIFT_EVERY = 10;
/** Milliseconds that a figure takes at least, so that a slow moment of the machine does not make it. */
const AT_LEAST = 2_000;
const SLICE = 100;
/** Milliseconds for which a busy machine may leave a process alone. */
const UNDISTURBED = 4;

const baseline = plainBaseline();

function compare({ desired, live, schema }: BenchPair): number {
  return diffObjects({ desired, live, schema }).differences.length;
}

function judge({ desired, live, schema, managedFields }: BenchPair): number {
  const id = idOf(desired);
  const decision = decide({
    baseline,
    id,
    version: kindRef(desired.apiVersion, desired.kind).version,
    desired: declare(desired, { file: "bench.yaml", line: 1, index: 0 }),
    previous: undefined,
    live: {
      state: "present",
      live: { object: live, uid: "", resourceVersion: "", managedFields, health: { state: "healthy" }, receivedAt: 0 },
    },
    schema,
    facts: noFacts,
    seenLive: true,
    changedAt: 0,
    snapshotComplete: true,
    now: 0,
  });
  return decision.verdict.kind === "drifted" ? decision.verdict.changes.length : 0;
}

const fresh = (pair: BenchPair): BenchPair => ({
  ...pair,
  desired: parseJson(formatJson(pair.desired)) as KubeObject,
});

/** Of one pair, met again. */
function millisecondsOf([pair]: readonly BenchPair[], run: (pair: BenchPair) => number): number {
  if (pair === undefined) return 0;
  run(pair);
  const started = performance.now();
  run(pair);
  return performance.now() - started;
}

/**
 * Microseconds per pair: the pairs are cut into slices short enough to run undisturbed, and of each slice the lowest
 * round counts: what the code costs when the machine is not elsewhere.
 */
function lowest(pairs: readonly BenchPair[], run: (pair: BenchPair) => number, isFirst: boolean): number {
  const repeat = Math.max(
    1,
    Math.min(Math.floor(SLICE / pairs.length), Math.floor(UNDISTURBED / millisecondsOf(pairs, run))),
  );
  const best = Array.from({ length: Math.ceil(pairs.length / SLICE) }, () => Number.POSITIVE_INFINITY);
  let spent = 0;
  for (let round = 0; round < 5 || spent < AT_LEAST; round += 1) {
    for (const at of best.keys()) {
      const slice = pairs.slice(at * SLICE, (at + 1) * SLICE);
      const batch = Array.from({ length: repeat }, () => (isFirst ? slice.map(fresh) : slice)).flat();
      const started = performance.now();
      for (const pair of batch) run(pair);
      const took = performance.now() - started;
      spent += took;
      best[at] = Math.min(best[at] ?? took, took / repeat);
    }
  }
  return (best.reduce((sum, milliseconds) => sum + milliseconds, 0) * 1_000) / pairs.length;
}

function print(what: string, ...figures: readonly string[]): void {
  process.stdout.write(`${what.padEnd(46)}${figures.map((figure) => figure.padStart(16)).join("")}\n`);
}

const micro = (value: number): string => `${value < 100 ? value.toFixed(1) : value.toFixed(0)} µs`;

function figures(what: string, pairs: readonly BenchPair[]): number {
  const again = lowest(pairs, compare, false);
  const first = lowest(pairs, compare, true);
  const judged = lowest(pairs, judge, false);
  print(what, micro(again), micro(first), micro(judged));
  return again;
}

const one = deployment("web");
const warm = mixed(50).map((desired, at) => pairOf(desired, at % 2 === 0, at));
for (const run of [compare, judge]) for (const isFirst of [false, true]) lowest(warm, run, isFirst);
const many = mixed(OBJECTS).map((desired, at) => pairOf(desired, at % DRIFT_EVERY === 0, at));
const wholes = [pairOf(one, false), pairOf(one, true), ...many];
print("lowest of the rounds, per pair", "met again", "first time", "with a verdict");
figures("one Deployment, in sync", wholes.slice(0, 1));
figures("one Deployment, drifted", wholes.slice(1, 2));
const typical = figures(`${OBJECTS} mixed pairs, one in ${DRIFT_EVERY} drifted`, many);
figures("a ConfigMap of 1 MB, drifted", [pairOf(largeConfigMap(1_000_000), true)]);
const definition = largeDefinition(1_500_000);
figures(`a CRD of ${(formatJson(definition).length / 1e6).toFixed(1)} MB, drifted`, [pairOf(definition, true)]);

const timed = await timeKubectl(Number(process.argv[2] ?? 120));
if (typeof timed === "string") print(`kubectl diff: left out: ${timed}`);
else
  for (const { way, objects, milliseconds } of timed) {
    const each = milliseconds / objects;
    print(
      `kubectl diff, ${way}, ${objects} mixed objects`,
      `${each.toFixed(1)} ms`,
      `${(1_000 / each).toFixed(0)}/s`,
      `${Math.round((each * 1_000) / typical)}x slower`,
    );
  }
