/** What runs: one object as the cluster room keeps it, and how far we can see it. */
import type { KubeObject } from "./resource.ts";
import type { Problem } from "./problem.ts";

export type HealthState = "healthy" | "progressing" | "degraded" | "suspended" | "unknown";

export interface Health {
  readonly state: HealthState;
  /** One sentence, for example `2 of 3 replicas available`; absent when healthy. */
  readonly reason?: string;
}

export interface LiveObject {
  /**
   * Without `status` and `metadata.managedFields`. May be decoded anew at each look: take it once per use, and do not
   * keep it. It and others may be getters: never spread a LiveObject.
   */
  readonly object: KubeObject;
  readonly uid: string;
  /** Opaque. */
  readonly resourceVersion: string;
  /** `metadata.managedFields` as JSON text (a JSON array), or "" where there is none. Decoded only when asked who. */
  readonly managedFields: string;
  readonly health: Health;
  /** Milliseconds since the epoch at which the watch line or list page with this version was received. */
  readonly receivedAt: number;
}

/** What can be said about one object's live side. Only `absent` after `present` or a confirming read means it is not there. */
export type LiveView =
  | { readonly state: "present"; readonly live: LiveObject }
  | { readonly state: "absent" }
  | { readonly state: "unseen"; readonly problem: Problem };
