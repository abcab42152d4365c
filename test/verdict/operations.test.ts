import * as fc from "fast-check";
import fastJsonPatch from "fast-json-patch";
import { describe, expect, test } from "vitest";
import { noFacts } from "../../src/compare/facts.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { countDifferences, type PairInput } from "../../src/verdict/counting.ts";
import { createBody, planOperations } from "../../src/verdict/operations.ts";
import { valuesBefore, type Operation } from "../../src/verdict/working-copy.ts";
import { NOW, baseline, builtIn, custom, declared, deployment, liveOf } from "./pair-fixture.ts";

function pair(desired: KubeObject, live: KubeObject, changes: Partial<PairInput> = {}): PairInput {
  return {
    baseline: baseline(),
    desired: declared(desired),
    live: liveOf(live),
    schema: builtIn,
    facts: noFacts,
    now: NOW,
    ...changes,
  };
}

/** The plan, applied by fast-json-patch to the very live object it was made for. */
function healed(input: PairInput): KubeObject {
  const operations = planOperations(input) as unknown as fastJsonPatch.Operation[];
  const copy = structuredClone(input.live.object) as unknown as KubeObject;
  expect(fastJsonPatch.validate(operations, copy)).toBeUndefined();
  return fastJsonPatch.applyPatch(copy, operations, true).newDocument;
}

function leftOver(input: PairInput): readonly string[] {
  const after = { ...input, live: { ...input.live, object: healed(input) } };
  return countDifferences(after).counting.map((one) => one.tokens.join("/"));
}

const containers = (...list: JsonObject[]): JsonObject => ({ template: { spec: { containers: list } } });
const web = { name: "web", image: "web:1.4" };
const side = { name: "side", image: "side:1" };
const withEnv = (...env: JsonObject[]): JsonObject => containers({ ...web, env });
const env = (name: string, value = "1"): JsonObject => ({ name, value });

const cases: readonly (readonly [string, KubeObject, KubeObject, readonly JsonObject[]])[] = [
  ["a value edited", deployment(), deployment({ replicas: 5 }), [{ op: "replace", path: "/spec/replicas", value: 2 }]],
  [
    "an image edited behind a sidecar put in front by hand: the index of live",
    deployment(containers(web)),
    deployment(containers(side, { ...web, image: "web:evil" })),
    [
      { op: "remove", path: "/spec/template/spec/containers/0" },
      { op: "replace", path: "/spec/template/spec/containers/0/image", value: "web:1.4" },
    ],
  ],
  [
    "two items added: indices still right after the first is gone",
    deployment(withEnv(env("A"))),
    deployment(withEnv(env("X"), env("A"), env("Y"))),
    [
      { op: "remove", path: "/spec/template/spec/containers/0/env/0" },
      { op: "remove", path: "/spec/template/spec/containers/0/env/1" },
    ],
  ],
  [
    "an item removed: put back behind the one before it in Git",
    deployment(withEnv(env("A"), env("B"), env("C"))),
    deployment(withEnv(env("A"), env("C"))),
    [{ op: "add", path: "/spec/template/spec/containers/0/env/1", value: env("B") }],
  ],
  [
    "the first item removed: put back in front",
    deployment(withEnv(env("A"), env("B"))),
    deployment(withEnv(env("B"))),
    [{ op: "add", path: "/spec/template/spec/containers/0/env/0", value: env("A") }],
  ],
  [
    "an annotation removed with the whole map: the map comes back",
    deployment({}, { annotations: { "a.b/c~d": "1" } }),
    deployment(),
    [{ op: "add", path: "/metadata/annotations", value: { "a.b/c~d": "1" } }],
  ],
  [
    "an annotation removed: its key is escaped",
    deployment({}, { annotations: { "a.b/c~d": "1", e: "2" } }),
    deployment({}, { annotations: { e: "2" } }),
    [{ op: "add", path: "/metadata/annotations/a.b~1c~0d", value: "1" }],
  ],
  [
    "a field Git leaves to its default: removed, not set",
    deployment(),
    deployment({ paused: true }),
    [{ op: "remove", path: "/spec/paused" }],
  ],
  [
    "the key of an item edited: one removed, one put back",
    deployment(containers({ ...web, ports: [{ containerPort: 80, protocol: "TCP" }] })),
    deployment(containers({ ...web, ports: [{ containerPort: 83, protocol: "TCP" }] })),
    [
      { op: "remove", path: "/spec/template/spec/containers/0/ports/0" },
      { op: "add", path: "/spec/template/spec/containers/0/ports/0", value: { containerPort: 80, protocol: "TCP" } },
    ],
  ],
  [
    "a set value swapped",
    deployment({ tags: ["a", "b"] }),
    deployment({ tags: ["a", "x"] }),
    [
      { op: "remove", path: "/spec/tags/1" },
      { op: "add", path: "/spec/tags/1", value: "b" },
    ],
  ],
  [
    "an atomic list edited at one place",
    deployment(containers({ ...web, args: ["a", "b"] })),
    deployment(containers({ ...web, args: ["a", "x"] })),
    [{ op: "replace", path: "/spec/template/spec/containers/0/args/1", value: "b" }],
  ],
  [
    "an atomic list of another length: replaced whole",
    deployment(containers({ ...web, args: ["a", "b"] })),
    deployment(containers({ ...web, args: ["a"] })),
    [{ op: "replace", path: "/spec/template/spec/containers/0/args", value: ["a", "b"] }],
  ],
  ["nothing differs: nothing to do", deployment(), deployment(), []],
];

