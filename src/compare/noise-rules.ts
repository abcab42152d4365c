/**
 * Every noise rule there is, in the order in which they are asked. A row holds only for the exact circumstances it
 * names; an edit of the same field under other circumstances counts. The form of a row is in `noise-rule.ts`, its
 * interpreter is `suppress`; docs/reference/noise-rules.md is made from these rows.
 */
import type { NoiseRule } from "./noise-rule.ts";
import { clusterRules } from "./noise-rules-cluster.ts";
import { networkRules } from "./noise-rules-network.ts";
import { platformRules } from "./noise-rules-platforms.ts";
import { storageRules } from "./noise-rules-storage.ts";
import { webhookRules } from "./noise-rules-webhooks.ts";
import { toolMarks } from "./tool-marks.ts";

export interface NoiseTable {
  readonly about: string;
  readonly rules: readonly NoiseRule[];
}

export const noiseTables: readonly NoiseTable[] = [
  { about: "Marks of deployment tools", rules: toolMarks },
  { about: "Workloads, roles and accounts", rules: clusterRules },
  { about: "Claims and volumes", rules: storageRules },
  { about: "Services, Ingresses and load balancers", rules: networkRules },
  { about: "What Git asks to be filled in", rules: webhookRules },
  { about: "Platforms and backups", rules: platformRules },
];

export const noiseRules: readonly NoiseRule[] = noiseTables.flatMap(({ rules }) => rules);
