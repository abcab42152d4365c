/**
 * Who may ask the API server now. Lets as many requests through as the limit says, what changes an object before what
 * reads one, and both before what reads or tells in bulk. Sends nothing, drops nothing: who must wait, waits in order.
 */
import type { Clock } from "../runtime/clock.ts";
import { type Answered, initialLimit, stepLimit } from "./concurrency-limit.ts";

export type Priority = "urgent" | "plain" | "bulk";

export interface ApiLoad {
  /** Requests that may be under way at once; watches and the lease are not counted. */
  readonly limit: number;
  readonly inFlight: number;
  readonly waiting: number;
}

export interface Slot {
  /** Once, when the answer's headers are there, or will not come. */
  answered(outcome: Answered["outcome"]): void;
  /** Once, when the whole answer is there: the next one may ask. */
  leave(): void;
}

export interface RequestGate {
  /** Resolves when the request may be sent; undefined: it was given up while it waited. */
  enter(sort: string, priority: Priority, signal?: AbortSignal): Promise<Slot | undefined>;
  /** A watch was refused with a 429. */
  refused(): void;
  load(): ApiLoad;
}

const priorities: readonly Priority[] = ["urgent", "plain", "bulk"];

interface Asking {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly verb: string;
}

/** Events, and objects of our own. */
const TELLING = /^\/api\/v1\/(namespaces\/[^/]+\/)?events(\/|$)|^\/apis\/(events\.k8s\.io|plumbline\.dev)\//;

/** Repairs come first; Events and our own records can wait, and so can what reads a whole kind. */
export function priorityOf({ method, path, verb }: Asking, isDryRun: boolean): Priority {
  const tells = TELLING.test(path);
  if (verb === "list" || path.startsWith("/openapi/")) return "bulk";
  if (method === "GET" || isDryRun) return "plain";
  return tells ? "bulk" : "urgent";
}

export function createRequestGate(clock: Pick<Clock, "monotonic">): RequestGate {
  let state = initialLimit;
  let inFlight = 0;
  let bulk = 0;
  const queues: Readonly<Record<Priority, (() => void)[]>> = { urgent: [], plain: [], bulk: [] };

  const limit = (): number => Math.floor(state.limit);
  /** Bulk takes half of the room at most: the rest is free for what must not wait. */
  const hasRoom = (priority: Priority): boolean =>
    inFlight < limit() && (priority !== "bulk" || bulk < Math.max(1, limit() / 2));

  const admit = (): void => {
    for (const priority of priorities)
      while (hasRoom(priority)) {
        const next = queues[priority].shift();
        if (next === undefined) break;
        next();
      }
  };

  const take = (sort: string, priority: Priority): Slot => {
    inFlight += 1;
    if (priority === "bulk") bulk += 1;
    const sentAt = clock.monotonic();
    let isIn = true;
    return {
      answered(outcome) {
        const busy = inFlight >= limit();
        state = stepLimit(state, { sort, outcome, sentAt, now: clock.monotonic(), busy });
      },
      leave() {
        if (!isIn) return;
        isIn = false;
        inFlight -= 1;
        if (priority === "bulk") bulk -= 1;
        admit();
      },
    };
  };

  return {
    enter(sort, priority, signal) {
      if (signal?.aborted === true) return Promise.resolve(undefined);
      if (queues[priority].length === 0 && hasRoom(priority)) return Promise.resolve(take(sort, priority));
      return new Promise((resolve) => {
        const queue = queues[priority];
        const giveUp = (): void => {
          const at = queue.indexOf(go);
          if (at >= 0) queue.splice(at, 1);
          resolve(undefined);
        };
        const go = (): void => {
          signal?.removeEventListener("abort", giveUp);
          resolve(take(sort, priority));
        };
        signal?.addEventListener("abort", giveUp, { once: true });
        queue.push(go);
      });
    },
    refused() {
      const now = clock.monotonic();
      state = stepLimit(state, { sort: "watch", outcome: "refused", sentAt: now, now, busy: true });
    },
    load: () => ({
      limit: limit(),
      inFlight,
      waiting: priorities.reduce((sum, priority) => sum + queues[priority].length, 0),
    }),
  };
}
