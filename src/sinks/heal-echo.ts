/**
 * What became of a patch within the server: the answer shows the object as it is stored. Where a field does not hold
 * what was sent, admission changed it back within our own write, and no later watch event would say so. Pure.
 */
import { canonicalJson } from "../model/canonical.ts";
import { getIn, isArray, isObject, type Json, type JsonObject } from "../model/json.ts";
import { formatPath, parsePointer } from "../model/path.ts";
import type { KubeObject } from "../model/resource.ts";
import type { Verdict } from "../model/verdict.ts";
import { decide, type DecideInput } from "../verdict/decide.ts";
import type { HealPlan } from "../verdict/heal-plan.ts";

function at(root: Json, tokens: readonly string[]): Json | undefined {
  let value: Json | undefined = root;
  for (const token of tokens) {
    if (isArray(value)) value = value[Number(token)];
    else if (isObject(value)) value = Object.hasOwn(value, token) ? value[token] : undefined;
    else return undefined;
  }
  return value;
}

/** True where it is plain that the operation holds; an index may have moved since, and says nothing. */
function holds(body: KubeObject, { op, path, value }: JsonObject): boolean {
  const tokens = parsePointer(String(path)) ?? [];
  const found = at(body, tokens);
  if (op === "remove") return found === undefined && !/^\d+$/.test(tokens.at(-1) ?? "");
  return found !== undefined && canonicalJson(found) === canonicalJson(value ?? null);
}

const withoutManagers = (body: KubeObject): KubeObject => {
  const { managedFields: _managers, ...metadata } = body.metadata;
  return { ...body, metadata };
};

/** The paths of `before` that stand as they did, or otherwise wrong, in what the server stored. Empty where all is well. */
export function changedBack(plan: HealPlan, body: KubeObject, before: Verdict, input: DecideInput): readonly string[] {
  if (plan.kind !== "patch" || before.kind !== "drifted" || input.live.state !== "present") return [];
  const [, ...operations] = plan.operations;
  if (operations.every((operation) => holds(body, operation))) return [];
  const { uid, resourceVersion, health, receivedAt } = input.live.live;
  const managedFields = JSON.stringify(getIn(body, "metadata", "managedFields") ?? []);
  const stored = { object: withoutManagers(body), uid, resourceVersion, managedFields, health, receivedAt };
  const { verdict } = decide({ ...input, live: { state: "present", live: stored } });
  if (verdict.kind !== "drifted") return [];
  const sent = new Set(before.changes.map(({ path }) => formatPath(path)));
  return verdict.changes.map(({ path }) => formatPath(path)).filter((path) => sent.has(path));
}

/** `admission changed it back: .spec.size (MutatingWebhookConfiguration sizes acts on it)`. */
export function changedBackText(paths: readonly string[], mutators: readonly string[]): string {
  const shown = paths.slice(0, PATHS_TOLD).join(", ");
  const more = paths.length > PATHS_TOLD ? ` and ${paths.length - PATHS_TOLD} more` : "";
  const who = mutators.length === 0 ? "" : ` (what may act on it: ${mutators.slice(0, PATHS_TOLD).join(", ")})`;
  return `admission changed it back: ${shown}${more}${who}`;
}

const PATHS_TOLD = 5;
