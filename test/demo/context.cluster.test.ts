/** The demo in somebody's own cluster: it plays there, and leaves nothing of its own behind. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.ts";
import { eventually } from "../e2e/operator.ts";

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane({ controllerManager: true });
});
afterAll(() => plane?.stop());

const ours = /plumbline|demo/;
const remains = async (): Promise<string[]> => {
  const kinds = "namespaces,customresourcedefinitions,clusterroles,clusterrolebindings";
  const listed = await plane.kubectl(["get", kinds, "-o", "name"]);
  return listed.stdout.split("\n").filter((line) => ours.test(line));
};

async function play(context: string): Promise<{ readonly code: number | null; readonly errors: string }> {
  const child = spawn(process.execPath, ["test/demo/demo.ts", "--once", "--json", "--context", context], {
    env: { ...process.env, KUBECONFIG: plane.kubeconfigPath },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString("utf8")));
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { code, errors };
}

test("it plays in the context it is given, and removes what it made", { timeout: 300_000 }, async () => {
  const context = (JSON.parse(readFileSync(plane.kubeconfigPath, "utf8")) as { "current-context": string })[
    "current-context"
  ];
  expect(await play(context)).toEqual({ code: 0, errors: "" });
  await eventually("nothing of the demo is left", async () => ((await remains()).length === 0 ? true : undefined), {
    within: 60_000,
    every: 500,
  });
});

test("a context that does not exist: an error that names it, and a status that is not 0", async () => {
  const { code, errors } = await play("nowhere");
  expect(code).toBe(1);
  expect(errors).toContain("nowhere");
});
