/** `plumbline adopt` and `ignore` on a Git tree: the patch is of that tree, and no file of this machine is touched. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRepository } from "../../git-server/repository.ts";
import { liveWeb, listOf, webYaml } from "../samples.ts";
import { createFolder, plumbline, type Run } from "../terminal.ts";

const folder = createFolder();
const bare = folder.at("shop.git");
const clone = folder.at("clone");
const local = "# a file of this machine, and nobody's business\n";
const started = process.cwd();
let live = "";
let file = "";

beforeAll(() => {
  const repository = createRepository(bare);
  repository.commit({ "deploy/web.yaml": webYaml });
  repository.tag("old", repository.commit({ "deploy/web.yaml": `# old\n${webYaml}` }));
  repository.git(["clone", "--quiet", bare, clone]);
  file = folder.put("clone/deploy/web.yaml", local);
  folder.put("elsewhere/deploy/web.yaml", local);
  const one = liveWeb();
  one.spec.replicas = 5;
  live = folder.put("live.json", listOf(one));
});
afterAll(() => {
  process.chdir(started);
  folder.remove();
});

async function from(where: string, args: readonly string[]): Promise<Run> {
  process.chdir(folder.at(where));
  const environment = { PATH: process.env["PATH"], HOME: folder.root };
  return plumbline([...args, "-n", "shop", "--live", live], { environment });
}

const adopt = ["adopt", "deployment/web"];
const ignore = ["ignore", "deployment/web", ".spec.replicas"];

describe.each([
  ["a clone, from within", "clone", () => ["-f", ".//deploy", "--revision", "old"]],
  ["a URL, from a folder with a file of the same name", "elsewhere", () => ["-f", `file://${bare}//deploy`]],
  ["two trees", "elsewhere", () => ["-f", `file://${bare}//deploy`, "-f", folder.at("none")]],
] as const)("%s", (_, where, args) => {
  beforeAll(() => void folder.put("none/none.yaml", "apiVersion: v1\nkind: A\nmetadata: { name: a }\n"));

  test.each([
    ["adopt", adopt],
    ["ignore", ignore],
  ])("%s: the patch is of the tree's text, under its name there", async (_name, command) => {
    const { stdout, stderr, status } = await from(where, [...command, ...args()]);
    expect([stderr, status]).toEqual([expect.not.stringContaining("plumbline:"), 0]);
    expect(stdout).toMatch(/^diff --git a\/deploy\/web\.yaml b\/deploy\/web\.yaml\n--- a\/deploy\/web\.yaml\n/);
    expect(stdout).toContain(command === adopt ? "\n-  replicas: 2\n+  replicas: 5\n" : "\n+  annotations:\n");
    expect(stdout).not.toContain("nobody's business");
  });

  test.each([
    ["adopt", adopt],
    ["ignore", ignore],
  ])("%s --write: refused, and no file is touched", async (_name, command) => {
    const { stdout, stderr, status } = await from(where, [...command, ...args(), "--write"]);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/deploy\/web\.yaml was read from a Git tree, and --write changes files of this machine/);
    expect([readFileSync(file, "utf8"), readFileSync(folder.at("elsewhere/deploy/web.yaml"), "utf8")]).toEqual([
      local,
      local,
    ]);
  });
});
