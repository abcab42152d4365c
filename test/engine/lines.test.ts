import { describe, expect, test } from "vitest";
import { LineFinder, pointerOf } from "../../src/engine/lines.ts";
import type { Json } from "../../src/model/json.ts";
import { field, type Path } from "../../src/model/path.ts";
import { baselineKey } from "../../src/model/snapshot.ts";
import type { Change, Verdict } from "../../src/model/verdict.ts";
import { settle } from "../support/manual-clock.ts";
import { configMap, declared } from "../support/scenario/samples.ts";

const pod: Json = {
  spec: {
    containers: [{ name: "proxy" }, { name: "web", ports: [{ containerPort: 80 }] }],
    finalizers: ["a", "b/c"],
    "a/b": { "~": 1 },
  },
};

describe("a typed path as a pointer into what Git says", () => {
  const rows: readonly (readonly [string, Path, string | undefined])[] = [
    ["a field", [field("spec"), field("finalizers")], "/spec/finalizers"],
    ["a name that needs escaping", [field("spec"), field("a/b"), field("~")], "/spec/a~1b/~0"],
    [
      "an item by its key, wherever it stands",
      [field("spec"), field("containers"), { type: "key", keys: { name: "web" } }, field("ports")],
      "/spec/containers/1/ports",
    ],
    [
      "an item whose second key Git leaves to its default",
      [
        field("spec"),
        field("containers"),
        { type: "key", keys: { name: "web" } },
        field("ports"),
        { type: "key", keys: { containerPort: 80, protocol: "TCP" } },
      ],
      "/spec/containers/1/ports/0",
    ],
    ["a value of a set", [field("spec"), field("finalizers"), { type: "value", value: "b/c" }], "/spec/finalizers/1"],
    ["an index", [field("spec"), field("finalizers"), { type: "index", index: 1 }], "/spec/finalizers/1"],
    ["an index beyond the end", [field("spec"), field("finalizers"), { type: "index", index: 2 }], undefined],
    [
      "an item Git does not have",
      [field("spec"), field("containers"), { type: "key", keys: { name: "x" } }],
      undefined,
    ],
    ["a field Git does not have", [field("spec"), field("replicas")], undefined],
    ["a field of something else", [field("spec"), field("finalizers"), field("x")], undefined],
  ];
  test.each(rows)("%s", (_, path, pointer) => {
    expect(pointerOf(path, pod)).toBe(pointer);
  });
});

const desired = declared(configMap("web", { color: "blue" }));
const request = { baseline: baselineKey("platform", "shop"), commit: "c".repeat(40), desired };

function drifted(): Verdict {
  const change: Change = {
    op: "changed",
    path: [field("data"), field("color")],
    pointer: "/data/color",
    desired: "blue",
    live: "red",
    sensitive: false,
    severity: "medium",
    class: "config",
    cause: "live-edit",
    owner: { manager: "", operation: "", subresource: "", confidence: "unknown" },
  };
  return {
    kind: "drifted",
    changes: [change, { ...change, op: "added", path: [field("data"), field("size")], pointer: "/data/size" }],
    severity: "medium",
    class: "config",
    cause: "live-edit",
    ownershipWiped: false,
  };
}

const linesOf = (verdict: Verdict) =>
  verdict.kind === "drifted" ? verdict.changes.map(({ source }) => source?.line) : undefined;

describe("lines", () => {
  test("follow: the verdict goes out without, somebody is told, and the next one has them", async () => {
    const asked: (readonly string[])[] = [];
    const finder = new LineFinder((_key, _commit, _source, pointers) => {
      asked.push(pointers);
      return Promise.resolve(new Map([["/data/color", 5]]));
    });
    let later = 0;
    const tell = (): void => void (later += 1);
    expect(linesOf(finder.add(drifted(), request, tell))).toEqual([undefined, undefined]);
    expect(linesOf(finder.add(drifted(), request, tell))).toEqual([undefined, undefined]);
    await settle();
    expect(later).toBe(1);
    expect(linesOf(finder.add(drifted(), request, tell))).toEqual([5, undefined]);
    expect(asked).toEqual([["/data/color"]]);
  });

  test("are asked for once per object and commit; what only live has gets none", async () => {
    let asked = 0;
    const finder = new LineFinder(() => {
      asked += 1;
      return Promise.resolve(new Map([["/data/color", 5]]));
    });
    finder.add(drifted(), request, () => {});
    await settle();
    finder.add(drifted(), request, () => {});
    finder.add(drifted(), { ...request, commit: "d".repeat(40) }, () => {});
    expect(asked).toBe(2);
  });

  test("that cannot be found cost the verdict nothing, and nobody is told", async () => {
    const finder = new LineFinder(() => Promise.reject(new Error("no such blob")));
    let later = 0;
    expect(linesOf(finder.add(drifted(), request, () => void (later += 1)))).toEqual([undefined, undefined]);
    await settle();
    expect(later).toBe(0);
    const inSync: Verdict = { kind: "in-sync" };
    expect(finder.add(inSync, request, () => {})).toBe(inSync);
  });
});
