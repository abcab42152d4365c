/**
 * Follows one collection: drives the machine with the transport and hands objects to a sink. Each line is parsed once.
 * A line that is no event (bad JSON, half a character) is counted and makes a full listing; nothing is dropped in
 * silence. Heals by itself from everything; only `stop` ends it. Never throws to its caller.
 */
import { getIn, getString, isArray, isObject, parseJson, type Json } from "../model/json.ts";
import { isUtf8 } from "node:buffer";
import { apiVersionOf, isKubeObject, type KindRef, type KubeObject } from "../model/resource.ts";
import type { Clock, Timer } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import { readBody, refusal } from "./api-status.ts";
import { initial, step, type Effect, type Input, type ReflectorState } from "./reflector-machine.ts";
import type { ApiResponse, Transport } from "./transport.ts";

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
  /** Full listings after the first. */
  relists(): number;
  /** Lines that were no event. */
  garbage(): number;
}

const eventTypes = new Set(["ADDED", "MODIFIED", "DELETED"]);

/** A watch line as an input of the machine, and the object it speaks of; undefined where it is no event. */
export function readLine(line: Buffer): { readonly input: Input; readonly object?: KubeObject } | undefined {
  if (!isUtf8(line)) return undefined;
  let event: Json;
  try {
    event = parseJson(line.toString("utf8"));
  } catch {
    return undefined;
  }
  const type = getString(event, "type");
  const object = getIn(event, "object");
  if (type === undefined || !isObject(object)) return undefined;
  if (type === "ERROR") return { input: errorInput(object) };
  const version = getString(object, "metadata", "resourceVersion");
  if (version === undefined) return undefined;
  if (type === "BOOKMARK") {
    const listed = getString(object, "metadata", "annotations", "k8s.io/initial-events-end") === "true";
    return { input: { on: "bookmark", version, listed } };
  }
  if (!eventTypes.has(type) || !isKubeObject(object) || getString(object.metadata, "name") === undefined) {
    return undefined;
  }
  return { input: { on: "event", type: type as "ADDED" | "MODIFIED" | "DELETED", version }, object };
}

function isTooNew(details: Json | undefined): boolean {
  const causes = getIn(details, "causes");
  return isArray(causes) && causes.some((cause) => getString(cause, "reason") === "ResourceVersionTooLarge");
}

function errorInput(status: Json): Input {
  const code = getIn(status, "code");
  const seconds = getIn(status, "details", "retryAfterSeconds");
  return {
    on: "refused",
    refused: {
      status: typeof code === "number" ? code : 500,
      reason: getString(status, "reason") ?? "Unknown",
      message: (getString(status, "message") ?? "").slice(0, 500),
    },
    ...(typeof seconds === "number" ? { retryAfter: seconds * 1_000 } : {}),
    tooNew: isTooNew(getIn(status, "details")),
  };
}

function refusedInput(response: ApiResponse): Input {
  if (response.status === 0) return { on: "broken", message: response.text };
  const { status, reason, message, retryAfter, details } = refusal(response);
  return {
    on: "refused",
    refused: { status, reason, message },
    ...(retryAfter === undefined ? {} : { retryAfter }),
    tooNew: isTooNew(details),
  };
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
  let relists = 0;
  let garbage = 0;

  const see = (): number => {
    seen = { monotonic: clock.monotonic(), epoch: clock.now() };
    return seen.epoch;
  };

  const run = (input: Input, objects: readonly KubeObject[], receivedAt: number): void => {
    const before = state.phase.at;
    const next = step(state, input, { now: clock.monotonic(), random: () => clock.random() });
    state = next.state;
    if (before === "waiting" && state.phase.at !== "waiting") timer?.cancel();
    for (const effect of next.effects) perform(effect, objects, receivedAt);
    if (input.on !== "event") options.onStep();
  };

  const tell = (input: Input): void => run(input, [], clock.now());

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

  const perform = (effect: Effect, objects: readonly KubeObject[], receivedAt: number): void => {
    switch (effect.do) {
      case "stage":
      case "unstage":
      case "apply":
      case "remove":
        for (const object of objects) deliver(effect, object, receivedAt);
        return;
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
    if (read === undefined) {
      log.warn({ kind: name, bytes: line.length }, "watch line is no event; listing again");
      return run({ on: "garbage" }, [], receivedAt);
    }
    run(read.input, read.object === undefined ? [] : [read.object], receivedAt);
  };

  const follow = async (query: Readonly<Record<string, string>>): Promise<void> => {
    const { mine, signal } = begin();
    const answer = await transport.stream({ method: "GET", path, query, verb: "watch", signal });
    if (mine !== turn) return;
    if (!answer.ok) return tell(refusedInput(answer.response));
    // That the server takes up the watch is a sign of life; the next bookmark may be a minute away.
    see();
    tell({ on: "opened" });
    try {
      for await (const batch of answer.batches) {
        if (mine !== turn) return;
        const receivedAt = see();
        for (const line of batch) {
          handle(line, receivedAt);
          if (mine !== turn) return;
        }
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
    const response = await transport.request({ method: "GET", path, query, verb: "list", signal, repeat: false });
    if (mine !== turn) return;
    if (response.status !== 200) return tell(refusedInput(response));
    const receivedAt = see();
    const body = readBody(response.text);
    const version = getString(body, "metadata", "resourceVersion");
    const items = getIn(body, "items");
    // An empty list of a built-in kind may say `null`.
    if (version === undefined || (!isArray(items) && items !== null)) return tell({ on: "garbage" });
    // The items of a built-in kind's list don't name their kind.
    const named = (items ?? []).map((item) => (isObject(item) ? withKind(item, kind) : item));
    if (!named.every((item) => isKubeObject(item))) return tell({ on: "garbage" });
    run({ on: "page", version, next: getString(body, "metadata", "continue") ?? "" }, named, receivedAt);
  };

  return {
    start: () => tell({ on: "start" }),
    nudge: () => tell({ on: "nudge" }),
    stop: () => tell({ on: "stop" }),
    state: () => state,
    lastSeen: () => seen?.monotonic,
    lastEventAt: () => seen?.epoch,
    relists: () => relists,
    garbage: () => garbage,
  };
}

function withKind(item: { readonly [key: string]: Json }, kind: KindRef): { readonly [key: string]: Json } {
  if (typeof item["kind"] === "string" && typeof item["apiVersion"] === "string") return item;
  return { ...item, apiVersion: apiVersionOf(kind), kind: kind.kind };
}
