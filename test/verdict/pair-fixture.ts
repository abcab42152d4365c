/** Objects, schemas and inputs for tests of the pure rooms: small, whole, and typed by hand. */
import { declare } from "../../src/model/desired.ts";
import { noFacts, type Facts } from "../../src/compare/facts.ts";
import { objectMeta } from "../../src/compare/schema-meta.ts";
import type { Baseline } from "../../src/model/baseline.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { LiveObject, LiveView } from "../../src/model/live.ts";
import { idOf, type KubeObject } from "../../src/model/resource.ts";
import type { KindSchema, TypeNode } from "../../src/model/schema.ts";
import { baselineKey, type DesiredObject } from "../../src/model/snapshot.ts";
import type { DecideInput } from "../../src/verdict/decide.ts";
import { plainBaseline } from "../support/baseline-fixture.ts";

export const text: TypeNode = { type: "scalar", scalar: "string" };
export const number: TypeNode = { type: "scalar", scalar: "number" };
export const flag: TypeNode = { type: "scalar", scalar: "boolean" };
export const map = (values: TypeNode, atomic = false): TypeNode => ({ type: "map", atomic, values: () => values });
export const list = (kind: "atomic" | "set" | "map", items: TypeNode, keys: readonly string[] = []): TypeNode => ({
  type: "list",
  list: kind,
  keys,
  items: () => items,
});

export function struct(fields: Readonly<Record<string, TypeNode>>): TypeNode {
  return {
    type: "struct",
    name: "",
    atomic: false,
    keepsUnknown: true,
    embedded: false,
    field: (name) => (Object.hasOwn(fields, name) ? fields[name] : undefined),
    fields: () => Object.keys(fields),
  };
}

const port = struct({ name: text, containerPort: number, protocol: { ...text, default: "TCP" } });
const env = struct({ name: text, value: text });
const container = struct({
  name: text,
  image: text,
  args: list("atomic", text),
  env: list("map", env, ["name"]),
  ports: list("map", port, ["containerPort", "protocol"]),
  securityContext: struct({ privileged: flag }),
  resources: struct({ limits: map({ type: "scalar", scalar: "quantity" }) }),
});
const podSpec = struct({
  containers: list("map", container, ["name"]),
  hostNetwork: flag,
  nodeSelector: map(text, true),
  serviceAccountName: text,
});
const rootOf = (fields: Readonly<Record<string, TypeNode>>): TypeNode =>
  struct({ apiVersion: text, kind: text, metadata: objectMeta, ...fields });

/** A workload's shape; the same for a built-in kind and for a custom one. */
const workload = rootOf({
  spec: struct({
    replicas: number,
    paused: flag,
    template: struct({ metadata: objectMeta, spec: podSpec }),
    tags: list("set", text),
  }),
  data: map(text),
  stringData: map(text),
  type: text,
});

export const builtIn: KindSchema = { root: workload, builtIn: true };
export const custom: KindSchema = { root: workload, builtIn: false };

export function baseline(changes: Partial<Baseline> = {}): Baseline {
  const plain = plainBaseline({ key: baselineKey("shop", "web"), namespace: "shop", name: "web", uid: "b-1" });
  return { ...plain, remediation: { ...plain.remediation, approval: "Never" }, ...changes };
}

export function declared(object: KubeObject): DesiredObject {
  return declare(object, { file: "web.yaml", line: 1, index: 0 });
}

export function deployment(spec: JsonObject = {}, metadata: JsonObject = {}): KubeObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "shop", ...metadata },
    spec: {
      replicas: 2,
      template: { spec: { containers: [{ name: "web", image: "web:1.4" }] } },
      ...spec,
    },
  };
}

export function liveOf(object: KubeObject, changes: Partial<LiveObject> = {}): LiveObject {
  return {
    object: { ...object, metadata: { uid: "u-1", resourceVersion: "41", ...object.metadata } },
    uid: "u-1",
    resourceVersion: "41",
    managedFields: "",
    health: { state: "healthy" },
    receivedAt: 0,
    ...changes,
  };
}

export const present = (object: KubeObject, changes: Partial<LiveObject> = {}): LiveView => ({
  state: "present",
  live: liveOf(object, changes),
});

/** Epoch milliseconds at which everything in these tests happens. */
export const NOW = Date.parse("2026-11-21T12:00:00Z");

/** One object, in sync, seen before, its Git untouched for an hour: each test changes what it is about. */
export function situation(changes: Partial<DecideInput> = {}): DecideInput {
  const object = deployment();
  return {
    baseline: baseline(),
    id: idOf(object),
    version: "v1",
    desired: declared(object),
    previous: declared(object),
    live: present(object),
    schema: builtIn,
    facts: noFacts,
    seenLive: true,
    changedAt: NOW - 3_600_000,
    snapshotComplete: true,
    now: NOW,
    ...changes,
  };
}

/** One entry of `metadata.managedFields` as JSON. */
export function managedEntry(manager: string, fieldsV1: JsonObject, changes: JsonObject = {}): JsonObject {
  return {
    manager,
    operation: "Update",
    apiVersion: "apps/v1",
    time: "2026-11-21T11:00:00Z",
    fieldsType: "FieldsV1",
    fieldsV1,
    ...changes,
  };
}

export const facts = (changes: Partial<Facts>): Facts => ({ ...noFacts, ...changes });
