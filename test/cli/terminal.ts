/** The program in this process, with a terminal that only writes down, and a folder of files to run it on. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { buildProgram } from "../../src/cli/program.ts";
import type { DiffReport } from "../../src/cli/diff/report.ts";
import type { Environment } from "../../src/runtime/config.ts";

export interface Run {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number;
}

export interface RunOptions {
  readonly environment?: Environment;
  readonly isTerminal?: boolean;
  /** The program's own name, as `argv[1]`. */
  readonly name?: string;
  /** The person at the keyboard; without, there is nobody to ask. */
  readonly ask?: (question: string) => Promise<string>;
}

export async function plumbline(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const written = { stdout: "", stderr: "", status: 0 };
  await buildProgram({
    environment: options.environment ?? { PATH: process.env["PATH"] },
    write: (text) => void (written.stdout += text),
    writeError: (text) => void (written.stderr += text),
    isTerminal: options.isTerminal ?? false,
    ...(options.ask === undefined ? {} : { ask: options.ask }),
    exit: (status) => void (written.status = status),
  }).parseAsync(["node", options.name ?? "plumbline", ...args]);
  return written;
}

export interface Folder {
  readonly root: string;
  /** Writes a file, with its folders; its whole path. */
  put(file: string, content: unknown): string;
  at(file: string): string;
  remove(): void;
}

/** What is no text is written as JSON. */
export function createFolder(): Folder {
  const root = mkdtempSync(path.join(tmpdir(), "plumbline-cli-"));
  const at = (file: string): string => path.join(root, file);
  return {
    root,
    at,
    put(file, content) {
      mkdirSync(path.dirname(at(file)), { recursive: true });
      writeFileSync(at(file), typeof content === "string" ? content : JSON.stringify(content, null, 2));
      return at(file);
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

export const reportOf = ({ stdout }: Run): DiffReport => JSON.parse(stdout) as DiffReport;
export const verdictsOf = (run: Run): readonly string[] => reportOf(run).objects.map((one) => one.verdict);
