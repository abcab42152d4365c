/**
 * Config Sync as a yardstick of the same session: in a world of its own, in the state that the operator's is opened in,
 * since it writes labels of its own on whatever it manages. The same second process edits and looks on.
 */
import { setTimeout as wait } from "node:timers/promises";
import { markAudit, type Request, requestsSince, requestsText } from "./audit-count.ts";
import { createTaker } from "./bench-context.ts";
import { type ConfigSyncFigures, type ConfigSyncHeals, seenAfter } from "./config-sync-figures.ts";
import { furnishConfigSync, startReconciler, withDeploymentsSettled } from "./config-sync-run.ts";
import { kinds } from "./manifests.ts";
import { untilQuiet } from "./quiet.ts";
import { quantile, spreadOf, spreadText } from "./spread.ts";
import { openWorld, peerUser, type World } from "./world.ts";

export interface ConfigSyncOptions {
  /** A folder with the executable `reconciler` and its CRDs in `crds`. */
  readonly place: string;
  /** As for the operator. */
  readonly rounds: number;
  readonly warm: number;
  readonly say: (line: string) => void;
}

/** What it applies again at each start in well under a minute. */
const OBJECTS = 1_000;
/** After the one in which it takes the objects over. */
const STARTS = 3;
const SETTLE = 1_000;
/** Heals of one order, and milliseconds after which no further one is given: one that never comes takes half a minute. */
const SLICE = 10;
const ROUNDS_PATIENCE = 180_000;

const resources: ReadonlySet<string> = new Set(kinds.map(({ resource }) => resource));
/** About what it manages; not about its own RootSync and inventory, nor the watches. */
const isOfObjects = ({ resource, verb }: Request): boolean => resources.has(resource) && verb !== "watch";

interface Heals {
  readonly take: (count: number) => readonly number[];
  readonly rounds: number;
  readonly warm: number;
  readonly when: string;
  readonly say: (line: string) => void;
}

async function healsOf(world: World, { take, rounds, warm, when, say }: Heals): Promise<ConfigSyncHeals> {
  const mark = markAudit(world.auditLog);
  const deadline = performance.now() + ROUNDS_PATIENCE;
  const healed = [...(await world.editor.run("heal", { ats: take(warm), warm: 0 }))];
  for (let done = 0; done < rounds && performance.now() < deadline; done += SLICE)
    healed.push(...(await world.editor.run("heal", { ats: take(Math.min(SLICE, rounds - done)), warm: 0 })));
  // It looks once more at what it wrote itself.
  await wait(SETTLE);
  const requests = requestsSince(world.auditLog, mark, peerUser).filter(isOfObjects);
  const measured = healed.slice(warm);
  const took = measured.flatMap((one) => (one.took === undefined ? [] : [one.took]));
  const missed = measured.length - took.length;
  const spread = spreadOf(took);
  say(`drift → put back, ${when}: ${spreadText(spread)}; ${missed} never`);
  const seen = spreadOf(seenAfter(measured, requests));
  say(`  drift → its dry run answered: ${spreadText(seen)}`);
  say(`  requests of ${healed.length} heals: ${requestsText(requests)}`);
  const dryRuns = requests.filter(({ isDryRun }) => isDryRun).length / healed.length;
  return { spread, missed, seen, requests: requests.length / healed.length, dryRuns };
}

/** @param folder of the world */
export async function measureConfigSync(folder: string, options: ConfigSyncOptions): Promise<ConfigSyncFigures> {
  const { place, rounds, warm, say } = options;
  const world = await openWorld(folder);
  try {
    const given = await furnishConfigSync(world, place, OBJECTS);
    const { objects } = given;
    let run = await withDeploymentsSettled(world, startReconciler(world, given));
    say(`${objects} objects taken over in ${run.synced.toFixed(2)} s, peak ${run.memory().peak.toFixed(0)} MB`);
    const starts: number[] = [];
    for (let start = 0; start < STARTS; start += 1) {
      await untilQuiet(world, peerUser, isOfObjects);
      await run.stop();
      const mark = markAudit(world.auditLog);
      run = await startReconciler(world, given);
      starts.push(run.synced);
      const requests = requestsSince(world.auditLog, mark, peerUser).filter(isOfObjects);
      say(
        `start ${start + 1}: ${run.waited.toFixed(2)} s until its first look, then ${run.synced.toFixed(2)} s, ${requestsText(requests)}`,
      );
    }
    await untilQuiet(world, peerUser, isOfObjects);
    const take = createTaker(objects);
    const idle = await healsOf(world, { take, rounds, warm, say, when: "idle" });
    await world.churner.run("churn", { rate: 100, ats: Array.from({ length: objects }, (_, at) => at) });
    const busy = await healsOf(world, { take, rounds, warm, say, when: "at 100 ev/s" });
    const churned = await world.churner.run("calm", null);
    const { resident, peak } = run.memory();
    say(`churn ${churned.rate.toFixed(0)} ev/s; ${resident.toFixed(0)} MB resident, peak ${peak.toFixed(0)} MB`);
    await run.stop();
    return { objects, start: quantile(starts, 0.5), idle, busy, peak };
  } finally {
    await world.stop();
  }
}
