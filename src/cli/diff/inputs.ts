/**
 * What `plumbline diff` reads as desired: files, folders, standard input, trees of Git, each object with its file and
 * line. Bad documents become problems; only what is not there at all is thrown.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { messageOf, type Problem } from "../../model/problem.ts";
import type { DesiredObject } from "../../model/snapshot.ts";
import type { Environment } from "../../runtime/config.ts";
import { CliError } from "../cli-error.ts";
import { isGitTarget, withGitTree } from "./git-tree.ts";
import { type NamedText, parseTexts } from "./parse-texts.ts";

export interface ReadObjects {
  readonly objects: readonly DesiredObject[];
  readonly problems: readonly Problem[];
  /** What was read, by the name its objects give as their file; without what a renderer made. */
  readonly texts: ReadonlyMap<string, string>;
}

const MANIFEST = /\.(ya?ml|json)$/i;
export const STANDARD_INPUT = "<stdin>";

/** Every manifest below a folder, or the file itself. @throws CliError for what is not there */
export function filesUnder(target: string): readonly string[] {
  try {
    if (!statSync(target).isDirectory()) return [target];
    return readdirSync(target, { recursive: true, encoding: "utf8" })
      .filter((file) => MANIFEST.test(file) && !/(^|[\\/])\.git[\\/]/.test(file))
      .map((file) => path.join(target, file))
      .filter((file) => statSync(file).isFile())
      .toSorted();
  } catch (error) {
    throw unreadable(target, error);
  }
}

/** @throws CliError where it cannot be read */
export function readText(file: string, readStandardInput: () => string): string {
  if (file === "-") return readStandardInput();
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(target: string, error: unknown): CliError {
  return new CliError(`${target}: ${messageOf(error).replace(/^ENOENT.*/, "no such file or folder")}`);
}

/** Standard input can be read once: for `-f -` or `--live -`, not both. */
export function standardInput(): () => string {
  let taken = false;
  return () => {
    if (taken) throw new CliError("standard input can be read only once: `-` was given twice");
    taken = true;
    return readFileSync(0, "utf8");
  };
}

export interface DesiredOptions {
  readStandardInput(): string;
  readonly environment: Environment;
  /** Branch, tag or commit of the targets that are Git trees. */
  readonly revision?: string | undefined;
}

/** Files, folders (every manifest below), trees of Git, or `-` for standard input. @throws CliError for what is not there */
export async function readDesired(targets: readonly string[], options: DesiredOptions): Promise<ReadObjects> {
  const texts: NamedText[] = [];
  const addFiles = (target: string, nameOf: (file: string) => string): void => {
    for (const file of filesUnder(target))
      texts.push({ name: nameOf(file), text: readText(file, options.readStandardInput) });
  };
  let fromGit = false;
  for (const target of targets) {
    if (target === "-") texts.push({ name: STANDARD_INPUT, text: options.readStandardInput() });
    else if (isGitTarget(target, options.revision)) {
      fromGit = true;
      const prefix = targets.length > 1 ? `${target}//` : "";
      await withGitTree(target, options, (root, folder) =>
        addFiles(path.join(root, folder), (file) => prefix + path.relative(root, file).replaceAll("\\", "/")),
      );
    } else addFiles(target, (file) => file);
  }
  if (options.revision !== undefined && !fromGit)
    throw new CliError("--revision says which commit of a Git tree is read: give its URL or its folder with -f");
  const read = await parseTexts(texts);
  return {
    objects: read.flatMap(({ objects }) => objects),
    problems: read.flatMap(({ problems }) => problems),
    texts: new Map(texts.map(({ name, text }) => [name, text])),
  };
}
