import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Problem } from "../../src/model/problem.ts";
import type { RenderOutcome } from "../../src/model/render-outcome.ts";
import type { Snapshot } from "../../src/model/snapshot.ts";
import { explain } from "../../src/sources/render-kustomize.ts";
import { createRepository, type Files, type Repository } from "../git-server/repository.ts";
import { describeWith } from "../support/describe-with.ts";
import { configMap, makeBaseline, startBench, type Bench } from "./bench-sources.ts";

const deployment =
  "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 1\n  paused: false\n";

describeWith(["kustomize"], "kustomize", ({ kustomize }) => {
  let bench: Bench;
  let repo: Repository;
  let made = 0;
  beforeAll(() => {
    bench = startBench({ settings: { kustomizeBinary: kustomize } });
    repo = createRepository(path.join(bench.dir, "repo"));
  });
  afterAll(() => bench.stop());

  async function render(
    files: Files,
    where = "",
  ): Promise<{
    outcome: RenderOutcome;
    locate: (s: Snapshot, i: number, ...p: string[]) => Promise<ReadonlyMap<string, number>>;
  }> {
    made += 1;
    repo.commit(files);
    const baseline = makeBaseline({ url: repo.dir, name: `k${made}`, path: where });
    const outcome = await bench.run(baseline);
    return {
      outcome,
      locate: (snapshot, index, ...pointers) =>
        bench.sources.locate(baseline.key, snapshot.revision.commit, snapshot.objects[index]!.source, pointers),
    };
  }

  function snapshotOf(outcome: RenderOutcome): Snapshot {
    if (outcome.kind !== "rendered") throw new Error(JSON.stringify(outcome));
    return outcome.snapshot;
  }

  async function refused(files: Files, where = ""): Promise<Problem> {
    const { outcome } = await render(files, where);
    if (outcome.kind !== "failed") throw new Error(`not failed: ${outcome.kind}`);
    return outcome.problem;
  }

  test("an overlay over a base, with provenance and lines where the file says so itself", async () => {
    const { outcome, locate } = await render(
      {
        "base/kustomization.yaml": "resources:\n- web.yaml\n- config.yaml\n",
        "base/web.yaml": `# the shop\n${deployment}`,
        "base/config.yaml": configMap("settings"),
        "overlays/prod/kustomization.yaml":
          "namespace: shop\nresources:\n- ../../base\npatches:\n- path: patch.yaml\nconfigMapGenerator:\n- name: made\n  files: [key=data.txt]\n",
        "overlays/prod/patch.yaml":
          "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 5}\n",
        "overlays/prod/data.txt": "hello",
      },
      "overlays/prod",
    );
    const snapshot = snapshotOf(outcome);
    const shown = snapshot.objects.map(({ id, source }) => [
      id.kind,
      id.namespace,
      id.name.slice(0, 8),
      source.file,
      source.line,
    ]);
    expect(shown).toEqual([
      ["ConfigMap", "shop", "made-8h8", "overlays/prod/kustomization.yaml", 1].map((v, i) =>
        i === 2 ? expect.stringMatching(/^made-/) : v,
      ),
      ["ConfigMap", "shop", "settings", "base/config.yaml", 1],
      ["Deployment", "shop", "web", "base/web.yaml", 2],
    ]);
    const web = snapshot.objects.findIndex(({ id }) => id.kind === "Deployment");
    expect(snapshot.objects[web]?.object["spec"]).toEqual({ replicas: 5, paused: false });
    // Five replicas come from the patch: the base's line would be wrong.
    expect(await locate(snapshot, web, "/spec/paused", "/spec/replicas")).toEqual(new Map([["/spec/paused", 8]]));
  });

  test.each([
    ["a URL (1C-27)", "resources:\n- a.yaml\n- https://169.254.169.254/latest\n", "kustomize-remote-refused", 3],
    ["a repository", "resources:\n- github.com/org/repo//deploy?ref=v1\n", "kustomize-remote-refused", 2],
    ["a repository by scp", "resources:\n- git@github.com:org/repo\n", "kustomize-remote-refused", 2],
    ["git::", "resources: ['git::https://h/x']\n", "kustomize-remote-refused", 1],
    ["a host that is none of ours", "bases:\n- example.com/org/repo\n", "kustomize-remote-refused", 2],
    [
      "an address in a generator",
      "configMapGenerator:\n- name: a\n  files:\n  - x=https://h/x\n",
      "kustomize-remote-refused",
      4,
    ],
    ["/etc (1B-21)", "resources:\n- /etc\n", "source-path-refused", 2],
    ["above the tree (1B-21)", "resources:\n- ../../../\n", "source-path-refused", 2],
    [
      "/proc in a generator (1B-21)",
      "secretGenerator:\n- name: a\n  files: [/proc/self/environ]\n",
      "source-path-refused",
      3,
    ],
    [
      "an environment file above the tree",
      "configMapGenerator:\n- name: a\n  envs: [../../x]\n",
      "source-path-refused",
      3,
    ],
    ["a chart (1C-29)", "helmCharts:\n- name: x\n  releaseName: --post-renderer=./x\n", "kustomize-plugin-refused", 1],
    ["a function (1C-28)", "transformers:\n- fn.yaml\n", "kustomize-plugin-refused", 2],
    [
      "an inline function",
      "generators:\n- |-\n  apiVersion: v1\n  kind: X\n  metadata:\n    name: x\n",
      "kustomize-plugin-refused",
      2,
    ],
    ["a link out of the tree", "resources:\n- out.yaml\n", "source-path-refused", 2],
    ["a file that is not there", "resources:\n- nope.yaml\n", "kustomize-failed", 2],
    ["itself by a cycle (1C-31)", "resources:\n- ../k\n", "kustomize-failed", 1],
    ["a duplicate key", "resources: []\nresources: []\n", "yaml-duplicate-key", 2],
  ])("%s is refused with its line", async (_, text, code, line) => {
    const problem = await refused(
      {
        "k/kustomization.yaml": text,
        "k/a.yaml": configMap("a"),
        "k/fn.yaml":
          "apiVersion: v1\nkind: X\nmetadata:\n  name: x\n  annotations:\n    config.kubernetes.io/function: |\n      exec: {path: ./x}\n",
        "k/out.yaml": { link: "/etc/passwd" },
      },
      "k",
    );
    expect(problem).toMatchObject({ code, line, file: "k/kustomization.yaml" });
  });

  test("a built-in transformer runs, but reads no file outside its root", async () => {
    const label =
      "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: l}\nlabels: {team: shop}\nfieldSpecs: [{path: metadata/labels, create: true}]\n";
    const { outcome } = await render({
      "kustomization.yaml": "resources: [a.yaml]\ntransformers: [label.yaml]\n",
      "a.yaml": configMap("a"),
      "label.yaml": label,
    });
    expect(snapshotOf(outcome).objects[0]?.object.metadata).toMatchObject({ labels: { team: "shop" } });
    const escape = "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: g}\nfiles: [/etc/hostname]\n";
    const problem = await refused({ "kustomization.yaml": "generators: [g.yaml]\n", "g.yaml": escape });
    expect(problem.code).toBe("kustomize-failed");
  });

  test("what kustomize says is shown without our paths", async () => {
    const problem = await refused({
      "kustomization.yaml": "resources: [a.yaml, b.yaml]\n",
      "a.yaml": configMap("a"),
      "b.yaml": configMap("a"),
    });
    expect(problem.code).toBe("kustomize-failed");
    expect(problem.message).not.toContain(bench.dir);
    expect(problem.message).toContain("ConfigMap");
  });

  test("a missing binary is a problem, not a crash", async () => {
    const none = startBench({ settings: { kustomizeBinary: "/nonexistent/kustomize" } });
    try {
      repo.commit({ "kustomization.yaml": "resources: [a.yaml]\n", "a.yaml": configMap("a") });
      expect(await none.run(makeBaseline({ url: repo.dir }))).toMatchObject({ kind: "failed", stage: "render" });
    } finally {
      await none.stop();
    }
  });
});

test("what kustomize says is shown without anything of a secret file", () => {
  const said = "Error: invalid env line hunter2-CANARY in /t/x/secret.env\nmore";
  expect(explain(said, "/t/x", ["password=hunter2-CANARY\n"])).toBe("invalid env line <redacted> in secret.env more");
});
