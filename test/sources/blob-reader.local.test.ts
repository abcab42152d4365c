import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { exec } from "../../src/runtime/exec.ts";
import { createBlobReader, type BlobReader } from "../../src/sources/blob-reader.ts";
import { ManualClock } from "../support/manual-clock.ts";

const folder = mkdtempSync(path.join(tmpdir(), "plumbline-blobs-"));
const env = { PATH: process.env["PATH"] ?? "", HOME: folder };
const clock = new ManualClock();
let reader: BlobReader;

const git = async (...args: readonly string[]): Promise<string> => {
  const name = ["-c", "user.name=t", "-c", "user.email=t@t"];
  const ran = await exec("git", [...name, ...args], { cwd: folder, env, timeout: 20_000, maxOutput: 1e6 });
  if (ran.code !== 0) throw new Error(ran.stderr);
  return ran.stdout.toString("utf8").trim();
};
const open = (gitBinary = "git"): BlobReader => (reader = createBlobReader({ clock, gitBinary, env, timeout: 1_000 }));
const read = (name: string, limit = 1e6): Promise<string | undefined> => reader.read(folder, name, limit);

beforeAll(async () => {
  await git("init", "-q", "-b", "main");
  writeFileSync(path.join(folder, "a.yaml"), "a: ünïcode\n");
  writeFileSync(path.join(folder, "with space.yaml"), "b: 2");
  writeFileSync(path.join(folder, "empty.yaml"), "");
  writeFileSync(path.join(folder, "large.yaml"), "x".repeat(300_000));
  await git("add", ".");
  await git("commit", "-qm", "1");
});
afterEach(() => reader.stop());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("many at once, each its own: a name with a space, an empty one, a large one, one that is not there", async () => {
  open();
  const names = ["a.yaml", "with space.yaml", "empty.yaml", "missing.yaml", "large.yaml", "a.yaml"];
  const found = await Promise.all(names.map((name) => read(`HEAD:${name}`)));
  expect(found).toEqual(["a: ünïcode\n", "b: 2", "", undefined, "x".repeat(300_000), "a: ünïcode\n"]);
});

test("a folder, and a name of two lines, are no file", async () => {
  open();
  expect(await Promise.all([read("HEAD:"), read("HEAD:a.yaml\nHEAD:a.yaml"), read("HEAD:a.yaml")])).toEqual([
    undefined,
    undefined,
    "a: ünïcode\n",
  ]);
});

test("one that is too large is not read out, and the next one is", async () => {
  open();
  expect(await read("HEAD:large.yaml", 1_000)).toBeUndefined();
  expect(await read("HEAD:a.yaml")).toBe("a: ünïcode\n");
});

test("what is committed later is found, and a git that was let go is started again", async () => {
  open();
  await read("HEAD:a.yaml");
  writeFileSync(path.join(folder, "later.yaml"), "later: 1\n");
  await git("add", ".");
  await git("commit", "-qm", "2");
  expect(await read("HEAD:later.yaml")).toBe("later: 1\n");
  await clock.advance(1_000);
  expect(await read("HEAD:later.yaml")).toBe("later: 1\n");
});

test("a git that cannot be started answers nothing, and keeps nobody waiting", async () => {
  open("/nonexistent/git");
  expect(await read("HEAD:a.yaml")).toBeUndefined();
});
