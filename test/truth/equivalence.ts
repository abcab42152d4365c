/**
 * The same object in other words is in sync with what stands there. Each respelling is sent as a dry-run update: where
 * the server makes of it what it had made of the file, it is held against what stands; where it makes something else
 * of it, the words meant something else, and must be in sync with that.
 */
import { kindOf } from "../../src/compare/schema-index.ts";
import { isObject, type Json, type JsonObject } from "../../src/model/json.ts";
import { isKubeObject, type KubeObject } from "../../src/model/resource.ts";
import { sentOf, type TruthServer } from "../corpus/truth-server.ts";
import { readDelta } from "./delta.ts";
import { inParallel } from "./in-parallel.ts";
import { judge, show } from "./judge.ts";
import type { Case, Leg, LegContext, LegReport, Refusal } from "./leg.ts";
import { formatPath } from "../../src/model/path.ts";
import { statedAt } from "./oracle.ts";
import { chanceOf, seedOf } from "./random.ts";
import { filledInKey, respellings, type Around, type Respelling } from "./respellings.ts";
import { spotsOf } from "./spots.ts";
import { kindText, objectText, standingOf, type Standing } from "./stage.ts";
import { readTypes, type Types } from "./types.ts";

/** What the server filled in, anywhere. */
export function readFilledIn(standing: readonly Standing[], types: Types): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { desired, live } of standing) {
    const root = types.root(desired);
    if (root === undefined || root.name.endsWith(".CustomResourceDefinition")) continue;
    for (const spot of spotsOf(types, root, live)) {
      const key = filledInKey(spot);
      if (key !== undefined && statedAt(desired, spot.path) === undefined) found.add(key);
    }
  }
  return found;
}

/** As an update of what stands: with its name, and the version it was read at. */
export function asUpdate(respelled: KubeObject, live: KubeObject): JsonObject {
  const { name, namespace, resourceVersion } = live.metadata;
  const own = Object.entries({ name, namespace, resourceVersion }).filter(([, value]) => value !== undefined);
  return { ...respelled, metadata: { ...respelled.metadata, ...(Object.fromEntries(own) as JsonObject) } };
}

/** What the respelling says otherwise, for people. */
function editOf(types: Types, around: Around, respelled: KubeObject): string {
  const deltas = readDelta(types, around.root, around.standing.desired, respelled, false);
  if (respelled.kind === "Secret") return deltas.map(({ path }) => formatPath(path)).join("; ");
  const shown = deltas
    .slice(0, 4)
    .map(({ path, before, after }) => `${formatPath(path)}: ${show(before)} -> ${show(after)}`);
  return `${shown.join("; ")}${deltas.length > 4 ? `; and ${deltas.length - 4} more` : ""}` || "the order only";
}

const isRefusal = (one: Case | Refusal): one is Refusal => "reason" in one;

async function respell(server: TruthServer, row: Respelling, around: Around): Promise<Case | Refusal | undefined> {
  const { standing, types, root } = around;
  const { desired, live, file, path } = standing;
  const made: Json | undefined = row.make(around);
  if (!isObject(made) || !isKubeObject(made)) return undefined;
  const about = { kind: kindText(desired), file, object: objectText(desired) };
  const query = `?dryRun=All&fieldManager=${encodeURIComponent(standing.deployer.manager)}`;
  const sent = await server.send("PUT", `${path}${query}`, asUpdate(made, live));
  if (sent.status >= 300 || !isKubeObject(sent.body))
    return { ...about, operator: row.name, reason: sentOf(file, desired, sent).refusal ?? "" };
  const native = server.index.schemaFor(kindOf(desired))?.builtIn === true;
  const same = row.always === true || readDelta(types, root, live, sent.body, native).length === 0;
  return {
    ...about,
    operator: same ? row.name : `${row.name} (another meaning)`,
    edit: editOf(types, around, made),
    expected: [],
    found: judge(server, made, same ? live : sent.body).lines,
  };
}

async function run({ server, stage, seed, count, progress }: LegContext): Promise<LegReport> {
  const standing = standingOf(server, await stage.early());
  const types = readTypes(server.documents);
  const filledIn = readFilledIn(standing, types);
  const chance = chanceOf(seedOf(seed, "equivalence"));
  const kinds = [...Map.groupBy(standing, ({ desired }) => kindText(desired)).values()];
  const cases: Case[] = [];
  const refused: Refusal[] = [];
  const rounds = standing.length === 0 ? 0 : count * 3;
  const rows = [...respellings];
  for (let asked = 0; asked < rounds && cases.length < count; asked += 400) {
    const batch = Array.from({ length: Math.min(400, count) }, (_, index) => {
      const one = chance.pick(chance.number(2) === 0 ? chance.pick(kinds) : standing);
      return { row: rows[(asked + index) % rows.length] as Respelling, standing: one, seed: chance.number(2 ** 31) };
    });
    const answers = await inParallel(batch, async ({ row, standing: one, seed: own }) => {
      const root = types.root(one.desired);
      if (root === undefined) return undefined;
      return respell(server, row, { standing: one, types, root, chance: chanceOf(own), filledIn });
    });
    for (const answer of answers)
      if (answer !== undefined && isRefusal(answer)) refused.push(answer);
      else if (answer !== undefined && cases.length < count) cases.push(answer);
    progress(`${cases.length} of ${count} respellings, ${refused.length} refused`);
  }
  const other = cases.filter(({ operator }) => operator.endsWith("(another meaning)")).length;
  return {
    leg: "equivalence",
    cases,
    refused,
    notes: [
      `Respellings are dry-run updates. The server made the same of ${cases.length - other}; ${other} meant something else to it and were held against what it made of them.`,
    ],
  };
}

export const equivalence: Leg = {
  name: "equivalence",
  about: "the same in other words (units, defaults, order, empties, JSON): in sync",
  seeded: true,
  run,
};
