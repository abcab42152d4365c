import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startControlPlane, type Component, type ControlPlane } from "./control-plane.ts";
import { serverVersion } from "./versions.ts";

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function configMap(name: string): string {
  return JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { key: "value" } });
}

describe("a control plane without controllers", () => {
  let plane: ControlPlane;
  beforeAll(async () => {
    plane = await startControlPlane({ audit: true });
  });
  afterAll(() => plane?.stop());

  test("is the server that was asked for", () => {
    expect(plane.version).toBe(serverVersion(process.env["PLUMBLINE_SERVER"]));
  });

  test("serves kubectl", async () => {
    expect(await plane.kubectl(["create", "-f", "-"], configMap("made"))).toMatchObject({ code: 0, stderr: "" });
    const read = await plane.kubectl(["get", "configmap", "made", "-o", "jsonpath={.data.key}"]);
    expect(read.stdout).toBe("value");
  });

  test("kubectl's refusals are answers", async () => {
    const refused = await plane.kubectl(["get", "configmap", "absent"]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("NotFound");
  });

  test("a Pod is let in although no controller makes ServiceAccounts", async () => {
    const spec = { containers: [{ name: "web", image: "example.test/web:1" }] };
    const body = { apiVersion: "v1", kind: "Pod", metadata: { name: "web" }, spec };
    expect(await plane.request("POST", "/api/v1/namespaces/default/pods", { body })).toMatchObject({ status: 201 });
  });

  test("a ServiceAccount's token is worth what RBAC gives it", async () => {
    await plane.kubectl(["create", "serviceaccount", "reader"]);
    const token = await plane.tokenFor("default", "reader");
    const list = async () => (await plane.request("GET", "/api/v1/namespaces/default/configmaps", { token })).status;
    expect(await list()).toBe(403);
    await plane.kubectl(["create", "role", "reader", "--verb=list", "--resource=configmaps"]);
    await plane.kubectl(["create", "rolebinding", "reader", "--role=reader", "--serviceaccount=default:reader"]);
    await expect.poll(list, { timeout: 30_000 }).toBe(200);
    expect((await plane.request("GET", "/api/v1/secrets", { token })).status).toBe(403);
  });

  test("the audit log tells who asked for what", async () => {
    await plane.request("GET", "/api/v1/namespaces/default/configmaps/asked-for");
    const lines = (): string => readFileSync(plane.auditLogPath ?? "", "utf8");
    await expect
      .poll(lines, { timeout: 30_000 })
      .toMatch(/"username":"admin".*"resource":"configmaps".*"name":"asked-for"/);
  });

  test.each([
    ["etcd", "SIGKILL"],
    ["kube-apiserver", "SIGKILL"],
    ["kube-apiserver", "SIGTERM"],
  ] as const)("%s goes by %s and comes back on its port with its data", async (component, signal) => {
    const name = `before-${component}-${signal.toLowerCase()}`;
    await plane.kubectl(["create", "-f", "-"], configMap(name));
    const before = plane.pidOf(component);
    await plane.kill(component, signal);
    expect([plane.pidOf(component), before !== undefined && isAlive(before)]).toEqual([undefined, false]);
    await plane.restart(component);
    expect(plane.pidOf(component)).not.toBe(before);
    expect(await plane.kubectl(["get", "configmap", name])).toMatchObject({ code: 0 });
    expect(await plane.kubectl(["delete", "configmap", name])).toMatchObject({ code: 0 });
  });
});

test("with a controller manager, a Deployment gets its ReplicaSet and a namespace its ServiceAccount", async () => {
  const plane = await startControlPlane({ controllerManager: true });
  try {
    await plane.kubectl(["create", "namespace", "shop"]);
    await plane.kubectl(["create", "deployment", "web", "--image=example.test/web:1", "--namespace=shop"]);
    const found = async () => (await plane.kubectl(["get", "replicasets,pods,sa", "-o", "name", "-n", "shop"])).stdout;
    await expect.poll(found, { timeout: 30_000 }).toMatch(/replicaset.apps\/web-[\s\S]*serviceaccount\/default/);
  } finally {
    await plane.stop();
  }
});

test("a component that cannot start is told of with its own words, and nothing is left", async () => {
  await expect(startControlPlane({ apiServerArgs: ["--no-such-flag"] })).rejects.toThrow(
    /unknown flag: --no-such-flag/,
  );
});

const components: readonly Component[] = ["etcd", "kube-apiserver"];

test("after stop nothing is left", async () => {
  const plane = await startControlPlane();
  const pids = components.map((component) => plane.pidOf(component) ?? 0);
  expect(pids.every(isAlive)).toBe(true);
  await plane.stop();
  expect([pids.some(isAlive), existsSync(plane.folder)]).toEqual([false, false]);
  await plane.stop();
});

test("it dies with the process that started it, even by SIGKILL, and nothing is left", async () => {
  const module = new URL("control-plane.ts", import.meta.url).href;
  const script = `import { startControlPlane } from ${JSON.stringify(module)};
    const plane = await startControlPlane();
    console.log(JSON.stringify({ folder: plane.folder, pids: ["etcd", "kube-apiserver"].map((c) => plane.pidOf(c)) }));
    process.stdin.resume();`;
  const parent = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    // It lives until its input ends, so that a failing test leaves no parent behind.
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface({ input: parent.stdout }), "line")) as [string];
  const { folder, pids } = JSON.parse(line) as { folder: string; pids: readonly number[] };
  expect([pids.every(isAlive), existsSync(folder)]).toEqual([true, true]);
  parent.kill("SIGKILL");
  await expect.poll(() => [pids.some(isAlive), existsSync(folder)], { timeout: 20_000 }).toEqual([false, false]);
});
