/** Trees of Git and of kustomize as desired. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Environment } from "../../src/runtime/config.ts";
import { createRepository, type Repository } from "../git-server/repository.ts";
import { configYaml, listOf, liveConfig, liveWeb, webYaml } from "./samples.ts";
import { createFolder, plumbline, reportOf, verdictsOf } from "./terminal.ts";

const folder = createFolder();
afterAll(() => folder.remove());
const live = folder.put("live.json", listOf(liveWeb(), liveConfig()));
const bare = folder.at("shop.git");

describe("trees of Git", () => {
  let repository: Repository;
  let first: string;
  beforeAll(() => {
    repository = createRepository(bare);
    first = repository.commit({ "prod/web.yaml": webYaml, "prod/deep/config.yaml": configYaml });
    repository.commit({
      "prod/web.yaml": webYaml.replace("replicas: 2", "replicas: 3"),
      "prod/deep/config.yaml": configYaml,
      "prod/link.yaml": { link: "../../../../../../etc/passwd" },
    });
    repository.tag("v1", first);
    repository.git(["clone", "--quiet", bare, folder.at("clone")]);
  });
  const diff = (args: readonly string[], more: Environment = {}) =>
    plumbline(["diff", ...args, "--live", live, "-n", "shop", "-o", "json"], {
      environment: { PATH: process.env["PATH"], HOME: folder.root, ...more },
    });

  const rows: readonly (readonly [string, () => readonly string[], number, readonly string[]])[] = [
    ["a bare repository at a tag", () => ["-f", bare, "--revision", "v1"], 0, ["in-sync", "in-sync"]],
    ["a commit", () => ["-f", bare, "--revision", first], 0, ["in-sync", "in-sync"]],
    ["a file URL and a folder in it", () => ["-f", `file://${folder.at("shop.git")}//prod/deep`], 0, ["in-sync"]],
    ["a clone at a revision", () => ["-f", folder.at("clone"), "--revision", "v1"], 0, ["in-sync", "in-sync"]],
    ["from inside a hook of another repository", () => ["-f", bare, "--revision", "v1"], 0, ["in-sync", "in-sync"]],
  ];
  test.each(rows)("%s", async (_, args, status, verdicts) => {
    const run = await diff(args(), { GIT_DIR: "/nonexistent", GIT_WORK_TREE: "/nonexistent" });
    expect([run.stderr, run.status]).toEqual(["", status]);
    expect(verdictsOf(run)).toEqual(verdicts);
  });

  test("the branch's last commit: files and lines are those of the tree, a link is not followed", async () => {
    const run = await diff(["-f", bare]);
    expect(run.stderr).toBe("prod/link.yaml:1: expected an object, found text\n");
    expect(reportOf(run).objects.map(({ source }) => source?.file)).toEqual(["prod/deep/config.yaml", "prod/web.yaml"]);
    expect(reportOf(run).objects[1]?.changes).toMatchObject([
      { pointer: "/spec/replicas", source: { file: "prod/web.yaml", line: 6 } },
    ]);
  });

  test.each([
    ["a ref that is not there", ["-f", bare, "--revision", "absent"], /git fetch: .*couldn't find remote ref absent/],
    [
      "a ref that is an option",
      ["-f", bare, "--revision=--upload-pack=touch x"],
      /a branch, a tag or a commit is needed/,
    ],
    ["a transport that runs things", ["-f", "ext::sh -c x://y"], /no such file or folder|refused/],
    ["a folder that leaves the tree", ["-f", "file:///tmp/x.git//a/../.."], /the folder leaves the tree/],
    ["a folder that is not there", ["-f", `${bare}//absent`], /no such file or folder/],
  ])("%s: 2, and why", async (_, args, message) => {
    const run = await diff(args);
    expect([run.status, run.stdout]).toEqual([2, ""]);
    expect(run.stderr).toMatch(message);
    expect(run.stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});
