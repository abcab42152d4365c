/** Files of a working copy: named as `git apply` names them, printed as a patch or written. */
import { existsSync, realpathSync } from "node:fs";
import path from "node:path";
import { printable, printableLine } from "../../model/printable.ts";
import { CliError } from "../cli-error.ts";
import { shownLines, unifiedDiff } from "../output/unified-diff.ts";
import type { Terminal } from "../terminal.ts";
import { hiddenLines } from "./hidden-lines.ts";
import { writeFiles } from "./write-files.ts";

export interface ChangedFile {
  /** As it was read. */
  readonly file: string;
  /** Undefined: it is new. */
  readonly before: string | undefined;
  readonly after: string;
  /** Where it stands in the Git tree it was read from: such a file is never written. */
  readonly inTree?: string | undefined;
  /** True where it holds what nobody may see, whatever its lines look like. */
  readonly isHidden?: boolean;
  /** Lines of the old text whose comments could not stay. */
  readonly lost?: readonly number[] | undefined;
}

/** The folder that holds `.git`, above a file; undefined outside of a working copy. */
export function repositoryOf(file: string): string | undefined {
  let folder = path.dirname(path.resolve(file));
  while (!existsSync(path.join(folder, ".git"))) {
    const above = path.dirname(folder);
    if (above === folder) return undefined;
    folder = above;
  }
  return folder;
}

/** Relative to the repository's root, as `git apply` wants it there; outside of one, to where the command runs. */
function patchName({ file, inTree }: ChangedFile): string {
  if (inTree !== undefined) return inTree;
  if (!existsSync(path.dirname(path.resolve(file)))) return file;
  const whole = path.join(realpathSync(path.dirname(path.resolve(file))), path.basename(file));
  const root = repositoryOf(whole) ?? realpathSync(process.cwd());
  const name = path.relative(root, whole);
  return (name.startsWith("..") ? file.replace(/^\/+/, "") : name).replaceAll("\\", "/");
}

/** What a terminal might obey is shown for what it is; Windows' line breaks do no harm. */
const escaped = (patch: string): string => patch.split("\r\n").map(printable).join("\r\n");

export interface TellOptions {
  /** Whether files are changed; else a patch is printed. */
  readonly write: boolean;
  /** `compare.sensitive` of the Baseline. */
  readonly sensitive: readonly string[];
}

/** A patch repeats the lines around what it changes, and those may hold what nobody may see. */
function checkShown({ file, before, after, isHidden }: ChangedFile, sensitive: readonly string[]): void {
  const shown = shownLines(before ?? "", after);
  const [hiddenBefore, hiddenAfter] = [hiddenLines(before ?? "", sensitive), hiddenLines(after, sensitive)];
  if (
    isHidden === true ||
    shown.old.some((line) => hiddenBefore.has(line)) ||
    shown.fresh.some((line) => hiddenAfter.has(line))
  )
    throw new CliError(
      `${file}: a patch would show values of a Secret on the lines around; --write changes the file instead`,
    );
}

/** @throws CliError where a file cannot be written, or a patch would show too much */
export function tellFiles(files: readonly ChangedFile[], { write, sensitive }: TellOptions, terminal: Terminal): void {
  for (const { file, lost = [] } of files)
    for (const line of lost)
      terminal.writeError(`warning: ${printableLine(file)}:${line}: the comment on this line is lost\n`);
  if (write) {
    writeFiles(files);
    for (const { file, before } of files) terminal.writeError(`${before === undefined ? "made" : "changed"} ${file}\n`);
    return;
  }
  for (const one of files) checkShown(one, sensitive);
  const patch = files.map((one) => unifiedDiff(patchName(one), one.before, one.after)).join("");
  const shown = terminal.isTerminal ? escaped(patch) : patch;
  terminal.write(shown);
  if (shown !== patch)
    terminal.writeError(
      "warning: control characters of the file are escaped here, and this text is no patch; what is piped is: … | git apply\n",
    );
}
