/**
 * Git over smart HTTP(S) on loopback: `git http-backend` behind Node's server, with basic or bearer authentication.
 * For tests and the demo only. `before` lets a test answer a request itself (redirects, errors, silence).
 */
import { spawn } from "node:child_process";
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { makeCertificate, type Certificate } from "./certificate.ts";

export interface GitServerOptions {
  /** Folder of bare repositories. */
  readonly root: string;
  readonly basic?: { readonly username: string; readonly password: string };
  readonly bearer?: string;
  /** Plain HTTP where false. */
  readonly tls?: Certificate | false;
  /** True where it answered. */
  readonly before?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

export interface GitServer {
  readonly port: number;
  /** PEM of its authority; empty without TLS. */
  readonly ca: string;
  /** `https://localhost:1234/shop.git`. */
  url(repository: string): string;
  readonly requests: readonly { readonly url: string; readonly authorization: string }[];
  stop(): Promise<void>;
}

export async function startGitServer(options: GitServerOptions): Promise<GitServer> {
  const tls = options.tls === false ? undefined : (options.tls ?? makeCertificate());
  const requests: { url: string; authorization: string }[] = [];
  const sockets = new Set<Socket>();
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const authorization = request.headers.authorization ?? "";
    requests.push({ url: request.url ?? "", authorization });
    if (options.before?.(request, response) === true) return;
    if (!allowed(options, authorization)) {
      response.writeHead(401, { "WWW-Authenticate": 'Basic realm="git"' }).end("who are you?\n");
      return;
    }
    serve(options.root, request, response);
  };
  const server = tls === undefined ? createHttp(handle) : createHttps({ cert: tls.cert, key: tls.key }, handle);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    ca: tls?.cert ?? "",
    url: (repository) => `${tls === undefined ? "http" : "https"}://localhost:${port}/${repository}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function allowed(options: GitServerOptions, authorization: string): boolean {
  if (options.basic === undefined && options.bearer === undefined) return true;
  if (options.bearer !== undefined && authorization === `Bearer ${options.bearer}`) return true;
  if (options.basic === undefined) return false;
  const pair = `${options.basic.username}:${options.basic.password}`;
  return authorization === `Basic ${Buffer.from(pair).toString("base64")}`;
}

/** One CGI call. */
function serve(root: string, request: IncomingMessage, response: ServerResponse): void {
  const [pathname = "", query = ""] = (request.url ?? "").split("?");
  const header = (name: string): string => String(request.headers[name] ?? "");
  const child = spawn("git", ["http-backend"], {
    stdio: ["pipe", "pipe", "ignore"],
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: root,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_PROTOCOL: header("git-protocol"),
      PATH_INFO: decodeURIComponent(pathname),
      QUERY_STRING: query,
      REQUEST_METHOD: request.method ?? "GET",
      CONTENT_TYPE: header("content-type"),
      HTTP_CONTENT_ENCODING: header("content-encoding"),
      REMOTE_USER: "git",
      REMOTE_ADDR: "127.0.0.1",
    },
  });
  request.pipe(child.stdin);
  child.stdin.on("error", () => {});
  child.on("error", () => response.writeHead(500).end());
  let head = Buffer.alloc(0);
  let started = false;
  child.stdout.on("data", (chunk: Buffer) => {
    if (started) return void response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end < 0) return;
    started = true;
    let status = 200;
    for (const line of head.toString("latin1", 0, end).split("\r\n")) {
      const colon = line.indexOf(":");
      const name = line.slice(0, colon);
      const value = line.slice(colon + 1).trim();
      if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.writeHead(status);
    response.write(head.subarray(end + 4));
  });
  child.on("close", () => response.end());
}
