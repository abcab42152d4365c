import { rmSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { GitRef } from "../../src/model/baseline.ts";
import type { Problem } from "../../src/model/problem.ts";
import type { RenderOutcome } from "../../src/model/render-outcome.ts";
import type { Snapshot } from "../../src/model/snapshot.ts";
import { createRepository, type Files, type Repository } from "../git-server/repository.ts";
import { configMap, makeBaseline, startBench, type Bench } from "./bench-sources.ts";

let bench: Bench;
let repo: Repository;
let made = 0;

beforeAll(() => {
  bench = startBench();
});
afterAll(() => bench.stop());
beforeEach(() => {
  made += 1;
  repo = createRepository(path.join(bench.dir, "repos", `r${made}`));
});
const names: string[] = [];
afterEach(() => {
  for (const name of names.splice(0)) bench.sources.remove(makeBaseline({ url: "", name }).key);
});

const baseline = (parts: Partial<Parameters<typeof makeBaseline>[0]> = {}): ReturnType<typeof makeBaseline> => {
  const name = parts.name ?? `b${made}-${names.length}`;
  names.push(name);
  return makeBaseline({ url: repo.dir, name, ...parts });
};

function snapshotOf(outcome: RenderOutcome): Snapshot {
  if (outcome.kind !== "rendered") throw new Error(`not rendered: ${JSON.stringify(outcome)}`);
  return outcome.snapshot;
}

function problemOf(outcome: RenderOutcome): Problem {
  if (outcome.kind !== "failed") throw new Error(`not failed: ${outcome.kind}`);
  return outcome.problem;
}

const objectNames = (outcome: RenderOutcome): readonly string[] => snapshotOf(outcome).objects.map(({ id }) => id.name);

describe("refs", () => {
  let many: Repository;
  beforeAll(() => {
    many = createRepository(path.join(bench.dir, "repos", "refs"));
    many.tag("v1.0.0", many.commit({ "a.yaml": configMap("one") }));
    many.tag("v1.2.0", many.commit({ "a.yaml": configMap("two") }), true);
    many.tag("v2.0.0-rc.1", many.commit({ "a.yaml": configMap("candidate") }));
    many.commit({ "a.yaml": configMap("main") });
    many.commit({ "a.yaml": configMap("feature") }, { branch: "feature/x" });
    const pull = many.commit({ "a.yaml": configMap("pull") }, { branch: "tmp" });
    many.git(["update-ref", "refs/pull/7/head", pull]);
  });

  const rows: readonly [string, GitRef, string, string][] = [
    ["branch", { kind: "branch", name: "main" }, "main", "main"],
    ["another branch", { kind: "branch", name: "feature/x" }, "feature/x", "feature"],
    ["lightweight tag", { kind: "tag", name: "v1.0.0" }, "v1.0.0", "one"],
    ["annotated tag", { kind: "tag", name: "v1.2.0" }, "v1.2.0", "two"],
    ["semver takes the highest tag in range", { kind: "semver", range: "^1.0.0" }, "v1.2.0", "two"],
    ["semver leaves pre-releases out", { kind: "semver", range: ">=1.0.0" }, "v1.2.0", "two"],
    ["full name", { kind: "name", name: "refs/pull/7/head" }, "refs/pull/7/head", "pull"],
  ];
  test.each(rows)("%s", async (_, ref, shown, object) => {
    const outcome = await bench.run(baseline({ ref, url: many.dir }));
    expect(objectNames(outcome)).toEqual([object]);
    expect(snapshotOf(outcome).revision.ref).toBe(shown);
  });

  test("commit, also one that no ref points to", async () => {
    const old = repo.commit({ "a.yaml": configMap("old") });
    repo.commit({ "a.yaml": configMap("new") });
    const outcome = await bench.run(baseline({ ref: { kind: "commit", commit: old } }));
    expect(objectNames(outcome)).toEqual(["old"]);
    expect(snapshotOf(outcome).revision).toEqual({
      ref: old,
      commit: old,
      author: "Ada Lovelace",
      committedAt: expect.stringMatching(/^2026-09-21T\d\d:\d\d:\d\d\+00:00$/),
    });
  });

  test.each<[string, GitRef, string]>([
    ["a missing branch", { kind: "branch", name: "nope" }, "source-ref-not-found"],
    ["a missing tag", { kind: "tag", name: "nope" }, "source-ref-not-found"],
    ["no tag in range", { kind: "semver", range: "^9" }, "source-ref-not-found"],
    ["a missing commit", { kind: "commit", commit: "1".repeat(40) }, "source-ref-not-found"],
    ["an option as branch (1A-1)", { kind: "branch", name: "--output=/tmp/p" }, "source-ref-refused"],
    ["a traversal (1A-14)", { kind: "branch", name: "../../x" }, "source-ref-refused"],
    ["a line break (1A-14)", { kind: "tag", name: "a\nb" }, "source-ref-refused"],
    ["a short name as full name", { kind: "name", name: "main" }, "source-ref-refused"],
    ["a range that is none", { kind: "semver", range: "latest please" }, "source-ref-refused"],
    ["a commit that is none", { kind: "commit", commit: "HEAD" }, "source-ref-refused"],
  ])("%s fails", async (_, ref, code) => {
    expect(problemOf(await bench.run(baseline({ ref, url: many.dir }))).code).toBe(code);
  });
});

describe("a repository that changes", () => {
  test("unchanged, then a commit, then a force-push of another history", async () => {
    repo.commit({ "a.yaml": configMap("one") });
    const b = baseline();
    expect(objectNames(await bench.run(b))).toEqual(["one"]);
    expect((await bench.check(b)).kind).toBe("unchanged");
    repo.commit({ "a.yaml": configMap("two") });
    expect(objectNames(await bench.check(b))).toEqual(["two"]);
    repo.commit({ "a.yaml": configMap("three") }, { orphan: true });
    expect(objectNames(await bench.check(b))).toEqual(["three"]);
  });

  test("vanishes, and comes back", async () => {
    repo.commit({ "a.yaml": configMap("one") });
    const b = baseline();
    await bench.run(b);
    repo.remove();
    expect(problemOf(await bench.check(b))).toMatchObject({ code: "source-unreachable" });
    createRepository(repo.dir).commit({ "a.yaml": configMap("back") });
    expect(objectNames(await bench.check(b))).toEqual(["back"]);
  });

  test("is empty", async () => {
    expect(problemOf(await bench.run(baseline())).code).toBe("source-empty");
  });

  test("settings that change render again at once; suspend stops fetching", async () => {
    repo.commit({ "x/a.yaml": configMap("one"), "y/b.yaml": configMap("two") });
    const b = baseline({ path: "x" });
    expect(objectNames(await bench.run(b))).toEqual(["one"]);
    expect(objectNames(await bench.run({ ...b, path: "y" }))).toEqual(["two"]);
    const before = bench.outcomes.length;
    bench.sources.ensure({ ...b, path: "x", suspend: true });
    bench.sources.checkNow(b.key);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(bench.outcomes.length).toBe(before);
    expect(objectNames(await bench.run({ ...b, path: "x" }))).toEqual(["one"]);
  });

  test("renderAt gives an older commit, also when the branch left it behind", async () => {
    const old = repo.commit({ "a.yaml": configMap("old") });
    repo.commit({ "a.yaml": configMap("new") }, { orphan: true });
    const b = baseline();
    await bench.run(b);
    const outcome = await bench.sources.renderAt(b, old);
    expect(objectNames(outcome)).toEqual(["old"]);
    expect(snapshotOf(outcome).revision).toMatchObject({ ref: "main", commit: old });
    expect((await bench.check(b)).kind).toBe("unchanged");
  });
});

describe("paths", () => {
  let folders: Repository;
  beforeAll(() => {
    folders = createRepository(path.join(bench.dir, "repos", "folders"));
    folders.commit({
      "a/a.yaml": configMap("one"),
      "a/b/c.yml": configMap("two"),
      "ab/x.yaml": configMap("three"),
      "docs/readme.md": "x",
      linked: { link: "a" },
      sub: { submodule: "1".repeat(40) },
    });
  });

  test.each([
    ["../x", "source-path-refused"],
    ["/abs", "source-path-refused"],
    ["a/../../b", "source-path-refused"],
    ["a\\b", "source-path-refused"],
    ["a\0b", "source-path-refused"],
    ["%2e%2e", "source-path-not-found"],
    ["nope", "source-path-not-found"],
    ["linked", "source-path-refused"],
    ["linked/deep", "source-path-refused"],
    ["sub", "source-path-refused"],
    ["docs", "source-empty"],
  ])("path %j is %s (1B-18)", async (where, code) => {
    expect(problemOf(await bench.run(baseline({ path: where, url: folders.dir }))).code).toBe(code);
  });

  test.each([
    ["a", ["one", "two"]],
    ["./a/", ["one", "two"]],
    ["a/a.yaml", ["one"]],
  ])("path %j reads %j", async (where, expected) => {
    expect(objectNames(await bench.run(baseline({ path: where, url: folders.dir })))).toEqual(expected);
  });
});

describe("plain files", () => {
  const read = async (files: Files, parts: Parameters<typeof baseline>[0] = {}): Promise<Snapshot> => {
    repo.commit(files);
    return snapshotOf(await bench.run(baseline(parts)));
  };
  const told = (snapshot: Snapshot): readonly unknown[] =>
    snapshot.problems.map(({ code, file, line }) => [code, file, line]);

  test("lower-case yaml, yml and json; no dot files, no kustomization, nothing excluded (1B-25)", async () => {
    const snapshot = await read(
      {
        "a.yaml": configMap("a"),
        "b.yml": configMap("b"),
        "c.json": '{\n\t"apiVersion": "v1",\n\t"kind": "ConfigMap",\n\t"metadata": {"name": "c"}\n}\n',
        "D.YAML": configMap("no"),
        "e.yml.swp": "no",
        ".github/w.yaml": "on: push",
        "sub/kustomization.yaml": "resources: []",
        "sub/k.yaml": "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Component\nmetadata: {name: some}\n",
        "x/test/t.yaml": configMap("no"),
      },
      { exclude: ["**/test/**"] },
    );
    expect(snapshot.objects.map(({ id }) => id.name)).toEqual(["a", "b", "c"]);
    expect(snapshot.problems).toEqual([]);
  });

  test("bad files and documents are told with file and line, and the others are read (1C-37, 1D)", async () => {
    const bomb = Array.from(
      { length: 9 },
      (_, i) =>
        `a${i}: &a${i} [${Array(9)
          .fill(i === 0 ? "x" : `*a${i - 1}`)
          .join(",")}]\n`,
    );
    const snapshot = await read({
      "bomb.yaml": bomb.join(""),
      "duplicate.yaml": `${configMap("d")}data:\n  x: y\n`,
      "good.yaml": `# c\n---\n${configMap("good")}---\nnull\n---\n- 1\n---\n${configMap("good-too")}`,
      "huge.yaml": `a: "${"x".repeat(9 * 1024 * 1024)}"\n`,
      "latin.yaml": Buffer.from([0x61, 0x3a, 0x20, 0xe9, 0x0a]),
      "nokind.yaml": "metadata: {name: x}\n",
      "noname.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {generateName: x-}\n",
      "tabs.yaml": "a:\n\tb: 1\n",
    });
    expect(told(snapshot)).toEqual([
      ["yaml-alias-budget", "bomb.yaml", 6],
      ["yaml-duplicate-key", "duplicate.yaml", 7],
      ["not-an-object", "good.yaml", 12],
      ["yaml-too-large", "huge.yaml", undefined],
      ["yaml-syntax", "latin.yaml", 1],
      ["no-kind", "nokind.yaml", 1],
      ["generate-name", "noname.yaml", 1],
      ["yaml-syntax", "tabs.yaml", 2],
    ]);
    expect(snapshot.objects.map(({ id, source }) => [id.name, source])).toEqual([
      ["good", { file: "good.yaml", line: 3, index: 0 }],
      ["good-too", { file: "good.yaml", line: 14, index: 1 }],
    ]);
  });

  test("links stay in the tree, and a refusal does not say what is there (1B-16, 1B-17)", async () => {
    const snapshot = await read(
      {
        "m/in.yaml": { link: "../real.yaml" },
        "m/token.yaml": { link: "/var/run/secrets/kubernetes.io/serviceaccount/token" },
        "m/up.yaml": { link: "../../../etc/passwd" },
        "m/loop.yaml": { link: "loop2.yaml" },
        "m/loop2.yaml": { link: "loop.yaml" },
        "m/parent": { link: ".." },
        "m/sub": { submodule: "1".repeat(40) },
        "real.yaml": configMap("real"),
      },
      { path: "m" },
    );
    expect(told(snapshot)).toEqual([
      ["source-path-refused", "m/loop.yaml", 1],
      ["source-path-refused", "m/loop2.yaml", 1],
      ["source-path-refused", "m/parent", 1],
      ["source-path-refused", "m/sub", 1],
      ["source-path-refused", "m/token.yaml", 1],
      ["source-path-refused", "m/up.yaml", 1],
    ]);
    expect(JSON.stringify(snapshot.problems)).not.toContain("/etc");
    expect(snapshot.objects.map(({ source }) => source.file)).toEqual(["m/in.yaml"]);
  });

  test("a file that is all there is, and bad, is a failure of the whole (nothing is dropped)", async () => {
    repo.commit({ "a.yaml": "a:\n\tb: 1\n" });
    expect(problemOf(await bench.run(baseline()))).toMatchObject({ code: "yaml-syntax", file: "a.yaml", line: 2 });
  });

  test.each([["+(a|aa)+"], ["*".repeat(3) + "a*".repeat(20)]])(
    "an exclude glob %j cannot hang it (1D-45)",
    async (glob) => {
      repo.commit({ [`${"a".repeat(200)}.yaml`]: configMap("a") });
      const outcome = await bench.run(baseline({ exclude: [glob] }));
      expect(["rendered", "failed"]).toContain(outcome.kind);
    },
  );

  test("locate finds the line of the very field, also in a List", async () => {
    const list =
      "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata: {name: l}\n  data:\n    k: v\n";
    const snapshot = await read({ "a.yaml": `${configMap("a", "x/y: b")}---\n${list}` });
    const at = (index: number, ...pointers: string[]): Promise<ReadonlyMap<string, number>> => {
      const found = snapshot.objects[index]!;
      const key = makeBaseline({ url: "", name: names.at(-1)! }).key;
      return bench.sources.locate(key, snapshot.revision.commit, found.source, pointers);
    };
    expect(await at(0, "/data/x~1y", "/data/none")).toEqual(new Map([["/data/x~1y", 6]]));
    expect(await at(1, "/data/k", "/metadata")).toEqual(
      new Map([
        ["/data/k", 15],
        ["/metadata", 13],
      ]),
    );
  });
});

describe("hostile revisions are refused whole (1A-15)", () => {
  test.each([[".."], [".git"], [".GIT"], ["a\\b"], [".git."], ["git~1"]])("an entry %j", async (name) => {
    const good = repo.blob(configMap("a"));
    const inner = repo.git(["mktree"], `100644 blob ${good}\tx.yaml\n`);
    repo.commitTree([`100644 blob ${good}\ta.yaml`, `40000 tree ${inner}\t${name}`]);
    expect(problemOf(await bench.run(baseline())).code).toBe("source-path-refused");
  });
});

describe("Helm and submodules", () => {
  test("say that they come later", async () => {
    repo.commit({ "a.yaml": configMap("a") });
    expect(problemOf(await bench.run(baseline({ render: "Helm" }))).code).toBe("render-unsupported");
    expect(problemOf(await bench.run(baseline({ git: { submodules: true } }))).code).toBe("render-unsupported");
  });
});

describe("mirrors", () => {
  test("are one per URL, namespace and credential, and go with their last Baseline", async () => {
    repo.commit({ "a.yaml": configMap("a") });
    const one = startBench();
    const mirrors = async (): Promise<number> => {
      const { readdirSync } = await import("node:fs");
      return readdirSync(path.join(one.dir, "sources", "mirrors")).length;
    };
    try {
      const a = makeBaseline({ url: repo.dir, name: "a" });
      const b = makeBaseline({ url: repo.dir, name: "b" });
      const other = makeBaseline({ url: repo.dir, name: "a", namespace: "other" });
      one.secrets["shop/s"] = { username: Buffer.from("u"), password: Buffer.from("p") };
      const secret = makeBaseline({ url: repo.dir, name: "c", git: { secretName: "s" } });
      for (const each of [a, b, other, secret]) snapshotOf(await one.run(each));
      expect(await mirrors()).toBe(3);
      one.sources.remove(a.key);
      one.sources.remove(other.key);
      await expect.poll(mirrors, { timeout: 20_000 }).toBe(2);
      expect((await one.check(b)).kind).toBe("unchanged");
    } finally {
      await one.stop();
    }
  });

  test("that outgrow their bound are refused", async () => {
    const small = startBench({ caps: { maxTreeFiles: 3, maxManifestBytes: 1000 } });
    try {
      repo.commit({ "a.yaml": configMap("a", `a: "${"x".repeat(5000)}"`) });
      expect(problemOf(await small.run(makeBaseline({ url: repo.dir }))).code).toBe("source-too-large");
      repo.commit({ a: "", b: "", c: "", "d.yaml": configMap("d") });
      expect(problemOf(await small.check(makeBaseline({ url: repo.dir }))).code).toBe("source-too-large");
    } finally {
      await small.stop();
      rmSync(small.dir, { recursive: true, force: true });
    }
  });
});
