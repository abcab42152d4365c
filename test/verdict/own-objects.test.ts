/** Everything the plain manifests install is out of reach of every heal, also where its namespace is allowed. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { idOf, isKubeObject, type KubeObject } from "../../src/model/resource.ts";
import { ownObjectsOf } from "../../src/verdict/own-objects.ts";
import { decideRemedy } from "../../src/verdict/remedy.ts";
import { open, rules } from "./remedy-fixture.ts";

const installed = ["plumbline.yaml", "crds.yaml"].flatMap((file): KubeObject[] => {
  const text = readFileSync(fileURLToPath(new URL(`../../deploy/${file}`, import.meta.url)), "utf8");
  return parseAllDocuments(text)
    .map((document) => document.toJS())
    .filter(isKubeObject);
});

const own = ownObjectsOf({
  namespace: "plumbline-system",
  leaseName: "plumbline",
  keySecret: "plumbline-key",
  secretNamespaces: ["shop"],
});

/** Harmless where they are lost or changed: what is left of them is still watched. */
const mereConveniences = new Set(["Service"]);

const nameOf = ({ kind, namespace, name }: ReturnType<typeof idOf>): string =>
  [kind, namespace, name].filter((part) => part !== "").join("/");

describe("what is installed is never touched", () => {
  test.each(installed.map((object) => [nameOf(idOf(object)), object] as const))("%s", (name, object) => {
    const id = idOf(object);
    const asked = (allowProtected: readonly string[]) =>
      decideRemedy({ ...open, id, own, baseline: rules({ allowProtected }) });
    expect(asked([])).toMatchObject({ do: "never", reason: "protected" });
    if (!mereConveniences.has(id.kind)) expect(asked(["plumbline-system"])).toMatchObject({ reason: "protected" });
    expect(asked([name])).toMatchObject({ do: "heal" });
  });

  test("credentials of a source", () => {
    const id = {
      group: "rbac.authorization.k8s.io",
      kind: "Role",
      namespace: "shop",
      name: "plumbline-git-credentials",
    };
    expect(decideRemedy({ ...open, id, own })).toMatchObject({ do: "never", reason: "protected" });
  });

  test("there is something installed", () => expect(installed.length).toBeGreaterThan(10));
});
