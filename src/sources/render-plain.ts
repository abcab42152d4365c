/**
 * Plain manifests: every `*.yaml`, `*.yml` and `*.json` below the path (lower case, as kubectl has it), but nothing
 * below a name that starts with a dot, no kustomization, and nothing that `exclude` matches. Globs are matched against
 * the path below the Baseline's. A bad file is a problem and does not stop the others.
 */
import picomatch from "picomatch";
import { declaredAt } from "../model/desired.ts";
import type { Problem } from "../model/problem.ts";
import type { DesiredObject } from "../model/snapshot.ts";
import { followLink, type Tree, type TreeEntry } from "./git-tree.ts";
import { kustomizationNames } from "./kustomize-scan.ts";
import type { RenderInput, Rendering } from "./render-input.ts";
import type { Manifests } from "./yaml.ts";

const MANIFEST = /\.(?:yaml|yml|json)$/;
const MAX_GLOB = 256;
const MAX_STARS = 16;

export interface Chosen {
  readonly path: string;
  /** Of the content: a link's is its target's. */
  readonly id: string;
}

export async function renderPlain(input: RenderInput): Promise<Rendering | Problem> {
  const excluded = compileGlobs(input.exclude);
  if (typeof excluded !== "function") return excluded;
  const problems: Problem[] = [];
  const entries = [...input.tree.values()].filter((entry) => isBelow(entry.path, input.path, excluded));
  const links = await readLinks(input, entries);
  if ("code" in links) return links;
  const chosen: Chosen[] = [];
  for (const entry of entries) {
    const found = choose(input.tree, entry, links);
    if (found === undefined) continue;
    if ("code" in found) problems.push(found);
    else chosen.push(found);
  }
  const read = await readFiles(input, chosen);
  if ("code" in read) return read;
  const objects: DesiredObject[] = [];
  for (const { path } of chosen) {
    const manifests = read.get(path);
    if (manifests === undefined) continue;
    problems.push(...manifests.problems);
    objects.push(...manifests.objects.filter(({ id }) => id.group !== "kustomize.config.k8s.io"));
  }
  return { objects, problems, verbatim: true };
}

function isBelow(file: string, path: string, excluded: (file: string) => boolean): boolean {
  if (path !== "" && file !== path && !file.startsWith(`${path}/`)) return false;
  // The path itself may be one file.
  const below =
    file === path ? file.slice(file.lastIndexOf("/") + 1) : path === "" ? file : file.slice(path.length + 1);
  return !below.split("/").some((part) => part.startsWith(".")) && !excluded(below);
}

/** One test for all globs; extended globs are off, for they can take exponential time. */
export function compileGlobs(globs: readonly string[]): ((file: string) => boolean) | Problem {
  const tests: ((file: string) => boolean)[] = [];
  for (const glob of globs) {
    const tooMuch = glob.length > MAX_GLOB || glob.replaceAll("**", "*").split("*").length - 1 > MAX_STARS;
    if (tooMuch || glob === "")
      return {
        code: "invalid-baseline",
        message: `an exclude glob is empty, too long, or has more than ${MAX_STARS} stars`,
      };
    tests.push(picomatch(glob.replace(/^\.?\//, ""), { dot: true, noextglob: true, nonegate: true }));
  }
  return (file) => tests.some((test) => test(file));
}

async function readLinks(
  input: RenderInput,
  entries: readonly TreeEntry[],
): Promise<ReadonlyMap<string, string> | Problem> {
  if (!entries.some((entry) => entry.kind === "link")) return new Map();
  const ids = [...input.tree.values()].filter((entry) => entry.kind === "link").map((entry) => entry.id);
  const blobs = await input.read(ids);
  if ("code" in blobs) return blobs;
  return new Map([...blobs].map(([id, content]) => [id, content.toString("utf8")]));
}

/** What to read for an entry; undefined for what is no manifest. Where a link leads is never said: it may be a probe. */
function choose(tree: Tree, entry: TreeEntry, links: ReadonlyMap<string, string>): Chosen | Problem | undefined {
  const refused = (message: string): Problem => ({ code: "source-path-refused", message, file: entry.path, line: 1 });
  const name = entry.path.slice(entry.path.lastIndexOf("/") + 1);
  if (entry.kind === "submodule") return refused("it is a submodule, and submodules are not read");
  if (kustomizationNames.includes(name)) return undefined;
  if (entry.kind === "file") return MANIFEST.test(name) ? { path: entry.path, id: entry.id } : undefined;
  const { to } = followLink(tree, entry, (id) => links.get(id));
  if (to === "folder") return refused("it is a link to a folder, which is not followed");
  if (!MANIFEST.test(name)) return undefined;
  if (to === "outside") return refused("it is a link that leaves the repository");
  if (to === "missing") return refused("it is a link that leads nowhere");
  return { path: entry.path, id: to.id };
}

/** Manifests by path, read once per content. */
export async function readFiles(
  input: Pick<RenderInput, "read" | "parser">,
  chosen: readonly Chosen[],
): Promise<ReadonlyMap<string, Manifests> | Problem> {
  const cached = input.parser.recall(chosen.map((file) => file.id));
  const blobs = await input.read(chosen.map((file) => file.id).filter((id) => !cached.has(id)));
  if ("code" in blobs) return blobs;
  const jobs: { key: string; text: string }[] = [];
  const undecodable = new Set<string>();
  for (const [key, content] of blobs) {
    const text = decode(content);
    if (text === undefined) undecodable.add(key);
    else jobs.push({ key, text });
  }
  const parsed = await input.parser.parse(jobs);
  const files = new Map<string, Manifests>();
  for (const { path, id } of chosen) {
    const manifests = undecodable.has(id) ? notText : (cached.get(id) ?? parsed.get(id));
    if (manifests === undefined)
      return { code: "source-unreachable", message: `${path} could not be read from the mirror` };
    files.set(path, placed(manifests, path));
  }
  return files;
}

const notText: Manifests = {
  objects: [],
  problems: [{ code: "yaml-syntax", message: "the file is not UTF-8 text", line: 1 }],
};

function decode(content: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return undefined;
  }
}

function placed(manifests: Manifests, file: string): Manifests {
  return {
    objects: manifests.objects.map((found) => declaredAt(found, { ...found.source, file })),
    problems: manifests.problems.map((problem) => ({ ...problem, file })),
  };
}
