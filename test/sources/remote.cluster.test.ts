import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Problem } from "../../src/model/problem.ts";
import type { RenderOutcome } from "../../src/model/render-outcome.ts";
import { makeCertificate } from "../git-server/certificate.ts";
import { startGitServer, type GitServer, type GitServerOptions } from "../git-server/https-git-server.ts";
import { createRepository, type Repository } from "../git-server/repository.ts";
import { startSshServer, strangerHosts, type SshServer } from "../git-server/ssh-server.ts";
import { describeWith } from "../support/describe-with.ts";
import { configMap, makeBaseline, startBench, type Bench } from "./bench-sources.ts";

const CANARY = "CANARY-7f3a";
const root = path.join(tmpdir(), `plumbline-remote-${process.pid}`);
let bench: Bench;
let repo: Repository;
let servers: { stop(): Promise<void> }[] = [];
let made = 0;

beforeAll(() => {
  bench = startBench({ settings: { allowFileUrls: false } });
  repo = createRepository(path.join(root, "shop.git"));
  repo.commit({ "a.yaml": configMap("served") });
});
afterEach(async () => {
  for (const server of servers) await server.stop();
  servers = [];
});
afterAll(async () => {
  await bench.stop();
  rmSync(root, { recursive: true, force: true });
});

async function serve(options: Partial<GitServerOptions> = {}): Promise<GitServer> {
  const server = await startGitServer({ root, ...options });
  servers.push(server);
  return server;
}

/** An attempt with a Secret of these keys. */
async function attempt(
  url: string,
  secret: Readonly<Record<string, string>> | undefined,
  git: Parameters<typeof makeBaseline>[0]["git"] = {},
): Promise<RenderOutcome> {
  made += 1;
  const name = `r${made}`;
  if (secret !== undefined)
    bench.secrets[`shop/${name}`] = Object.fromEntries(Object.entries(secret).map(([k, v]) => [k, Buffer.from(v)]));
  const baseline = makeBaseline({ url, name, git: { ...git, ...(secret === undefined ? {} : { secretName: name }) } });
  const outcome = await bench.run(baseline);
  bench.sources.remove(baseline.key);
  return outcome;
}

const names = (outcome: RenderOutcome): unknown =>
  outcome.kind === "rendered" ? outcome.snapshot.objects.map(({ id }) => id.name) : outcome;

function problemOf(outcome: RenderOutcome): Problem {
  if (outcome.kind !== "failed") throw new Error(`not failed: ${outcome.kind}`);
  expect(JSON.stringify(outcome)).not.toContain(CANARY);
  expect(JSON.stringify(outcome)).not.toContain(Buffer.from(`ada:${CANARY}`).toString("base64"));
  return outcome.problem;
}

