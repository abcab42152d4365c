import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";
import { openLineOutput } from "../../src/runtime/line-output.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "plumbline-lines-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("a file grows, is not everybody's to read, and may be renamed away at any time", async () => {
  const file = path.join(folder, "evidence.jsonl");
  const output = openLineOutput(file, systemClock);
  await output.append("one\n");
  renameSync(file, `${file}.1`);
  await output.append("two\n");
  expect([readFileSync(`${file}.1`, "utf8"), readFileSync(file, "utf8")]).toEqual(["one\n", "two\n"]);
  expect(statSync(file).mode & 0o007).toBe(0);
});

test("a place that is not there is said, not hidden", async () => {
  const output = openLineOutput(path.join(folder, "none", "evidence.jsonl"), systemClock);
  await expect(output.append("one\n")).rejects.toThrow("ENOENT");
});

test("standard output that nobody reads does not stop the process, and gets everything in the end", async () => {
  const source = fileURLToPath(new URL("../../src/runtime", import.meta.url));
  const program = `
    const { openLineOutput } = await import("${source}/line-output.ts");
    const { systemClock } = await import("${source}/clock.ts");
    const done = openLineOutput("-", systemClock).append("x".repeat(1_000_000) + "\\n");
    let turns = 0;
    const timer = setInterval(() => { turns += 1; if (turns === 20) process.stderr.write("still turning"); }, 5);
    await done;
    clearInterval(timer);
  `;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  await new Promise<void>((resolve) => child.stderr.once("data", () => resolve()));
  let bytes = 0;
  child.stdout.on("data", (chunk: Buffer) => void (bytes += chunk.length));
  await new Promise<void>((resolve) => child.once("close", () => resolve()));
  expect(bytes).toBe(1_000_001);
});
