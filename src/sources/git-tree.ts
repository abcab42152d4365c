/**
 * The files of one revision, read from the object store: nothing is checked out, so no name in a tree can reach the
 * file system. A tree with a hostile name is refused whole; links are followed only inside the tree.
 * Source: CVE-2024-32002, CVE-2022-24904 (links), git-fsck(1) (names).
 */
import path from "node:path";
import { printableLine } from "../model/printable.ts";
import type { Problem } from "../model/problem.ts";
import { exec } from "../runtime/exec.ts";
import type { Breath } from "../runtime/breath.ts";

export interface TreeEntry {
  /** From the root of the tree, with forward slashes. */
  readonly path: string;
  readonly kind: "file" | "link" | "submodule";
  /** Object id. */
  readonly id: string;
}

export interface ObjectStore {
  readonly gitBinary: string;
  /** The bare repository. */
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds. */
  readonly timeout: number;
}

/** Every file, link and submodule by path. */
export type Tree = ReadonlyMap<string, TreeEntry>;

const ENTRY = /^(\d{6}) (blob|commit) ([0-9a-f]+)\t([\s\S]+)$/;

/** Names that mean something else to some file system: `..`, `.git` in its disguises, separators, controls. */
export function isHostileName(name: string): boolean {
  if (name === "" || name === "." || name === "..") return true;
  if (/[\\/\p{Cc}]/u.test(name)) return true;
  const bare = name
    .normalize("NFC")
    .replaceAll(/\p{Cf}/gu, "")
    .replace(/[. ]+$/, "")
    .toLowerCase();
  return bare === ".git" || bare === "git~1" || bare === "" || bare.startsWith(".git:");
}

// What most names are: nothing of it is hostile, and it need not be looked at more closely.
const HARMLESS = /^[A-Za-z0-9_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*$/;

/** What `ls-tree -r -z` printed. */
export async function parseTree(output: string, maxFiles: number, breath: Breath): Promise<Tree | Problem> {
  const tree = new Map<string, TreeEntry>();
  let folder = "/";
  for (let start = 0; start < output.length; ) {
    const pause = breath.pause();
    if (pause !== undefined) await pause;
    const end = output.indexOf("\0", start);
    const line = output.slice(start, end < 0 ? output.length : end);
    start = end < 0 ? output.length : end + 1;
    const [, mode = "", , id = "", file = ""] = ENTRY.exec(line) ?? [];
    if (file === "") continue;
    const slash = file.lastIndexOf("/");
    const above = file.slice(0, slash + 1);
    const parts = above === folder ? [file.slice(slash + 1)] : file.split("/");
    if (parts.some((part) => !HARMLESS.test(part) && isHostileName(part)))
      return {
        code: "source-path-refused",
        message: `the revision holds a hostile file name: ${printableLine(JSON.stringify(file), 200)}`,
      };
    folder = above;
    if (tree.size >= maxFiles)
      return { code: "source-too-large", message: `the revision has more than ${maxFiles} files` };
    tree.set(file, { path: file, kind: kindOf(mode), id });
  }
  return tree;
}

function kindOf(mode: string): TreeEntry["kind"] {
  return mode === "120000" ? "link" : mode === "160000" ? "submodule" : "file";
}

/** A tree that was read, and of which commit. */
export interface KnownTree {
  readonly commit: string;
  readonly tree: Tree;
}

export interface TreeWanted {
  readonly store: ObjectStore;
  readonly commit: string;
  readonly maxFiles: number;
  readonly breath: Breath;
}

/** The tree of a commit: from one that is known where nothing but contents changed and files went, else listed anew. */
export async function readTree(wanted: TreeWanted, known?: KnownTree): Promise<Tree | Problem> {
  if (known === undefined) return await listTree(wanted);
  if (known.commit === wanted.commit) return known.tree;
  return (await readChanges(wanted, known)) ?? (await listTree(wanted));
}

async function listTree({ store, commit, maxFiles, breath }: TreeWanted): Promise<Tree | Problem> {
  const result = await exec(store.gitBinary, ["ls-tree", "-r", "-z", "--full-tree", commit], {
    cwd: store.dir,
    env: store.env,
    timeout: store.timeout,
    maxOutput: maxFiles * 512,
  });
  if (result.end === "output-limit")
    return { code: "source-too-large", message: `the revision has more than ${maxFiles} files` };
  if (result.end === "timeout")
    return { code: "source-timeout", message: "listing the files of the revision took too long" };
  if (result.end !== "exited" || result.code !== 0)
    return { code: "source-unreachable", message: "the files of the revision could not be listed" };
  return await parseTree(result.stdout.toString("utf8"), maxFiles, breath);
}

const CHANGE = /^:\d{6} (\d{6}) [0-9a-f]+ ([0-9a-f]+) ([A-Z])$/;

/**
 * What `diff-tree` says, put upon the tree that is known. Undefined where the known commit is gone, or files came: where
 * they stand among the others, and whether their names are hostile, is for the listing to say.
 */
async function readChanges(
  { store, commit, maxFiles, breath }: TreeWanted,
  known: KnownTree,
): Promise<Tree | undefined> {
  const result = await exec(
    store.gitBinary,
    ["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", known.commit, commit],
    { cwd: store.dir, env: store.env, timeout: store.timeout, maxOutput: maxFiles * 512 },
  );
  if (result.end !== "exited" || result.code !== 0) return undefined;
  const tree = new Map<string, TreeEntry>();
  for (const [file, entry] of known.tree) {
    const pause = breath.pause();
    if (pause !== undefined) await pause;
    tree.set(file, entry);
  }
  const fields = result.stdout.toString("utf8").split("\0");
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const pause = breath.pause();
    if (pause !== undefined) await pause;
    const [, mode = "", id = "", status = ""] = CHANGE.exec(fields[at] ?? "") ?? [];
    const file = fields[at + 1] ?? "";
    if (status === "D") tree.delete(file);
    else if (status === "M" || status === "T") tree.set(file, { path: file, kind: kindOf(mode), id });
    else return undefined;
  }
  return tree;
}

