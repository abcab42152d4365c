/**
 * What an operator says of the whole world: the set of objects it has a Drift record of, and its counts; and whether
 * that is what is so. Reads, and for a fresh start takes away the records of the one before.
 */
import { setTimeout as wait } from "node:timers/promises";
import { getIn, getString, isArray, parseJson } from "../../src/model/json.ts";
import { eventually } from "../e2e/operator.ts";
import { countsIn, type Counts, type Run, type RunOptions, startRun, stopRun } from "./operator-run.ts";
import type { Expected } from "./second/unrest.ts";
import { defaultNamespace } from "../e2e/operator.ts";
import type { World } from "./world.ts";

export interface Standing {
  readonly drifted: readonly string[];
  readonly missing: readonly string[];
  readonly others: readonly string[];
  readonly counts: Counts;
}

export interface Comparison {
  /** Not told, though it is so. */
  readonly missed: readonly string[];
  /** Told, though it is not so. */
  readonly wrong: readonly string[];
}

const PATIENCE = 120_000;
const STILL = 3_000;

export async function readStanding(world: World, run: Run): Promise<Standing> {
  const { text } = await world.plane.request("GET", "/apis/plumbline.dev/v1alpha1/drifts");
  const items = getIn(parseJson(text), "items");
  const of = (verdict: (found: string) => boolean): readonly string[] =>
    (isArray(items) ? items : [])
      .filter((one) => verdict(getString(one, "verdict") ?? ""))
      .map(
        (one) =>
          `${getString(one, "object", "kind")} ${getString(one, "object", "namespace")}/${getString(one, "object", "name")}`,
      )
      .toSorted();
  return {
    drifted: of((verdict) => verdict === "drifted"),
    missing: of((verdict) => verdict === "missing"),
    others: of((verdict) => verdict !== "drifted" && verdict !== "missing"),
    counts: countsIn(await run.operator.metrics()),
  };
}

/** A verdict that is another than the expected one counts on both sides. */
export function compareStanding(found: Standing, expected: Expected): Comparison {
  const tell = ({ drifted, missing }: Expected): Set<string> =>
    new Set([...drifted.map((label) => `drifted ${label}`), ...missing.map((label) => `missing ${label}`)]);
  const said = tell(found);
  for (const label of found.others) said.add(`other ${label}`);
  const so = tell(expected);
  return { missed: [...so].filter((one) => !said.has(one)), wrong: [...said].filter((one) => !so.has(one)) };
}

const isSame = ({ missed, wrong }: Comparison): boolean => missed.length === 0 && wrong.length === 0;

function areCounted({ counts }: Standing, expected: Expected, objects: number): boolean {
  const { drifted, missing } = expected;
  return (
    (counts["drifted"] ?? 0) === drifted.length &&
    (counts["missing"] ?? 0) === missing.length &&
    (counts["in-sync"] ?? 0) === objects - drifted.length - missing.length
  );
}

/** As soon as records and counts are what is expected, or else as they stand when the patience has ended. */
export async function settled(world: World, run: Run, expected: Expected): Promise<Standing> {
  const isSettled = (standing: Standing): boolean =>
    isSame(compareStanding(standing, expected)) && areCounted(standing, expected, world.objects);
  await eventually("what is expected", async () => (isSettled(await readStanding(world, run)) ? true : undefined), {
    within: PATIENCE,
    every: 500,
  }).catch(() => {});
  // Something wrong may still be on its way.
  await wait(STILL);
  return readStanding(world, run);
}

/** What one says that has seen nothing of what came before: no records, no memory. */
export async function freshStanding(world: World, options: RunOptions, expected: Expected): Promise<Standing> {
  const records = `/apis/plumbline.dev/v1alpha1/namespaces/${defaultNamespace}/drifts`;
  const { status, text } = await world.plane.request("DELETE", records);
  if (status !== 200) throw new Error(text);
  const run = await startRun(world, options);
  try {
    return await settled(world, run, expected);
  } finally {
    await stopRun(run);
  }
}

export const sameStanding = (one: Standing, other: Standing): boolean =>
  JSON.stringify([one.drifted, one.missing, one.others, Object.entries(one.counts).toSorted()]) ===
  JSON.stringify([other.drifted, other.missing, other.others, Object.entries(other.counts).toSorted()]);
