/**
 * What a Drift record says, and what is read back from it at start. Pure. Changes arrive redacted; nothing here can
 * see a true value, and large ones are cut.
 */
import { createHash } from "node:crypto";
import type { ObjectRef } from "../model/api.ts";
import { annotations } from "../model/annotations.ts";
import type { Baseline } from "../model/baseline.ts";
import type { DriftFields } from "../model/drift-schema.ts";
import { formatJson, getIn, getString, isArray, type Json, type JsonObject } from "../model/json.ts";
import { formatPath } from "../model/path.ts";
import { setBy } from "../model/set-by.ts";
import { printableLine } from "../model/printable.ts";
import { apiVersionOf, idKey, type KindRef, type KubeObject, type ResourceId } from "../model/resource.ts";
import { baselineKey, formatRevision, type BaselineKey } from "../model/snapshot.ts";
import { severities, type Change, type Owner, type Severity, type Verdict } from "../model/verdict.ts";
import { describe } from "../verdict/describe.ts";
import { raise } from "../verdict/severity.ts";
import type { ShownPlan } from "../verdict/shown-plan.ts";
import { remediationFields } from "./drift-remediation.ts";
import type { Standing } from "./episodes.ts";
import { baselineKind } from "./events.ts";
import type { RemediationState } from "./ports.ts";

export const driftKind: KindRef = { group: "plumbline.dev", version: "v1alpha1", kind: "Drift" };

export const maxChanges = 50;
/** Characters of a value's JSON text; a longer one is shown by its beginning. */
const VALUE_LIMIT = 500;

type ChangeFields = NonNullable<DriftFields["changes"]>[number];

const time = (at: number): string => new Date(at).toISOString();

/** `<baseline, cut to 40>-<16 hex of sha256(baseline uid, id)>` */
export function driftName(baseline: Pick<Baseline, "name" | "uid">, id: ResourceId): string {
  const digest = createHash("sha256")
    .update(`${baseline.uid}\n${idKey(id)}`)
    .digest("hex")
    .slice(0, 16);
  // What is cut in the middle may end in a way no name may.
  return `${baseline.name.slice(0, 40).replace(/[.-]+$/, "")}-${digest}`;
}

export function driftRef(baseline: Pick<Baseline, "namespace" | "name" | "uid">, id: ResourceId): ObjectRef {
  return { kind: driftKind, namespace: baseline.namespace, name: driftName(baseline, id) };
}

/** A label's value has at most 63 characters; names of Baselines may have more. */
const labelValue = (text: string): string => text.slice(0, 63).replace(/[^A-Za-z0-9]+$/, "");

function shownValue(value: Json): Json {
  const text = formatJson(value);
  return text.length <= VALUE_LIMIT ? value : `${text.slice(0, VALUE_LIMIT - 1)}…`;
}

function ownerFields({ owner }: Change): NonNullable<ChangeFields["owner"]> {
  return {
    manager: printableLine(owner.manager, 253),
    operation: owner.operation,
    ...(owner.subresource === "" ? {} : { subresource: owner.subresource }),
    ...(owner.time === undefined ? {} : { time: owner.time }),
    confidence: owner.confidence,
    ...(owner.previous === undefined ? {} : { previous: owner.previous }),
  };
}

const provenance = (source: { readonly file: string; readonly line: number }): { file: string; line: number } => ({
  file: printableLine(source.file, 1024),
  line: Math.max(1, source.line),
});

function changeFields(change: Change): ChangeFields {
  return {
    op: change.op,
    path: printableLine(formatPath(change.path), 2048),
    pointer: printableLine(change.pointer, 2048),
    ...(change.desired === undefined ? {} : { desired: shownValue(change.desired) }),
    ...(change.live === undefined ? {} : { live: shownValue(change.live) }),
    ...(change.defaulted === undefined ? {} : { defaulted: shownValue(change.defaulted) }),
    ...(change.sensitive ? { sensitive: true } : {}),
    severity: change.severity,
    class: change.class,
    cause: change.cause,
    owner: ownerFields(change),
    ...(change.source === undefined ? {} : { source: provenance(change.source) }),
    ...(change.note === undefined ? {} : { note: printableLine(change.note, 1024) }),
  };
}

/** Worst first; the order of paths within one severity. */
function worstFirst(changes: readonly Change[]): Change[] {
  return [...changes].sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}

/** Field managers of the changes, worst change first, each once. */
export function managersOf(verdict: Verdict): readonly string[] {
  if (verdict.kind !== "drifted") return [];
  const found = worstFirst(verdict.changes).map(({ owner }) => owner.manager);
  return [...new Set(found)].filter((manager) => manager !== "");
}

function payload({ verdict }: Standing): Partial<DriftFields> {
  switch (verdict.kind) {
    case "drifted": {
      const who = managersOf(verdict).join(", ");
      return {
        cause: verdict.cause,
        ...(who === "" ? {} : { who: printableLine(who, 512) }),
        changes: worstFirst(verdict.changes).slice(0, maxChanges).map(changeFields),
        changesTotal: verdict.changes.length,
        ...(verdict.ownershipWiped ? { ownershipWiped: true } : {}),
      };
    }
    case "terminating":
      return {
        cause: "deletion",
        terminating: { since: verdict.since, finalizers: verdict.finalizers.slice(0, 50) },
      };
    case "missing":
      return { cause: verdict.cause };
    case "unmanaged":
      return { cause: verdict.cause, ...madeFields(verdict.made) };
  }
}

