/**
 * Kustomize, in a process of its own: only what the scan found is put on disk, in a private folder that is removed
 * afterwards; no environment, no PATH, no plugins, files only from below each kustomization's root; bounded in time and
 * output. What it says when it fails is shown without paths of ours and without anything from secret files.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { printableLine } from "../model/printable.ts";
import { declaredAt, sameOr } from "../model/desired.ts";
import type { Problem } from "../model/problem.ts";
import { idKey, type IdKey, type ResourceId } from "../model/resource.ts";
import type { DesiredObject, Provenance } from "../model/snapshot.ts";
import { exec } from "../runtime/exec.ts";
import { scanKustomization, type Scan } from "./kustomize-scan.ts";
import type { RenderInput, Rendering } from "./render-input.ts";
import { readFiles } from "./render-plain.ts";

const CHUNK = 256 * 1024;

export async function renderKustomize(input: RenderInput): Promise<Rendering | Problem> {
  const scan = await scanKustomization(input);
  if ("code" in scan) return scan;
  const output = await build(input, scan);
  if (typeof output !== "string") return output;
  const chunks = chunksOf(output).map((text, index) => ({ key: String(index), text }));
  const parsed = await input.parser.parse(chunks);
  const origin = await originOf(input, scan);
  if ("code" in origin) return origin;
  const known = new Map<IdKey, DesiredObject>();
  for (const object of input.known?.objects ?? []) {
    const pause = input.breath.pause();
    if (pause !== undefined) await pause;
    known.set(idKey(object.id), object);
  }
  const objects: DesiredObject[] = [];
  const problems: Problem[] = [];
  for (const { key } of chunks) {
    const manifests = parsed.get(key);
    for (const object of manifests?.objects ?? []) {
      const pause = input.breath.pause();
      if (pause !== undefined) await pause;
      const source = origin.find(object.id) ?? { file: scan.root, line: 1, index: objects.length };
      objects.push(sameOr(known.get(idKey(object.id)), declaredAt(object, source)));
    }
    for (const problem of manifests?.problems ?? []) problems.push({ ...problem, file: scan.root, line: 1 });
  }
  return { objects, problems, files: new Map(), verbatim: false };
}

async function build(input: RenderInput, scan: Scan): Promise<string | Problem> {
  const { settings } = input;
  const blobs = await input.read([...scan.files.values()]);
  if ("code" in blobs) return blobs;
  const dir = await mkdtemp(path.join(input.scratch, "kustomize-"));
  try {
    const tree = path.join(dir, "tree");
    for (const sub of ["tree", "home", "tmp"]) await mkdir(path.join(dir, sub), { mode: 0o700 });
    for (const [file, id] of scan.files) {
      const target = path.join(tree, file);
      await mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
      await writeFile(target, blobs.get(id) ?? Buffer.alloc(0), { mode: 0o600, flag: "wx" });
    }
    const result = await exec(
      settings.kustomizeBinary,
      ["build", "--load-restrictor", "LoadRestrictionsRootOnly", path.join(tree, input.path)],
      {
        cwd: tree,
        env: { HOME: path.join(dir, "home"), TMPDIR: path.join(dir, "tmp"), PATH: "/nonexistent" },
        timeout: settings.caps.renderTimeout,
        maxOutput: settings.caps.maxRenderBytes,
        ...(input.signal === undefined ? {} : { signal: input.signal }),
      },
    );
    if (result.end === "exited" && result.code === 0) return result.stdout.toString("utf8");
    const place = { file: scan.root, line: 1 };
    if (result.end === "timeout")
      return {
        code: "render-failed",
        message: `kustomize did not finish within ${Math.round(settings.caps.renderTimeout / 1000)} s`,
        ...place,
      };
    if (result.end === "output-limit")
      return {
        code: "source-too-large",
        message: `kustomize printed more than ${settings.caps.maxRenderBytes} bytes`,
        ...place,
      };
    if (result.end === "not-started")
      return { code: "render-failed", message: "kustomize could not be started", ...place };
    if (result.end === "aborted") return { code: "render-failed", message: "the attempt was stopped", ...place };
    const secrets = [...scan.secrets].map((file) => blobs.get(scan.files.get(file) ?? "")?.toString("utf8") ?? "");
    return {
      code: "kustomize-failed",
      message: `kustomize failed: ${explain(result.stderr, tree, secrets)}`,
      ...place,
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Kustomize's own sentence, without our paths and without any line, word or value of a secret file. */
export function explain(stderr: string, tree: string, secrets: readonly string[]): string {
  let text = stderr
    .replace(/^Error: /, "")
    .replaceAll(`${tree}/`, "")
    .replaceAll(tree, ".");
  const parts = secrets.flatMap((content) => content.split(/[\s=:"']+/)).filter((part) => part.length > 3);
  for (const part of [...new Set(parts)].sort((a, b) => b.length - a.length))
    text = text.replaceAll(part, "<redacted>");
  return printableLine(text, 400);
}

/** Output cut between documents, so that it is read in parallel. */
function chunksOf(output: string): readonly string[] {
  const chunks: string[] = [];
  let start = 0;
  for (let at = output.indexOf("\n---\n"); at >= 0; at = output.indexOf("\n---\n", at + 1)) {
    if (at - start < CHUNK) continue;
    chunks.push(output.slice(start, at + 1));
    start = at + 1;
  }
  chunks.push(output.slice(start));
  return chunks.filter((chunk) => chunk.trim() !== "");
}

interface Origin {
  /** The file that declares the object, as far as kind, name and namespace tell; undefined where they don't. */
  find(id: ResourceId): Provenance | undefined;
}

/** Kustomize renames and generates; what keeps its kind and name is traced to the one document that declares it. */
async function originOf(input: RenderInput, scan: Scan): Promise<Origin | Problem> {
  const chosen = [...scan.manifests].map((file) => ({ path: file, id: scan.files.get(file) ?? "" }));
  const { known: _objects, ...anew } = input;
  const files = await readFiles(anew, chosen);
  if ("code" in files) return files;
  const declared = new Map<string, DesiredObject[]>();
  const key = (id: ResourceId): string => `${id.group}/${id.kind}/${id.name}`;
  for (const { objects } of files.values())
    for (const object of objects) {
      const same = declared.get(key(object.id));
      if (same === undefined) declared.set(key(object.id), [object]);
      else same.push(object);
    }
  return {
    find(id) {
      const all = declared.get(key(id)) ?? [];
      const exact = all.filter((object) => object.id.namespace === id.namespace);
      const only = exact.length === 1 ? exact[0] : all.length === 1 ? all[0] : undefined;
      return only?.source;
    },
  };
}
