/**
 * Asks the libraries of the API server and of kubectl how they read a text: builds the Go program of this folder, and
 * holds one conversation per call. It knows no rule.
 */
import { fileURLToPath } from "node:url";
import { buildProgram } from "../go-program.ts";

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
  const program = await buildProgram(go, folder);
  return {
    ask: async (questions) =>
      (await program.ask(questions.map((question) => JSON.stringify(question)))) as readonly Answer[],
    remove: program.remove,
  };
}
