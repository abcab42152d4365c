/**
 * Who: each change of a mutation is held against the manager that really sent it. Where its entry holds the place, the
 * name, the operation and the time must be said; where nothing was left (a removal, a new order), nobody may be named,
 * and the owner before must be.
 */
import type { Owner } from "../../src/model/verdict.ts";
import type { Case, Leg, LegContext, LegReport } from "./leg.ts";
import type { FoundChange } from "./judge.ts";
import { mutations, type Mutated } from "./mutate.ts";
import { holds, rawEntries, wholeLength } from "./ownership.ts";
import { kindText, objectText } from "./stage.ts";
import { readTypes, type Types } from "./types.ts";

function said({ manager, operation, time, confidence, previous }: Owner): string {
  if (manager !== "") return `${manager} ${operation} by ${time ?? "?"}`;
  return `${confidence}, before ${previous?.manager ?? "nobody"}`;
}

/** What an honest answer is; several where the place had several owners before. */
function honest(
  types: Types,
  { mutation, answer }: Mutated,
  { line, path, isOrder }: FoundChange,
): { traced: boolean; answers: readonly string[] } {
  const { manager, operation } = mutation.editor;
  const isAddition = line.startsWith("added ");
  const whole = wholeLength(types, mutation.root, path);
  const sender = rawEntries(answer).find((entry) => entry.manager === manager && entry.operation === operation);
  if (sender !== undefined && !isOrder && holds(sender.fields, path, whole))
    return { traced: true, answers: [`${manager} ${operation} by ${sender.time}`] };
  const before = rawEntries(mutation.standing.live).filter((entry) => holds(entry.fields, path, whole));
  const owners = before.map((entry) => entry.manager);
  // Of what came nobody was the owner before, whatever stood at the same place.
  const names = owners.length === 0 || isAddition ? ["nobody", ...owners] : owners;
  return { traced: false, answers: names.map((name) => `unknown, before ${name}`) };
}

function casesOf(types: Types, mutated: Mutated): readonly Case[] {
  const { mutation, changes, expected } = mutated;
  const { desired, file } = mutation.standing;
  const right = changes.filter(({ line }) => expected.includes(line));
  return right.map((change) => {
    const { line, owner } = change;
    const { traced, answers } = honest(types, mutated, change);
    const found = said(owner);
    const [first = ""] = answers;
    return {
      operator: `${traced ? "traced" : "no trace"}: ${mutation.editor.manager} (${mutation.editor.operation})`,
      kind: kindText(desired),
      file,
      object: objectText(desired),
      edit: `${line}: ${mutation.operator}: ${mutation.text}`,
      expected: [answers.includes(found) ? found : first],
      found: [found],
    };
  });
}

async function run(context: LegContext): Promise<LegReport> {
  const { mutated } = await mutations(context);
  const types = readTypes(context.server.documents);
  const all = mutated.flatMap((one) => casesOf(types, one));
  const traced = all.filter(({ operator }) => operator.startsWith("traced")).length;
  return {
    leg: "attribution",
    cases: all,
    refused: [],
    parts: ["traced", "no trace"],
    notes: [
      `Of ${all.length} changes rightly found, ${traced} leave a trace of who made them; of the other ${all.length - traced} (removals, new orders) nobody may be named, and the owner before must be.`,
    ],
  };
}

export const attribution: Leg = {
  name: "attribution",
  about: "who made each of those changes, and when, as the server recorded it",
  seeded: true,
  run,
};
