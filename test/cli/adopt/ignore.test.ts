/** `plumbline ignore` on files and a dump: the smallest rule, what it hides, and that it hides nothing else. */
import { readFileSync } from "node:fs";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { configYaml, liveConfig, liveWeb, listOf, webYaml } from "../samples.ts";
import { createFolder, plumbline, reportOf, type Run } from "../terminal.ts";

const folder = createFolder();
afterAll(() => folder.remove());
const baselineYaml = `# how strictly
apiVersion: plumbline.dev/v1alpha1
kind: Baseline
metadata: { name: shop, namespace: shop }
spec:
  source:
    git: { url: "https://git.example/shop.git", ref: { branch: main } } # ours
  mode: Alert
`;
let file = "";
let baseline = "";
beforeEach(() => {
  file = folder.put("shop/all.yaml", `${webYaml}---\n${configYaml}`);
  baseline = folder.put("baseline.yaml", baselineYaml);
});

function dump(annotation?: string): string {
  const live = liveWeb();
  live.spec.replicas = 5;
  const [, web] = live.spec.template.spec.containers;
  web!.image = "web:1.5";
  if (annotation !== undefined) Object.assign(live.metadata, { annotations: { "plumbline.dev/ignore": annotation } });
  return folder.put("live.json", listOf(live, liveConfig({ mode: "wild", "0": "zero" })));
}

const run = (args: readonly string[], live = dump()): Promise<Run> =>
  plumbline(["ignore", ...args, "-n", "shop", "-f", file, "--live", live]);
/** Paths that count, by object. */
async function counting(live: string, ...more: readonly string[]): Promise<readonly (readonly string[])[]> {
  const found = reportOf(await plumbline(["diff", "-n", "shop", "-f", file, "--live", live, "-o", "json", ...more]));
  return found.objects.map(({ changes }) => changes.map(({ path }) => path));
}
const added = ({ stdout }: Run): readonly string[] => stdout.split("\n").filter((line) => /^[-+](?![-+])/.test(line));
const image = '.spec.template.spec.containers[name="web"].image';

test("the annotation on the object; in sync at that path afterwards, and nothing else hidden", async () => {
  const found = await run(["deployment/web", ".spec.replicas"]);
  expect(found.status).toBe(0);
  expect(added(found)).toEqual(["+  annotations:", "+    plumbline.dev/ignore: .spec.replicas"]);
  expect(found.stderr).toBe(
    `Deployment shop/web: changed .spec.replicas does not count any more\nDeployment shop/web: what still counts: changed ${image}\n`,
  );
  expect(await counting(dump())).toEqual([[".spec.replicas", image], [".data.mode"]]);
  await run(["deployment/web", ".spec.replicas", "--write"]);
  // With the next apply the annotation is there, too.
  expect(await counting(dump(".spec.replicas"))).toEqual([[image], [".data.mode"]]);
});

test("beside those that are there, each once; pointers and quotes as they were given", async () => {
  await run(["deployment/web", ".spec.replicas", "--write"]);
  await run(["deployment/web", image, "--write"]);
  const second = await run(["deployment/web", ".spec.replicas", "/metadata/labels/a~1b", "--write"]);
  expect(second.status).toBe(0);
  const all = `.spec.replicas, ${image}, /metadata/labels/a~1b`;
  expect(readFileSync(file, "utf8")).toContain(`plumbline.dev/ignore: ${all}\n`);
  expect(await counting(dump(all))).toEqual([[], [".data.mode"]]);
});

describe("a row of the Baseline", () => {
  const words = ["--reason", "batch window", "--until", "2999-01-01T00:00:00Z"] as const;

  test("for this object, this path, with its reason and its end; the file's own words stay", async () => {
    const found = await run(["deployment/web", ".spec.replicas", "--baseline", baseline, ...words]);
    expect(found.status).toBe(0);
    expect(added(found)).toEqual([
      "+  compare:",
      "+    ignore:",
      "+      - target:",
      "+          group: apps",
      "+          kind: Deployment",
      "+          name: web",
      "+          namespace: shop",
      "+        paths:",
      "+          - .spec.replicas",
      "+        reason: batch window",
      '+        until: "2999-01-01T00:00:00Z"',
    ]);
    await run(["deployment/web", ".spec.replicas", "--baseline", baseline, ...words, "--write"]);
    expect(readFileSync(baseline, "utf8").startsWith(baselineYaml)).toBe(true);
    expect(await counting(dump(), "--baseline", baseline)).toEqual([[image], [".data.mode"]]);
  });

  test("behind those that are there", async () => {
    await run(["deployment/web", ".spec.replicas", "--baseline", baseline, ...words, "--write"]);
    const second = await run([
      "configmap/settings",
      ".data.mode",
      "--baseline",
      baseline,
      "--reason",
      "two",
      "--write",
    ]);
    expect(second.stderr).toContain("ConfigMap shop/settings: changed .data.mode does not count any more\n");
    expect(await counting(dump(), "--baseline", baseline)).toEqual([[image], []]);
  });
});

test("what does not differ now can be left alone for later, and that is said", async () => {
  const found = await run(["deployment/web", ".spec.paused"]);
  expect([found.status, found.stderr]).toEqual([0, expect.stringContaining("nothing differs at .spec.paused now")]);
});

test.each([
  ["no path", ["deployment/web", ".spec["], /\.spec\[: ".spec\[" is no path/],
  ["a reason for an annotation", ["deployment/web", ".spec.replicas", "--reason", "x"], /holds no reason and no end/],
  ["a row without a reason", ["deployment/web", ".spec.replicas", "--baseline", "b.yaml"], /says why: give --reason/],
  [
    "an end in the past",
    ["deployment/web", ".spec.replicas", "--baseline", "b.yaml", "--reason", "x", "--until", "2020-01-01T00:00:00Z"],
    /--until 2020-01-01T00:00:00Z: a time to come is needed/,
  ],
  [
    "an end on a day that no calendar has",
    ["deployment/web", ".spec.replicas", "--baseline", "b.yaml", "--reason", "x", "--until", "2990-02-30T00:00:00Z"],
    /--until 2990-02-30T00:00:00Z: a time to come is needed/,
  ],
  ["the whole object", ["deployment/web", "/"], /an empty path/],
])("%s: one line, 2", async (_, args, message) => {
  const found = await run(args);
  expect([found.status, found.stdout]).toEqual([2, ""]);
  expect(found.stderr).toMatch(message);
});
