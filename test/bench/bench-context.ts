/** What a figure's script is given: the world, an operator that has judged all of it, and a place for its rows. */
import type { ConfigSyncPeers } from "./config-sync-figures.ts";
import type { Row } from "./results.ts";
import { startRun, stopRun, untilJudged, type Run, type RunOptions } from "./operator-run.ts";
import type { World } from "./world.ts";

export interface BenchOptions {
  /** Measured repetitions of what is repeated. */
  readonly rounds: number;
  /** Of what is left out before them. */
  readonly warm: number;
  /** Seconds of what is watched for a while. */
  readonly window: number;
  /** Events a second of the heaviest churns. */
  readonly rates: readonly number[];
  readonly run: RunOptions;
  /** Of this session where it was run in it, else of before. */
  readonly configSync: ConfigSyncPeers;
}

export interface Bench extends BenchOptions {
  readonly world: World;
  /** How the server lists: at once, or in pages. */
  readonly lists: "WatchList" | "paged lists";
  say(line: string): void;
  row(row: Row): void;
  /** Numbers of objects, spread over all kinds and namespaces, each only once until all had their turn. */
  take(count: number): readonly number[];
  /** One that runs and has judged everything; the same for all scripts until it is ended. */
  operator(): Promise<Run>;
  endOperator(): Promise<void>;
}

export interface Script {
  readonly title: string;
  /** Where the server lists at once, and where it does so in pages too. */
  readonly inPages: boolean;
  run(bench: Bench): Promise<void>;
}

const greatestCommonDivisor = (one: number, other: number): number =>
  other === 0 ? one : greatestCommonDivisor(other, one % other);

/** A stride that visits every object, far from its neighbours. */
function strideOf(objects: number): number {
  let stride = Math.floor(objects * 0.618) | 1;
  while (greatestCommonDivisor(stride, objects) !== 1) stride += 2;
  return stride;
}

/** Numbers of objects, each only once until all had their turn. */
export function createTaker(objects: number): (count: number) => readonly number[] {
  let cursor = 0;
  const stride = strideOf(objects);
  return (count) => Array.from({ length: count }, () => (cursor++ * stride) % objects);
}

export function createBench(world: World, options: BenchOptions & Pick<Bench, "lists" | "say" | "row">): Bench {
  let run: Run | undefined;
  return {
    ...options,
    world,
    take: createTaker(world.objects),
    async operator() {
      if (run === undefined) {
        run = await startRun(world, options.run);
        await untilJudged(world, run);
      }
      return run;
    },
    async endOperator() {
      if (run !== undefined) await stopRun(run);
      run = undefined;
    },
  };
}

/** All objects, for a churn over everything. */
export const everyObject = ({ objects }: World): readonly number[] => Array.from({ length: objects }, (_, at) => at);
