/** From the definition of one of our kinds to its CustomResourceDefinition. Adds what the API server always wants, nothing else. */
import type { JsonObject } from "../../src/model/json.ts";
import { group, version, type KindDefinition, type ObjectSchema } from "../../src/model/schema-types.ts";

const standard: ObjectSchema["properties"] = {
  apiVersion: { type: "string", description: "Always plumbline.dev/v1alpha1." },
  kind: { type: "string", description: "The kind of this object." },
};

/** The whole schema, with the three fields that every object has. */
export function rootSchema(definition: KindDefinition): JsonObject {
  const { properties, ...rest } = definition.schema;
  const all = { ...standard, metadata: { type: "object" }, ...properties };
  return { ...rest, properties: all } as unknown as JsonObject;
}

export function crdName(definition: KindDefinition): string {
  return `${definition.plural}.${group}`;
}

export function crdOf(definition: KindDefinition): JsonObject {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: crdName(definition) },
    spec: {
      group,
      names: {
        kind: definition.kind,
        listKind: `${definition.kind}List`,
        plural: definition.plural,
        singular: definition.singular,
        ...(definition.shortNames.length > 0 ? { shortNames: definition.shortNames } : {}),
        categories: ["plumbline"],
      },
      scope: "Namespaced",
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          ...(definition.statusSubresource ? { subresources: { status: {} } } : {}),
          additionalPrinterColumns: definition.columns as unknown as JsonObject[],
          schema: { openAPIV3Schema: rootSchema(definition) },
        },
      ],
    },
  };
}
