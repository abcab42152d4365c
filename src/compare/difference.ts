/**
 * What the comparison finds, before anyone has said whether it counts, how bad it is and who did it. Values are the
 * true ones: a difference never leaves the pure core as it is; `redact` makes, by copy, what may be shown.
 */
import type { Json } from "../model/json.ts";
import type { Path } from "../model/path.ts";

export interface Difference {
  /** As seen from Git: `added` is in live only, `removed` is in Git only. */
  readonly op: "changed" | "added" | "removed";
  readonly path: Path;
  /** Tokens of the pointer: into live for `changed` and `added`, into the desired object as written for `removed`. */
  readonly tokens: readonly (string | number)[];
  readonly desired?: Json;
  readonly live?: Json;
  /** For an `added` where Git leaves the field to its default: that default. */
  readonly defaulted?: Json;
  /** True where a dry run told that admission sets it: a heal puts that value back instead of leaving the field out. */
  readonly answered?: boolean;
  /** True where previous desired had it: Git dropped it, live keeps it. */
  readonly droppedFromGit?: boolean;
  /** Depth of the map or list that is merged as a whole (atomic) and holds this path; its owner owns the path. */
  readonly atomicDepth?: number;
  readonly note?: string;
}
