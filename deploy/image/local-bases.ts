/**
 * The base images of our Dockerfile, made here and under the same names, for a machine that reaches Debian's archive
 * but no image registry: debootstrap for Debian, Node and npm and Go from this machine. Needs root, buildah and
 * debootstrap. An image that is there is left alone. For tests; what is released is built on the published ones.
 */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const suite = "bookworm";

/** Names of the base images: what FROM names that no earlier stage is called. */
export function baseImages(dockerfile: string): readonly string[] {
  const lines = [...dockerfile.matchAll(/^FROM (\S+)(?: AS (\S+))?$/gm)];
  const stages = new Set(lines.map(([, , stage]) => stage));
  return [...new Set(lines.map(([, image = ""]) => image).filter((image) => !stages.has(image)))];
}

type Env = NodeJS.ProcessEnv;

/** @throws with what the command said, where it fails */
function run(env: Env, command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { env, encoding: "utf8", maxBuffer: 1 << 26 });
  if (status !== 0)
    throw new Error(`${command} ${args.join(" ")}: ${error?.message ?? `${stdout}\n${stderr}`.slice(-2000)}`);
  return stdout.trim();
}

function isThere(env: Env, image: string): boolean {
  return spawnSync("buildah", ["inspect", "--type", "image", `docker.io/library/${image}`], { env }).status === 0;
}

/** One image from one folder laid over another image, or over nothing. */
function commit(env: Env, image: { from: string; folder: string; name: string; settings: readonly string[] }): void {
  const container = run(env, "buildah", "from", "--pull-never", image.from);
  try {
    run(env, "buildah", "add", container, image.folder, "/");
    if (image.settings.length > 0) run(env, "buildah", "config", ...image.settings, container);
    run(env, "buildah", "commit", "--quiet", container, `docker.io/library/${image.name}`);
  } finally {
    run(env, "buildah", "rm", container);
  }
}

/** As in the published images. */
const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const certificates = "/etc/ssl/certs/ca-certificates.crt";
/** This machine's authorities may be more than Debian's: a proxy in between has its own. */
const trust = [`SSL_CERT_FILE=${certificates}`, `NODE_EXTRA_CA_CERTS=${certificates}`].flatMap((pair) => [
  "--env",
  pair,
]);

function debian(env: Env, folder: string, name: string): void {
  run(env, "debootstrap", "--variant=minbase", "--include=ca-certificates", suite, folder);
  cpSync(process.env["SSL_CERT_FILE"] ?? certificates, path.join(folder, certificates));
  rmSync(path.join(folder, "var/cache/apt/archives"), { recursive: true, force: true });
  commit(env, { from: "scratch", folder, name, settings: [...trust, "--env", `PATH=${searchPath}`, "--cmd", "bash"] });
}

function node(env: Env, folder: string, name: string, from: string): void {
  const bin = path.join(folder, "usr/local/bin");
  const modules = path.join(folder, "usr/local/lib/node_modules");
  mkdirSync(bin, { recursive: true });
  // The npm package `node`, one of our development dependencies, is the official binary.
  cpSync(path.join(root, "node_modules/node/bin/node"), path.join(bin, "node"));
  const npm = path.join(run(env, "npm", "root", "--global"), "npm");
  cpSync(realpathSync(npm), path.join(modules, "npm"), { recursive: true });
  for (const tool of ["npm", "npx"]) symlinkSync(`../lib/node_modules/npm/bin/${tool}-cli.js`, path.join(bin, tool));
  commit(env, { from, folder, name, settings: [] });
}

function go(env: Env, folder: string, name: string, from: string): void {
  const goroot = run(env, "go", "env", "GOROOT");
  mkdirSync(path.join(folder, "usr/local"), { recursive: true });
  cpSync(goroot, path.join(folder, "usr/local/go"), { recursive: true });
  // As the published image has them.
  const settings = [
    "GOPATH=/go",
    `GOPROXY=${run(env, "go", "env", "GOPROXY")}`,
    `PATH=/go/bin:/usr/local/go/bin:${searchPath}`,
  ];
  commit(env, { from, folder, name, settings: settings.flatMap((pair) => ["--env", pair]) });
}

/** Options that lend this machine's Go caches to the build: with the same Go, what was built here is not built again. */
export function goCacheOptions(env: Env): readonly string[] {
  const cache = run(env, "go", "env", "GOCACHE");
  const modules = run(env, "go", "env", "GOMODCACHE");
  return ["--volume", `${cache}:/root/.cache/go-build`, "--volume", `${modules}:/go/pkg/mod`];
}

export function makeLocalBases(env: Env): void {
  const names = baseImages(readFileSync(path.join(root, "Dockerfile"), "utf8"));
  const find = (start: string): string => names.find((name) => name.startsWith(start)) ?? `${start}${suite}`;
  const base = find("debian:");
  const missing = [base, find("node:"), find("golang:")].filter((name) => !isThere(env, name));
  const scratch = mkdtempSync(path.join(tmpdir(), "plumbline-bases-"));
  try {
    for (const name of missing) {
      const folder = path.join(scratch, name.replace(":", "-"));
      mkdirSync(folder);
      console.log(`making ${name} here`);
      if (name === base) debian(env, folder, name);
      if (name.startsWith("node:")) node(env, folder, name, base);
      if (name.startsWith("golang:")) go(env, folder, name, base);
    }
  } finally {
    if (existsSync(scratch)) rmSync(scratch, { recursive: true, force: true });
  }
}
