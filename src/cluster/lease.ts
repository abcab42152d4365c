/**
 * Who may write: election over a `coordination.k8s.io/v1` Lease. A candidate takes a lease only after it has itself
 * watched it unchanged for the whole duration, by its own monotonic clock, so clocks need not agree. `isLeader` turns
 * false by itself at the renew deadline, before anybody else may take over. Election is not fencing: each write is
 * guarded by its own preconditions.
 * Source: https://pkg.go.dev/k8s.io/client-go/tools/leaderelection
 */
import { fieldManager } from "../model/annotations.ts";
import { formatJson, getIn, getString, isObject, type Json, type JsonObject } from "../model/json.ts";
import { sleep, type Clock, type Timer } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import { isPathSegment } from "./api-path.ts";
import { readBody } from "./api-status.ts";
import type { ApiResponse, Transport } from "./transport.ts";

export interface LeaseOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly log: Log;
  readonly namespace: string;
  readonly name: string;
  /** Unique among candidates: the Pod's name and uid. */
  readonly identity: string;
  /** Several processes hold it together, under this one identity: it is not given up while others may still hold it. */
  readonly shared?: boolean;
  /** Milliseconds; the defaults are client-go's: 15 s, 10 s, 2 s. */
  readonly duration?: number;
  readonly renewDeadline?: number;
  readonly retryPeriod?: number;
}

export interface Election {
  isLeader(): boolean;
  /** Who holds the lease, as last seen; "" where nobody does, or it was not seen yet. */
  holder(): string;
  /** How often the lease has changed hands. */
  transitions(): number;
  onChange(listener: (leader: boolean) => void): void;
  /** Gives the lease up, where it is ours, and ends. */
  stop(): Promise<void>;
}

/** RFC 3339 with the six decimals that a MicroTime must have. */
export function formatMicroTime(epoch: number): string {
  return new Date(epoch).toISOString().replace("Z", "000Z");
}

interface Seen {
  readonly lease: JsonObject;
  /** Holder and renewal as one text: another text means that somebody wrote. */
  readonly print: string;
  /** Monotonic milliseconds at which this print was first seen. */
  readonly since: number;
}

