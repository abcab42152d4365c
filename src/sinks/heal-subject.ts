/** What the parts of remediation talk about: one object of one Baseline that is not as declared. */
import type { ResourceId } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { NeverReason } from "../verdict/remedy.ts";
import type { Standing } from "./episodes.ts";

export interface Subject {
  readonly key: BaselineKey;
  readonly id: ResourceId;
  readonly judgement: Standing;
}

/** Nobody asked for these objects to be put back: that they are not is no news, and nothing to account for. */
export const unasked: ReadonlySet<NeverReason> = new Set([
  "nothing-to-do",
  "mode",
  "not-opted-in",
  "namespace-terminating",
]);
