/** What a command may do to the process it runs in; tests give their own. */
import type { Environment } from "../runtime/config.ts";

export interface Terminal {
  readonly environment: Environment;
  /** Standard output: results only. */
  write(text: string): void;
  /** Standard error: errors and progress. */
  writeError(text: string): void;
  readonly isTerminal: boolean;
  /** Asks the person and waits for a line; undefined where there is nobody to ask. */
  ask?(question: string): Promise<string | undefined>;
  exit(status: number): void;
}
