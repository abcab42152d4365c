/**
 * Hands each record of evidence to every ledger there is. A ledger that throws is logged and left out of this one
 * record: nothing that happens to evidence changes what is done. It never waits.
 */
import type { EvidenceDoor, EvidenceKind } from "../../model/evidence.ts";
import { messageOf } from "../../model/problem.ts";
import type { Log } from "../../runtime/log.ts";

/** For where nobody keeps evidence. */
export const noEvidence: EvidenceDoor = { record() {} };

export interface EvidenceDeps {
  readonly ledgers: readonly EvidenceDoor[];
  /** One more record of that kind was handed over. */
  readonly counted: (kind: EvidenceKind) => void;
  readonly log: Log;
}

export function createEvidence({ ledgers, counted, log }: EvidenceDeps): EvidenceDoor {
  const guarded = (call: () => void): void => {
    try {
      call();
    } catch (error) {
      log.error({ error: messageOf(error) }, "evidence failed");
    }
  };
  return {
    record(record) {
      guarded(() => counted(record.kind));
      for (const ledger of ledgers) guarded(() => ledger.record(record));
    },
  };
}
