/**
 * Follows one collection: drives the machine with the transport and hands objects to a sink, one by one as their bytes
 * come, in the server's order. A line that is no event (bad JSON, half a character) is counted and makes a full listing;
 * nothing is dropped in silence. Never holds the event loop for a whole listing, never holds a page's text. Heals by
 * itself from everything; only `stop` ends it. Never throws to its caller.
 */
import { getIn, getString, isArray, parseJson } from "../model/json.ts";
import { apiVersionOf, type KindRef, type KubeObject } from "../model/resource.ts";
import type { Clock, Timer } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import { createJsonCutter, type JsonCutter } from "./json-cutter.ts";
import { loopTurns } from "./loop-turns.ts";
import { initial, step, type ReflectorState } from "./reflector-machine.ts";
import type { Effect, Input } from "./reflector-step.ts";
import type { Transport } from "./transport.ts";
import { readItem, readLine, refusedInput } from "./watch-line.ts";

/** Where objects go. `receivedAt`: milliseconds since the epoch at which their bytes arrived. */
export interface ReflectorSink {
  /** A new listing starts: what was staged before is forgotten. */
  begin(): void;
  stage(object: KubeObject, receivedAt: number): void;
  unstage(object: KubeObject): void;
  /** The listing is complete; whatever it does not hold is gone. */
  commit(receivedAt: number): void;
  apply(object: KubeObject, receivedAt: number): void;
  remove(object: KubeObject, receivedAt: number): void;
}

export interface ReflectorOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  readonly kind: KindRef;
  /** Of the collection. */
  readonly path: string;
  readonly sink: ReflectorSink;
  /** After every step but those of plain events. */
  readonly onStep: () => void;
}

export interface Reflector {
  start(): void;
  /** Whatever it waits for may have happened: tries now. */
  nudge(): void;
  stop(): void;
  state(): ReflectorState;
  /** Monotonic milliseconds of the last sign of life: an opened stream, an event, a bookmark, a page. */
  lastSeen(): number | undefined;
  /** Milliseconds since the epoch of the same. */
  lastEventAt(): number | undefined;
  /**
   * Monotonic milliseconds at which a watch was last taken up where another one had ended, `Infinity` while there is
   * none: what happened in between may be on its way. Of one that goes on from its own listing, nothing is.
   */
  resumedAt(): number;
  /** Full listings after the first. */
  relists(): number;
  /** Lines that were no event. */
  garbage(): number;
}

