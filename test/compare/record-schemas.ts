/**
 * Saves what the unit tests need of a real server: `node test/compare/record-schemas.ts`. Its OpenAPI v3 documents,
 * without descriptions and types that no listed kind uses, and what it makes of each of the built-in objects. Starts a
 * control plane of its own.
 */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { formatJson, getIn, getString, isArray, isObject, parseJson, type Json } from "../../src/model/json.ts";
import { startControlPlane } from "../control-plane/control-plane.ts";
import { replaceOf } from "../truth/defaults/standing.ts";
import { openTruthServer, publishedDocuments } from "../corpus/truth-server.ts";
import { builtInObjects } from "./built-in-objects.ts";

const wanted: Readonly<Record<string, readonly string[]>> = {
  v1: ["Pod", "Service", "ConfigMap", "Secret", "Namespace", "PersistentVolumeClaim", "ServiceAccount", "LimitRange"],
  "apps/v1": ["Deployment", "StatefulSet", "DaemonSet"],
  "batch/v1": ["Job", "CronJob"],
  "autoscaling/v2": ["HorizontalPodAutoscaler"],
  "networking.k8s.io/v1": ["NetworkPolicy", "Ingress"],
  "rbac.authorization.k8s.io/v1": ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"],
  "admissionregistration.k8s.io/v1": ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"],
  "apiextensions.k8s.io/v1": ["CustomResourceDefinition"],
  "policy/v1": ["PodDisruptionBudget"],
};

/** Without descriptions; a property that is called so is kept. */
function lean(value: Json, inProperties = false): Json {
  if (isArray(value)) return value.map((item) => lean(item));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter(([key]) => inProperties || key !== "description");
  return Object.fromEntries(entries.map(([key, entry]) => [key, lean(entry, key === "properties" && !inProperties)]));
}

function refsIn(value: Json): readonly string[] {
  return [...formatJson(value).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name = ""]) => name);
}

function trim(document: Json, groupVersion: string, kinds: readonly string[]): Json {
  const schemas = getIn(document, "components", "schemas");
  if (!isObject(schemas)) return {};
  const kept = new Map<string, Json>();
  const isRoot = (schema: Json): boolean => {
    const gvks = isObject(schema) ? schema["x-kubernetes-group-version-kind"] : undefined;
    return (isArray(gvks) ? gvks : []).some((gvk) => {
      const group = getString(gvk, "group") ?? "";
      const version = getString(gvk, "version") ?? "";
      const same = (group === "" ? version : `${group}/${version}`) === groupVersion;
      return same && kinds.includes(getString(gvk, "kind") ?? "");
    });
  };
  const queue = Object.keys(schemas).filter((name) => isRoot(schemas[name] ?? null));
  for (const name of queue) {
    const schema = schemas[name];
    if (schema === undefined || kept.has(name)) continue;
    kept.set(name, lean(schema));
    queue.push(...refsIn(schema));
  }
  // Tells the server's minor.
  const info = getIn(document, "info") ?? {};
  return { info, components: { schemas: Object.fromEntries(kept) } };
}

const plane = await startControlPlane();
const documents: Record<string, Json> = {};
const read = async (path: string): Promise<Json> => parseJson((await plane.request("GET", path)).text);
for (const [groupVersion, path] of await publishedDocuments(read)) {
  const kinds = wanted[groupVersion];
  if (kinds !== undefined) documents[groupVersion] = trim(await read(path), groupVersion, kinds);
}
function save(name: string, value: Json): void {
  const file = fileURLToPath(new URL(`./fixtures/${name}.json.gz`, import.meta.url));
  writeFileSync(file, gzipSync(formatJson(value), { level: 9 }));
}
save("open-api", documents);

const server = await openTruthServer(plane);
const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: "default" } };
await server.send("POST", "/api/v1/namespaces/default/serviceaccounts", account);
const answers: Record<string, Json> = {};
for (const [name, object] of builtInObjects) {
  if (wanted[object.apiVersion]?.includes(object.kind) !== true) continue;
  const { body, status } = await replaceOf(server, object, await server.dryRun(object));
  if (status >= 300 || !isObject(body) || !isObject(body["metadata"])) throw new Error(`${name}: ${status}`);
  const { managedFields: _, ...metadata } = body["metadata"];
  answers[name] = { ...body, metadata };
}
save("built-in-live", answers);
server.close();
await plane.stop();
console.log(`${Object.keys(documents).length} documents, ${Object.keys(answers).length} objects of ${plane.version}`);