describe("plans", () => {
  test.each(cases)("%s", (_, desired, live, expected) => {
    const input = pair(desired, live);
    const operations = planOperations(input);
    const guard = { op: "replace", path: "/metadata/resourceVersion", value: "41" };
    expect(operations).toEqual(expected.length === 0 ? [] : [guard, ...expected]);
    expect(leftOver(input)).toEqual([]);
  });

  test("order put right without touching an item of somebody else", () => {
    const desired = deployment({ template: { spec: { containers: [web, side] } } });
    const live = deployment({ template: { spec: { containers: [side, { ...web, extra: 1 }] } } });
    const input = pair(desired, live, {
      baseline: baseline({
        compare: { addedFields: "Strict", ignore: [ignore(".spec.template.spec.containers[*].extra")], sensitive: [] },
      }),
    });
    expect(getContainers(healed(input)).map((one) => one["name"])).toEqual(["web", "side"]);
    expect(getContainers(healed(input))[0]).toHaveProperty("extra", 1);
  });

  test("what does not count is left alone", () => {
    const desired = deployment();
    const live = deployment({ replicas: 5, paused: true }, { annotations: { "plumbline.dev/remediate": "enabled" } });
    const rules = baseline({ compare: { addedFields: "Strict", ignore: [ignore(".spec.replicas")], sensitive: [] } });
    expect(healed(pair(desired, live, { baseline: rules }))).toMatchObject({
      metadata: { annotations: { "plumbline.dev/remediate": "enabled" } },
      spec: { replicas: 5 },
    });
  });

  test("only causes the Baseline lists", () => {
    const previous = declared(deployment({ replicas: 2, paused: true }));
    const input = pair(deployment({ replicas: 2 }), deployment({ replicas: 5, paused: true }), { previous });
    expect(healed(input)["spec"]).toMatchObject({ replicas: 2, paused: true });
    const { remediation } = baseline();
    const listed = baseline({ remediation: { ...remediation, causes: ["live-edit", "dropped-from-git"] } });
    expect(healed({ ...input, baseline: listed })["spec"]).not.toHaveProperty("paused");
  });

  test("a Secret is healed with its true value", () => {
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "key", namespace: "shop" } };
    const input = pair(
      { ...secret, stringData: { password: "right" } },
      { ...secret, data: { password: btoa("wrong") } },
    );
    expect(healed(input)["data"]).toEqual({ password: btoa("right") });
    expect(JSON.stringify(planOperations(input))).not.toContain("redacted");
  });
});

