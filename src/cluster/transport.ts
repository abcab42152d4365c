/**
 * The one door to the network for the API server: text in, text or lines out, over undici. Sends credentials to the
 * API server's own origin and nowhere else, follows no redirect, changes no name, parses no object. Expected failures
 * (any HTTP status, no connection) are answers; only a caller's mistake is thrown.
 *
 * Three sets of connections, so that none starves another: watches (no cap: each holds one for as long as it lasts),
 * requests (as many at once as the server bears, `request-gate.ts`), the lease (its own,
 * with short timeouts, past every queue).
 */
import { Agent, ProxyAgent, type Dispatcher } from "undici";
import { backoff, sleep, type Clock } from "../runtime/clock.ts";
import type { Access, Credentials } from "./credentials.ts";
import { MOST } from "./concurrency-limit.ts";
import { createConnectionSets } from "./connection-sets.ts";
import { linesOf } from "./line-splitter.ts";
import { createOpeningPace } from "./opening-pace.ts";
import { type ApiLoad, createRequestGate, priorityOf, type Slot } from "./request-gate.ts";
import { describeFailure, firstOf, isCertificateFailure, parseRetryAfter, parseWarnings } from "./response-headers.ts";
import { userAgentOf } from "./user-agent.ts";

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
  /**
   * Takes the body of a 200 in pieces as they come, instead of `text`; the socket is read on when it is done with one.
   * What it throws ends the request as one without an answer.
   */
  readonly take?: (chunk: Buffer) => void | Promise<void>;
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

export interface ApiTransport extends Transport {
  /** For metrics; asks nobody. */
  load(): ApiLoad;
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
    // Of an h2 session that breaks while an answer is on its way nobody hears before the timeout (decision 20).
    allowH2: false,
    // Each request under way needs its own.
    ...(channel === "watch" ? {} : { connections: channel === "lease" ? 1 : MOST }),
  };
  if (access.proxy !== undefined) return new ProxyAgent({ uri: access.proxy, requestTls: tls, ...options });
  return new Agent({ ...options, connect: tls });
}

interface Sent {
  readonly response: Dispatcher.ResponseData;
  readonly started: number;
}

export function createTransport(options: TransportOptions): ApiTransport {
  const { credentials, clock } = options;
  const userAgent = userAgentOf(options.version);
  const gate = createRequestGate(clock);
  const pace = createOpeningPace(clock);
  const connections = createConnectionSets((channel, access) =>
    createAgent(channel, access, options.watchSilence ?? WATCH_SILENCE),
  );

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
    const response = await connections.of(channel, access).request({
      origin: access.origin,
      path: `${access.basePath}${request.path}${query === "" ? "" : `?${query}`}`,
      method: request.method,
      headers,
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    return { response, started };
  };

  const observe = ({ method, verb }: ApiRequest, code: string, started: number): void => {
    const seconds = (clock.monotonic() - started) / 1_000;
    options.observe?.({ code, method, host: connections.host(), verb, seconds });
  };

  const noAnswer = (request: ApiRequest, error: unknown, started: number): ApiResponse => {
    observe(request, "<error>", started);
    if (isCertificateFailure(error)) credentials.invalidate();
    return { status: 0, text: describeFailure(error), warnings: [] };
  };

  const readText = async (request: ApiRequest, { response }: Sent): Promise<string> => {
    if (request.take === undefined || response.statusCode !== 200) return await response.body.text();
    for await (const chunk of response.body as AsyncIterable<Buffer>) await request.take(chunk);
    return "";
  };

  const readResponse = async (request: ApiRequest, sent: Sent): Promise<ApiResponse> => {
    const { headers, statusCode } = sent.response;
    const etag = firstOf(headers["etag"]);
    const contentType = firstOf(headers["content-type"]);
    const retryAfter = parseRetryAfter(firstOf(headers["retry-after"]), clock.now());
    return {
      status: statusCode,
      text: await readText(request, sent),
      ...(etag === undefined ? {} : { etag }),
      ...(contentType === undefined ? {} : { contentType }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
      warnings: parseWarnings(headers["warning"]),
    };
  };

  /** `answered`: once it is known whether the server answers, for whoever counts. */
  const attempt = async (request: ApiRequest, answered: Slot["answered"] = () => {}): Promise<ApiResponse> => {
    const before = clock.monotonic();
    let sent: Sent | undefined;
    try {
      sent = await send(request, request.channel ?? "request");
      answered(sent.response.statusCode === 429 ? "refused" : "answered");
      const response = await readResponse(request, sent);
      observe(request, String(response.status), sent.started);
      return response;
    } catch (error) {
      if (sent === undefined && request.signal?.aborted !== true) answered("unanswered");
      return noAnswer(request, error, before);
    }
  };

  /** When its turn has come. The lease waits for nobody. */
  const attemptInTurn = async (request: ApiRequest): Promise<ApiResponse> => {
    if (request.channel === "lease") return attempt(request);
    const priority = priorityOf(request, request.query?.["dryRun"] !== undefined);
    const slot = await gate.enter(request.verb, priority, request.signal);
    if (slot === undefined) return { status: 0, text: "given up before it was sent", warnings: [] };
    try {
      return await attempt(request, slot.answered);
    } finally {
      slot.leave();
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
    async request(asked) {
      let renewed = false;
      let isTaken = false;
      const take = async (chunk: Buffer): Promise<void> => {
        isTaken = true;
        await asked.take?.(chunk);
      };
      const request = asked.take === undefined ? asked : { ...asked, take };
      for (let attempts = 1; ; attempts += 1) {
        const response = await attemptInTurn(request);
        // What was taken in pieces cannot be given back.
        if (isTaken) return response;
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
      await pace(request.signal);
      for (let renewed = false; ; renewed = true) {
        const before = clock.monotonic();
        try {
          const sent = await send(request, "watch");
          const { statusCode, body } = sent.response;
          observe(request, String(statusCode), sent.started);
          if (statusCode === 200) return { ok: true, batches: linesOf(body) };
          if (statusCode === 429) gate.refused();
          if (statusCode === 401) credentials.invalidate();
          const response = await readResponse(request, sent);
          // As with requests: refused before anything was done.
          if (statusCode !== 401 || renewed) return { ok: false, response };
        } catch (error) {
          return { ok: false, response: noAnswer(request, error, before) };
        }
      }
    },

    load: () => gate.load(),

    close: () => connections.destroy(),
  };
}
