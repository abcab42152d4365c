/**
 * The world that declared objects are held against: a cluster, or files. Both answer the same questions; the files
 * answer without sending anything anywhere.
 */
import { trim } from "../../cluster/stored-object.ts";
import { createSchemaIndex, type SchemaIndex } from "../../compare/schema-index.ts";
import { type Facts, FactStore } from "../../engine/fact-store.ts";
import { getString, isArray, type Json, parseJson } from "../../model/json.ts";
import type { LiveObject, LiveView } from "../../model/live.ts";
import type { Problem } from "../../model/problem.ts";
import {
  apiVersionOf,
  type IdKey,
  idKey,
  idOf,
  isKubeObject,
  type KindRef,
  kindKey,
  kindRef,
  type KubeObject,
  type ResourceId,
} from "../../model/resource.ts";
import type { KindSchema } from "../../model/schema.ts";
import type { DesiredObject } from "../../model/snapshot.ts";
import { healthOf } from "../../verdict/health.ts";
import type { ClusterAccess } from "../cluster-access.ts";
import type { SchemaDocuments } from "../schema-files.ts";

export interface World {
  scopeOf(kind: KindRef): "Namespaced" | "Cluster" | undefined;
  schemaFor(kind: KindRef): Promise<KindSchema | Problem>;
  view(id: ResourceId, version: string): Promise<LiveView>;
  readonly facts: Facts;
  /** False where live objects may have been stripped of their `managedFields`. */
  readonly tracked: boolean;
}

const autoscalerKinds: readonly KindRef[] = [
  { group: "autoscaling", version: "v2", kind: "HorizontalPodAutoscaler" },
  { group: "keda.sh", version: "v1alpha1", kind: "ScaledObject" },
];

/** Facts from objects that are all here already. */
function factsOf(objects: readonly LiveObject[]): Facts {
  const ofKind = (kind: KindRef): readonly LiveObject[] =>
    objects.filter(({ object }) => object.apiVersion === apiVersionOf(kind) && object.kind === kind.kind);
  const store = new FactStore(
    {
      ensure: () => {},
      view: (id) => {
        const live = objects.find(({ object }) => idKey(idOf(object)) === idKey(id));
        return live === undefined ? { state: "absent" } : { state: "present", live };
      },
      confirm: () => Promise.resolve({ state: "absent" }),
      list: ofKind,
      states: () => autoscalerKinds.map((kind) => ({ kind, state: "live" })),
    },
    { schemaFor: () => "loading", scopeOf: () => "Namespaced" },
  );
  store.watchesChanged();
  return store.facts;
}

/** Schemas of declared definitions count, also where the cluster has another one, or none yet. */
function addDefinitions(index: SchemaIndex, declared: readonly DesiredObject[]): void {
  for (const { object } of declared) if (object.kind === "CustomResourceDefinition") index.addCrd(object);
}

const isDefined = (declared: readonly DesiredObject[], kind: KindRef): boolean =>
  declared.some(
    ({ object }) =>
      object.kind === "CustomResourceDefinition" &&
      getString(object, "spec", "group") === kind.group &&
      getString(object, "spec", "names", "kind") === kind.kind,
  );

const notServed = (kind: KindRef, where: string): Problem => ({
  code: "kind-not-served",
  message: `${where} knows no ${kindKey(kind)}`,
});

/** Kinds of the built-in schema that live outside namespaces. */
const clusterKinds = new Set(
  (
    "Namespace,Node,PersistentVolume,ComponentStatus,ClusterRole,ClusterRoleBinding,CustomResourceDefinition,APIService," +
    "MutatingWebhookConfiguration,ValidatingWebhookConfiguration,ValidatingAdmissionPolicy,ValidatingAdmissionPolicyBinding," +
    "MutatingAdmissionPolicy,MutatingAdmissionPolicyBinding,StorageClass,CSIDriver,CSINode,VolumeAttachment,VolumeAttributesClass," +
    "PriorityClass,RuntimeClass,IngressClass,FlowSchema,PriorityLevelConfiguration,CertificateSigningRequest,ClusterTrustBundle," +
    "ServiceCIDR,IPAddress,DeviceClass,ResourceSlice"
  ).split(","),
);

