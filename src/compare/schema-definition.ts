/**
 * The schemas of one CustomResourceDefinition, version by version. Takes any JSON: a version whose schema no server
 * would accept is a problem with a name and a place, and its kind is then not judged by it.
 */
import { getIn, getString, isArray } from "../model/json.ts";
import { printableLine } from "../model/printable.ts";
import type { Problem } from "../model/problem.ts";
import { kindKey, type KubeObject } from "../model/resource.ts";
import { readSchema, type RawSchema } from "./schema-raw.ts";
import type { Sharing } from "./schema-sharing.ts";

export interface DefinedVersion {
  /** As `kindKey` gives it. */
  readonly key: string;
  readonly schema: RawSchema;
  /** False for a definition of old (`preserveUnknownFields`) whose objects keep every field, however deep. */
  readonly prunes: boolean;
  /** Code `schema-failed`; the schema is then not to be used. */
  readonly problem?: Problem;
}

export interface Definition {
  /** Of the CRD object. */
  readonly name: string;
  readonly versions: readonly DefinedVersion[];
}

/** Another definition has the kind's name already: the server does not serve this one. */
function isRefused(crd: KubeObject): boolean {
  const conditions = getIn(crd, "status", "conditions");
  return (
    isArray(conditions) &&
    conditions.some((one) => getString(one, "type") === "NamesAccepted" && getString(one, "status") === "False")
  );
}

function say(what: string, name: string): Problem {
  return {
    code: "schema-failed",
    message: printableLine(what, 500),
    object: `CustomResourceDefinition ${printableLine(name)}`,
  };
}

/** Every version of the CRD, served or not; none of one without a name, or that lost its names to another. */
export function readDefinition(crd: KubeObject, sharing: Sharing): Definition {
  const name = sharing.text(getString(crd.metadata, "name") ?? "");
  const group = getString(crd, "spec", "group") ?? "";
  const kind = getString(crd, "spec", "names", "kind") ?? "";
  const versions = getIn(crd, "spec", "versions");
  if (name === "" || !isArray(versions) || isRefused(crd)) return { name, versions: [] };
  const prunes = getIn(crd, "spec", "preserveUnknownFields") !== true;
  const read = versions.map((version): DefinedVersion => {
    const label = getString(version, "name") ?? "";
    const key = sharing.text(kindKey({ group, version: label, kind }));
    const stated = getIn(version, "schema", "openAPIV3Schema");
    // Without a schema an object is whatever it is; only definitions of old may have none.
    if (stated === undefined && !prunes) return { key, schema: { type: "object", preserve: true }, prunes };
    if (stated === undefined) return { key, schema: {}, prunes, problem: say(`the schema of ${key} is missing`, name) };
    const { schema, problem } = readSchema(stated, { sharing, strict: true });
    if (problem !== undefined)
      return { key, schema: {}, prunes, problem: say(`the schema of ${key} cannot be used: ${problem}`, name) };
    return { key, schema: schema.type === undefined ? { ...schema, preserve: true } : schema, prunes };
  });
  return { name, versions: read };
}
