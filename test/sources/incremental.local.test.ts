/** A rendering that builds on the last one says what a rendering from nothing says, and keeps what did not change. */
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RenderOutcome } from "../../src/model/render-outcome.ts";
import type { DesiredObject, Snapshot } from "../../src/model/snapshot.ts";
import { createRepository, type Files, type Repository } from "../git-server/repository.ts";
import { chanceOf, type Chance } from "../truth/random.ts";
import { configMap, makeBaseline, startBench, type Bench } from "./bench-sources.ts";

let bench: Bench;
let fresh: Bench;
beforeAll(() => {
  bench = startBench();
  fresh = startBench();
});
afterAll(async () => {
  await bench.stop();
  await fresh.stop();
});

function snapshotOf(outcome: RenderOutcome): Snapshot {
  if (outcome.kind !== "rendered") throw new Error(`not rendered: ${JSON.stringify(outcome)}`);
  return outcome.snapshot;
}

const spelled = ({ objects, problems, revision }: Snapshot): unknown => ({
  revision,
  problems,
  objects: objects.map(({ id, apiVersion, object, source, hash, replicated, namespaced }) => ({
    id,
    apiVersion,
    object,
    source,
    hash,
    replicated,
    namespaced,
  })),
});

const byName = (snapshot: Snapshot): ReadonlyMap<string, DesiredObject> =>
  new Map(snapshot.objects.map((object) => [object.id.name, object]));

async function anew(repo: Repository, name: string): Promise<Snapshot> {
  const baseline = makeBaseline({ url: repo.dir, name });
  const snapshot = snapshotOf(await fresh.run(baseline));
  fresh.sources.remove(baseline.key);
  return snapshot;
}

test("an object that did not change is the very same, also in a file that did", async () => {
  const repo = createRepository(path.join(bench.dir, "repos", "same"));
  const baseline = makeBaseline({ url: repo.dir, name: "same" });
  const pair = (second: string): string => `${configMap("first")}---\n${configMap("second", second)}`;
  const before = byName(
    snapshotOf(await (repo.commit({ "a.yaml": configMap("a"), "b.yaml": pair("x: 1") }), bench.run(baseline))),
  );
  repo.commit({ "a.yaml": configMap("a"), "b.yaml": pair("x: 2") });
  const after = byName(snapshotOf(await bench.check(baseline)));
  expect(after.get("a")).toBe(before.get("a"));
  expect(after.get("first")).toBe(before.get("first"));
  expect(after.get("second")?.object["data"]).toEqual({ x: 2 });
  repo.commit({ "a.yaml": configMap("a"), "b.yaml": `\n${pair("x: 2")}` });
  const moved = byName(snapshotOf(await bench.check(baseline)));
  expect(moved.get("a")).toBe(before.get("a"));
  expect(moved.get("first")?.source.line).toBe(2);
});

const contents = (chance: Chance, name: string): Files[string] => {
  switch (chance.number(12)) {
    case 0:
      return "a: [\n";
    case 1:
      return { link: chance.pick(["a/f0.yaml", "f1.yaml", "../f1.yaml", "nowhere.yaml", "../../out.yaml"]) };
    case 2:
      return "same: for all\n";
    case 3:
      return configMap("shared");
    case 4:
      return Buffer.from([0x61, 0xff]);
    default:
      return Array.from({ length: chance.number(4) }, (_, at) =>
        configMap(`${name}-${at}`, `x: ${chance.number(3)}`),
      ).join("---\n");
  }
};

test("whatever comes, goes, changes its kind or its place", { timeout: 120_000 }, async () => {
  const repo = createRepository(path.join(bench.dir, "repos", "any"));
  const baseline = makeBaseline({ url: repo.dir, name: "any" });
  const chance = chanceOf(71);
  const files = new Map<string, Files[string]>([["keep.yaml", configMap("keep")]]);
  for (let round = 0; round < 25; round += 1) {
    for (let change = chance.number(4); change >= 0; change -= 1) {
      const name = `${chance.pick(["", "a/", "b/c/"])}f${chance.number(4)}.yaml`;
      if (chance.number(5) === 0) files.delete(name);
      else files.set(name, contents(chance, name.replaceAll(/[/.]/g, "-")));
    }
    repo.commit(Object.fromEntries(files), { message: `round ${round}` });
    const known = snapshotOf(await (round === 0 ? bench.run(baseline) : bench.check(baseline)));
    expect(spelled(known)).toEqual(spelled(await anew(repo, `any-${round}`)));
  }
});

test("many files are read in threads, from the store itself", { timeout: 120_000 }, async () => {
  const repo = createRepository(path.join(bench.dir, "repos", "many"));
  const files = Object.fromEntries(
    Array.from({ length: 700 }, (_, at) => [`f${at}.yaml`, at === 300 ? "a: [\n" : configMap(`many-${at}`)]),
  );
  repo.commit({ ...files, "twin.yaml": configMap("many-7") });
  const baseline = makeBaseline({ url: repo.dir, name: "many" });
  const snapshot = snapshotOf(await bench.run(baseline));
  expect(snapshot.objects).toHaveLength(700);
  expect(snapshot.problems).toMatchObject([{ code: "yaml-syntax", file: "f300.yaml" }]);
  const twins = snapshot.objects.filter(({ id }) => id.name === "many-7").map(({ source }) => source.file);
  expect(twins).toEqual(["f7.yaml", "twin.yaml"]);
});
