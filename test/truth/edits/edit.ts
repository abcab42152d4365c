/** One kind of edit, as a row: where it can be made, and what it makes of the value there. */
import type { Json } from "../../../src/model/json.ts";
import type { Path } from "../../../src/model/path.ts";
import type { Chance } from "../random.ts";
import type { Spot } from "../spots.ts";
import type { Types } from "../types.ts";

export interface Change {
  /** What stands at the spot afterwards; undefined: nothing. */
  readonly next: Json | undefined;
  /** The places the edit is about, where they are not the spot itself: the item that comes, the one that goes. */
  readonly sites?: readonly Path[];
}

export interface EditRow {
  readonly name: string;
  /** True: it takes away, or moves, what an apply configuration cannot say. */
  readonly takesAway?: true;
  readonly fits: (spot: Spot) => boolean;
  /** Undefined where this very value allows none. */
  readonly make: (spot: Spot, chance: Chance, types: Types) => Change | undefined;
}
