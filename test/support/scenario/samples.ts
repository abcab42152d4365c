/** Objects and Baselines for scenarios: small, whole, and the same each time. */
import { declare } from "../../../src/model/desired.ts";
import type { Baseline } from "../../../src/model/baseline.ts";
import { idOf, type KubeObject, type ResourceId } from "../../../src/model/resource.ts";
import type { KindSchema, TypeNode } from "../../../src/model/schema.ts";
import { baselineKey, type DesiredObject } from "../../../src/model/snapshot.ts";
import { plainBaseline } from "../baseline-fixture.ts";

export const minute = 60_000;

export function baseline(name = "shop", more: Partial<Baseline> = {}): Baseline {
  const namespace = more.namespace ?? "platform";
  const plain = plainBaseline({ key: baselineKey(namespace, name), namespace, name, uid: `uid-of-${name}` });
  const git = { ...plain.git, url: `https://git.example/${name}.git` };
  return { ...plain, git, targetNamespace: "shop", ...more };
}

export function configMap(name: string, data: Readonly<Record<string, string>>, namespace?: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    data,
  };
}

export function secret(name: string, data: Readonly<Record<string, string>>): KubeObject {
  return { apiVersion: "v1", kind: "Secret", metadata: { name }, data };
}

export function deployment(name: string, replicas: number): KubeObject {
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name }, spec: { replicas } };
}

export function widget(name: string, size: number): KubeObject {
  return { apiVersion: "example.com/v1", kind: "Widget", metadata: { name }, spec: { size } };
}

export function namespace(name: string, labels: Readonly<Record<string, string>>): KubeObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

export function autoscaler(name: string, target: string, min: number, max: number): KubeObject {
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: target },
      minReplicas: min,
      maxReplicas: max,
    },
  };
}

/** The object as a source hands it over: ids as written, namespaces not filled in. */
export function declared(object: KubeObject, index = 0): DesiredObject {
  const file = `${object.kind.toLowerCase()}-${String(object.metadata["name"])}.yaml`;
  return declare(object, { file, line: 1, index });
}

/** The object as it lives: in the namespace it will have. */
export function inNamespace(object: KubeObject, name = "shop"): KubeObject {
  if (object.kind === "Namespace") return object;
  return { ...object, metadata: { namespace: name, ...object.metadata } };
}

export const idIn = (object: KubeObject, name = "shop"): ResourceId => idOf(inNamespace(object, name));

const untyped: TypeNode = { type: "untyped" };

function struct(name: string, fields: Readonly<Record<string, TypeNode>>): TypeNode {
  return {
    type: "struct",
    name,
    atomic: false,
    keepsUnknown: true,
    embedded: false,
    field: (field) => fields[field] ?? untyped,
    fields: () => Object.keys(fields),
  };
}

const strings: TypeNode = { type: "map", atomic: false, values: () => ({ type: "scalar", scalar: "string" }) };

/** Knows labels and annotations for what they are, and nothing else. */
export const plainSchema: KindSchema = {
  root: struct("", { metadata: struct("", { labels: strings, annotations: strings }), data: strings }),
  builtIn: false,
};
