/**
 * `-f <url of a Git tree>`: one commit, fetched as the person at the keyboard would (their git, their credentials) into
 * a folder that is removed afterwards. No submodules, no links, no hooks; nothing is asked for at the keyboard.
 */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { printableLine } from "../../model/printable.ts";
import type { Environment } from "../../runtime/config.ts";
import { exec } from "../../runtime/exec.ts";
import { parseGitUrl } from "../../sources/git-url.ts";
import { CliError } from "../cli-error.ts";
import { childEnvironment } from "./child-environment.ts";

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//;
const SCP = /^[\w.-]+@[\w.-]+:/;
const TIMEOUT = 300_000;
const REVISION = /^[A-Za-z0-9_][A-Za-z0-9_./@+-]*$/;

const isBare = (target: string): boolean =>
  ["HEAD", "objects", "refs"].every((name) => existsSync(path.join(target, name)));

/** A URL is one; a folder is one where it is a bare repository, or a revision of it is asked for. */
export function isGitTarget(target: string, revision: string | undefined): boolean {
  if (SCHEME.test(target) || SCP.test(target)) return true;
  const [repository] = split(target);
  return isBare(repository) || (revision !== undefined && existsSync(path.join(repository, ".git")));
}

/** `https://host/shop.git//clusters/prod` → the repository and a folder in it. */
function split(target: string): readonly [repository: string, folder: string] {
  const scheme = SCHEME.exec(target)?.[0].length ?? 0;
  const at = target.indexOf("//", scheme);
  return at < 0 ? [target, ""] : [target.slice(0, at), target.slice(at + 2)];
}

/** Variables by which a git that runs us (a hook) would lead the one we run to its own repository. */
const AMBIENT =
  /^GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|NAMESPACE|PREFIX|COMMON_DIR)$/;

const safe = [
  "-c",
  "core.symlinks=false",
  "-c",
  "core.hooksPath=/dev/null",
  "-c",
  "protocol.ext.allow=never",
  "-c",
  "advice.detachedHead=false",
];

/**
 * Calls with the root of the tree and the folder that was asked for; the tree is gone afterwards.
 * @throws CliError where it cannot be fetched
 */
export async function withGitTree(
  target: string,
  options: { readonly environment: Environment; readonly revision?: string | undefined },
  use: (root: string, folder: string) => void | Promise<void>,
): Promise<void> {
  const [repository, folder] = split(target);
  const isPath = !SCHEME.test(repository) && !SCP.test(repository);
  const parsed = parseGitUrl(isPath ? path.resolve(repository) : repository, true);
  if ("code" in parsed) throw new CliError(`-f ${target}: ${parsed.message}`);
  const revision = options.revision ?? "HEAD";
  if (!REVISION.test(revision)) throw new CliError(`--revision ${revision}: a branch, a tag or a commit is needed`);
  if (folder.split("/").includes("..")) throw new CliError(`-f ${target}: the folder leaves the tree`);
  const root = await mkdtemp(path.join(os.tmpdir(), "plumbline-git-"));
  const env = {
    ...Object.fromEntries(
      Object.entries(childEnvironment(options.environment)).filter(([name]) => !AMBIENT.test(name)),
    ),
    GIT_TERMINAL_PROMPT: "0",
  };
  const git = async (...args: readonly string[]): Promise<void> => {
    const ran = await exec("git", [...safe, ...args], { cwd: root, env, timeout: TIMEOUT, maxOutput: 1 << 20 });
    if (ran.end !== "exited" || ran.code !== 0)
      throw new CliError(
        `-f ${target}: git ${args[0] ?? ""}: ${printableLine((ran.error ?? ran.stderr) || ran.end, 400)}`,
      );
  };
  try {
    await git("init", "--quiet");
    await git("fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--", parsed.url, revision);
    await git("checkout", "--quiet", "FETCH_HEAD");
    await use(root, folder);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
