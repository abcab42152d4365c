/**
 * An edit by hand of one of the corpora's objects, and what must be told of it: the form of the rows of
 * corpus-edits.ts, and the words they are written in.
 */
import type { Json } from "../../src/model/json.ts";

/** One change as a Drift record tells it: what, where, and who as far as managedFields know. */
export interface Told {
  readonly op: "added" | "changed" | "removed";
  readonly path: string;
  readonly manager: string;
  readonly operation: "Apply" | "Update" | "";
  readonly subresource?: string;
  readonly confidence: "exact" | "ancestor" | "unknown";
  /** For a removal: who had it before. */
  readonly previous?: string;
}

export interface CorpusEdit {
  readonly what: string;
  readonly kind: string;
  /** Of the API server. */
  readonly pathname: string;
  readonly manager: string;
  /** Undefined: it is deleted. */
  readonly patch: { readonly type: "json" | "merge" | "strategic-merge" | "apply"; readonly body: Json } | undefined;
  readonly subresource?: "scale";
  /** None: it is missing. */
  readonly changes: readonly Told[];
}

export const core = (namespace: string, plural: string, name: string): string =>
  `/api/v1/namespaces/${namespace}/${plural}/${name}`;
export const named = (group: string, namespace: string, plural: string, name: string): string =>
  `/apis/${group}/namespaces/${namespace}/${plural}/${name}`;
export const deployment = (namespace: string, name: string): string => named("apps/v1", namespace, "deployments", name);
export const rbac = "rbac.authorization.k8s.io/v1";

export const json = (...operations: readonly Json[]): CorpusEdit["patch"] => ({ type: "json", body: operations });
export const add = (path: string, value: Json): CorpusEdit["patch"] => json({ op: "add", path, value });
export const replace = (path: string, value: Json): CorpusEdit["patch"] => json({ op: "replace", path, value });
export const merge = (body: Json): CorpusEdit["patch"] => ({ type: "merge", body });
export const apply = (
  apiVersion: string,
  kind: string,
  name: string,
  rest: Record<string, Json>,
): CorpusEdit["patch"] => ({
  type: "apply",
  body: { apiVersion, kind, metadata: { name }, ...rest },
});

export const container = (name: string): string => `.spec.template.spec.containers[name="${name}"]`;
/** JSON Pointer to the first container. */
export const first = "/spec/template/spec/containers/0";

/** One change whose owner is on record as the one who made it. */
export function by(manager: string, op: Told["op"], path: string, more: Partial<Told> = {}): readonly Told[] {
  return [{ op, path, manager, operation: "Update", confidence: "exact", ...more }];
}

/** A pure removal leaves no trace of who did it. */
export function removal(path: string, previous: string): Told {
  return { op: "removed", path, manager: "", operation: "", confidence: "unknown", previous };
}

/** Made where nobody is on record. */
export function untracked(op: Told["op"], path: string): readonly Told[] {
  return [{ op, path, manager: "", operation: "", confidence: "unknown" }];
}

/** What managedFields hold after a way of deploying. */
export interface Deployer {
  readonly manager: string;
  /** An entry also on objects that Git declares without any field. */
  readonly tracksBare: boolean;
  /** It owns what the server filled in, as every Update does, and no Apply. */
  readonly ownsDefaults: boolean;
}
