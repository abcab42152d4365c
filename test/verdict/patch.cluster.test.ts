/**
 * The API server takes the patch, and what it answers is in sync: real objects, a seeded choice of every change that the
 * server lets a hand make, and the very request that a heal would send.
 */
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noFacts } from "../../src/compare/facts.ts";
import { kindOf } from "../../src/compare/schema-index.ts";
import { formatJson, getIn, getString } from "../../src/model/json.ts";
import { formatPath } from "../../src/model/path.ts";
import { idOf, isKubeObject, type KubeObject } from "../../src/model/resource.ts";
import type { KindSchema } from "../../src/model/schema.ts";
import { countDifferences, type PairInput } from "../../src/verdict/counting.ts";
import { immutableIn } from "../../src/verdict/immutable.ts";
import { planOperations } from "../../src/verdict/operations.ts";
import { builtInObjects } from "../compare/built-in-objects.ts";
import { mutationsOf, type Mutation } from "../compare/mutations.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { openTruthServer, type Answer, type TruthServer } from "../corpus/truth-server.ts";
import { describeWith } from "../support/describe-with.ts";
import { baseline, declared, liveOf } from "./pair-fixture.ts";

const SEED = 20_261_121;
const one = { numRuns: 1, seed: SEED };
/** Changes tried of each object. */
const PER_OBJECT = 12;
/** Objects that many others of the list resemble are left to them. */
const objects = builtInObjects.filter((_, index) => index % 3 === 0);

/** What may be set once and never unset: only made anew can it be as Git says. */
const ONE_WAY = /immutable|Forbidden: |may not change|must not update/;

const strict = baseline({ compare: { addedFields: "Strict", ignore: [], sensitive: [] } });

function pair(desired: KubeObject, live: KubeObject, schema: KindSchema): PairInput {
  const seen = {
    resourceVersion: getString(live.metadata, "resourceVersion") ?? "",
    managedFields: formatJson(live.metadata["managedFields"] ?? []),
  };
  return {
    baseline: strict,
    desired: declared(desired),
    live: { ...liveOf(live, seen), object: live },
    schema,
    facts: noFacts,
    now: 0,
  };
}

/** Whether the plan knows that no patch will do. */
function isPlannedAnew(desired: KubeObject, live: KubeObject, schema: KindSchema): boolean {
  const operations = planOperations(pair(desired, live, schema));
  return immutableIn(idOf(desired), operations, () => ({ desired, live }), schema) !== undefined;
}

const told = (input: PairInput): readonly string[] =>
  countDifferences(input).counting.map(({ op, path }) => `${op} ${formatPath(path)}`);

describeWith(["etcd", "kube-apiserver"], "the patch on the API server", () => {
  let plane: ControlPlane;
  let server: TruthServer;

  beforeAll(async () => {
    plane = await startControlPlane();
    server = await openTruthServer(plane);
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: "default" } };
    await server.send("POST", "/api/v1/namespaces/default/serviceaccounts", account);
  });
  afterAll(async () => {
    server?.close();
    await plane?.stop();
  });

  /** Controllers write too: what they changed meanwhile is read again, and the plan made anew. */
  async function heal(desired: KubeObject, first: KubeObject, schema: KindSchema, query: string): Promise<Answer> {
    const path = server.pathOf(first) ?? "";
    let live = first;
    for (let tries = 0; ; tries += 1) {
      const operations = planOperations(pair(desired, live, schema));
      const answer = await server.send("PATCH", `${path}${query}`, operations, "application/json-patch+json");
      if (answer.status !== 409 || tries === 5) return answer;
      const again = await server.send("GET", path);
      if (isKubeObject(again.body)) live = again.body;
    }
  }

  /** `taken back`, or what went wrong; undefined where the server lets nobody make the change, or it makes no difference. */
  async function outcomeOf(desired: KubeObject, mutation: Mutation, schema: KindSchema): Promise<string | undefined> {
    const edited = await server.send(
      "PUT",
      `${server.pathOf(mutation.live) ?? ""}?fieldManager=by-hand`,
      mutation.live,
    );
    if (edited.status !== 200 || !isKubeObject(edited.body)) return undefined;
    const found = told(pair(desired, edited.body, schema));
    if (found.length === 0) return undefined;
    const what = `${mutation.what} ${formatPath(mutation.path)}: ${found.join()}`;
    for (const query of ["?fieldManager=plumbline&dryRun=All", "?fieldManager=plumbline"]) {
      const answer = await heal(desired, edited.body, schema, query);
      const message = getString(answer.body, "message") ?? "";
      const isForGood = isPlannedAnew(desired, edited.body, schema);
      if (answer.status === 422 && ONE_WAY.test(message)) return isForGood ? "one way" : `${what}: a patch: ${message}`;
      if (isForGood) return `${what}: a recreation is planned, and a patch answers ${answer.status} ${message}`;
      if (answer.status !== 200 || !isKubeObject(answer.body)) return `${what}: ${answer.status} ${message}`;
      const left = told(pair(desired, answer.body, schema));
      if (left.length > 0) return `${what}: left ${left.join()}`;
    }
    return "taken back";
  }

  test("every change that the server takes, it also takes back", async () => {
    const outcomes: string[] = [];
    for (const [title, desired] of objects) {
      const schema = server.index.schemaFor(kindOf(desired));
      const posted = await server.send("POST", server.pathOf(desired, "collection") ?? "", desired);
      if (schema === undefined || posted.status !== 201 || !isKubeObject(posted.body)) continue;
      const all = mutationsOf(posted.body, schema).filter(({ path }) => formatPath(path) !== ".metadata.finalizers");
      const most = Math.min(PER_OBJECT, all.length);
      const chosen = fc.sample(fc.shuffledSubarray([...all], { minLength: most, maxLength: most }), one)[0] ?? [];
      for (const mutation of chosen) {
        const now = await server.send("GET", server.pathOf(posted.body) ?? "");
        if (!isKubeObject(now.body)) continue;
        const { metadata } = mutation.live;
        const version = getIn(now.body, "metadata", "resourceVersion") ?? "";
        const at = { ...mutation, live: { ...mutation.live, metadata: { ...metadata, resourceVersion: version } } };
        const outcome = await outcomeOf(desired, at, schema);
        if (outcome !== undefined) outcomes.push(outcome.includes(":") ? `${title}: ${outcome}` : outcome);
      }
      await server.send("DELETE", server.pathOf(posted.body) ?? "");
    }
    const count = (kind: string): number => outcomes.filter((one) => one === kind).length;
    const wrong = outcomes.filter((one) => one.includes(":"));
    const [back, stuck] = [count("taken back"), count("one way")];
    console.log(`seed ${SEED}: ${back} changes taken back, ${stuck} that nobody can take back, ${wrong.length} wrong`);
    expect(wrong).toEqual([]);
    expect(back).toBeGreaterThan(300);
    expect(stuck).toBeLessThan(back / 20);
  }, 500_000);
});
