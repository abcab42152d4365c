/**
 * When a field is no difference for the schema's sake, whatever stands in it: the server does not keep it, or would fill
 * in the very value by itself. Looks at one field and its siblings; the walk looks at the values.
 */
import { isObject, type Json, type JsonObject } from "../model/json.ts";
import type { TypeNode } from "../model/schema.ts";
import { gatedField } from "./defaults/gated.ts";
import { defaultOf, mutualOf } from "./defaults.ts";
import type { Accord, Three, Way } from "./finding.ts";
import { sameJson } from "./same-json.ts";
import { shortTypeName } from "./zeros.ts";

export interface FieldOfStruct {
  readonly struct: Extract<TypeNode, { type: "struct" }>;
  readonly name: string;
  /** The struct's value in live, and as Git states it. */
  readonly parent: JsonObject;
  readonly statedParent: Json | undefined;
}

/** True where the server drops what Git states: it does not know the field, or the field's feature is off. */
function isDropped({ struct, name }: FieldOfStruct, stated: Json | undefined, { native, server }: Way): boolean {
  if (struct.field(name) === undefined) return !struct.keepsUnknown;
  if (!native || stated === undefined) return false;
  return gatedField({ type: shortTypeName(struct.name), field: name, value: stated }, server) !== undefined;
}

/** What runs beside it, without a sibling that says no more than that it was copied, unless Git says that one. */
function beside({ struct, name, parent, statedParent }: FieldOfStruct): JsonObject {
  const twin = mutualOf(struct, name);
  if (twin === undefined || (isObject(statedParent) && Object.hasOwn(statedParent, twin))) return parent;
  const { [twin]: _, ...rest } = parent;
  return rest;
}

/** What the server fills in beside what else runs. */
function filledIn(field: FieldOfStruct, depth: number, { live, server }: Way): Json | undefined {
  const { struct, name } = field;
  const parent = beside(field);
  return defaultOf(struct, parent, name, { root: live, depth, ...(server !== undefined && { server }) });
}

/**
 * Undefined where the values have to be looked at.
 * @param depth of the struct, 0 for the object itself
 */
export function accordOf(
  field: FieldOfStruct,
  { desired, stated, live }: Three<Json | undefined>,
  depth: number,
  way: Way,
): Accord | undefined {
  if (live === undefined && isDropped(field, stated, way)) return "pruned";
  if (field.struct.field(field.name) === undefined || stated !== undefined) return undefined;
  // Two structs are gone through field by field; what lacks where nothing is strict is for the walk.
  if (isObject(desired) && isObject(live)) return undefined;
  const stands = live ?? (way.strict ? desired : undefined);
  const filled = stands === undefined ? undefined : filledIn(field, depth, way);
  if (stands === undefined || filled === undefined || !sameJson(filled, stands)) return undefined;
  // Where it is not what stands beside Git's own fields, it follows from another change.
  return desired !== undefined && sameJson(filled, desired) ? "default" : "follows";
}
