/** The commands that ask a cluster, on a real API server. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.ts";
import { configYaml, webYaml } from "./samples.ts";
import { createFolder, plumbline, reportOf, verdictsOf } from "./terminal.ts";

const folder = createFolder();
const root = fileURLToPath(new URL("../../", import.meta.url));
let plane: ControlPlane;
const web = folder.put("web.yaml", webYaml);
const config = folder.put("config.yaml", configYaml);

const run = (...args: readonly string[]) => plumbline([...args, "--kubeconfig", plane.kubeconfigPath]);
const kubectl = async (args: readonly string[], input?: string): Promise<string> => {
  const ran = await plane.kubectl(args, input);
  expect([ran.code, ran.stderr.replaceAll(/^Warning: .*\n/gm, "")]).toEqual([0, ""]);
  return ran.stdout;
};

const baseline = (name: string, namespace = "shop") => `apiVersion: plumbline.dev/v1alpha1
kind: Baseline
metadata: { name: ${name}, namespace: ${namespace} }
spec: { source: { git: { url: "https://git.example/${name}.git", ref: { branch: main } } }, mode: Alert }
`;

beforeAll(async () => {
  plane = await startControlPlane();
  await kubectl(["create", "namespace", "shop"]);
  await kubectl(["create", "namespace", "other"]);
  await kubectl(["apply", "-n", "shop", "-f", "-"], `${webYaml}---\n${configYaml}`);
  await kubectl(["create", "serviceaccount", "reader", "-n", "shop"]);
});
afterAll(async () => {
  await plane?.stop();
  folder.remove();
});

describe("status", () => {
  test("before Plumbline is installed", async () => {
    const found = await run("status");
    expect(found).toEqual({
      stdout: "",
      stderr: "plumbline: the cluster does not know Baselines: install Plumbline first\n",
      status: 2,
    });
  });

  test("none, and then some, by namespace and by name", async () => {
    await kubectl(["apply", "-f", `${root}deploy/crds.yaml`]);
    await kubectl(["wait", "--for=condition=Established", "crd", "--all", "--timeout=20s"]);
    // A kind is established a moment before it is listed among those that are served.
    await expect
      .poll(async () => (await run("status", "-n", "shop")).stdout, { timeout: 30_000 })
      .toBe("No Baselines. `plumbline status -A` looks in every namespace.\n");
    await kubectl(["apply", "-f", "-"], `${baseline("web")}---\n${baseline("db")}---\n${baseline("far", "other")}`);
    const status = {
      observedGeneration: 1,
      conditions: [
        { type: "Ready", status: "True", reason: "Ready", message: "ok", lastTransitionTime: "2026-01-02T03:04:05Z" },
        {
          type: "Compliant",
          status: "False",
          reason: "Drift",
          message: "1 drifted",
          lastTransitionTime: "2026-01-02T03:04:05Z",
        },
      ],
      source: { revision: "main@sha1:4f2a1c94f2a1c94f2a1c94f2a1c94f2a1c94f2a1" },
      objects: {
        total: 42,
        inSync: 41,
        drifted: 1,
        pending: 0,
        missing: 0,
        terminating: 0,
        unmanaged: 0,
        excluded: 0,
        unknown: 0,
      },
    };
    await kubectl([
      "patch",
      "baseline",
      "web",
      "-n",
      "shop",
      "--subresource=status",
      "--type=merge",
      "-p",
      JSON.stringify({ status }),
    ]);
    await kubectl(
      ["apply", "-f", "-"],
      `apiVersion: plumbline.dev/v1alpha1
kind: Drift
metadata: { name: web-0123, namespace: shop, labels: { plumbline.dev/baseline: web } }
baseline: web
object: { group: apps, kind: Deployment, namespace: shop, name: web }
verdict: drifted
severity: high
class: workload
cause: live-edit
firstObserved: "2026-01-02T03:04:05Z"
changesTotal: 1
changes:
  - { op: changed, path: .spec.replicas, pointer: /spec/replicas, severity: high, class: workload, cause: live-edit, owner: { manager: kubectl-edit, confidence: exact } }
`,
    );
    const lines = (await run("status", "-n", "shop")).stdout.split("\n");
    expect(lines.map((line) => line.replaceAll(/\s+/g, " "))).toEqual([
      "NAMESPACE BASELINE READY COMPLIANT MODE OBJECTS IN-SYNC DRIFTED MISSING PENDING UNKNOWN REVISION",
      "shop db Unknown Unknown Alert 0 0 0 0 0 0",
      "shop web True False Alert 42 41 1 0 0 0 main@4f2a1c9",
      "",
      "BASELINE OBJECT VERDICT SEVERITY CAUSE CHANGES WHO SINCE",
      expect.stringMatching(/^web Deployment shop\/web drifted high live-edit 1 kubectl-edit \d+d$/),
      "",
      "shop/db: the operator has not looked at it yet",
      "",
    ]);
    expect((await run("status", "db", "-n", "shop")).stdout).not.toContain("Deployment");
    expect((await run("status", "-A")).stdout).toContain("other");
    expect(await run("status", "absent", "-n", "shop")).toMatchObject({
      status: 2,
      stderr: "plumbline: no Baseline shop/absent\n",
    });
  });

  test("as json and yaml, the objects as they are", async () => {
    const json = JSON.parse((await run("status", "web", "-n", "shop", "-o", "json")).stdout) as {
      kind: string;
      baselines: { metadata: { name: string } }[];
      drifts: { verdict: string }[];
    };
    expect(json).toMatchObject({
      kind: "StatusReport",
      baselines: [{ metadata: { name: "web" } }],
      drifts: [{ verdict: "drifted" }],
    });
    expect(parse((await run("status", "web", "-n", "shop", "-o", "yaml")).stdout)).toEqual(json);
  });

  test("what may not be listed is said", async () => {
    const found = await run("status", "-n", "shop", "--as", "nobody");
    expect(found.status).toBe(2);
    expect(found.stderr).toMatch(/^plumbline: baselines cannot be listed: .*nobody.* cannot list resource/);
  });
});

describe("diff against the cluster", () => {
  test("as applied: in sync; edited: who and when, and the context's namespace counts", async () => {
    expect(await run("diff", "-f", web, "-f", config, "-n", "shop")).toEqual({
      stdout: "2 objects: 2 in sync, 0 drifted\n",
      stderr: "",
      status: 0,
    });
    await kubectl(["scale", "deployment", "web", "-n", "shop", "--replicas=5"]);
    await kubectl(["label", "configmap", "settings", "-n", "shop", "extra=yes", "--field-manager=me"]);
    const kubeconfig = plane.writeKubeconfig("shop.kubeconfig", plane.adminToken, "shop");
    const found = await plumbline([
      "diff",
      "-f",
      web,
      "-f",
      config,
      "-o",
      "json",
      "--kubeconfig",
      kubeconfig,
      "--context",
      "test",
      "--request-timeout",
      "30s",
    ]);
    expect([found.status, found.stderr]).toEqual([1, ""]);
    expect(reportOf(found).objects).toMatchObject([
      {
        uid: expect.stringMatching(/-/),
        changes: [
          {
            pointer: "/spec/replicas",
            desired: 2,
            live: 5,
            owner: { manager: "kubectl", subresource: "scale", confidence: "exact" },
          },
        ],
      },
      {
        changes: [
          {
            op: "added",
            pointer: "/metadata/labels/extra",
            owner: { manager: "me", time: expect.stringMatching(/^20/) },
          },
        ],
      },
    ]);
  });

  test("the patch heals it", async () => {
    const patches = JSON.parse((await run("diff", "-f", web, "-f", config, "-n", "shop", "-o", "patch")).stdout) as {
      kind: string;
      name: string;
      namespace: string;
      patch: object[];
    }[];
    expect(patches).toHaveLength(2);
    for (const { kind, name, namespace, patch } of patches)
      await kubectl(["patch", kind, name, "-n", namespace, "--type=json", "-p", JSON.stringify(patch)]);
    expect((await run("diff", "-f", web, "-f", config, "-n", "shop")).status).toBe(0);
  });

  test("missing, not served, forbidden", async () => {
    const absent = folder.put("absent.yaml", configYaml.replace("settings", "absent"));
    const custom = folder.put(
      "custom.yaml",
      "apiVersion: example.com/v1\nkind: Nobody\nmetadata: { name: it, namespace: shop }\n",
    );
    expect(verdictsOf(await run("diff", "-f", absent, "-n", "shop", "-o", "json"))).toEqual(["missing"]);
    const unserved = await run("diff", "-f", custom);
    expect([unserved.status, unserved.stderr]).toEqual([
      2,
      expect.stringMatching(/custom\.yaml:1: Nobody shop\/it: .*does not serve example\.com\/v1\/Nobody/),
    ]);
    const refused = await run("diff", "-f", config, "-n", "shop", "--as", "system:serviceaccount:shop:reader");
    expect([refused.status, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/config\.yaml:1: ConfigMap shop\/settings: .*cannot get resource "configmaps"/),
    ]);
  });

  test("an object whose definition is declared, and not there yet, is missing", async () => {
    const crds = readFileSync(`${root}deploy/crds.yaml`, "utf8").replaceAll("plumbline.dev", "else.example");
    const both = folder.put("both.yaml", `${crds}---\n${baseline("web").replaceAll("plumbline.dev", "else.example")}`);
    expect(verdictsOf(await run("diff", "-f", both, "-o", "json"))).toEqual(["missing", "missing", "missing"]);
  });

  test("--prune-scope asks for the kinds and namespaces in use", async () => {
    for (const namespace of ["shop", "other"])
      await kubectl(["apply", "-n", namespace, "-f", "-"], configYaml.replace("settings", "left"));
    const found = await run("diff", "-f", config, "-n", "shop", "-o", "json", "--prune-scope", "team=shop");
    expect([found.status, found.stderr]).toEqual([1, ""]);
    expect(reportOf(found).objects.map(({ namespace, name, verdict }) => `${namespace}/${name} ${verdict}`)).toEqual([
      "shop/settings in-sync",
      "shop/left unmanaged",
    ]);
  });
});

describe("schema save", () => {
  test("is what diff judges by, without the cluster, as kubectl dumped it", async () => {
    const folderName = folder.at("schema");
    const saved = await run("schema", "save", "--to", folderName);
    expect([saved.stderr, saved.status]).toEqual(["", 0]);
    expect(saved.stdout).toMatch(/^\d+ documents saved in /);
    const scopes = JSON.parse(readFileSync(`${folderName}/scopes.json`, "utf8")) as Record<string, string>;
    expect(scopes).toMatchObject({
      "v1/Node": "Cluster",
      "apps/v1/Deployment": "Namespaced",
      "plumbline.dev/v1alpha1/Baseline": "Namespaced",
    });
    const bl = folder.put("bl.yaml", baseline("web"));
    for (const format of ["yaml", "json"]) {
      const dump = folder.put(
        `dump.${format}`,
        await kubectl(["get", "deploy,cm,baselines", "-n", "shop", "-o", format, "--show-managed-fields"]),
      );
      const found = await plumbline([
        "diff",
        "-f",
        web,
        "-f",
        config,
        "-f",
        bl,
        "-n",
        "shop",
        "--live",
        dump,
        "--schema",
        folderName,
      ]);
      expect(found).toEqual({ stdout: "3 objects: 3 in sync, 0 drifted\n", stderr: "", status: 0 });
    }
    const unknown = await plumbline(["diff", "-f", bl, "--live", folder.at("dump.json")]);
    expect([unknown.status, unknown.stderr]).toEqual([
      2,
      expect.stringContaining("the schema knows no plumbline.dev/v1alpha1/Baseline"),
    ]);
  });

  test("a folder that cannot be made", async () => {
    const found = await run("schema", "save", "--to", `${web}/x`);
    expect([found.status, found.stderr]).toEqual([2, expect.stringMatching(/^plumbline: --to .*: /)]);
  });
});