export function startElection(options: LeaseOptions): Election {
  const { transport, clock, log, identity } = options;
  const duration = options.duration ?? 15_000;
  const renewDeadline = options.renewDeadline ?? 10_000;
  const retryPeriod = options.retryPeriod ?? 2_000;
  if (!isPathSegment(options.namespace) || !isPathSegment(options.name)) throw new Error("not a name for a lease");
  const collection = `/apis/coordination.k8s.io/v1/namespaces/${encodeURIComponent(options.namespace)}/leases`;
  const path = `${collection}/${encodeURIComponent(options.name)}`;
  const abort = new AbortController();
  const listeners = new Set<(leader: boolean) => void>();
  let seen: Seen | undefined;
  let leaderUntil = Number.NEGATIVE_INFINITY;
  let told = false;
  let deadline: Timer | undefined;

  const isLeader = (): boolean => clock.monotonic() < leaderUntil;

  const tell = (): void => {
    const leader = isLeader();
    if (leader === told) return;
    told = leader;
    log.info({ lease: options.name, identity, leader, holder: holderOf(seen?.lease) }, "leadership");
    for (const listener of listeners) listener(leader);
  };

  /** A timer may fire a little before its time: while the deadline is not reached, it is set again. */
  const watchDeadline = (): void => {
    if (isLeader()) deadline = clock.after(leaderUntil - clock.monotonic() + 1, watchDeadline);
    else tell();
  };

  const lead = (until: number): void => {
    leaderUntil = until;
    deadline?.cancel();
    if (isLeader()) watchDeadline();
    tell();
  };

  const observe = (lease: JsonObject): Seen => {
    const print = `${holderOf(lease)} ${getString(lease, "spec", "renewTime") ?? ""}`;
    if (seen?.print !== print) seen = { lease, print, since: clock.monotonic() };
    else seen = { ...seen, lease };
    return seen;
  };

  const send = (method: "GET" | "POST" | "PUT", body?: Json): Promise<ApiResponse> =>
    transport.request({
      method,
      path: method === "POST" ? collection : path,
      channel: "lease",
      verb: method === "GET" ? "get" : method === "POST" ? "create" : "update",
      repeat: false,
      ...(body === undefined ? {} : { body: formatJson(body), query: { fieldManager } }),
    });

  const read = (response: ApiResponse): JsonObject | undefined => {
    const body = response.status >= 200 && response.status < 300 ? readBody(response.text) : undefined;
    return isObject(body) ? body : undefined;
  };

  const specOf = (before: JsonObject | undefined): JsonObject => {
    const now = formatMicroTime(clock.now());
    const mine = holderOf(before) === identity;
    const count = transitionsOf(before);
    return {
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(duration / 1_000),
      acquireTime: (mine ? getString(before, "spec", "acquireTime") : undefined) ?? now,
      renewTime: now,
      leaseTransitions: mine || before === undefined ? count : count + 1,
    };
  };

  /**
   * One attempt to take or renew; true where somebody wrote in between. The lease counts from before the request was
   * sent: never longer than others grant it.
   */
  const attempt = async (): Promise<boolean> => {
    const started = clock.monotonic();
    const found = await send("GET");
    if (found.status === 404) {
      const metadata = { name: options.name, namespace: options.namespace };
      const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec: specOf(undefined) };
      const answer = await send("POST", lease);
      const made = read(answer);
      if (made === undefined) return explain(answer);
      observe(made);
      lead(started + renewDeadline);
      return false;
    }
    const lease = read(found);
    if (lease === undefined) return explain(found);
    const { since } = observe(lease);
    const holder = holderOf(lease);
    const free = holder === "" || holder === identity || clock.monotonic() - since >= durationOf(lease, duration);
    // Somebody else's: what we may have held, we hold no more.
    if (!free) {
      lead(Number.NEGATIVE_INFINITY);
      return false;
    }
    const answer = await send("PUT", { ...lease, spec: { ...specIn(lease), ...specOf(lease) } });
    const written = read(answer);
    if (written === undefined) return explain(answer);
    observe(written);
    lead(started + renewDeadline);
    return false;
  };

  const explain = (response: ApiResponse): boolean => {
    // A conflict is somebody else having written first: the next reading tells who.
    if (response.status === 409) return true;
    log.warn({ lease: options.name, status: response.status }, "lease not renewed");
    return false;
  };

  /** Those who hold a lease together renew it at different moments, and who was beaten to it comes again soon. */
  const pause = (beaten: boolean): number => {
    if (options.shared === true && beaten) return (clock.random() * retryPeriod) / 8;
    return retryPeriod * (isLeader() && options.shared !== true ? 1 : 1 + clock.random() / 5);
  };

  const run = async (): Promise<void> => {
    while (!abort.signal.aborted) {
      const beaten = await attempt();
      tell();
      await sleep(clock, pause(beaten), abort.signal);
    }
  };

  const release = async (): Promise<void> => {
    const mine = isLeader() && options.shared !== true;
    lead(Number.NEGATIVE_INFINITY);
    if (!mine || seen === undefined) return;
    // As client-go: an empty holder and a duration of a second let the next one in at once.
    const spec = { ...specIn(seen.lease), holderIdentity: "", leaseDurationSeconds: 1 };
    await send("PUT", { ...seen.lease, spec: { ...spec, renewTime: formatMicroTime(clock.now()) } });
  };

  const running = run();

  return {
    isLeader,
    holder: () => holderOf(seen?.lease),
    transitions: () => transitionsOf(seen?.lease),
    onChange: (listener) => void listeners.add(listener),
    async stop() {
      abort.abort();
      await running;
      await release();
    },
  };
}

function holderOf(lease: JsonObject | undefined): string {
  return getString(lease, "spec", "holderIdentity") ?? "";
}

function transitionsOf(lease: JsonObject | undefined): number {
  const count = getIn(lease, "spec", "leaseTransitions");
  return typeof count === "number" ? count : 0;
}

/** Milliseconds for which the holder asked; ours where it says nothing. */
function durationOf(lease: JsonObject, ours: number): number {
  const seconds = getIn(lease, "spec", "leaseDurationSeconds");
  return typeof seconds === "number" ? seconds * 1_000 : ours;
}

function specIn(lease: JsonObject): JsonObject {
  const spec = getIn(lease, "spec");
  return isObject(spec) ? spec : {};
}
