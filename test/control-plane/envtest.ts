/**
 * Fetches the published test archive of a server's minor: etcd, kube-apiserver and kubectl (no
 * kube-controller-manager). Nothing is unpacked before its SHA-512 is the one that the index gives.
 * Source of the format: kubernetes-sigs/controller-tools, envtest-releases.yaml.
 */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parse } from "yaml";
import { exec } from "../../src/runtime/exec.ts";
import type { Environment } from "./lookup.ts";
import { minorOf, type BinaryName } from "./versions.ts";

const INDEX = "https://raw.githubusercontent.com/kubernetes-sigs/controller-tools/HEAD/envtest-releases.yaml";
const INDEX_WITHIN = 5_000;
const ARCHIVE_WITHIN = 300_000;

export const inArchive: readonly BinaryName[] = ["etcd", "kube-apiserver", "kubectl"];

interface Archive {
  readonly url: string;
  /** SHA-512, hexadecimal. */
  readonly hash: string;
}

interface Index {
  readonly releases?: Readonly<Record<string, Readonly<Record<string, { hash?: string; selfLink?: string }>>>>;
}

const goNames: Readonly<Record<string, string>> = { x64: "amd64" };

/** The newest patch release of a minor for this machine; undefined where the index has none. */
export function pickArchive(index: string, minor: string, platform: string): Archive | undefined {
  const releases = (parse(index) as Index | null)?.releases ?? {};
  const versions = Object.keys(releases)
    .filter((version) => new RegExp(`^v${minor.replace(".", "\\.")}\\.\\d+$`).test(version))
    .sort((a, b) => Number(b.split(".")[2]) - Number(a.split(".")[2]));
  for (const version of versions) {
    const found = releases[version]?.[`envtest-${version}-${platform}.tar.gz`];
    if (found?.selfLink !== undefined && found.hash !== undefined) return { url: found.selfLink, hash: found.hash };
  }
  return undefined;
}

async function get(url: string, within: number): Promise<Response> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(within) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer;
}

async function findArchive(env: Environment, server: string | undefined): Promise<Archive | undefined> {
  const url = env["PLUMBLINE_ENVTEST_URL"];
  const hash = env["PLUMBLINE_ENVTEST_SHA512"];
  if (url !== undefined && hash !== undefined) return { url, hash };
  const index = await get(env["PLUMBLINE_ENVTEST_INDEX"] ?? INDEX, INDEX_WITHIN);
  return pickArchive(
    await index.text(),
    minorOf(server),
    `${process.platform}-${goNames[process.arch] ?? process.arch}`,
  );
}

async function sha512(file: string): Promise<string> {
  const hash = createHash("sha512");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/** Why an error of `fetch` came about, which it keeps one level down. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

export type Fetched =
  /** Paths of the unpacked binaries. */
  | { readonly end: "fetched"; readonly paths: readonly string[] }
  | { readonly end: "unavailable"; readonly why: string };

/**
 * Fetches and unpacks into `scratch`.
 * @throws where the archive is not what the index says: that is never passed over
 */
export async function fetchEnvtest(scratch: string, env: Environment, server?: string): Promise<Fetched> {
  if (env["PLUMBLINE_ENVTEST_INDEX"] === "none") return { end: "unavailable", why: "switched off" };
  const file = path.join(scratch, "envtest.tar.gz");
  let archive: Archive | undefined;
  try {
    archive = await findArchive(env, server);
    if (archive === undefined) return { end: "unavailable", why: `the index has no archive of ${minorOf(server)}` };
    const answer = await get(archive.url, ARCHIVE_WITHIN);
    if (answer.body === null) return { end: "unavailable", why: `${archive.url} is empty` };
    await pipeline(Readable.fromWeb(answer.body), createWriteStream(file));
  } catch (error) {
    return { end: "unavailable", why: reason(error) };
  }
  const hash = await sha512(file);
  if (hash !== archive.hash.toLowerCase())
    throw new Error(`${archive.url} is not what was announced: its SHA-512 is ${hash}, expected ${archive.hash}`);
  const members = inArchive.map((name) => `controller-tools/envtest/${name}`);
  const options = { cwd: scratch, env: { PATH: env["PATH"] ?? "" }, timeout: 120_000, maxOutput: 1 << 20 };
  const ran = await exec("tar", ["-xzf", file, ...members], options);
  if (ran.code !== 0) throw new Error(`unpacking ${archive.url}: ${ran.error ?? ran.stderr}`);
  return { end: "fetched", paths: members.map((member) => path.join(scratch, member)) };
}
