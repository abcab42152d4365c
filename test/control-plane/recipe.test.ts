import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { buildArguments, makeGoMod, moduleFolder } from "./recipe.ts";
import { etcdVersion, helmVersion, kustomizeVersion, kwokVersion, serverVersion } from "./versions.ts";

const read = (file: string): string => readFileSync(new URL(file, import.meta.url), "utf8");

describe("a go.mod for another minor", () => {
  const original = [
    "module k8s.io/kubernetes",
    "",
    "go 1.25.0",
    "",
    "godebug default=go1.25",
    "",
    "require (",
    "\tk8s.io/api v0.0.0",
    "\tk8s.io/utils v0.0.0-20250604170112-4c0f3b243397",
    ")",
    "",
    "replace (",
    "\tk8s.io/api => ./staging/src/k8s.io/api",
    "\tk8s.io/apiserver => ./staging/src/k8s.io/apiserver",
    ")",
  ].join("\n");

  test("replaces what the original replaces with a folder, and nothing else", () => {
    expect(makeGoMod(original, "1.35.4")).toBe(
      [
        "module plumbline.dev/test/control-plane",
        "",
        "go 1.25.0",
        "godebug default=go1.25",
        "",
        "require k8s.io/kubernetes v1.35.4",
        "",
        "replace (",
        "\tk8s.io/api => k8s.io/api v0.35.4",
        "\tk8s.io/apiserver => k8s.io/apiserver v0.35.4",
        ")",
        "",
      ].join("\n"),
    );
  });

  test("an original without staging folders is refused", () => {
    expect(() => makeGoMod("module k8s.io/kubernetes\n", "1.35.4")).toThrow("names no staging folders");
  });
});

describe("which module builds what", () => {
  test.each([
    ["kube-apiserver", undefined, "test/control-plane/kubernetes-1.36"],
    ["kube-apiserver", "1.36", "test/control-plane/kubernetes-1.36"],
    ["kube-apiserver", "1.35", undefined],
    ["etcd", "1.35", "test/control-plane/kubernetes-1.36"],
    ["helm", "1.35", "deploy/renderers"],
    ["kwok", "1.35", "test/control-plane/kwok"],
  ] as const)("%s for server %s: %s", (name, server, folder) => {
    expect(moduleFolder(name, server)).toBe(folder);
  });

  test("the version is stamped into the server", () => {
    const args = buildArguments("kube-apiserver", "/out", true, "1.35");
    expect(args).toContain("-mod=mod");
    expect(args.join(" ")).toContain("version.gitVersion=v1.35.4");
    expect(args.join(" ")).toContain("version.gitMinor=35");
  });
});

describe("the table of versions says what the kept modules build", () => {
  const controlPlane = read("kubernetes-1.36/go.mod");
  const renderers = read("../../deploy/renderers/go.mod");
  test.each([
    ["k8s.io/kubernetes", serverVersion(), controlPlane],
    ["go.etcd.io/etcd/server/v3", etcdVersion, controlPlane],
    ["sigs.k8s.io/kustomize/kustomize/v5", kustomizeVersion, renderers],
    ["helm.sh/helm/v4", helmVersion, renderers],
    ["sigs.k8s.io/kwok", kwokVersion, read("kwok/go.mod")],
  ])("%s %s", (module, version, goMod) => {
    expect(goMod).toContain(`\t${module} v${version} `);
  });
});

test.each([
  ["1.36", "1.36.1"],
  ["v1.35", "1.35.4"],
  ["1.34.4", "1.34.4"],
])("server %s is %s", (wanted, version) => {
  expect(serverVersion(wanted)).toBe(version);
});

test.each(["1.33", "1.36.9", "latest"])("server %s is refused", (wanted) => {
  expect(() => serverVersion(wanted)).toThrow();
});
