/** What a peer says of one object. `failed`: it ends in an error for this object alone. */
export type Answer = "differs" | "same" | "failed";
