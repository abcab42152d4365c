/**
 * Who set an annotation of an object of ours, as its managedFields tell: `kubectl-annotate at 2026-11-21T03:22:18Z`. A
 * field manager is a name that a client chose, not a person. Pure.
 */
import { getIn, getString, isArray, type Json } from "./json.ts";
import { printableLine } from "./printable.ts";
import type { KubeObject } from "./resource.ts";

const NAME = 100;

/** Undefined where nobody is on record for it. */
export function setBy({ metadata }: Pick<KubeObject, "metadata">, annotation: string): string | undefined {
  const entries = metadata["managedFields"];
  const owns = (entry: Json): boolean =>
    getIn(entry, "fieldsV1", "f:metadata", "f:annotations", `f:${annotation}`) !== undefined;
  const timeOf = (entry: Json): string => getString(entry, "time") ?? "";
  const [last] = (isArray(entries) ? entries : [])
    .filter(owns)
    .toSorted((one, other) => timeOf(other).localeCompare(timeOf(one)));
  const manager = getString(last, "manager") ?? "";
  if (last === undefined || manager === "") return undefined;
  const time = timeOf(last);
  return `${printableLine(manager, NAME)}${time === "" ? "" : ` at ${printableLine(time, NAME)}`}`;
}
