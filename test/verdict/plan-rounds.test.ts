/** A plan of plain values is made in one round where nothing can follow from them; it is the plan of many rounds. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { noFacts } from "../../src/compare/facts.ts";
import { defaultedDesired } from "../../src/compare/defaults.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { countDifferences, type PairInput } from "../../src/verdict/counting.ts";
import { decideWithCount } from "../../src/verdict/decide.ts";
import { planHeal } from "../../src/verdict/heal-plan.ts";
import { planOperations } from "../../src/verdict/operations.ts";
import { builtInObjects } from "../compare/built-in-objects.ts";
import { customObjects } from "../compare/custom-objects.ts";
import { mutationsOf } from "../compare/mutations.ts";
import { kindOf } from "../../src/compare/schema-index.ts";
import { deployment, schemaOf, schemas } from "../compare/schemas.ts";
import { baseline, declared, liveOf, present, situation } from "./pair-fixture.ts";

const strict = baseline({ compare: { addedFields: "Strict", ignore: [], sensitive: [] } });

function pair(desired: KubeObject, live: KubeObject): PairInput {
  const schema = schemaOf(desired);
  return { baseline: strict, desired: declared(desired), live: liveOf(live), schema, facts: noFacts, now: 0 };
}

const withoutShortcut = (input: PairInput) => planOperations(input, { ...countDifferences(input), final: false });

const objects = [...builtInObjects, ...customObjects]
  .map(([, object]) => object)
  .filter((object) => schemas.schemaFor(kindOf(object)) !== undefined);
/** Two changes of one object, one after the other. */
const changedTwice = fc.constantFrom(...objects).chain((desired) => {
  const schema = schemaOf(desired);
  const once = mutationsOf(defaultedDesired(desired, schema), schema);
  if (once.length === 0) return fc.constant({ desired, live: desired });
  return fc.constantFrom(...once).chain((first) => {
    const twice = mutationsOf(first.live, schema);
    return fc.constantFrom(...(twice.length === 0 ? [first] : twice)).map(({ live }) => ({ desired, live }));
  });
});

test("property: the same operations in one round as in many", () => {
  let short = 0;
  fc.assert(
    fc.property(changedTwice, ({ desired, live }) => {
      const input = pair(desired, live);
      if (countDifferences(input).final) short += 1;
      expect(planOperations(input)).toEqual(withoutShortcut(input));
    }),
    { numRuns: 600 },
  );
  expect(short).toBeGreaterThan(100);
}, 60_000);

test("an account put back takes its old name along, which no one edited", () => {
  const desired = deployment({}, { serviceAccountName: "runner" });
  const live = defaultedDesired(
    deployment({}, { serviceAccountName: "root", serviceAccount: "root" }),
    schemaOf(desired),
  );
  const input = pair(desired, live);
  expect(countDifferences(input).final).toBe(false);
  expect(planOperations(input)).toHaveLength(3);
  expect(planOperations(input).at(-1)).toMatchObject({ path: "/spec/template/spec/serviceAccount" });
});

test("a plan from what was counted for the judgement is the plan", () => {
  const desired = deployment({ image: "web:1.4" });
  const input = situation({
    desired: declared(desired),
    previous: declared(desired),
    live: present(deployment({ image: "web:1.5" })),
    schema: schemaOf(desired),
  });
  const { decision, counted } = decideWithCount(input);
  expect(decision.verdict.kind).toBe("drifted");
  expect(counted?.final).toBe(true);
  expect(planHeal(input, counted)).toEqual(planHeal(input));
});
