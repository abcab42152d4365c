/** `plumbline schema save`: the cluster's OpenAPI documents and the scopes of its kinds as files, so that `diff` can judge without it. */
import { Command } from "commander";
import type { Json } from "../model/json.ts";
import { printableLine } from "../model/printable.ts";
import { apiVersionOf } from "../model/resource.ts";
import { CliError } from "./cli-error.ts";
import { openCluster, withClusterFlags, type ClusterFlags } from "./cluster-access.ts";
import { scopesOf, writeSchemaFolder } from "./schema-files.ts";
import type { Terminal } from "./terminal.ts";

export function schemaCommand(terminal: Terminal): Command {
  const save = withClusterFlags(new Command("save").description("Save the cluster's OpenAPI v3 documents."))
    .requiredOption("--to <folder>", "where to write them")
    .action(async (flags: ClusterFlags & { readonly to: string }) => {
      const cluster = await openCluster(flags);
      try {
        const kinds = cluster.discovery.kinds();
        const versions = [...new Set(kinds.map(apiVersionOf))].toSorted();
        const documents = new Map<string, Json>();
        for (const version of versions) {
          const document = await cluster.openApi.fetchDocument(version);
          if (document === undefined)
            terminal.writeError(`${printableLine(version)}: the API server has no document for it\n`);
          else documents.set(version, document);
        }
        if (documents.size === 0) throw new CliError("the API server has no OpenAPI v3 document that could be read");
        writeSchemaFolder(flags.to, documents, scopesOf(kinds));
        terminal.write(`${documents.size} documents saved in ${flags.to}\n`);
      } finally {
        await cluster.close();
      }
    });
  return new Command("schema").description("Schemas for judging without a cluster.").addCommand(save);
}