const ignore = (path: string) => ({ target: {}, paths: [path], managers: [], reason: "test" });

function getContainers(object: KubeObject): readonly JsonObject[] {
  return (object["spec"] as { template: { spec: { containers: JsonObject[] } } }).template.spec.containers;
}

const names = fc.uniqueArray(fc.constantFrom("A", "B", "C", "D", "E", "F"), { maxLength: 6 });
const envs = names.chain((list) =>
  fc.tuple(...list.map((name) => fc.constantFrom("1", "2").map((value) => env(name, value)))),
);
const marks = fc.dictionary(fc.constantFrom("a/b", "c~d", "e"), fc.constantFrom("1", "2"), { noNullPrototype: true });
const specs = fc.record({
  replicas: fc.integer({ min: 1, max: 5 }),
  tags: fc.uniqueArray(fc.constantFrom("x", "y", "z")),
  env: envs,
  args: fc.array(fc.constantFrom("p", "q"), { maxLength: 3 }),
});
const objects = fc
  .tuple(specs, marks)
  .map(([{ replicas, tags, env: list, args }, annotations]) =>
    deployment({ replicas, tags, ...containers({ ...web, env: list, args }) }, { annotations }),
  );

test("property: live with its plan applied is what Git says, whatever the two are", () => {
  fc.assert(
    fc.property(objects, objects, (desired, live) => {
      expect(leftOver(pair(desired, live))).toEqual([]);
    }),
    { numRuns: 300 },
  );
}, 20_000);

test("the body of a POST has nothing that only a server may set", () => {
  const object = deployment({}, { uid: "u", resourceVersion: "1", creationTimestamp: null, labels: { a: "b" } });
  expect(createBody({ ...object, status: {} })).toEqual(deployment({}, { labels: { a: "b" } }));
});

/** As the live store keeps an object: everything but `object` may be a getter of its class. */
class Kept {
  readonly #of: ReturnType<typeof liveOf>;
  constructor(of: ReturnType<typeof liveOf>) {
    this.#of = of;
  }
  get object(): KubeObject {
    return this.#of.object;
  }
  get uid(): string {
    return this.#of.uid;
  }
  get resourceVersion(): string {
    return this.#of.resourceVersion;
  }
  get managedFields(): string {
    return this.#of.managedFields;
  }
  get health(): ReturnType<typeof liveOf>["health"] {
    return this.#of.health;
  }
  get receivedAt(): number {
    return this.#of.receivedAt;
  }
}

test("what a controller added to a custom resource stays, also where the object comes from the live store", () => {
  const managedFields = JSON.stringify([
    { manager: "kubectl", operation: "Apply", fieldsType: "FieldsV1", fieldsV1: { "f:spec": { "f:replicas": {} } } },
    { manager: "tuner", operation: "Update", fieldsType: "FieldsV1", fieldsV1: { "f:spec": { "f:paused": {} } } },
  ]);
  const live = new Kept(liveOf(deployment({ replicas: 5, paused: true }), { managedFields }));
  const operations = planOperations(pair(deployment(), live.object, { live, schema: custom }));
  expect(operations.slice(1)).toEqual([{ op: "replace", path: "/spec/replicas", value: 2 }]);
});

test("what each operation finds in its place, once those before it are done", () => {
  const operations: readonly Operation[] = [
    { op: "remove", path: "/list/0" },
    { op: "replace", path: "/list/0", value: "x" },
    { op: "add", path: "/a~1b", value: 1 },
    { op: "replace", path: "/a~1b", value: 2 },
    { op: "remove", path: "/not/there" },
  ];
  expect(valuesBefore({ list: ["one", "two"] }, operations)).toEqual(["one", "two", undefined, 1, undefined]);
});
