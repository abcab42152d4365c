/**
 * What `plumbline diff` reads as desired: files, folders, standard input, trees of Git, each object with its file and
 * line. Bad documents become problems; only what is not there at all is thrown.
 */
import { isUtf8 } from "node:buffer";
import { lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { messageOf, type Problem } from "../../model/problem.ts";
import type { DesiredObject } from "../../model/snapshot.ts";
import type { Environment } from "../../runtime/config.ts";
import { CliError } from "../cli-error.ts";
import { isGitTarget, withGitTree } from "./git-tree.ts";
import { type NamedText, parseTexts } from "./parse-texts.ts";

/** The text of one file, and what it takes to write it again. */
export interface SourceText {
  readonly text: string;
  /** False where its bytes are no UTF-8: written again, they would be others. */
  readonly isExact: boolean;
  /** Where it stands in its Git tree; undefined for a file of this machine. */
  readonly inTree?: string;
}

export interface ReadObjects {
  readonly objects: readonly DesiredObject[];
  readonly problems: readonly Problem[];
  /** What was read, by the name its objects give as their file; without what a renderer made. */
  readonly texts: ReadonlyMap<string, SourceText>;
}

const MANIFEST = /\.(ya?ml|json)$/i;
export const STANDARD_INPUT = "<stdin>";

/** Every manifest below a folder, or the file itself. @throws CliError for what is not there */
export function filesUnder(target: string): readonly string[] {
  let found: readonly string[];
  try {
    if (!statSync(target).isDirectory()) return [target];
    found = readdirSync(target, { recursive: true, encoding: "utf8" });
  } catch (error) {
    throw unreadable(target, error);
  }
  return found
    .filter((file) => MANIFEST.test(file) && !/(^|[\\/])\.git[\\/]/.test(file))
    .map((file) => path.join(target, file))
    .filter(isFile)
    .toSorted();
}

/** @throws CliError for a link that leads nowhere */
function isFile(file: string): boolean {
  try {
    return statSync(file).isFile();
  } catch (error) {
    if (!lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()) throw unreadable(file, error);
    throw new CliError(`${file}: a link that leads to no file`);
  }
}

/** What is no UTF-8 is read as well as it can be. @throws CliError where it cannot be read */
export function readText(file: string, readStandardInput: () => string): string {
  return file === "-" ? readStandardInput() : readSource(file).text;
}

/** @throws CliError where it cannot be read */
export function readSource(file: string): SourceText {
  try {
    const bytes = readFileSync(file);
    return { text: bytes.toString("utf8"), isExact: isUtf8(bytes) };
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
  const texts: (NamedText & SourceText)[] = [];
  let fromGit = false;
  for (const target of targets) {
    if (target === "-") texts.push({ name: STANDARD_INPUT, text: options.readStandardInput(), isExact: true });
    else if (isGitTarget(target, options.revision)) {
      fromGit = true;
      const prefix = targets.length > 1 ? `${target}//` : "";
      await withGitTree(target, options, (root, folder) => {
        for (const file of filesUnder(path.join(root, folder))) {
          const inTree = path.relative(root, file).replaceAll("\\", "/");
          texts.push({ ...readSource(file), name: prefix + inTree, inTree });
        }
      });
    } else for (const file of filesUnder(target)) texts.push({ ...readSource(file), name: file });
  }
  if (options.revision !== undefined && !fromGit)
    throw new CliError("--revision says which commit of a Git tree is read: give its URL or its folder with -f");
  const read = await parseTexts(texts);
  return {
    objects: read.flatMap(({ objects }) => objects),
    problems: read.flatMap(({ problems }) => problems),
    texts: new Map(texts.map(({ name, ...source }) => [name, source])),
  };
}
