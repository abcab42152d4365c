/** Why a kind cannot be seen, as a sentence that says what to do about it: a right to grant, a version to move to. */
import type { Problem } from "../model/problem.ts";
import { apiVersionOf, kindKey, type KindRef } from "../model/resource.ts";
import type { ResourceInfo } from "./api-path.ts";
import type { Refused } from "./reflector-machine.ts";

export type WatchStateName = "live" | "syncing" | "stalled" | "forbidden" | "absent";

/** What to read of a kind's watch. */
export interface WatchSight {
  readonly state: WatchStateName;
  readonly resource: ResourceInfo | undefined;
  /** "" for the whole cluster. */
  readonly namespace: string;
  readonly refused: Refused | undefined;
}

function isSecret(kind: KindRef): boolean {
  return kind.group === "" && kind.kind === "Secret";
}

/** `cannot list secrets in the API group "" at the cluster scope`. */
export function describeMissingRight(verb: string, resource: ResourceInfo, namespace: string): string {
  const scope = namespace === "" ? "at the cluster scope" : `in the namespace "${namespace}"`;
  return `cannot ${verb} ${resource.plural} in the API group "${resource.group}" ${scope}`;
}

/** What is forbidden in a namespace was forbidden in the whole cluster before: either right would do. */
function describeMissingWatch(verb: string, resource: ResourceInfo, namespace: string): string {
  const text = describeMissingRight(verb, resource, namespace);
  return namespace === ""
    ? text
    : text.replace(" in the namespace ", ", neither at the cluster scope nor in the namespace ");
}

/** The verb that the server's sentence names: `User "x" cannot watch resource …`. */
function verbOf(refused: Refused | undefined): string {
  return /cannot (\w+) resource/.exec(refused?.message ?? "")?.[1] ?? "list";
}

export function secretsNotGranted(): Problem {
  return { code: "secrets-not-granted", message: "Secrets may not be read: rbac.secrets is not full" };
}

export function notServed(kind: KindRef, servedVersions: readonly string[]): Problem {
  const others = servedVersions.filter((version) => version !== kind.version);
  if (others.length === 0) {
    return { code: "kind-not-served", message: `the API server does not serve ${kindKey(kind)}` };
  }
  const served = others.map((version) => apiVersionOf({ group: kind.group, version })).join(", ");
  return {
    code: "version-not-served",
    message: `the API server does not serve ${kind.kind} at ${apiVersionOf(kind)}; it serves it at ${served}`,
  };
}

/** Undefined: it can be seen. */
export function watchProblem(
  kind: KindRef,
  sight: WatchSight,
  servedVersions: () => readonly string[],
): Problem | undefined {
  const { state, resource, namespace, refused } = sight;
  switch (state) {
    case "live":
      return undefined;
    case "forbidden":
      if (isSecret(kind)) return secretsNotGranted();
      return {
        code: "forbidden",
        message: resource === undefined ? "forbidden" : describeMissingWatch(verbOf(refused), resource, namespace),
      };
    case "absent":
      if (resource !== undefined && !isWatchable(resource)) {
        return { code: "kind-not-served", message: `${kindKey(kind)} cannot be listed and watched` };
      }
      return notServed(kind, servedVersions());
    case "stalled":
      return {
        code: "cluster-unreachable",
        message: `nothing heard of ${kindKey(kind)} for over two minutes${because(refused)}`,
      };
    case "syncing":
      return { code: "not-synced", message: `${kindKey(kind)} is not listed yet${because(refused)}` };
  }
}

function because(refused: Refused | undefined): string {
  return refused === undefined ? "" : `: ${refused.message.replaceAll(/\s+/g, " ").trim().slice(0, 300)}`;
}

export function isWatchable(resource: ResourceInfo): boolean {
  return resource.verbs.includes("list") && resource.verbs.includes("watch");
}
