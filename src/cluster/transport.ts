/**
 * The one door to the network for the API server: text in, text or lines out, over undici. Sends credentials to the
 * API server's own origin and nowhere else, follows no redirect, changes no name, parses no object. Expected failures
 * (any HTTP status, no connection) are answers; only a caller's mistake is thrown.
 *
 * Three sets of connections, so that none starves another: watches (no cap: a capped set hangs a plain GET once
 * watches hold every stream), requests (a small cap), the lease (its own, with short timeouts).
 */
import { Agent, ProxyAgent, type Dispatcher } from "undici";
import { backoff, sleep, type Clock } from "../runtime/clock.ts";
import type { Access, Credentials } from "./credentials.ts";
import { createLineSplitter } from "./line-splitter.ts";

export type Channel = "watch" | "request" | "lease";

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Starts with a slash, segments encoded (`api-path.ts`). */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For metrics, as the API names it: get, list, watch, create, patch, delete. */
  readonly verb: string;
  readonly channel?: "request" | "lease";
  readonly signal?: AbortSignal;
  /** False: one attempt. Only reads are ever repeated by themselves. */
  readonly repeat?: boolean;
}

export interface ApiResponse {
  /** 0 where no answer came; `text` then says why. */
  readonly status: number;
  readonly text: string;
  readonly etag?: string;
  readonly contentType?: string;
  /** Milliseconds. */
  readonly retryAfter?: number;
  /** Texts of the `Warning` headers. */
  readonly warnings: readonly string[];
}

export type StreamAnswer =
  /** Batches of lines as they arrive. Iterating throws where the connection breaks; it ends where the server ends. */
  | { readonly ok: true; readonly batches: AsyncIterable<readonly Buffer[]> }
  | { readonly ok: false; readonly response: ApiResponse };

/** One finished request, as client-go's metrics count them. */
export interface RequestObservation {
  /** HTTP status, or `<error>`. */
  readonly code: string;
  readonly method: string;
  readonly host: string;
  readonly verb: string;
  /** Until the headers of the answer for a watch, until its end for the rest. */
  readonly seconds: number;
}

export interface Transport {
  request(request: ApiRequest): Promise<ApiResponse>;
  stream(request: ApiRequest): Promise<StreamAnswer>;
  /** Breaks every connection. */
  close(): Promise<void>;
}

export interface TransportOptions {
  readonly credentials: Credentials;
  readonly clock: Clock;
  /** Of Plumbline, for the User-Agent. */
  readonly version: string;
  readonly observe?: (observation: RequestObservation) => void;
  /** Milliseconds after which a watch that says nothing is given up; 95 s unless told. */
  readonly watchSilence?: number;
}

/** The server sends a bookmark every 60 s: a watch with nothing for longer than this is dead. Milliseconds. */
const WATCH_SILENCE = 95_000;
/** Milliseconds. */
const timeouts: Readonly<
  Record<Channel, { readonly headers: number; readonly body: number; readonly connect: number }>
> = {
  watch: { headers: 60_000, body: WATCH_SILENCE, connect: 10_000 },
  request: { headers: 30_000, body: 30_000, connect: 10_000 },
  lease: { headers: 5_000, body: 5_000, connect: 5_000 },
};
const ATTEMPTS = 4;
/** Milliseconds for which a read waits by itself on a 429; longer is the caller's to decide. */
const PATIENCE = 10_000;

function createAgent(channel: Channel, access: Access, watchSilence: number): Dispatcher {
  const { headers, connect } = timeouts[channel];
  const body = channel === "watch" ? watchSilence : timeouts[channel].body;
  const tls = { ...access.tls, timeout: connect, keepAlive: true, keepAliveInitialDelay: 30_000 };
  const options = {
    headersTimeout: headers,
    bodyTimeout: body,
    // On HTTP/1.1 a silent connection is thrown away at its timeout; an h2 session would first be asked for a sign of life.
    allowH2: channel !== "lease",
    ...(channel === "watch" ? {} : { connections: channel === "lease" ? 1 : 4 }),
  };
  if (access.proxy !== undefined) return new ProxyAgent({ uri: access.proxy, requestTls: tls, ...options });
  return new Agent({ ...options, connect: tls });
}

/** `120` or an HTTP date, in milliseconds from now. */
function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined) return undefined;
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - now;
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined;
}

/** `299 - "text"` → `text`. */
function parseWarnings(value: string | readonly string[] | undefined): readonly string[] {
  const found = [value ?? []].flat().flatMap((line) => [...line.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)]);
  return found.map((match) => (match[1] ?? "").replaceAll(/\\(.)/g, "$1"));
}

function first(value: string | string[] | undefined): string | undefined {
  return typeof value === "string" ? value : value?.[0];
}

function describe(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return "the request failed";
  const code = "code" in cause && typeof cause.code === "string" ? ` (${cause.code})` : "";
  return `${cause.message.split("\n")[0]?.slice(0, 200) ?? ""}${code}`;
}

interface Sent {
  readonly response: Dispatcher.ResponseData;
  readonly host: string;
  readonly started: number;
}

