/**
 * What a kustomization reaches, found before kustomize runs: every reference must be a file or folder of the revision.
 * A remote reference, a path that leaves the tree, a chart or a plugin refuses the rendering, with its file and line.
 * Kustomize itself would fetch the first, read the second, and run the last where it is allowed to.
 * Source: Flux CVE-2022-24877, https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
 */
import path from "node:path";
import { getIn, getString, isArray, isObject, type Json } from "../model/json.ts";
import { printableLine } from "../model/printable.ts";
import type { Problem } from "../model/problem.ts";
import { followLink, isFolder, type Tree, type TreeEntry } from "./git-tree.ts";
import { parseYaml, type YamlDocument } from "./yaml.ts";

export const kustomizationNames: readonly string[] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

export interface ReferenceRule {
  /** Tokens to the reference; `*` stands for every item of a list. */
  readonly at: readonly string[];
  /** `any`: a file or a folder with a kustomization. `file-or-inline`: text with a line break is the thing itself. */
  readonly to: "any" | "folder" | "file" | "file-or-inline" | "named-file" | "plugin";
  readonly role: "manifest" | "secret" | "input";
}

export const referenceRules: readonly ReferenceRule[] = [
  { at: ["resources", "*"], to: "any", role: "manifest" },
  { at: ["bases", "*"], to: "folder", role: "manifest" },
  { at: ["components", "*"], to: "folder", role: "manifest" },
  { at: ["crds", "*"], to: "file", role: "input" },
  { at: ["configurations", "*"], to: "file", role: "input" },
  { at: ["openapi", "path"], to: "file", role: "input" },
  { at: ["patches", "*", "path"], to: "file", role: "input" },
  { at: ["patchesStrategicMerge", "*"], to: "file-or-inline", role: "input" },
  { at: ["patchesJson6902", "*", "path"], to: "file", role: "input" },
  { at: ["replacements", "*", "path"], to: "file", role: "input" },
  { at: ["configMapGenerator", "*", "files", "*"], to: "named-file", role: "input" },
  { at: ["configMapGenerator", "*", "envs", "*"], to: "file", role: "input" },
  { at: ["configMapGenerator", "*", "env"], to: "file", role: "input" },
  { at: ["secretGenerator", "*", "files", "*"], to: "named-file", role: "secret" },
  { at: ["secretGenerator", "*", "envs", "*"], to: "file", role: "secret" },
  { at: ["secretGenerator", "*", "env"], to: "file", role: "secret" },
  { at: ["generators", "*"], to: "plugin", role: "input" },
  { at: ["transformers", "*"], to: "plugin", role: "input" },
  { at: ["validators", "*"], to: "plugin", role: "input" },
];

/** Fields that have kustomize run something else. */
export const refusedFields: readonly string[] = ["helmCharts", "helmChartInflationGenerator", "helmGlobals"];

const REMOTE =
  /:\/\/|^git::|^[^/\s]+@[^/\s]+:|[?&](?:ref|version|timeout|submodules)=|^(?:github|gitlab)\.com[/:]|^bitbucket\.org[/:]/;
const REMOTE_LOOK = /^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+[/:]|\/\/|\.git(?:$|[/?])/;
const MAX_FOLDERS = 500;

export interface Scan {
  /** The kustomization file at the root. */
  readonly root: string;
  /** What to put on disk: path to object id. */
  readonly files: ReadonlyMap<string, string>;
  /** Files that declare objects. */
  readonly manifests: ReadonlySet<string>;
  /** Files whose content is secret. */
  readonly secrets: ReadonlySet<string>;
}

interface Reference {
  readonly from: string;
  readonly line: number;
  readonly folder: string;
  readonly text: string;
}

export interface ScanInput {
  readonly tree: Tree;
  read(ids: readonly string[]): Promise<ReadonlyMap<string, Buffer> | Problem>;
  /** Folder, "" for the root. */
  readonly path: string;
}

/** Thrown inside, returned outside. */
class Refusal {
  readonly problem: Problem;
  constructor(problem: Problem) {
    this.problem = problem;
  }
}

