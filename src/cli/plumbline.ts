#!/usr/bin/env node
/** The command line, also found by kubectl as `kubectl plumbline`. Each command is a file of its own. */
import { createInterface } from "node:readline/promises";
import { readEnvironment } from "../runtime/config.ts";
import { buildProgram } from "./program.ts";

/** Who reads us may have read enough (`plumbline diff | head`): then the rest goes nowhere, and that is no error. */
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });

/** A pause between two attempts keeps no process alive by itself; a command that has not ended does. */
const alive = new MessageChannel().port1;
alive.ref();

async function ask(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new Promise<undefined>((resolve) => lines.once("close", () => resolve(undefined)));
  const answer = await Promise.race([lines.question(question), closed]);
  lines.close();
  return answer ?? "";
}

await buildProgram({
  ask,
  environment: readEnvironment(),
  write: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  isTerminal: process.stdout.isTTY,
  exit: (status) => {
    process.exitCode = status;
  },
}).parseAsync(process.argv);
alive.close();
