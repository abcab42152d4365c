/**
 * Asks the libraries of the API server and of kubectl how they read a text: builds the Go program of this folder, and
 * holds one conversation per call. It knows no rule.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { exec } from "../../../src/runtime/exec.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));

export type Operation = "quantity" | "quantityOrder" | "duration" | "time" | "bytes" | "documents";

export interface Question {
  readonly op: Operation;
  readonly args: readonly string[];
}

/** `values` where the library could read it; what they are is told in main.go. */
export interface Answer {
  readonly values?: readonly string[];
  readonly error?: string;
}

export interface Oracle {
  /** Answers in the order of the questions. */
  ask(questions: readonly Question[]): Promise<readonly Answer[]>;
  remove(): void;
}

/** Minutes where Go has to fetch and compile the libraries, a second after that. @throws where that fails */
export async function buildOracle(go: string): Promise<Oracle> {
  const place = mkdtempSync(path.join(tmpdir(), "plumbline-oracle-"));
  const binary = path.join(place, "oracle");
  const env = { ...process.env, CGO_ENABLED: "0" } as Record<string, string>;
  const built = await exec(go, ["build", "-o", binary, "."], {
    cwd: folder,
    env,
    timeout: 540_000,
    maxOutput: 1 << 20,
  });
  if (built.code !== 0) throw new Error(`go build: ${built.stderr}`);
  return {
    async ask(questions) {
      const input = questions.map((question) => `${JSON.stringify(question)}\n`).join("");
      const ran = await exec(binary, [], { cwd: place, env: {}, timeout: 60_000, maxOutput: 256 << 20, input });
      if (ran.code !== 0) throw new Error(`the oracle failed: ${ran.stderr}`);
      const lines = ran.stdout.toString("utf8").trimEnd().split("\n");
      if (lines.length !== questions.length)
        throw new Error(`${lines.length} answers to ${questions.length} questions`);
      return lines.map((line) => JSON.parse(line) as Answer);
    },
    remove() {
      rmSync(place, { recursive: true, force: true });
    },
  };
}
