/** A world that is a cluster: one read per declared object, its own schemas and scopes. Nothing is written. */
import { collectionPath, type ResourceInfo } from "../../cluster/api-path.ts";
import { trim } from "../../cluster/stored-object.ts";
import { createSchemaIndex } from "../../compare/schema-index.ts";
import { getString, isArray, isObject, type Json, parseJson } from "../../model/json.ts";
import type { LiveObject, LiveView } from "../../model/live.ts";
import type { Problem } from "../../model/problem.ts";
import {
  apiVersionOf,
  isKubeObject,
  type KindRef,
  kindKey,
  kindRef,
  type KubeObject,
  type ResourceId,
} from "../../model/resource.ts";
import type { DesiredObject } from "../../model/snapshot.ts";
import { healthOf } from "../../verdict/health.ts";
import { type ClusterAccess, servedScope } from "../cluster-access.ts";
import type { SavedSchema } from "../schema-files.ts";
import {
  addDefinitions,
  type Among,
  contextKinds,
  factsOf,
  groupKind,
  notServed,
  scopesOfDefinitions,
  type Selected,
  type World,
} from "./world.ts";

const PAGE = "500";

function bodyOf(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Every object of a kind, page by page. */
async function listAll(
  { transport }: ClusterAccess,
  resource: ResourceInfo,
  namespace: string,
  labelSelector?: string,
): Promise<readonly KubeObject[] | Problem> {
  const path = collectionPath(resource, namespace);
  const found: KubeObject[] = [];
  let next = "";
  do {
    const query = {
      limit: PAGE,
      ...(labelSelector === undefined ? {} : { labelSelector }),
      ...(next === "" ? {} : { continue: next }),
    };
    if (path === undefined) return notServed(resource, "the API server");
    const answer = await transport.request({ method: "GET", path, query, verb: "list" });
    const body = bodyOf(answer.text);
    if (answer.status !== 200) {
      const why = getString(body, "message") ?? `the API server answers ${answer.status}`;
      return {
        code: answer.status === 403 ? "forbidden" : "cluster-unreachable",
        message: `${kindKey(resource)} cannot be listed: ${answer.status === 0 ? answer.text : why}`,
      };
    }
    const items = isObject(body) ? body["items"] : undefined;
    for (const item of isArray(items) ? items : []) {
      if (!isObject(item)) continue;
      const object: Json = { apiVersion: apiVersionOf(resource), kind: resource.kind, ...item };
      if (isKubeObject(object)) found.push(object);
    }
    next = getString(body, "metadata", "continue") ?? "";
  } while (next !== "");
  return found;
}

/** None where the kind is not served, or may not be read: then it says nothing. */
async function listQuietly(cluster: ClusterAccess, kind: KindRef): Promise<readonly KubeObject[]> {
  const resource = cluster.discovery.resourceOf(kind);
  const found = resource === undefined ? [] : await listAll(cluster, resource, "");
  return "code" in found ? [] : found;
}

const live = (object: KubeObject): LiveObject => trim(object, 0, healthOf);

async function viewOne(cluster: ClusterAccess, id: ResourceId, version: string, isDefined: boolean): Promise<LiveView> {
  const kind = { group: id.group, version, kind: id.kind };
  const answer = await cluster.api.get({ kind, namespace: id.namespace, name: id.name });
  if (answer.ok) return { state: "present", live: live(answer.body) };
  if (answer.status === 404) return { state: "absent" };
  const isServed = answer.reason !== "KindNotServed";
  // Its definition is declared and not there yet: then none of its objects can be.
  if (!isServed && isDefined && cluster.discovery.servedVersions(id.group, id.kind).length === 0)
    return { state: "absent" };
  const code = answer.status === 403 ? "forbidden" : isServed ? "cluster-unreachable" : "kind-not-served";
  return { state: "unseen", problem: { code, message: answer.message } };
}

async function selectIn(cluster: ClusterAccess, selector: string, among: Among): Promise<Selected> {
  const objects: LiveObject[] = [];
  const problems: Problem[] = [];
  for (const kind of among.kinds) {
    const resource = cluster.discovery.resourceOf(kind);
    if (resource === undefined) continue;
    for (const namespace of resource.namespaced ? among.namespaces : [""]) {
      const found = await listAll(cluster, resource, namespace, selector);
      if ("code" in found) problems.push(found);
      else objects.push(...found.map(live));
    }
  }
  return { objects, problems };
}

export async function openWorldOf(
  cluster: ClusterAccess,
  declared: readonly DesiredObject[],
  saved: SavedSchema | undefined,
): Promise<World> {
  const index = createSchemaIndex();
  for (const [groupVersion, document] of saved?.documents ?? []) index.addOpenApi(groupVersion, document);
  for (const object of await listQuietly(cluster, kindRef("apiextensions.k8s.io/v1", "CustomResourceDefinition")))
    index.addCrd(object);
  addDefinitions(index, declared);
  const defined = scopesOfDefinitions(declared.map(({ object }) => object));
  const loaded = new Map<string, Promise<void>>();
  const load = (groupVersion: string): Promise<void> => {
    const loading =
      loaded.get(groupVersion) ??
      cluster.openApi.fetchDocument(groupVersion).then((document) => {
        if (document !== undefined) index.addOpenApi(groupVersion, document);
      });
    loaded.set(groupVersion, loading);
    return loading;
  };
  const context = await Promise.all(contextKinds.map((kind) => listQuietly(cluster, kind)));
  return {
    scopeOf: (kind) => servedScope(cluster, kind) ?? defined.get(groupKind(kind)),
    async schemaFor(kind) {
      if (saved === undefined && index.schemaFor(kind) === undefined) await load(apiVersionOf(kind));
      return index.schemaFor(kind) ?? index.problemFor(kind) ?? notServed(kind, "the API server");
    },
    view: (id, version) => viewOne(cluster, id, version, defined.has(groupKind(id))),
    select: (selector, among) => selectIn(cluster, selector, among),
    facts: factsOf(context.flat().map(live)),
    tracked: true,
  };
}
