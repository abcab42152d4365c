/** Whether one commit descends from another, asked of a real repository: near, far, beside, rewritten, unheard of. */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Baseline } from "../../src/model/baseline.ts";
import { createRepository, type Repository } from "../git-server/repository.ts";
import { configMap, makeBaseline, startBench, type Bench } from "./bench-sources.ts";

let bench: Bench;
let repo: Repository;
let baseline: Baseline;
let made = 0;
let first: string;

beforeAll(() => {
  bench = startBench();
});
afterAll(() => bench.stop());
beforeEach(async () => {
  made += 1;
  repo = createRepository(path.join(bench.dir, "repos", `d${made}`));
  baseline = makeBaseline({ url: repo.dir, name: `d${made}` });
  first = commit("first");
  await bench.run(baseline);
});

const commit = (text: string, options: Parameters<Repository["commit"]>[1] = {}): string =>
  repo.commit({ "a.yaml": configMap(text) }, options);
const mirrors = (): string => path.join(bench.dir, "sources", "mirrors");
const histories = (): readonly string[] => readdirSync(mirrors()).filter((name) => name.endsWith("-history"));
const asked = (ancestor: string, of: string) => bench.sources.descends(baseline, ancestor, of);

test("a commit descends from itself and from those before it, not from those after it", async () => {
  const second = commit("second");
  const third = commit("third");
  expect(await asked(first, first)).toBe(true);
  expect(await asked(first, second)).toBe(true);
  expect(await asked(first, third)).toBe(true);
  expect(await asked(third, first)).toBe(false);
});

test("and from those that many commits lie behind", async () => {
  let last = first;
  for (let nth = 0; nth < 70; nth += 1) last = commit(`nth ${nth}`);
  expect(await asked(first, last)).toBe(true);
  expect(await asked(first, commit("one more"))).toBe(true);
});

test("asked for long, it keeps no more than it needs, and still answers", async () => {
  const known = new Set(existsSync(mirrors()) ? histories() : []);
  let [before, last] = [first, first];
  for (let nth = 0; nth < 25; nth += 1) {
    [before, last] = [last, commit(`nth ${nth}`)];
    expect(await asked(before, last)).toBe(true);
  }
  const mine = histories().find((name) => !known.has(name)) ?? "";
  const packs = readdirSync(path.join(mirrors(), mine, "objects", "pack")).filter((name) => name.endsWith(".pack"));
  expect(packs.length).toBeLessThan(20);
});

test.each([false, true])(
  "a history that was rewritten is told; the server can leave files out: %s",
  async (filters) => {
    repo.git(["config", "uploadpack.allowFilter", String(filters)]);
    const other = commit("other", { orphan: true });
    expect(await asked(first, other)).toBe(false);
    expect(await asked(other, commit("after it"))).toBe(true);
  },
);

test("a branch that left before is beside, and a merge brings it in", async () => {
  commit("main");
  repo.git(["branch", "side", first]);
  const side = commit("side", { branch: "side" });
  const tip = commit("main again");
  expect(await asked(side, tip)).toBe(false);
  const merge = repo.git(["commit-tree", `${tip}^{tree}`, "-p", tip, "-p", side], "merge");
  repo.git(["update-ref", "refs/heads/main", merge]);
  expect(await asked(side, merge)).toBe(true);
});

test("a commit that nobody has ever heard of is nobody's ancestor, and is not looked for elsewhere", async () => {
  expect(await asked("1".repeat(40), commit("second"))).toBe(false);
});

test("files are left out where the server can do that", async () => {
  repo.git(["config", "uploadpack.allowFilter", "true"]);
  // Of no other repository here: two commits that say the same at the same second are one.
  const second = commit("without its files");
  await asked(first, second);
  const git = (history: string, ...args: readonly string[]): string =>
    repo.git(["--git-dir", path.join(mirrors(), history), ...args]);
  const history = histories().find((name) => git(name, "for-each-ref", "--format=%(objectname)").startsWith(second));
  const listed = git(history ?? "", "cat-file", "--batch-check", "--batch-all-objects");
  expect([...new Set(listed.split("\n").map((line) => line.split(" ")[1]))]).toEqual(["commit"]);
});

describe("no answer", () => {
  test("where there is no repository any more", async () => {
    const second = commit("second");
    repo.remove();
    expect(await asked(first, second)).toMatchObject({ code: "source-unreachable" });
  });

  test("where the commit is not there", async () => {
    expect(await asked(first, "2".repeat(40))).toMatchObject({ code: "source-ref-not-found" });
  });

  test.each(["main", "4f2a1c0", "--all", ""])("to %j, which is no commit", async (text) => {
    expect(await asked(first, text)).toMatchObject({ code: "source-ref-refused" });
    expect(await asked(text, first)).toMatchObject({ code: "source-ref-refused" });
  });
});

test("with the last Baseline of a mirror its history goes as well", async () => {
  await asked(first, commit("second"));
  const all = histories();
  bench.sources.remove(baseline.key);
  await expect.poll(histories, { timeout: 20_000 }).toHaveLength(all.length - 1);
});
