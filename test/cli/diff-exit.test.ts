import { mkdirSync, symlinkSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { configYaml, listOf, liveConfig, liveSecret, liveWeb, secretYaml, webYaml } from "./samples.ts";
import { createFolder, plumbline, reportOf, verdictsOf } from "./terminal.ts";

const folder = createFolder();
afterAll(() => folder.remove());
const web = folder.put("git/web.yaml", webYaml);
const config = folder.put("git/config.yaml", configYaml);
const bad = folder.put("bad/bad.yaml", "kind: ConfigMap\nmetadata:\n  name: a\n  name: b\n---\n" + configYaml);
const same = folder.put("same.json", listOf(liveWeb(), liveConfig()));
const scaled = liveWeb();
scaled.spec.replicas = 9;
const drifted = folder.put("drifted.json", listOf(scaled, liveConfig()));
const onlyConfig = folder.put("only-config.json", listOf(liveConfig()));
const going = liveWeb();
going.metadata.deletionTimestamp = "2026-11-21T00:00:00Z";
const terminating = folder.put("terminating.json", listOf(going, liveConfig()));
const custom = folder.put(
  "custom.yaml",
  "apiVersion: example.com/v1\nkind: Nobody\nmetadata: { name: it, namespace: shop }\n",
);
const detached = folder.put(
  "detached.yaml",
  webYaml.replace("  name: web\n", "  name: web\n  annotations: { plumbline.dev/detect: disabled }\n"),
);
const newer = folder.put("newer.yaml", webYaml.replace("replicas: 2", "replicas: 3"));
const git = folder.at("git");
const linked = folder.at("linked");
mkdirSync(linked);
symlinkSync("nowhere.yaml", folder.at("linked/gone.yaml"));

describe("exit status", () => {
  const rows: readonly (readonly [string, readonly string[], number, readonly string[]])[] = [
    ["as declared", ["-f", git, "--live", same], 0, ["in-sync", "in-sync"]],
    ["two files, each with its flag", ["-f", web, "-f", config, "--live", same], 0, ["in-sync", "in-sync"]],
    ["one drifted", ["-f", git, "--live", drifted], 1, ["in-sync", "drifted"]],
    ["one missing", ["-f", git, "--live", onlyConfig], 1, ["in-sync", "missing"]],
    ["one terminating", ["-f", git, "--live", terminating], 1, ["in-sync", "terminating"]],
    ["excluded", ["-f", detached, "--live", drifted], 0, ["excluded"]],
    ["a kind nobody knows: unknown", ["-f", custom, "--live", same], 2, ["unknown"]],
    ["unknown beats drifted", ["-f", web, "-f", custom, "--live", drifted], 2, ["drifted", "unknown"]],
    [
      "a bad document beats drifted, and the others are judged",
      ["-f", bad, "-f", web, "--live", drifted],
      2,
      ["in-sync", "drifted"],
    ],
    [
      "live still equals what Git said before: pending",
      ["-f", newer, "--live", same, "--previous", web],
      0,
      ["pending"],
    ],
    [
      "pending, and told to fail on it",
      ["-f", newer, "--live", same, "--previous", web, "--fail-on", "pending"],
      1,
      ["pending"],
    ],
    [
      "new in Git and not there yet",
      ["-f", git, "--live", onlyConfig, "--previous", config],
      0,
      ["in-sync", "pending"],
    ],
    ["in Git before and not there", ["-f", git, "--live", onlyConfig, "--previous", git], 1, ["in-sync", "missing"]],
    ["neither what Git says nor what it said", ["-f", newer, "--live", drifted, "--previous", web], 1, ["drifted"]],
  ];
  test.each(rows)("%s", async (_, args, status, verdicts) => {
    const run = await plumbline(["diff", ...args, "-n", "shop", "-o", "json"]);
    expect(verdictsOf(run)).toEqual(verdicts);
    expect(run.status).toBe(status);
  });

  test("a previous folder that holds nothing: everything is new, and so pending", async () => {
    folder.put("empty/readme.txt", "");
    const run = await plumbline([
      "diff",
      "-f",
      web,
      "--live",
      onlyConfig,
      "--previous",
      folder.at("empty"),
      "-n",
      "shop",
      "-o",
      "json",
    ]);
    expect([run.status, verdictsOf(run)]).toEqual([0, ["pending"]]);
  });
});

describe("what is wrong with the call: one line on standard error, nothing on standard output, 2", () => {
  const rows: readonly (readonly [string, readonly string[], RegExp])[] = [
    ["nothing to compare", ["--live", same], /^plumbline: nothing to compare: give -f, --kustomize or --helm$/],
    [
      "a file that is not there",
      ["-f", "absent.yaml", "--live", same],
      /^plumbline: absent\.yaml: no such file or folder$/,
    ],
    ["a link that leads nowhere", ["-f", linked, "--live", same], /linked\/gone\.yaml: a link that leads to no file$/],
    ["a dump that is not there", ["-f", web, "--live", "absent"], /^plumbline: absent: no such file or folder$/],
    ["no schemas", ["-f", web, "--live", same, "--schema", git], /--schema .*: holds no OpenAPI documents/],
    ["a schema folder that is not there", ["-f", web, "--live", same, "--schema", "absent"], /--schema absent: ENOENT/],
    ["no Baseline in the file", ["-f", web, "--live", same, "--baseline", web], /holds 0 Baselines; one is needed/],
    [
      "a helm that is not there",
      ["--helm", "chart", "--helm-binary", "no-helm", "--live", same],
      /^plumbline: helm template chart: no-helm cannot be started \(.*\); --helm-binary names another$/,
    ],
    [
      "a selector that is none",
      ["-f", web, "--live", same, "--prune-scope", "a in b"],
      /--prune-scope: "a in b" is no label/,
    ],
    ["a selector that claims all", ["-f", web, "--live", same, "--prune-scope", ""], /an empty selector would claim/],
    [
      "a revision of no tree",
      ["-f", web, "--live", same, "--revision", "main"],
      /--revision says which commit of a Git tree/,
    ],
    [
      "a kustomize that is not there",
      ["-k", git, "--kustomize-binary", "/absent", "--live", same],
      /\/absent cannot be started/,
    ],
    [
      "no such kubeconfig",
      ["-f", web, "--kubeconfig", "/absent"],
      /^plumbline: no cluster: .*give --live to compare with files$/,
    ],
    ["a time that is none", ["-f", web, "--request-timeout", "soon"], /--request-timeout soon: a time such as 30s/],
  ];
  test.each(rows)("%s", async (_, args, message) => {
    const run = await plumbline(["diff", ...args]);
    expect(run.stderr.trimEnd()).toMatch(message);
    expect(run.stderr.trimEnd().split("\n")).toHaveLength(1);
    expect([run.status, run.stdout]).toEqual([2, ""]);
  });

  test.each([
    ["an unknown flag, with the one that was meant", ["diff", "--lvie", "x"], "Did you mean --live?"],
    [
      "an unknown format",
      ["diff", "-f", web, "-o", "xml"],
      "Allowed choices are text, json, yaml, patch, sarif, markdown",
    ],
    ["a word too many", ["diff", web], "too many arguments"],
    ["an unknown command", ["dfif"], "Did you mean diff?"],
    ["an unknown flag below `schema`", ["schema", "save", "--to", "x", "--where", "y"], "unknown option '--where'"],
  ])("%s", async (_, args, message) => {
    const run = await plumbline(args);
    expect(run.stderr).toContain(message);
    expect(run.stderr).toContain("(--help lists the flags)");
    expect([run.status, run.stdout]).toEqual([2, ""]);
  });
});

describe("problems", () => {
  test("each is one line naming file, line and object, and standard output stays whole", async () => {
    folder.put("many/a.yaml", `${webYaml}---\n${webYaml}---\nkind: Pod\napiVersion: v1\nmetadata: {}\n`);
    folder.put("many/b.yaml", "a: [\n");
    const run = await plumbline([
      "diff",
      "-f",
      folder.at("many"),
      "-f",
      custom,
      "--live",
      same,
      "-n",
      "shop",
      "-o",
      "json",
    ]);
    const lines = run.stderr.trimEnd().split("\n").toSorted();
    expect(lines.map((line) => line.replaceAll(`${folder.root}/`, ""))).toEqual([
      expect.stringMatching(/^custom\.yaml:1: Nobody shop\/it: the schema knows no example\.com\/v1\/Nobody$/),
      expect.stringMatching(
        /^many\/a\.yaml:1: Deployment shop\/web: declared 2 times: .*a\.yaml:1, .*a\.yaml:27; none/,
      ),
      expect.stringMatching(/^many\/a\.yaml:53: Pod: metadata\.name is missing/),
      expect.stringMatching(/^many\/b\.yaml:\d+: /),
    ]);
    expect(
      reportOf(run)
        .problems.map(({ code }) => code)
        .toSorted(),
    ).toEqual(["duplicate-id", "no-name", "yaml-syntax"]);
    expect(run.status).toBe(2);
  });

  test("what is wrong in what Git said before is told too", async () => {
    const run = await plumbline(["diff", "-f", web, "--live", same, "-n", "shop", "--previous", bad]);
    expect([run.status, run.stderr]).toEqual([2, expect.stringContaining('bad.yaml:4: the key "name" is there twice')]);
  });
});

describe("help", () => {
  test("as a plugin of kubectl it calls itself so", async () => {
    const run = await plumbline(["diff", "--help"], { name: "/usr/bin/kubectl-plumbline" });
    expect([run.status, run.stdout.split("\n")[0]]).toEqual([0, "Usage: kubectl plumbline diff [options]"]);
  });

  test("it says what the exit status means", async () => {
    const run = await plumbline(["diff", "--help"]);
    expect(run.stdout).toContain("2 beats 1");
    expect(run.stderr).toBe("");
  });
});

test("objects come in the order of the input, changes in the order of their path", async () => {
  const live = liveWeb();
  live.spec.replicas = 5;
  live.spec.template.spec.hostNetwork = true;
  live.metadata.labels = { z: "1", a: "1" };
  const dump = folder.put(
    "order.json",
    listOf(liveSecret("canary-live"), liveConfig({ mode: "wild", "0": "zero" }), live),
  );
  const secret = folder.put("secret.yaml", secretYaml);
  const run = await plumbline([
    "diff",
    "-f",
    secret,
    "-f",
    web,
    "-f",
    config,
    "--live",
    dump,
    "-n",
    "shop",
    "-o",
    "json",
  ]);
  const { objects } = reportOf(run);
  expect(objects.map(({ kind }) => kind)).toEqual(["Secret", "Deployment", "ConfigMap"]);
  expect(objects[1]?.changes.map(({ path }) => path)).toEqual([
    ".metadata.labels.a",
    ".metadata.labels.z",
    ".spec.replicas",
    ".spec.template.spec.hostNetwork",
  ]);
});
