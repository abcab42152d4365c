/**
 * Baselines and objects by the names people give them, on a real API server: found where they are, also by who may look
 * into few namespaces only; and what is not there is never told as good news.
 */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.ts";
import { configYaml } from "./samples.ts";
import { createFolder, plumbline, type Run } from "./terminal.ts";

const folder = createFolder();
const crds = fileURLToPath(new URL("../../deploy/crds.yaml", import.meta.url));
const config = folder.put("config.yaml", `${configYaml}---\n${configYaml.replace("settings", "quiet")}`);
let plane: ControlPlane;
let jane = "";

const as = (kubeconfig: string, args: readonly string[]): Promise<Run> =>
  plumbline([...args, "--kubeconfig", kubeconfig], { environment: { PATH: process.env["PATH"], HOME: folder.root } });
const run = (...args: readonly string[]): Promise<Run> => as(plane.kubeconfigPath, args);
const kubectl = async (args: readonly string[], input?: string): Promise<string> => {
  const ran = await plane.kubectl(args, input);
  expect([args.join(" "), ran.code]).toEqual([args.join(" "), 0]);
  return ran.stdout;
};

const until = <T>(check: () => Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 30_000, interval: 200 });

const named = (kind: string, name: string, rest: string): string =>
  `---\napiVersion: plumbline.dev/v1alpha1\nkind: ${kind}\nmetadata: { name: ${name}, namespace: platform }\n${rest}\n`;
const objects =
  named(
    "Baseline",
    "shop",
    'spec: { source: { git: { url: "https://git.example/shop.git", ref: { branch: main } } }, targetNamespace: shop, mode: Alert }',
  ) +
  named(
    "Drift",
    "shop-0123",
    `baseline: shop
object: { group: "", version: v1, kind: ConfigMap, namespace: shop, name: settings }
verdict: drifted
severity: medium
class: config
cause: live-edit
firstObserved: "2026-01-02T03:04:05Z"
changesTotal: 1
changes:
  - { op: changed, path: .data.mode, pointer: /data/mode, severity: medium, class: config, cause: live-edit, owner: { manager: kubectl-edit, confidence: exact } }`,
  );

beforeAll(async () => {
  plane = await startControlPlane();
  for (const namespace of ["platform", "shop", "empty"]) await kubectl(["create", "namespace", namespace]);
  await kubectl(["apply", "-f", crds]);
  await kubectl(["wait", "--for=condition=Established", "crd", "--all", "--timeout=20s"]);
  // A kind is established a moment before it is listed among those that are served.
  await until(() => kubectl(["apply", "-f", "-"], objects));
  await kubectl(["apply", "-n", "shop", "-f", "-"], configYaml.replace("calm", "wild"));
  // Somebody of the shop: its objects, and what Plumbline says, by namespace.
  const own = "--resource=baselines.plumbline.dev,drifts.plumbline.dev";
  const bind = (name: string, namespace: string): Promise<string> =>
    kubectl(["create", "rolebinding", name, "-n", namespace, `--role=${name}`, "--serviceaccount=shop:jane"]);
  await kubectl(["create", "serviceaccount", "jane", "-n", "shop"]);
  for (const namespace of ["platform", "empty"]) {
    await kubectl(["create", "role", "look", "-n", namespace, "--verb=get,list", own]);
    await bind("look", namespace);
  }
  await kubectl(["create", "role", "edit", "-n", "shop", "--verb=get,list,patch", "--resource=configmaps"]);
  await bind("edit", "shop");
  jane = plane.writeKubeconfig("jane", await plane.tokenFor("shop", "jane"));
  await until(async () => expect((await as(jane, ["status", "-n", "platform"])).status).toBe(0));
});
afterAll(async () => {
  await plane?.stop();
  folder.remove();
});

const names: readonly (readonly [string, readonly string[]])[] = [
  ["shop", ["-n", "platform"]],
  ["platform/shop", []],
  ["platform/shop", ["-n", "empty"]],
  ["baseline/platform/shop", []],
  ["baselines.plumbline.dev/platform/shop", ["-n", "empty"]],
  ["bl/shop", ["-n", "platform"]],
];

