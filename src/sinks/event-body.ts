/**
 * What an Event looks like: events.k8s.io/v1, on the object or on its Baseline. Pure. Names are made from what
 * happened, so a write that is tried again after its answer was lost makes no second Event.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/ and the Event style guide of
 * sig-instrumentation.
 */
import { createHash } from "node:crypto";
import type { ObjectRef } from "../model/api.ts";
import type { JsonObject } from "../model/json.ts";
import { printableLine } from "../model/printable.ts";
import { apiVersionOf, formatId, type KindRef } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { EventAction, EventReason } from "./ports.ts";

export const eventKind: KindRef = { group: "events.k8s.io", version: "v1", kind: "Event" };

export const reportingController = "plumbline.dev/operator";

/** Characters the API server allows in a note. */
export const noteLimit = 1024;

export interface EventTarget {
  readonly kind: KindRef;
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string;
}

interface ReasonRow {
  readonly type: "Normal" | "Warning";
  readonly action: string;
  /** How several of them read on their Baseline. */
  readonly summary: (count: number) => string;
}

const objects = (count: number): string => `${count} object${count === 1 ? "" : "s"}`;
const are = (count: number): string => (count === 1 ? "is" : "are");

/** Reason → how it is told. `Warning` is what a person may have to act on. */
export const reasonRows: Readonly<Record<EventReason, ReasonRow>> = {
  Drifted: { type: "Warning", action: "Compare", summary: (n) => `${objects(n)} drifted from Git` },
  Missing: { type: "Warning", action: "Compare", summary: (n) => `${objects(n)} ${are(n)} missing` },
  DriftResolved: { type: "Normal", action: "Compare", summary: (n) => `${objects(n)} no longer drifted` },
  Remediated: { type: "Normal", action: "Remediate", summary: (n) => `${objects(n)} put back` },
  RemediationFailed: { type: "Warning", action: "Remediate", summary: (n) => `${objects(n)} could not be put back` },
  RemediationWaiting: { type: "Normal", action: "Remediate", summary: (n) => `${objects(n)} wait to be put back` },
  UnhealthyAfterRemediation: {
    type: "Warning",
    action: "Remediate",
    summary: (n) => `${objects(n)} worse off after being put back`,
  },
  FightDetected: { type: "Warning", action: "Remediate", summary: (n) => `${objects(n)} ${are(n)} fought over` },
  SourceFailed: { type: "Warning", action: "Fetch", summary: (n) => `${n} failures of the source` },
  RenderFailed: { type: "Warning", action: "Render", summary: (n) => `${n} failures to render` },
  SourceGuarded: { type: "Warning", action: "Fetch", summary: (n) => `${n} revisions wait for approval` },
  RolledBack: { type: "Warning", action: "RollBack", summary: (n) => `${n} rollbacks` },
  RollbackEnded: { type: "Normal", action: "RollBack", summary: (n) => `${n} rollbacks ended` },
  RollbackFailed: { type: "Warning", action: "RollBack", summary: (n) => `${n} rollbacks not possible` },
  InvalidAnnotation: { type: "Warning", action: "Read", summary: (n) => `${objects(n)} with an invalid annotation` },
  PermissionMissing: { type: "Warning", action: "Authorize", summary: (n) => `${n} permissions missing` },
};

/** Events of cluster-scoped objects live in `default`, as the API server asks. */
export function eventNamespace(target: Pick<EventTarget, "namespace">): string {
  return target.namespace === "" ? "default" : target.namespace;
}

/** One line of at most 1024 characters; control characters become visible escapes. */
export function cleanNote(text: string): string {
  return printableLine(text, noteLimit);
}

/**
 * An Event's name must be a DNS subdomain; objects' names (`system:admin`) need not be.
 * @param teller the Baseline that tells it: of one object two may have the same to say at the same moment
 * @param moment what tells two Events of one reason apart: the time, or what is said
 */
