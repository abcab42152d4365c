/** Patches as git takes them: whatever two texts differ by, `git apply` makes the one from the other. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { shownLines, unifiedDiff } from "../../src/cli/output/unified-diff.ts";
import { exec } from "../../src/runtime/exec.ts";

const folder = mkdtempSync(path.join(tmpdir(), "plumbline-diff-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function applied(before: string | undefined, patch: string): Promise<string> {
  const file = path.join(folder, "it.yaml");
  rmSync(file, { force: true });
  if (before !== undefined) writeFileSync(file, before);
  writeFileSync(path.join(folder, "it.patch"), patch);
  const env = { PATH: process.env["PATH"] ?? "", HOME: folder, GIT_CEILING_DIRECTORIES: tmpdir() };
  const ran = await exec("git", ["apply", "it.patch"], { cwd: folder, env, timeout: 20_000, maxOutput: 1 << 20 });
  if (ran.code !== 0) throw new Error(ran.stderr);
  return readFileSync(file, "utf8");
}

const line = fc.constantFrom("a", "b", "  - c", "", "# é", "\ttab", "win\r");
const text = fc
  .tuple(fc.array(line, { minLength: 1, maxLength: 40 }), fc.boolean())
  .map(([lines, ends]) => `${lines.join("\n")}${ends ? "\n" : "x"}`);

test("any text into any other", async () => {
  await fc.assert(
    fc.asyncProperty(text, text, async (before, after) => {
      fc.pre(before !== after);
      expect(await applied(before, unifiedDiff("it.yaml", before, after))).toBe(after);
    }),
    { numRuns: 60 },
  );
}, 60_000);

test("a few lines of many: what is shown is what the patch holds", async () => {
  const lines = Array.from({ length: 5_000 }, (_, at) => `line ${at}`);
  const before = `${lines.join("\n")}\n`;
  const after = before
    .replace("line 10\n", "line ten\n")
    .replace("line 4990\n", "")
    .replace("line 2500\n", "line 2500\nmore\n");
  const patch = unifiedDiff("it.yaml", before, after);
  expect(patch.match(/^@@/gm)).toHaveLength(3);
  expect(await applied(before, patch)).toBe(after);
  const { old } = shownLines(before, after);
  expect([Math.min(...old), Math.max(...old), old.length]).toEqual([7, 4993, 7 + 6 + 7]);
});

test("a new file", async () => {
  expect(await applied(undefined, unifiedDiff("it.yaml", undefined, "a\nb\n"))).toBe("a\nb\n");
});
