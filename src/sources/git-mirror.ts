/**
 * A bare mirror of one repository, as one tenant with one credential sees it: ask for a ref, fetch one commit, nothing
 * else. It holds no work tree, and no credential after a call. Calls on one mirror run one after the other.
 */
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import type { GitRef } from "../model/baseline.ts";
import { printableLine } from "../model/printable.ts";
import type { Problem } from "../model/problem.ts";
import { fetchOnly, sizeOf, type Git, type GitAnswer } from "./git.ts";
import { secretsIn, type SecretData } from "./git-credentials.ts";
import { problemOfGit } from "./git-errors.ts";
import { createHistory } from "./git-history.ts";
import { listingPatterns, parseListing, pickRef, type Resolved } from "./git-refs.ts";
import type { GitUrl } from "./git-url.ts";

export interface MirrorUse {
  readonly url: GitUrl;
  readonly secret: SecretData | undefined;
  /** Variables that carry the credential. */
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds, for each git command. */
  readonly timeout: number;
  readonly signal?: AbortSignal;
}

export interface CommitInfo {
  readonly committedAt?: string;
  readonly author?: string;
}

export interface Mirror {
  readonly dir: string;
  /** Runs alone on this mirror. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /** How many listings were begun. Who asks for a ref notes it first: a listing begun after that answers him, too. */
  listings(): number;
  resolve(ref: Exclude<GitRef, { kind: "commit" }>, use: MirrorUse, asked: number): Promise<Resolved | Problem>;
  /** Undefined once the commit is here. */
  ensure(commit: string, use: MirrorUse): Promise<Problem | undefined>;
  info(commit: string): Promise<CommitInfo>;
  /** Whether one commit is in the history of another, or is it. Asked once per pair. */
  descends(ancestor: string, commit: string, use: MirrorUse): Promise<boolean | Problem>;
  destroy(): Promise<void>;
}

const LISTING_LIMIT = 32 * 1024 * 1024;
/** Each fetch leaves a pack; this many are put together again, and what is no longer asked for goes. */
const FETCHES_UNTIL_REPACK = 50;
const KEPT_COMMITS = 10;

