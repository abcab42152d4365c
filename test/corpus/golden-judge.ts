/**
 * What Plumbline makes of a golden case: its files through the real pipeline (YAML, placement, comparison, noise rules,
 * verdict), told in the form of `expected.yaml`. Reads files only.
 */
import { factsOf, scopesOfDefinitions } from "../../src/cli/diff/world.ts";
import { readSettings } from "../../src/cli/diff/settings.ts";
import { readBuiltInSchema } from "../../src/cli/schema-files.ts";
import { trim } from "../../src/cluster/stored-object.ts";
import { createSchemaIndex, type SchemaIndex } from "../../src/compare/schema-index.ts";
import { formatJson, getString, isObject, type Json, type JsonObject } from "../../src/model/json.ts";
import type { LiveObject, LiveView } from "../../src/model/live.ts";
import { formatPath } from "../../src/model/path.ts";
import type { Problem } from "../../src/model/problem.ts";
import {
  apiVersionOf,
  formatId,
  idKey,
  idOf,
  kindKey,
  kindRef,
  type KindRef,
  type KubeObject,
} from "../../src/model/resource.ts";
import type { KindSchema } from "../../src/model/schema.ts";
import type { DesiredObject } from "../../src/model/snapshot.ts";
import type { Change } from "../../src/model/verdict.ts";
import { readManifests } from "../../src/sources/yaml.ts";
import { decide, type DecideInput, type Decision } from "../../src/verdict/decide.ts";
import { learn, recall } from "../../src/verdict/learn.ts";
import { healthOf } from "../../src/verdict/health.ts";
import { placeObjects } from "../../src/verdict/place.ts";
import { dryRuns, looksOf, readLive, readRecorded, textOf, type GoldenCase } from "./golden-case.ts";

const builtIn = readBuiltInSchema();
const index: SchemaIndex = createSchemaIndex();
for (const [groupVersion, document] of builtIn.documents) index.addOpenApi(groupVersion, document);

const CRD = "CustomResourceDefinition";
/** After everything that was recorded: no grace period still runs, and no rule with a date in the past holds. */
const now = Date.UTC(2026, 5, 1);

interface Look {
  readonly live: ReadonlyMap<string, LiveObject>;
  readonly all: readonly LiveObject[];
}

const keyOf = (object: KubeObject): string => `${object.apiVersion} ${idKey(idOf(object))}`;

export function openLook(golden: GoldenCase, name: string): Look {
  const all = readLive(golden, name).map((object) => trim(object, 0, healthOf));
  return { all, live: new Map(all.map((one) => [keyOf(one.object), one])) };
}

/** `changed .spec.replicas: 2 -> 5 by kubectl (exact)`; what nobody is known for says so. */
function tellChange(change: Change): string {
  const { op, path, desired, live, defaulted, owner, note } = change;
  const show = (value: Json | undefined): string => {
    if (value === undefined) return "nothing";
    const text = formatJson(value);
    return text.length > 60 ? `${text.slice(0, 57)}...` : text;
  };
  const before = defaulted === undefined || desired !== undefined ? show(desired) : `default ${show(defaulted)}`;
  const subresource = owner.subresource === "" ? "" : `/${owner.subresource}`;
  const by =
    owner.confidence === "unknown"
      ? owner.previous === undefined
        ? "by nobody known"
        : `by nobody known, was ${owner.previous.manager}`
      : `by ${owner.manager}${subresource} (${owner.confidence})`;
  return `${op} ${formatPath(path)}: ${before} -> ${show(live)} ${by}${note === undefined ? "" : `; ${note}`}`;
}

export function tellDecision({ verdict, suppressed, warnings, gone }: Decision): Json {
  const told: Record<string, Json> = { verdict: gone === true ? "gone" : verdict.kind };
  if (verdict.kind === "drifted") {
    told["severity"] = verdict.severity;
    told["cause"] = verdict.cause;
    if (verdict.ownershipWiped) told["ownership-wiped"] = true;
    told["changes"] = verdict.changes.map(tellChange);
  }
  if (verdict.kind === "unmanaged" || verdict.kind === "missing") told["cause"] = verdict.cause;
  if (verdict.kind === "pending") told["reason"] = verdict.reason;
  if (verdict.kind === "terminating") told["finalizers"] = verdict.finalizers;
  if (verdict.kind === "excluded") told["rule"] = verdict.rule;
  if (verdict.kind === "unknown") told["problem"] = verdict.problem.code;
  if (suppressed.length > 0) told["suppressed"] = suppressed.map(({ path, rule }) => `${formatPath(path)}: ${rule}`);
  if (warnings.length > 0) told["warnings"] = warnings.map(({ code }) => code);
  return Object.keys(told).length === 1 ? (told["verdict"] ?? null) : told;
}

/** Definitions are known to one case only; the built-in kinds to all. */
function withDefinitions<T>(definitions: readonly KubeObject[], body: () => T): T {
  for (const crd of definitions) index.addCrd(crd);
  try {
    return body();
  } finally {
    for (const crd of definitions) index.removeCrd(getString(crd.metadata, "name") ?? "");
  }
}

function schemaFor(kind: KindRef): KindSchema | Problem {
  return index.schemaFor(kind) ?? { code: "kind-not-served", message: `no ${kindKey(kind)} is served` };
}

