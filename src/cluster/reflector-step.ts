/** The words of a step of the reflector's machine: what it is told, and what it wants done. Nothing here acts. */
import type { Refused, ReflectorState } from "./reflector-machine.ts";

/** The clock's reading (monotonic milliseconds) and chance, both given. */
export interface Given {
  readonly now: number;
  /** 0 to 1. */
  readonly random: () => number;
}

export type Input = { readonly on: "start" | "stop" | "timer" | "nudge" } | Happening;

/** What happens to the stream or the page that is under way. */
export type Happening =
  | { readonly on: "opened" | "ended" | "garbage" }
  | { readonly on: "event"; readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly version: string }
  | { readonly on: "bookmark"; readonly version: string; readonly listed: boolean }
  /** An ERROR event, or an HTTP refusal. */
  | { readonly on: "refused"; readonly refused: Refused; readonly retryAfter?: number; readonly tooNew?: boolean }
  | { readonly on: "broken"; readonly message: string }
  /** An object of the page that is coming in. */
  | { readonly on: "item" }
  /** The page is complete. */
  | { readonly on: "page"; readonly version: string; readonly next: string };

export type Effect =
  /** Open a WatchList stream. */
  | { readonly do: "stream"; readonly timeoutSeconds: number }
  /** Fetch a page; `limit` 0: everything at once. */
  | { readonly do: "page"; readonly next: string; readonly limit: number }
  | { readonly do: "watch"; readonly version: string; readonly timeoutSeconds: number }
  /** Abort what is under way. */
  | { readonly do: "close" }
  | { readonly do: "wait"; readonly milliseconds: number }
  /** Forget what was staged. */
  | { readonly do: "begin" }
  /** The event's object, or the item, into (out of) the listing being made. Twice is as once. */
  | { readonly do: "stage" | "unstage" }
  /** The listing is complete: it replaces what was known. */
  | { readonly do: "commit" }
  | { readonly do: "apply" | "remove" }
  | { readonly do: "count"; readonly what: "relist" | "garbage" };

export interface Step {
  readonly state: ReflectorState;
  readonly effects: readonly Effect[];
}
