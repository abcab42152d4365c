/** `plumbline check` against the rights of a real API server, and of the operator as the manifests install it. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.ts";
import { configYaml, secretYaml, webYaml } from "./samples.ts";
import { createFolder, plumbline } from "./terminal.ts";

const folder = createFolder();
const root = fileURLToPath(new URL("../../", import.meta.url));
let plane: ControlPlane;
const web = folder.put("web.yaml", `${webYaml}---\n${configYaml}`);
const secret = folder.put("secret.yaml", secretYaml);

const run = (...args: readonly string[]) => plumbline(["check", ...args, "--kubeconfig", plane.kubeconfigPath]);
const kubectl = async (...args: readonly string[]): Promise<void> => {
  const ran = await plane.kubectl(args);
  expect([args.join(" "), ran.code]).toEqual([args.join(" "), 0]);
};

beforeAll(async () => {
  plane = await startControlPlane();
  await kubectl("create", "namespace", "shop");
  await kubectl("create", "serviceaccount", "reader", "-n", "shop");
  await kubectl("create", "role", "reader", "--verb=get", "--resource=deployments.apps", "-n", "shop");
  await kubectl("create", "rolebinding", "reader", "--role=reader", "--serviceaccount=shop:reader", "-n", "shop");
  await kubectl("apply", "--server-side", "-k", `${root}deploy`);
  await kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=20s");
});
afterAll(async () => {
  await plane?.stop();
  folder.remove();
});

describe("of the person who asks", () => {
  test("all of it allowed: 0", async () => {
    const found = await run("-f", web, "-n", "shop", "--remediate");
    expect(found).toEqual({
      stdout: [
        "KIND              NAMESPACE   ALLOWED            DENIED   WHY",
        "Deployment.apps   shop        get,create,patch            declared",
        "ConfigMap         shop        get,create,patch            declared",
        "",
      ].join("\n"),
      stderr: "",
      status: 0,
    });
  });

  test("some of it not: 1, and which right is missing", async () => {
    const found = await run("-f", web, "-n", "shop", "--as", "system:serviceaccount:shop:reader");
    expect(found.status).toBe(1);
    expect(found.stdout).toMatch(/Deployment\.apps +shop +get +declared\nConfigMap +shop +get +declared\n/);
    expect(found.stderr).toMatch(/get.*configmaps.*shop/);
  });

  test("a kind that is not served is not allowed either", async () => {
    const file = folder.put("other.yaml", "apiVersion: example.com/v1\nkind: Other\nmetadata: { name: it }\n");
    const found = await run("-f", file);
    expect([found.status, found.stderr]).toEqual([
      1,
      expect.stringMatching(/example\.com\/v1.*Other|Other.*example\.com/),
    ]);
  });
});

describe("of the operator's ServiceAccount", () => {
  const operator = ["--service-account", "plumbline-system/plumbline"] as const;

  test("its own work, and what it compares: 0", async () => {
    const found = await run(...operator, "-f", web, "-n", "shop", "-o", "json");
    expect([found.stderr, found.status]).toEqual(["", 0]);
    const { checks } = JSON.parse(found.stdout) as { checks: { kind: string; verbs: string[]; denied: unknown[] }[] };
    expect(checks.map(({ kind, denied }) => [kind, denied.length])).toEqual([
      ["Deployment", 0],
      ["ConfigMap", 0],
      ["Baseline", 0],
      ["Baseline", 0],
      ["Drift", 0],
      ["Event", 0],
      ["CustomResourceDefinition", 0],
    ]);
    expect(checks[0]?.verbs).toEqual(["get", "list", "watch"]);
  });

  test("what it was not given, named: 1", async () => {
    const found = await run(...operator, "-f", secret, "-f", web, "-n", "shop", "--remediate");
    expect(found.status).toBe(1);
    expect(found.stdout).toMatch(/Secret +shop +get,list,watch,create,patch +declared/);
    expect(found.stdout).toMatch(/Deployment\.apps +shop +get,list,watch +create,patch +declared/);
    expect(found.stderr).toMatch(/plumbline-system\/plumbline.*list.*secrets/);
  });
});

test.each([
  ["nothing to check", [], /^plumbline: nothing to check: give -f, --kustomize, --helm or --service-account\n$/],
  ["no ServiceAccount", ["--service-account", "plumbline"], /a namespace and a name are needed/],
])("%s: one line, 2", async (_, args, message) => {
  const found = await run(...args);
  expect([found.status, found.stdout]).toEqual([2, ""]);
  expect(found.stderr).toMatch(message);
});
