/** Every command, and what happens to errors: one line on standard error, exit status 2. */
import path from "node:path";
import { Command, CommanderError } from "commander";
import { printableLine } from "../model/printable.ts";
import { messageOf } from "../model/problem.ts";
import { adoptCommand } from "./adopt-command.ts";
import { approveCommand } from "./approve-command.ts";
import { checkCommand } from "./check-command.ts";
import { diffCommand } from "./diff-command.ts";
import { explainCommand } from "./explain-command.ts";
import { ignoreCommand } from "./ignore-command.ts";
import { pauseCommand, resumeCommand } from "./pause-command.ts";
import { rollbackCommand } from "./rollback-command.ts";
import { remediateCommand } from "./remediate-command.ts";
import { runCommand } from "./run-command.ts";
import { schemaCommand } from "./schema-command.ts";
import { statusCommand } from "./status-command.ts";
import type { Terminal } from "./terminal.ts";
import { versionCommand } from "./version-command.ts";

export interface Program {
  parseAsync(argv: readonly string[]): Promise<void>;
}

/** kubectl finds a plugin by the name of its file, and its users type a space. */
const nameOf = (argv: readonly string[]): string =>
  path.basename(argv[1] ?? "").startsWith("kubectl-") ? "kubectl plumbline" : "plumbline";

/** Settings of a command do not reach the commands below it. */
function settle(command: Command, terminal: Terminal): void {
  command
    .exitOverride()
    .showHelpAfterError("(--help lists the flags)")
    .configureOutput({
      writeOut: (text) => terminal.write(text),
      writeErr: (text) => terminal.writeError(text),
    });
  for (const below of command.commands) settle(below, terminal);
}

export function buildProgram(terminal: Terminal): Program {
  const program = new Command("plumbline")
    .description("Finds configuration drift in Kubernetes: what Git declares against what runs.")
    .helpCommand(false);
  for (const make of [
    runCommand,
    diffCommand,
    explainCommand,
    statusCommand,
    remediateCommand,
    approveCommand,
    adoptCommand,
    ignoreCommand,
    pauseCommand,
    resumeCommand,
    rollbackCommand,
    checkCommand,
    schemaCommand,
    versionCommand,
  ])
    program.addCommand(make(terminal));
  settle(program, terminal);
  return {
    async parseAsync(argv) {
      try {
        await program.name(nameOf(argv)).parseAsync([...argv]);
      } catch (error) {
        // Commander has already said what is wrong with the words; help that was asked for is no error.
        if (error instanceof CommanderError) return terminal.exit(error.exitCode === 0 ? 0 : 2);
        terminal.writeError(`plumbline: ${printableLine(messageOf(error), 4_000)}\n`);
        terminal.exit(2);
      }
    },
  };
}