/** Who made what Git never declared. */
function madeFields(made: Owner | undefined): Partial<DriftFields> {
  if (made === undefined || made.manager === "") return {};
  const { operation, time: at, confidence } = made;
  const manager = printableLine(made.manager, 253);
  return { who: manager, made: { manager, operation, ...(at === undefined ? {} : { time: at }), confidence } };
}

/** A heal that made the object's health worse makes what stands worse too. */
function severityOf({ judgement: { verdict }, remediation }: DriftInput): Severity {
  return remediation?.worsened === true ? raise(verdict.severity) : verdict.severity;
}

export interface DriftInput {
  readonly baseline: Baseline;
  readonly judgement: Standing;
  /** "" where it could not be made, because the live side or the schema is away just now. */
  readonly contentHash: string;
  /** What would be written, where anything would. */
  readonly plan?: ShownPlan | undefined;
  readonly remediation: RemediationState | undefined;
}

export function driftFields(input: DriftInput): DriftFields {
  const { judgement, baseline, contentHash } = input;
  const { id, verdict } = judgement;
  const remediation = remediationFields({ mode: baseline.mode, remediation: input.remediation, plan: input.plan });
  return {
    baseline: baseline.name,
    object: {
      ...id,
      version: judgement.version,
      ...(judgement.uid === undefined ? {} : { uid: judgement.uid }),
      label: id.namespace === "" ? id.name : `${id.namespace}/${id.name}`,
    },
    verdict: verdict.kind,
    severity: severityOf(input),
    class: verdict.class,
    cause: "deletion",
    ...payload(judgement),
    summary: printableLine(describe(judgement), 1024),
    ...(contentHash === "" ? {} : { contentHash }),
    firstObserved: time(judgement.firstObserved),
    lastChanged: time(judgement.lastChanged),
    ...(judgement.revision === undefined ? {} : { revision: formatRevision(judgement.revision) }),
    ...(judgement.source === undefined ? {} : { source: provenance(judgement.source) }),
    ...(judgement.health === undefined
      ? {}
      : {
          health: {
            state: judgement.health.state,
            ...(judgement.health.reason === undefined ? {} : { reason: printableLine(judgement.health.reason, 1024) }),
          },
        }),
    ...(remediation === undefined ? {} : { remediation }),
  };
}

/** The whole record, for a server-side apply. Its owner reference lets it go with its Baseline. */
export function driftBody(input: DriftInput): JsonObject {
  const { baseline, judgement } = input;
  const { verdict } = judgement;
  const controller = { apiVersion: apiVersionOf(baselineKind), kind: baselineKind.kind, controller: true };
  return {
    apiVersion: apiVersionOf(driftKind),
    kind: driftKind.kind,
    metadata: {
      name: driftName(baseline, judgement.id),
      namespace: baseline.namespace,
      labels: {
        "app.kubernetes.io/managed-by": "plumbline",
        "plumbline.dev/baseline": labelValue(baseline.name),
        "plumbline.dev/verdict": verdict.kind,
        "plumbline.dev/severity": severityOf(input),
        "plumbline.dev/class": verdict.class,
      },
      ownerReferences: [{ ...controller, name: baseline.name, uid: baseline.uid }],
    },
    ...(driftFields(input) as JsonObject),
  };
}

/** Of a record on the server: what {@link driftBody} makes, without what the server and other people add. */
export function writtenPart(record: KubeObject): JsonObject {
  const { metadata, ...fields } = record;
  const { name = "", namespace = "", labels = {}, ownerReferences = [] } = metadata;
  return { ...fields, metadata: { name, namespace, labels, ownerReferences } };
}

/** What is known of a record on the server. */
export interface DriftRecord {
  readonly baseline: BaselineKey;
  readonly id: ResourceId;
  readonly name: string;
  readonly uid: string;
  /** Uid of the Baseline it belongs to, "" where it names none. */
  readonly ownerUid: string;
  readonly contentHash: string;
  /** Value of `plumbline.dev/approve`. */
  readonly approve: string | undefined;
  /** Who set it, and when, where that is on record. */
  readonly approvedBy?: string | undefined;
}

/** Undefined where the object is no record of ours, or holds no reference. */
export function readDrift(record: KubeObject): DriftRecord | undefined {
  const { metadata } = record;
  const [namespace, name, uid] = ["namespace", "name", "uid"].map((key) => getString(metadata, key));
  const baseline = getString(record, "baseline");
  const kind = getString(record, "object", "kind");
  const object = getString(record, "object", "name");
  if (namespace === undefined || name === undefined || uid === undefined) return undefined;
  if (baseline === undefined || kind === undefined || object === undefined) return undefined;
  const owners = metadata["ownerReferences"];
  const owner = isArray(owners) ? owners.find((entry) => getString(entry, "kind") === baselineKind.kind) : undefined;
  return {
    baseline: baselineKey(namespace, baseline),
    id: {
      group: getString(record, "object", "group") ?? "",
      kind,
      namespace: getString(record, "object", "namespace") ?? "",
      name: object,
    },
    name,
    uid,
    ownerUid: getString(owner, "uid") ?? "",
    contentHash: getString(record, "contentHash") ?? "",
    approve: getString(getIn(metadata, "annotations"), annotations.approve),
    approvedBy: setBy(record, annotations.approve),
  };
}
