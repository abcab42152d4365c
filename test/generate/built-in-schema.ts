/**
 * Writes the schema that `plumbline diff` uses when neither a cluster nor `--schema` gives one: the OpenAPI v3 documents
 * of a real API server, without prose and paths, and the scope of each kind, from its discovery. Run it when the everyday server's version changes.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { scopesOf, trimDocument } from "../../src/cli/schema-files.ts";
import { createCredentials } from "../../src/cluster/credentials.ts";
import { createDiscovery } from "../../src/cluster/discovery.ts";
import { createTransport } from "../../src/cluster/transport.ts";
import { type JsonObject, parseJson } from "../../src/model/json.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { startControlPlane } from "../control-plane/control-plane.ts";

const plane = await startControlPlane();
try {
  const read = async (path: string): Promise<JsonObject> =>
    parseJson((await plane.request("GET", path)).text) as JsonObject;
  const index = (await read("/openapi/v3"))["paths"] as Readonly<Record<string, { serverRelativeURL: string }>>;
  const documents: Record<string, JsonObject> = {};
  for (const [path, { serverRelativeURL }] of Object.entries(index)) {
    const version = /^(?:api\/(v1)|apis\/([^/]+\/v[^/]+))$/.exec(path);
    const groupVersion = version?.[1] ?? version?.[2];
    if (groupVersion !== undefined) documents[groupVersion] = trimDocument(await read(serverRelativeURL)) as JsonObject;
  }
  const clock = systemClock;
  const credentials = createCredentials({ source: { kind: "file", path: plane.kubeconfigPath }, clock });
  const transport = createTransport({ credentials, clock, version: "0.0.0" });
  const discovery = createDiscovery({ transport, clock });
  await discovery.refresh();
  const scopes = scopesOf(discovery.kinds());
  await transport.close();
  if (scopes["v1/Node"] !== "Cluster") throw new Error("discovery could not be read");
  const file = fileURLToPath(new URL("../../src/cli/built-in-schema/kubernetes.json.gz", import.meta.url));
  writeFileSync(file, gzipSync(JSON.stringify({ server: plane.version, documents, scopes }), { level: 9 }));
  process.stderr.write(
    `${file}: ${Object.keys(documents).length} documents and ${Object.keys(scopes).length} scopes of ${plane.version}\n`,
  );
} finally {
  await plane.stop();
}
