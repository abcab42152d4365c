/** How an object fared after it was put back, told once: a line of evidence, and an Event where it is worse off. */
import type { EvidenceDoor } from "../model/evidence.ts";
import { formatId } from "../model/resource.ts";
import { formatRevision } from "../model/snapshot.ts";
import type { Clock } from "../runtime/clock.ts";
import type { HealthSettled } from "./health-after.ts";
import type { Announcement } from "./ports.ts";

export interface HealthToldDeps {
  readonly evidence: EvidenceDoor;
  readonly announce: (announcement: Announcement) => void;
  readonly clock: Pick<Clock, "now">;
}

export function createHealthTold({ evidence, announce, clock }: HealthToldDeps): (settled: HealthSettled) => void {
  return ({ judgement, health, took, worse, over }) => {
    const { baseline, id, version, uid, revision, resourceVersion } = judgement;
    const reason = worse ?? health.reason;
    const of = uid === undefined ? {} : { uid };
    const at = clock.now();
    evidence.record({
      kind: "health",
      at,
      baseline,
      id,
      ...of,
      ...(revision === undefined ? {} : { revision: formatRevision(revision) }),
      result: health.state,
      ...(reason === undefined ? {} : { reason }),
      ...(worse === undefined ? {} : { worse: true as const }),
      seconds: Math.round(took / 100) / 10,
      ...(over === undefined || over === "" ? {} : { before: over }),
      ...(resourceVersion === undefined ? {} : { after: resourceVersion }),
    });
    if (worse === undefined) return;
    const note = `${formatId(id)} is worse off: ${worse}; it is not put back again before somebody approves`;
    announce({ reason: "UnhealthyAfterRemediation", baseline, id, version, ...of, at, note });
  };
}
