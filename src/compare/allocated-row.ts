/** One thing that the API server allocates or fills in at a write, as data; the rows are in `allocated-rows`. */
import type { Json } from "../model/json.ts";
import type { KubeObject } from "../model/resource.ts";
import type { Difference } from "./difference.ts";

export interface AllocatedRow {
  readonly rule: string;
  readonly reason: string;
  /** `Service`, `batch/Job`: group without version, nothing for the core group; `*`: any kind. */
  readonly kinds: readonly string[];
  /** Field names from the root, `*` for a list item; a leading `**` for any depth. */
  readonly paths: readonly string[];
  /** All rows hold for additions; these for changes of a list too. */
  readonly changes?: boolean;
  /**
   * The server chooses among several values, and somebody else may have chosen instead: whoever owns it must have
   * deployed the object. `once`: nobody can choose again, and a controller may be the one who did. Without it the value
   * is the only one there can be, whoever owns it.
   */
  readonly choice?: true | "once";
  readonly when: (value: Json, objects: { readonly live: KubeObject; readonly difference: Difference }) => boolean;
}
