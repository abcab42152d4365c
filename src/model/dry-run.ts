/** Asking the API server how it would store a declared object if it were written now; nothing of it is stored. */
import type { Impersonation } from "./api.ts";
import type { KubeObject, ResourceId } from "./resource.ts";

/** `create`: under another name. `update`: in the place of what runs, for what can't be made twice. */
export type DryRunForm = "create" | "update";

export interface DryRunQuestion {
  readonly form: DryRunForm;
  readonly id: ResourceId;
  /** Without the group. */
  readonly version: string;
  readonly desired: KubeObject;
  /** What runs: an `update` names each field of it. It never shows in the answer. */
  readonly live: KubeObject;
  readonly impersonate?: Impersonation;
}

export type DryRunAnswer =
  /** Under the object's own name. */
  | { readonly ok: true; readonly object: KubeObject }
  | {
      readonly ok: false;
      /** `no-right`: RBAC; `unanswered`: another time it may answer; `refused`: it would say the same again. */
      readonly why: "no-right" | "unanswered" | "refused";
      /** Safe to show. */
      readonly message: string;
    };