export function createReflector(options: ReflectorOptions): Reflector {
  const { transport, clock, log, sink, kind, path } = options;
  const name = `${apiVersionOf(kind)} ${kind.kind}`;
  let state = initial;
  let timer: Timer | undefined;
  let controller: AbortController | undefined;
  // Whatever an older stream or page still says is not listened to.
  let turn = 0;
  let seen: { readonly monotonic: number; readonly epoch: number } | undefined;
  let resumed = -Infinity;
  let relists = 0;
  let garbage = 0;

  const see = (): number => {
    seen = { monotonic: clock.monotonic(), epoch: clock.now() };
    return seen.epoch;
  };

  const run = (input: Input, object: KubeObject | undefined, receivedAt: number): void => {
    const before = state.phase.at;
    const next = step(state, input, { now: clock.monotonic(), random: () => clock.random() });
    state = next.state;
    if (before === "waiting" && state.phase.at !== "waiting") timer?.cancel();
    for (const effect of next.effects) perform(effect, object, receivedAt);
    if (input.on !== "event" && input.on !== "item") options.onStep();
  };

  const tell = (input: Input): void => run(input, undefined, clock.now());

  const deliver = (effect: Effect, object: KubeObject, receivedAt: number): void => {
    try {
      if (effect.do === "stage") sink.stage(object, receivedAt);
      else if (effect.do === "unstage") sink.unstage(object);
      else if (effect.do === "apply") sink.apply(object, receivedAt);
      else if (effect.do === "remove") sink.remove(object, receivedAt);
    } catch (error) {
      // One object that breaks its reader must not stop the others; that it happened is a bug and is said.
      log.error({ kind: name, object: getString(object.metadata, "name"), error: String(error) }, "event not handled");
    }
  };

  const perform = (effect: Effect, object: KubeObject | undefined, receivedAt: number): void => {
    switch (effect.do) {
      case "stage":
      case "unstage":
      case "apply":
      case "remove":
        return object === undefined ? undefined : deliver(effect, object, receivedAt);
      case "begin":
        return sink.begin();
      case "commit":
        return sink.commit(receivedAt);
      case "close":
        turn += 1;
        timer?.cancel();
        return controller?.abort();
      case "wait":
        timer?.cancel();
        timer = clock.after(effect.milliseconds, () => tell({ on: "timer" }));
        return;
      case "count":
        if (effect.what === "relist") relists += 1;
        else garbage += 1;
        return;
      case "stream":
        return void follow({
          watch: "true",
          sendInitialEvents: "true",
          resourceVersionMatch: "NotOlderThan",
          allowWatchBookmarks: "true",
          timeoutSeconds: String(effect.timeoutSeconds),
        });
      case "watch":
        return void follow({
          watch: "true",
          resourceVersion: effect.version,
          allowWatchBookmarks: "true",
          timeoutSeconds: String(effect.timeoutSeconds),
        });
      case "page":
        return void fetchPage(effect.next, effect.limit);
    }
  };

  const begin = (): { readonly mine: number; readonly signal: AbortSignal } => {
    turn += 1;
    controller?.abort();
    controller = new AbortController();
    return { mine: turn, signal: controller.signal };
  };

  const handle = (line: Buffer, receivedAt: number): void => {
    const read = readLine(line);
    if (read !== undefined) return run(read.input, read.object, receivedAt);
    log.warn({ kind: name, bytes: line.length }, "watch line is no event; listing again");
    return run({ on: "garbage" }, undefined, receivedAt);
  };

  const follow = async (query: Readonly<Record<string, string>>): Promise<void> => {
    const { mine, signal } = begin();
    const answer = await transport.stream({
      method: "GET",
      path,
      query,
      verb: "watch",
      signal,
    });
    if (mine !== turn) return;
    if (!answer.ok) return tell(refusedInput(answer.response));
    // That the server takes up the watch is a sign of life; the next bookmark may be a minute away.
    see();
    if (state.phase.at === "watching") resumed = clock.monotonic();
    tell({ on: "opened" });
    try {
      for await (const batch of answer.batches) {
        if (mine !== turn) return;
        const receivedAt = see();
        for (const line of batch) {
          if (loopTurns.isOver()) await loopTurns.next();
          if (mine !== turn) return;
          handle(line, receivedAt);
        }
        if (mine !== turn) return;
      }
    } catch (error) {
      if (mine === turn) tell({ on: "broken", message: error instanceof Error ? error.message : "the stream broke" });
      return;
    }
    if (mine === turn) tell({ on: "ended" });
  };

  const fetchPage = async (next: string, limit: number): Promise<void> => {
    const { mine, signal } = begin();
    const query = {
      ...(limit === 0 ? {} : { limit: String(limit) }),
      ...(next === "" ? {} : { continue: next }),
    };
    const cutter = createJsonCutter([{ path: ["items"], parts: "keep" }]);
    let isWhole = true;
    const take = async (chunk: Buffer): Promise<void> => {
      const receivedAt = see();
      for (const { bytes } of cutter.push(chunk)) {
        if (loopTurns.isOver()) await loopTurns.next();
        if (mine !== turn) throw new Error("no longer wanted");
        const item = readItem(bytes, kind);
        if (item === undefined) {
          isWhole = false;
          throw new Error("an item is no object");
        }
        run({ on: "item" }, item, receivedAt);
      }
    };
    const response = await transport.request({
      method: "GET",
      path,
      query,
      verb: "list",
      signal,
      repeat: false,
      take,
    });
    if (mine !== turn) return;
    if (!isWhole) return tell({ on: "garbage" });
    if (response.status !== 200) return tell(refusedInput(response));
    const page = readPageEnd(cutter);
    tell(page === undefined ? { on: "garbage" } : { on: "page", ...page });
  };

  return {
    start: () => tell({ on: "start" }),
    nudge: () => tell({ on: "nudge" }),
    stop: () => tell({ on: "stop" }),
    state: () => state,
    lastSeen: () => seen?.monotonic,
    lastEventAt: () => seen?.epoch,
    resumedAt: () => (state.phase.at === "watching" && state.since !== undefined ? resumed : Infinity),
    relists: () => relists,
    garbage: () => garbage,
  };
}

/** What is left of a page without its items; undefined where it did not come whole. */
function readPageEnd(cutter: JsonCutter): { readonly version: string; readonly next: string } | undefined {
  try {
    const page = parseJson(cutter.rest());
    const version = getString(page, "metadata", "resourceVersion");
    const items = getIn(page, "items");
    // An empty list of a built-in kind may say `null`.
    if (version === undefined || (!isArray(items) && items !== null)) return undefined;
    return { version, next: getString(page, "metadata", "continue") ?? "" };
  } catch {
    return undefined;
  }
}