export function createTransport(options: TransportOptions): Transport {
  const { credentials, clock } = options;
  const userAgent = `plumbline/${options.version}`;
  let agents: { readonly print: string; readonly byChannel: Map<Channel, Dispatcher> } | undefined;
  const retired = new Set<Dispatcher>();

  const agentFor = (channel: Channel, access: Access): Dispatcher => {
    // Certificates turn; connections made with the old ones finish what they carry.
    const print = JSON.stringify([access.origin, access.tls, access.proxy]);
    if (agents !== undefined && agents.print !== print) {
      for (const old of agents.byChannel.values()) {
        retired.add(old);
        void old.close().finally(() => retired.delete(old));
      }
      agents = undefined;
    }
    agents ??= { print, byChannel: new Map() };
    const agent = agents.byChannel.get(channel) ?? createAgent(channel, access, options.watchSilence ?? WATCH_SILENCE);
    agents.byChannel.set(channel, agent);
    return agent;
  };

  const send = async (request: ApiRequest, channel: Channel): Promise<Sent> => {
    const access = await credentials.access();
    if (!request.path.startsWith("/")) throw new Error(`not a path: ${request.path}`);
    const query = new URLSearchParams(request.query).toString();
    const headers = {
      accept: "application/json",
      ...(request.body === undefined ? {} : { "content-type": "application/json" }),
      ...request.headers,
      "user-agent": userAgent,
      ...access.headers,
      // A write on a tenant's behalf is narrower than `--as`.
      ...(request.headers?.["impersonate-user"] === undefined
        ? {}
        : { "impersonate-user": request.headers["impersonate-user"] }),
    };
    const started = clock.monotonic();
    const response = await agentFor(channel, access).request({
      origin: access.origin,
      path: `${access.basePath}${request.path}${query === "" ? "" : `?${query}`}`,
      method: request.method,
      headers,
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    return { response, host: new URL(access.origin).host, started };
  };

  const observe = (request: ApiRequest, code: string, host: string, started: number): void => {
    const seconds = (clock.monotonic() - started) / 1_000;
    options.observe?.({ code, method: request.method, host, verb: request.verb, seconds });
  };

  const noAnswer = (request: ApiRequest, error: unknown, started: number): ApiResponse => {
    observe(request, "<error>", agents === undefined ? "" : originHost(agents.print), started);
    return { status: 0, text: describe(error), warnings: [] };
  };

  const readResponse = async ({ response }: Sent): Promise<ApiResponse> => {
    const etag = first(response.headers["etag"]);
    const contentType = first(response.headers["content-type"]);
    const retryAfter = parseRetryAfter(first(response.headers["retry-after"]), clock.now());
    return {
      status: response.statusCode,
      text: await response.body.text(),
      ...(etag === undefined ? {} : { etag }),
      ...(contentType === undefined ? {} : { contentType }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
      warnings: parseWarnings(response.headers["warning"]),
    };
  };

  const attempt = async (request: ApiRequest): Promise<ApiResponse> => {
    const before = clock.monotonic();
    try {
      const sent = await send(request, request.channel ?? "request");
      const response = await readResponse(sent);
      observe(request, String(response.status), sent.host, sent.started);
      return response;
    } catch (error) {
      return noAnswer(request, error, before);
    }
  };

  /** Milliseconds to wait before this is asked again; undefined: it is the answer. */
  const pauseAfter = (request: ApiRequest, response: ApiResponse, attempts: number): number | undefined => {
    if (request.method !== "GET" || request.repeat === false || attempts >= ATTEMPTS) return undefined;
    if (request.signal?.aborted === true) return undefined;
    if (response.status === 0) return backoff(clock, attempts - 1, 200, 2_000);
    if (response.status !== 429) return undefined;
    const pause = (response.retryAfter ?? 1_000) * (1 + clock.random() / 4);
    return pause > PATIENCE ? undefined : pause;
  };

  return {
    async request(request) {
      let renewed = false;
      for (let attempts = 1; ; attempts += 1) {
        const response = await attempt(request);
        if (response.status === 401 && !renewed) {
          // Refused before anything was done, so any verb may be asked again, once, with what is on disk now.
          renewed = true;
          credentials.invalidate();
          continue;
        }
        const pause = pauseAfter(request, response, attempts);
        if (pause === undefined) return response;
        await sleep(clock, pause, request.signal);
      }
    },

    async stream(request) {
      const before = clock.monotonic();
      try {
        const sent = await send(request, "watch");
        observe(request, String(sent.response.statusCode), sent.host, sent.started);
        if (sent.response.statusCode === 200) return { ok: true, batches: batchesOf(sent.response.body) };
        if (sent.response.statusCode === 401) credentials.invalidate();
        return { ok: false, response: await readResponse(sent) };
      } catch (error) {
        return { ok: false, response: noAnswer(request, error, before) };
      }
    },

    async close() {
      const all = [...(agents?.byChannel.values() ?? []), ...retired];
      agents = undefined;
      await Promise.all(all.map((agent) => agent.destroy()));
    },
  };
}

function originHost(print: string): string {
  const [origin] = JSON.parse(print) as [string];
  return new URL(origin).host;
}

async function* batchesOf(body: AsyncIterable<Buffer>): AsyncGenerator<readonly Buffer[]> {
  const splitter = createLineSplitter();
  for await (const chunk of body) yield splitter.push(chunk);
  // A line without its end is a line cut off: what follows the last whole one is asked for again.
  if (splitter.rest() > 0) throw new Error("the stream ended inside a line");
}