describeWith(["git-http-backend"], "https", () => {
  const basic = { username: "ada", password: CANARY };

  test("user name and password, with an authority of its own", async () => {
    const server = await serve({ basic });
    expect(names(await attempt(server.url("shop.git"), { ...basic, "ca.crt": server.ca }))).toEqual(["served"]);
  });

  test("the authority may be named caFile, and a token bearerToken", async () => {
    const server = await serve({ bearer: CANARY });
    expect(names(await attempt(server.url("shop.git"), { bearerToken: CANARY, caFile: server.ca }))).toEqual([
      "served",
    ]);
  });

  test.each([
    ["a wrong password", { username: "ada", password: `${CANARY}-old` }],
    ["no credentials", {}],
  ])("%s", async (_, secret) => {
    const server = await serve({ basic });
    const problem = problemOf(await attempt(server.url("shop.git"), { ...secret, "ca.crt": server.ca }));
    expect(problem.code).toBe("source-auth-failed");
  });

  test.each([
    ["not trusted", () => makeCertificate(), false],
    ["for another name", () => makeCertificate({ names: ["elsewhere.example"], addresses: ["127.0.0.2"] }), true],
    ["expired", () => makeCertificate({ notAfter: new Date(Date.now() - 3_600_000) }), true],
  ])("a certificate that is %s (1A-12)", async (_, make, trusted) => {
    const server = await serve({ tls: make() });
    const problem = problemOf(await attempt(server.url("shop.git"), trusted ? { "ca.crt": server.ca } : undefined));
    expect(problem).toMatchObject({ code: "source-unreachable", message: "the server's certificate is not trusted" });
  });

  test("a redirect is not followed, and nobody else is sent the credential (1A-6)", async () => {
    const elsewhere = await serve();
    const server = await serve({
      basic,
      before: (request, response) => {
        response.writeHead(302, { Location: elsewhere.url((request.url ?? "").slice(1)) }).end();
        return true;
      },
    });
    const ca = `${server.ca}${elsewhere.ca}`;
    expect(problemOf(await attempt(server.url("shop.git"), { ...basic, "ca.crt": ca })).code).toBe(
      "source-url-refused",
    );
    expect(elsewhere.requests).toEqual([]);
  });

  test.each([
    [401, "source-auth-failed"],
    [403, "source-auth-failed"],
    [404, "source-unreachable"],
    [429, "source-unreachable"],
    [500, "source-unreachable"],
  ])("an answer %i is %s, without the credential (1A-10)", async (status, code) => {
    const server = await serve({
      before: (request, response) => {
        response.writeHead(status).end(`sent: ${request.headers.authorization ?? ""}`);
        return true;
      },
    });
    expect(problemOf(await attempt(server.url("shop.git"), { ...basic, "ca.crt": server.ca })).code).toBe(code);
    expect(server.requests[0]?.authorization).toContain("Basic ");
  });

  test("a server that breaks off", async () => {
    const server = await serve({
      before: (request) => {
        request.socket.destroy();
        return true;
      },
    });
    expect(problemOf(await attempt(server.url("shop.git"), { "ca.crt": server.ca })).code).toBe("source-unreachable");
  });

  test("a server that never answers ends at the timeout, and git with it (1A-13)", async () => {
    let closed = false;
    const server = await serve({
      before: (request) => {
        request.socket.on("close", () => {
          closed = true;
        });
        return true;
      },
    });
    // Long enough for git to have asked by then.
    const outcome = await attempt(server.url("shop.git"), { "ca.crt": server.ca }, { timeout: 6_000 });
    expect(problemOf(outcome).code).toBe("source-timeout");
    await expect.poll(() => closed, { timeout: 30_000 }).toBe(true);
  });

  test.each([
    ["both password and token", { ...basic, bearerToken: CANARY }],
    ["a line break in the token", { bearerToken: `${CANARY}\r\nX-Evil: 1` }],
    ["a colon in the user name", { username: "a:b", password: CANARY }],
    ["a user name without a password", { username: "ada" }],
    ["keys that nobody reads", { user: "ada", pass: CANARY }],
  ])("a Secret with %s", async (_, secret) => {
    const server = await serve();
    expect(problemOf(await attempt(server.url("shop.git"), secret)).code).toBe("source-secret-invalid");
  });

  test("a Secret that is missing", async () => {
    const server = await serve();
    const outcome = await attempt(server.url("shop.git"), undefined, { secretName: "nope" });
    expect(problemOf(outcome).code).toBe("source-secret-missing");
  });

  test("a host that is not allowed is asked nothing", async () => {
    const server = await serve();
    const strict = startBench({ settings: { allowedHosts: [] } });
    try {
      const outcome = await strict.run(makeBaseline({ url: server.url("shop.git") }));
      expect(problemOf(outcome)).toMatchObject({
        code: "source-url-refused",
        message: expect.stringContaining("this machine"),
      });
      expect(server.requests).toEqual([]);
    } finally {
      await strict.stop();
    }
  });

  test("a mirror that outgrows its bound is stopped while it is fetched (1A-13)", async () => {
    const big = createRepository(path.join(root, "big.git"));
    const noise = randomBytes(3_000_000);
    big.commit({ "a.yaml": configMap("a"), noise });
    const server = await serve();
    const small = startBench({ caps: { maxMirrorBytes: 100_000 } });
    small.secrets["shop/ca"] = { "ca.crt": Buffer.from(server.ca) };
    try {
      const outcome = await small.run(makeBaseline({ url: server.url("big.git"), git: { secretName: "ca" } }));
      expect(problemOf(outcome).code).toBe("source-too-large");
    } finally {
      await small.stop();
    }
  });
});

describeWith(["ssh", "ssh-keygen", "sshd"], "ssh", ({ sshd }) => {
  let server: SshServer;
  beforeAll(async () => {
    server = await startSshServer(sshd, root);
  });
  afterAll(() => server.stop());

  test("a key and a known host", async () => {
    const secret = { identity: server.identity, known_hosts: server.knownHosts };
    expect(names(await attempt(server.url("shop.git"), secret))).toEqual(["served"]);
  });

  test("a host key that changed, or is unknown (1A-11)", async () => {
    const changed = { identity: server.identity, known_hosts: strangerHosts(server.port) };
    expect(problemOf(await attempt(server.url("shop.git"), changed))).toMatchObject({
      code: "source-auth-failed",
      message: expect.stringContaining("host key"),
    });
    const unknown = { identity: server.identity, known_hosts: "other.example ssh-ed25519 AAAA" };
    expect(problemOf(await attempt(server.url("shop.git"), unknown)).code).toBe("source-auth-failed");
  });

  test.each([
    ["no known_hosts", { identity: "x" }],
    ["no identity", { known_hosts: "x" }],
    ["no Secret", undefined],
  ])("%s", async (_, secret) => {
    expect(problemOf(await attempt(server.url("shop.git"), secret)).code).toBe("source-secret-invalid");
  });

  test("a key the server does not know, and a repository that is not there", async () => {
    const other = strangerHosts(1);
    expect(other).toContain("ssh-ed25519");
    const secret = { identity: server.identity, known_hosts: server.knownHosts };
    expect(problemOf(await attempt(server.url("nope.git"), secret)).code).toBe("source-unreachable");
    const broken = {
      identity: `-----BEGIN OPENSSH PRIVATE KEY-----\n${CANARY}\n-----END OPENSSH PRIVATE KEY-----`,
      known_hosts: server.knownHosts,
    };
    expect(problemOf(await attempt(server.url("shop.git"), broken)).code).toBe("source-auth-failed");
  });
});

describe("afterwards", () => {
  test("no credential is in any outcome, in the log, or left on disk (1A-10)", async () => {
    const { execFileSync } = await import("node:child_process");
    expect(JSON.stringify(bench.outcomes)).not.toContain(CANARY);
    expect(bench.log()).not.toContain(CANARY);
    const found = execFileSync("sh", [
      "-c",
      `grep -rlE '${CANARY}|PRIVATE KEY|Authorization' "$1" || true`,
      "sh",
      bench.dir,
    ]);
    expect(found.toString()).toBe("");
  });
});