export function createMirror(git: Git, dir: string, maxBytes: number): Mirror {
  let made: Promise<GitAnswer> | undefined;
  let tail: Promise<unknown> = Promise.resolve();
  let fetches = 0;
  const kept: string[] = [];
  /** Commits that were found here. */
  const present = new Set<string>();
  let told: { readonly commit: string; readonly info: CommitInfo } | undefined;
  let listings = 0;
  let listed: { readonly patterns: string; readonly turn: number; readonly stdout: string } | undefined;
  /** Of Baselines that share the mirror each asks. */
  let descent: { readonly ancestor: string; readonly commit: string; readonly answer: boolean } | undefined;
  const history = createHistory(git, `${dir}-history`, maxBytes);
  const local = { dir, env: git.env, timeout: 60_000, maxOutput: LISTING_LIMIT };

  const make = async (): Promise<GitAnswer> => {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    return await git.run(["init", "--quiet", "--bare", "."], local);
  };

  const has = async (commit: string): Promise<boolean> => {
    if (present.has(commit)) return true;
    const { ok } = await git.run(["cat-file", "-e", `${commit}^{tree}`], local);
    if (ok) present.add(commit);
    return ok;
  };

  const failed = (answer: Exclude<GitAnswer, { ok: true }>, use: MirrorUse): Problem => {
    switch (answer.end) {
      case "timeout":
        return { code: "source-timeout", message: `git did not finish within ${Math.round(use.timeout / 1000)} s` };
      case "aborted":
        return { code: "source-unreachable", message: "the attempt was stopped" };
      case "output-limit":
        return { code: "source-too-large", message: "the server lists more refs than are read" };
      case "disk-limit":
        return { code: "source-too-large", message: `the repository needs more than ${maxBytes} bytes` };
      case "failed":
        return problemOfGit(answer.stderr, secretsIn(use.secret));
    }
  };

  const call = async (args: readonly string[], use: MirrorUse, fetching: boolean): Promise<GitAnswer> => {
    made ??= make();
    const ready = await made;
    if (!ready.ok) {
      made = undefined;
      return ready;
    }
    const answer = await git.reach(args, {
      ...local,
      env: { ...git.env, ...use.env },
      timeout: use.timeout,
      ...(fetching ? { maxDisk: maxBytes } : {}),
      ...(use.signal === undefined ? {} : { signal: use.signal }),
    });
    if (!fetching) return answer;
    const tooBig = answer.ok ? (await sizeOf(dir)) > maxBytes : answer.end === "disk-limit";
    if (!tooBig) return answer;
    // Started over next time: what fills it may be old.
    made = undefined;
    kept.length = 0;
    present.clear();
    await rm(dir, { recursive: true, force: true });
    return { ok: false, end: "disk-limit", stderr: "" };
  };

  const fetchArgs = (use: MirrorUse, depth: readonly string[], refspecs: readonly string[]): readonly string[] => [
    ...fetchOnly,
    ...depth,
    "--",
    use.url.url,
    ...refspecs,
  ];

  const keep = async (commit: string): Promise<void> => {
    kept.push(commit);
    fetches += 1;
    if (fetches < FETCHES_UNTIL_REPACK) return;
    fetches = 0;
    present.clear();
    for (const old of kept.splice(0, Math.max(0, kept.length - KEPT_COMMITS)))
      if (!kept.includes(old)) await git.run(["update-ref", "-d", `refs/plumbline/${old}`], local);
    // Best effort: a mirror that could not be packed still serves.
    await git.run(["gc", "--quiet", "--prune=now"], { ...local, timeout: 300_000 });
  };

  /** Baselines of one repository mostly ask at the same time, one after the other. */
  const list = async (patterns: readonly string[], use: MirrorUse, asked: number): Promise<GitAnswer> => {
    const name = patterns.join(" ");
    if (listed !== undefined && listed.patterns === name && listed.turn > asked)
      return { ok: true, stdout: listed.stdout };
    listings += 1;
    const turn = listings;
    const answer = await call(["ls-remote", "--quiet", "--", use.url.url, ...patterns], use, false);
    listed = answer.ok ? { patterns: name, turn, stdout: answer.stdout } : undefined;
    return answer;
  };

  return {
    dir,
    listings: () => listings,
    exclusively(work) {
      const turn = tail.then(work, work);
      tail = turn.then(
        () => {},
        () => {},
      );
      return turn;
    },
    async resolve(ref, use, asked) {
      const answer = await list(listingPatterns(ref), use, asked);
      if (!answer.ok) return failed(answer, use);
      const picked = pickRef(ref, parseListing(answer.stdout));
      if (!("code" in picked) || answer.stdout.trim() !== "") return picked;
      // Nothing matched: an empty repository and a missing branch look alike until we ask for anything at all.
      const any = await list(["HEAD", "refs/heads/*"], use, asked);
      if (any.ok && parseListing(any.stdout).size === 0)
        return { code: "source-empty", message: "the repository has no commits" };
      return picked;
    },
    async ensure(commit, use) {
      made ??= make();
      await made;
      if (await has(commit)) return undefined;
      const keepAs = `+${commit}:refs/plumbline/${commit}`;
      const shallow = await call(fetchArgs(use, ["--depth=1"], [keepAs]), use, true);
      if (shallow.ok) {
        await keep(commit);
        return (await has(commit)) ? undefined : { code: "source-ref-not-found", message: "the commit is none" };
      }
      const problem = failed(shallow, use);
      if (problem.code !== "source-ref-not-found") return problem;
      // Some servers give only what a ref points to: then the histories of all branches and tags must do.
      const all = await call(
        fetchArgs(use, [], ["+refs/heads/*:refs/plumbline-all/heads/*", "+refs/tags/*:refs/plumbline-all/tags/*"]),
        use,
        true,
      );
      if (!all.ok) return failed(all, use);
      if (await has(commit)) return undefined;
      return { code: "source-ref-not-found", message: `the repository has no commit ${commit}` };
    },
    async info(commit) {
      if (told?.commit === commit) return told.info;
      const answer = await git.run(["log", "-1", "--format=%cI%n%an", commit], local);
      if (!answer.ok) return {};
      const [committedAt = "", author = ""] = answer.stdout.split("\n");
      const info = {
        ...(committedAt === "" ? {} : { committedAt }),
        ...(author === "" ? {} : { author: printableLine(author, 200) }),
      };
      told = { commit, info };
      return info;
    },
    async descends(ancestor, commit, use) {
      if (descent?.ancestor === ancestor && descent.commit === commit) return descent.answer;
      const answer = await history.descends(ancestor, commit, { ...use, url: use.url.url });
      if (typeof answer === "object") return failed(answer, use);
      descent = { ancestor, commit, answer };
      return answer;
    },
    async destroy() {
      await history.destroy();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Where the mirrors of one process live. */
export function mirrorDir(root: string, name: string): string {
  return path.join(root, "mirrors", name);
}