export function openFiles(
  declared: readonly DesiredObject[],
  live: ReadonlyMap<IdKey, KubeObject>,
  documents: SchemaDocuments,
): World {
  const index = createSchemaIndex();
  for (const [groupVersion, document] of documents) index.addOpenApi(groupVersion, document);
  for (const object of live.values()) if (object.kind === "CustomResourceDefinition") index.addCrd(object);
  addDefinitions(index, declared);
  const trimmed = new Map([...live].map(([key, object]) => [key, trim(object, 0, healthOf)] as const));
  return {
    scopeOf(kind) {
      if (clusterKinds.has(kind.kind)) return "Cluster";
      // What the files know of a custom resource is where it was found.
      if (
        [...live.values()].some((one) => one.kind === kind.kind && getString(one.metadata, "namespace") === undefined)
      )
        return "Cluster";
      return isDefined(declared, kind) ? undefined : "Namespaced";
    },
    schemaFor: (kind) => Promise.resolve(index.schemaFor(kind) ?? notServed(kind, "the schema")),
    view(id) {
      const found = trimmed.get(idKey(id));
      return Promise.resolve(found === undefined ? { state: "absent" } : { state: "present", live: found });
    },
    facts: factsOf([...trimmed.values()]),
    tracked: false,
  };
}

/** Every autoscaler of the cluster, in one listing a kind; none where they may not be read. */
async function listAutoscalers(cluster: ClusterAccess): Promise<readonly LiveObject[]> {
  const found: LiveObject[] = [];
  for (const kind of autoscalerKinds) {
    const resource = cluster.discovery.resourceOf(kind);
    if (resource === undefined) continue;
    const path = `/apis/${kind.group}/${kind.version}/${resource.plural}`;
    const answer = await cluster.transport.request({ method: "GET", path, verb: "list" });
    const items = answer.status === 200 ? (parseJson(answer.text) as { items?: Json }).items : undefined;
    for (const item of isArray(items) ? items : []) {
      const object = { apiVersion: apiVersionOf(kind), kind: kind.kind, ...(item as object) } as Json;
      if (isKubeObject(object)) found.push(trim(object, 0, healthOf));
    }
  }
  return found;
}

async function viewInCluster(cluster: ClusterAccess, id: ResourceId, version: string): Promise<LiveView> {
  const kind = { group: id.group, version, kind: id.kind };
  const answer = await cluster.api.get({ kind, namespace: id.namespace, name: id.name });
  if (answer.ok) return { state: "present", live: trim(answer.body, 0, healthOf) };
  if (answer.status === 404) return { state: "absent" };
  const code =
    answer.status === 403 ? "forbidden" : answer.reason === "KindNotServed" ? "kind-not-served" : "cluster-unreachable";
  return { state: "unseen", problem: { code, message: answer.message } };
}

export async function openWorldOf(
  cluster: ClusterAccess,
  declared: readonly DesiredObject[],
  documents: SchemaDocuments | undefined,
): Promise<World> {
  const index = createSchemaIndex();
  for (const [groupVersion, document] of documents ?? []) index.addOpenApi(groupVersion, document);
  const crdKind = kindRef("apiextensions.k8s.io/v1", "CustomResourceDefinition");
  const definitions = await cluster.transport.request({
    method: "GET",
    path: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    verb: "list",
  });
  const items = definitions.status === 200 ? (parseJson(definitions.text) as { items?: Json }).items : undefined;
  for (const item of isArray(items) ? items : [])
    index.addCrd({ apiVersion: apiVersionOf(crdKind), kind: crdKind.kind, ...(item as object) } as KubeObject);
  addDefinitions(index, declared);
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
  return {
    scopeOf(kind) {
      const resource = cluster.discovery.resourceOf(kind);
      return resource === undefined ? undefined : resource.namespaced ? "Namespaced" : "Cluster";
    },
    async schemaFor(kind) {
      if (documents === undefined && index.schemaFor(kind) === undefined) await load(apiVersionOf(kind));
      return index.schemaFor(kind) ?? notServed(kind, "the API server");
    },
    view: (id, version) => viewInCluster(cluster, id, version),
    facts: factsOf(await listAutoscalers(cluster)),
    tracked: true,
  };
}
