/**
 * The same cases through `kubectl diff` on the same server, side by side: a seeded sample of the edits, really made, and
 * of the respellings. Each object is asked about in the way in which it was deployed, which is how kubectl can know most:
 * client-side where it was applied so (it needs its own note of what was applied), server-side as the very manager.
 * Argo CD's diff engine, which asks no server, is shown the same objects beside it.
 */
import { isObject } from "../../../src/model/json.ts";
import { isKubeObject, type KubeObject } from "../../../src/model/resource.ts";
import { kindOf } from "../../../src/compare/schema-index.ts";
import { readDelta } from "../delta.ts";
import { sendMutation } from "../editors.ts";
import { asUpdate, readFilledIn } from "../equivalence.ts";
import { inParallel } from "../in-parallel.ts";
import { judge } from "../judge.ts";
import type { Case, Leg, LegContext, LegReport } from "../leg.ts";
import { mutations, type Mutated } from "../mutate.ts";
import type { Answer } from "../peers/answer.ts";
import { askGitopsEngine } from "../peers/gitops-engine/gitops-engine.ts";
import { chanceOf, seedOf, type Chance } from "../random.ts";
import { respellings, type Respelling } from "../respellings.ts";
import { kindText, objectText, standingOf, type Standing } from "../stage.ts";
import { readTypes, type Types } from "../types.ts";
import { askKubectl, canAsk, clientSide, keyOf, serverSide, type Mode } from "./kubectl-diff.ts";
import { sideBySide, theirWord, type Compared, type PeerAnswer } from "./side-by-side.ts";

/** A case, and what the peers have to be asked. */
interface Asked extends Case {
  readonly desired: KubeObject;
  readonly live: KubeObject;
  /** Who applied it. */
  readonly manager: string;
  readonly mode: Mode;
}

function modeOf({ deployer }: Standing): Mode | undefined {
  if (deployer.way === "client-side apply") return clientSide;
  return deployer.way === "server-side apply" ? serverSide(deployer.manager) : undefined;
}

/** Objects of a definition's kind stand on it, and it is not edited under them. */
const isOpen = ({ desired }: Standing): boolean => desired.kind !== "CustomResourceDefinition" && canAsk(desired);

/** One of each group in turn, each object but once. */
function spread<Item>(
  groups: Iterable<readonly Item[]>,
  count: number,
  standingAt: (item: Item) => Standing,
  taken: Set<string>,
): readonly Item[] {
  const queues = [...groups].map((group) => [...group]);
  const chosen: Item[] = [];
  while (chosen.length < count && queues.some((queue) => queue.length > 0)) {
    for (const queue of queues) {
      const item = queue.pop();
      if (item === undefined || taken.has(standingAt(item).path) || chosen.length >= count) continue;
      taken.add(standingAt(item).path);
      chosen.push(item);
    }
  }
  return chosen;
}

/** The edit, made for real; undefined where the object is no longer what it was, or the server will not have it. */
async function edit({ server }: LegContext, types: Types, mutated: Mutated): Promise<Asked | undefined> {
  const { mutation, expected } = mutated;
  const { standing } = mutation;
  const mode = modeOf(standing);
  const before = await server.send("GET", standing.path);
  const version = isKubeObject(before.body) ? before.body.metadata["resourceVersion"] : undefined;
  if (mode === undefined || version !== standing.live.metadata["resourceVersion"]) return undefined;
  const { status, body } = await sendMutation(server, types, mutation, false);
  if (status >= 300 || !isKubeObject(body)) return undefined;
  return {
    operator: mutation.operator,
    kind: kindText(standing.desired),
    file: standing.file,
    object: objectText(standing.desired),
    edit: mutation.text,
    expected,
    found: judge(server, standing.desired, body, standing.live).lines,
    desired: standing.desired,
    live: body,
    manager: standing.deployer.manager,
    mode,
  };
}

interface Respelled {
  readonly row: Respelling;
  readonly standing: Standing;
}

async function respell(
  { server }: LegContext,
  types: Types,
  { row, standing }: Respelled,
  world: { readonly chance: Chance; readonly filledIn: ReadonlySet<string> },
): Promise<Asked | undefined> {
  const root = types.root(standing.desired);
  const mode = modeOf(standing);
  if (root === undefined || mode === undefined) return undefined;
  const made = row.make({ standing, types, root, ...world });
  if (!isObject(made) || !isKubeObject(made)) return undefined;
  const sent = await server.send("PUT", `${standing.path}?dryRun=All`, asUpdate(made, standing.live));
  if (sent.status >= 300 || !isKubeObject(sent.body)) return undefined;
  const native = server.index.schemaFor(kindOf(standing.desired))?.builtIn === true;
  // Where the words mean something else to the server, kubectl is right to say so.
  if (readDelta(types, root, standing.live, sent.body, native).length > 0) return undefined;
  return {
    operator: `${row.name} (the same)`,
    kind: kindText(standing.desired),
    file: standing.file,
    object: objectText(standing.desired),
    edit: row.name,
    expected: [],
    found: judge(server, made, standing.live).lines,
    desired: made,
    live: standing.live,
    manager: standing.deployer.manager,
    mode,
  };
}

