/**
 * ObjectMeta, for kinds whose schema says no more than `metadata: {type: object}`. The server reads the metadata of
 * every kind, custom ones too, into the same struct: its zeros and empties are absence, unknown fields are pruned.
 */
import type { TypeNode } from "../model/schema.ts";

export const objectMetaName = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

const text: TypeNode = { type: "scalar", scalar: "string" };
const number: TypeNode = { type: "scalar", scalar: "number" };
const boolean: TypeNode = { type: "scalar", scalar: "boolean" };
const time: TypeNode = { type: "scalar", scalar: "time" };
const texts: TypeNode = { type: "map", atomic: false, values: () => text };
const untyped: TypeNode = { type: "untyped" };

function struct(name: string, atomic: boolean, fields: Readonly<Record<string, TypeNode>>): TypeNode {
  const known = new Map(Object.entries(fields));
  const names = [...known.keys()];
  return {
    type: "struct",
    name,
    atomic,
    keepsUnknown: false,
    embedded: false,
    field: (field) => known.get(field),
    fields: () => names,
  };
}

const ownerReference = struct("io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference", true, {
  apiVersion: text,
  kind: text,
  name: text,
  uid: text,
  controller: boolean,
  blockOwnerDeletion: boolean,
});

export const objectMeta: TypeNode = struct(objectMetaName, false, {
  name: text,
  generateName: text,
  namespace: text,
  selfLink: text,
  uid: text,
  resourceVersion: text,
  generation: number,
  creationTimestamp: time,
  deletionTimestamp: time,
  deletionGracePeriodSeconds: number,
  labels: texts,
  annotations: texts,
  ownerReferences: { type: "list", list: "map", keys: ["uid"], items: () => ownerReference },
  finalizers: { type: "list", list: "set", keys: [], items: () => text },
  managedFields: { type: "list", list: "atomic", keys: [], items: () => untyped },
});
