/** The examples are taken by the real server, and the two forms of the shop are one application. */
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatId, idOf } from "../../src/model/resource.ts";
import { exec } from "../../src/runtime/exec.ts";
import { ensureBinaries } from "../control-plane/binaries.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { parseObjects, releaseNamespace, root } from "./helm.ts";

const examples = path.join(root, "deploy/examples");

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane({ controllerManager: true });
});
afterAll(() => plane?.stop());

test("plain, as kubectl apply takes it", async () => {
  // The namespace first, as anybody would.
  const folder = path.join(examples, "shop/plain");
  expect(await plane.kubectl(["apply", "-f", path.join(folder, "namespace.yaml")])).toMatchObject({ code: 0 });
  const applied = await plane.kubectl(["apply", "-f", folder]);
  expect(applied).toMatchObject({ code: 0, stderr: "" });
});

test("kustomized, and the same objects but for what prod adds", async () => {
  const { kustomize = "kustomize" } = await ensureBinaries(["kustomize"]);
  const build = async (folder: string): Promise<string> => {
    const options = { cwd: root, env: {}, timeout: 30_000, maxOutput: 1 << 24 };
    const { stdout, stderr } = await exec(kustomize, ["build", path.join(examples, folder)], options);
    expect(stderr).toBe("");
    return stdout.toString("utf8");
  };
  const prod = await build("shop/kustomize/prod");
  expect(await plane.kubectl(["apply", "-f", "-"], prod)).toMatchObject({ code: 0 });
  const names = parseObjects(prod).map((object) => formatId(idOf(object)));
  const { stdout } = await plane.kubectl([
    "apply",
    "--dry-run=client",
    "-o",
    "yaml",
    "-f",
    path.join(examples, "shop/plain"),
  ]);
  const plain = parseObjects(stdout).flatMap((list) => (list["items"] as ReturnType<typeof parseObjects>) ?? [list]);
  const generated = names.filter((name) => name.startsWith("ConfigMap shop/motd-"));
  expect(generated).toHaveLength(1);
  expect(names.filter((name) => !generated.includes(name)).sort()).toEqual(
    plain.map((object) => formatId(idOf(object))).sort(),
  );
});

test("the Baseline, and the plain manifests by the words of their header", async () => {
  const deploy = path.join(root, "deploy");
  const files = ["-f", path.join(deploy, "namespace.yaml"), "-f", path.join(deploy, "crds.yaml")];
  expect(await plane.kubectl(["apply", "--server-side", ...files])).toMatchObject({ code: 0 });
  const key = ["create", "secret", "generic", "plumbline-key", "--from-literal=key=x"];
  expect(await plane.kubectl(["-n", releaseNamespace, ...key])).toMatchObject({ code: 0 });
  const applied = await plane.kubectl(["apply", "-f", path.join(deploy, "plumbline.yaml")]);
  // No warning either: the namespace warns of what is not restricted.
  expect(applied).toMatchObject({ code: 0, stderr: "" });
  await plane.kubectl(["wait", "crd/baselines.plumbline.dev", "--for=condition=Established", "--timeout=20s"]);
  const baseline = await plane.kubectl(["apply", "-f", path.join(examples, "baseline.yaml")]);
  expect(baseline).toMatchObject({ code: 0 });
});
