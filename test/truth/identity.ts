/** Whatever the way an object was deployed and under whose name: what the server made of it is in sync with the file. */
import { judge } from "./judge.ts";
import type { Case, Leg, LegContext, LegReport, Refusal } from "./leg.ts";
import { kindText, objectText, type Staged } from "./stage.ts";

async function run({ server, stage, progress }: LegContext): Promise<LegReport> {
  const cases: Case[] = [];
  const refused: Refusal[] = [];
  let real = 0;
  const look = (staged: readonly Staged[]): void => {
    for (const { file, desired, trials } of staged) {
      const about = { kind: kindText(desired), file, object: objectText(desired) };
      for (const trial of trials) {
        const operator = `${trial.deployer.way} by ${trial.deployer.manager}`;
        if (trial.live === undefined) refused.push({ ...about, operator, reason: trial.refusal ?? "" });
        else {
          if (trial.real) real += 1;
          const found = judge(server, desired, trial.live).lines;
          cases.push({ ...about, operator, edit: trial.real ? "really deployed" : "dry run", expected: [], found });
        }
      }
    }
  };
  look(await stage.early());
  progress(`${cases.length} deployments judged`);
  return {
    leg: "identity",
    cases,
    refused,
    notes: [
      `${real} of ${cases.length} deployments were real writes, each object in one of the three ways in turn; the other two ways were asked as dry runs.`,
    ],
  };
}

export const identity: Leg = {
  name: "identity",
  about: "deployed in three ways, under the managers of the real tools: in sync",
  run,
};
