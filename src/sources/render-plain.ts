/**
 * Plain manifests: every `*.yaml`, `*.yml` and `*.json` below the path (lower case, as kubectl has it), but nothing
 * below a name that starts with a dot, no kustomization, and nothing that `exclude` matches. Globs are matched against
 * the path below the Baseline's. A bad file is a problem and does not stop the others.
 */
import picomatch from "picomatch";
import { declaredAt, sameOr } from "../model/desired.ts";
import type { Problem } from "../model/problem.ts";
import type { DesiredObject } from "../model/snapshot.ts";
import { followLink, type Tree, type TreeEntry } from "./git-tree.ts";
import { kustomizationNames } from "./kustomize-scan.ts";
import type { KnownFile, RenderInput, Rendering } from "./render-input.ts";
import type { Manifests } from "./yaml.ts";

const MANIFEST = /\.(?:yaml|yml|json)$/;
const KUSTOMIZE = "kustomize.config.k8s.io";
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
  const entries: TreeEntry[] = [];
  for (const entry of input.tree.values()) {
    const pause = input.breath.pause();
    if (pause !== undefined) await pause;
    if (isBelow(entry.path, input.path, excluded)) entries.push(entry);
  }
  const links = await readLinks(input, entries);
  if ("code" in links) return links;
  const chosen: Chosen[] = [];
  for (const entry of entries) {
    const pause = input.breath.pause();
    if (pause !== undefined) await pause;
    const found = choose(input.tree, entry, links);
    if (found === undefined) continue;
    if ("code" in found) problems.push(found);
    else chosen.push(found);
  }
  const files = await readFiles(input, chosen);
  if ("code" in files) return files;
  const objects: DesiredObject[] = [];
  for (const manifests of files.values()) {
    const pause = input.breath.pause();
    if (pause !== undefined) await pause;
    for (const problem of manifests.problems) problems.push(problem);
    for (const object of manifests.objects) if (object.id.group !== KUSTOMIZE) objects.push(object);
  }
  return { objects, problems, files, verbatim: true };
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

type ReadInput = Pick<RenderInput, "read" | "readParsed" | "parser">;

/** So many files are read from the store at once: their bytes are held while they are parsed. */
const FILES_AT_ONCE = 256;
/** Fewer are read here, where no process need be started for them. */
const WORTH_A_THREAD = 8;
/** One lot is read from the store while another is parsed. */
const LOTS_AT_ONCE = 2;

/**
 * Manifests by path, read once per content; what is known of a path and has not changed is not read again, and gives the
 * very same objects.
 */
export async function readFiles(
  input: ReadInput & Pick<RenderInput, "breath" | "known">,
  chosen: readonly Chosen[],
): Promise<ReadonlyMap<string, KnownFile> | Problem> {
  const files = new Map<string, KnownFile>();
  const wanted = new Map<string, string>();
  for (const { path, id } of chosen) {
    const pause = input.breath.pause();
    if (pause !== undefined) await pause;
    const known = input.known?.files.get(path);
    if (known?.id === id) files.set(path, known);
    else if (!wanted.has(id)) wanted.set(id, path);
  }
  const read = await readContents(input, [...wanted]);
  if ("code" in read) return read;
  const placed = new Map<string, KnownFile>();
  for (const { path, id } of chosen) {
    const pause = input.breath.pause();
    if (pause !== undefined) await pause;
    const manifests = files.get(path) ?? read.get(id);
    if (manifests === undefined)
      return { code: "source-unreachable", message: `${path} could not be read from the mirror` };
    const known = input.known?.files.get(path);
    placed.set(path, known === manifests ? known : { id, ...placedAt(manifests, path, known) });
  }
  return placed;
}

/** Manifests by object id, as they stand in the first path that has it. */
async function readContents(
  input: ReadInput,
  wanted: readonly (readonly [id: string, path: string])[],
): Promise<ReadonlyMap<string, Manifests> | Problem> {
  const found = new Map<string, Manifests>();
  const lots = Array.from({ length: Math.ceil(wanted.length / FILES_AT_ONCE) }, (_, index) =>
    wanted.slice(index * FILES_AT_ONCE, (index + 1) * FILES_AT_ONCE),
  );
  let problem: Problem | undefined;
  const work = async (): Promise<void> => {
    for (let lot = lots.shift(); lot !== undefined && problem === undefined; lot = lots.shift()) {
      if (lot.length >= WORTH_A_THREAD) {
        const parsed = await input.readParsed(lot.map(([id, file]) => ({ id, file })));
        if (parsed !== undefined && "code" in parsed) problem = parsed;
        else for (const [id, manifests] of parsed ?? []) found.set(id, manifests);
        if (parsed !== undefined) continue;
      }
      const blobs = await input.read(lot.map(([id]) => id));
      if ("code" in blobs) {
        problem = blobs;
        return;
      }
      const jobs = lot.flatMap(([key, file]) => {
        const text = blobs.get(key);
        return text === undefined ? [] : [{ key, text, file }];
      });
      for (const [id, manifests] of await input.parser.parse(jobs)) found.set(id, manifests);
    }
  };
  await Promise.all(Array.from({ length: LOTS_AT_ONCE }, work));
  return problem ?? found;
}

/** Equal content may stand at several paths. */
function placedAt(manifests: Manifests, file: string, known: KnownFile | undefined): Manifests {
  return {
    objects: manifests.objects.map((found, index) => {
      const here = found.source.file === file ? found : declaredAt(found, { ...found.source, file });
      return sameOr(known?.objects[index], here);
    }),
    problems: manifests.problems.map((problem) => ({ ...problem, file })),
  };
}
