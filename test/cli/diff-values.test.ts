/** What is said of each change: values, lines, patches; and that what nobody may see is nowhere. */
import fastJsonPatch from "fast-json-patch";
import { afterAll, describe, expect, test } from "vitest";
import {
  configYaml,
  type Deployment,
  listOf,
  liveConfig,
  liveSecret,
  liveWeb,
  secretYaml,
  webYaml,
} from "./samples.ts";
import { createFolder, plumbline, reportOf } from "./terminal.ts";

const folder = createFolder();
afterAll(() => folder.remove());
const web = folder.put("web.yaml", webYaml);
const secret = folder.put("secret.yaml", secretYaml);
const config = folder.put("config.yaml", configYaml);
let dumps = 0;

function edited(edit: (live: Deployment) => void): object {
  const live = liveWeb();
  edit(live);
  return live;
}

const dumpOf = (...live: readonly object[]): string => folder.put(`dump-${dumps++}.json`, listOf(...live));

async function diff(files: readonly string[], live: readonly object[], ...more: readonly string[]) {
  const targets = files.flatMap((file) => ["-f", file]);
  return plumbline(["diff", ...targets, "--live", dumpOf(...live), "-n", "shop", "-o", "json", ...more]);
}

const container = (live: Deployment) => live.spec.template.spec.containers[1] ?? { name: "", image: "" };

const edits: readonly (readonly [
  string,
  (live: Deployment) => void,
  readonly (readonly [string, string, number])[],
])[] = [
  ["a value", (live) => (live.spec.replicas = 3), [["changed", "/spec/replicas", 6]]],
  [
    "a value in a list item that stands elsewhere in live: the line of Git's item",
    (live) => {
      live.spec.template.spec.containers.reverse();
      const [first] = live.spec.template.spec.containers;
      if (first !== undefined) first.image = "web:1.5";
    },
    [
      ["changed", "/spec/template/spec/containers", 11],
      ["changed", "/spec/template/spec/containers/0/image", 15],
    ],
  ],
  [
    "a field that only live has: the line of what encloses it",
    (live) => (live.spec.template.spec.hostNetwork = true),
    [["added", "/spec/template/spec/hostNetwork", 10]],
  ],
  [
    "an item added by hand",
    (live) => live.spec.template.spec.containers.unshift({ name: "evil", image: "evil:1" }),
    [["added", "/spec/template/spec/containers/0", 11]],
  ],
  [
    "several items added to one list",
    (live) => container(live).env?.unshift({ name: "X", value: "1" }, { name: "Y", value: "1" }),
    [
      ["added", "/spec/template/spec/containers/1/env/0", 16],
      ["added", "/spec/template/spec/containers/1/env/1", 16],
    ],
  ],
  [
    "several items gone from one list: pointers into Git",
    (live) => void container(live).env?.splice(0, 2),
    [
      ["removed", "/spec/template/spec/containers/1/env/0", 17],
      ["removed", "/spec/template/spec/containers/1/env/1", 19],
    ],
  ],
  [
    "every item of a list gone",
    (live) => void delete container(live).env,
    [
      ["removed", "/spec/template/spec/containers/1/env/0", 17],
      ["removed", "/spec/template/spec/containers/1/env/1", 19],
      ["removed", "/spec/template/spec/containers/1/env/2", 21],
    ],
  ],
  [
    "a list that is merged as a whole",
    (live) => void container(live).command?.push("now"),
    [["changed", "/spec/template/spec/containers/1/command", 23]],
  ],
  [
    "some of all of it",
    (live) => {
      live.spec.replicas = 7;
      container(live).image = "web:2";
      container(live).env = [
        { name: "X", value: "1" },
        { name: "C", value: "9" },
        { name: "Y", value: "1" },
      ];
      live.spec.template.spec.containers.shift();
      live.metadata.labels = { "a/b": "~" };
    },
    [
      ["added", "/metadata/labels/a~1b", 3],
      ["changed", "/spec/replicas", 6],
      ["removed", "/spec/template/spec/containers/0", 12],
      ["removed", "/spec/template/spec/containers/1/env/0", 17],
      ["removed", "/spec/template/spec/containers/1/env/1", 19],
      ["changed", "/spec/template/spec/containers/0/env/1/value", 22],
      ["added", "/spec/template/spec/containers/0/env/0", 16],
      ["added", "/spec/template/spec/containers/0/env/2", 16],
      ["changed", "/spec/template/spec/containers/0/image", 15],
    ],
  ],
];

