/**
 * The process that reads manifests: of texts it is sent, or of contents it fetches from an object store itself, so that
 * neither starting git nor their bytes are a matter of its parent. It gives objects back; it knows no files.
 */
import type { Problem } from "../model/problem.ts";
import { readBlobs, type ObjectStore } from "./git-tree.ts";
import { packManifests, type ManifestPack } from "./manifest-pack.ts";
import type { YamlLimits } from "./yaml-limits.ts";
import { locatePointers, readContent, type ManifestTexts } from "./yaml.ts";

export interface WorkerRequest {
  readonly contents: readonly (string | Uint8Array)[] | StoredContents | LinesWanted;
  readonly limits: YamlLimits;
}

export interface StoredContents {
  readonly store: ObjectStore;
  readonly ids: readonly string[];
  /** Of all of them together. */
  readonly maxBytes: number;
}

/** Of fields of one object of a text. */
export interface LinesWanted {
  readonly text: string;
  readonly index: number;
  readonly pointers: readonly string[];
}

/** How the store answered, or the lines that were asked for, and then what was read. */
export type WorkerAnswer =
  | ManifestPack
  | { readonly lines: ReadonlyMap<string, number> }
  | { readonly stored: { readonly bytes: number; readonly missing: readonly number[] } | Problem };

function* read(contents: Iterable<string | Uint8Array>, limits: YamlLimits): Generator<ManifestTexts> {
  for (const content of contents) yield readContent(content, "", limits);
}

function send(answer: WorkerAnswer): void {
  process.send?.(answer);
}

async function fetchContents({ store, ids, maxBytes }: StoredContents): Promise<readonly (string | Uint8Array)[]> {
  const blobs = await readBlobs(store, ids, maxBytes);
  if ("code" in blobs) {
    send({ stored: blobs });
    return [];
  }
  const missing = ids.flatMap((id, index) => (blobs.has(id) ? [] : [index]));
  const bytes = blobs.values().reduce((sum, blob) => sum + blob.length, 0);
  send({ stored: { bytes, missing } });
  return ids.map((id) => blobs.get(id) ?? "");
}

function findLines({ text, index, pointers }: LinesWanted): readonly [] {
  send({ lines: locatePointers(text, index, pointers) });
  return [];
}

async function contentsOf(wanted: WorkerRequest["contents"]): Promise<readonly (string | Uint8Array)[]> {
  if ("ids" in wanted) return await fetchContents(wanted);
  return "pointers" in wanted ? findLines(wanted) : wanted;
}

process.on("message", ({ contents, limits }: WorkerRequest) => {
  void contentsOf(contents).then((texts) => {
    for (const pack of packManifests(read(texts, limits))) send(pack);
  });
});