async function askAll({ plane, progress }: LegContext, asked: readonly Asked[]): Promise<readonly Answer[]> {
  const found = new Map<string, Answer>();
  for (const [flags, group] of Map.groupBy(asked, ({ mode }) => mode.flags.join(" "))) {
    const mode = group[0]?.mode ?? clientSide;
    const objects = group.map(({ desired }) => desired);
    for (const [key, answer] of await askKubectl(plane, mode, objects)) found.set(key, answer);
    progress(`${mode.name} ${flags}: ${objects.length} objects`);
  }
  return asked.map(({ desired }) => found.get(keyOf(desired)) ?? "failed");
}

interface Told {
  /** In the order of the cases. */
  readonly answers: readonly (readonly PeerAnswer[])[];
  readonly notes: readonly string[];
}

/** kubectl, and Argo CD's engine: as by default, and for what was applied server-side as for `ServerSideApply=true` too. */
async function askPeers(context: LegContext, asked: readonly Asked[]): Promise<Told> {
  const kubectl = await askAll(context, asked);
  const merged = asked.flatMap((one, at) => (one.mode === clientSide ? [] : [{ ...one, at }]));
  const types = await context.plane.request("GET", "/openapi/v2");
  const engine = await askGitopsEngine(types.text, [
    ...asked.map(({ desired, live }) => ({ desired, live })),
    ...merged.map(({ desired, live, manager }) => ({ desired, live, manager })),
  ]);
  const answers = kubectl.map((answer): PeerAnswer[] => [{ peer: "kubectl", answer }]);
  if ("why" in engine) return { answers, notes: [`Argo CD's diff engine was not asked: ${engine.why}`] };
  const rowOf = [...asked.keys(), ...merged.map(({ at }) => at)];
  for (const [index, answer] of engine.answers.entries())
    answers[rowOf[index] ?? -1]?.push({ peer: index < asked.length ? "Argo CD" : "Argo CD merged", answer });
  return {
    answers,
    notes: [
      "Argo CD is its diff engine as it comes, without ignored fields; merged is the same engine as with ServerSideApply=true.",
    ],
  };
}

async function run(context: LegContext): Promise<LegReport> {
  const { server, seed, sample, stage } = context;
  const { mutated } = await mutations(context);
  const types = readTypes(server.documents);
  const chance = chanceOf(seedOf(seed, "kubectl-diff"));
  const taken = new Set<string>();
  const open = mutated.filter(({ mutation: { standing } }) => isOpen(standing) && modeOf(standing) !== undefined);
  const byOperator = Map.groupBy(chance.shuffled(open), ({ mutation }) => mutation.operator).values();
  const edits = spread(byOperator, Math.ceil((sample * 2) / 3), ({ mutation }) => mutation.standing, taken);

  const standing = standingOf(server, await stage.early());
  const filledIn = readFilledIn(standing, types);
  const whole = chance.shuffled(standing.filter((one) => isOpen(one) && modeOf(one) !== undefined));
  // Many objects have nothing to be written otherwise in some one way: more are tried than wanted.
  const tries = whole.flatMap((one, at): Respelled[] => {
    const row = respellings[at % respellings.length];
    return row === undefined ? [] : [{ row, standing: one }];
  });
  const byRow = Map.groupBy(tries, ({ row }) => row.name).values();
  const others = spread(byRow, sample * 3, (one) => one.standing, taken);

  const respelled = await inParallel(others, (one) => respell(context, types, one, { chance, filledIn }));
  const edited = await inParallel(edits, (one) => edit(context, types, one));
  const same = respelled.filter((one) => one !== undefined).slice(0, Math.floor(sample / 3));
  const asked = [...edited.filter((one) => one !== undefined), ...same];
  const { answers, notes } = await askPeers(context, asked);
  const compared = asked.map((one, at): Compared => {
    const lines = (texts: readonly string[]): string => texts.toSorted().join("\n");
    return {
      operator: one.operator,
      mode: one.mode.name,
      isDrift: one.expected.length > 0,
      ours: lines(one.expected) === lines(one.found),
      ourCount: one.found.length,
      theirs: answers[at] ?? [],
    };
  });
  const bugs = compared.filter(
    (one) => !one.ours && one.theirs.some(({ answer }) => theirWord(one, answer) === "right"),
  ).length;
  return {
    leg: kubectlDiff.name,
    cases: asked.map(({ desired: _desired, live: _live, manager: _manager, mode: _mode, ...one }) => one),
    refused: [],
    notes: [
      "Edits are real writes, one per object; the peers are asked only whether the object differs, Plumbline for the very path.",
      ...notes,
      `Cases in which a peer is right and we are not: ${bugs}.`,
      ...sideBySide(compared),
    ],
  };
}

export const kubectlDiff: Leg = {
  name: "kubectl-diff",
  about:
    "a sample of the same cases through kubectl diff, client-side and server-side, and Argo CD's diff engine, side by side",
  run,
};