export function eventName(
  target: EventTarget,
  reason: EventReason,
  teller: BaselineKey,
  moment: number | string,
): string {
  const readable = target.name.toLowerCase().replaceAll(/[^a-z0-9-]+/g, "-");
  const stem = readable
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 60)
    .replace(/-+$/, "");
  const { kind, namespace, name } = target;
  const identity = [apiVersionOf(kind), kind.kind, namespace, name, reason, teller, String(moment)];
  const digest = createHash("sha256").update(identity.join("\n")).digest("hex").slice(0, 16);
  return stem === "" ? digest : `${stem}.${digest}`;
}

/** RFC 3339 with microseconds, the API's MicroTime. */
export function microTime(at: number): string {
  return new Date(at).toISOString().replace("Z", "000Z");
}

function reference(target: EventTarget): JsonObject {
  return {
    apiVersion: apiVersionOf(target.kind),
    kind: target.kind.kind,
    name: target.name,
    ...(target.namespace === "" ? {} : { namespace: target.namespace }),
    ...(target.uid === undefined ? {} : { uid: target.uid }),
  };
}

export interface EventInput {
  readonly reason: EventReason;
  readonly baseline: BaselineKey;
  readonly regarding: EventTarget;
  readonly related?: EventTarget;
  readonly note: string;
  /** Undefined: as the reason has it. */
  readonly action?: EventAction | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Name of the Pod. */
  readonly instance: string;
  /** It stood before we looked: told by whoever looked then, if anybody did. */
  readonly stood?: boolean;
  /** Names the Event instead of the time, so that two replicas that tell the same make one Event. */
  readonly moment?: string | undefined;
}

export const isStandingReason = (reason: EventReason): boolean => standing.has(reason);

/** What stands, and no record remembers: named by what is said, so that a restart finds it told already. */
const standing: ReadonlySet<EventReason> = new Set([
  "InvalidAnnotation",
  "PermissionMissing",
  "SourceGuarded",
  "RolledBack",
  "RollbackEnded",
  "RollbackFailed",
]);

export function eventRef(
  input: Pick<EventInput, "regarding" | "reason" | "baseline" | "at" | "note" | "stood" | "moment">,
): ObjectRef {
  const { regarding, reason, baseline, at, note, stood, moment = at } = input;
  return {
    kind: eventKind,
    namespace: eventNamespace(regarding),
    name: eventName(regarding, reason, baseline, stood === true || standing.has(reason) ? note : moment),
  };
}

export function eventBody(input: EventInput): JsonObject {
  const { namespace, name } = eventRef(input);
  const row = reasonRows[input.reason];
  return {
    apiVersion: apiVersionOf(eventKind),
    kind: eventKind.kind,
    metadata: { name, namespace },
    eventTime: microTime(input.at),
    reportingController,
    reportingInstance: printableLine(input.instance, 128),
    action: input.action ?? row.action,
    reason: input.reason,
    type: row.type,
    regarding: reference(input.regarding),
    ...(input.related === undefined ? {} : { related: reference(input.related) }),
    note: cleanNote(input.note),
  };
}

/** What tells that the same thing happened again: the Event becomes a series. `count` is at least 2. */
export function seriesBody(count: number, lastAt: number): JsonObject {
  return { series: { count, lastObservedTime: microTime(lastAt) } };
}

/** `3 objects drifted from Git: Deployment shop/web, …`, or the one note as it is. */
export function summaryNote(
  reason: EventReason,
  told: readonly { readonly id?: EventTarget; readonly note: string }[],
): string {
  const notes = [...new Set(told.map(({ note }) => note))];
  if (notes.length === 1) return notes[0] ?? "";
  const names = told.flatMap(({ id, note }) => (id === undefined ? [note] : [targetText(id)]));
  const distinct = [...new Set(names)];
  const shown = distinct.slice(0, 10);
  const more = distinct.length - shown.length;
  const rest = more === 0 ? "" : ` and ${more} more`;
  return `${reasonRows[reason].summary(distinct.length)}: ${shown.join(", ")}${rest}`;
}

function targetText(target: EventTarget): string {
  const { group } = target.kind;
  return formatId({ group, kind: target.kind.kind, namespace: target.namespace, name: target.name });
}
