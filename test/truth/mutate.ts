/** Sends made-up edits to the server as dry runs, and says for each answer what had to be found and what was. */
import { getIn, isArray, type Json } from "../../src/model/json.ts";
import { isKubeObject, type KubeObject } from "../../src/model/resource.ts";
import { kindOf } from "../../src/compare/schema-index.ts";
import { sentOf, type TruthServer } from "../corpus/truth-server.ts";
import { readDelta, same, type Delta } from "./delta.ts";
import { sendMutation, withValue } from "./editors.ts";
import { inParallel } from "./in-parallel.ts";
import { judge, type FoundChange } from "./judge.ts";
import type { LegContext, Refusal } from "./leg.ts";
import { expectedOf, lineOf, type Situation } from "./oracle.ts";
import { planMutations, type Mutation } from "./plan.ts";
import { kindText, objectText, standingOf, type Standing } from "./stage.ts";
import { readTypes, type Types } from "./types.ts";

export interface Mutated {
  readonly mutation: Mutation;
  /** The object as it would be after the edit. */
  readonly answer: KubeObject;
  readonly expected: readonly string[];
  readonly changes: readonly FoundChange[];
  readonly found: readonly string[];
  /** True where the server made nothing of the edit. */
  readonly normalised: boolean;
}

export interface Mutations {
  readonly mutated: readonly Mutated[];
  readonly refused: readonly Refusal[];
}

/** Webhooks and API services are few; more than this share of the edits would ask the same again and again. */
const LATE_SHARE = 0.03;
const REFUSED_AT_MOST = 4;

function valueAt(value: Json | undefined, tokens: readonly (string | number)[]): Json | undefined {
  let at = value;
  for (const token of tokens) at = isArray(at) ? at[Number(token)] : getIn(at, String(token));
  return at;
}

/** True where the server fills the place in again by itself when it is taken away from the edited object. */
async function refills(
  server: TruthServer,
  { standing, editor }: Mutation,
  answer: KubeObject,
  delta: Delta,
  just: boolean,
): Promise<boolean> {
  const without = withValue(answer, delta.tokens, undefined);
  const path = `${standing.path}?dryRun=All&fieldManager=${editor.manager}`;
  const { status, body } = await server.send("PUT", path, without);
  const filled = status < 300 ? valueAt(body, delta.tokens) : undefined;
  return just ? same(filled, delta.after) : filled !== undefined;
}

async function mutateOne(server: TruthServer, types: Types, mutation: Mutation): Promise<Mutated | Refusal> {
  const { standing, root, editor } = mutation;
  const { desired, live, file } = standing;
  const sent = await sendMutation(server, types, mutation);
  if (sent.status >= 300 || !isKubeObject(sent.body)) {
    const reason = sentOf(file, desired, sent).refusal ?? "";
    return { operator: mutation.operator, kind: kindText(desired), file, object: objectText(desired), reason };
  }
  const answer = sent.body;
  const native = server.index.schemaFor(kindOf(desired))?.builtIn === true;
  const deltas = readDelta(types, root, live, answer, native);
  const situation: Situation = {
    desired,
    native,
    byController: editor.controller,
    byDeployer: editor.manager === standing.deployer.manager,
    wrote: editor.operation === "Apply" ? mutation.spot.path : [],
  };
  const expected = await expectedOf({ deltas, answer, sites: mutation.sites }, situation, (delta, just) =>
    refills(server, mutation, answer, delta, just),
  );
  const judged = judge(server, desired, answer, live);
  return {
    mutation,
    answer,
    expected: expected.map(lineOf),
    changes: judged.changes,
    found: judged.lines,
    normalised: deltas.length === 0 && same(live["spec"], answer["spec"]),
  };
}

const isRefusal = (one: Mutated | Refusal): one is Refusal => "reason" in one;

/** Not the iterator's own `take`, which ends it. */
function take(plan: Iterator<Mutation>, count: number): readonly Mutation[] {
  const taken: Mutation[] = [];
  for (let next = plan.next(); next.done !== true; next = plan.next()) {
    taken.push(next.value);
    if (taken.length === count) break;
  }
  return taken;
}

/** Asks until `count` edits were taken. */
async function mutateAll(
  { server, seed, progress }: LegContext,
  standing: readonly Standing[],
  count: number,
): Promise<Mutations> {
  const types = readTypes(server.documents);
  const plan = planMutations(standing, types, seed);
  const mutated: Mutated[] = [];
  const refused: Refusal[] = [];
  while (mutated.length < count && refused.length < count * REFUSED_AT_MOST) {
    const batch = take(plan, Math.min(400, Math.max(40, count - mutated.length)));
    if (batch.length === 0) break;
    for (const one of await inParallel(batch, (mutation) => mutateOne(server, types, mutation)))
      if (isRefusal(one)) refused.push(one);
      else if (mutated.length < count) mutated.push(one);
    progress(`${mutated.length} of ${count} mutations, ${refused.length} refused`);
  }
  return { mutated, refused };
}

const runs = new WeakMap<LegContext, Promise<Mutations>>();

/** The mutations of this run; made once, for every leg that looks at them. */
export function mutations(context: LegContext): Promise<Mutations> {
  const known = runs.get(context);
  if (known !== undefined) return known;
  const run = async (): Promise<Mutations> => {
    const early = standingOf(context.server, await context.stage.early());
    const ofLate = Math.floor(context.count * LATE_SHARE);
    const first = await mutateAll(context, early, context.count - ofLate);
    const second = await context.stage.withLate((staged) => {
      const late = standingOf(context.server, staged);
      return mutateAll(context, late, late.length === 0 ? 0 : ofLate);
    });
    return { mutated: [...first.mutated, ...second.mutated], refused: [...first.refused, ...second.refused] };
  };
  const made = run();
  runs.set(context, made);
  return made;
}
