/** Edits made up from schema and object: exactly the places that were edited come out, and nothing else. */
import type { Leg, LegContext, LegReport } from "./leg.ts";
import { mutations } from "./mutate.ts";
import { kindText, objectText } from "./stage.ts";

async function run(context: LegContext): Promise<LegReport> {
  const { mutated, refused } = await mutations(context);
  const normalised = mutated.filter((one) => one.normalised).length;
  return {
    leg: "mutation",
    cases: mutated.map(({ mutation, expected, found }) => ({
      operator: mutation.operator,
      kind: kindText(mutation.standing.desired),
      file: mutation.standing.file,
      object: objectText(mutation.standing.desired),
      edit: mutation.text,
      expected,
      found,
    })),
    refused,
    notes: [
      "Edits are dry runs against objects that really stand on the server; what it answers is live.",
      `${mutated.filter(({ expected }) => expected.length > 0).length} of ${mutated.length} edits are drift; of the others the server made nothing of ${normalised}.`,
    ],
  };
}

export const mutation: Leg = {
  name: "mutation",
  about: "seeded edits of every kind under several managers: exactly the edited paths",
  seeded: true,
  run,
};
