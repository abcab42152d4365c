/** Credentials and transport against small servers of our own: what is sent, to whom, and how often. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createSecureServer } from "node:http2";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createCredentials, type Credentials } from "../../src/cluster/credentials.ts";
import { createOpenApi } from "../../src/cluster/open-api.ts";
import { createDiscovery } from "../../src/cluster/discovery.ts";
import { createTransport, type RequestObservation, type Transport } from "../../src/cluster/transport.ts";
import type { Clock } from "../../src/runtime/clock.ts";
import { createAuthority } from "./certificate.ts";

let folder: string;
let answer: (incoming: IncomingMessage, response: ServerResponse) => void;
let server: Server;
let url: string;
let asked: { readonly url: string; readonly headers: IncomingMessage["headers"] }[];
let transport: Transport | undefined;
let time: number;

/** Waits are over at once; the monotonic hand is moved by the test. */
const clock: Clock = {
  now: () => Date.UTC(2026, 0, 1),
  monotonic: () => time,
  after(_, call) {
    const timer = setTimeout(call, 0);
    return { cancel: () => clearTimeout(timer) };
  },
  random: () => 0,
};

beforeEach(async () => {
  time = 0;
  asked = [];
  answer = (_, response) => void response.end("{}");
  folder = mkdtempSync(path.join(tmpdir(), "plumbline-transport-"));
  server = createServer((incoming, response) => {
    asked.push({ url: incoming.url ?? "", headers: incoming.headers });
    answer(incoming, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await transport?.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

function writeConfig(user: object, more: { basePath?: string; server?: string } = {}): string {
  const file = path.join(folder, "config");
  const cluster = { server: `${more.server ?? url}${more.basePath ?? ""}`, "insecure-skip-tls-verify": true };
  const contexts = [
    { name: "one", context: { cluster: "c", user: "u", namespace: "shop" } },
    { name: "two", context: { cluster: "c", user: "nobody" } },
  ];
  const users = [
    { name: "u", user },
    { name: "nobody", user: {} },
  ];
  const config = { apiVersion: "v1", kind: "Config", clusters: [{ name: "c", cluster }], users, contexts };
  writeFileSync(file, JSON.stringify({ ...config, "current-context": "one" }));
  return file;
}

function credentialsOf(user: object, more: Parameters<typeof writeConfig>[1] = {}): Credentials {
  return createCredentials({ source: { kind: "file", path: writeConfig(user, more) }, clock });
}

function open(credentials: Credentials, seen: RequestObservation[] = []): Transport {
  transport = createTransport({ credentials, clock, version: "1.2.3", observe: (one) => seen.push(one) });
  return transport;
}

const get = { method: "GET", path: "/x", verb: "get" } as const;

describe("credentials", () => {
  test("token, user agent, base path and encoded names go out as they are", async () => {
    await open(credentialsOf({ token: "t1" }, { basePath: "/k8s/clusters/c-1/" })).request({
      ...get,
      path: "/apis/x/v1/things/My%3AThing",
      query: { a: "b c" },
    });
    expect(asked[0]?.url).toBe("/k8s/clusters/c-1/apis/x/v1/things/My%3AThing?a=b+c");
    expect(asked[0]?.headers).toMatchObject({ authorization: "Bearer t1" });
    // As client-go writes it: what matches by user agent goes by the part before the slash, or by the whole.
    expect(asked[0]?.headers["user-agent"]).toMatch(/^plumbline\/1\.2\.3 \([a-z0-9]+\/[a-z0-9]+\)$/);
  });

  test("another context, --as, the namespace, and a context that is not there", async () => {
    const file = writeConfig({ token: "t1" });
    const source = { kind: "file", path: file, context: "two" } as const;
    await open(createCredentials({ source, as: "jane", clock })).request(get);
    expect(asked[0]?.headers).toMatchObject({ "impersonate-user": "jane" });
    expect(asked[0]?.headers.authorization).toBeUndefined();
    const first = createCredentials({ source: { kind: "file", path: file }, clock });
    await first.access();
    expect(first.namespace).toBe("shop");
    const none = createCredentials({ source: { ...source, context: "no" }, clock });
    await expect(none.access()).rejects.toThrow('no context "no"');
  });

  test("a write on somebody's behalf is not widened by --as", async () => {
    const file = writeConfig({ token: "t1" });
    const credentials = createCredentials({ source: { kind: "file", path: file }, as: "jane", clock });
    await open(credentials).request({ ...get, headers: { "impersonate-user": "system:serviceaccount:a:b" } });
    expect(asked[0]?.headers["impersonate-user"]).toBe("system:serviceaccount:a:b");
  });

  test("a projected token is read again within a minute", async () => {
    const tokenFile = path.join(folder, "token");
    writeFileSync(tokenFile, "first\n");
    const credentials = credentialsOf({ "auth-provider": { name: "tokenFile", config: { tokenFile } } });
    const opened = open(credentials);
    await opened.request(get);
    writeFileSync(tokenFile, "second\n");
    time = 59_000;
    await opened.request(get);
    expect(asked.map(({ headers }) => headers.authorization)).toEqual(["Bearer first", "Bearer second"]);
  });

  test("a 401 makes a changed kubeconfig be read at once, and the request be sent once more", async () => {
    const credentials = credentialsOf({ token: "old" });
    const opened = open(credentials);
    await opened.request(get);
    writeConfig({ token: "new" });
    answer = (incoming, response) => {
      response.statusCode = incoming.headers.authorization === "Bearer new" ? 201 : 401;
      response.end("{}");
    };
    expect((await opened.request({ ...get, method: "POST", body: "{}" })).status).toBe(201);
    answer = (_, response) => void response.writeHead(401).end("{}");
    expect((await opened.request(get)).status).toBe(401);
    expect(asked).toHaveLength(5);
  });
});

describe("requests", () => {
  test("a redirect is an answer, and nothing goes where it points", async () => {
    let elsewhere = 0;
    const other = createServer((_, response) => {
      elsewhere += 1;
      response.end();
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    answer = (_, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${(other.address() as AddressInfo).port}/` }).end();
    };
    expect((await open(credentialsOf({ token: "t" })).request(get)).status).toBe(302);
    expect(elsewhere).toBe(0);
    await new Promise((resolve) => other.close(resolve));
  });

  test.each([
    ["a read", "GET", 4],
    ["a write", "POST", 1],
  ] as const)("%s that gets no answer is sent %s: %i times", async (_, method, times) => {
    const seen: RequestObservation[] = [];
    answer = (_incoming, response) => void response.destroy();
    const response = await open(credentialsOf({ token: "t" }), seen).request({ ...get, method, body: "{}" });
    expect(response.status).toBe(0);
    expect(asked).toHaveLength(times);
    expect(seen.map(({ code }) => code)).toEqual(Array.from({ length: times }, () => "<error>"));
  });

  test.each([
    ["a read waits for a short one", "GET", "1", 4],
    ["a read leaves a long one to its caller", "GET", "60", 1],
    ["a write leaves it to its caller", "PATCH", "1", 1],
  ] as const)("429: %s", async (_, method, seconds, times) => {
    answer = (_incoming, response) => void response.writeHead(429, { "retry-after": seconds }).end("{}");
    const response = await open(credentialsOf({ token: "t" })).request({ ...get, method });
    expect(response).toMatchObject({ status: 429, retryAfter: Number(seconds) * 1_000 });
    expect(asked).toHaveLength(times);
  });

  test("warnings are read", async () => {
    answer = (_, response) => void response.writeHead(200, { warning: '299 - "a \\"b\\"", 299 - "c"' }).end("{}");
    expect((await open(credentialsOf({})).request(get)).warnings).toEqual(['a "b"', "c"]);
  });

  test("a path that is none is the caller's mistake", async () => {
    expect(await open(credentialsOf({})).request({ ...get, path: "http://elsewhere/" })).toMatchObject({ status: 0 });
    expect(asked).toEqual([]);
  });
});

describe("bodies in pieces", () => {
  test.each([
    ["after its first piece: not asked again, for what was taken cannot be given back", "some", 1],
    ["before its first piece: asked again", "", 4],
  ])("an answer that breaks off %s", async (_, first, times) => {
    answer = (_incoming, response) => {
      if (first === "") return void response.destroy();
      response.writeHead(200).write(first, () => setTimeout(() => response.destroy(), 5));
    };
    let taken = "";
    const take = (chunk: Buffer): void => void (taken += chunk.toString("utf8"));
    expect(await open(credentialsOf({})).request({ ...get, take })).toMatchObject({ status: 0 });
    expect(taken).toBe(first);
    expect(asked).toHaveLength(times);
  });

  test("what is no 200 comes as text", async () => {
    answer = (_, response) => void response.writeHead(403).end("no");
    const take = (): void => expect.unreachable();
    expect(await open(credentialsOf({})).request({ ...get, take })).toMatchObject({ status: 403, text: "no" });
  });
});

describe("OpenAPI documents", () => {
  test("come without their paths, two at a time; one that is cut off is none", async () => {
    let now = 0;
    let most = 0;
    const names = ["a", "b", "c", "d", "e"];
    answer = (incoming, response) => {
      if (incoming.url === "/openapi/v3") {
        const paths = names.map((name) => [`apis/${name}/v1`, { serverRelativeURL: `/openapi/v3/${name}?hash=1` }]);
        return void response.end(JSON.stringify({ paths: Object.fromEntries(paths) as unknown }));
      }
      now += 1;
      most = Math.max(most, now);
      const schemas = { Thing: { type: "object" } };
      const text = JSON.stringify({ openapi: "3.0.0", paths: { "/x": {} }, components: { schemas, other: 1 } });
      setTimeout(() => {
        now -= 1;
        response.end(incoming.url?.includes("/e?") === true ? text.slice(0, -5) : text);
      }, 5);
    };
    const openApi = createOpenApi(open(credentialsOf({})));
    const documents = await Promise.all(names.map((name) => openApi.fetchDocument(`${name}/v1`)));
    const components = { schemas: { Thing: { type: "object" } }, other: 1 };
    expect(documents[0]).toEqual({ openapi: "3.0.0", paths: {}, components });
    expect(documents.map((document) => document !== undefined)).toEqual([true, true, true, true, false]);
    expect(most).toBe(2);
  });
});

describe("streams", () => {
  test("lines come whole however they are sent; a cut inside a line throws", async () => {
    answer = (_, response) => {
      response.write('{"a":"\u00e4\u2028"}\n{"b":');
      setTimeout(() => response.end("1}\n{"), 5);
    };
    const stream = await open(credentialsOf({})).stream({ ...get, verb: "watch" });
    if (!stream.ok) throw new Error("refused");
    const lines: string[] = [];
    const read = async (): Promise<void> => {
      for await (const batch of stream.batches) lines.push(...batch.map((line) => line.toString("utf8")));
    };
    await expect(read()).rejects.toThrow("inside a line");
    expect(lines).toEqual(['{"a":"\u00e4\u2028"}', '{"b":1}']);
  });
});

describe("discovery", () => {
  const group = (name: string, kind: string, more: object = {}) => ({
    metadata: { name },
    versions: [
      {
        version: "v1",
        resources: [{ resource: `${kind.toLowerCase()}s`, responseKind: { kind }, scope: "Cluster", verbs: ["list"] }],
        ...more,
      },
    ],
  });
  const documents = (apis: readonly object[]) => (incoming: IncomingMessage, response: ServerResponse) => {
    const items = incoming.url === "/api" ? [group("", "Thing")] : apis;
    const etag = `"${JSON.stringify(items).length}"`;
    if (incoming.headers["if-none-match"] === etag) return void response.writeHead(304).end();
    response.writeHead(200, { etag }).end(JSON.stringify({ kind: "APIGroupDiscoveryList", items }));
  };

  test("two requests, then two that say nothing changed; changes are told", async () => {
    answer = documents([group("a.dev", "A")]);
    const discovery = createDiscovery({ transport: open(credentialsOf({})), clock });
    let changes = 0;
    discovery.onChange(() => (changes += 1));
    await Promise.all([discovery.refresh(), discovery.refresh()]);
    await discovery.refresh();
    expect(asked).toHaveLength(4);
    expect(changes).toBe(1);
    expect(discovery.kinds().map(({ kind }) => kind)).toEqual(["Thing", "A"]);
    answer = documents([group("a.dev", "A"), group("b.dev", "B")]);
    await discovery.refresh();
    expect(changes).toBe(2);
    discovery.stop();
  });

  test("a group whose server is down keeps its kinds, and is said to be stale", async () => {
    answer = documents([group("a.dev", "A")]);
    const discovery = createDiscovery({ transport: open(credentialsOf({})), clock });
    await discovery.refresh();
    answer = documents([{ metadata: { name: "a.dev" }, versions: [{ version: "v1", freshness: "Stale" }] }]);
    await discovery.refresh();
    expect(discovery.resourceOf({ group: "a.dev", version: "v1", kind: "A" })).toMatchObject({ plural: "as" });
    expect(discovery.isStale("a.dev", "v1")).toBe(true);
    answer = (_, response) => void response.writeHead(500).end();
    await discovery.refresh();
    expect(discovery.servedVersions("a.dev", "A")).toEqual(["v1"]);
    answer = documents([]);
    await discovery.refresh();
    expect(discovery.servedVersions("a.dev", "A")).toEqual([]);
  });

  test("an unknown kind is looked for at once, then at most every ten seconds", async () => {
    answer = documents([]);
    const discovery = createDiscovery({ transport: open(credentialsOf({})), clock });
    await discovery.refresh();
    const kind = { group: "b.dev", version: "v1", kind: "B" };
    await discovery.find(kind);
    expect(asked).toHaveLength(4);
    await discovery.find(kind);
    expect(asked).toHaveLength(4);
    time = 10_000;
    answer = documents([group("b.dev", "B")]);
    expect(await discovery.find(kind)).toMatchObject({ plural: "bs", namespaced: false });
  });

  test("an older server is read group by group; one that fails stops nothing", async () => {
    answer = (incoming, response) => {
      const bodies: Record<string, unknown> = {
        "/api": { kind: "APIVersions", versions: ["v1"] },
        "/apis": {
          kind: "APIGroupList",
          groups: [
            { name: "a.dev", versions: [{ version: "v1" }] },
            { name: "down.dev", versions: [{ version: "v1" }] },
          ],
        },
        "/api/v1": { resources: [{ name: "pods", kind: "Pod", namespaced: true, verbs: ["list"] }] },
        "/apis/a.dev/v1": { resources: [{ name: "as", kind: "A", namespaced: false, verbs: ["list"] }] },
      };
      const body = bodies[incoming.url ?? ""];
      if (body === undefined) return void response.writeHead(503).end();
      response.end(JSON.stringify(body));
    };
    const discovery = createDiscovery({ transport: open(credentialsOf({})), clock });
    await discovery.refresh();
    expect(discovery.kinds().map(({ kind }) => kind)).toEqual(["Pod", "A"]);
    expect(discovery.isStale("down.dev", "v1")).toBe(true);
    expect(discovery.isStale("a.dev", "v1")).toBe(false);
  });
});

test("HTTP/1.1 to a server that has both, on every channel: a connection that breaks is noticed at once", async () => {
  const { certificate: cert, key } = createAuthority("api-server");
  const versions: string[] = [];
  const both = createSecureServer({ allowHTTP1: true, cert, key }, (incoming, response) => {
    versions.push(incoming.httpVersion);
    response.end("{}");
  });
  await new Promise<void>((resolve) => both.listen(0, "127.0.0.1", resolve));
  try {
    const secure = `https://127.0.0.1:${(both.address() as AddressInfo).port}`;
    const opened = open(credentialsOf({ token: "t" }, { server: secure }));
    expect((await opened.request(get)).status).toBe(200);
    expect((await opened.request({ ...get, channel: "lease" })).status).toBe(200);
    expect((await opened.stream({ ...get, verb: "watch" })).ok).toBe(true);
    expect(versions).toEqual(["1.1", "1.1", "1.1"]);
  } finally {
    await transport?.close();
    both.close();
  }
});