describe("changes", () => {
  test.each(edits)("%s", async (_, edit, expected) => {
    const [object] = reportOf(await diff([web], [edited(edit)])).objects;
    expect(object?.changes.map(({ op, pointer, source }) => [op, pointer, source?.line])).toEqual(expected);
    expect(new Set(object?.changes.map(({ source }) => source?.file))).toEqual(new Set([web]));
    for (const change of object?.changes ?? []) {
      expect("desired" in change).toBe(change.op !== "added");
      expect("live" in change).toBe(change.op !== "removed");
    }
  });

  test("a field in the last of many documents, as the line of the whole file", async () => {
    const file = folder.put("all.yaml", `# all of it\n---\n${configYaml}---\n${secretYaml}---\n${webYaml}`);
    const run = await diff([file], [liveConfig(), liveSecret(), edited((live) => (live.spec.replicas = 3))]);
    expect(reportOf(run).objects[2]).toMatchObject({ source: { line: 16 }, changes: [{ source: { line: 21 } }] });
  });

  test("items of a List in one document keep lines of their own", async () => {
    const items = [configYaml, secretYaml].map((text) => `- ${text.trimEnd().replaceAll("\n", "\n  ")}\n`).join("");
    const file = folder.put("list.yaml", `apiVersion: v1\nkind: List\nitems:\n${items}`);
    const run = await diff([file], [liveConfig({ mode: "wild", "0": "zero" }), liveSecret("x")]);
    expect(reportOf(run).objects.map(({ changes }) => changes.map(({ source }) => source?.line))).toEqual([[8], [14]]);
  });
});

