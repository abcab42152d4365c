import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ensureBinaries } from "./binaries.ts";
import { pickArchive } from "./envtest.ts";
import type { Build } from "./go-build.ts";
import { withLock } from "./lock.ts";

let root: string;
let cache: string;
const servers: Server[] = [];

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "plumbline-binaries-"));
  cache = path.join(root, "cache/plumbline");
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  rmSync(root, { recursive: true, force: true });
});

/** Serves these texts and bytes by path on loopback; gives its address. */
async function serve(files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const server = createServer((request, response) => {
    const body = files[request.url ?? ""];
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function archive(names: readonly string[]): Buffer {
  const folder = path.join(root, "archive/controller-tools/envtest");
  mkdirSync(folder, { recursive: true });
  for (const name of names) writeFileSync(path.join(folder, name), `${name} of the archive`);
  return execFileSync("tar", ["-czf", "-", "-C", path.join(root, "archive"), "controller-tools"]);
}

const sha512 = (bytes: Buffer): string => createHash("sha512").update(bytes).digest("hex");
const platform = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;

function index(url: string, hash: string): string {
  return `releases:\n  v1.36.0:\n    envtest-v1.36.0-${platform}.tar.gz:\n      hash: ${hash}\n      selfLink: ${url}\n`;
}

/** An environment with an empty cache and no binaries, and a builder that only notes what it was asked for. */
function workshop(extra: Readonly<Record<string, string>> = {}) {
  const built: string[] = [];
  const said: string[] = [];
  const build = async (wanted: Build): Promise<void> => {
    built.push(wanted.name);
    writeFileSync(wanted.output, `${wanted.name} built`);
  };
  const tar = path.dirname(execFileSync("which", ["tar"], { encoding: "utf8" }));
  const env = { XDG_CACHE_HOME: path.join(root, "cache"), PATH: tar, ...extra };
  return { built, said, options: { env, build, say: (line: string) => void said.push(line) } };
}

describe("an envtest archive", () => {
  test("is fetched by the index, checked and unpacked; only what it lacks is built", async () => {
    const bytes = archive(["etcd", "kube-apiserver", "kubectl"]);
    const files: Record<string, string | Buffer> = { "/a.tar.gz": bytes };
    const url = await serve(files);
    files["/index.yaml"] = index(`${url}/a.tar.gz`, sha512(bytes));
    const { built, options } = workshop({ PLUMBLINE_ENVTEST_INDEX: `${url}/index.yaml` });
    const found = await ensureBinaries(["etcd", "kube-apiserver", "kube-controller-manager"], options);
    expect(found).toEqual({
      etcd: path.join(cache, "envtest-1.36/etcd"),
      "kube-apiserver": path.join(cache, "envtest-1.36/kube-apiserver"),
      "kube-controller-manager": path.join(cache, "kubernetes-1.36.1/kube-controller-manager"),
    });
    expect(readFileSync(found.etcd, "utf8")).toBe("etcd of the archive");
    expect(built).toEqual(["kube-controller-manager"]);
  });

  test("may be named with its hash instead of an index", async () => {
    const bytes = archive(["etcd", "kube-apiserver", "kubectl"]);
    const url = await serve({ "/mine.tar.gz": bytes });
    const { built, options } = workshop({
      PLUMBLINE_ENVTEST_URL: `${url}/mine.tar.gz`,
      PLUMBLINE_ENVTEST_SHA512: sha512(bytes).toUpperCase(),
    });
    await ensureBinaries(["kube-apiserver"], options);
    expect(built).toEqual([]);
  });

  test("of another hash stops everything, and leaves nothing in the cache", async () => {
    const bytes = archive(["etcd", "kube-apiserver", "kubectl"]);
    const files: Record<string, string | Buffer> = { "/a.tar.gz": bytes };
    const url = await serve(files);
    files["/index.yaml"] = index(`${url}/a.tar.gz`, sha512(Buffer.from("something else")));
    const { built, options } = workshop({ PLUMBLINE_ENVTEST_INDEX: `${url}/index.yaml` });
    await expect(ensureBinaries(["etcd"], options)).rejects.toThrow(/a\.tar\.gz is not what was announced/);
    expect(built).toEqual([]);
    expect(readdirSync(cache)).toEqual(["lock.sqlite"]);
  });

  test.each([
    ["no such index", {}, /answered 404/],
    ["an index without that minor", { "/index.yaml": "releases: {}\n" }, /no archive of 1\.36/],
    ["an index that is no YAML", { "/index.yaml": "releases: [" }, /no envtest archive/],
    ["an archive that is gone", { "/index.yaml": index("http://127.0.0.1:9/a", "00") }, /no envtest archive/],
  ])("%s: it is built instead, and the reason said", async (_, files, why) => {
    const url = await serve(files);
    const { built, said, options } = workshop({ PLUMBLINE_ENVTEST_INDEX: `${url}/index.yaml` });
    await ensureBinaries(["etcd"], options);
    expect(built).toEqual(["etcd"]);
    expect(said.join("\n")).toMatch(why);
  });

  test("is not asked for where only renderers are missing", async () => {
    const { built, said, options } = workshop({ PLUMBLINE_ENVTEST_INDEX: "http://127.0.0.1:9/index" });
    await ensureBinaries(["helm"], options);
    expect([built, said]).toEqual([["helm"], []]);
  });

  test("the newest patch release of the minor is taken, by number", () => {
    const entry = (version: string) =>
      `  ${version}:\n    envtest-${version}-linux-amd64.tar.gz: { hash: h, selfLink: "u/${version}" }\n`;
    const text = `releases:\n${["v1.36.9", "v1.36.10", "v1.3.60", "v1.37.11", "v1.36.11-rc.1"].map(entry).join("")}`;
    expect(pickArchive(text, "1.36", "linux-amd64")?.url).toBe("u/v1.36.10");
    expect(pickArchive(text, "1.36", "linux-arm64")).toBeUndefined();
  });
});

describe("building", () => {
  const off = { PLUMBLINE_ENVTEST_INDEX: "none" };

  test("a build that fails leaves nothing, and the next run tries again", async () => {
    const { options } = workshop(off);
    const failing = async (wanted: Build): Promise<void> => {
      writeFileSync(wanted.output, "half");
      throw new Error("out of disk");
    };
    await expect(ensureBinaries(["etcd"], { ...options, build: failing })).rejects.toThrow("out of disk");
    expect(readdirSync(cache)).toEqual(["lock.sqlite"]);
    expect(await ensureBinaries(["etcd"], options)).toEqual({ etcd: path.join(cache, "etcd-3.7.0/etcd") });
  });

  test("without Go it says what to do", async () => {
    const { options } = workshop({ ...off, PATH: path.join(root, "nothing") });
    const { build: _, ...real } = options;
    await expect(ensureBinaries(["etcd"], real)).rejects.toThrow(
      /etcd 3\.7\.0 .* Install Go.*PLUMBLINE_CONTROL_PLANE_BIN/,
    );
  });

  test("two runs at once build once", async () => {
    const { built, said, options } = workshop(off);
    await Promise.all([ensureBinaries(["etcd"], options), ensureBinaries(["etcd"], options)]);
    expect(built).toEqual(["etcd"]);
    expect(said).toContain("waiting for another run to build");
  });

  test("what a killed run left is swept away by the next one", async () => {
    const { options } = workshop(off);
    mkdirSync(path.join(cache, ".new-dead"), { recursive: true });
    await ensureBinaries(["etcd"], options);
    expect(existsSync(path.join(cache, ".new-dead"))).toBe(false);
  });
});

describe("the lock", () => {
  test("of a process that was killed is free", async () => {
    const file = path.join(root, "lock.sqlite");
    const lock = new URL("lock.ts", import.meta.url).href;
    const script = `import { withLock } from ${JSON.stringify(lock)};
      await withLock(${JSON.stringify(file)}, () => {}, () => new Promise(() => { console.log("held"); setInterval(() => {}, 1000); }));`;
    const holder = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(holder.stdout, "data");
    const order: string[] = [];
    const onWait = (): void => {
      order.push("waited");
      holder.kill("SIGKILL");
    };
    try {
      await withLock(file, onWait, async () => void order.push("held"));
    } finally {
      holder.kill("SIGKILL");
    }
    expect(order).toEqual(["waited", "held"]);
  });

  test("is let go when the work fails", async () => {
    const file = path.join(root, "lock.sqlite");
    await expect(
      withLock(
        file,
        () => {},
        () => Promise.reject(new Error("work")),
      ),
    ).rejects.toThrow("work");
    expect(
      await withLock(
        file,
        () => {},
        async () => "free",
      ),
    ).toBe("free");
  });
});
