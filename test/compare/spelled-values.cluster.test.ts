/**
 * Values as people spell them in YAML, through the real kubectl to the real API server and back: what we read of the same
 * text is what the server holds, applied either way; and the smallest edit of it is found.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseJson, type Json } from "../../src/model/json.ts";
import { formatPath } from "../../src/model/path.ts";
import { isKubeObject, type KubeObject } from "../../src/model/resource.ts";
import { readManifests } from "../../src/sources/yaml.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { countingDifferences, openTruthServer, tell, type TruthServer } from "../corpus/truth-server.ts";
import { describeWith } from "../support/describe-with.ts";

const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: spellings.example.com}
spec:
  group: example.com
  names: {kind: Spelling, plural: spellings}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              integer: {type: integer, format: int64}
              number: {type: number}
              text: {type: string}
              either: {x-kubernetes-int-or-string: true}
              amount:
                x-kubernetes-int-or-string: true
                pattern: '^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$'
              when: {type: string, format: date-time}
              bytes: {type: string, format: byte}
              free: {type: object, x-kubernetes-preserve-unknown-fields: true}
`;

const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const base64 = Buffer.from(pem.repeat(3)).toString("base64");
const wrapped = base64.replaceAll(/(.{64})/g, "$1\n    ");

const spelling = (field: string): string =>
  `apiVersion: example.com/v1\nkind: Spelling\nmetadata: {name: a}\nspec: {${field}}\n`;
const numbers = [
  "1.0",
  "1",
  "1e2",
  "0.1",
  "0.30000000000000004",
  "-0.0",
  "5e-324",
  "1e-7",
  "1e21",
  "1.5e300",
  "9007199254740993",
  "9223372036854775807",
  "-9223372036854775808",
  "9.123456789012345e18",
  "12345678901234567.0",
]; // prettier
/** Only a field without a schema takes what no number of the schema's holds. */
const loose = [
  "9223372036854775808",
  "18446744073709551615",
  "1.2345678901234567e20",
  "123456789012345678901234567890",
  "1e400",
  "0644",
  "0o644",
  "0x1F",
  "1_000",
  "1:30",
  "2001-01-01",
  "2001-01-01T00:00:00Z",
  "yes",
  "off",
  "'1.0'",
  "~",
  "<none>",
  "1Gi",
  '"\\u2028\\u00e9"',
]; // prettier

const texts: readonly (readonly [string, string])[] = [
  ...numbers.map((text) => [`number: ${text}`, spelling(`number: ${text}`)] as const),
  ...["1", "1.0", "1e2", "0644", "9007199254740993", "9223372036854775807", "9.123456789012345e18"].map(
    (text) => [`integer: ${text}`, spelling(`integer: ${text}`)] as const,
  ),
  ...[...numbers, ...loose].map((text) => [`free: ${text}`, spelling(`free: {value: ${text}}`)] as const),
  ...["12000m", "1.25G", "1", "'0.5'", "'1e3'", "'1000000000000000000000000'"].map(
    (text) => [`amount: ${text}`, spelling(`amount: ${text}`)] as const,
  ),
  ["either: 80 as text", spelling('either: "80"')],
  ["either: 80", spelling("either: 80")],
  ["when", spelling("when: 2024-01-01T01:00:00+01:00")],
  ["bytes", spelling("bytes: aGFsbG8=")],
  ["text of numbers and dates", spelling('text: "1000m"')],
  [
    "a ConfigMap's text",
    `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a: "1.0"\n  b: |\n    x \n\n  c: >-\n    x\n    y\n  d: |+\n    x\n\n  e: "a\\r\\nb"\n  f: ${JSON.stringify(pem)}\n  g: "2001:DB8::1"\n`,
  ],
  [
    "a Secret wrapped over lines",
    `apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata:\n  ca.crt: |\n    ${wrapped}\n`,
  ],
  ["a Secret of text", `apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  a: "1.0"\n  b: |\n    é\n`],
  [
    "caBundle wrapped over lines",
    `apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {name: a}\nwebhooks:\n- name: a.example.com\n  admissionReviewVersions: [v1]\n  sideEffects: None\n  clientConfig:\n    url: https://127.0.0.1:1/x\n    caBundle: |\n      ${Buffer.from(pem.replace("MIIB", "MIIBszCCAVmgAwIBAgIBATAKBggqhkjOPQQDAjAA")).toString("base64")}\n`,
  ],
  [
    "addresses of a Service",
    `apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ports: [{port: 0x50}]\n  externalIPs: ["2001:DB8:0::1"]\n  sessionAffinityConfig: {clientIP: {timeoutSeconds: 1e2}}\n  sessionAffinity: ClientIP\n`,
  ],
  [
    "a Pod's modes, amounts and grace",
    `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  terminationGracePeriodSeconds: 1e2\n  containers:\n  - name: a\n    image: a:1\n    resources: {limits: {cpu: 0.0005, memory: 1.5Gi, example.com/x: 1e3}, requests: {cpu: .0001}}\n    env: [{name: A, value: "0644"}]\n  volumes:\n  - name: v\n    configMap: {name: c, defaultMode: 0644}\n`,
  ],
];

