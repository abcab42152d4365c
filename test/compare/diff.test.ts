/** The field decision table, row by row, and what one difference is. */
import { describe, expect, test } from "vitest";
import { diffObjects } from "../../src/compare/diff.ts";
import type { Difference } from "../../src/compare/difference.ts";
import { formatJson, type Json } from "../../src/model/json.ts";
import { formatPath, formatPointer } from "../../src/model/path.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { edited } from "./edited.ts";
import { deployment, object, sample, schemaOf } from "./schemas.ts";

function diff(desired: KubeObject, live: KubeObject, previous?: KubeObject): readonly Difference[] {
  const schema = schemaOf(desired);
  return diffObjects({ desired, live, schema, ...(previous !== undefined && { previous }) }).differences;
}

function show({ op, path, desired, defaulted, live }: Difference): string {
  const text = (value: Json | undefined): string => (value === undefined ? "-" : formatJson(value));
  const stated = defaulted === undefined ? text(desired) : `(${text(defaulted)})`;
  return `${op} ${formatPath(path)} ${stated} ${text(live)}`;
}

const web = deployment(
  {
    env: [
      { name: "A", value: "1" },
      { name: "B", value: "$(A)" },
    ],
    ports: [{ containerPort: 80 }],
    args: ["a", "b"],
  },
  { volumes: [{ name: "v", configMap: { name: "m" } }], nodeSelector: { disk: "ssd" } },
);
const container = '.spec.template.spec.containers[name="c"]';
const c = "/spec/template/spec/containers/0";
const service = object("v1", "Service", { spec: { selector: { app: "it" }, ports: [{ port: 80 }] } });
const settings = object("v1", "ConfigMap", { data: { a: "1", b: "2" } });

type Row = readonly [
  name: string,
  desired: KubeObject,
  edits: Readonly<Record<string, Json | undefined>>,
  found: readonly string[],
];

const rows: readonly Row[] = [
  ["nothing", web, {}, []],
  ["a value changed", web, { [`${c}/image`]: "b:1" }, [`changed ${container}.image "a:1" "b:1"`]],
  ["a default overridden", web, { "/spec/replicas": 3 }, ["added .spec.replicas (1) 3"]],
  [
    "a default deep down overridden",
    web,
    { "/spec/template/spec/volumes/0/configMap/defaultMode": 256 },
    ['added .spec.template.spec.volumes[name="v"].configMap.defaultMode (420) 256'],
  ],
  ["a default the server does not know", web, { "/spec/progressDeadlineSeconds": undefined }, []],
  [
    "what follows from another change",
    web,
    { "/spec/strategy": { type: "Recreate" } },
    ['added .spec.strategy.type ("RollingUpdate") "Recreate"'],
  ],
  [
    "an env variable added",
    web,
    { [`${c}/env/2`]: { name: "X", value: "1" } },
    [`added ${container}.env[name="X"] - {"name":"X","value":"1"}`],
  ],
  [
    "an env variable removed",
    web,
    { [`${c}/env/1`]: undefined },
    [`removed ${container}.env[name="B"] {"name":"B","value":"$(A)"} -`],
  ],
  [
    "env where Git has none",
    deployment(),
    { [`${c}/env`]: [{ name: "X", value: "1" }] },
    [`added ${container}.env[name="X"] - {"name":"X","value":"1"}`],
  ],
  [
    "a label where Git has none",
    web,
    { "/metadata/labels": { a: "b", c: "d" } },
    ['added .metadata.labels.a - "b"', 'added .metadata.labels.c - "d"'],
  ],
  [
    "a struct added whole",
    web,
    { [`${c}/securityContext`]: { privileged: true } },
    [`added ${container}.securityContext - {"privileged":true}`],
  ],
  [
    "inside a struct that is always there",
    web,
    { "/spec/template/spec/securityContext": { runAsUser: 0 } },
    ["added .spec.template.spec.securityContext.runAsUser - 0"],
  ],
  [
    "limits by hand",
    web,
    { [`${c}/resources`]: { limits: { cpu: "1" } } },
    [`added ${container}.resources.limits.cpu - "1"`],
  ],
  [
    "a container added",
    web,
    { "/spec/template/spec/containers/1": { name: "x", image: "x" } },
    ['added .spec.template.spec.containers[name="x"] - {"name":"x","image":"x"}'],
  ],
  ["an atomic list of another length", web, { [`${c}/args`]: ["a"] }, [`changed ${container}.args ["a","b"] ["a"]`]],
  ["an atomic list of the same length", web, { [`${c}/args`]: ["a", "x"] }, [`changed ${container}.args[1] "b" "x"`]],
  [
    "an atomic map, at its key",
    web,
    { "/spec/template/spec/nodeSelector": { disk: "ssd", zone: "a" } },
    ['added .spec.template.spec.nodeSelector.zone - "a"'],
  ],
  ["an atomic map, value", service, { "/spec/selector": { app: "x" } }, ['changed .spec.selector.app "it" "x"']],
  [
    "a list key edited",
    service,
    { "/spec/ports/0/port": 83, "/spec/ports/0/targetPort": 80 },
    [
      'removed .spec.ports[port=80,protocol="TCP"] {"port":80,"protocol":"TCP","targetPort":80} -',
      'added .spec.ports[port=83,protocol="TCP"] - {"port":83,"protocol":"TCP","targetPort":80}',
    ],
  ],
  [
    "a Service's type",
    service,
    { "/spec/type": "NodePort", "/spec/externalTrafficPolicy": "Cluster" },
    ['added .spec.type ("ClusterIP") "NodePort"'],
  ],
  ["an order without meaning", web, { [`${c}/ports`]: [{ containerPort: 80, protocol: "TCP" }] }, []],
  ["a map entry swapped", settings, { "/data": { a: "1", c: "2" } }, ['removed .data.b "2" -', 'added .data.c - "2"']],
  ["an empty entry is a value", settings, { "/data/c": "" }, ['added .data.c - ""']],
  ["text is text", settings, { "/data/a": "1 " }, ['changed .data.a "1" "1 "']],
  ["a finalizer", settings, { "/metadata/finalizers": ["a/b"] }, ['added .metadata.finalizers[="a/b"] - "a/b"']],
  [
    "never compared",
    settings,
    {
      "/status": { a: 1 },
      "/metadata/uid": "u",
      "/metadata/managedFields": [],
      "/metadata/annotations": { "kubectl.kubernetes.io/last-applied-configuration": "{}" },
    },
    [],
  ],
  [
    "explicit null against a value by hand",
    object("v1", "ConfigMap", { data: { a: "1" }, binaryData: null }),
    { "/binaryData": { a: "eA==" } },
    ['added .binaryData.a - "eA=="'],
  ],
  [
    "zeros that are dropped",
    deployment({ tty: false, workingDir: "" }, { hostNetwork: false }),
    { [`${c}/tty`]: undefined },
    [],
  ],
  [
    "a zero that is a value",
    deployment({ securityContext: { privileged: false } }),
    { [`${c}/securityContext`]: {} },
    [`removed ${container}.securityContext.privileged false -`],
  ],
  [
    "a custom resource's empties are values",
    sample({ nested: {} }),
    { "/spec/labels": {} },
    ["added .spec.labels - {}"],
  ],
  [
    "a custom resource's empty removed",
    sample({ selector: {} }),
    { "/spec/selector": undefined },
    ["removed .spec.selector {} -"],
  ],
  ["a custom resource's default overridden", sample({}), { "/spec/number": 4 }, ["added .spec.number (3) 4"]],
  [
    "a set value swapped",
    sample({ set: ["a", "b"] }),
    { "/spec/set": ["c", "b"] },
    ['removed .spec.set[="a"] "a" -', 'added .spec.set[="c"] - "c"'],
  ],
  ["a set in another order", sample({ set: ["a", "b"] }), { "/spec/set": ["b", "a"] }, []],
  ["an amount spelt otherwise", sample({ size: "1000m" }), { "/spec/size": "1" }, []],
  [
    "a label is no amount",
    object("v1", "ConfigMap", { metadata: { labels: { a: "1000m" } } }),
    { "/metadata/labels/a": "1" },
    ['changed .metadata.labels.a "1000m" "1"'],
  ],
];

