/** What declared objects are held against, made ready: both sides read, the world opened, everything in its place. */
import type { Command } from "commander";
import type { Baseline } from "../../model/baseline.ts";
import type { Problem } from "../../model/problem.ts";
import { type IdKey, idKey } from "../../model/resource.ts";
import type { DesiredObject } from "../../model/snapshot.ts";
import type { Environment } from "../../runtime/config.ts";
import { systemClock } from "../../runtime/clock.ts";
import { placeObjects, type PlaceOptions } from "../../verdict/place.ts";
import { type ClusterAccess, openCluster, withClusterFlags } from "../cluster-access.ts";
import { readBuiltInSchema, readSchemaFolder } from "../schema-files.ts";
import { openWorldOf } from "./cluster-world.ts";
import { type DesiredFlags, readDeclared, withDesiredFlags } from "./declared.ts";
import { openFiles } from "./file-world.ts";
import { type DesiredOptions, type ReadObjects, readDesired, standardInput } from "./inputs.ts";
import { type LiveDump, readLive } from "./live-dump.ts";
import { readSettings } from "./settings.ts";
import type { World } from "./world.ts";

export interface ComparisonFlags extends DesiredFlags {
  readonly live?: string;
  readonly schema?: string;
  readonly baseline?: string;
  readonly previous?: string;
}

export function withComparisonFlags(command: Command): Command {
  return withDesiredFlags(withClusterFlags(command))
    .option(
      "--live <path>",
      "live objects as `kubectl get -o yaml|json` prints them, instead of the cluster; - for standard input",
    )
    .option(
      "--schema <dir>",
      "schemas saved by `plumbline schema save` (default: the cluster's, else the built-in ones)",
    )
    .option("--baseline <file>", "a Baseline whose compare, severity and ignore settings apply")
    .option("--previous <path>", "what Git said before: what still equals it is pending");
}

export interface Comparison {
  readonly baseline: Baseline;
  readonly read: ReadObjects;
  /** Where each will live; what is declared twice is a problem, and not among them. */
  readonly declared: readonly DesiredObject[];
  /** What Git said before; undefined where nobody told. */
  readonly previous: ReadonlyMap<IdKey, DesiredObject> | undefined;
  readonly world: World;
  readonly place: PlaceOptions;
  readonly problems: readonly Problem[];
  /** False where something of the live side could not be read: then what is not found may be there all the same. */
  readonly isLiveWhole: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

interface Opened {
  readonly world: World;
  /** Of the context, where there is a cluster. */
  readonly namespace?: string;
  readonly problems: readonly Problem[];
}

async function openWorld(
  flags: ComparisonFlags,
  declared: readonly DesiredObject[],
  live: LiveDump | undefined,
  open: () => Promise<ClusterAccess>,
): Promise<Opened> {
  const saved = flags.schema === undefined ? undefined : readSchemaFolder(flags.schema);
  if (live !== undefined)
    return { world: openFiles(declared, live, saved ?? readBuiltInSchema()), problems: live.problems };
  const cluster = await open();
  const world = await openWorldOf(cluster, declared, saved);
  return { world, namespace: cluster.credentials.namespace, problems: [] };
}

/**
 * @param keep is told of the cluster as soon as one is opened, for the caller to close
 * @throws CliError for what the person at the keyboard has to put right
 */
export async function openComparison(
  flags: ComparisonFlags,
  environment: Environment,
  keep: (cluster: ClusterAccess) => void,
): Promise<Comparison> {
  const readInput = standardInput();
  const now = systemClock.now();
  const { baseline, problems: unusable } = readSettings(flags.baseline);
  const reading: DesiredOptions = { readStandardInput: readInput, environment, revision: flags.revision };
  let cluster: Promise<ClusterAccess> | undefined;
  const open = async (): Promise<ClusterAccess> => {
    cluster ??= openCluster(flags, "give --live to compare with files");
    keep(await cluster);
    return cluster;
  };
  // The dump is read while threads parse what Git says.
  const [read, live] = await Promise.all([
    readDeclared(flags, reading, flags.live === undefined ? open : undefined),
    Promise.resolve().then(() => (flags.live === undefined ? undefined : readLive(flags.live, readInput))),
  ]);
  const before =
    flags.previous === undefined
      ? undefined
      : await readDesired([flags.previous], { readStandardInput: readInput, environment });
  const opened = await openWorld(flags, read.objects, live, open);
  const { world } = opened;
  const place: PlaceOptions = {
    targetNamespace: flags.namespace ?? opened.namespace ?? "default",
    scopeOf: world.scopeOf,
  };
  const placed = placeObjects(read.objects, place);
  const previous = before === undefined ? undefined : placeObjects(before.objects, place);
  return {
    baseline,
    read,
    declared: placed.objects,
    previous: previous === undefined ? undefined : new Map(previous.objects.map((one) => [idKey(one.id), one])),
    world,
    place,
    isLiveWhole: opened.problems.length === 0,
    problems: [
      ...unusable,
      ...read.problems,
      ...(before?.problems ?? []),
      ...(previous?.problems ?? []),
      ...opened.problems,
      ...placed.problems,
    ],
    now,
  };
}
