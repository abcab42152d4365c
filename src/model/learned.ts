/**
 * What a dry run of one desired object was answered with: the object as this server, with its admission webhooks and
 * policies, would store it if it were written today. Evidence for the comparison; never written, never shown.
 */
import type { KubeObject } from "./resource.ts";

export interface Learned {
  /** Under the object's own name, without `status` and `managedFields`. */
  readonly answer: KubeObject;
  /** The answer to the same question asked once more, where it was: what differs is another value at each write. */
  readonly repeated?: KubeObject;
  /** What in the cluster may have changed it: `MutatingWebhookConfiguration sidecars`. */
  readonly by: readonly string[];
}
