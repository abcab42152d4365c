/** helm install, upgrade and uninstall, with the real helm on the real API server. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { chart, openHelm, releaseNamespace, type Helm, type HelmResult } from "./helm.ts";

let plane: ControlPlane;
let helm: Helm;
beforeAll(async () => {
  [plane, helm] = await Promise.all([startControlPlane({ controllerManager: true }), openHelm()]);
  // Restricted admission, so that what the chart makes has to pass it.
  const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: releaseNamespace, labels } };
  expect(await plane.kubectl(["create", "-f", "-"], JSON.stringify(namespace))).toMatchObject({ code: 0 });
});
afterAll(async () => {
  helm?.close();
  await plane?.stop();
});

const run = (...args: string[]): Promise<HelmResult> =>
  helm.run([...args, "-n", releaseNamespace], { kubeconfig: plane.kubeconfigPath });
const get = async (...args: string[]): Promise<string> =>
  (await plane.kubectl(["-n", releaseNamespace, "get", ...args])).stdout.trim();
const key = (): Promise<string> => get("secret", "plumbline-key", "-o", "jsonpath={.data.key}");
const baseline = {
  apiVersion: "plumbline.dev/v1alpha1",
  kind: "Baseline",
  metadata: { name: "shop", namespace: releaseNamespace },
  spec: { source: { git: { url: "https://git.example/a.git", ref: { branch: "main" } } } },
};

describe("a release", () => {
  let firstKey = "";

  test("installs, and says what to do next", async () => {
    const installed = await run("install", "plumbline", chart);
    expect(installed).toMatchObject({ code: 0 });
    expect(installed.stdout).toContain("kubectl get baselines,drifts -A");
    firstKey = await key();
    expect(Buffer.from(Buffer.from(firstKey, "base64").toString("utf8"), "base64")).toHaveLength(32);
  });

  test("serves its kinds", async () => {
    expect(
      await plane.kubectl(["wait", "crd/baselines.plumbline.dev", "--for=condition=Established", "--timeout=20s"]),
    ).toMatchObject({ code: 0 });
    await expect
      .poll(async () => (await plane.kubectl(["apply", "-f", "-"], JSON.stringify(baseline))).code, { timeout: 20_000 })
      .toBe(0);
  });

  test("has a Pod that restricted admission lets in", async () => {
    await expect
      .poll(() => get("pods", "-o", "jsonpath={.items[*].status.phase}"), { timeout: 20_000 })
      .toBe("Pending");
  });

  test("reads the groups of CRDs it finds at an upgrade", async () => {
    const crd = {
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "widgets.nobody.example" },
      spec: {
        group: "nobody.example",
        names: { kind: "Widget", plural: "widgets" },
        scope: "Namespaced",
        versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
      },
    };
    expect(await plane.kubectl(["create", "-f", "-"], JSON.stringify(crd))).toMatchObject({ code: 0 });
    expect(await get("clusterrole", "plumbline", "-o", "yaml")).not.toContain("nobody.example");
    expect(await run("upgrade", "plumbline", chart)).toMatchObject({ code: 0 });
    expect(await get("clusterrole", "plumbline", "-o", "yaml")).toContain("nobody.example");
  });

  test("keeps its key over an upgrade, and upgrades beside the controller that fills aggregated roles", async () => {
    const role = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "gadgets", labels: { "plumbline.dev/aggregate-to-read": "true" } },
      rules: [{ apiGroups: ["gadgets.example"], resources: ["gadgets"], verbs: ["get"] }],
    };
    expect(await plane.kubectl(["create", "-f", "-"], JSON.stringify(role))).toMatchObject({ code: 0 });
    const rules = (): Promise<string> => get("clusterrole", "plumbline-read-extra", "-o", "jsonpath={.rules}");
    await expect.poll(rules, { timeout: 20_000 }).toContain("gadgets.example");
    const upgraded = await run("upgrade", "plumbline", chart, "--set", "rbac.mode=remediate,replicaCount=2");
    expect(upgraded).toMatchObject({ code: 0 });
    expect(await key()).toBe(firstKey);
    expect(await rules()).toContain("gadgets.example");
    expect(await get("deployment", "plumbline", "-o", "jsonpath={.spec.replicas}")).toBe("2");
    expect(await get("clusterrole", "plumbline-write-extra", "-o", "name")).not.toBe("");
  });

  test("steps down a profile, and its rights go", async () => {
    expect(await run("upgrade", "plumbline", chart, "--set", "rbac.mode=detect")).toMatchObject({ code: 0 });
    expect(await get("clusterrole", "plumbline-write-extra", "-o", "name", "--ignore-not-found")).toBe("");
    expect(await get("clusterrole", "plumbline", "-o", "yaml")).not.toContain("wgpolicyk8s.io");
  });

  test("goes, and leaves the CRDs, the Baselines and the key", async () => {
    expect(await run("uninstall", "plumbline")).toMatchObject({ code: 0 });
    expect(await get("deployments,serviceaccounts,roles,services", "-o", "name")).not.toContain("plumbline");
    expect(await get("baselines", "-o", "name")).toBe("baseline.plumbline.dev/shop");
    expect(await key()).toBe(firstKey);
  });

  test("comes back to the same key", async () => {
    expect(await run("install", "plumbline", chart)).toMatchObject({ code: 0 });
    expect(await key()).toBe(firstKey);
    expect(await get("baselines", "-o", "name")).toBe("baseline.plumbline.dev/shop");
  });
});

test("a typo installs nothing", async () => {
  const refused = await run("install", "typo", chart, "--set", "rbac.mod=detect");
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toContain("'mod' not allowed");
});

test("two releases live side by side, the second without CRDs", async () => {
  const args = ["install", "second", chart, "-n", "other", "--create-namespace", "--set", "crds.enabled=false"];
  expect(await helm.run(args, { kubeconfig: plane.kubeconfigPath })).toMatchObject({ code: 0 });
});
