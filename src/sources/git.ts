/**
 * The one door to simple-git: git commands in a bare repository of ours, with a whole environment of their own, bounded
 * in time; those that reach a server also in output and disk. A failure is data. Nothing ambient counts: no system or user configuration, no hooks, no
 * prompts, no helpers, no redirects.
 */
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { simpleGit } from "simple-git";
import { messageOf } from "../model/problem.ts";
import type { Clock } from "../runtime/clock.ts";
import { exec } from "../runtime/exec.ts";
import type { SourceSettings } from "./settings.ts";

/** Brings what it is told to and nothing else: no tags, no submodules, no traces. */
export const fetchOnly = [
  "fetch",
  "--quiet",
  "--no-tags",
  "--no-recurse-submodules",
  "--no-write-fetch-head",
  "--no-auto-maintenance",
  "--force",
] as const;

export interface GitCall {
  /** A bare repository. */
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly timeout: number;
  /** Bytes of standard output. */
  readonly maxOutput: number;
  /** Bytes the repository may grow to meanwhile. */
  readonly maxDisk?: number;
  readonly signal?: AbortSignal;
}

export type GitAnswer =
  | { readonly ok: true; readonly stdout: string }
  | {
      readonly ok: false;
      readonly end: "failed" | "timeout" | "output-limit" | "disk-limit" | "aborted";
      readonly stderr: string;
    };

export interface Git {
  /** A command that stays on this machine. */
  run(args: readonly string[], call: GitCall): Promise<GitAnswer>;
  /** A command that talks to a server: killed with all its helpers when a bound is reached. */
  reach(args: readonly string[], call: GitCall): Promise<GitAnswer>;
  /** The whole environment of a git child, without credentials. */
  readonly env: Readonly<Record<string, string>>;
}

/** Quirks of old histories that harm nobody; everything else that fsck finds refuses the fetch. */
const harmless = [
  "zeroPaddedFilemode",
  "missingSpaceBeforeEmail",
  "missingSpaceBeforeDate",
  "badTimezone",
  "badDate",
  "badDateOverflow",
  "missingEmail",
  "badEmail",
  "missingNameBeforeEmail",
  "badName",
  "missingTaggerEntry",
  "badTagName",
  "zeroPaddedDate",
  "multipleAuthors",
  "nulInCommit",
];

function configuration(allowFileUrls: boolean): string {
  return [
    "[protocol]\n\tallow = never\n\tversion = 2",
    '[protocol "https"]\n\tallow = always',
    '[protocol "ssh"]\n\tallow = always',
    // A mirror of a path belongs to whoever made it; the operator said that paths may be read.
    ...(allowFileUrls ? ['[protocol "file"]\n\tallow = always', "[safe]\n\tdirectory = *"] : []),
    // A mirror is made anew at every start: waiting for the disk would buy nothing.
    "[core]\n\tfsync = none\n\thooksPath = /dev/null\n\tfsmonitor = false\n\taskPass =\n\tsymlinks = false",
    "[credential]\n\thelper =\n\tinteractive = false",
    "[http]\n\tfollowRedirects = false\n\tsslVersion = tlsv1.2\n\tlowSpeedLimit = 1000\n\tlowSpeedTime = 20",
    "[transfer]\n\tbundleURI = false\n\tfsckObjects = true\n\tadvertiseSID = false",
    `[fetch]\n\trecurseSubmodules = false\n\twriteCommitGraph = false`,
    `[fetch "fsck"]\n${harmless.map((name) => `\t${name} = ignore`).join("\n")}`,
    "[submodule]\n\trecurse = false",
    "[gc]\n\tauto = 0",
    "[maintenance]\n\tauto = false",
    "[pack]\n\tthreads = 1",
    "[log]\n\tmailmap = false\n\tshowSignature = false",
    "[init]\n\tdefaultBranch = main\n\ttemplateDir =",
    "",
  ].join("\n");
}