export async function scanKustomization(input: ScanInput): Promise<Scan | Problem> {
  const scanner = new Scanner(input);
  try {
    const root = await scanner.enter(input.path, undefined);
    return { root, files: scanner.files, manifests: scanner.manifests, secrets: scanner.secrets };
  } catch (refusal) {
    if (refusal instanceof Refusal) return refusal.problem;
    throw refusal;
  }
}

class Scanner {
  readonly #input: ScanInput;
  readonly #entered = new Set<string>();
  readonly files = new Map<string, string>();
  readonly manifests = new Set<string>();
  readonly secrets = new Set<string>();

  constructor(input: ScanInput) {
    this.#input = input;
  }

  /** Follows the kustomization of a folder; resolves to its file. */
  async enter(folder: string, from: Reference | undefined): Promise<string> {
    const below = folder === "" ? "" : `${folder}/`;
    const names = kustomizationNames.filter((name) => this.#input.tree.has(below + name));
    const place = from === undefined ? { file: below, line: 1 } : { file: from.from, line: from.line };
    const shown = folder === "" ? "the root" : printableLine(folder, 200);
    if (names.length !== 1) {
      const message = names.length === 0 ? `${shown} has no kustomization` : `${shown} has more than one kustomization`;
      throw new Refusal({ code: "kustomize-failed", message, ...place });
    }
    const file = `${below}${names[0] ?? ""}`;
    if (this.#entered.has(folder)) return file;
    this.#entered.add(folder);
    if (this.#entered.size > MAX_FOLDERS)
      throw new Refusal({
        code: "source-too-large",
        message: `it reaches more than ${MAX_FOLDERS} kustomizations`,
        ...place,
      });
    for (const document of await this.#parse(file)) await this.#follow(file, folder, document);
    return file;
  }

  async #follow(file: string, folder: string, document: YamlDocument): Promise<void> {
    for (const name of refusedFields) {
      if (getIn(document.value, name) === undefined) continue;
      const line = document.lineAt([name]) ?? document.line;
      throw new Refusal({
        code: "kustomize-plugin-refused",
        message: `${name} runs helm, which is not supported`,
        file,
        line,
      });
    }
    for (const rule of referenceRules)
      for (const { tokens, text } of referencesAt(document.value, rule.at, [])) {
        const line = document.lineAt(tokens) ?? document.line;
        await this.#resolve({ from: file, line, folder, text: named(text, rule) }, rule);
      }
  }

  async #resolve(reference: Reference, rule: ReferenceRule): Promise<void> {
    const inline = reference.text.includes("\n");
    if (inline && rule.to === "plugin") return this.#checkPlugins(parseYaml(reference.text).documents, reference);
    if (inline && rule.to === "file-or-inline") return;
    const found = await this.#locate(reference);
    if (found === "folder") {
      if (rule.to !== "any" && rule.to !== "folder" && rule.to !== "plugin")
        throw this.#refuse("kustomize-failed", reference, "is a folder, and a file is expected");
      await this.enter(join(reference.folder, reference.text), reference);
      return;
    }
    this.files.set(found.path, found.id);
    if (rule.role === "manifest") this.manifests.add(found.path);
    if (rule.role === "secret") this.secrets.add(found.path);
    if (rule.to !== "plugin") return;
    this.#checkPlugins(await this.#parse(found.path), reference);
    // A built-in transformer may name more files, and only below its root.
    const below = reference.folder === "" ? "" : `${reference.folder}/`;
    for (const entry of this.#input.tree.values())
      if (entry.kind === "file" && entry.path.startsWith(below)) this.files.set(entry.path, entry.id);
  }

  #refuse(code: Problem["code"], reference: Reference, reason: string): Refusal {
    const shown = printableLine(JSON.stringify(reference.text), 200);
    return new Refusal({ code, message: `${shown} ${reason}`, file: reference.from, line: reference.line });
  }

  async #locate(reference: Reference): Promise<{ readonly path: string; readonly id: string } | "folder"> {
    const { text, folder } = reference;
    if (REMOTE.test(text)) throw this.#refuse("kustomize-remote-refused", reference, "is a remote reference");
    if (text === "" || /[\\\p{Cc}]/u.test(text)) throw this.#refuse("kustomize-failed", reference, "is no path");
    if (text.startsWith("/")) throw this.#refuse("source-path-refused", reference, "leaves the repository");
    const target = join(folder, text);
    if (target === ".." || target.startsWith("../"))
      throw this.#refuse("source-path-refused", reference, "leaves the repository");
    const entry = this.#input.tree.get(target);
    if (entry?.kind === "file") return { path: target, id: entry.id };
    if (entry?.kind === "link") return { path: target, id: await this.#followLink(entry, reference) };
    if (entry?.kind === "submodule")
      throw this.#refuse("source-path-refused", reference, "is a submodule, which is not read");
    if (isFolder(this.#input.tree, target)) return "folder";
    if (REMOTE_LOOK.test(text)) throw this.#refuse("kustomize-remote-refused", reference, "is a remote reference");
    throw this.#refuse("kustomize-failed", reference, "is not in the revision");
  }

  async #followLink(entry: TreeEntry, reference: Reference): Promise<string> {
    const links = [...this.#input.tree.values()].filter((other) => other.kind === "link").map((other) => other.id);
    const blobs = await this.#input.read(links);
    if ("code" in blobs) throw new Refusal(blobs);
    const { to } = followLink(this.#input.tree, entry, (id) => blobs.get(id)?.toString("utf8"));
    if (typeof to !== "string") return to.id;
    throw this.#refuse("source-path-refused", reference, "is a link that leaves the repository, or leads to no file");
  }

  async #parse(file: string): Promise<readonly YamlDocument[]> {
    const entry = this.#input.tree.get(file);
    if (entry?.kind === "link") {
      const reference = { from: file, line: 1, folder: path.posix.dirname(file), text: file };
      throw this.#refuse("source-path-refused", reference, "is a link, and a file is expected");
    }
    const id = entry?.id ?? "";
    this.files.set(file, id);
    const blobs = await this.#input.read([id]);
    if ("code" in blobs) throw new Refusal(blobs);
    const { documents, problems } = parseYaml(blobs.get(id)?.toString("utf8") ?? "", file);
    const problem = problems[0];
    if (problem !== undefined) throw new Refusal(problem);
    return documents;
  }

  #checkPlugins(documents: readonly YamlDocument[], reference: Reference): void {
    for (const { value } of documents) {
      const annotations = getIn(value, "metadata", "annotations");
      const runs = ["config.kubernetes.io/function", "config.k8s.io/function"].some(
        (name) => getIn(annotations, name) !== undefined,
      );
      if (runs || getString(value, "apiVersion") !== "builtin" || getString(value, "kind")?.startsWith("Helm") === true)
        throw new Refusal({
          code: "kustomize-plugin-refused",
          message: "it names a plugin, a function or a chart; only built-in generators and transformers run",
          file: reference.from,
          line: reference.line,
        });
    }
  }
}

function join(folder: string, text: string): string {
  const joined = path.posix.normalize(path.posix.join(folder, text)).replace(/\/$/, "");
  return joined === "." ? "" : joined;
}

/** `key=path` of a generator's file. */
function named(text: string, rule: ReferenceRule): string {
  return rule.to === "named-file" && text.includes("=") ? text.slice(text.indexOf("=") + 1) : text;
}

function* referencesAt(
  value: Json | undefined,
  at: readonly string[],
  tokens: readonly string[],
): Generator<{ readonly tokens: readonly string[]; readonly text: string }> {
  const [token, ...rest] = at;
  if (token === undefined) {
    if (typeof value === "string") yield { tokens, text: value };
  } else if (token === "*") {
    if (!isArray(value)) return;
    for (const [index, item] of value.entries()) yield* referencesAt(item, rest, [...tokens, String(index)]);
  } else if (isObject(value) && Object.hasOwn(value, token))
    yield* referencesAt(value[token], rest, [...tokens, token]);
}
