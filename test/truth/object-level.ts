/**
 * Whole objects: deleted, held, made again, dropped from Git, under a forged owner, of a kind that is no longer served;
 * really done on the server, for some objects of every kind.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { KubeObject } from "../../src/model/resource.ts";
import { placeObjects } from "../../src/verdict/place.ts";
import { openTruthServer, type TruthServer } from "../corpus/truth-server.ts";
import { inParallel } from "./in-parallel.ts";
import { declaredAs, question } from "./judge.ts";
import type { Case, Leg, LegContext, LegReport, Refusal } from "./leg.ts";
import { lookAt, objectRows, verdictLine, type Outcome } from "./object-rows.ts";
import { chanceOf, seedOf } from "./random.ts";
import { kindText, objectText, standingOf, type Staged, type Standing } from "./stage.ts";

const PER_KIND = 5;
/** Others stand in it, or are of it: taking one away would take those away too. */
const untouchable: ReadonlySet<string> = new Set(["Namespace", "CustomResourceDefinition"]);

const about = ({ file, desired }: Pick<Standing, "file" | "desired">) => ({
  kind: kindText(desired),
  file,
  object: objectText(desired),
});

async function liveLong(server: TruthServer, one: Standing): Promise<readonly (Case | Refusal)[]> {
  const cases: (Case | Refusal)[] = [];
  for (const { name, run } of objectRows) {
    const found = await run(server, one);
    if (found === undefined) {
      cases.push({ ...about(one), operator: name, reason: "not possible with this object" });
      break;
    }
    cases.push({ ...about(one), operator: name, edit: "really done", ...found });
  }
  return cases;
}

/** Objects of kinds that are not served: a 404 then says nothing about them. */
async function notServed(server: TruthServer, staged: readonly Staged[]): Promise<readonly Case[]> {
  const cases: Case[] = [];
  for (const { file, desired } of staged) {
    if (server.pathOf(desired) !== undefined) continue;
    const view = await lookAt(server, `/apis/${desired.apiVersion}/nothing`);
    const found = verdictLine({ ...question(server, desired, desired), live: view });
    const outcome: Outcome = { expected: ["unknown kind-not-served"], found: [found] };
    cases.push({ ...about({ file, desired }), operator: "kind not served", edit: "asked for", ...outcome });
  }
  return cases;
}

const definition: KubeObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "passings.truth.example.com" },
  spec: {
    group: "truth.example.com",
    scope: "Namespaced",
    names: { plural: "passings", singular: "passing", kind: "Passing", listKind: "PassingList" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: { spec: { type: "object", properties: { size: { type: "integer" } } } },
          },
        },
      },
    ],
  },
};
const passing: KubeObject = {
  apiVersion: "truth.example.com/v1",
  kind: "Passing",
  metadata: { name: "one", namespace: "default" },
  spec: { size: 1 },
};

/** A custom resource, before and after its definition goes. */
async function definitionGone({ plane, server }: LegContext): Promise<readonly Case[]> {
  const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
  const path = "/apis/truth.example.com/v1/namespaces/default/passings";
  await server.send("POST", definitions, definition);
  const until = async (done: () => Promise<boolean>): Promise<void> => {
    for (let tries = 0; tries < 120 && !(await done()); tries += 1) await wait(250);
  };
  await until(async () => (await server.send("POST", path, passing)).status === 201);
  const ask = async (): Promise<string> => {
    const now = await openTruthServer(plane);
    const found = verdictLine({ ...question(now, passing, passing), live: await lookAt(now, `${path}/one`) });
    now.close();
    return found;
  };
  const common = { ...about({ file: "test/truth/object-level.ts", desired: passing }), edit: "really done" };
  const before = await ask();
  await server.send("DELETE", `${definitions}/passings.truth.example.com`);
  await until(async () => (await server.send("GET", path)).status === 404);
  // Its document goes a moment after it.
  await until(
    async () => !JSON.stringify((await server.send("GET", "/openapi/v3")).body).includes("truth.example.com"),
  );
  const after = await ask();
  return [
    { ...common, operator: "definition there", expected: ["in-sync"], found: [before] },
    { ...common, operator: "definition gone", expected: ["unknown kind-not-served"], found: [after] },
  ];
}

/** Where an object is looked for is where the server keeps it, whatever namespace its file names or leaves out. */
function places({ server, declared }: LegContext): readonly Case[] {
  const scopeOf = (kind: { group: string; version: string; kind: string }): "Namespaced" | "Cluster" | undefined => {
    const apiVersion = kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
    const namespaced = server.isNamespaced({ apiVersion, kind: kind.kind, metadata: {} });
    return namespaced === undefined ? undefined : namespaced ? "Namespaced" : "Cluster";
  };
  return declared.flatMap(({ file, object }) => {
    const namespaced = server.isNamespaced(object);
    if (namespaced === undefined) return [];
    const { objects } = placeObjects([declaredAs(object)], { targetNamespace: "truth", scopeOf });
    const own = object.metadata["namespace"];
    const expected = namespaced ? (typeof own === "string" && own !== "" ? own : "truth") : "";
    const operator = namespaced ? "placed in a namespace" : "placed without a namespace";
    const edit = `declared ${typeof own === "string" ? `in ${own}` : "without a namespace"}`;
    const found = objects.map(({ id }) => `namespace ${id.namespace}`);
    return [{ ...about({ file, desired: object }), operator, edit, expected: [`namespace ${expected}`], found }];
  });
}

const isRefusal = (one: Case | Refusal): one is Refusal => "reason" in one;

async function run(context: LegContext): Promise<LegReport> {
  const { server, stage, seed, progress } = context;
  const staged = await stage.early();
  const chance = chanceOf(seedOf(seed, "objects"));
  const chosen = [...Map.groupBy(standingOf(server, staged), ({ desired }) => kindText(desired)).values()]
    .filter(([first]) => first !== undefined && !untouchable.has(first.desired.kind))
    .flatMap((all) => chance.shuffled(all).slice(0, PER_KIND));
  progress(`${chosen.length} objects live through ${objectRows.length} things each`);
  const lives = (await inParallel(chosen, (one) => liveLong(server, one))).flat();
  const cases = [
    ...lives.filter((one): one is Case => !isRefusal(one)),
    ...(await notServed(server, staged)),
    ...places(context),
  ];
  return {
    leg: "object-level",
    cases: [...cases, ...(await definitionGone(context))],
    refused: lives.filter(isRefusal),
    notes: [
      `${chosen.length} objects, up to ${PER_KIND} of each kind, were really changed, deleted and deployed again.`,
    ],
  };
}

export const objectLevel: Leg = {
  name: "object-level",
  about: "deleted, held, made again, dropped, forged owners, kinds not served: the right verdict",
  run,
};
