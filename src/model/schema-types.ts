/**
 * Schemas of our own custom resources, written once as literals: the API server gets them as YAML, the compiler
 * gets a type from the same literal. Types only; nothing here validates anything, the API server does.
 * Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
 */
import type { Json } from "./json.ts";

/** One CEL rule. `message` is what `kubectl apply` prints. */
export interface Rule {
  readonly rule: string;
  readonly message: string;
  readonly fieldPath?: string;
}

interface Node {
  /** What `kubectl explain` prints. */
  readonly description?: string;
  readonly nullable?: boolean;
  readonly "x-kubernetes-validations"?: readonly Rule[];
}

export interface StringSchema extends Node {
  readonly type: "string";
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly format?: "date-time";
  readonly minLength?: number;
  readonly maxLength?: number;
}

export interface NumberSchema extends Node {
  readonly type: "integer" | "number";
  readonly format?: "int32" | "int64";
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface BooleanSchema extends Node {
  readonly type: "boolean";
}

export interface ArraySchema extends Node {
  readonly type: "array";
  readonly items: Schema;
  readonly minItems?: number;
  readonly maxItems: number;
  readonly "x-kubernetes-list-type"?: "atomic" | "set" | "map";
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
}

export interface ObjectSchema extends Node {
  readonly type: "object";
  readonly properties: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

/** Any JSON, kept as it is. */
export interface AnySchema extends Node {
  readonly "x-kubernetes-preserve-unknown-fields": true;
}

export type Schema = StringSchema | NumberSchema | BooleanSchema | ArraySchema | ObjectSchema | AnySchema;

type RequiredOf<S> = S extends { readonly required: readonly (infer K)[] } ? K & string : never;

type ObjectOf<S, P> = {
  readonly [K in keyof P as K extends RequiredOf<S> ? K : never]: TypeOf<P[K]>;
} & {
  readonly [K in keyof P as K extends RequiredOf<S> ? never : K]?: TypeOf<P[K]>;
};

/** The type of the values that a schema literal lets through. */
export type TypeOf<S> = S extends { readonly "x-kubernetes-preserve-unknown-fields": true }
  ? Json
  : S extends { readonly enum: readonly (infer E)[] }
    ? E
    : S extends { readonly type: "string" }
      ? string
      : S extends { readonly type: "integer" | "number" }
        ? number
        : S extends { readonly type: "boolean" }
          ? boolean
          : S extends { readonly type: "array"; readonly items: infer I }
            ? readonly TypeOf<I>[]
            : S extends { readonly type: "object"; readonly properties: infer P }
              ? ObjectOf<S, P>
              : never;

/** One column of `kubectl get`; `priority` 1 shows with `-o wide` only. */
export interface Column {
  readonly name: string;
  readonly type: "string" | "integer" | "date";
  readonly jsonPath: string;
  readonly description: string;
  readonly priority?: 1;
}

/** All that makes one of our kinds: names, columns and schema. */
export interface KindDefinition {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly columns: readonly Column[];
  readonly statusSubresource: boolean;
  readonly schema: ObjectSchema;
}

export const group = "plumbline.dev";
export const version = "v1alpha1";