describe.each(names)("a Baseline called %s, with %j", (name, flags) => {
  const words = [name, ...flags];

  test("status", async () => {
    const { stdout, stderr, status } = await run("status", ...words);
    expect([stderr, status]).toEqual(["", 0]);
    expect(stdout).toMatch(/^platform +shop /m);
    expect(stdout).toContain("ConfigMap shop/settings");
  });

  test("remediate --dry-run", async () => {
    const { stdout, stderr, status } = await run("remediate", "--dry-run", ...words, "-f", config);
    expect([stderr, status]).toEqual(["", 0]);
    expect(stdout).toMatch(/^ConfigMap shop\/settings {2}drifted medium {2}Baseline platform\/shop\n/);
  });

  test("rollback and approve", async () => {
    expect((await run("rollback", ...words, "--cancel")).stdout).toBe("Baseline platform/shop was not rolled back\n");
    expect((await run("approve", "--all", "--baseline", name, ...flags)).stdout).toBe(
      "nothing of Baseline platform/shop waits for approval\n",
    );
    expect((await run("approve", "--source", name, ...flags)).stderr).toMatch(
      /platform\/shop has no revision that waits/,
    );
  });
});

test.each([["baseline/platform/shop"], ["baseline", "platform/shop"], ["bl/shop", "-n", "platform"]])(
  "pause and resume %s %s %s",
  async (...words) => {
    const paused = await run("pause", ...words, "--for", "1h");
    expect([paused.stderr, paused.status]).toEqual(["", 0]);
    expect(paused.stdout).toMatch(/^Baseline platform\/shop is paused until .* \(for 1h\)\n$/);
    expect((await run("resume", ...words)).stdout).toBe("Baseline platform/shop is not paused any more\n");
  },
);

describe("what is not there is named, with 2", () => {
  test.each([
    [
      "a Baseline's object",
      ["shop", "-n", "platform", "configmap/typo"],
      /configmap\/typo is not known to Baseline platform\/shop/,
    ],
    ["a target alone", ["configmap/typo", "-n", "platform"], /configmap\/typo is not known to Baseline platform\/shop/],
    ["no such Baseline", ["platform/none"], /Baseline platform\/none is not there/],
    ["neither a kind nor a namespace", ["gizmo/x"], /Baseline gizmo\/x is not there/],
    ["a namespace without any", ["-n", "empty"], /there is no Baseline in namespace empty: -n is where/],
  ])("remediate --dry-run: %s", async (_, words, message) => {
    const sides = words.includes("empty") ? [] : ["-f", config];
    const { stderr, status } = await run("remediate", "--dry-run", ...words, ...sides);
    expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  test("an object without a record that is declared is as declared", async () => {
    const found = await run("remediate", "--dry-run", "platform/shop", "configmap/quiet", "-f", config);
    expect([found.stderr, found.status]).toEqual(["", 0]);
  });

  test.each([
    [
      "approve --all",
      ["approve", "--all", "--baseline", "none", "-n", "platform"],
      "Baseline platform/none is not there",
    ],
    ["status", ["status", "platform/none"], "no Baseline platform/none"],
  ])("%s", async (_, words, message) => {
    expect(await run(...words)).toEqual({ status: 2, stdout: "", stderr: `plumbline: ${message}\n` });
  });
});

describe("who may look into few namespaces", () => {
  test("is told of the records in the Baseline's namespace, whatever -n says", async () => {
    const found = await as(jane, ["remediate", "--dry-run", "baseline/platform/shop", "-n", "empty", "-f", config]);
    expect(found.stdout).toContain("ConfigMap shop/settings");
  });

  test("may pause what they may patch; of Baselines they are told that nobody can tell", async () => {
    const found = await as(jane, ["pause", "configmap/settings", "-n", "shop", "--for", "10m"]);
    expect(found.status).toBe(0);
    expect(found.stdout).toMatch(/^ConfigMap shop\/settings is paused until .* \(for 10m\)\n$/);
    expect(found.stderr).toMatch(
      /^warning: ConfigMap shop\/settings: cannot tell whether a Baseline writes it: .*forbidden/,
    );
    const marks = await kubectl(["get", "configmap/settings", "-n", "shop", "-o", "jsonpath={.metadata.annotations}"]);
    expect(marks).toContain("plumbline.dev/pause-until");
  });

  test("nor is it said that none declares it where only one namespace could be seen", async () => {
    await kubectl(["create", "configmap", "free", "-n", "empty"]);
    await kubectl(["create", "role", "edit", "-n", "empty", "--verb=get,patch", "--resource=configmaps"]);
    await kubectl(["create", "rolebinding", "edit", "-n", "empty", "--role=edit", "--serviceaccount=shop:jane"]);
    await expect
      .poll(async () => (await as(jane, ["pause", "configmap/free", "-n", "empty", "--for", "1h"])).stderr, {
        timeout: 30_000,
      })
      .toBe(
        "warning: ConfigMap empty/free: cannot tell whether a Baseline writes it: you may list those in empty only, and none of them does\n",
      );
  });
});
