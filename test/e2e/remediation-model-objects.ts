/**
 * The objects that the model-based test plays with: of each kind a few named fields, how Git writes them, how they are
 * read from what is live, and how a person changes them. Nothing here knows what Plumbline does.
 */
import { getIn, getString, isArray, isObject, type Json, type JsonObject } from "../../src/model/json.ts";

/** Field to value. */
export type Content = Readonly<Record<string, string>>;

export type KindName = "ConfigMap" | "Secret" | "Deployment" | "Service" | "NetworkPolicy";

export interface Kind {
  readonly apiVersion: string;
  /** In the path and in the audit log. */
  readonly resource: string;
  readonly initial: Content;
  /** Fields a person may set to another value, take away, and add. */
  readonly change: readonly string[];
  readonly remove: readonly string[];
  readonly add: string;
  /** What a change of it concerns is critical or a matter of security. */
  readonly risky: boolean;
  /** The n-th value that such a field may have. */
  value(field: string, n: number): string;
  /** The object with these fields, and whatever else it had. */
  write(object: JsonObject, content: Content): JsonObject;
  read(object: Json): Content;
}

const stringsOf = (value: Json | undefined): Record<string, string> =>
  isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, String(one)])) : {};

const prefixed = (content: Content, prefix: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(content).flatMap(([key, value]) =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [],
    ),
  );

