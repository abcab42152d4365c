/** One run of `plumbline diff`, from its flags to what was judged. Prints nothing. */
import type { Problem } from "../../model/problem.ts";
import { idKey, kindKey, kindRef, type KindRef } from "../../model/resource.ts";
import type { DesiredObject } from "../../model/snapshot.ts";
import type { Environment } from "../../runtime/config.ts";
import { placeObjects, type PlaceOptions } from "../../verdict/place.ts";
import type { ClusterAccess } from "../cluster-access.ts";
import { type ComparisonFlags, openComparison } from "./comparison.ts";
import { judgeDeclared, type Judged, judgeUndeclared } from "./judge.ts";
import { checkPruneScope, undeclared, unowned } from "./prune-scope.ts";
import { makeReport, type DiffReport, type JudgedObject } from "./report.ts";
import type { World } from "./world.ts";

export interface DiffRequest extends ComparisonFlags {
  readonly pruneScope?: string;
  readonly showSuppressed?: boolean;
  readonly patches: boolean;
}

export interface DiffResult {
  readonly report: DiffReport;
  readonly judged: readonly JudgedObject[];
  readonly warnings: readonly Problem[];
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
    judged: await judgeUndeclared(await unowned(undeclared(selected.objects, ids), world), world, options),
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
  if (request.pruneScope !== undefined) checkPruneScope(request.pruneScope);
  const comparison = await openComparison(request, environment, keep);
  const { baseline, read, world, now } = comparison;
  const judged = await judgeDeclared(comparison.declared, comparison, { patches: request.patches });
  const claimed =
    request.pruneScope === undefined
      ? { judged: [], problems: [] }
      : await judgeClaimed(request.pruneScope, world, placeEach(read.objects, comparison.place), {
          baseline,
          now,
          complete: read.problems.length === 0,
        });
  const all = [...judged, ...claimed.judged];
  const objects = all.map((one) => one.judged);
  return {
    report: makeReport(objects, [...comparison.problems, ...claimed.problems], {
      showSuppressed: request.showSuppressed === true,
    }),
    judged: objects,
    warnings: all.flatMap(({ warnings }) => warnings),
  };
}
