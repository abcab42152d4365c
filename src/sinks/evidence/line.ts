/**
 * A record of evidence as one line of JSON, as docs/remediation.md describes it: the same keys in the same order, what
 * is not known left out, times as people write them, names that a terminal cannot be fooled with. Pure.
 */
import type { EvidenceRecord } from "../../model/evidence.ts";
import { printableLine } from "../../model/printable.ts";

/** Grows when a key changes its meaning or goes; a new key alone does not change it. */
export const evidenceVersion = 1;

const SENTENCE = 1_000;
const WORD = 300;
/** A heal touches few paths; a list that is longer is cut, and its `total` tells. */
const OPERATIONS = 50;

/** The widest moment that JavaScript can write as text. */
const LATEST = 8.64e15;

function time(at: number): string {
  return new Date(Math.min(LATEST, Math.max(-LATEST, Number.isFinite(at) ? at : 0))).toISOString();
}

const word = (text: string | undefined, limit = WORD): string | undefined =>
  text === undefined || text === "" ? undefined : printableLine(text, limit);

/** Ends with a line feed and holds no other. */
export function evidenceLine(record: EvidenceRecord): string {
  const { id, plan } = record;
  const line = {
    evidence: evidenceVersion,
    at: time(record.at),
    kind: record.kind,
    baseline: word(record.baseline),
    ...(id === undefined
      ? {}
      : {
          object: {
            group: word(id.group),
            kind: word(id.kind),
            namespace: word(id.namespace),
            name: word(id.name),
            uid: word(record.uid),
          },
        }),
    revision: word(record.revision),
    asked: word(record.asked),
    result: word(record.result),
    reason: word(record.reason, SENTENCE),
    ...(plan === undefined
      ? {}
      : {
          plan: {
            kind: word(plan.kind),
            operations: plan.operations.slice(0, OPERATIONS).map((operation) => printableLine(operation, WORD)),
            total: plan.operations.length,
          },
        }),
    contentHash: word(record.contentHash),
    desiredHash: word(record.desiredHash),
    before: word(record.before),
    after: word(record.after),
    as: word(record.as),
    seconds: record.seconds,
    worse: record.worse,
  };
  return `${JSON.stringify(line)}\n`;
}