describeWith(["etcd", "kube-apiserver", "kubectl"], "values as they are spelled", () => {
  let plane: ControlPlane;
  let server: TruthServer;

  beforeAll(async () => {
    plane = await startControlPlane({
      apiServerArgs: ["--disable-admission-plugins=ServiceAccount,DenyServiceExternalIPs"],
    });
    server = await openTruthServer(plane);
    expect(await plane.kubectl(["apply", "-f", "-"], definition)).toMatchObject({ code: 0 });
    await server.learnOf([{ apiVersion: "example.com/v1", kind: "Spelling", metadata: { name: "a" } }]);
  });
  afterAll(async () => {
    server?.close();
    await plane?.stop();
  });

  const liveOf = async (desired: KubeObject): Promise<KubeObject> => {
    const { body } = await server.send("GET", server.pathOf(desired) ?? "/none");
    if (!isKubeObject(body)) throw new Error(JSON.stringify(body));
    return body;
  };

  describe.each([
    ["client-side", ["apply", "-f", "-"]],
    ["server-side", ["apply", "--server-side", "--force-conflicts", "-f", "-"]],
  ])("applied %s", (_, args) => {
    test.each(texts)("%s", async (__, text) => {
      const { objects, problems } = readManifests(text, "a.yaml");
      expect(problems).toEqual([]);
      const desired = objects[0]?.object as KubeObject;
      const applied = await plane.kubectl(args, text);
      expect(applied).toMatchObject({ code: 0 });
      expect(tell(countingDifferences(server, desired, await liveOf(desired)))).toEqual([]);
      await server.send("DELETE", `${server.pathOf(desired) ?? "/none"}?gracePeriodSeconds=0`);
    });
  });

  test.each([
    ["free: {value: 9007199254740993}", '{"spec":{"free":{"value":9007199254740992}}}', ".spec.free.value"],
    ["free: {value: 9223372036854775807}", '{"spec":{"free":{"value":9223372036854775806}}}', ".spec.free.value"],
    ["free: {value: 0.1}", '{"spec":{"free":{"value":0.10000000000000002}}}', ".spec.free.value"],
    ["free: {value: 1}", '{"spec":{"free":{"value":"1"}}}', ".spec.free.value"],
    ["free: {value: 1000m}", '{"spec":{"free":{"value":"1"}}}', ".spec.free.value"],
    ["integer: 9007199254740993", '{"spec":{"integer":9007199254740992}}', ".spec.integer"],
    ["number: 0.1", '{"spec":{"number":0.1000001}}', ".spec.number"],
    ["either: 80", '{"spec":{"either":"80"}}', ".spec.either"],
    ['either: "80"', '{"spec":{"either":80}}', ".spec.either"],
    ["amount: 12000m", '{"spec":{"amount":"12001m"}}', ".spec.amount"],
    ['text: "1000m"', '{"spec":{"text":"1"}}', ".spec.text"],
    ["when: 2024-01-01T00:00:00Z", '{"spec":{"when":"2024-01-01T00:00:01Z"}}', ".spec.when"],
    ["bytes: aGFsbG8=", '{"spec":{"bytes":"aGFsbGo="}}', ".spec.bytes"],
  ])("%s, edited to %s, is found", async (field, patch, path) => {
    const text = spelling(field);
    const desired = readManifests(text, "a.yaml").objects[0]?.object as KubeObject;
    expect(await plane.kubectl(["apply", "-f", "-"], text)).toMatchObject({ code: 0 });
    const patched = await server.send(
      "PATCH",
      server.pathOf(desired) ?? "/none",
      parseJson(patch) as Json,
      "application/merge-patch+json",
    );
    expect(patched.status).toBe(200);
    expect(countingDifferences(server, desired, await liveOf(desired)).map((found) => formatPath(found.path))).toEqual([
      path,
    ]);
    await server.send("DELETE", server.pathOf(desired) ?? "/none");
  });

  test.each([
    ["12000m", "12"],
    ["1.25G", "1250M"],
    ["0.5", "500m"],
    ["1e3", "1k"],
  ])("an amount in a custom resource, %s written back as %s, is the same", async (stated, written) => {
    const text = spelling(`amount: "${stated}"`);
    const desired = readManifests(text, "a.yaml").objects[0]?.object as KubeObject;
    expect(await plane.kubectl(["apply", "-f", "-"], text)).toMatchObject({ code: 0 });
    await server.send(
      "PATCH",
      server.pathOf(desired) ?? "/none",
      { spec: { amount: written } },
      "application/merge-patch+json",
    );
    const live = await liveOf(desired);
    expect(live["spec"]).toEqual({ amount: written });
    expect(tell(countingDifferences(server, desired, live))).toEqual([]);
    await server.send("DELETE", server.pathOf(desired) ?? "/none");
  });
});
