/** What the real `kubectl apply` makes of lists, namespaces, names it is to make up, fields nobody knows and things said twice. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { diffObjects } from "../../src/compare/diff.ts";
import { kindOf } from "../../src/compare/schema-index.ts";
import { isKubeObject, type KubeObject } from "../../src/model/resource.ts";
import { readManifests } from "../../src/sources/yaml.ts";
import { placeObjects, type Placed } from "../../src/verdict/place.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { openTruthServer, type TruthServer } from "../corpus/truth-server.ts";
import { describeWith } from "../support/describe-with.ts";

const configMap = (name: string, rest = ""): string =>
  `{apiVersion: v1, kind: ConfigMap, metadata: {name: ${name}}${rest}}`;

describeWith(["etcd", "kube-apiserver", "kubectl"], "as kubectl applies it", () => {
  let plane: ControlPlane;
  let server: TruthServer;

  beforeAll(async () => {
    plane = await startControlPlane();
    server = await openTruthServer(plane);
    expect(await plane.kubectl(["create", "namespace", "shop"])).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    server?.close();
    await plane?.stop();
  });

  const ours = (text: string): Placed => {
    const read = readManifests(text, "a.yaml");
    const placed = placeObjects(read.objects, {
      targetNamespace: "shop",
      scopeOf: ({ group, version, kind }) => {
        const apiVersion = group === "" ? version : `${group}/${version}`;
        const namespaced = server.isNamespaced({ apiVersion, kind, metadata: { name: "x" } });
        return namespaced === undefined ? undefined : namespaced ? "Namespaced" : "Cluster";
      },
    });
    return { objects: placed.objects, problems: [...read.problems, ...placed.problems] };
  };
  const apply = (text: string, ...more: readonly string[]): ReturnType<ControlPlane["kubectl"]> =>
    plane.kubectl(["apply", "-n", "shop", "-f", "-", ...more], text);
  const liveOf = async (object: KubeObject): Promise<KubeObject> => {
    const { body } = await server.send("GET", server.pathOf(object) ?? "/none");
    if (!isKubeObject(body)) throw new Error(JSON.stringify(body));
    return body;
  };

  describe("each object is applied, and read by us, in its place", () => {
    test.each([
      ["a List", `{apiVersion: v1, kind: List, items: [${configMap("a")}, ${configMap("b")}]}`, 2],
      ["a typed list", `{apiVersion: v1, kind: ConfigMapList, items: [${configMap("c")}, {metadata: {name: d}}]}`, 2],
      [
        "a typed list of a cluster's kind",
        "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleList, items: [{metadata: {name: e}}]}",
        1,
      ],
      [
        "a namespace on a cluster's kind",
        "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: f, namespace: shop}}",
        1,
      ],
      ["a namespace that is null", "{apiVersion: v1, kind: ConfigMap, metadata: {name: g, namespace: null}}", 1],
      [
        "JSON objects in a row",
        '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"h"}}\n{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"i"}}\n',
        2,
      ],
      [
        "documents between markers",
        `---\n${configMap("j")}\n--- # c\n# c\n---\nnull\n---\n${configMap("k")}\n...\n`,
        2,
      ],
    ])("%s", async (_, text, count) => {
      const { objects, problems } = ours(text);
      expect(problems).toEqual([]);
      expect(objects).toHaveLength(count);
      const applied = await apply(text);
      expect(applied).toMatchObject({ code: 0 });
      expect(applied.stdout.trim().split("\n")).toHaveLength(count);
      for (const { object } of objects) {
        const schema = server.index.schemaFor(kindOf(object));
        if (schema === undefined) throw new Error(object.kind);
        expect(diffObjects({ desired: object, live: await liveOf(object), schema })).toEqual({
          differences: [],
          warnings: [],
        });
      }
    });
  });

  test("a name to be made up cannot be applied, nor compared", async () => {
    const text = "{apiVersion: v1, kind: ConfigMap, metadata: {generateName: a-}}";
    expect((await apply(text)).stderr).toContain("generate name");
    expect(ours(text)).toMatchObject({ objects: [], problems: [{ code: "generate-name" }] });
  });

  test("an object declared twice is applied twice, the last one wins; we judge neither, and say so", async () => {
    const text = `${configMap("twice", ", data: {a: one}")}\n---\n${configMap("twice", ", data: {a: two}")}`;
    expect(await apply(text)).toMatchObject({ code: 0 });
    expect(
      (await liveOf({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "twice", namespace: "shop" } }))["data"],
    ).toEqual({ a: "two" });
    expect(ours(text)).toMatchObject({ objects: [], problems: [{ code: "duplicate-id" }] });
  });

  test("a key that is there twice: the last one wins in silence; we refuse it with its line", async () => {
    const text = `${configMap("key").slice(0, -1)},\n data: {a: one, a: two}}`;
    expect(await apply(text)).toMatchObject({ code: 0, stderr: "" });
    expect(ours(text)).toMatchObject({ objects: [], problems: [{ code: "yaml-duplicate-key", line: 2 }] });
  });

  test("a field nobody knows is refused, or pruned where validation is off; we say which and what was meant", async () => {
    const text =
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: unknown}\nspec:\n  replica: 3\n  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n    spec:\n      containers: [{name: a, image: a:1, imagePullPolcy: Always}]\n";
    const refused = await apply(text);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('unknown field "spec.replica"');
    expect(await apply(text, "--validate=ignore")).toMatchObject({ code: 0 });
    const object = ours(text).objects[0]?.object as KubeObject;
    const schema = server.index.schemaFor(kindOf(object));
    if (schema === undefined) throw new Error(object.kind);
    const { warnings } = diffObjects({ desired: object, live: await liveOf(object), schema });
    expect(
      warnings.map(({ code, pointer, message }) => [code, pointer, /did you mean (\w+)/.exec(message)?.[1]]),
    ).toEqual([
      ["unknown-field", "/spec/replica", "replicas"],
      ["unknown-field", "/spec/template/spec/containers/0/imagePullPolcy", "imagePullPolicy"],
    ]);
  });
});
