/** The demo as a user starts it: the real process, from `--once` to its exit status, every line of its story held to its word. */
import { spawn } from "node:child_process";
import { beforeAll, describe, expect, test } from "vitest";
import { readMetric } from "../e2e/operator.ts";
import type { Line } from "./story.ts";

interface Told {
  readonly lines: readonly Line[];
  readonly status: string;
  readonly metrics: string;
}

let told: Told;
let code: number | null;
let errors = "";

beforeAll(async () => {
  const child = spawn(process.execPath, ["test/demo/demo.ts", "--once", "--json"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString("utf8")));
  code = await new Promise((resolve) => child.once("exit", resolve));
  told = output === "" ? { lines: [], status: "", metrics: "" } : (JSON.parse(output) as Told);
});

const line = (id: string): Line["measured"] => told.lines.find((one) => one.id === id)?.measured ?? {};

test("it ends with 0 and complains of nothing", () => {
  expect({ code, errors }).toEqual({ code: 0, errors: "" });
});

describe("the story", () => {
  test("declared, not deployed: all pending, nothing drifted", () => {
    expect(line("declared")).toMatchObject({ pending: 12, drifted: 0 });
  });

  test("deployed: all in sync", () => {
    expect(line("deployed")).toMatchObject({ inSync: 12 });
  });

  test("scaled by its autoscaler: no drift", () => {
    expect(line("autoscaled")).toMatchObject({ replicas: 2, inSync: 12, drifts: 0 });
  });

  test("image edited: who, and how bad", () => {
    expect(line("image")).toMatchObject({ op: "changed", manager: "kubectl-edit", severity: "high" });
  });

  test("environment variable added: found, and by whom", () => {
    expect(line("environment")).toMatchObject({ op: "added", manager: "kubectl-edit" });
  });

  test("RoleBinding subject added: critical, security", () => {
    expect(line("subject")).toMatchObject({ severity: "critical", class: "security" });
  });

  test("commit: pending, then in sync after its deployment", () => {
    expect(line("commit")).toMatchObject({
      pendingMilliseconds: expect.any(Number),
      settledMilliseconds: expect.any(Number),
    });
  });

  test("opted in: put back in one write", () => {
    expect(line("healed")).toMatchObject({ writes: 1 });
  });
});

test("the table names what is left, and only that", () => {
  const rows = told.status.split("\n").filter((row) => row.startsWith("shop "));
  expect(rows.map((row) => row.split(/ {3,}/).slice(1, 4))).toEqual([
    ["RoleBinding plumbline-demo-shop/config-reader", "drifted", "critical"],
    ["Deployment plumbline-demo-shop/api", "drifted", "high"],
  ]);
});

test("Prometheus sees the same", () => {
  expect(readMetric(told.metrics, "plumbline_baseline_objects", { verdict: "in-sync" })).toBe(10);
  expect(readMetric(told.metrics, "plumbline_baseline_objects", { verdict: "drifted" })).toBe(2);
  expect(readMetric(told.metrics, "plumbline_resource_drifted", {})).toBe(2);
  expect(readMetric(told.metrics, "plumbline_drifts_total", {})).toBe(3);
  expect(readMetric(told.metrics, "plumbline_remediations_total", { result: "applied" })).toBe(1);
});