describe("-o patch: applied to the live object, nothing is left to say", () => {
  const patched = async (
    file: string,
    live: object,
  ): Promise<{ patch: fastJsonPatch.Operation[]; redacted: boolean }> => {
    const run = await diff([file], [live], "-o", "patch");
    const [found] = JSON.parse(run.stdout) as { patch: fastJsonPatch.Operation[]; redacted: boolean }[];
    expect(run.status).toBe(1);
    return found ?? { patch: [], redacted: false };
  };

  test.each(edits)("%s", async (_, edit) => {
    const live = edited(edit);
    const { patch, redacted } = await patched(web, live);
    expect(redacted).toBe(false);
    expect(patch[0]).toEqual({ op: "replace", path: "/metadata/resourceVersion", value: "7" });
    expect(fastJsonPatch.validate(patch, live)).toBeUndefined();
    const healed = fastJsonPatch.applyPatch(structuredClone(live), patch, true).newDocument;
    const again = await diff([web], [healed]);
    expect([again.status, reportOf(again).objects[0]?.changes]).toEqual([0, []]);
  });

  test("of a dump without versions, nothing guards", async () => {
    const { patch } = await patched(config, liveConfig({ mode: "wild", "0": "zero" }));
    expect(patch).toEqual([{ op: "replace", path: "/data/mode", value: "calm" }]);
  });

  test("a Secret's patch says that it cannot be applied as it is", async () => {
    const { patch, redacted } = await patched(secret, liveSecret("canary-live"));
    expect(redacted).toBe(true);
    expect(patch.slice(1)).toEqual([{ op: "replace", path: "/data/password", value: "<redacted>" }]);
  });

  test("a patch that no server takes names what cannot be changed", async () => {
    const role = (name: string) => ({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "RoleBinding",
      metadata: { name: "read", namespace: "shop", resourceVersion: "7" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
    });
    const file = folder.put("binding.yaml", JSON.stringify(role("reader")));
    expect(await patched(file, role("admin"))).toMatchObject({ immutable: ["/roleRef/name"], redacted: false });
    expect(await patched(config, liveConfig({ mode: "wild", "0": "zero" }))).not.toHaveProperty("immutable");
  });

  test("what is in sync has no patch", async () => {
    expect((await diff([web], [liveWeb()], "-o", "patch")).stdout).toBe("[]\n");
  });
});

describe("what nobody may see", () => {
  const canaries = ["canary-git", "canary-live"].flatMap((text) => [text, Buffer.from(text).toString("base64")]);
  const baseline = folder.put(
    "baseline.yaml",
    [
      "apiVersion: plumbline.dev/v1alpha1",
      "kind: Baseline",
      "metadata: { name: shop }",
      "spec:",
      "  source: { git: { url: https://git.example/shop.git, ref: { branch: main } } }",
      '  compare: { sensitive: [".data[\\"0\\"]", \'.spec.template.spec.containers[*].env[*].value\'] }',
      "",
    ].join("\n"),
  );
  const hidden = folder.put("hidden.yaml", configYaml.replace("zero", "canary-git"));
  const env = folder.put("env.yaml", webYaml.replaceAll(/value: "."/g, "value: canary-git"));
  const previous = folder.put("previous.yaml", secretYaml.replace("password", "older"));

  test.each(["text", "json", "yaml", "patch", "sarif", "markdown"])("is not in -o %s", async (output) => {
    const live = [
      {
        ...liveSecret("canary-live"),
        data: { password: "Y2FuYXJ5LWxpdmU=", more: "Y2FuYXJ5LWxpdmU=", older: "Y2FuYXJ5LWxpdmU=" },
      },
      liveConfig({ mode: "wild", "0": "canary-live" }),
      edited((one) => {
        container(one).env = [
          { name: "B", value: "canary-live" },
          { name: "X", value: "canary-live" },
        ];
      }),
    ];
    const run = await diff(
      [secret, hidden, env],
      live,
      "-o",
      output,
      "--baseline",
      baseline,
      "--show-suppressed",
      "--previous",
      previous,
    );
    expect(run.status).toBe(1);
    expect(run.stdout).toContain("shop");
    for (const canary of canaries) expect(run.stdout + run.stderr).not.toContain(canary);
  });
});

describe("settings", () => {
  const replicas = edited((live) => (live.spec.replicas = 5));
  const baselineOf = (compare: string): string =>
    folder.put(
      `baseline-${dumps}.yaml`,
      `apiVersion: plumbline.dev/v1alpha1\nkind: Baseline\nmetadata: { name: shop }\nspec:\n  source: { git: { url: https://git.example/s.git, ref: { branch: main } } }\n${compare}`,
    );

  test("a Baseline's ignore row counts, and --show-suppressed says so", async () => {
    const file = baselineOf(
      "  compare:\n    ignore: [{ target: { kind: Deployment }, paths: [.spec.replicas], reason: by hand }]\n",
    );
    const run = await diff([web], [replicas], "--baseline", file, "--show-suppressed");
    const [object] = reportOf(run).objects;
    expect([run.status, object?.verdict]).toEqual([0, "in-sync"]);
    expect(object?.suppressed).toMatchObject([
      { pointer: "/spec/replicas", path: ".spec.replicas", reason: "by hand" },
    ]);
  });

  test("a Baseline's severity row counts", async () => {
    const file = baselineOf(
      "  severity: [{ target: { kind: Deployment }, paths: [.spec.replicas], severity: critical }]\n",
    );
    expect(reportOf(await diff([web], [replicas], "--baseline", file)).objects[0]?.severity).toBe("critical");
  });

  test("without --show-suppressed there is no such field", async () => {
    expect(reportOf(await diff([web], [replicas])).objects[0]).not.toHaveProperty("suppressed");
  });

  test("an autoscaler in the dump owns the replicas of its target", async () => {
    const scaler = {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata: { name: "web", namespace: "shop" },
      spec: {
        minReplicas: 2,
        maxReplicas: 9,
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
      },
    };
    const run = await diff([web], [replicas, scaler], "--show-suppressed");
    expect([run.status, reportOf(run).objects[0]?.suppressed?.map(({ rule }) => rule)]).toEqual([
      0,
      ["replicas-owned-by-autoscaler"],
    ]);
  });
});