interface Declared {
  readonly objects: readonly DesiredObject[];
  readonly problems: readonly Problem[];
}

function declaredIn(golden: GoldenCase, file: string, live: readonly KubeObject[]): Declared {
  const text = textOf(golden, file);
  if (text === undefined) return { objects: [], problems: [] };
  const read = readManifests(text, file);
  const definitions = [...live, ...read.objects.map(({ object }) => object)].filter(({ kind }) => kind === CRD);
  const defined = scopesOfDefinitions(definitions);
  const placed = placeObjects(read.objects, {
    targetNamespace: golden.name,
    scopeOf: (kind) => defined.get(`${kind.group}/${kind.kind}`) ?? builtIn.scopes.get(kindKey(kind)),
  });
  return { objects: placed.objects, problems: [...read.problems, ...placed.problems] };
}

/** `Deployment web`, in another namespace `Deployment other/web`; with its group where two would be called the same. */
function titlesOf(golden: GoldenCase, objects: readonly DesiredObject[]): (object: DesiredObject) => string {
  const short = ({ id }: DesiredObject): string =>
    formatId(id.namespace === golden.name ? { ...id, namespace: "" } : id);
  const counts = Map.groupBy(objects, short);
  return (object) =>
    (counts.get(short(object)) ?? []).length < 2 ? short(object) : `${object.id.group} ${short(object)}`;
}

export interface Judged {
  readonly title: string;
  readonly input: DecideInput;
  readonly decision: Decision;
}

/** @param tell is called while the definitions of the case are known */
export function judgeLook<T>(
  golden: GoldenCase,
  look: Look,
  before: Look | undefined,
  tell: (judged: readonly Judged[], problems: readonly Problem[]) => T,
): T {
  const objects = look.all.map(({ object }) => object);
  const { baseline } = readSettings(
    textOf(golden, "baseline.yaml") === undefined ? undefined : `${golden.folder}/baseline.yaml`,
  );
  const desired = declaredIn(golden, "desired.yaml", objects);
  const previous = declaredIn(golden, "previous.yaml", objects);
  const byId = new Map(desired.objects.map((one) => [idKey(one.id), one]));
  const earlier = new Map(previous.objects.map((one) => [idKey(one.id), one]));
  const considered = [...desired.objects, ...previous.objects.filter(({ id }) => !byId.has(idKey(id)))];
  const title = titlesOf(golden, considered);
  const facts = factsOf(look.all);
  const answers = new Map((readRecorded(golden, dryRuns) ?? []).map((object) => [keyOf(object), object]));
  const definitions = [...objects, ...desired.objects.map(({ object }) => object)].filter(({ kind }) => kind === CRD);
  return withDefinitions(definitions, () => {
    const judged = considered.map((one): Judged => {
      const kind = kindRef(one.object.apiVersion, one.object.kind);
      const key = `${apiVersionOf(kind)} ${idKey(one.id)}`;
      const live = look.live.get(key);
      const was = before?.live.get(key);
      const view: LiveView = live === undefined ? { state: "absent" } : { state: "present", live };
      const schema = schemaFor(kind);
      const answer = answers.get(key);
      const kept =
        answer === undefined || "code" in schema
          ? undefined
          : learn(one.object, schema, { answer, by: ["MutatingAdmissionPolicy of the case"] });
      const input: DecideInput = {
        baseline: { ...baseline, gracePeriod: 600_000 },
        id: one.id,
        version: kind.version,
        desired: byId.get(idKey(one.id)),
        previous: earlier.get(idKey(one.id)),
        live: view,
        schema,
        facts,
        seenLive: !golden.withinGrace || earlier.has(idKey(one.id)),
        changedAt: golden.withinGrace ? now : 0,
        snapshotComplete: desired.problems.length === 0,
        now,
        tracked: true,
        learned: kept && recall(kept),
        ...(was === undefined
          ? {}
          : { memory: { managedFields: was.managedFields, resourceVersion: was.resourceVersion } }),
      };
      return { title: title(one), input, decision: decide(input) };
    });
    return tell(judged, desired.problems);
  });
}

function tellLook(judged: readonly Judged[], problems: readonly Problem[]): JsonObject {
  const objects = Object.fromEntries(judged.map(({ title, decision }) => [title, tellDecision(decision)]));
  return { objects, ...(problems.length === 0 ? {} : { problems: problems.map(({ code }) => code) }) };
}

/** In the form of `expected.yaml`, without `why`. */
export function judgeCase(golden: GoldenCase): JsonObject {
  let before: Look | undefined;
  const looks = looksOf(golden).map((name): readonly [string, JsonObject] => {
    const look = openLook(golden, name);
    const told = judgeLook(golden, look, before, tellLook);
    before = look;
    return [name, told];
  });
  const end = looks.at(-1)?.[1] ?? {};
  const others = looks.slice(0, -1);
  return others.length === 0 ? end : { ...end, looks: Object.fromEntries(others) };
}

/** What the case expects, without the words around it. */
export function expectedOf({ expected }: GoldenCase): JsonObject {
  const { why: _why, wrong: _wrong, ...rest } = expected;
  return isObject(rest) ? rest : {};
}
