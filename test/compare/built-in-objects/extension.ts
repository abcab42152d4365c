/** Definitions of kinds, and other API servers. */
import { make, type Row } from "./make.ts";

export const extensionObjects: readonly Row[] = [
  [
    "CustomResourceDefinition: least",
    make(
      "apiextensions.k8s.io/v1",
      "CustomResourceDefinition",
      {
        spec: {
          group: "example.com",
          names: { plural: "things", kind: "Thing" },
          scope: "Namespaced",
          preserveUnknownFields: false,
          versions: [
            {
              name: "v1",
              served: true,
              storage: true,
              deprecated: false,
              additionalPrinterColumns: [],
              schema: {
                openAPIV3Schema: {
                  type: "object",
                  description: "",
                  properties: {
                    a: { type: "object", additionalProperties: { type: "string", description: "" }, required: [] },
                    b: { type: "array", items: { type: "integer", minimum: 0, default: 0 } },
                    c: { type: "boolean", nullable: false, default: false },
                  },
                },
              },
              subresources: { status: {} },
            },
          ],
        },
        status: { acceptedNames: { kind: "", plural: "" }, conditions: [], storedVersions: [] },
      },
      "things.example.com",
    ),
  ],
  [
    "APIService: least",
    make(
      "apiregistration.k8s.io/v1",
      "APIService",
      {
        spec: {
          group: "g.example.com",
          version: "v1",
          groupPriorityMinimum: 1,
          versionPriority: 1,
          insecureSkipTLSVerify: false,
          service: { name: "s", namespace: "n" },
          caBundle: "YQ==",
        },
      },
      "v1.g.example.com",
    ),
  ],

  [
    "CustomResourceDefinition: converted",
    make(
      "apiextensions.k8s.io/v1",
      "CustomResourceDefinition",
      {
        spec: {
          group: "example.com",
          names: { plural: "things", kind: "Thing", shortNames: [], categories: ["all"], singular: "", listKind: "" },
          scope: "Cluster",
          conversion: {
            strategy: "Webhook",
            webhook: { clientConfig: { service: { name: "s", namespace: "n" } }, conversionReviewVersions: ["v1"] },
          },
          versions: [
            {
              name: "v1",
              served: true,
              storage: true,
              additionalPrinterColumns: [
                { name: "N", type: "integer", jsonPath: ".spec.n", priority: 0, format: "", description: "" },
              ],
              selectableFields: [{ jsonPath: ".spec.s" }],
              subresources: {
                scale: { specReplicasPath: ".spec.n", statusReplicasPath: ".status.n", labelSelectorPath: ".status.s" },
              },
              schema: {
                openAPIV3Schema: {
                  type: "object",
                  externalDocs: { url: "u" },
                  properties: {
                    spec: {
                      type: "object",
                      required: ["n"],
                      properties: {
                        n: {
                          type: "integer",
                          format: "int32",
                          maximum: 0,
                          exclusiveMaximum: false,
                          multipleOf: 0.5,
                          enum: [0, null],
                        },
                        s: { type: "string", minLength: 0, maxLength: 9, pattern: "", title: "", example: null },
                        o: {
                          type: "object",
                          maxProperties: 0,
                          "x-kubernetes-preserve-unknown-fields": true,
                          default: {},
                        },
                        l: {
                          type: "array",
                          maxItems: 0,
                          uniqueItems: false,
                          "x-kubernetes-list-type": "atomic",
                          items: { type: "string" },
                        },
                        i: { "x-kubernetes-int-or-string": true, anyOf: [{ type: "integer" }, { type: "string" }] },
                        x: { type: "string", not: { enum: ["a"] }, allOf: [], oneOf: [{ minLength: 1 }] },
                        m: {
                          type: "object",
                          additionalProperties: { type: "string" },
                          "x-kubernetes-map-type": "granular",
                        },
                      },
                      "x-kubernetes-validations": [
                        {
                          rule: "self.n == oldSelf.n",
                          message: "",
                          reason: "FieldValueInvalid",
                          optionalOldSelf: false,
                        },
                      ],
                    },
                    status: { type: "object", properties: { n: { type: "integer" }, s: { type: "string" } } },
                  },
                },
              },
            },
            {
              name: "v2",
              served: true,
              storage: false,
              deprecated: true,
              deprecationWarning: "old",
              schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
            },
          ],
        },
      },
      "things.example.com",
    ),
  ],
  [
    "APIService: local",
    make(
      "apiregistration.k8s.io/v1",
      "APIService",
      {
        spec: {
          group: "g.example.com",
          version: "v1",
          groupPriorityMinimum: 1,
          versionPriority: 1,
          insecureSkipTLSVerify: true,
          service: { name: "s", namespace: "n", port: 8443 },
        },
      },
      "v1.g.example.com",
    ),
  ],
];