/** Makes the configuration and home that every child gets. */
export async function openGit(settings: SourceSettings, clock: Clock, root: string): Promise<Git> {
  const home = path.join(root, "home");
  await mkdir(home, { recursive: true, mode: 0o700 });
  const global = path.join(root, "gitconfig");
  await writeFile(global, configuration(settings.allowFileUrls), { mode: 0o600 });
  const env = {
    ...settings.gitEnvironment,
    PATH: settings.searchPath,
    HOME: home,
    XDG_CONFIG_HOME: home,
    LC_ALL: "C",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: global,
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "",
    GIT_ALLOW_PROTOCOL: settings.allowFileUrls ? "https:ssh:file" : "https:ssh",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_NO_REPLACE_OBJECTS: "1",
  };
  return {
    env,
    run: (args, call) => runLocal(settings.gitBinary, clock, args, call),
    reach: (args, call) => runRemote(settings.gitBinary, clock, args, call),
  };
}

/** Local commands: they end by themselves, and print little. */
async function runLocal(binary: string, clock: Clock, args: readonly string[], call: GitCall): Promise<GitAnswer> {
  const controller = new AbortController();
  let timedOut = false;
  const timer = clock.after(call.timeout, () => {
    timedOut = true;
    controller.abort();
  });
  try {
    const git = simpleGit({
      baseDir: call.dir,
      binary,
      abort: controller.signal,
      trimmed: false,
      // Of our own making, above; nothing of the ambient environment passes.
      allowEnvironment: Object.keys(call.env),
      unsafe: { allowUnsafeConfigPaths: true, allowUnsafeAskPass: true, allowUnsafeCustomBinary: true },
      // By default an exit code alone is no failure.
      errors: (error, result) =>
        error ?? (result.exitCode === 0 ? undefined : Buffer.concat([...result.stdErr, Buffer.from(" ")])),
    }).env({ ...call.env });
    return { ok: true, stdout: await git.raw([...args]) };
  } catch (error) {
    const stderr = messageOf(error);
    return { ok: false, end: timedOut ? "timeout" : "failed", stderr };
  } finally {
    timer.cancel();
  }
}

/**
 * Commands that reach the network. simple-git ends only its direct child, and a remote helper that waits for a silent
 * server outlives it; here the whole group goes.
 */
async function runRemote(binary: string, clock: Clock, args: readonly string[], call: GitCall): Promise<GitAnswer> {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  let tooBig = false;
  if (call.signal?.aborted === true) return { ok: false, end: "aborted", stderr: "" };
  call.signal?.addEventListener("abort", stop, { once: true });
  const watch = watchDisk(clock, call, () => {
    tooBig = true;
    stop();
  });
  const { cwd, env, timeout, maxOutput, signal } = { ...call, cwd: call.dir, signal: controller.signal };
  const result = await exec(binary, args, { cwd, env, timeout, maxOutput, signal });
  watch.cancel();
  call.signal?.removeEventListener("abort", stop);
  if (tooBig) return { ok: false, end: "disk-limit", stderr: "" };
  switch (result.end) {
    case "exited":
      if (result.code === 0) return { ok: true, stdout: result.stdout.toString("utf8") };
      return { ok: false, end: "failed", stderr: result.stderr };
    case "not-started":
      return { ok: false, end: "failed", stderr: "fatal: git could not be started" };
    default:
      return { ok: false, end: result.end, stderr: "" };
  }
}

/** git bounds what it sends, not what it is sent: the only measure of a fetch is the disk. */
function watchDisk(clock: Clock, call: GitCall, over: () => void): { cancel(): void } {
  const limit = call.maxDisk ?? Number.POSITIVE_INFINITY;
  if (limit === Number.POSITIVE_INFINITY) return { cancel: () => {} };
  let stopped = false;
  let timer = clock.after(500, check);
  function check(): void {
    void sizeOf(path.join(call.dir, "objects")).then((bytes) => {
      if (stopped) return;
      if (bytes > limit) over();
      else timer = clock.after(500, check);
    });
  }
  return {
    cancel() {
      stopped = true;
      timer.cancel();
    },
  };
}

/** Bytes of all files below a directory; what vanishes meanwhile counts nothing. */
export async function sizeOf(dir: string): Promise<number> {
  let bytes = 0;
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    bytes += await stat(path.join(entry.parentPath, entry.name)).then(
      (found) => found.size,
      () => 0,
    );
  }
  return bytes;
}
