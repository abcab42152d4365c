/** `plumbline version`. */
import { Command } from "commander";
import { readBuiltInSchema } from "./schema-files.ts";
import type { Terminal } from "./terminal.ts";
import { readVersion } from "./version.ts";

export function versionCommand(terminal: Terminal): Command {
  return new Command("version").description("Print the version.").action(() => {
    terminal.write(
      `plumbline ${readVersion()} (built-in schema: Kubernetes ${readBuiltInSchema().server}, node ${process.version})\n`,
    );
  });
}
