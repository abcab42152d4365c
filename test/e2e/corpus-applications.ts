/**
 * Published manifests as Git repositories and clusters get them: which folder is which application, one Baseline each,
 * what a file declares, and how a person deploys it. What the server refuses is found by looking, and leaves Git.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { getString } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { exec } from "../../src/runtime/exec.ts";
import { readManifests } from "../../src/sources/yaml.ts";
import { ensureBinaries } from "../control-plane/binaries.ts";
import type { ControlPlane } from "../control-plane/control-plane.ts";

export interface Application {
  /** Of the Baseline, and of its folder in Git where that is plain. */
  readonly name: string;
  /** Below the corpora's manifests. */
  readonly folder: string;
  readonly render: "Plain" | "Kustomize";
}

const overlay = (name: string): Application => ({
  name: `podinfo-${name}`,
  folder: `podinfo/deploy/overlays/${name}`,
  render: "Kustomize",
});
const plain = (name: string, folder = name): Application => ({ name, folder, render: "Plain" });

export const applications: readonly Application[] = [
  plain("online-boutique"),
  { name: "podinfo", folder: "podinfo/kustomize", render: "Kustomize" },
  overlay("dev"),
  overlay("staging"),
  overlay("production"),
  plain("podinfo-webapp", "podinfo/deploy/webapp"),
  plain("sock-shop"),
  plain("voting-app"),
  plain("ingress-nginx"),
  plain("argo-cd"),
  plain("gateway-api-crds", "gateway-api/config/crd/standard"),
  plain("gateway-api", "gateway-api/examples/standard"),
];

/** One document of a file. */
export interface Document {
  readonly file: string;
  readonly text: string;
  readonly object: KubeObject;
}

/** What one Baseline declares. */
export interface Declared {
  readonly baseline: string;
  readonly render: Application["render"];
  /** Of the repository. */
  readonly path: string;
  readonly targetNamespace: string;
  /** Of a rendered one, the objects that come out. */
  readonly documents: readonly Document[];
}

/** Name of the namespace for what names none. */
export const targetOf = (baseline: string): string => `on-${baseline}`;

