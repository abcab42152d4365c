/**
 * `npm run truth -- defaults`: what we say that the server fills in, drops and keeps, against the server itself. Objects
 * of every built-in kind, every field of every type in them, and custom resources of schemas made by chance; each
 * answer is held against ours exactly, in both directions.
 */
import { gatedFields } from "../../../src/compare/defaults/gated.ts";
import { isBefore } from "../../../src/compare/defaults/row.ts";
import { formatJson, getString } from "../../../src/model/json.ts";
import { isKubeObject, type KubeObject } from "../../../src/model/resource.ts";
import { builtInObjects } from "../../compare/built-in-objects.ts";
import { countingDifferences, tell, type TruthServer } from "../../corpus/truth-server.ts";
import { inParallel } from "../in-parallel.ts";
import type { Case, Leg, LegReport, Refusal } from "../leg.ts";
import { checkCustom } from "./custom.ts";
import { mismatchesOf, tellMismatch } from "./exact.ts";
import { checkFields, tellProbe, type Probed } from "./fields.ts";
import { creatableKinds, typesWithout, type Creatable } from "./kinds.ts";
import { replaceOf } from "./standing.ts";
import { transplanted } from "./transplant.ts";

export interface DefaultsOptions {
  readonly seed: number;
  /** True: every type in every kind, and every Pod template in every kind that has one. False: every type once. */
  readonly thorough: boolean;
}

interface Made {
  readonly cases: readonly Case[];
  readonly refused: readonly Refusal[];
}

const kindText = ({ apiVersion, kind }: KubeObject): string => `${apiVersion} ${kind}`;

async function checkObjects(server: TruthServer, thorough: boolean, gated: Set<string>): Promise<Made> {
  const objects = builtInObjects.flatMap(([name, object]) => [
    { name, object, operator: "object" },
    ...(thorough ? transplanted(object) : []).map((moved) => ({ name, object: moved, operator: "template elsewhere" })),
  ]);
  const cases: Case[] = [];
  const refused: Refusal[] = [];
  await inParallel(objects, async ({ name, object, operator }) => {
    // A kind of a newer server is not asked of an older one.
    if (server.pathOf(object) === undefined) return;
    const about = { operator, kind: kindText(object), file: "built-in-objects", object: name };
    const { status, body } = await replaceOf(server, object, await server.dryRun(object));
    if (status >= 300 || !isKubeObject(body)) {
      refused.push({ ...about, reason: `${status} ${getString(body, "message") ?? ""}`.slice(0, 200) });
      return;
    }
    const exact = mismatchesOf(server.index, object, body, gated).map(tellMismatch);
    const found = exact.length > 0 ? exact : tell(countingDifferences(server, object, body));
    cases.push({ ...about, edit: "dry-run create", expected: [], found });
  });
  return { cases, refused };
}

function fieldCases(probed: readonly Probed[]): Made {
  const cases: Case[] = [];
  const refused: Refusal[] = [];
  for (const probe of probed) {
    const { field, kind, value, wrong } = probe;
    const operator = `field = ${formatJson(value)}`;
    const about = { operator, kind, file: "built-in-objects", object: field };
    if (wrong === undefined) refused.push({ ...about, reason: "refused by validation wherever it was tried" });
    else cases.push({ ...about, edit: tellProbe(probe), expected: [], found: wrong });
  }
  return { cases, refused };
}

/** Rows of ours that nothing has shown: neither true nor false on this server. */
function unseenGates(gated: ReadonlySet<string>, minor: string): readonly string[] {
  const off = gatedFields.filter(({ since }) => since === undefined || isBefore(minor, since));
  return off.map(({ type, field }) => `${type}.${field}`).filter((name) => !gated.has(name));
}

/** A kind of which there is no object is one of which nothing is known. */
function missingKinds(creatable: readonly Creatable[], cases: readonly Case[]): readonly Case[] {
  const have = new Set(cases.map(({ kind }) => kind));
  return creatable
    .map(({ apiVersion, kind }) => `${apiVersion} ${kind}`)
    .filter((kind) => !have.has(kind))
    .map((kind) => {
      const about = { operator: "object", kind, file: "built-in-objects", object: kind, edit: "none" };
      return { ...about, expected: [], found: ["there is no object of this kind"] };
    });
}

export async function runDefaults(
  server: TruthServer,
  minor: string,
  { seed, thorough }: DefaultsOptions,
): Promise<LegReport> {
  const gated = new Set<string>();
  const creatable = await creatableKinds(server);
  const objects = await checkObjects(server, thorough, gated);
  const seeds = builtInObjects.flatMap(([, object]) => (thorough ? [object, ...transplanted(object)] : [object]));
  const probed = await checkFields(server, seeds, {
    by: thorough ? "kind" : "type",
    tries: thorough ? { surroundings: 4, alone: 2 } : { surroundings: 1, alone: 0 },
    gated,
  });
  const fields = fieldCases(probed);
  const custom = await checkCustom(server, seed, thorough ? { count: 20, perField: 10 } : { count: 4, perField: 6 });
  const customCases = custom.cases.map(({ object, schema, wrong }): Case => {
    const edit = `${formatJson(object["spec"] ?? null)} of ${formatJson(schema)}`;
    return {
      operator: "custom resource",
      kind: object.kind,
      file: "by chance",
      object: object.kind,
      edit,
      expected: [],
      found: wrong,
    };
  });
  const kinds = new Set(objects.cases.map(({ kind }) => kind)).size;
  const types = new Set(probed.map(({ field }) => field)).size;
  return {
    leg: "defaults",
    cases: [...objects.cases, ...missingKinds(creatable, objects.cases), ...fields.cases, ...customCases],
    refused: [...objects.refused, ...fields.refused],
    notes: [
      `${objects.cases.length} objects of ${kinds} kinds; types that none of them holds: ${typesWithout(server.index, creatable, seeds).join(", ") || "none"}.`,
      `${probed.length} questions about ${types} fields: ${fields.cases.length} answered, ${fields.refused.length} refused by validation, so that no table can be wrong there.`,
      `${custom.schemas} schemas by chance, ${custom.cases.length} objects of them, ${custom.refused} refused.`,
      `${gated.size} fields were dropped since their feature is off; rows about features that this server did not show: ${unseenGates(gated, minor).join(", ") || "none"}.`,
    ],
  };
}

export const defaults: Leg = {
  name: "defaults",
  about: "what the server fills in, drops and keeps, field by field, of built-in and custom kinds",
  run: ({ server, plane, seed }) => {
    const minor = plane.version.split(".").slice(0, 2).join(".");
    return runDefaults(server, minor, { seed, thorough: true });
  },
};
