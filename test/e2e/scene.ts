/**
 * An operator at work for the tests of faults and bad input: a control plane, the chart, Git over https on loopback
 * with a password, and short words for what a person does (declare, edit, look). It decides nothing about what is right.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { formatJson, getIn, getString, isArray, isObject, type Json, type JsonObject } from "../../src/model/json.ts";
import { reportingController } from "../../src/sinks/event-body.ts";
import { startControlPlane, type ControlPlane, type ControlPlaneOptions } from "../control-plane/control-plane.ts";
import { startGitServer, type GitServer } from "../git-server/https-git-server.ts";
import { createRepository, type Repository } from "../git-server/repository.ts";
import {
  defaultNamespace,
  eventually,
  installChart,
  startOperator,
  type Operator,
  type StartOptions,
} from "./operator.ts";

/** In no place that people or programs can read. */
export const password = "CANARY-5b1f0a";

export interface Condition {
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

export interface Told {
  readonly reason: string;
  /** `ConfigMap shop/web`. */
  readonly regarding: string;
  readonly note: string;
  /** How often it happened, as the series says. */
  readonly count: number;
}

export interface DriftRecord {
  /** `ConfigMap shop/web`. */
  readonly object: string;
  readonly verdict: string;
  readonly paths: readonly string[];
  readonly body: JsonObject;
}

export interface Scene {
  readonly plane: ControlPlane;
  readonly git: GitServer;
  repository(name: string): Repository;
  start(options?: StartOptions): Promise<Operator>;
  /** Creates or changes a Baseline; `spec` is merged over one that reads `path` of `repository`. */
  declare(name: string, repository: string, spec?: JsonObject): Promise<void>;
  /** Asks for a look at Git now. */
  poke(baseline: string): Promise<void>;
  /** By type; empty while there are none. */
  conditions(baseline: string): Promise<Readonly<Record<string, Condition>>>;
  status(baseline: string): Promise<JsonObject>;
  drifts(baseline?: string): Promise<readonly DriftRecord[]>;
  events(): Promise<readonly Told[]>;
  /** One request that must succeed; the object that comes back. */
  send(method: string, pathname: string, body?: JsonObject, contentType?: string): Promise<JsonObject>;
  namespace(name: string): Promise<void>;
  /** Applies objects as a deployer would. */
  deploy(objects: readonly JsonObject[]): Promise<void>;
  /** A merge patch of a ConfigMap's data, by hand. */
  edit(namespace: string, name: string, data: JsonObject, manager?: string): Promise<void>;
  stop(): Promise<void>;
}

export const merge = "application/merge-patch+json";
const apply = "application/apply-patch+yaml";
const api = "/apis/plumbline.dev/v1alpha1";

export const baselinePath = (name: string): string => `${api}/namespaces/${defaultNamespace}/baselines/${name}`;
export const configMapPath = (namespace: string, name: string): string =>
  `/api/v1/namespaces/${namespace}/configmaps/${name}`;

export function configMap(
  name: string,
  data: JsonObject = { colour: "green" },
  annotations: JsonObject = {},
): JsonObject {
  const marks = Object.keys(annotations).length === 0 ? {} : { annotations };
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...marks }, data };
}

/** JSON is YAML; a line per object would hide the line numbers, so this one is indented. */
export const yaml = (...objects: readonly JsonObject[]): string =>
  objects.map((object) => `${JSON.stringify(object, null, 2)}\n`).join("---\n");

export function inNamespace(namespace: string, object: JsonObject): JsonObject {
  const metadata = object["metadata"];
  return { ...object, metadata: { ...(isObject(metadata) ? metadata : {}), namespace } };
}

const nameOf = (object: Json | undefined): string => {
  const namespace = getString(object, "namespace") ?? "";
  const name = getString(object, "name") ?? "";
  return `${getString(object, "kind") ?? ""} ${namespace === "" ? "" : `${namespace}/`}${name}`;
};

const items = (list: JsonObject): readonly Json[] => (isArray(list["items"]) ? list["items"] : []);

export interface SceneOptions extends ControlPlaneOptions {
  readonly values?: Readonly<Record<string, unknown>>;
}

