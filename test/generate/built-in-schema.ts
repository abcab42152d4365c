/**
 * Writes the schema that `plumbline diff` uses when neither a cluster nor `--schema` gives one: the OpenAPI v3 documents
 * of a real API server, without prose and paths. Run it when the everyday server's version changes.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { trimDocument } from "../../src/cli/schema-files.ts";
import { type JsonObject, parseJson } from "../../src/model/json.ts";
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
  const file = fileURLToPath(new URL("../../src/cli/built-in-schema/kubernetes.json.gz", import.meta.url));
  writeFileSync(file, gzipSync(JSON.stringify({ server: plane.version, documents }), { level: 9 }));
  process.stderr.write(`${file}: ${Object.keys(documents).length} documents of ${plane.version}\n`);
} finally {
  await plane.stop();
}
