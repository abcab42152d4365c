/** Everything one Baseline's Drift records stand for, foreseen object by object. Reads; each plan is tried by a dry run. */
import { createSubjectAccess } from "../../cluster/subject-access.ts";
import { resolveBaseline } from "../../model/baseline-settings.ts";
import type { Baseline } from "../../model/baseline.ts";
import { getString } from "../../model/json.ts";
import type { Problem } from "../../model/problem.ts";
import { formatProblem } from "../../model/problem.ts";
import { formatId, type IdKey, idKey, type KubeObject, type ResourceId } from "../../model/resource.ts";
import { type DesiredObject, parseRevision } from "../../model/snapshot.ts";
import type { Environment } from "../../runtime/config.ts";
import { systemClock } from "../../runtime/clock.ts";
import type { DecideInput } from "../../verdict/decide.ts";
import type { HealPlan } from "../../verdict/heal-plan.ts";
import { placeObjects } from "../../verdict/place.ts";
import { CliError } from "../cli-error.ts";
import { type ClusterAccess, servedScope } from "../cluster-access.ts";
import { openWorldOf } from "../diff/cluster-world.ts";
import type { ReadObjects } from "../diff/inputs.ts";
import type { World } from "../diff/world.ts";
import { readDeclaredBy } from "./declared-by.ts";
import { claimantsOf, type Foreseen, foresee, idOfRecord, straysOf, wasSettled } from "./foresee.ts";
import { createRehearsal, type Rehearsal, type Rehearse } from "./rehearsal.ts";

export interface Forecast extends Foreseen {
  readonly baseline: Baseline;
  readonly record: KubeObject;
  readonly input: DecideInput;
  readonly rehearsal?: Rehearsal;
}

export interface ForecastRequest {
  readonly cluster: ClusterAccess;
  /** As the cluster has it. */
  readonly baseline: KubeObject;
  /** Its records that are asked about, of all that are seen. */
  readonly records: readonly KubeObject[];
  readonly seen: readonly KubeObject[];
  /** What it declares, where the person says so; else it is read from its Git. */
  readonly declared: ReadObjects | undefined;
  readonly environment: Environment;
  readonly kustomizeBinary: string;
  /** Whom the person acts as (`--as`). */
  readonly as: string | undefined;
  /** Whether what it declares is wanted, records or none. */
  readonly wantsIds: boolean;
}

export interface Forecasts {
  readonly objects: readonly Forecast[];
  readonly problems: readonly Problem[];
  /** What it declares, by kind and name, where that was read. */
  readonly ids: readonly ResourceId[];
}

type ById = ReadonlyMap<IdKey, DesiredObject>;

interface Sides {
  readonly now: ById;
  /** At the last revision at which nothing was pending. */
  readonly before: ById;
  readonly world: World;
  readonly complete: boolean;
  readonly problems: readonly Problem[];
}

const commitOf = (baseline: KubeObject, name: "revision" | "settledRevision"): string | undefined =>
  parseRevision(getString(baseline, "status", "source", name) ?? "")?.commit;

const readAt = (
  { environment, kustomizeBinary }: ForecastRequest,
  baseline: Baseline,
  commit: string,
): Promise<ReadObjects> => readDeclaredBy({ baseline, commit, environment, kustomizeBinary });

/** @throws CliError where nobody says what it declares */
async function readCurrent(asked: ForecastRequest, baseline: Baseline): Promise<ReadObjects> {
  if (asked.declared !== undefined) return asked.declared;
  const commit = commitOf(asked.baseline, "revision");
  if (commit === undefined)
    throw new CliError(`Baseline ${baseline.key} has not been read by the operator yet; -f says what it declares`);
  return readAt(asked, baseline, commit);
}

/** @throws CliError where what it declared before cannot be read */
async function readSides(asked: ForecastRequest, baseline: Baseline, current: ReadObjects): Promise<Sides> {
  const { cluster } = asked;
  const settled = commitOf(asked.baseline, "settledRevision");
  const isMoved =
    asked.declared === undefined && settled !== undefined && settled !== commitOf(asked.baseline, "revision");
  const earlier = isMoved ? await readAt(asked, baseline, settled) : current;
  const world = await openWorldOf(cluster, current.objects, undefined);
  const place = (one: ReadObjects) =>
    placeObjects(one.objects, {
      targetNamespace: baseline.targetNamespace ?? baseline.namespace,
      scopeOf: (kind) => world.scopeOf(kind) ?? servedScope(cluster, kind),
    });
  const [placed, before] = [place(current), place(earlier)];
  const byId = (objects: readonly DesiredObject[]): ById => new Map(objects.map((one) => [idKey(one.id), one]));
  const problems = [...current.problems, ...placed.problems];
  return {
    now: byId(placed.objects),
    before: settled === undefined ? new Map() : byId(before.objects),
    world,
    complete: problems.length === 0,
    problems,
  };
}