export async function setScene(options: SceneOptions = {}): Promise<Scene> {
  const root = mkdtempSync(path.join(tmpdir(), "plumbline-scene-"));
  const git = await startGitServer({ root, basic: { username: "ada", password } });
  const plane = await startControlPlane(options);
  const operators: Operator[] = [];

  const send: Scene["send"] = async (method, pathname, body, contentType) => {
    const answer = await plane.request(method, pathname, {
      ...(body === undefined ? {} : { body }),
      ...(contentType === undefined ? {} : { contentType }),
    });
    if (answer.status >= 300) throw new Error(`${method} ${pathname}: ${answer.status} ${answer.text}`);
    return JSON.parse(answer.text) as JsonObject;
  };
  const deployTo = (pathname: string, object: JsonObject): Promise<JsonObject> =>
    send("PATCH", `${pathname}?fieldManager=deployer&force=true`, object, apply);

  await installChart(plane, {
    values: {
      "rbac.mode": "remediate",
      "sources.allowedHosts": [`localhost:${git.port}`],
      "sources.secretNamespaces": [defaultNamespace],
      ...options.values,
    },
  });
  await send("POST", `/api/v1/namespaces/${defaultNamespace}/secrets`, {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "git" },
    stringData: { username: "ada", password, "ca.crt": git.ca },
  });
  await plane.kubectl(["wait", "crd/baselines.plumbline.dev", "--for=condition=Established", "--timeout=30s"]);

  const status: Scene["status"] = async (baseline) => {
    const found = getIn(await send("GET", baselinePath(baseline)), "status");
    return isObject(found) ? found : {};
  };

  return {
    plane,
    git,
    send,
    status,
    repository: (name) => createRepository(path.join(root, name)),
    async start(started) {
      const operator = await startOperator(plane, started);
      operators.push(operator);
      return operator;
    },
    async declare(name, repository, spec = {}) {
      const source = {
        git: { url: git.url(repository), ref: { branch: "main" }, interval: "1h", secretRef: { name: "git" } },
      };
      await deployTo(baselinePath(name), {
        apiVersion: "plumbline.dev/v1alpha1",
        kind: "Baseline",
        metadata: { name, namespace: defaultNamespace },
        spec: { source, gracePeriod: "0s", ...spec },
      });
    },
    async poke(baseline) {
      const annotations = { "plumbline.dev/requested-at": `${Date.now()}-${Math.random()}` };
      await send("PATCH", baselinePath(baseline), { metadata: { annotations } }, merge);
    },
    async conditions(baseline) {
      const list = (await status(baseline))["conditions"];
      return Object.fromEntries(
        (isArray(list) ? list : []).map((one) => [getString(one, "type") ?? "", one as unknown as Condition]),
      );
    },
    async drifts(baseline) {
      const found = items(await send("GET", `${api}/drifts`)).filter(
        (drift) => baseline === undefined || getString(drift, "baseline") === baseline,
      );
      return found.map((drift) => ({
        object: nameOf(getIn(drift, "object")),
        verdict: getString(drift, "verdict") ?? "",
        paths: pathsOf(drift),
        body: drift as JsonObject,
      }));
    },
    async events() {
      return items(await send("GET", "/apis/events.k8s.io/v1/events")).flatMap((event) => {
        if (getString(event, "reportingController") !== reportingController) return [];
        const count = getIn(event, "series", "count");
        return [
          {
            reason: getString(event, "reason") ?? "",
            regarding: nameOf(getIn(event, "regarding")),
            note: getString(event, "note") ?? "",
            count: typeof count === "number" ? count : 1,
          },
        ];
      });
    },
    async namespace(name) {
      await send("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    },
    async deploy(objects) {
      for (const object of objects) {
        const metadata = object["metadata"];
        await deployTo(
          configMapPath(getString(metadata, "namespace") ?? "", getString(metadata, "name") ?? ""),
          object,
        );
      }
    },
    async edit(namespace, name, data, manager = "kubectl-edit") {
      await send("PATCH", `${configMapPath(namespace, name)}?fieldManager=${manager}`, { data }, merge);
    },
    async stop() {
      await Promise.all(operators.map((operator) => operator.stop("SIGKILL")));
      await plane.stop();
      await git.stop();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function pathsOf(drift: Json): readonly string[] {
  const changes = getIn(drift, "changes");
  return (isArray(changes) ? changes : []).map((change) => getString(change, "path") ?? formatJson(change));
}

/** Until a condition of a Baseline is as wanted. */
export function untilCondition(
  scene: Pick<Scene, "conditions">,
  baseline: string,
  type: string,
  wanted: { readonly status: string; readonly reason?: string; readonly message?: RegExp },
): Promise<Condition> {
  let last: unknown;
  return eventually(
    `${baseline} ${type} ${JSON.stringify(wanted.status)} ${wanted.reason ?? ""} ${wanted.message ?? ""}`,
    async () => {
      const found = (await scene.conditions(baseline))[type];
      last = found;
      const fits =
        found?.status === wanted.status &&
        (wanted.reason === undefined || found.reason === wanted.reason) &&
        (wanted.message === undefined || wanted.message.test(found.message));
      if (!fits) throw new Error(`it is ${JSON.stringify(last)}`);
      return found;
    },
    { within: 60_000, every: 100 },
  );
}

let edits = 0;

/** A hand edit of a ConfigMap is seen, and so is its end. */
export async function findsAnEdit(
  scene: Pick<Scene, "edit">,
  operator: Pick<Operator, "metric">,
  namespace: string,
  name: string,
): Promise<void> {
  edits += 1;
  await scene.edit(namespace, name, { colour: `red ${edits}` });
  const labels = { resource_namespace: namespace, resource_name: name };
  const drifted = (): Promise<number | undefined> => operator.metric("plumbline_resource_drifted", labels);
  await eventually(`${namespace}/${name} drifted`, async () => (await drifted()) === 1 || undefined);
  await scene.edit(namespace, name, { colour: "green" });
  await eventually(`${namespace}/${name} in sync`, async () => (await drifted()) === undefined || undefined);
}