export const nameOf = ({ kind, metadata }: KubeObject): string => {
  const namespace = getString(metadata, "namespace");
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${getString(metadata, "name") ?? ""}`;
};

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .toSorted();
}

function documentsOf(file: string, text: string): readonly Document[] {
  return text
    .split(/^---.*$/m)
    .flatMap((part) => readManifests(part, file).objects.map(({ object }) => ({ file, text: part, object })));
}

async function rendered(folder: string): Promise<readonly Document[]> {
  const { kustomize } = await ensureBinaries(["kustomize"]);
  const ran = await exec(kustomize, ["build", folder], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "" },
    timeout: 30_000,
    maxOutput: 16 * 1024 * 1024,
  });
  if (ran.end !== "exited" || ran.code !== 0) throw new Error(`kustomize build ${folder}: ${ran.stderr}`);
  return documentsOf("rendered", ran.stdout.toString("utf8"));
}

/**
 * Documents that name one object twice, as examples do, go to Baselines of their own, with a namespace of their own:
 * the n-th time of an object is in the n-th of them. Where the object cannot stand twice, the first one counts.
 */
function apart(
  documents: readonly Document[],
  isNamespaced: (kind: string) => boolean,
): { readonly layers: readonly (readonly Document[])[]; readonly twice: readonly string[] } {
  const seen = new Map<string, number>();
  const layers: Document[][] = [[]];
  const twice: string[] = [];
  for (const document of documents) {
    const { object, file } = document;
    const name = nameOf(object);
    const times = seen.get(name) ?? 0;
    seen.set(name, times + 1);
    if (times > 0 && (!isNamespaced(object.kind) || getString(object.metadata, "namespace") !== undefined))
      twice.push(`${file}: ${name}`);
    else (layers[times] ??= []).push(document);
  }
  return { layers, twice };
}

/** Everything the applications declare, as files stand; `twice` names what cannot stand a second time. */
export async function readApplications(
  manifests: string,
  isNamespaced: (kind: string) => boolean,
): Promise<{ readonly declared: readonly Declared[]; readonly twice: readonly string[] }> {
  const declared: Declared[] = [];
  const left: string[] = [];
  for (const { name, folder, render } of applications) {
    const base = path.join(manifests, folder);
    const documents =
      render === "Kustomize"
        ? await rendered(base)
        : filesBelow(base)
            .filter((file) => /\.ya?ml$/.test(file))
            .flatMap((file) => documentsOf(file, readFileSync(path.join(base, file), "utf8")));
    const { layers, twice } = apart(documents, isNamespaced);
    left.push(...twice.map((line) => `${folder}/${line}`));
    for (const [index, own] of layers.entries()) {
      const baseline = index === 0 ? name : `${name}-${index + 1}`;
      const at = render === "Kustomize" ? folder : baseline;
      declared.push({ baseline, render, path: at, targetNamespace: targetOf(baseline), documents: own });
    }
  }
  return { declared, twice: left };
}

/** The tree of the repository: what Kustomize reads as it is, of plain files what is not left out. */
export function treeOf(
  manifests: string,
  declared: readonly Declared[],
  isLeftOut: (one: Declared, document: Document) => boolean,
): Record<string, string> {
  const podinfo = path.join(manifests, "podinfo");
  const tree: Record<string, string> = Object.fromEntries(
    filesBelow(podinfo).map((file) => [`podinfo/${file}`, readFileSync(path.join(podinfo, file), "utf8")]),
  );
  for (const one of declared) {
    if (one.render === "Kustomize") continue;
    for (const document of one.documents) {
      const file = `${one.path}/${document.file}`;
      if (!isLeftOut(one, document)) tree[file] = `${tree[file] ?? ""}---\n${document.text.replace(/^\n/, "")}`;
    }
  }
  return tree;
}

/** As `kubectl apply -n` places it. */
export function placed(one: Declared, { object }: Document, isNamespaced: (kind: string) => boolean): KubeObject {
  if (!isNamespaced(object.kind) || getString(object.metadata, "namespace") !== undefined) return object;
  return { ...object, metadata: { ...object.metadata, namespace: one.targetNamespace } };
}

const first = new Set(["CustomResourceDefinition", "Namespace"]);
const webhooks = new Set(["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"]);
/** Outside of namespaces, and asked about before the server knows the custom kinds. */
const clusterScoped = new Set(["CustomResourceDefinition", "GatewayClass", "Namespace"]);

/** Which kinds live in namespaces, by the server and, for kinds not there yet, by what the manifests are. */
export async function readScopes(plane: ControlPlane): Promise<(kind: string) => boolean> {
  const { stdout } = await plane.kubectl(["api-resources", "--namespaced=false", "--no-headers"]);
  const found = new Set([...clusterScoped, ...stdout.split("\n").map((line) => line.trim().split(/\s+/).at(-1) ?? "")]);
  return (kind) => !found.has(kind);
}

/** What kubectl complained of. CRDs and namespaces first, hooks whose backend is not there last. */
export async function deploy(
  plane: ControlPlane,
  objects: readonly KubeObject[],
  command: readonly string[],
): Promise<readonly string[]> {
  const complaints: string[] = [];
  const send = async (some: readonly KubeObject[]): Promise<void> => {
    const { stderr } = await plane.kubectl([...command, "-f", "-"], listOf(some));
    complaints.push(...stderr.split("\n").filter((line) => line !== "" && !line.startsWith("Warning:")));
  };
  await send(objects.filter(({ kind }) => first.has(kind)));
  await plane.kubectl(["wait", "--for=condition=Established", "crd", "--all", "--timeout=30s"]);
  await send(objects.filter(({ kind }) => !first.has(kind) && !webhooks.has(kind)));
  await send(objects.filter(({ kind }) => webhooks.has(kind)));
  return complaints;
}

const listOf = (items: readonly KubeObject[]): string => JSON.stringify({ apiVersion: "v1", kind: "List", items });

/** Names of those that are there. */
export async function standing(plane: ControlPlane, objects: readonly KubeObject[]): Promise<ReadonlySet<string>> {
  const { stdout } = await plane.kubectl(["get", "--ignore-not-found", "-o", "json", "-f", "-"], listOf(objects));
  const found = JSON.parse(stdout) as { readonly items: readonly KubeObject[] };
  return new Set(found.items.map(nameOf));
}
