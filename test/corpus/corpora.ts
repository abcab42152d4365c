/** The objects of a corpus as files declare them, in an order in which a server can take them. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { KubeObject } from "../../src/model/resource.ts";
import { readManifests } from "../../src/sources/yaml.ts";

export interface Declared {
  readonly file: string;
  readonly object: KubeObject;
}

/** What others stand on first; hooks into the API server last, for their backends are not there. */
const order = ["CustomResourceDefinition", "Namespace", "ServiceAccount"];
const last = ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "APIService"];

function rank({ object }: Declared): number {
  const early = order.indexOf(object.kind);
  if (early >= 0) return early;
  return order.length + Math.max(0, last.indexOf(object.kind) + 1);
}

function isManifest(file: string): boolean {
  return /\.(ya?ml|json)$/.test(file) && !/kustomization/.test(file) && !/(^|\/)\./.test(file);
}

/** @param folders below the root of the corpus; files that are no manifests (Helm templates, patches) are passed over */
export function readCorpus(root: string, folders: readonly string[]): readonly Declared[] {
  const declared: Declared[] = [];
  for (const folder of folders) {
    const base = path.join(root, "manifests", folder);
    const files = readdirSync(base, { recursive: true, encoding: "utf8" }).filter(isManifest).toSorted();
    for (const name of files) {
      const file = path.join(folder, name);
      const { objects } = readManifests(readFileSync(path.join(base, name), "utf8"), file);
      for (const { object } of objects) declared.push({ file, object });
    }
  }
  return declared.toSorted((one, other) => rank(one) - rank(other));
}
