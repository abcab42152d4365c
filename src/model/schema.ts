/**
 * The type of a value, as the API server merges it. Made lazily by `compare/schema` from OpenAPI v3 and CRDs.
 * Source: https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy
 */
import type { Json } from "./json.ts";

/** How two scalars of this type are held equal. */
export type ScalarKind =
  | "string"
  | "number"
  | "boolean"
  | "quantity"
  | "duration"
  | "time"
  | "bytes"
  | "address"
  | "int-or-string"
  | "any";

interface Common {
  /** What the schema declares as default; undefined where it declares none. */
  readonly default?: Json;
  readonly nullable?: boolean;
  /** The server lets nobody change it while it is there. */
  readonly frozen?: boolean;
}

export type TypeNode =
  | ({ readonly type: "scalar"; readonly scalar: ScalarKind } & Common)
  | ({
      readonly type: "struct";
      /** The named type in the document, for example `io.k8s.api.core.v1.PodSpec`; "" where it has none. */
      readonly name: string;
      readonly atomic: boolean;
      /** False where the server prunes what `field` does not know. */
      readonly keepsUnknown: boolean;
      /** `x-kubernetes-embedded-resource`: the value is a whole object with its own apiVersion and kind. */
      readonly embedded: boolean;
      field(name: string): TypeNode | undefined;
      /** Names of the declared fields, for filling in defaults. */
      fields(): readonly string[];
    } & Common)
  | ({ readonly type: "map"; readonly atomic: boolean; readonly values: () => TypeNode } & Common)
  | ({
      readonly type: "list";
      readonly list: "atomic" | "set" | "map";
      /** Of a `map` list; empty otherwise. */
      readonly keys: readonly string[];
      readonly items: () => TypeNode;
    } & Common)
  /** No schema: maps are granular, lists atomic, scalars compare by value. */
  | ({ readonly type: "untyped" } & Common);

/** The schema of one kind at one version. */
export interface KindSchema {
  readonly root: TypeNode;
  /** True for kinds compiled into the API server: their zeros and empties are absence, and the built-in defaults apply. */
  readonly builtIn: boolean;
  /** Minor of the server whose document it is from, `1.36`; undefined where that is not known, and for custom kinds. */
  readonly server?: string;
}
