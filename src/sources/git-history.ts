/**
 * The commits of one repository without their files, beside its mirror: whether one commit descends from another. A
 * mirror holds single commits, so it cannot tell. Fetched only when that is asked, a few commits at first; all of them
 * only where the few do not tell.
 */
import { mkdir, rm } from "node:fs/promises";
import { fetchOnly, type Git, type GitAnswer, type GitCall } from "./git.ts";

export interface HistoryUse {
  readonly url: string;
  /** Variables that carry the credential. */
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds, for each git command. */
  readonly timeout: number;
  readonly signal?: AbortSignal;
}

export interface History {
  /** Whether `ancestor` is in the history of `commit`, or is it. Calls run one after the other: the caller's promise. */
  descends(ancestor: string, commit: string, use: HistoryUse): Promise<boolean | Exclude<GitAnswer, { ok: true }>>;
  destroy(): Promise<void>;
}

/** Most pushes bring fewer commits. */
const FEW = 64;
/** What git takes for all of them. */
const ALL = 2_147_483_647;
const OUTPUT = 1024 * 1024;
/** Each fetch leaves a pack: after so many it is begun anew, which costs a few commits. */
const FETCHES = 20;

export function createHistory(git: Git, dir: string, maxBytes: number): History {
  let made = false;
  let fetches = 0;
  const local: GitCall = {
    dir,
    // A commit that is not here is not looked for elsewhere: git would do so by itself where files were left out.
    env: { ...git.env, GIT_ALLOW_PROTOCOL: "none" },
    timeout: 60_000,
    maxOutput: OUTPUT,
  };

  const destroy = async (): Promise<void> => {
    made = false;
    fetches = 0;
    await rm(dir, { recursive: true, force: true });
  };

  const start = async (): Promise<GitAnswer> => {
    if (fetches >= FETCHES) await destroy();
    if (made) return { ok: true, stdout: "" };
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const answer = await git.run(["init", "--quiet", "--bare", "."], local);
    made = answer.ok;
    return answer;
  };

  const fetch = (commit: string, depth: number, use: HistoryUse): Promise<GitAnswer> =>
    git.reach(
      [
        // By a name: git remembers whom it left files out by, and a path is no name to it.
        "-c",
        `remote.source.url=${use.url}`,
        ...fetchOnly,
        // A server that cannot leave files out sends them: the bound on the disk holds either way.
        "--filter=tree:0",
        `--depth=${depth}`,
        "--",
        "source",
        `+${commit}:refs/plumbline/head`,
      ],
      {
        ...local,
        env: { ...git.env, ...use.env },
        timeout: use.timeout,
        maxDisk: maxBytes,
        ...(use.signal === undefined ? {} : { signal: use.signal }),
      },
    );

  /** Fails also where the ancestor is not here at all. */
  const isKnownAncestor = async (ancestor: string, commit: string): Promise<boolean> =>
    (await git.run(["merge-base", "--is-ancestor", ancestor, commit], local)).ok;

  return {
    async descends(ancestor, commit, use) {
      if (ancestor === commit) return true;
      const ready = await start();
      if (!ready.ok) return ready;
      for (const depth of [FEW, ALL]) {
        const fetched = await fetch(commit, depth, use);
        fetches += 1;
        // What fills the disk may be old: begun anew next time.
        if (!fetched.ok && fetched.end === "disk-limit") await destroy();
        if (!fetched.ok) return fetched;
        if (await isKnownAncestor(ancestor, commit)) return true;
        const shallow = await git.run(["rev-parse", "--is-shallow-repository"], local);
        if (!shallow.ok) return shallow;
        if (shallow.stdout.trim() === "false") return false;
      }
      return false;
    },
    destroy,
  };
}
