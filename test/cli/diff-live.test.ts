/** Live objects as they may be given, where objects live, and what a selector claims. */
import { afterAll, describe, expect, test } from "vitest";
import { configYaml, listOf, liveConfig, liveWeb, webYaml } from "./samples.ts";
import { createFolder, plumbline, reportOf, verdictsOf } from "./terminal.ts";

const folder = createFolder();
afterAll(() => folder.remove());
const git = folder.put("git/web.yaml", `${webYaml}---\n${configYaml}`);
const live = [liveWeb(), liveConfig()];
const pretty = live.map((one) => JSON.stringify(one, null, 4)).join("\n");
const lines = live.map((one) => JSON.stringify(one)).join("\n");

const diff = (files: string, dump: string, ...more: readonly string[]) =>
  plumbline(["diff", "-f", files, "--live", dump, "-n", "shop", "-o", "json", ...more]);

describe("forms of a dump", () => {
  const yaml = `apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: shop, labels: { team: shop } }
data: { mode: calm, "0": zero }
`;
  const { apiVersion: _version, kind: _kind, ...item } = liveConfig() as { apiVersion: string; kind: string };
  const typed = { apiVersion: "v1", kind: "ConfigMapList", metadata: {}, items: [item] };
  const rows: readonly (readonly [string, string])[] = [
    ["a List", JSON.stringify(listOf(...live))],
    ["a List of Lists", JSON.stringify(listOf(listOf(...live)))],
    ["a bare array", JSON.stringify(live)],
    ["one object a line", `${lines}\n\n`],
    ["objects one after another", pretty],
    ["objects one after another, with Windows line ends", pretty.replaceAll("\n", "\r\n")],
    ["a typed list whose items name no kind", JSON.stringify(listOf(liveWeb(), typed))],
    ["documents of YAML", `${yaml}---\n${JSON.stringify(liveWeb())}\n---\n`],
    ["YAML in flow style", `{"kind": List, "apiVersion": v1, "items": ${JSON.stringify(live)}}`],
  ];
  test.each(rows)("%s", async (name, text) => {
    const run = await diff(git, folder.put(`forms/${name}.dump`, text));
    expect([run.stderr, run.status, verdictsOf(run)]).toEqual(["", 0, ["in-sync", "in-sync"]]);
  });

  test("a folder of files", async () => {
    folder.put("dump/a.json", liveWeb());
    folder.put("dump/deep/b.yaml", yaml);
    folder.put("dump/notes.txt", "not a dump");
    expect((await diff(git, folder.at("dump"))).status).toBe(0);
  });

  test.each([
    [
      "a broken line among good ones",
      `${lines}\n{"kind":"Secret","data":{"a":canary`,
      /broken line among good ones:3: not JSON$/m,
    ],
    [
      "an answer that holds no objects",
      '{"kind":"Status","apiVersion":"v1","metadata":{}}',
      /:1: expected objects as `kubectl get/,
    ],
    ["text", "no resources found\n", /:1: expected objects as `kubectl get/],
  ])("%s: told with its line, and 2", async (name, text, message) => {
    const run = await diff(git, folder.put(name, text));
    expect([run.status, run.stderr]).toEqual([2, expect.stringMatching(message)]);
    expect(run.stderr).not.toContain("canary");
    expect(reportOf(run).objects).toHaveLength(2);
  });

  test("an object that was printed at another version is not judged at that one", async () => {
    const pdb = (version: string) => ({
      apiVersion: `autoscaling/${version}`,
      kind: "HorizontalPodAutoscaler",
      metadata: { name: "web", namespace: "shop" },
      spec: { maxReplicas: 3, scaleTargetRef: { kind: "Deployment", name: "web" } },
    });
    const file = folder.put("pdb.json", pdb("v1"));
    const run = await diff(file, folder.put("pdb.dump", listOf(pdb("v2"))));
    expect([run.status, run.stderr]).toEqual([
      2,
      expect.stringContaining("the dump holds it at autoscaling/v2, Git declares it at autoscaling/v1"),
    ]);
    expect((await diff(file, folder.put("both.dump", listOf(pdb("v2"), pdb("v1"))))).status).toBe(0);
  });
});

