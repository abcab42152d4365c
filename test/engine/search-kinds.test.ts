/** Which kinds are watched so that what nobody declares is found. */
import { describe, expect, test } from "vitest";
import type { ServedKind, WatchedKind } from "../../src/engine/ports.ts";
import { mergeKinds, type Reach, searchedKinds, toWatch } from "../../src/engine/search-kinds.ts";
import { unsearchedOf, type LimitInput } from "../../src/engine/search-limits.ts";
import type { LiveView } from "../../src/model/live.ts";
import type { ProblemCode } from "../../src/model/problem.ts";
import { kindKey } from "../../src/model/resource.ts";

const served: readonly ServedKind[] = [
  { group: "", kind: "ConfigMap", versions: ["v1"], namespaced: true },
  { group: "", kind: "Event", versions: ["v1"], namespaced: true },
  { group: "autoscaling", kind: "HorizontalPodAutoscaler", versions: ["v2", "v1"], namespaced: true },
  { group: "rbac.authorization.k8s.io", kind: "ClusterRole", versions: ["v1"], namespaced: false },
  { group: "plumbline.dev", kind: "Drift", versions: ["v1alpha1"], namespaced: true },
];
const inShop: Reach = { namespaces: ["shop"], everywhere: false };
const hpa = { group: "autoscaling", version: "v1", kind: "HorizontalPodAutoscaler" };

describe("searched", () => {
  test.each<readonly [string, Reach, readonly (typeof hpa)[], readonly string[]]>([
    ["nothing where nobody has anything searched", { namespaces: [], everywhere: false }, [], []],
    ["in namespaces what lives in one", inShop, [], ["v1/ConfigMap", "autoscaling/v2/HorizontalPodAutoscaler"]],
    ["at the version that is declared", inShop, [hpa], ["v1/ConfigMap", "autoscaling/v1/HorizontalPodAutoscaler"]],
    [
      "at one that is served, where another is declared",
      inShop,
      [{ ...hpa, version: "v2beta2" }],
      ["v1/ConfigMap", "autoscaling/v2/HorizontalPodAutoscaler"],
    ],
    [
      "everywhere whatever may be somebody's",
      { namespaces: [], everywhere: true },
      [],
      ["v1/ConfigMap", "autoscaling/v2/HorizontalPodAutoscaler", "rbac.authorization.k8s.io/v1/ClusterRole"],
    ],
  ])("%s", (_, reach, inUse, expected) => {
    const found = searchedKinds(served, inUse, reach);
    expect([...found.values()].map(kindKey)).toEqual(expected);
    for (const kind of toWatch(found.values(), reach)) expect(kind).toMatchObject({ only: "metadata" });
  });
});

describe("one watch for each kind", () => {
  const metadata: WatchedKind = { ...hpa, only: "metadata", namespaces: ["far", "shop"] };
  test.each<readonly [string, readonly WatchedKind[], WatchedKind]>([
    [
      "metadata where nobody needs more",
      [metadata, { ...hpa, only: "metadata" }],
      { ...metadata, atLeast: "metadata" },
    ],
    ["whole where somebody does", [metadata, hpa], { ...hpa, atLeast: "metadata", namespaces: ["far", "shop"] }],
    ["in whichever order", [hpa, metadata], { ...hpa, atLeast: "metadata", namespaces: ["far", "shop"] }],
    ["whoever else does", [metadata, hpa, hpa], { ...hpa, atLeast: "metadata", namespaces: ["far", "shop"] }],
    ["whole alone, where metadata is nobody's wish", [hpa, hpa], hpa],
    [
      "wherever anybody needs it",
      [metadata, { ...hpa, namespaces: ["shop", "", "near"] }],
      { ...hpa, atLeast: "metadata", namespaces: ["far", "shop", "", "near"] },
    ],
  ])("%s", (_, wanted, expected) => {
    expect(mergeKinds(wanted)).toEqual([expected]);
  });

  test("versions are kinds of their own", () => {
    expect(mergeKinds([hpa, { ...hpa, version: "v2" }])).toHaveLength(2);
  });
});

describe("what is not searched", () => {
  const kinds = ["a", "b"].map((group) => ({ group, version: "v1", kind: "Thing", namespaced: true }));
  const refused = (code: ProblemCode): LiveView => ({ state: "unseen", problem: { code, message: "no" } });
  const told = (more: Partial<LimitInput>): readonly string[] =>
    unsearchedOf({
      kinds,
      namespaces: ["shop"],
      everywhere: false,
      isReadable: true,
      glimpse: () => ({ state: "absent" }),
      unheard: [],
      ...more,
    }).map(({ code, message }) => `${code}: ${message}`);

  test.each<readonly [string, Partial<LimitInput>, readonly string[]]>([
    ["nothing where all is seen", {}, []],
    [
      "kinds in one sentence",
      { glimpse: () => refused("forbidden") },
      [
        "forbidden: not searched for unmanaged objects, because the right to list and watch them is missing: Thing.a, Thing.b",
      ],
    ],
    [
      "a kind that is forbidden in one of its namespaces",
      {
        namespaces: ["shop", "far"],
        glimpse: ({ group, namespace }) =>
          group === "b" && namespace === "far" ? refused("forbidden") : { state: "absent" },
      },
      ["forbidden: not searched for unmanaged objects, because the right to list and watch them is missing: Thing.b"],
    ],
    ["not a kind that is not served: there is nothing of it", { glimpse: () => refused("kind-not-served") }, []],
    ["not in a namespace that nobody has searched", { namespaces: [], glimpse: () => refused("forbidden") }, []],
    [
      "Secrets, for their own reason",
      { glimpse: () => refused("secrets-not-granted") },
      [
        "secrets-not-granted: not searched for unmanaged objects, because rbac.secrets does not allow it: Thing.a, Thing.b",
      ],
    ],
    [
      "what waits for a Baseline",
      { unheard: ["a/b" as LimitInput["unheard"][number]] },
      ["not-synced: no new unmanaged objects are reported until it is known what these Baselines declare: a/b"],
    ],
    [
      "a selector that says nothing",
      { isReadable: false },
      ["invalid-baseline: spec.unmanaged.labelSelector cannot be read: nothing is searched"],
    ],
  ])("%s", (_, more, expected) => {
    expect(told(more)).toEqual(expected);
  });

  test("ten are named, the others counted", () => {
    const many = Array.from({ length: 12 }, (_, at) => ({
      group: "",
      version: "v1",
      kind: `K${at + 10}`,
      namespaced: true,
    }));
    expect(told({ kinds: many, glimpse: () => refused("forbidden") })[0]).toMatch(/K10, .*K19 and 2 more$/);
  });
});
