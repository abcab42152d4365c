/**
 * Makes sure that binaries are there: found where they may be (lookup.ts), else fetched as an envtest archive, else
 * built with Go. What is fetched or built goes into the cache, whole or not at all, by one run at a time.
 */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { fetchEnvtest, inArchive } from "./envtest.ts";
import { goBuild, type Build } from "./go-build.ts";
import { withLock } from "./lock.ts";
import { cacheFolder, cacheRoot, fetchedFolder, findBinary, type Environment } from "./lookup.ts";
import { productOf, type BinaryName } from "./versions.ts";

export interface BinaryOptions {
  /** Minor of the server, `1.36`. */
  readonly server?: string;
  readonly env?: Environment;
  /** Progress; standard error unless told. */
  readonly say?: (line: string) => void;
  readonly build?: (build: Build) => Promise<void>;
}

export type BinaryPaths<Name extends BinaryName> = Readonly<Record<Name, string>>;

const SCRATCH = ".new-";

function install(file: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  chmodSync(file, 0o755);
  renameSync(file, path.join(folder, path.basename(file)));
}

/** Leftovers of runs that were killed. Only called under the lock, so nobody is at work on them. */
function sweep(root: string): void {
  for (const name of readdirSync(root))
    if (name.startsWith(SCRATCH)) rmSync(path.join(root, name), { recursive: true, force: true });
}

async function obtain(names: readonly BinaryName[], options: Required<Omit<BinaryOptions, "server">>, server?: string) {
  const { env, say, build } = options;
  const root = cacheRoot(env);
  const missing = (): readonly BinaryName[] => names.filter((name) => findBinary(name, env, server) === undefined);
  sweep(root);
  const scratch = mkdtempSync(path.join(root, SCRATCH));
  try {
    if (missing().some((name) => inArchive.includes(name))) {
      const fetched = await fetchEnvtest(scratch, env, server);
      if (fetched.end === "fetched") for (const file of fetched.paths) install(file, fetchedFolder(env, server));
      else say(`no envtest archive (${fetched.why})`);
    }
    for (const name of missing()) {
      const output = path.join(scratch, name);
      await build({ name, output, scratch, server, env, say });
      install(output, cacheFolder(env, productOf[name], server));
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** @throws where one of them can neither be found nor made, with what to do about it */
export async function ensureBinaries<Name extends BinaryName>(
  names: readonly Name[],
  options: BinaryOptions = {},
): Promise<BinaryPaths<Name>> {
  const env = options.env ?? process.env;
  const say = options.say ?? ((line) => void process.stderr.write(`${line}\n`));
  const found = (): Partial<Record<Name, string>> => {
    const paths: Partial<Record<Name, string>> = {};
    for (const name of names) {
      const at = findBinary(name, env, options.server)?.path;
      if (at !== undefined) paths[name] = at;
    }
    return paths;
  };
  let paths = found();
  if (names.some((name) => paths[name] === undefined)) {
    const work = () => obtain(names, { env, say, build: options.build ?? goBuild }, options.server);
    await withLock(path.join(cacheRoot(env), "lock.sqlite"), () => say("waiting for another run to build"), work);
    paths = found();
  }
  return paths as Record<Name, string>;
}
