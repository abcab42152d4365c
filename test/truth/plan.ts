/**
 * Makes up edits of real objects: seeded, each kind of edit and each kind of object in its turn, so that what is rare
 * in the corpora is asked about as often as what is common.
 */
import { formatJson, type Json } from "../../src/model/json.ts";
import { formatPath, type Path } from "../../src/model/path.ts";
import type { Change, EditRow } from "./edits/edit.ts";
import { editRows } from "./edits/edits.ts";
import { editors, mayEdit, type Editor } from "./editors.ts";
import { show } from "./judge.ts";
import { chanceOf, type Chance } from "./random.ts";
import { spotsOf, type Spot } from "./spots.ts";
import { kindText, type Standing } from "./stage.ts";
import type { Type, Types } from "./types.ts";

export interface Mutation {
  readonly operator: string;
  readonly standing: Standing;
  readonly root: Type;
  readonly spot: Spot;
  readonly change: Change;
  readonly editor: Editor;
  /** The places the edit is about. */
  readonly sites: readonly Path[];
  /** For people: where, from what, to what, by whom. */
  readonly text: string;
}

const HEAVY = 60_000;
/** One in so many objects asked about may be a heavy one. */
const HEAVY_SHARE = 25;

/** An apply configuration cannot say that something is not there. */
function canApply({ change, spot }: { change: Change; spot: Spot }): boolean {
  return change.next !== undefined && change.next !== null && spot.value !== null;
}

function mutationOf(
  standing: Standing,
  root: Type,
  [row, spot]: readonly [EditRow, Spot],
  types: Types,
  chance: Chance,
): Mutation | undefined {
  const change = row.make(spot, chance, types);
  if (change === undefined) return undefined;
  const able = editors.filter(
    (editor) =>
      mayEdit(editor, standing) &&
      (editor.operation === "Update" || (row.takesAway !== true && canApply({ change, spot }))),
  );
  const editor = chance.pick(able);
  const shown = (value: Json | undefined): string => (standing.desired.kind === "Secret" ? "…" : show(value));
  return {
    operator: row.name,
    standing,
    root,
    spot,
    change,
    editor,
    sites: change.sites ?? [spot.path],
    text: `${formatPath(spot.path)}: ${shown(spot.value)} -> ${shown(change.next)} by ${editor.manager} (${editor.operation}), deployed by ${standing.deployer.way} by ${standing.deployer.manager}`,
  };
}

/** Objects in a row at which nothing new could be edited: then there is nothing left. */
const ENOUGH_TRIES = 20_000;

/** No edit comes twice; it ends where there is nothing new to edit. */
export function* planMutations(standing: readonly Standing[], types: Types, seed: number): Generator<Mutation> {
  const chance = chanceOf(seed);
  const asked = new Map<string, number>();
  const told = new Set<string>();
  const byKind = [...Map.groupBy(standing, ({ desired }) => kindText(desired)).values()];
  const weights = new Map(standing.map((one) => [one, formatJson(one.desired).length] as const));
  const isHeavy = (one: Standing): boolean => (weights.get(one) ?? 0) > HEAVY;
  const pickObject = (): Standing => {
    for (;;) {
      const one = chance.pick(chance.number(2) === 0 ? chance.pick(byKind) : standing);
      if (!isHeavy(one) || chance.number(HEAVY_SHARE) === 0) return one;
    }
  };
  if (!standing.some((one) => !isHeavy(one))) return;
  for (let tries = 0; tries < ENOUGH_TRIES; tries += 1) {
    const one = pickObject();
    const root = types.root(one.desired);
    if (root === undefined) continue;
    const spots = chance.shuffled(spotsOf(types, root, one.live));
    // The kinds of edit least asked about come first; equals in any order.
    const rows = chance
      .shuffled(editRows)
      .toSorted((left, right) => (asked.get(left.name) ?? 0) - (asked.get(right.name) ?? 0));
    for (const row of rows) {
      const spot = spots.find(row.fits);
      const made = spot === undefined ? undefined : mutationOf(one, root, [row, spot], types, chance);
      if (made === undefined) continue;
      const words = `${one.path} ${row.name} ${formatPath(made.spot.path)} ${formatJson(made.change.next ?? null)}`;
      if (told.has(words)) continue;
      told.add(words);
      asked.set(row.name, (asked.get(row.name) ?? 0) + 1);
      tries = 0;
      yield made;
      break;
    }
  }
}
