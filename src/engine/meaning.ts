/**
 * When two judgements on one object say the same. `meaning` is what people are told: another one is news. `detail` is
 * what sinks work from and nobody is told: who, where in Git, switches, hashes. Both stay in this process.
 */
import { createHash } from "node:crypto";
import { prefix } from "../model/annotations.ts";
import { formatJson, getStrings, type Json } from "../model/json.ts";
import type { LiveView } from "../model/live.ts";
import { formatPath } from "../model/path.ts";
import type { DesiredObject } from "../model/snapshot.ts";
import { assertNever, isStanding, type Change, type Judgement, type Verdict } from "../model/verdict.ts";

export interface Meaning {
  readonly meaning: string;
  readonly detail: string;
}

/** A judgement before it is known since when it holds. */
export type FreshJudgement = Omit<Judgement, "firstObserved" | "lastChanged">;

/** What a judgement was made from, as far as it shows in nothing that may be shown. */
export interface Grounds {
  readonly live: LiveView;
  readonly desired: DesiredObject | undefined;
  readonly namespaceAnnotations: Readonly<Record<string, string>> | undefined;
}

const value = (json: Json | undefined): string => (json === undefined ? "" : formatJson(json));

const meaningOfChange = (change: Change): string =>
  [change.op, change.pointer, formatPath(change.path), value(change.desired), value(change.live), change.severity].join(
    " ",
  );

const detailOfChange = ({ owner, source, note }: Change): string =>
  [owner.manager, owner.operation, owner.subresource, owner.confidence, source?.file, source?.line, note].join(" ");

/** Values behind the mark all look alike; the object as a whole does not. */
function hiddenValues(verdict: Verdict, live: LiveView): string {
  if (verdict.kind !== "drifted" || live.state !== "present") return "";
  if (!verdict.changes.some((change) => change.sensitive)) return "";
  const { metadata: _metadata, ...content } = live.live.object;
  return createHash("sha256").update(formatJson(content)).digest("hex");
}

function meaningOfVerdict(verdict: Verdict): readonly (string | number | boolean)[] {
  switch (verdict.kind) {
    case "in-sync":
      return [];
    case "drifted":
      return [
        verdict.severity,
        verdict.class,
        verdict.cause,
        verdict.ownershipWiped,
        ...verdict.changes.map(meaningOfChange),
      ];
    case "pending":
      return [verdict.reason, verdict.until];
    case "missing":
    case "unmanaged":
      return [verdict.severity, verdict.class, verdict.cause];
    case "terminating":
      return [verdict.severity, verdict.class, verdict.since, ...verdict.finalizers];
    case "excluded":
      return [verdict.rule, verdict.reason];
    case "unknown":
      return [verdict.problem.code, verdict.problem.message];
    default:
      return assertNever(verdict);
  }
}

const switches = (annotations: Readonly<Record<string, string>>): string =>
  Object.entries(annotations)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, text]) => `${name}=${text}`)
    .sort()
    .join(" ");

function detailOf(judgement: FreshJudgement, grounds: Grounds): string {
  const { verdict } = judgement;
  // Nobody works from the details of what is as declared, and there is much of it.
  if (!isStanding(verdict)) return "";
  return [
    judgement.uid,
    judgement.desiredHash,
    judgement.source?.file,
    judgement.source?.line,
    ...(verdict.kind === "drifted" ? verdict.changes.map(detailOfChange) : []),
    ...(verdict.kind === "unmanaged" && verdict.made !== undefined ? [verdict.made.manager, verdict.made.time] : []),
    ...judgement.suppressed.map(({ rule, pointer }) => `${rule} ${pointer}`),
    switches(getStrings(grounds.desired?.object.metadata, "annotations")),
    grounds.live.state === "present" ? switches(getStrings(grounds.live.live.object.metadata, "annotations")) : "",
    switches(grounds.namespaceAnnotations ?? {}),
  ].join("\n");
}

const IN_SYNC: Meaning = { meaning: "in-sync", detail: "" };

/** Longer than this it is kept as a digest: it is compared and never read. */
const BRIEF = 64;

/** What is kept of a meaning or a detail: equal texts stay equal, others differ. */
export function inBrief(text: string): string {
  return text.length <= BRIEF ? text : createHash("sha256").update(text).digest("base64");
}

export function meaningOf(judgement: FreshJudgement, grounds: Grounds): Meaning {
  const { verdict, warnings } = judgement;
  // Nearly everything, nearly always.
  if (verdict.kind === "in-sync" && warnings.length === 0) return IN_SYNC;
  const meaning = [
    verdict.kind,
    ...meaningOfVerdict(verdict),
    hiddenValues(verdict, grounds.live),
    ...warnings.map(({ code, message }) => `${code} ${message}`),
  ].join("\n");
  return { meaning, detail: detailOf(judgement, grounds) };
}

/** Whether a judgement says what was announced before a restart, as far as a record remembers it. */
export function saysTheSame(seed: Judgement, judgement: FreshJudgement): boolean {
  const before = seed.verdict;
  const after = judgement.verdict;
  if (before.kind !== after.kind) return false;
  if (before.kind !== "drifted" || after.kind !== "drifted") return true;
  const found = new Set(after.changes.map(({ op, pointer }) => `${op} ${pointer}`));
  // A record holds the first changes only: what it has must still be there, and where it has few it has all.
  const kept = before.changes.every(({ op, pointer }) => found.has(`${op} ${pointer}`));
  return kept && (before.changes.length === after.changes.length || before.changes.length >= RECORDED_CHANGES);
}

/** A Drift record holds so many changes at most. */
const RECORDED_CHANGES = 50;
