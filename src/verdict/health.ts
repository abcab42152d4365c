/**
 * How one object fares, from its own status alone: no clock, no other object. Kinds with rows of their own first, then
 * the conditions that custom resources agree on. Never says healthy of a status it cannot read; a kind that has no
 * status at all (a ConfigMap, a Role) is healthy by being there.
 */
import { isObject } from "../model/json.ts";
import type { Health } from "../model/live.ts";
import { printableLine } from "../model/printable.ts";
import { kindRef, type KubeObject } from "../model/resource.ts";
import { condition, degraded, healthRows, healthy, isBehind, progressing } from "./health-rules.ts";

const rows = new Map(healthRows.map((row) => [row.kind, row]));

/** `Stalled` and `Reconciling` are there only while they are true; `Ready` says the rest. */
function byConditions(object: KubeObject): Health {
  const stalled = condition(object, "Stalled");
  if (stalled?.status === "True") return degraded(stalled.message || stalled.reason || "stalled");
  const reconciling = condition(object, "Reconciling");
  if (reconciling?.status === "True") return progressing(reconciling.message || reconciling.reason || "reconciling");
  const ready = condition(object, "Ready") ?? condition(object, "Available");
  if (ready === undefined) return isObject(object["status"]) ? { state: "unknown" } : healthy;
  if (ready.status === "True") return healthy;
  const why = ready.message || ready.reason || "not ready";
  return ready.status === "False" ? degraded(why) : progressing(why);
}

/** @param object with `status`, as the API server gives it */
export function healthOf(object: KubeObject): Health {
  if (object.metadata["deletionTimestamp"] !== undefined) return progressing("being deleted");
  if (isBehind(object)) return progressing("its controller has not seen the newest generation");
  const row = rows.get(`${kindRef(object.apiVersion, object.kind).group}/${object.kind}`);
  const health = row === undefined ? byConditions(object) : row.health(object);
  return health.reason === undefined ? health : { ...health, reason: printableLine(health.reason, 200) };
}