const withPrefix = (values: Content, prefix: string): Content =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix}${key}`, value]));

const firstOf = (list: Json | undefined): JsonObject => {
  const [one] = isArray(list) ? list : [];
  return isObject(one) ? one : {};
};

const part = (object: Json | undefined, ...path: readonly string[]): JsonObject => {
  const found = getIn(object, ...path);
  return isObject(found) ? found : {};
};

const base64 = (text: string): string => Buffer.from(text, "utf8").toString("base64");
const text64 = (text: string): string => Buffer.from(text, "base64").toString("utf8");

/** In every value of a Secret, and nowhere else. */
export const secretMark = "HUSH-7f3d";

const configMap: Kind = {
  apiVersion: "v1",
  resource: "configmaps",
  initial: { colour: "green", size: "1" },
  change: ["colour", "size"],
  remove: ["size"],
  add: "extra",
  risky: false,
  value: (_, n) => `value-${n}`,
  write: (object, content) => ({ ...object, data: { ...content } }),
  read: (object) => stringsOf(getIn(object, "data")),
};

const secret: Kind = {
  ...configMap,
  resource: "secrets",
  initial: { token: `${secretMark}-0`, user: `${secretMark}-user` },
  change: ["token"],
  remove: ["user"],
  risky: true,
  value: (_, n) => `${secretMark}-${n}`,
  write: (object, content) => ({
    ...object,
    data: Object.fromEntries(Object.entries(content).map(([key, value]) => [key, base64(value)])),
  }),
  read: (object) =>
    Object.fromEntries(Object.entries(stringsOf(getIn(object, "data"))).map(([key, value]) => [key, text64(value)])),
};

const deployment: Kind = {
  apiVersion: "apps/v1",
  resource: "deployments",
  initial: { replicas: "2", image: "registry.example/web:1", "env.MODE": "plain" },
  change: ["replicas", "image", "env.MODE"],
  remove: ["env.MODE"],
  add: "env.DEBUG",
  risky: false,
  value: (field, n) =>
    field === "replicas" ? String(3 + (n % 6)) : field === "image" ? `registry.example/web:${n}` : `value-${n}`,
  write(object, content) {
    const template = part(object, "spec", "template");
    const container = firstOf(getIn(template, "spec", "containers"));
    const env = Object.entries(prefixed(content, "env.")).map(([name, value]) => ({ name, value }));
    const { env: _env, ...bare } = container;
    const written = { ...bare, name: "web", image: content["image"] ?? "", ...(env.length === 0 ? {} : { env }) };
    return {
      ...object,
      spec: {
        ...part(object, "spec"),
        replicas: Number(content["replicas"] ?? 1),
        selector: { matchLabels: { app: "web" } },
        template: {
          ...template,
          metadata: { ...part(template, "metadata"), labels: { app: "web" } },
          spec: { ...part(template, "spec"), containers: [written] },
        },
      },
    };
  },
  read(object) {
    const container = firstOf(getIn(object, "spec", "template", "spec", "containers"));
    const env = container["env"];
    const variables = (isArray(env) ? env : []).map((one) => [
      `env.${getString(one, "name") ?? ""}`,
      getString(one, "value") ?? "",
    ]);
    return {
      replicas: String(getIn(object, "spec", "replicas")),
      image: String(container["image"]),
      ...Object.fromEntries(variables),
    };
  },
};

const service: Kind = {
  apiVersion: "v1",
  resource: "services",
  initial: { port: "80", "selector.app": "web", "selector.tier": "front" },
  // The port is the key of its list.
  change: ["port", "selector.app"],
  remove: ["selector.tier"],
  add: "selector.extra",
  risky: false,
  value: (field, n) => (field === "port" ? String(1_000 + (n % 30_000)) : `value-${n}`),
  write: (object, content) => ({
    ...object,
    spec: {
      ...part(object, "spec"),
      selector: prefixed(content, "selector."),
      ports: [{ port: Number(content["port"]), targetPort: 8_080, protocol: "TCP" }],
    },
  }),
  read: (object) => ({
    port: String(firstOf(getIn(object, "spec", "ports"))["port"]),
    ...withPrefix(stringsOf(getIn(object, "spec", "selector")), "selector."),
  }),
};

const networkPolicy: Kind = {
  apiVersion: "networking.k8s.io/v1",
  resource: "networkpolicies",
  initial: { "select.app": "web", "select.tier": "front" },
  change: ["select.app"],
  remove: ["select.tier"],
  add: "select.extra",
  risky: true,
  value: (_, n) => `value-${n}`,
  write: (object, content) => ({
    ...object,
    spec: {
      ...part(object, "spec"),
      policyTypes: ["Ingress"],
      podSelector: { matchLabels: prefixed(content, "select.") },
    },
  }),
  read: (object) => withPrefix(stringsOf(getIn(object, "spec", "podSelector", "matchLabels")), "select."),
};

export const kinds: Readonly<Record<KindName, Kind>> = {
  ConfigMap: configMap,
  Secret: secret,
  Deployment: deployment,
  Service: service,
  NetworkPolicy: networkPolicy,
};

export type EditOp = "change" | "add" | "remove";

/** One field changed, added or removed; `which` chooses among those that can be, `n` makes the value a new one. */
export function edited(kind: KindName, content: Content, op: EditOp, which: number, n: number): Content {
  const { change, remove, add, value } = kinds[kind];
  if (op === "remove") {
    const gone = remove[which % remove.length] ?? "";
    const { [gone]: _gone, ...rest } = content;
    return rest;
  }
  const field = op === "add" ? add : (change[which % change.length] ?? "");
  return { ...content, [field]: value(field, n) };
}

export const sameContent = (one: Content, other: Content): boolean =>
  JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());

export function objectPath(kind: KindName, namespace: string, name?: string): string {
  const { apiVersion, resource } = kinds[kind];
  const group = apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`;
  return `${group}/namespaces/${namespace}/${resource}${name === undefined ? "" : `/${name}`}`;
}

/** A merge patch that makes the one into the other. Lists are whole. */
export function mergePatch(before: JsonObject, after: JsonObject): JsonObject {
  const patch: Record<string, Json> = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [one, other] = [before[key], after[key]];
    if (JSON.stringify(one) === JSON.stringify(other)) continue;
    patch[key] = isObject(one) && isObject(other) ? mergePatch(one, other) : (other ?? null);
  }
  return patch;
}
