/**
 * `npm run generate`: writes what is made from the typed source, and with helm at hand the plain manifests. A unit
 * test fails while the former is stale, test/chart while the latter is.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { openHelm } from "../chart/helm.ts";
import { findBinary } from "../control-plane/lookup.ts";
import { plainManifests } from "./manifests.ts";
import { outputs, type Output } from "./outputs.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

function write({ path: file, text }: Output): void {
  const target = path.join(root, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, text);
  console.log(file);
}

outputs().forEach(write);

if ((await findBinary("helm", process.env)) === undefined) {
  console.log("deploy/plumbline.yaml: left as it is, for there is no helm (npm run setup)");
} else {
  const helm = await openHelm();
  try {
    write({ path: "deploy/plumbline.yaml", text: await plainManifests(helm) });
  } finally {
    helm.close();
  }
}
