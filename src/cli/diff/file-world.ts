/** A world made of files: live objects from a dump, schemas from documents. Nothing is sent anywhere. */
import { trim } from "../../cluster/stored-object.ts";
import { createSchemaIndex } from "../../compare/schema-index.ts";
import { matchesLabels, parseLabelSelector } from "../../compare/target.ts";
import { getString, getStrings } from "../../model/json.ts";
import type { LiveView } from "../../model/live.ts";
import { apiVersionOf, idKey, kindKey, kindRef, type KubeObject } from "../../model/resource.ts";
import type { DesiredObject } from "../../model/snapshot.ts";
import { healthOf } from "../../verdict/health.ts";
import type { SavedSchema, Scope } from "../schema-files.ts";
import type { LiveDump } from "./live-dump.ts";
import {
  addDefinitions,
  contextKinds,
  factsOf,
  groupKind,
  notServed,
  scopesOfDefinitions,
  type World,
} from "./world.ts";

/** Where each kind of a dump was found: what files know of a kind nobody describes. */
function scopesOfLive(objects: Iterable<KubeObject>): ReadonlyMap<string, Scope> {
  const scopes = new Map<string, Scope>();
  for (const object of objects) {
    const key = groupKind(kindRef(object.apiVersion, object.kind));
    if (!scopes.has(key))
      scopes.set(key, getString(object.metadata, "namespace") === undefined ? "Cluster" : "Namespaced");
  }
  return scopes;
}

export function openFiles(declared: readonly DesiredObject[], live: LiveDump, schema: SavedSchema): World {
  const all = [...live.objects.values()].flat();
  const index = createSchemaIndex();
  for (const [groupVersion, document] of schema.documents) index.addOpenApi(groupVersion, document);
  for (const object of all) if (object.kind === "CustomResourceDefinition") index.addCrd(object);
  addDefinitions(index, declared);
  const defined = scopesOfDefinitions([...declared.map(({ object }) => object), ...all]);
  const found = scopesOfLive(all);
  const isContext = (object: KubeObject): boolean =>
    contextKinds.some((kind) => kind.kind === object.kind && apiVersionOf(kind) === object.apiVersion);

  function view(key: readonly KubeObject[] | undefined, apiVersion: string): LiveView {
    const object = key?.find((one) => one.apiVersion === apiVersion);
    if (object !== undefined) return { state: "present", live: trim(object, 0, healthOf) };
    const other = key?.[0];
    if (other === undefined) return { state: "absent" };
    const message = `the dump holds it at ${other.apiVersion}, Git declares it at ${apiVersion}: save it at that version`;
    return { state: "unseen", problem: { code: "version-not-served", message } };
  }

  return {
    scopeOf: (kind) => defined.get(groupKind(kind)) ?? schema.scopes.get(kindKey(kind)) ?? found.get(groupKind(kind)),
    schemaFor: (kind) =>
      Promise.resolve(index.schemaFor(kind) ?? index.problemFor(kind) ?? notServed(kind, "the schema")),
    view: (id, version) =>
      Promise.resolve(view(live.objects.get(idKey(id)), apiVersionOf({ group: id.group, version }))),
    select(text) {
      const selector = parseLabelSelector(text);
      const objects = selector.ok
        ? all.filter((object) => matchesLabels(selector.value, getStrings(object.metadata, "labels")))
        : [];
      return Promise.resolve({ objects: objects.map((object) => trim(object, 0, healthOf)), problems: [] });
    },
    facts: factsOf(all.filter(isContext).map((object) => trim(object, 0, healthOf))),
    tracked: false,
  };
}
