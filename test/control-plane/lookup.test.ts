import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findBinary } from "./lookup.ts";
import type { BinaryName } from "./versions.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "plumbline-lookup-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A program that says nothing but its version. */
function put(folder: string, name: BinaryName, version = "v1.36.1"): string {
  const file = path.join(root, folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho ${version}\n`);
  chmodSync(file, 0o755);
  return file;
}

const at = (folder: string): string => path.join(root, folder);
const cacheOnly = () => ({ XDG_CACHE_HOME: at("cache") });

describe("the order of places", () => {
  const places = [
    ["PLUMBLINE_CONTROL_PLANE_BIN", "named"],
    ["KUBEBUILDER_ASSETS", "assets"],
    ["PATH", "path"],
    ["cache", "cache/plumbline/kubernetes-1.36.1"],
    ["cache", "cache/plumbline/envtest-1.36"],
  ] as const;

  test.each(places.map((place, rank) => [rank, ...place] as const))("place %i is %s", (rank, where, folder) => {
    const env = {
      PLUMBLINE_CONTROL_PLANE_BIN: at("named"),
      KUBEBUILDER_ASSETS: at("assets"),
      PATH: at("path"),
      ...cacheOnly(),
    };
    for (const [, later] of places.slice(rank)) put(later, "kube-apiserver");
    expect(findBinary("kube-apiserver", env)).toEqual({ path: path.join(at(folder), "kube-apiserver"), where });
  });

  test("nowhere", () => {
    expect(findBinary("kube-apiserver", { PATH: at("path"), ...cacheOnly() })).toBeUndefined();
  });

  test("a folder named by the environment that lacks one binary leaves the others to be found further on", () => {
    put("assets", "kube-apiserver");
    const found = put("cache/plumbline/kubernetes-1.36.1", "kube-controller-manager");
    expect(findBinary("kube-controller-manager", { KUBEBUILDER_ASSETS: at("assets"), ...cacheOnly() })?.path).toBe(
      found,
    );
  });

  test("a file that is not executable is none", () => {
    chmodSync(put("path", "kube-apiserver"), 0o644);
    expect(findBinary("kube-apiserver", { PATH: at("path"), ...cacheOnly() })).toBeUndefined();
  });

  test("another minor has its own place in the cache", () => {
    put("cache/plumbline/kubernetes-1.36.1", "kube-apiserver");
    expect(findBinary("kube-apiserver", cacheOnly(), "1.35")).toBeUndefined();
    const found = put("cache/plumbline/kubernetes-1.35.4", "kube-apiserver");
    expect(findBinary("kube-apiserver", cacheOnly(), "1.35")?.path).toBe(found);
  });
});

describe("what of PATH will do", () => {
  test.each([
    ["kube-apiserver", "Kubernetes v1.36.0", true],
    ["kube-apiserver", "Kubernetes v1.35.4", false],
    ["kube-controller-manager", "Kubernetes v1.37.0", false],
    ["kubectl", "Client Version: v1.35.9", true],
    ["kubectl", "Client Version: v1.37.0", true],
    ["kubectl", "Client Version: v1.32.4-dispatcher", false],
    ["etcd", "etcd Version: 3.5.0", true],
    ["etcd", "etcd Version: 3.4.20", false],
    ["kustomize", "v5.8.1", true],
    ["kustomize", "v5.8.3", false],
    ["helm", "v4.3.1", true],
    ["helm", "v3.16.0+gabc", false],
    ["helm", "'no version at all'", false],
  ] as const)("%s that says %s: %s", (name, says, will) => {
    put("path", name, says);
    expect(findBinary(name, { PATH: at("path"), ...cacheOnly() }) !== undefined).toBe(will);
  });

  test("a folder named by the environment is taken at its word", () => {
    const found = put("assets", "kube-apiserver", "v1.20.0");
    expect(findBinary("kube-apiserver", { KUBEBUILDER_ASSETS: at("assets"), ...cacheOnly() })?.path).toBe(found);
  });
});
