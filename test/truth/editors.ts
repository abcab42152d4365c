/** Who edits, and how the edit reaches the server. */
import { isArray, isObject, type Json, type JsonObject } from "../../src/model/json.ts";
import { formatPointer } from "../../src/model/path.ts";
import type { Answer, TruthServer } from "../corpus/truth-server.ts";
import type { Mutation } from "./plan.ts";
import type { Standing } from "./stage.ts";
import type { Type, Types } from "./types.ts";

export interface Editor {
  readonly manager: string;
  readonly operation: "Update" | "Apply";
  /** A controller, by the contract: neither a person's tool, nor a deployer's, nor unknown. */
  readonly controller: boolean;
}

export const editors: readonly Editor[] = [
  { manager: "kubectl-edit", operation: "Update", controller: false },
  { manager: "kubectl-client-side-apply", operation: "Update", controller: false },
  { manager: "kubectl-patch", operation: "Update", controller: false },
  { manager: "kube-controller-manager", operation: "Update", controller: true },
  { manager: "my-operator", operation: "Update", controller: true },
  { manager: "argocd-controller", operation: "Update", controller: false },
  { manager: "Mozilla", operation: "Update", controller: false },
  { manager: "kubectl", operation: "Apply", controller: false },
  { manager: "team-b", operation: "Apply", controller: true },
];

/** The object's own deployer would take back, with one field applied, all the others. */
export function mayEdit(editor: Editor, { deployer }: Standing): boolean {
  return editor.operation === "Update" || editor.manager !== deployer.manager;
}

/** The value put at the place, by copy; undefined takes away what is there. */
export function withValue(whole: Json, tokens: readonly (string | number)[], next: Json | undefined): Json {
  const [token, ...rest] = tokens;
  if (token === undefined) return next ?? null;
  if (isArray(whole)) {
    const index = Number(token);
    if (rest.length === 0 && next === undefined) return whole.filter((_, place) => place !== index);
    return whole.map((item, place) => (place === index ? withValue(item, rest, next) : item));
  }
  const object = isObject(whole) ? whole : {};
  const others = Object.entries(object).filter(([key]) => key !== token);
  if (rest.length === 0 && next === undefined) return Object.fromEntries(others);
  const held = Object.hasOwn(object, token) ? object[token] : undefined;
  return Object.fromEntries([...others, [String(token), withValue(held ?? {}, rest, next)]]);
}

/** What of the edited object a server-side apply must say to set this place: itself, keys, and atomic things whole. */
function applied(types: Types, type: Type, edited: Json, { spot }: Mutation, depth = 0): Json {
  const token = spot.tokens[depth];
  const atomic = type.schema["x-kubernetes-map-type"] === "atomic";
  if (token === undefined || atomic) return edited;
  if (isArray(edited)) {
    const item = edited[Number(token)];
    if (type.shape !== "map-list" || !isObject(item)) return edited;
    const keys = Object.fromEntries(type.keys.flatMap((key) => (item[key] === undefined ? [] : [[key, item[key]]])));
    const below = applied(types, types.item(type), item, { spot } as Mutation, depth + 1);
    return [{ ...(isObject(below) ? below : {}), ...keys }];
  }
  if (!isObject(edited)) return edited;
  const name = String(token);
  return { [name]: applied(types, types.under(type, name), edited[name] ?? null, { spot } as Mutation, depth + 1) };
}

function applyConfiguration(types: Types, mutation: Mutation): JsonObject {
  const { standing, spot, change, root } = mutation;
  const config = applied(types, root, withValue(standing.live, spot.tokens, change.next), mutation);
  const { apiVersion, kind, metadata } = standing.live;
  const marks = isObject(config) && isObject(config["metadata"]) ? config["metadata"] : {};
  const identity = Object.fromEntries(
    Object.entries({ name: metadata["name"], namespace: metadata["namespace"] }).filter(
      ([, value]) => value !== undefined,
    ),
  ) as JsonObject;
  return { ...(isObject(config) ? config : {}), apiVersion, kind, metadata: { ...marks, ...identity } };
}

function jsonPatch({ spot, change }: Mutation): Json {
  const path = formatPointer(spot.tokens);
  if (change.next === undefined) return [{ op: "remove", path }];
  return [{ op: spot.value === undefined ? "add" : "replace", path, value: change.next }];
}

/** Sends the edit as this editor would. */
export function sendMutation(server: TruthServer, types: Types, mutation: Mutation, dryRun = true): Promise<Answer> {
  const { standing, editor } = mutation;
  const path = `${standing.path}?fieldManager=${editor.manager}${dryRun ? "&dryRun=All" : ""}`;
  if (editor.operation === "Update")
    return server.send("PATCH", path, jsonPatch(mutation), "application/json-patch+json");
  const config = applyConfiguration(types, mutation);
  return server.send("PATCH", `${path}&force=true`, config, "application/apply-patch+yaml");
}
