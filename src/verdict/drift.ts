/**
 * The changes of one pair as they may be shown: each redacted, weighed, with its cause and its owner, and the verdict
 * they make together. Works on what `counting` found; decides nothing about whether a difference counts.
 */
import { decodeManagedFields, ownsNothing, wiped, type ManagedFields } from "../compare/managed-fields.ts";
import { redact } from "../compare/redact.ts";
import type { Baseline } from "../model/baseline.ts";
import { getStrings, isObject } from "../model/json.ts";
import type { HealthState, LiveObject } from "../model/live.ts";
import { formatPointer } from "../model/path.ts";
import { idOf, type KubeObject } from "../model/resource.ts";
import type { DesiredObject } from "../model/snapshot.ts";
import { worstSeverity, type Cause, type Change, type Verdict } from "../model/verdict.ts";
import { attribute } from "./attribute.ts";
import type { CauseOf } from "./causes.ts";
import type { Counted } from "./counting.ts";
import { raise, weighChange, type SeverityContext } from "./severity.ts";
import { readGitSwitches } from "./switches.ts";

/** What was seen of the object before the version judged now. Only the engine knows; all of it is optional evidence. */
export interface Memory {
  /** `metadata.managedFields` as JSON text, as in `LiveObject`. */
  readonly managedFields: string;
  /** Opaque, of that version. */
  readonly resourceVersion?: string;
  /** Of the object that was last in sync: another one now means that it was deleted and made again. */
  readonly uid?: string;
  /** Health when the object was last in sync. */
  readonly health?: HealthState;
}

export interface DriftInput {
  readonly baseline: Baseline;
  readonly desired: DesiredObject;
  readonly memory?: Memory | undefined;
  /** True where live was read from a server: no ownership entry at all then means it was wiped. A dump may hide them. */
  readonly tracked?: boolean | undefined;
}

/** What severity rows may look at. */
export function weightContext(baseline: Baseline, declared: DesiredObject): SeverityContext {
  return {
    desired: declared.object,
    rows: baseline.severity,
    annotated: readGitSwitches(getStrings(declared.object.metadata, "annotations")).severity,
  };
}

function isWiped({ memory, tracked, desired }: DriftInput, managed: ManagedFields): boolean {
  if (!ownsNothing(managed)) return false;
  const before = decodeManagedFields(memory?.managedFields ?? "");
  return wiped(managed, before) || (tracked === true && declaresFields(desired.object));
}

/** Applied without fields of its own (a bare ServiceAccount or Namespace) an object never had an entry: no evasion. */
function declaresFields({
  apiVersion: _version,
  kind: _kind,
  status: _status,
  metadata,
  ...fields
}: KubeObject): boolean {
  const { name: _name, namespace: _namespace, ...marks } = metadata;
  return [...Object.values(fields), ...Object.values(marks)].some(
    (value) => value !== null && !(isObject(value) && Object.keys(value).length === 0),
  );
}

/** Only `degraded` is worse: every change of a Pod template makes a workload `progressing` for a while. */
function gotWorse({ memory }: DriftInput, live: LiveObject): boolean {
  const before = memory?.health;
  if (before === undefined || before === "unknown" || before === "degraded") return false;
  return live.health.state === "degraded";
}

export function drifted(input: DriftInput, live: LiveObject, found: Counted, causeOf: CauseOf): Verdict {
  const { baseline, memory, desired } = input;
  const managed = decodeManagedFields(live.managedFields, live.object.apiVersion);
  const evidence = {
    managed,
    resourceVersion: live.resourceVersion,
    before:
      memory === undefined
        ? undefined
        : {
            managed: decodeManagedFields(memory.managedFields, live.object.apiVersion),
            ...(memory.resourceVersion === undefined ? {} : { resourceVersion: memory.resourceVersion }),
          },
  };
  const ownershipWiped = isWiped(input, managed);
  const steps = Number(ownershipWiped) + Number(gotWorse(input, live));
  const context = weightContext(baseline, desired);
  const changes = found.counting.map((difference): Change => {
    const shown = redact(difference, idOf(live.object), baseline.compare.sensitive);
    const weight = weighChange(difference, context);
    let { severity } = weight;
    for (let step = 0; step < steps; step++) severity = raise(severity);
    return {
      op: difference.op,
      pointer: formatPointer(difference.tokens),
      ...shown,
      severity,
      class: weight.class,
      cause: causeOf(difference),
      owner: attribute(difference, evidence),
      ...(difference.note === undefined ? {} : { note: difference.note }),
    };
  });
  const [first, ...others] = changes;
  if (first === undefined) return { kind: "in-sync" };
  const worst = worstSeverity(changes.map((change) => change.severity));
  const leading = changes.find((change) => change.severity === worst) ?? first;
  return {
    kind: "drifted",
    changes: [first, ...others],
    severity: worst,
    class: leading.class,
    cause: leadingCause(changes),
    ownershipWiped,
  };
}

/** Somebody's edit is named before Git's own moves: it is what a person has to look at. */
function leadingCause(changes: readonly Change[]): Cause {
  const order: readonly Cause[] = [
    "live-edit",
    "recreation",
    "dropped-from-git",
    "rollout",
    "non-deterministic-render",
  ];
  return order.find((cause) => changes.some((change) => change.cause === cause)) ?? "live-edit";
}