async function inputOf(
  record: KubeObject,
  asked: ForecastRequest,
  baseline: Baseline,
  sides: Sides,
): Promise<DecideInput> {
  const id = idOfRecord(record);
  const desired = sides.now.get(idKey(id));
  const version = getString(record, "object", "version") ?? "v1";
  const now = systemClock.now();
  const isSettled = wasSettled(record, getString(asked.baseline, "status", "source", "revision"));
  return {
    baseline: { ...baseline, gracePeriod: 0 },
    id,
    version,
    desired,
    previous: isSettled && desired !== undefined ? desired : sides.before.get(idKey(id)),
    live: await sides.world.view(id, version),
    schema: await sides.world.schemaFor({ group: id.group, version, kind: id.kind }),
    facts: sides.world.facts,
    seenLive: true,
    changedAt: 0,
    snapshotComplete: sides.complete,
    now,
    tracked: true,
  };
}

const verbs: Readonly<Record<HealPlan["kind"], readonly string[]>> = {
  patch: ["patch"],
  create: ["create"],
  recreate: ["delete", "create"],
  delete: ["delete"],
};

/** What the Baseline's account may not do, as an access review tells; undefined where it may, or nobody may ask. */
async function missingRight(
  { cluster }: ForecastRequest,
  input: DecideInput,
  plan: HealPlan,
): Promise<string | undefined> {
  const { baseline, id, version } = input;
  const { serviceAccountName: serviceAccount, namespace } = baseline;
  if (serviceAccount === undefined) return undefined;
  const { canI } = createSubjectAccess(cluster);
  for (const verb of verbs[plan.kind]) {
    const kind = { group: id.group, version, kind: id.kind };
    const named = verb === "create" ? {} : { name: id.name };
    const answer = await canI({ verb, kind, namespace: id.namespace, ...named, as: { namespace, serviceAccount } });
    const isTold = !answer.allowed && !("untold" in answer && answer.untold === true);
    const plural = cluster.discovery.resourceOf(kind)?.plural ?? id.kind;
    if (isTold)
      return `${verb} ${plural}${id.group === "" ? "" : `.${id.group}`}${id.namespace === "" ? "" : ` in ${id.namespace}`}`;
  }
  return undefined;
}

interface Opened {
  readonly asked: ForecastRequest;
  readonly baseline: Baseline;
  readonly sides: Sides;
  readonly rehearse: Rehearse;
}

async function forecastOne(record: KubeObject, { asked, baseline, sides, rehearse }: Opened): Promise<Forecast> {
  const input = await inputOf(record, asked, baseline, sides);
  const otherClaimants = claimantsOf(asked.seen, input.id, baseline.key);
  const without = {
    input,
    record,
    baseline: asked.baseline,
    otherClaimants,
    strays: straysOf(asked.seen, baseline.key),
  };
  const first = foresee({ ...without, missing: undefined });
  const { plan, verdict } = first;
  if (plan === undefined || first.remedy.do === "never") return { ...first, baseline, record, input };
  const missing = await missingRight(asked, input, plan);
  const found = missing === undefined ? first : foresee({ ...without, missing });
  const order = { baseline, id: input.id, version: input.version, plan };
  const live = input.live.state === "present" ? input.live.live.object : undefined;
  const rehearsal = await rehearse(order, { desired: input.desired, live });
  return { ...found, verdict, baseline, record, input, rehearsal };
}

/** @throws CliError where the Baseline cannot be used, or what it declares cannot be read */
export async function forecast(asked: ForecastRequest): Promise<Forecasts> {
  const resolved = resolveBaseline(asked.baseline);
  if ("problem" in resolved) throw new CliError(formatProblem(resolved.problem));
  const { baseline } = resolved;
  if (asked.records.length === 0 && !asked.wantsIds) return { objects: [], problems: [], ids: [] };
  const current = await readCurrent(asked, baseline);
  const ids = current.objects.map(({ id }) => id);
  if (asked.records.length === 0) return { objects: [], problems: current.problems, ids };
  const sides = await readSides(asked, baseline, current);
  const rehearse = createRehearsal(asked.cluster, asked.as);
  const objects: Forecast[] = [];
  const problems: Problem[] = [...sides.problems];
  for (const record of asked.records) {
    const one = await forecastOne(record, { asked, baseline, sides, rehearse });
    objects.push(one);
    if (one.verdict.kind === "unknown") problems.push({ ...one.verdict.problem, object: formatId(one.input.id) });
  }
  return { objects, problems, ids };
}
