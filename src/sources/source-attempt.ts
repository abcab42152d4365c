/**
 * One attempt to bring a Baseline's desired state here: check the URL, read the Secret, resolve the host, ask for the
 * ref, fetch the commit, read its tree, render. Each step may end it with a problem; none changes what was known.
 */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { Baseline } from "../model/baseline.ts";
import type { Problem } from "../model/problem.ts";
import type { Revision, Snapshot } from "../model/snapshot.ts";
import { breathOf } from "../runtime/breath.ts";
import type { Clock } from "../runtime/clock.ts";
import type { BlobReader } from "./blob-reader.ts";
import type { Git } from "./git.ts";
import { resolveAddresses } from "./git-address.ts";
import { checkSecret, digestOf, grantAccess, type SecretData } from "./git-credentials.ts";
import type { Mirror, MirrorUse } from "./git-mirror.ts";
import { checkRef, refText, type Resolved } from "./git-refs.ts";
import { readBlobs, readTree, type KnownTree, type ObjectStore } from "./git-tree.ts";
import { parseGitUrl } from "./git-url.ts";
import type { ManifestParser } from "./manifest-parser.ts";
import type { Mirrors } from "./mirrors.ts";
import { normalisePath, render } from "./render.ts";
import type { Known, RenderInput } from "./render-input.ts";
import type { SourceSettings } from "./settings.ts";

