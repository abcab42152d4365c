/** One difference in its circumstances, for the cases of noise rules: what is asked, and how the answer is found. */
import type { Difference } from "../../../src/compare/difference.ts";
import { noFacts, type Facts } from "../../../src/compare/facts.ts";
import { decodeManagedFields } from "../../../src/compare/managed-fields.ts";
import { parsePath } from "../../../src/compare/selector.ts";
import { suppress } from "../../../src/compare/suppress.ts";
import type { Json, JsonObject } from "../../../src/model/json.ts";
import type { LiveView } from "../../../src/model/live.ts";
import type { Path } from "../../../src/model/path.ts";
import type { KubeObject } from "../../../src/model/resource.ts";
import { builtIn, custom, liveOf } from "../../verdict/pair-fixture.ts";

export interface Given {
  /** `apps/v1 Deployment`. */
  readonly kind: string;
  readonly path: string;
  readonly live?: Json;
  readonly desired?: Json;
  /** The rest of the object: in Git, in live. */
  readonly git?: JsonObject;
  readonly runs?: JsonObject;
  /** Who owns the path. */
  readonly managers?: readonly string[];
  /** What each of them owns besides. */
  readonly owns?: readonly string[];
  readonly facts?: Facts;
  /** True where it counts for no other reason than who owns it. */
  readonly byOwner?: true;
}

export interface RuleCases {
  readonly holds: readonly Given[];
  /** The nearest circumstances in which the difference counts: the abuse that the row's text names. */
  readonly counts: readonly Given[];
}

export type NoiseCases = Readonly<Record<string, RuleCases>>;

export const annotation = (name: string): string => `.metadata.annotations[${JSON.stringify(name)}]`;
export const label = (name: string): string => `.metadata.labels[${JSON.stringify(name)}]`;
export const finalizer = (name: string): string => `.metadata.finalizers[=${JSON.stringify(name)}]`;
export const annotated = (name: string, value = "x"): JsonObject => ({ metadata: { annotations: { [name]: value } } });
export const labelled = (name: string, value = "x"): JsonObject => ({ metadata: { labels: { [name]: value } } });

export const deployment = "apps/v1 Deployment";

export function typedPath(text: string): Path {
  const parsed = parsePath(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.value.steps.map((step) => {
    if (step.type === "any" || step.type === "token") throw new Error(`${text} is no path of a difference`);
    return step;
  });
}

/** An entry of a manager that owns exactly this path. */
function entry(manager: string, path: Path): JsonObject {
  const fieldsV1 = path.toReversed().reduce<JsonObject>((below, element) => {
    const key =
      element.type === "field"
        ? `f:${element.name}`
        : element.type === "key"
          ? `k:${JSON.stringify(element.keys)}`
          : element.type === "value"
            ? `v:${JSON.stringify(element.value)}`
            : `i:${element.index}`;
    return { [key]: below };
  }, {});
  return { manager, operation: "Update", apiVersion: "", fieldsType: "FieldsV1", fieldsV1 };
}

function objectOf(kind: string, others: JsonObject = {}): KubeObject {
  const [apiVersion = "", name = ""] = kind.split(" ");
  const { metadata, ...rest } = others;
  return {
    apiVersion,
    kind: name,
    ...rest,
    metadata: { name: "web", namespace: "shop", uid: "u-1", ...(metadata as JsonObject | undefined) },
  };
}

/** Facts of a world in which these objects, and no others, are watched. */
export function world(kinds: readonly string[], ...objects: readonly KubeObject[]): Facts {
  return {
    ...noFacts,
    live: ({ kind, namespace, name }): LiveView => {
      if (!kinds.includes(kind)) return { state: "unseen", problem: { code: "not-synced", message: "not watched" } };
      const found = objects.find(
        (one) => one.kind === kind && one.metadata["name"] === name && one.metadata["namespace"] === namespace,
      );
      const uid = found?.metadata["uid"];
      return found === undefined
        ? { state: "absent" }
        : { state: "present", live: liveOf(found, typeof uid === "string" ? { uid } : {}) };
    },
  };
}

/** Everybody writes to a custom resource; on a built-in kind a name proves nothing. */
const isBuiltIn = ({ kind }: Given): boolean => !/^[^ /]+\.[^ ]+\//.test(kind) || /k8s\.io\//.test(kind);

/** The name of the rule that speaks, or `counts`. */
export function ruleOn(given: Given): string {
  const path = typedPath(given.path);
  const difference: Difference = {
    op: given.desired === undefined ? "added" : given.live === undefined ? "removed" : "changed",
    path,
    tokens: [],
    ...(given.desired === undefined ? {} : { desired: given.desired }),
    ...(given.live === undefined ? {} : { live: given.live }),
  };
  const entries = (given.managers ?? []).flatMap((manager) =>
    [given.path, ...(given.owns ?? [])].map((owned) => entry(manager, typedPath(owned))),
  );
  const { suppressed } = suppress([difference], {
    desired: objectOf(given.kind, given.git),
    live: objectOf(given.kind, given.runs ?? given.git),
    managed: decodeManagedFields(JSON.stringify(entries)),
    schema: isBuiltIn(given) ? builtIn : custom,
    settings: { addedFields: "Strict", ignore: [], sensitive: [] },
    desiredIgnore: [],
    facts: given.facts ?? noFacts,
    now: 0,
  });
  return suppressed[0]?.rule ?? "counts";
}
