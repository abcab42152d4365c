/**
 * A Go program kept in this repository that answers questions: built once, then one conversation per call, one line for
 * each question and one of JSON for each answer. It knows nothing of what is asked.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { exec } from "../../src/runtime/exec.ts";

export interface GoProgram {
  /**
   * Answers in the order of the questions.
   * @param first line before the questions, which has no answer
   * @throws where the program fails, or gives another number of answers
   */
  ask(questions: readonly string[], first?: string): Promise<readonly unknown[]>;
  remove(): void;
}

/**
 * Minutes where Go has to fetch and compile the libraries, a second after that.
 * @param go the toolchain
 * @param folder the module of the program
 * @throws where that fails
 */
export async function buildProgram(go: string, folder: string): Promise<GoProgram> {
  const place = mkdtempSync(path.join(tmpdir(), "plumbline-go-"));
  const binary = path.join(place, path.basename(folder));
  const env = { ...process.env, CGO_ENABLED: "0" } as Record<string, string>;
  const remove = (): void => rmSync(place, { recursive: true, force: true });
  const built = await exec(go, ["build", "-o", binary, "."], {
    cwd: folder,
    env,
    timeout: 540_000,
    maxOutput: 1 << 20,
  });
  if (built.code !== 0) {
    remove();
    throw new Error(`go build: ${built.error ?? built.stderr}${built.end === "exited" ? "" : built.end}`);
  }
  return {
    async ask(questions, first) {
      const input = first === undefined ? questions : [first, ...questions];
      const ran = await exec(binary, [], {
        cwd: place,
        env: {},
        timeout: 300_000,
        maxOutput: 256 << 20,
        input: input.map((line) => `${line}\n`).join(""),
      });
      if (ran.code !== 0) throw new Error(`${path.basename(folder)} failed: ${ran.stderr}`);
      const lines = ran.stdout.toString("utf8").split("\n").slice(0, -1);
      if (lines.length !== questions.length)
        throw new Error(`${lines.length} answers to ${questions.length} questions`);
      return lines.map((line): unknown => JSON.parse(line));
    },
    remove,
  };
}