export interface AttemptDeps {
  readonly clock: Clock;
  readonly settings: SourceSettings;
  readonly git: Git;
  readonly mirrors: Mirrors;
  readonly parser: ManifestParser;
  readonly blobs: BlobReader;
  /** The tree that was read last of each mirror: the next one differs little. */
  readonly trees: WeakMap<Mirror, KnownTree>;
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

export interface Rendered extends Pick<Known, "files"> {
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

/** What a commit is asked of: the mirror, with the credential at hand, and nobody else at work on it. */
interface Reached {
  readonly mirror: Mirror;
  readonly use: MirrorUse;
  /** Listings begun before we asked. */
  readonly asked: number;
}

/** Checks the URL, reads the Secret, resolves the host, and does the work with what they give. */
async function reaching<T>(
  deps: AttemptDeps,
  baseline: Baseline,
  signal: AbortSignal,
  work: (reached: Reached) => Promise<T | Problem>,
): Promise<T | Problem> {
  const { settings } = deps;
  const { git } = baseline;
  const url = parseGitUrl(git.url, settings.allowFileUrls);
  if (isProblem(url)) return url;
  const secret = git.secretName === undefined ? undefined : await deps.readSecret(baseline.namespace, git.secretName);
  if (secret !== undefined && isProblem(secret)) return secret;
  const unfit = checkSecret(url, secret);
  if (unfit !== undefined) return unfit;
  const addresses = await resolveAddresses(url, settings.allowedHosts, deps.apiServerAddresses);
  if (isProblem(addresses)) return addresses;
  const credential = git.secretName === undefined ? "" : `${git.secretName}:${digestOf(secret)}`;
  const mirror = deps.mirrors.take(baseline.key, { url: git.url, namespace: baseline.namespace, credential });
  const asked = mirror.listings();
  return await mirror.exclusively(async () => {
    const access = await grantAccess(url, secret, addresses, deps.root);
    try {
      return await work({ mirror, use: { url, secret, env: access.env, timeout: git.timeout, signal }, asked });
    } finally {
      await access.release();
    }
  });
}

/** Brings a commit here: the one the ref names now, or the one that is asked for. */
export async function fetchSource(
  deps: AttemptDeps,
  baseline: Baseline,
  commit: string | undefined,
  signal: AbortSignal,
): Promise<Fetched | Problem> {
  const { git } = baseline;
  const wanted = commit === undefined ? git.ref : ({ kind: "commit", commit } as const);
  const refused = checkRef(wanted) ?? (git.submodules ? submodulesUnsupported : undefined);
  if (refused !== undefined) return refused;
  return await reaching<Fetched>(deps, baseline, signal, async ({ mirror, use, asked }) => {
    const resolved: Resolved | Problem =
      wanted.kind === "commit"
        ? { ref: commit === undefined ? wanted.commit : refText(git.ref), commit: wanted.commit }
        : await mirror.resolve(wanted, use, asked);
    if (isProblem(resolved)) return resolved;
    const absent = await mirror.ensure(resolved.commit, use);
    return absent ?? { mirror, resolved, fetchedAt: deps.clock.now() };
  });
}

/** Whether one commit is in the history of another. */
export async function askDescent(
  deps: AttemptDeps,
  baseline: Baseline,
  { ancestor, commit }: { readonly ancestor: string; readonly commit: string },
  signal: AbortSignal,
): Promise<boolean | Problem> {
  if (!OID.test(ancestor) || !OID.test(commit))
    return { code: "source-ref-refused", message: "the commit is not 40 or 64 hex digits" };
  return await reaching<boolean>(deps, baseline, signal, ({ mirror, use }) => mirror.descends(ancestor, commit, use));
}

const submodulesUnsupported: Problem = {
  code: "render-unsupported",
  message: "submodules are not read yet; leave source.git.submodules false",
};

/** Objects of a commit that is here; `known` is what this Baseline's last rendering left. */
export async function renderSource(
  deps: AttemptDeps,
  baseline: Baseline,
  fetched: Fetched,
  { signal, known }: { readonly signal: AbortSignal; readonly known: Known | undefined },
): Promise<Rendered | Problem> {
  const { settings, trees } = deps;
  const breath = breathOf(deps.clock);
  const folder = normalisePath(baseline.path);
  if (typeof folder !== "string") return folder;
  const { commit, ref } = fetched.resolved;
  const store = storeOf(deps, fetched.mirror, baseline.git.timeout);
  const info = fetched.mirror.info(commit);
  const { maxTreeFiles: maxFiles } = settings.caps;
  const tree = await readTree({ store, commit, maxFiles, breath }, trees.get(fetched.mirror));
  if (isProblem(tree)) return tree;
  trees.set(fetched.mirror, { commit, tree });
  const scratch = path.join(deps.root, "scratch");
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const rendering = await render(baseline.render, {
    tree,
    ...readWithin(store, deps.parser, settings.caps.maxManifestBytes),
    path: folder,
    exclude: baseline.exclude,
    parser: deps.parser,
    breath,
    ...(known === undefined ? {} : { known }),
    settings,
    scratch,
    signal,
  });
  if (isProblem(rendering)) return rendering;
  const revision: Revision = { ref, commit, ...(await info) };
  const { objects, problems, files, verbatim } = rendering;
  return { snapshot: { revision, objects, problems, fetchedAt: fetched.fetchedAt }, files, verbatim };
}

/** The bound is on all that one rendering reads, in however many lots. */
function readWithin(
  store: ObjectStore,
  parser: ManifestParser,
  maxBytes: number,
): Pick<RenderInput, "read" | "readParsed"> {
  let left = maxBytes;
  const spend = (bytes: number): boolean => (left -= bytes) >= 0;
  const told = (problem: Problem): Problem => (problem.code === "source-too-large" ? tooLarge(maxBytes) : problem);
  return {
    async read(ids) {
      const blobs = await readBlobs(store, ids, left);
      if (isProblem(blobs)) return told(blobs);
      return spend(blobs.values().reduce((sum, blob) => sum + blob.length, 0)) ? blobs : tooLarge(maxBytes);
    },
    async readParsed(files) {
      const parsed = await parser.parseStored(store, files, left);
      if (parsed === undefined) return undefined;
      if (isProblem(parsed)) return told(parsed);
      return spend(parsed.bytes) ? parsed.found : tooLarge(maxBytes);
    },
  };
}

const tooLarge = (maxBytes: number): Problem => ({
  code: "source-too-large",
  message: `the files to read are larger than ${maxBytes} bytes together`,
});

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
  return await deps.blobs.read(mirror.dir, `${commit}:${file}`, LOCATE_LIMIT);
}

/** Lines are looked up on the main thread: a larger file would hold everything else up. */
const LOCATE_LIMIT = 256 * 1024;
