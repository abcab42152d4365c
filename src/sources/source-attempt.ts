/**
 * One attempt to bring a Baseline's desired state here: check the URL, read the Secret, resolve the host, ask for the
 * ref, fetch the commit, read its tree, render. Each step may end it with a problem; none changes what was known.
 */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Baseline } from "../model/baseline.ts";
import type { Problem } from "../model/problem.ts";
import type { Revision, Snapshot } from "../model/snapshot.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Git } from "./git.ts";
import { resolveAddresses } from "./git-address.ts";
import { checkSecret, digestOf, grantAccess, type SecretData } from "./git-credentials.ts";
import type { Mirror, MirrorUse } from "./git-mirror.ts";
import { checkRef, refText, type Resolved } from "./git-refs.ts";
import { readBlobs, readTree, type ObjectStore } from "./git-tree.ts";
import { parseGitUrl } from "./git-url.ts";
import type { ManifestParser } from "./manifest-parser.ts";
import type { Mirrors } from "./mirrors.ts";
import { normalisePath, render } from "./render.ts";
import type { SourceSettings } from "./settings.ts";

export interface AttemptDeps {
  readonly clock: Clock;
  readonly settings: SourceSettings;
  readonly git: Git;
  readonly mirrors: Mirrors;
  readonly parser: ManifestParser;
  /** Private directory. */
  readonly root: string;
  readonly apiServerAddresses: readonly string[];
  readSecret(namespace: string, name: string): Promise<SecretData | Problem>;
}

export interface Fetched {
  readonly mirror: Mirror;
  readonly resolved: Resolved;
  /** Milliseconds since the epoch. */
  readonly fetchedAt: number;
}

export interface Rendered {
  readonly snapshot: Snapshot;
  readonly verbatim: boolean;
}

const OID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

function isProblem(value: object): value is Problem {
  return "code" in value;
}

/** What of a Baseline decides how its source is read: equal text, equal result at one commit. */
export function fingerprintOf(baseline: Baseline): string {
  const { git, path, exclude, render } = baseline;
  return JSON.stringify([baseline.uid, git.url, git.ref, git.secretName ?? "", git.submodules, path, exclude, render]);
}

/** Brings a commit here: the one the ref names now, or the one that is asked for. */
export async function fetchSource(
  deps: AttemptDeps,
  baseline: Baseline,
  commit: string | undefined,
  signal: AbortSignal,
): Promise<Fetched | Problem> {
  const { settings } = deps;
  const { git } = baseline;
  const url = parseGitUrl(git.url, settings.allowFileUrls);
  if (isProblem(url)) return url;
  const wanted = commit === undefined ? git.ref : ({ kind: "commit", commit } as const);
  const refused = checkRef(wanted) ?? (git.submodules ? submodulesUnsupported : undefined);
  if (refused !== undefined) return refused;
  const secret = git.secretName === undefined ? undefined : await deps.readSecret(baseline.namespace, git.secretName);
  if (secret !== undefined && isProblem(secret)) return secret;
  const unfit = checkSecret(url, secret);
  if (unfit !== undefined) return unfit;
  const addresses = await resolveAddresses(url, settings.allowedHosts, deps.apiServerAddresses);
  if (isProblem(addresses)) return addresses;
  const credential = git.secretName === undefined ? "" : `${git.secretName}:${digestOf(secret)}`;
  const mirror = deps.mirrors.take(baseline.key, { url: git.url, namespace: baseline.namespace, credential });
  return await mirror.exclusively(async () => {
    const access = await grantAccess(url, secret, addresses, deps.root);
    try {
      const use: MirrorUse = { url, secret, env: access.env, timeout: git.timeout, signal };
      const resolved: Resolved | Problem =
        wanted.kind === "commit"
          ? { ref: commit === undefined ? wanted.commit : refText(git.ref), commit: wanted.commit }
          : await mirror.resolve(wanted, use);
      if (isProblem(resolved)) return resolved;
      const absent = await mirror.ensure(resolved.commit, use);
      return absent ?? { mirror, resolved, fetchedAt: deps.clock.now() };
    } finally {
      await access.release();
    }
  });
}

const submodulesUnsupported: Problem = {
  code: "render-unsupported",
  message: "submodules are not read yet; leave source.git.submodules false",
};

/** Objects of a commit that is here. */
export async function renderSource(
  deps: AttemptDeps,
  baseline: Baseline,
  fetched: Fetched,
  signal: AbortSignal,
): Promise<Rendered | Problem> {
  const { settings } = deps;
  const folder = normalisePath(baseline.path);
  if (typeof folder !== "string") return folder;
  const { commit, ref } = fetched.resolved;
  const store = storeOf(deps, fetched.mirror, baseline.git.timeout);
  const tree = await readTree(store, commit, settings.caps.maxTreeFiles);
  if (isProblem(tree)) return tree;
  const scratch = path.join(deps.root, "scratch");
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const rendering = await render(baseline.render, {
    tree,
    read: (ids) => readBlobs(store, ids, settings.caps.maxManifestBytes),
    path: folder,
    exclude: baseline.exclude,
    parser: deps.parser,
    settings,
    scratch,
    signal,
  });
  if (isProblem(rendering)) return rendering;
  const revision: Revision = { ref, commit, ...(await fetched.mirror.info(commit)) };
  const { objects, problems, verbatim } = rendering;
  return { snapshot: { revision, objects, problems, fetchedAt: fetched.fetchedAt }, verbatim };
}

export function storeOf(deps: AttemptDeps, mirror: Mirror, timeout: number): ObjectStore {
  return { gitBinary: deps.settings.gitBinary, dir: mirror.dir, env: deps.git.env, timeout: Math.max(timeout, 60_000) };
}

/** The text of one file at a commit; undefined where it cannot be read, or is larger than is worth it. */
export async function readFileAt(
  deps: AttemptDeps,
  mirror: Mirror,
  commit: string,
  file: string,
): Promise<string | undefined> {
  if (!OID.test(commit) || /\p{Cc}/u.test(file)) return undefined;
  const blobs = await readBlobs(storeOf(deps, mirror, 0), [`${commit}:${file}`], LOCATE_LIMIT);
  if ("code" in blobs) return undefined;
  for (const content of blobs.values()) return content.toString("utf8");
  return undefined;
}

/** Lines are looked up on the main thread: a larger file would hold everything else up. */
const LOCATE_LIMIT = 256 * 1024;
