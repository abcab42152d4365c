/** The program as a process of its own: pipes, standard input, the environment. */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test, vi } from "vitest";
import { configYaml, listOf, liveConfig, liveWeb } from "./samples.ts";
import { createFolder, reportOf, type Run } from "./terminal.ts";

// Starting a process takes a second, and several on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const folder = createFolder();
const program = fileURLToPath(new URL("../../src/cli/plumbline.ts", import.meta.url));
const home = folder.put("home/.keep", "").replace("/.keep", "");
const config = folder.put("config.yaml", configYaml);
const live = folder.put("live.json", listOf(liveWeb(), liveConfig()));

interface Options {
  readonly input?: string;
  /** Stops reading standard output after its first piece. */
  readonly hangUp?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
}

function start(args: readonly string[], options: Options = {}): Promise<Run> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env["PATH"] ?? "", HOME: home, ...options.environment };
    const child = spawn(process.execPath, [program, ...args], { env, stdio: "pipe", cwd: folder.root });
    const written = { stdout: "", stderr: "" };
    child.stdout.on("data", (data: Buffer) => {
      written.stdout += data.toString();
      if (options.hangUp === true) child.stdout.destroy();
    });
    child.stderr.on("data", (data: Buffer) => void (written.stderr += data.toString()));
    child.on("error", reject);
    child.on("close", (code) => resolve({ ...written, status: code ?? -1 }));
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
  });
}

afterAll(() => folder.remove());

test("a file that cannot be written whole stays as it was, and nothing is left beside it", async () => {
  const yaml = `${configYaml}# ${"x".repeat(4_000)}\n`;
  const file = folder.put("small/config.yaml", yaml);
  const dump = folder.put("small.json", listOf(liveConfig({ mode: "wild", "0": "zero" })));
  const args = [program, "adopt", "configmap/settings", "-n", "shop", "-f", file, "--live", dump, "--write"];
  const limited = spawn("sh", ["-c", 'ulimit -f 1; exec "$0" "$@"', process.execPath, ...args], {
    env: { PATH: process.env["PATH"] ?? "", HOME: home },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  limited.stderr.on("data", (data: Buffer) => void (stderr += data.toString()));
  const status = await new Promise((resolve) => limited.on("close", resolve));
  expect([status, stderr]).toEqual([2, expect.stringMatching(/config\.yaml cannot be written: EFBIG/)]);
  expect(readFileSync(file, "utf8")).toBe(yaml);
  expect(readdirSync(folder.at("small"))).toEqual(["config.yaml"]);
});

describe("pipes", () => {
  test("desired from standard input, with its lines", async () => {
    const run = await start(["diff", "-f", "-", "--live", live, "-n", "shop", "-o", "json"], {
      input: `---\n${configYaml.replace("calm", "wild")}`,
    });
    expect([run.stderr, run.status]).toEqual(["", 1]);
    expect(reportOf(run).objects[0]?.changes[0]?.source).toEqual({ file: "<stdin>", line: 6 });
  });

  test("live from standard input", async () => {
    const run = await start(["diff", "-f", config, "--live", "-", "-n", "shop"], {
      input: JSON.stringify(listOf(liveConfig())),
    });
    expect(run).toEqual({ stdout: "1 object: 1 in sync, 0 drifted\n", stderr: "", status: 0 });
  });

  test("both from standard input is an error", async () => {
    const run = await start(["diff", "-f", "-", "--live", "-"], { input: configYaml });
    expect([run.status, run.stderr]).toEqual([
      2,
      "plumbline: standard input can be read only once: `-` was given twice\n",
    ]);
  });

  test("a reader that has read enough: no crash, no word, the same status", async () => {
    const many = Array.from({ length: 1_500 }, (_, at) => configYaml.replace("settings", `settings-${at}`)).join(
      "---\n",
    );
    const run = await start(["diff", "-f", folder.put("many.yaml", many), "--live", live, "-n", "shop"], {
      hangUp: true,
    });
    expect([run.stderr, run.status]).toEqual(["", 1]);
  });
});

test("no cluster anywhere: says where it looked and what else there is", async () => {
  const run = await start(["diff", "-f", config]);
  expect(run).toEqual({
    stdout: "",
    stderr:
      "plumbline: no cluster: no kubeconfig names one (--kubeconfig, KUBECONFIG, ~/.kube/config); give --live to compare with files\n",
    status: 2,
  });
});

test("a cluster that does not answer, within the time allowed", async () => {
  const kubeconfig = folder.put("kubeconfig", {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "a", cluster: { server: "https://127.0.0.1:1" } }],
    users: [{ name: "a", user: {} }],
    contexts: [{ name: "a", context: { cluster: "a", user: "a" } }],
    "current-context": "a",
  });
  const run = await start(["diff", "-f", config, "--request-timeout", "2s"], {
    environment: { KUBECONFIG: kubeconfig },
  });
  expect([run.status, run.stdout]).toEqual([2, ""]);
  expect(run.stderr).toMatch(/^plumbline: no cluster: https:\/\/127\.0\.0\.1:1 cannot be asked what it serves: .*\n$/);
});

test("version", async () => {
  const run = await start(["version"]);
  expect(run.stdout).toMatch(
    /^plumbline \d+\.\d+\.\d+\S* \(built-in schema: Kubernetes 1\.\d+\.\d+, node v\d+\.\d+\.\d+\)\n$/,
  );
  expect([run.stderr, run.status]).toEqual(["", 0]);
});
