/**
 * What the end-to-end suites stand on: a control plane, a Git repository served from the file system, the chart, and
 * questions about the state of the world. Asks the API server as the admin, never the operator's own memory.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { formatJson, getIn, getString, isArray, isObject, parseJson, type Json } from "../../src/model/json.ts";
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from "../control-plane/control-plane.ts";
import { createRepository } from "../git-server/repository.ts";
import { defaultNamespace, eventually, installChart, type InstallOptions } from "./operator.ts";

/** `deploy/examples/shop/plain`, by file name. */
export function shopFiles(): Record<string, string> {
  const folder = fileURLToPath(new URL("../../deploy/examples/shop/plain", import.meta.url));
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(path.join(folder, name), "utf8")]));
}

export interface World {
  readonly plane: ControlPlane;
  /** Of the repository. */
  readonly url: string;
  /** What kubectl prints; throws what it says where it fails. */
  kubectl(...args: string[]): Promise<string>;
  apply(manifest: string): Promise<void>;
  /** Undefined where there is none. */
  get(pathname: string): Promise<Json | undefined>;
  items(pathname: string): Promise<readonly Json[]>;
  /** One JSON Patch or merge patch as a field manager; throws where it is refused. */
  patch(pathname: string, body: Json, manager?: string): Promise<void>;
  /** The whole tree as a new commit; its id. */
  commit(files: Readonly<Record<string, string>>, branch?: string): string;
  createBaseline(name: string, spec: Json, namespace?: string): Promise<void>;
  baseline(name: string, namespace?: string): Promise<Json | undefined>;
  /** Asks for a look at Git now, and waits until this commit is what is judged against. */
  checkNow(name: string, commit: string, namespace?: string): Promise<void>;
  /** `status.objects`: how many have which verdict. */
  counts(name: string, namespace?: string): Promise<Readonly<Record<string, Json>>>;
  /** The Drift record of one object, in whatever Baseline. */
  drift(kind: string, name: string): Promise<Json | undefined>;
  drifts(): Promise<readonly Json[]>;
  /** Waits for a Drift record that satisfies the check. */
  drifted(kind: string, name: string, check?: (record: Json) => boolean): Promise<Json>;
  noDrift(kind: string, name: string): Promise<void>;
  /** Plumbline's Events of a reason regarding an object of that name. */
  events(reason: string, name: string): Promise<readonly Json[]>;
  event(reason: string, name: string): Promise<Json>;
  audit(): readonly AuditEntry[];
  stop(): Promise<void>;
}

export interface AuditEntry {
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string; readonly extra?: Readonly<Record<string, readonly string[]>> };
  readonly objectRef?: {
    readonly resource?: string;
    readonly apiGroup?: string;
    readonly subresource?: string;
    readonly name?: string;
    readonly namespace?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly stage: string;
  readonly requestReceivedTimestamp: string;
}

export interface WorldOptions {
  readonly plane?: ControlPlaneOptions;
  readonly files: Readonly<Record<string, string>>;
  /** Values of the chart; file:// sources are allowed. */
  readonly values?: InstallOptions["values"];
}

const group = "plumbline.dev/v1alpha1";
export const baselinePath = (name: string, namespace: string = defaultNamespace): string =>
  `/apis/${group}/namespaces/${namespace}/baselines/${name}`;

