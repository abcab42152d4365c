/** The ledger of evidence as the settings want it: lines of JSON in a place, counted; or nothing but the count. */
import type { EvidenceDoor } from "../../model/evidence.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { Config } from "../../runtime/config.ts";
import { openLineOutput } from "../../runtime/line-output.ts";
import type { Log } from "../../runtime/log.ts";
import { createEvidence } from "../../sinks/evidence/door.ts";
import { createJsonLines } from "../../sinks/evidence/json-lines.ts";
import type { Metrics } from "../../sinks/metrics/registry.ts";

export interface Ledger {
  readonly evidence: EvidenceDoor;
  /** After everything that records has stopped: writes what still waits. */
  stop(): Promise<void>;
}

export interface LedgerDeps {
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
}

export function openLedger(
  { evidenceFile }: Pick<Config, "evidenceFile">,
  { metrics, clock, log }: LedgerDeps,
): Ledger {
  const counted: Parameters<typeof createEvidence>[0]["counted"] = (kind) =>
    metrics.count("plumbline_ledger_records_total", { kind });
  if (evidenceFile === "none") return { evidence: createEvidence({ ledgers: [], counted, log }), async stop() {} };
  const lines = createJsonLines({ output: openLineOutput(evidenceFile, clock), clock, log });
  metrics.collect("plumbline_ledger_completeness_ratio", () => {
    const { records, dropped } = lines.taken();
    return records === 0 ? [] : [[{}, 1 - dropped / records]];
  });
  const stopping = new AbortController();
  const running = lines.run(stopping.signal);
  return {
    evidence: createEvidence({ ledgers: [lines], counted, log }),
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
