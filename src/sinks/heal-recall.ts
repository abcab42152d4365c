/** What a Drift record says of remediation, of before a restart or of another replica: told to all who go by it. */
import { nameOf } from "./heal-circumstances.ts";
import type { HealLedger } from "./heal-ledger.ts";
import type { Breaker } from "./breaker.ts";
import type { Claimants } from "./claimants.ts";
import type { HealthAfter } from "./health-after.ts";

export function createHealRecall({
  ledger,
  breaker,
  healthAfter,
  claimants,
}: {
  readonly ledger: Pick<HealLedger, "recall">;
  readonly breaker: Pick<Breaker, "recall">;
  readonly healthAfter: Pick<HealthAfter, "recall">;
  readonly claimants: Pick<Claimants, "recall">;
}): Pick<HealLedger, "recall"> {
  return {
    recall(key, id, state) {
      ledger.recall(key, id, state);
      breaker.recall(key, nameOf(key, id), state);
      healthAfter.recall(key, id, state);
      claimants.recall(key, id, state);
    },
  };
}