/** A control plane with the chart installed, the files committed on main and applied as a person would. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const plane = await startControlPlane(options.plane ?? {});
  try {
    return await openWorld(plane, options);
  } catch (error) {
    await plane.stop();
    throw error;
  }
}

async function openWorld(plane: ControlPlane, options: WorldOptions): Promise<World> {
  const repository = createRepository(path.join(plane.folder, "shop.git"));
  const url = `file://${repository.dir}`;
  repository.commit(options.files);

  const kubectl = async (args: readonly string[], input?: string): Promise<string> => {
    const { code, stdout, stderr } = await plane.kubectl(args, input);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  const get = async (pathname: string): Promise<Json | undefined> => {
    const { status, text } = await plane.request("GET", pathname);
    if (status === 404) return undefined;
    if (status !== 200) throw new Error(`GET ${pathname}: ${status} ${text}`);
    return parseJson(text);
  };
  const items = async (pathname: string): Promise<readonly Json[]> => {
    const found = getIn(await get(pathname), "items");
    return isArray(found) ? found : [];
  };
  const patch = async (pathname: string, body: Json, manager = "kubectl-edit"): Promise<void> => {
    const contentType = isArray(body) ? "application/json-patch+json" : "application/merge-patch+json";
    const asked = `${pathname}?fieldManager=${manager}`;
    const { status, text } = await plane.request("PATCH", asked, { body: formatJson(body), contentType });
    if (status !== 200) throw new Error(`PATCH ${pathname}: ${status} ${text}`);
  };
  const drifts = (): Promise<readonly Json[]> => items(`/apis/${group}/drifts`);
  const drift = async (kind: string, name: string): Promise<Json | undefined> =>
    (await drifts()).find(
      (one) => getString(one, "object", "kind") === kind && getString(one, "object", "name") === name,
    );
  const events = async (reason: string, name: string): Promise<readonly Json[]> =>
    (await items("/apis/events.k8s.io/v1/events")).filter(
      (one) =>
        getString(one, "reportingController") === "plumbline.dev/operator" &&
        getString(one, "reason") === reason &&
        getString(one, "regarding", "name") === name,
    );
  const baseline = (name: string, namespace?: string): Promise<Json | undefined> => get(baselinePath(name, namespace));
  let requests = 0;

  await installChart(plane, {
    values: { "sources.allowFileUrls": true, replicaCount: 0, ...options.values },
  });
  await kubectl(["wait", "--for=condition=Established", "crd/baselines.plumbline.dev", "crd/drifts.plumbline.dev"]);
  const apply = async (manifest: string): Promise<void> => void (await kubectl(["apply", "-f", "-"], manifest));
  await apply(joined(options.files));

  return {
    plane,
    url,
    kubectl: (...args) => kubectl(args),
    apply,
    get,
    items,
    patch,
    commit: (files, branch) => repository.commit(files, branch === undefined ? {} : { branch }),
    async createBaseline(name, spec, namespace = defaultNamespace) {
      const metadata = { name, namespace };
      const whole = { source: { git: { url, ref: { branch: "main" } } }, ...(isObject(spec) ? spec : {}) };
      await apply(formatJson({ apiVersion: group, kind: "Baseline", metadata, spec: whole }));
    },
    baseline,
    async checkNow(name, commit, namespace) {
      requests += 1;
      const annotations = { "plumbline.dev/requested-at": `${new Date().toISOString()}#${requests}` };
      await patch(baselinePath(name, namespace), { metadata: { annotations } });
      await eventually(`Baseline ${name} judged against ${commit}`, async () => {
        const status = getIn(await baseline(name, namespace), "status");
        return getString(status, "source", "revision")?.endsWith(commit) === true ? true : undefined;
      });
    },
    async counts(name, namespace) {
      const found = getIn(await baseline(name, namespace), "status", "objects");
      return isObject(found) ? found : {};
    },
    drift,
    drifts,
    drifted: (kind, name, check = () => true) =>
      eventually(`a Drift record of ${kind} ${name}`, async () => {
        const record = await drift(kind, name);
        return record !== undefined && check(record) ? record : undefined;
      }),
    noDrift: async (kind, name) => {
      await eventually(`no Drift record of ${kind} ${name}`, async () =>
        (await drift(kind, name)) === undefined ? true : undefined,
      );
    },
    events,
    event: (reason, name) =>
      eventually(`an Event ${reason} on ${name}`, async () => (await events(reason, name)).at(-1)),
    audit: () =>
      readFileSync(plane.auditLogPath ?? "", "utf8")
        .split("\n")
        .filter((line) => line.startsWith("{") && line.endsWith("}"))
        .map((line) => JSON.parse(line) as AuditEntry),
    stop: () => plane.stop(),
  };
}

/** One stream of documents, Namespaces first, as `kubectl apply -f` of a folder wants it. */
export function joined(files: Readonly<Record<string, string>>): string {
  const documents = Object.values(files).flatMap((text) => text.split(/^---$/m));
  const first = documents.filter((text) => /^kind: Namespace$/m.test(text));
  return [...first, ...documents.filter((text) => !first.includes(text))].join("\n---\n");
}

/** 1-based line of the first line of a text that holds the words. */
export const lineOf = (text: string, words: string): number =>
  text.split("\n").findIndex((line) => line.includes(words)) + 1;

/** A line in Git may be known only after the first writing of a record, and then stands in the second. */
export const hasLines = (record: Json): boolean =>
  changesOf(record).every((change) => getIn(change, "source", "line") !== undefined);

/** Changes of a Drift record. */
export function changesOf(record: Json | undefined): readonly Json[] {
  const found = getIn(record, "changes");
  return isArray(found) ? found : [];
}
