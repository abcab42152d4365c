/** One run of `plumbline diff`, from its flags to what was judged. Prints nothing. */
import type { Problem } from "../../model/problem.ts";
import { idKey, kindKey, kindRef, type KindRef } from "../../model/resource.ts";
import type { DesiredObject } from "../../model/snapshot.ts";
import type { Environment } from "../../runtime/config.ts";
import { systemClock } from "../../runtime/clock.ts";
import { placeObjects, type PlaceOptions } from "../../verdict/place.ts";
import { type ClusterAccess, openCluster } from "../cluster-access.ts";
import { readBuiltInSchema, readSchemaFolder } from "../schema-files.ts";
import { openWorldOf } from "./cluster-world.ts";
import { type DesiredFlags, readDeclared } from "./declared.ts";
import { openFiles } from "./file-world.ts";
import { type DesiredOptions, readDesired, standardInput } from "./inputs.ts";
import { judgeDeclared, type Judged, judgeUndeclared } from "./judge.ts";
import { type LiveDump, readLive } from "./live-dump.ts";
import { checkPruneScope, undeclared } from "./prune-scope.ts";
import { makeReport, type DiffReport, type JudgedObject } from "./report.ts";
import { readSettings } from "./settings.ts";
import type { World } from "./world.ts";

export interface DiffRequest extends DesiredFlags {
  readonly live?: string;
  readonly schema?: string;
  readonly baseline?: string;
  readonly previous?: string;
  readonly pruneScope?: string;
  readonly showSuppressed?: boolean;
  readonly patches: boolean;
}

export interface DiffResult {
  readonly report: DiffReport;
  readonly judged: readonly JudgedObject[];
  readonly warnings: readonly Problem[];
}

interface Opened {
  readonly world: World;
  /** Of the context, where there is a cluster. */
  readonly namespace?: string;
  readonly problems: readonly Problem[];
}

async function openWorld(
  request: DiffRequest,
  declared: readonly DesiredObject[],
  live: LiveDump | undefined,
  open: () => Promise<ClusterAccess>,
): Promise<Opened> {
  const saved = request.schema === undefined ? undefined : readSchemaFolder(request.schema);
  if (live !== undefined)
    return { world: openFiles(declared, live, saved ?? readBuiltInSchema()), problems: live.problems };
  const cluster = await open();
  const world = await openWorldOf(cluster, declared, saved);
  return { world, namespace: cluster.credentials.namespace, problems: [] };
}

/** What the selector claims and nobody declares. */
async function judgeClaimed(
  selector: string,
  world: World,
  declared: readonly DesiredObject[],
  options: Parameters<typeof judgeUndeclared>[2],
): Promise<{ readonly judged: readonly Judged[]; readonly problems: readonly Problem[] }> {
  const kinds = new Map<string, KindRef>();
  for (const { object } of declared) {
    const kind = kindRef(object.apiVersion, object.kind);
    kinds.set(kindKey(kind), kind);
  }
  const namespaces = [...new Set(declared.map(({ id }) => id.namespace))].filter((name) => name !== "");
  const selected = await world.select(selector, { kinds: [...kinds.values()], namespaces });
  const ids = new Set(declared.map(({ id }) => idKey(id)));
  return {
    judged: await judgeUndeclared(undeclared(selected.objects, ids), world, options),
    problems: selected.problems,
  };
}

/** Every object where it will live, also one that is declared twice and therefore not judged. */
const placeEach = (objects: readonly DesiredObject[], options: PlaceOptions): readonly DesiredObject[] =>
  objects.flatMap((one) => placeObjects([one], options).objects);

/** @throws CliError for what the person at the keyboard has to put right */
export async function runDiff(
  request: DiffRequest,
  environment: Environment,
  keep: (cluster: ClusterAccess) => void,
): Promise<DiffResult> {
  const readInput = standardInput();
  const now = systemClock.now();
  if (request.pruneScope !== undefined) checkPruneScope(request.pruneScope);
  const { baseline, problems: unusable } = readSettings(request.baseline);
  const reading: DesiredOptions = { readStandardInput: readInput, environment, revision: request.revision };
  let cluster: Promise<ClusterAccess> | undefined;
  const open = async (): Promise<ClusterAccess> => {
    cluster ??= openCluster(request, "give --live to compare with files");
    keep(await cluster);
    return cluster;
  };
  // The dump is read while threads parse what Git says.
  const [read, live] = await Promise.all([
    readDeclared(request, reading, request.live === undefined ? open : undefined),
    Promise.resolve().then(() => (request.live === undefined ? undefined : readLive(request.live, readInput))),
  ]);
  const before =
    request.previous === undefined
      ? undefined
      : await readDesired([request.previous], { readStandardInput: readInput, environment });
  const opened = await openWorld(request, read.objects, live, open);
  const { world } = opened;
  const place: PlaceOptions = {
    targetNamespace: request.namespace ?? opened.namespace ?? "default",
    scopeOf: world.scopeOf,
  };
  const placed = placeObjects(read.objects, place);
  const previous = before === undefined ? undefined : placeObjects(before.objects, place);
  const problems = [
    ...unusable,
    ...read.problems,
    ...(before?.problems ?? []),
    ...(previous?.problems ?? []),
    ...opened.problems,
    ...placed.problems,
  ];
  const judged = await judgeDeclared(placed.objects, world, {
    baseline,
    previous: previous === undefined ? undefined : new Map(previous.objects.map((one) => [idKey(one.id), one])),
    texts: read.texts,
    patches: request.patches,
    now,
  });
  const claimed =
    request.pruneScope === undefined
      ? { judged: [], problems: [] }
      : await judgeClaimed(request.pruneScope, world, placeEach(read.objects, place), {
          baseline,
          now,
          complete: read.problems.length === 0,
        });
  const all = [...judged, ...claimed.judged];
  const objects = all.map((one) => one.judged);
  return {
    report: makeReport(objects, [...problems, ...claimed.problems], {
      showSuppressed: request.showSuppressed === true,
    }),
    judged: objects,
    warnings: all.flatMap(({ warnings }) => warnings),
  };
}
