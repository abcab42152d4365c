/** A CRD with one field for each thing a structural schema can say, and objects that make the server show what it does with them. */
import type { JsonObject } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";

const text: JsonObject = { type: "string" };
const quantity: JsonObject = {
  anyOf: [{ type: "integer" }, { type: "string" }],
  pattern:
    "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$",
  "x-kubernetes-int-or-string": true,
};

const spec: JsonObject = {
  type: "object",
  properties: {
    text,
    withDefault: { type: "string", default: "d" },
    nullableText: { type: "string", nullable: true },
    nullableWithDefault: { type: "string", nullable: true, default: "d" },
    number: { type: "integer", default: 3 },
    flag: { type: "boolean", default: false },
    size: quantity,
    port: { anyOf: [{ type: "integer" }, { type: "string" }], "x-kubernetes-int-or-string": true },
    nested: { type: "object", properties: { inner: { type: "string", default: "i" }, other: text } },
    nestedWithDefault: { type: "object", default: {}, properties: { inner: { type: "string", default: "i" } } },
    pruned: { type: "object" },
    free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
    halfFree: {
      type: "object",
      "x-kubernetes-preserve-unknown-fields": true,
      properties: { known: { type: "object", properties: { a: { type: "string", default: "d" } } } },
    },
    labels: { type: "object", additionalProperties: text },
    nullableLabels: { type: "object", additionalProperties: { type: "string", nullable: true } },
    structs: {
      type: "object",
      additionalProperties: { type: "object", properties: { a: { type: "string", default: "d" } } },
    },
    plain: { type: "array", items: text },
    set: { type: "array", items: text, "x-kubernetes-list-type": "set" },
    keyed: {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["port", "protocol"],
      items: {
        type: "object",
        required: ["port"],
        properties: { port: { type: "integer" }, protocol: { type: "string", default: "TCP" }, name: text },
      },
    },
    items: { type: "array", items: { type: "object", properties: { a: { type: "string", default: "d" } } } },
    nullableItems: { type: "array", items: { type: "object", nullable: true, properties: { a: text } } },
    selector: {
      type: "object",
      "x-kubernetes-map-type": "atomic",
      properties: { matchLabels: { type: "object", additionalProperties: text } },
    },
    embedded: { type: "object", "x-kubernetes-embedded-resource": true, "x-kubernetes-preserve-unknown-fields": true },
    embeddedTyped: {
      type: "object",
      "x-kubernetes-embedded-resource": true,
      properties: { spec: { type: "object", properties: { a: { type: "string", default: "d" } } } },
    },
    template: {
      type: "object",
      properties: {
        metadata: { type: "object" },
        resources: {
          type: "object",
          properties: {
            limits: { type: "object", additionalProperties: quantity },
            requests: { type: "object", additionalProperties: quantity },
          },
        },
      },
    },
  },
};

export const customDefinition: KubeObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "samples.example.com" },
  spec: {
    group: "example.com",
    names: { plural: "samples", singular: "sample", kind: "Sample", listKind: "SampleList" },
    scope: "Namespaced",
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: { spec, config: { type: "object", properties: { a: text } } },
          },
        },
        subresources: { status: {} },
      },
    ],
  },
};

function make(rest: JsonObject): KubeObject {
  const { metadata, ...fields } = rest;
  return {
    apiVersion: "example.com/v1",
    kind: "Sample",
    ...fields,
    metadata: { name: "it", ...(metadata as JsonObject | undefined) },
  };
}

export const customObjects: readonly (readonly [name: string, object: KubeObject])[] = [
  ["nothing", make({})],
  ["an empty spec", make({ spec: {} })],
  [
    "empties are values",
    make({ spec: { nested: {}, labels: {}, plain: [], set: [], keyed: [], selector: {}, structs: {}, text: "" } }),
  ],
  ["zeros are values", make({ spec: { number: 0, flag: false, text: "", size: 0, port: 0 } })],
  ["null without a default", make({ spec: { text: null, nested: null, plain: null } })],
  ["null with a default", make({ spec: { withDefault: null, nestedWithDefault: null } })],
  ["null where it may be", make({ spec: { nullableText: null, nullableWithDefault: null } })],
  ["null in maps", make({ spec: { labels: { a: null, b: "" }, nullableLabels: { a: null } } })],
  [
    "null in free content",
    make({ spec: { free: { a: null, b: { c: null } }, halfFree: { x: null, known: { a: null } } } }),
  ],
  ["null in lists", make({ spec: { nullableItems: [null, { a: null }] } })],
  [
    "defaults inside what is there",
    make({ spec: { nested: { other: "o" }, structs: { k: {} }, items: [{}, { a: "x" }] } }),
  ],
  ["defaults in half free content", make({ spec: { halfFree: { known: {}, unknown: { a: 1 } } } })],
  ["unknown fields", make({ spec: { nothing: 1, nested: { nothing: 1 }, pruned: { a: 1 } }, nothing: { a: 1 } })],
  ["free content", make({ spec: { free: { a: {}, b: [], c: "", d: 0, e: false, f: [{ g: null }] } } })],
  ["keys that are left out", make({ spec: { keyed: [{ port: 80 }, { port: 80, protocol: "UDP" }] } })],
  [
    "spelling of amounts",
    make({ spec: { size: "1000m", template: { resources: { limits: { cpu: "1000m" }, requests: {} } } } }),
  ],
  ["a port by name", make({ spec: { port: "80" } })],
  [
    "embedded objects",
    make({
      spec: {
        embedded: {
          apiVersion: "v1",
          kind: "Pod",
          metadata: { name: "p", labels: {}, creationTimestamp: null },
          spec: { a: null },
        },
      },
    }),
  ],
  [
    "embedded objects with a schema",
    make({
      spec: {
        embeddedTyped: { apiVersion: "v1", kind: "Pod", metadata: { name: "p", nothing: 1 }, spec: { nothing: 1 } },
      },
    }),
  ],
  ["metadata of a template", make({ spec: { template: { metadata: { labels: { a: "b" } } } } })],
  [
    "empties in metadata",
    make({ metadata: { labels: {}, annotations: { a: null, b: "" }, finalizers: [], creationTimestamp: null } }),
  ],
  ["status in the file", make({ status: { a: 1 }, spec: {} })],
  ["large integers", make({ spec: { free: { a: 9007199254740993n } } })],
];
