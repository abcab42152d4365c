#!/usr/bin/env node
/** The command line, also found by kubectl as `kubectl plumbline`. Each command is a file of its own. */
import { readEnvironment } from "../runtime/config.ts";
import { buildProgram } from "./program.ts";

await buildProgram({
  environment: readEnvironment(),
  write: (text) => void process.stdout.write(text),
  writeError: (text) => void process.stderr.write(text),
  isTerminal: process.stdout.isTTY,
  exit: (status) => {
    process.exitCode = status;
  },
}).parseAsync(process.argv);