describe("where objects live", () => {
  const crd = (scope: string, kind = "Gadget") => ({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${kind.toLowerCase()}s.example.com` },
    spec: {
      group: "example.com",
      scope,
      names: { kind, plural: `${kind.toLowerCase()}s` },
      versions: [
        {
          name: "v1",
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: "object",
              properties: { spec: { type: "object", properties: { size: { type: "integer", default: 3 } } } },
            },
          },
        },
      ],
    },
  });
  const gadget = (kind = "Gadget") => ({ apiVersion: "example.com/v1", kind, metadata: { name: "it" }, spec: {} });
  const find = async (declared: readonly object[], dump: readonly object[]) => {
    const run = await diff(folder.put("scope.json", listOf(...declared)), folder.put("scope.dump", listOf(...dump)));
    return reportOf(run).objects.map(({ kind, namespace, verdict }) => [kind, namespace, verdict]);
  };

  const rows: readonly (readonly [string, readonly object[], readonly object[], readonly (readonly string[])[]])[] = [
    [
      "a declared definition of a cluster kind",
      [crd("Cluster"), gadget()],
      [crd("Cluster"), gadget()],
      [
        ["CustomResourceDefinition", "", "in-sync"],
        ["Gadget", "", "in-sync"],
      ],
    ],
    [
      "a declared definition of a namespaced kind",
      [crd("Namespaced"), gadget()],
      [crd("Namespaced")],
      [
        ["CustomResourceDefinition", "", "in-sync"],
        ["Gadget", "shop", "missing"],
      ],
    ],
    [
      "a declared definition named like a built-in cluster kind",
      [crd("Namespaced", "Node"), gadget("Node")],
      [crd("Namespaced", "Node")],
      [
        ["CustomResourceDefinition", "", "in-sync"],
        ["Node", "shop", "missing"],
      ],
    ],
    ["a definition in the dump", [gadget()], [crd("Cluster"), gadget()], [["Gadget", "", "in-sync"]]],
    [
      "built-in kinds of every scope",
      [
        { apiVersion: "v1", kind: "Namespace", metadata: { name: "a", namespace: "stray" } },
        { apiVersion: "networking.k8s.io/v1", kind: "IngressClass", metadata: { name: "a" } },
        { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata: { name: "a" } },
      ],
      [],
      [
        ["Namespace", "", "missing"],
        ["IngressClass", "", "missing"],
        ["Role", "shop", "missing"],
      ],
    ],
  ];
  test.each(rows)("%s", async (_, declared, dump, expected) => {
    expect(await find(declared, dump)).toEqual(expected);
  });

  test("a default that the declared definition gives is no drift", async () => {
    const filled = { ...gadget(), spec: { size: 3 } };
    expect(await find([crd("Cluster"), gadget()], [crd("Cluster"), filled])).toContainEqual(["Gadget", "", "in-sync"]);
    expect(await find([crd("Cluster"), gadget()], [crd("Cluster"), { ...filled, spec: { size: 4 } }])).toContainEqual([
      "Gadget",
      "",
      "drifted",
    ]);
  });

  test("saved schemas and scopes count instead of the built-in ones", async () => {
    const schemas = {
      "com.example.v1.Gadget": {
        type: "object",
        "x-kubernetes-group-version-kind": [{ group: "example.com", version: "v1", kind: "Gadget" }],
      },
    };
    folder.put("schema/example.com_v1.json", { components: { schemas } });
    folder.put("schema/scopes.json", { "example.com/v1/Gadget": "Cluster" });
    const file = folder.put("gadget.json", gadget());
    const run = await diff(file, folder.put("none.dump", listOf()), "--schema", folder.at("schema"));
    expect(reportOf(run).objects).toMatchObject([{ kind: "Gadget", namespace: "", verdict: "missing" }]);
    const other = await diff(git, folder.at("none.dump"), "--schema", folder.at("schema"));
    expect([other.status, verdictsOf(other)]).toEqual([2, ["unknown", "unknown"]]);
  });
});

describe("--prune-scope", () => {
  const labelled = (kind: string, name: string, metadata: object = {}, apiVersion = "v1") => ({
    apiVersion,
    kind,
    metadata: { name, namespace: "shop", labels: { team: "shop" }, ...metadata },
  });
  const owned = { ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "web", uid: "u" }] };
  const dump = folder.put(
    "prune.dump",
    listOf(
      ...live,
      labelled("ConfigMap", "left"),
      labelled("ConfigMap", "elsewhere", { namespace: "other" }),
      labelled("ConfigMap", "unlabelled", { labels: {} }),
      labelled("ReplicaSet", "web-1", owned, "apps/v1"),
      labelled("ConfigMap", "forged", owned),
      labelled("Endpoints", "web"),
      labelled("EndpointSlice", "web-x", {}, "discovery.k8s.io/v1"),
      labelled("ConfigMap", "kube-root-ca.crt"),
      labelled("ConfigMap", "going", { deletionTimestamp: "2026-11-21T00:00:00Z" }),
    ),
  );

  test("claims what is labelled and declared by nobody", async () => {
    const run = await diff(git, dump, "--prune-scope", "team=shop");
    expect(run.status).toBe(1);
    expect(reportOf(run).objects.slice(2)).toMatchObject([
      { namespace: "shop", name: "left", verdict: "unmanaged", changes: [] },
      { namespace: "other", name: "elsewhere", verdict: "unmanaged" },
      { name: "forged", verdict: "unmanaged" },
      { name: "going", verdict: "terminating" },
    ]);
    expect(reportOf(run).summary).toMatchObject({ objects: 6, unmanaged: 3, terminating: 1, inSync: 2 });
  });

  test("without it, nothing undeclared is reported", async () => {
    expect((await diff(git, dump)).status).toBe(0);
  });

  test("where not everything could be read, nothing is said to be gone from Git", async () => {
    folder.put("half/web.yaml", `${webYaml}---\n${configYaml}---\na: [\n`);
    const run = await diff(folder.at("half"), dump, "--prune-scope", "team=shop");
    expect([run.status, new Set(verdictsOf(run).slice(2))]).toEqual([2, new Set(["unknown"])]);
  });

  test("what is declared twice is declared", async () => {
    folder.put("twice/a.yaml", configYaml);
    folder.put("twice/b.yaml", `${configYaml}---\n${webYaml}`);
    const run = await diff(folder.at("twice"), dump, "--prune-scope", "team=shop");
    expect(reportOf(run).objects.map(({ name }) => name)).not.toContain("settings");
    expect(run.status).toBe(2);
  });
});
