/**
 * RFC 6902 patches, one per drifted object: applied to the live object they make it what Git says. Each starts with the
 * version it was made for, so that an object that has changed since refuses it. Hidden values stay hidden: a patch that
 * needs one says so and cannot be applied as it is. Nor can one that touches what the server lets nobody change: it names it.
 */
import { apiVersionOf } from "../../model/resource.ts";
import type { Json } from "../../model/json.ts";
import { isRedacted } from "../diff/plan-patch.ts";
import type { JudgedObject } from "../diff/report.ts";

export function formatPatches(judged: readonly JudgedObject[]): Json {
  return judged.flatMap(({ id, version, patch, immutable = [] }) => {
    if (patch === undefined || patch.length === 0) return [];
    const { group, kind, namespace, name } = id;
    const apiVersion = apiVersionOf({ group, version });
    const what = { apiVersion, group, version, kind, namespace, name };
    return [{ ...what, redacted: isRedacted(patch), ...(immutable.length > 0 && { immutable }), patch }];
  });
}