describe("what differs", () => {
  test.each(rows)("%s", (_, desired, edits, found) => {
    expect(diff(desired, edited(desired, edits)).map(show)).toEqual(found);
  });

  test("the live side of a type that is none is reported, not thrown", () => {
    expect(diff(settings, { ...settings, data: "x" }).map(show)).toEqual(['changed .data {"a":"1","b":"2"} "x"']);
  });
});

describe("pointers", () => {
  test("lead into live, and for what is removed into the file", () => {
    const live = edited(web, { [`${c}/env`]: [{ name: "X" }, { name: "A", value: "2" }] });
    const pointers = diff(web, live).map(({ op, tokens }) => `${op} ${formatPointer(tokens)}`);
    expect(pointers).toEqual([`changed ${c}/env/1/value`, `removed ${c}/env/1`, `added ${c}/env/0`]);
  });

  test("of a Secret lead to where the file says it", () => {
    const secret = object("v1", "Secret", { data: { a: "YQ==" }, stringData: { b: "b" } });
    const found = diff(secret, edited(secret, { "/data/a": undefined, "/data/b": undefined }));
    expect(found.map(({ tokens }) => formatPointer(tokens))).toEqual(["/data/a", "/stringData/b"]);
  });

  test("of atomic things tell how deep the whole begins", () => {
    expect(diff(service, edited(service, { "/spec/selector/x": "y" }))[0]?.atomicDepth).toBe(2);
    expect(diff(web, edited(web, { [`${c}/args`]: ["a", "x"] }))[0]?.atomicDepth).toBe(6);
    expect(diff(web, edited(web, { "/spec/replicas": 3 }))[0]?.atomicDepth).toBeUndefined();
  });
});

describe("what Git dropped", () => {
  const before = deployment(
    {
      env: [
        { name: "OLD", value: "1" },
        { name: "A", value: "1" },
      ],
    },
    {},
    { replicas: 3 },
  );
  const after = deployment({ env: [{ name: "A", value: "1" }] });
  test("is told from what was added by hand", () => {
    const live = edited(before, { "/metadata/labels": { hand: "x" } });
    expect(diff(after, live, before).map((found) => [formatPath(found.path), found.droppedFromGit ?? false])).toEqual([
      [".metadata.labels.hand", false],
      [".spec.replicas", true],
      [`${container}.env[name="OLD"]`, true],
    ]);
  });
});

test("duplicate keys are compared in order, and warned about", () => {
  const twice = deployment({
    env: [
      { name: "A", value: "1" },
      { name: "A", value: "2" },
    ],
  });
  const live = edited(twice, { [`${c}/env/1/value`]: "3" });
  const { differences, warnings } = diffObjects({ desired: twice, live, schema: schemaOf(twice) });
  expect(differences.map((found) => `${formatPath(found.path)} ${found.note ?? ""}`)).toEqual([
    `${container}.env[1].value duplicate keys: compared in order`,
  ]);
  expect(warnings.map(({ code }) => code)).toEqual(["duplicate-list-key"]);
});
