/** `--kustomize` with the real binary. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureBinaries } from "../control-plane/binaries.ts";
import { configYaml, listOf, liveConfig, liveWeb, webYaml } from "./samples.ts";
import { createFolder, plumbline, reportOf, verdictsOf } from "./terminal.ts";

const folder = createFolder();
let kustomize: string;
beforeAll(async () => {
  ({ kustomize } = await ensureBinaries(["kustomize"]));
});
afterAll(() => folder.remove());

const diff = (target: string, dump: string, ...more: readonly string[]) =>
  plumbline(["diff", "-k", folder.at(target), "--kustomize-binary", kustomize, "--live", dump, "-o", "json", ...more]);

test("what it builds is judged, and named after the kustomization", async () => {
  folder.put("base/kustomization.yaml", "resources: [web.yaml]\n");
  folder.put("base/web.yaml", webYaml);
  folder.put("prod/kustomization.yaml", "resources: [../base]\nnamespace: shop\nreplicas: [{ name: web, count: 5 }]\n");
  const run = await diff("prod", folder.put("live.json", listOf(liveWeb())));
  expect([run.stderr, run.status]).toEqual(["", 1]);
  const kustomization = folder.at("prod/kustomization.yaml");
  expect(reportOf(run).objects).toMatchObject([
    {
      namespace: "shop",
      source: { file: kustomization, line: 1 },
      changes: [{ pointer: "/spec/replicas", desired: 5, live: 2 }],
    },
  ]);
  expect(reportOf(run).objects[0]?.changes[0]).not.toHaveProperty("source");
});

test("together with files", async () => {
  const file = folder.put("config.yaml", configYaml);
  const run = await diff("base", folder.put("both.json", listOf(liveWeb(), liveConfig())), "-f", file, "-n", "shop");
  expect([run.status, verdictsOf(run)]).toEqual([0, ["in-sync", "in-sync"]]);
});

test("what it says when it fails is one line, and 2", async () => {
  folder.put("broken/kustomization.yaml", "resources: [absent.yaml]\n");
  const run = await diff("broken", folder.at("live.json"));
  expect([run.status, run.stdout]).toEqual([2, ""]);
  expect(run.stderr).toMatch(/^plumbline: kustomize build .*absent\.yaml.*\n$/);
});
