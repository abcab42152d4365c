/**
 * A small HTTP listener for the pages machines read: metrics and health. GET and HEAD only, no body is ever read,
 * nothing of a request is echoed. Slow or chatty clients are cut off.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Answers one request; gets the `Accept` header for content negotiation. */
export type PageSource = (accept: string) => Page | Promise<Page>;

export interface HttpServer {
  /** The port it listens on, also where 0 was asked for. */
  readonly port: number;
  stop(): Promise<void>;
}

export const textPage = (status: number, body: string): Page => ({ status, type: "text/plain; charset=utf-8", body });

/** `:8080` → every interface; `127.0.0.1:0` → loopback, a free port; `[::1]:8080`. */
export function parseAddress(address: string): { readonly host: string | undefined; readonly port: number } {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  return { host: host === "" ? undefined : host, port: Number(address.slice(colon + 1)) };
}

/**
 * @param address `host:port` or `:port`
 * @throws Error where the address cannot be listened on
 */
export function serve(address: string, pages: Readonly<Record<string, PageSource>>): Promise<HttpServer> {
  const answer = async (request: IncomingMessage): Promise<Page> => {
    if (request.method !== "GET" && request.method !== "HEAD") return textPage(405, "method not allowed\n");
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    const page = Object.hasOwn(pages, path) ? pages[path] : undefined;
    if (page === undefined) return textPage(404, "not found\n");
    return page(request.headers.accept ?? "");
  };
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    request.resume();
    answer(request)
      .catch(() => textPage(500, "internal error\n"))
      .then(({ status, type, body }) => {
        const bytes = Buffer.from(body);
        response.writeHead(status, {
          "content-type": type,
          "content-length": bytes.length,
          "cache-control": "no-store",
        });
        response.end(request.method === "HEAD" ? undefined : bytes);
      })
      .catch(() => response.destroy());
  };
  const server = createServer({ requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: 16_384 }, handle);
  server.maxConnections = 256;
  const { host, port } = parseAddress(address);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve({
        port: (server.address() as AddressInfo).port,
        stop: () =>
          new Promise((done) => {
            server.close(() => done());
            server.closeAllConnections();
          }),
      });
    });
  });
}