/** Contents by object id. */
export async function readBlobs(
  store: ObjectStore,
  ids: readonly string[],
  maxBytes: number,
): Promise<ReadonlyMap<string, Buffer> | Problem> {
  const wanted = [...new Set(ids)];
  if (wanted.length === 0) return new Map();
  const result = await exec(store.gitBinary, ["cat-file", "--batch", "--buffer"], {
    cwd: store.dir,
    env: store.env,
    timeout: store.timeout,
    maxOutput: maxBytes + wanted.length * 128,
    input: `${wanted.join("\n")}\n`,
  });
  if (result.end === "output-limit")
    return { code: "source-too-large", message: `the files to read are larger than ${maxBytes} bytes together` };
  if (result.end === "timeout")
    return { code: "source-timeout", message: "reading the files of the revision took too long" };
  if (result.end !== "exited" || result.code !== 0)
    return { code: "source-unreachable", message: "the files of the revision could not be read" };
  return parseBatch(result.stdout);
}

function parseBatch(output: Buffer): ReadonlyMap<string, Buffer> {
  const blobs = new Map<string, Buffer>();
  let at = 0;
  while (at < output.length) {
    const lineEnd = output.indexOf(0x0a, at);
    if (lineEnd < 0) break;
    const [id = "", type = "", size = ""] = output.toString("latin1", at, lineEnd).split(" ");
    at = lineEnd + 1;
    if (type === "missing") continue;
    const length = Number(size);
    if (type === "blob") blobs.set(id, output.subarray(at, at + length));
    at += length + 1;
  }
  return blobs;
}

const MAX_HOPS = 40;

/**
 * Where a link leads inside the tree: a file, `folder`, `outside` (also absolute, or into a submodule), or `missing`.
 * `target` gives a link's text by object id.
 */
export function followLink(
  tree: Tree,
  from: TreeEntry,
  target: (id: string) => string | undefined,
): { readonly to: TreeEntry } | { readonly to: "folder" | "outside" | "missing" } {
  let at: TreeEntry = from;
  for (let hop = 0; hop < MAX_HOPS; hop += 1) {
    const text = target(at.id);
    if (text === undefined || text === "" || text.includes("\0")) return { to: "missing" };
    if (text.startsWith("/") || text.includes("\\")) return { to: "outside" };
    const joined = path.posix.normalize(path.posix.join(path.posix.dirname(at.path), text)).replace(/\/$/, "");
    if (joined === ".." || joined.startsWith("../")) return { to: "outside" };
    const found = tree.get(joined);
    if (found?.kind === "file") return { to: found };
    if (found === undefined) {
      const through = linkOnTheWay(tree, joined);
      // A folder on the way is itself a link: rare, and not worth a resolver of its own.
      if (through) return { to: "outside" };
      return { to: isFolder(tree, joined) ? "folder" : "missing" };
    }
    if (found.kind === "submodule") return { to: "outside" };
    at = found;
  }
  return { to: "missing" };
}

function linkOnTheWay(tree: Tree, file: string): boolean {
  const parts = file.split("/");
  return parts.some((_, index) => index > 0 && tree.get(parts.slice(0, index).join("/"))?.kind === "link");
}

export function isFolder(tree: Tree, folder: string): boolean {
  if (folder === "" || folder === ".") return true;
  for (const file of tree.keys()) if (file.startsWith(`${folder}/`)) return true;
  return false;
}
