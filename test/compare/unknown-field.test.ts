/** What the server does not know: told of where live lacks it, compared where live holds it. */
import { describe, expect, test } from "vitest";
import { defaultedDesired } from "../../src/compare/defaults.ts";
import { diffObjects } from "../../src/compare/diff.ts";
import { nearestName } from "../../src/compare/unknown-field.ts";
import type { Json } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { deployment, schemaOf } from "./schemas.ts";

const withContainer = (extra: Readonly<Record<string, Json>>): KubeObject => {
  const base = structuredClone(deployment()) as unknown as {
    spec: { template: { spec: { containers: Record<string, Json>[] } } };
  };
  Object.assign(base.spec.template.spec.containers[0] ?? {}, extra);
  return base as unknown as KubeObject;
};

describe("a field the schema does not know", () => {
  const schema = schemaOf(deployment());
  const live = defaultedDesired(deployment(), schema);

  test("is a warning with its path, its place and the nearest name; no difference", () => {
    const { differences, warnings } = diffObjects({
      desired: withContainer({ imagePulPolicy: "Always" }),
      live,
      schema,
    });
    expect(differences).toEqual([]);
    expect(warnings).toMatchObject([
      {
        code: "unknown-field",
        message: expect.stringMatching(/containers\[name="[^"]+"\]\.imagePulPolicy .*did you mean imagePullPolicy\?$/),
        pointer: "/spec/template/spec/containers/0/imagePulPolicy",
      },
    ]);
  });

  test("is compared where live holds it: the server is newer than our schema", () => {
    const desired = withContainer({ brandNew: 1 });
    const held = defaultedDesired(withContainer({ brandNew: 2 }), schema);
    const { differences, warnings } = diffObjects({ desired, live: held, schema });
    expect(warnings).toEqual([]);
    expect(differences).toHaveLength(1);
  });

  test("that is null is nothing", () => {
    expect(diffObjects({ desired: withContainer({ brandNew: null }), live, schema }).warnings).toEqual([]);
  });
});

test.each([
  ["replica", ["replicas", "selector"], "replicas"],
  ["Replicas", ["replicas"], "replicas"],
  ["imagePullPolcy", ["image", "imagePullPolicy"], "imagePullPolicy"],
  ["foo", ["replicas", "selector"], undefined],
  ["x".repeat(10_000), ["x"], undefined],
  ["cpu", [], undefined],
])("nearest to %s", (name, known, near) => {
  expect(nearestName(name, known)).toBe(near);
});
