/** The annotations people type, in one place. Source: docs/annotations.md. */

export const prefix = "plumbline.dev/";

export const annotations = {
  detect: "plumbline.dev/detect",
  ignore: "plumbline.dev/ignore",
  severity: "plumbline.dev/severity",
  remediate: "plumbline.dev/remediate",
  pauseUntil: "plumbline.dev/pause-until",
  pauseReason: "plumbline.dev/pause-reason",
  requestedAt: "plumbline.dev/requested-at",
  approve: "plumbline.dev/approve",
  prune: "plumbline.dev/prune",
  windowsOpenUntil: "plumbline.dev/windows-open-until",
  rollbackTo: "plumbline.dev/rollback-to",
  rollbackUntil: "plumbline.dev/rollback-until",
  rollbackReason: "plumbline.dev/rollback-reason",
  /** `onUnhealthy` where no person asked for the rollback. */
  rollbackBy: "plumbline.dev/rollback-by",
  /** The commit that `remediation.onUnhealthy` rolled back from last. */
  rolledBackFrom: "plumbline.dev/rolled-back-from",
} as const;

/** Present only live, these are switches, never drift, and no heal removes them. */
export const liveSwitches: readonly string[] = [annotations.remediate, annotations.pauseUntil, annotations.pauseReason];

/** Never compared, never printed; read as evidence of what the deployer applied. */
export const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** The field manager of every write of ours. */
export const fieldManager = "plumbline";

/** The field manager of what a person writes with the command line: never taken for a write of the operator's. */
export const commandFieldManager = "plumbline-cli";

/** Stands for a value nobody may see, whatever its length. */
export const redactedMark = "<redacted>";
