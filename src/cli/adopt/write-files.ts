/**
 * Files changed all or not at all: each is written whole beside its place, and only when all are there do they move in,
 * one rename each. What fails before that leaves every file as it was, and nothing beside it.
 */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { messageOf } from "../../model/problem.ts";
import { CliError } from "../cli-error.ts";
import { readSource } from "../diff/inputs.ts";

export interface WrittenFile {
  readonly file: string;
  /** As it was read; undefined: it is new. */
  readonly before: string | undefined;
  readonly after: string;
}

interface Staged {
  readonly file: string;
  /** What a link leads to, else the file itself. */
  readonly place: string;
  readonly scratch: string;
  readonly isNew: boolean;
}

/** Whose it is stays, where we may say so. */
function takeAfter(descriptor: number, { mode, uid, gid }: Stats): void {
  try {
    fchownSync(descriptor, uid, gid);
  } catch {
    // Only root may give files away; the person's own are theirs already.
  }
  fchmodSync(descriptor, mode & 0o7777);
}

function stage({ file, before, after }: WrittenFile): Staged {
  const isNew = before === undefined;
  if (isNew && existsSync(file)) throw new CliError(`${file} was made meanwhile: nothing was written`);
  if (!isNew && readSource(file).text !== before)
    throw new CliError(`${file} changed meanwhile: nothing was written; look at it again`);
  const place = isNew ? path.resolve(file) : realpathSync(file);
  // A rename asks the folder only, and the file may be one that is not to be written.
  if (!isNew) accessSync(place, constants.W_OK);
  const scratch = path.join(path.dirname(place), `.${path.basename(place)}.plumbline-${process.pid}`);
  const descriptor = openSync(scratch, "wx", 0o666);
  try {
    if (!isNew) takeAfter(descriptor, statSync(place));
    writeFileSync(descriptor, after);
    fsyncSync(descriptor);
  } catch (error) {
    rmSync(scratch, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
  return { file, place, scratch, isNew };
}

/** What is new comes first, so that nothing names a file that is not there. */
const newFirst = (files: readonly WrittenFile[]): readonly WrittenFile[] =>
  files.toSorted((one, other) => Number(one.before !== undefined) - Number(other.before !== undefined));

/** @throws CliError where one of them cannot be written; then none is */
export function writeFiles(files: readonly WrittenFile[]): void {
  const staged: Staged[] = [];
  const moved: Staged[] = [];
  let at = "";
  try {
    for (const one of newFirst(files)) {
      at = one.file;
      staged.push(stage(one));
    }
    for (const one of staged) {
      at = one.file;
      renameSync(one.scratch, one.place);
      moved.push(one);
    }
  } catch (error) {
    for (const { scratch } of staged) rmSync(scratch, { force: true });
    for (const { place, isNew } of moved) if (isNew) rmSync(place, { force: true });
    throw error instanceof CliError ? error : new CliError(`${at} cannot be written: ${messageOf(error)}`);
  }
}
