/** Every command, and what happens to errors: one line on standard error, exit status 2. */
import { Command, CommanderError } from "commander";
import { messageOf } from "./cli-error.ts";
import { printable } from "../model/printable.ts";
import { diffCommand } from "./diff-command.ts";
import { runCommand } from "./run-command.ts";
import { schemaCommand } from "./schema-command.ts";
import { statusCommand } from "./status-command.ts";
import type { Terminal } from "./terminal.ts";
import { versionCommand } from "./version-command.ts";

export interface Program {
  parseAsync(argv: readonly string[]): Promise<void>;
}

export function buildProgram(terminal: Terminal): Program {
  const program = new Command("plumbline")
    .description("Finds configuration drift in Kubernetes: what Git declares against what runs.")
    .showHelpAfterError("(--help lists the flags)")
    .exitOverride();
  for (const make of [runCommand, diffCommand, statusCommand, schemaCommand, versionCommand]) {
    const command = make(terminal).exitOverride();
    command.configureOutput({
      writeOut: (text) => terminal.write(text),
      writeErr: (text) => terminal.writeError(text),
    });
    program.addCommand(command);
  }
  program.configureOutput({ writeOut: (text) => terminal.write(text), writeErr: (text) => terminal.writeError(text) });
  return {
    async parseAsync(argv) {
      try {
        await program.parseAsync([...argv]);
      } catch (error) {
        // Commander has already said what is wrong with the words; help that was asked for is no error.
        if (error instanceof CommanderError) return terminal.exit(error.exitCode === 0 ? 0 : 2);
        terminal.writeError(`plumbline: ${printable(messageOf(error))}\n`);
        terminal.exit(2);
      }
    },
  };
}
