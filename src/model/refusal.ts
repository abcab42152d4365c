/** What the API server refused, in words of ours: names and numbers, safe to show where its own sentence may quote values. */
import type { ApiRefusal } from "./api.ts";
import { getIn, getString, isArray } from "./json.ts";

/** `the API server answered 422 Invalid`. Without an answer nobody knows yet what became of a write. */
export function describeRefusal({ status, reason }: ApiRefusal): string {
  return status === 0 ? "no answer from the API server" : `the API server answered ${status} ${reason}`;
}

/** ` over spec.size, spec.colour`: five at most; "" where it names none. */
export function describeFields({ details }: ApiRefusal): string {
  const causes = getIn(details, "causes");
  const fields = (isArray(causes) ? causes : []).map((cause) => getString(cause, "field") ?? "").filter(Boolean);
  return fields.length === 0 ? "" : ` over ${[...new Set(fields)].slice(0, 5).join(", ")}`;
}
