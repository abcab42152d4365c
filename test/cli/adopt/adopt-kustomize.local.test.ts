/** `plumbline adopt -k`: what its patch may show. With a kustomize that prints what the test says. */
import { chmodSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listOf } from "../samples.ts";
import { createFolder, plumbline, type Run } from "../terminal.ts";

const folder = createFolder();
afterAll(() => folder.remove());

const config = (mode: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  namespace: shop\ndata:\n  mode: ${mode}\n`;
const live = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings", namespace: "shop" } };
let binary = "";
let dump = "";

beforeAll(() => {
  folder.put("before.yaml", config("calm"));
  folder.put("after.yaml", config("wild"));
  const script = `#!/bin/sh\nif ls "$2"/adopted-* >/dev/null 2>&1; then cat ${folder.at("after.yaml")}; else cat ${folder.at("before.yaml")}; fi\n`;
  binary = folder.put("kustomize.sh", script);
  chmodSync(binary, 0o755);
  dump = folder.put("live.json", listOf({ ...live, data: { mode: "wild" } }));
});

const adopt = (where: string, ...args: readonly string[]): Promise<Run> => {
  const sides = ["-k", folder.at(where), "--kustomize-binary", binary, "--live", dump];
  return plumbline(["adopt", "configmap/settings", ...sides, ...args]);
};

describe("values of a Secret in the kustomization", () => {
  test.each([
    ["literals", "secretGenerator:\n  - name: db\n    literals:\n      - password=hunter2-canary\n"],
    [
      "an inline patch",
      "patches:\n  - patch: |-\n      apiVersion: v1\n      kind: Secret\n      metadata: { name: db }\n      stringData:\n        password: hunter2-canary\n",
    ],
  ])("%s: no patch, and --write tells nobody", async (name, text) => {
    const file = folder.put(`${name}/kustomization.yaml`, `namespace: shop\n${text}`);
    const { stdout, stderr, status } = await adopt(name);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/kustomization\.yaml: a patch would show values of a Secret on the lines around; --write/);
    const written = await adopt(name, "--write");
    expect([written.status, written.stdout]).toEqual([0, ""]);
    expect(stderr + written.stderr).not.toContain("canary");
    expect(readFileSync(file, "utf8")).toContain("path: adopted-configmap-settings.yaml");
  });

  test("far from what is changed, they are no obstacle", async () => {
    const more = "resources:\n  - a.yaml\n  - b.yaml\n  - c.yaml\n  - d.yaml\n";
    folder.put("far/kustomization.yaml", `secretGenerator: [{ name: db, literals: [p=hunter2-canary] }]\n${more}`);
    const { stdout, status } = await adopt("far");
    expect(status).toBe(0);
    expect(stdout).toContain("+patches:\n+  - path: adopted-configmap-settings.yaml\n");
    expect(stdout).not.toContain("canary");
  });
});

test("a chart is named, and what to change", async () => {
  const helm = folder.put(
    "helm.sh",
    `#!/bin/sh\necho "# Source: chart/templates/a.yaml"\ncat ${folder.at("before.yaml")}\n`,
  );
  chmodSync(helm, 0o755);
  const sides = ["--helm", folder.at("chart"), "--helm-binary", helm, "--live", dump];
  for (const words of [
    ["adopt", "configmap/settings"],
    ["ignore", "configmap/settings", ".data"],
  ]) {
    const { stdout, stderr, status } = await plumbline([...words, ...sides]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(
      /ConfigMap shop\/settings is rendered from the chart .*chart \(.*templates\/a\.yaml\): change the chart's values or its templates yourself\n$/,
    );
  }
});

test("a file that was read has the name of what was rendered: the kustomization is not taken for the object", async () => {
  const text =
    "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nmetadata: { name: it }\nresources: [a.yaml]\n";
  folder.put("both/kustomization.yaml", text);
  const { stdout, status } = await adopt("both", "-f", folder.at("both"));
  expect(status).toBe(0);
  expect(stdout).toContain(" resources: [a.yaml]\n+patches:\n");
});
