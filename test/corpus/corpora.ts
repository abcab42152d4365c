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

/** Every manifest below a folder; files that are no manifests (Helm templates, patches) are passed over. */
export function readFolder(base: string, name = ""): readonly Declared[] {
  const files = readdirSync(base, { recursive: true, encoding: "utf8" }).filter(isManifest).toSorted();
  const declared = files.flatMap((file) => {
    const shown = path.join(name, file);
    const { objects } = readManifests(readFileSync(path.join(base, file), "utf8"), shown);
    return objects.map(({ object }): Declared => ({ file: shown, object }));
  });
  return inOrder(declared);
}

/** In an order in which a server can take them. */
export function inOrder(declared: readonly Declared[]): readonly Declared[] {
  return declared.toSorted((one, other) => rank(one) - rank(other));
}

/** @param folders below the root of the corpus */
export function readCorpus(root: string, folders: readonly string[]): readonly Declared[] {
  return inOrder(folders.flatMap((folder) => readFolder(path.join(root, "manifests", folder), folder)));
}
