/**
 * Stands between the operator and a real API server and does to the connection what networks and servers do: cuts it,
 * lets it go silent, lets it drip, makes it late, answers in the server's place, puts bytes into a running watch. Never
 * reorders, never invents an object. Plain HTTP on a loopback port.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Agent, request as forward } from "node:https";
import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import path from "node:path";
import type { ControlPlane } from "../control-plane/control-plane.ts";

export interface Asked {
  readonly method: string;
  /** With its query. */
  readonly url: string;
}

export interface Fault {
  /** Which requests it concerns. */
  readonly when: (asked: Asked) => boolean;
  /** How many of them. */
  times: number;
  /** 0: the server's own answer. */
  readonly status: number;
  /** Milliseconds before anything is answered; Infinity: never. */
  readonly late?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Answer like this, then break off in the middle of the body. */
  readonly cut?: boolean;
  /** Pass it on, and break off when the server has answered: who asked never learns that it was done. */
  readonly swallow?: boolean;
}

export interface FaultProxy {
  readonly kubeconfigPath: string;
  readonly url: string;
  /** Requests that came, oldest first. */
  readonly asked: Asked[];
  fault(fault: Fault): void;
  /** Breaks every connection that is open now. */
  cut(): void;
  /** Breaks the watches that are open and that it concerns. */
  cutWatches(when: (asked: Asked) => boolean): void;
  /** From now on, nothing more comes through the watches that are open. */
  silence(): void;
  /** From now on, what comes through watches comes in pieces of so many bytes at most, each on its own. */
  shred(size: () => number): void;
  /** Puts bytes into every watch that is open. */
  inject(bytes: Buffer | string): void;
  openWatches(): number;
  stop(): Promise<void>;
}

export function isWatch({ url }: Asked): boolean {
  return new URL(url, "http://proxy").searchParams.get("watch") === "true";
}

export function isList(asked: Asked): boolean {
  return new URL(asked.url, "http://proxy").searchParams.has("limit");
}

/** A `Status` as the API server would send it. */
export function status(code: number, reason: string, message = reason): unknown {
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code };
}

export async function startFaultProxy(plane: ControlPlane): Promise<FaultProxy> {
  const upstream = new Agent({ ca: plane.caData, keepAlive: true });
  const asked: Asked[] = [];
  const faults: Fault[] = [];
  const watches = new Set<{ readonly asked: Asked; readonly response: ServerResponse; silent: boolean }>();
  let pieceSize: (() => number) | undefined;

  /** One piece after another, so that each is a chunk of its own on the other side; resolves when all are out. */
  const drip = async (response: ServerResponse, bytes: Buffer, size: () => number): Promise<void> => {
    for (let from = 0; from < bytes.length && !response.destroyed; ) {
      const to = from + size();
      await new Promise<void>((resolve) => response.write(bytes.subarray(from, to), () => setImmediate(resolve)));
      from = to;
    }
  };

  const answerWith = (fault: Fault, response: ServerResponse): void => {
    response.writeHead(fault.status, { "content-type": "application/json", ...fault.headers });
    const text = typeof fault.body === "string" ? fault.body : JSON.stringify(fault.body ?? {});
    if (fault.cut !== true) return void response.end(text);
    response.write(text.slice(0, text.length / 2), () => response.destroy());
  };

  const pass = (incoming: IncomingMessage, response: ServerResponse, one: Asked, swallow = false): void => {
    const out = forward(
      `${plane.url}${one.url}`,
      { method: one.method, headers: { ...incoming.headers, host: new URL(plane.url).host }, agent: upstream },
      (answer) => {
        if (swallow) return void answer.resume().on("end", () => response.destroy());
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        response.flushHeaders();
        const watch = { asked: one, response, silent: false };
        if (isWatch(one)) watches.add(watch);
        let dripping = Promise.resolve();
        answer.on("data", (chunk: Buffer) => {
          const size = pieceSize;
          if (watch.silent) return;
          if (size === undefined || !isWatch(one)) return void response.write(chunk);
          dripping = dripping.then(() => drip(response, chunk, size));
        });
        answer.on("end", () => {
          if (!watch.silent) void dripping.then(() => response.end());
        });
        answer.on("error", () => response.destroy());
        response.on("close", () => {
          watches.delete(watch);
          answer.destroy();
        });
      },
    );
    out.on("error", () => response.destroy());
    incoming.pipe(out);
  };

  const server: Server = createServer((incoming, response) => {
    const one: Asked = { method: incoming.method ?? "GET", url: incoming.url ?? "/" };
    asked.push(one);
    const fault = faults.find(({ when, times }) => times > 0 && when(one));
    if (fault === undefined) return pass(incoming, response, one);
    fault.times -= 1;
    if (fault.late === Number.POSITIVE_INFINITY) return;
    const answer = (): void =>
      fault.status === 0 ? pass(incoming, response, one, fault.swallow) : answerWith(fault, response);
    setTimeout(answer, fault.late ?? 0);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const kubeconfigPath = path.join(plane.folder, `kubeconfig-proxy-${port}`);
  const cluster = { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true };
  writeFileSync(
    kubeconfigPath,
    JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "proxy", cluster }],
      users: [{ name: "proxy", user: { token: plane.adminToken } }],
      contexts: [{ name: "proxy", context: { cluster: "proxy", user: "proxy" } }],
      "current-context": "proxy",
    }),
    { mode: 0o600 },
  );

  return {
    kubeconfigPath,
    url: `http://127.0.0.1:${port}`,
    asked,
    fault: (fault) => void faults.push(fault),
    cut: () => server.closeAllConnections(),
    cutWatches(when) {
      for (const watch of watches) if (when(watch.asked)) watch.response.destroy();
    },
    silence() {
      for (const watch of watches) watch.silent = true;
    },
    shred(size) {
      pieceSize = size;
    },
    inject(bytes) {
      for (const { response } of watches) response.write(bytes);
    },
    openWatches: () => watches.size,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      upstream.destroy();
    },
  };
}
