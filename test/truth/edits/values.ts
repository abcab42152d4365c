/** Values that a type would take: another one in the place of one that is there, or one where there is none. */
import { getString, isArray, isObject, type Json } from "../../../src/model/json.ts";
import type { Chance } from "../random.ts";
import type { Type, Types } from "../types.ts";

export type Scalar =
  | "string"
  | "enum"
  | "number"
  | "boolean"
  | "quantity"
  | "int-or-string"
  | "time"
  | "duration"
  | "bytes";

/** By name: objects in the document, texts on the wire. */
const named: readonly (readonly [RegExp, Scalar])[] = [
  [/\.Quantity$/, "quantity"],
  [/\.IntOrString$/, "int-or-string"],
  [/Time$/, "time"],
  [/\.Duration$/, "duration"],
];
const formats: Readonly<Record<string, Scalar>> = { "date-time": "time", byte: "bytes" };
const plain: Readonly<Record<string, Scalar>> = {
  integer: "number",
  number: "number",
  bigint: "number",
  boolean: "boolean",
  string: "string",
};

/** The family of a scalar type; undefined for what is none. */
export function scalarOf(type: Type, value?: Json): Scalar | undefined {
  if (type.shape === "free" && value !== undefined) return plain[typeof value];
  if (type.shape !== "scalar") return undefined;
  const { schema, name } = type;
  const byName = named.find(([pattern]) => pattern.test(name))?.[1];
  if (byName !== undefined) return byName;
  if (schema["x-kubernetes-int-or-string"] === true) return "int-or-string";
  const byFormat = formats[getString(schema, "format") ?? ""];
  if (byFormat !== undefined) return byFormat;
  if (isArray(schema["enum"])) return "enum";
  const found = plain[getString(schema, "type") ?? ""];
  return found === "string" && typeof value === "string" && /^\d+(ns|us|ms|s|m|h)$/.test(value) ? "duration" : found;
}

const isDigits = (text: string): boolean => /^\d{1,15}$/.test(text);

/** A number inside a text raised by one, or a letter more. */
function otherText(text: string): string {
  if (text === "") return "by-hand";
  if (isDigits(text)) return String(Number(text) + 1);
  const amount = /^(\d{1,9})(%|[a-z]{1,2})$/.exec(text);
  if (amount !== null) return `${Number(amount[1]) + 1}${amount[2] ?? ""}`;
  return /[A-Za-z0-9]$/.test(text) ? `${text}x` : `${text} x`;
}

function otherQuantity(value: Json): Json {
  return value === "7" || value === 7 ? "250m" : "7";
}

/** Another value of the same type. */
export function otherValue(scalar: Scalar, type: Type, value: Json, chance: Chance): Json | undefined {
  const text = typeof value === "string" ? value : "";
  switch (scalar) {
    case "boolean":
      return value !== true;
    case "number":
      return typeof value === "number" ? value + 1 : undefined;
    case "quantity":
      return otherQuantity(value);
    case "int-or-string":
      if (type.schema["pattern"] !== undefined) return otherQuantity(value);
      return typeof value === "number" ? value + 1 : otherText(text);
    case "enum": {
      const all = type.schema["enum"];
      const others = (isArray(all) ? all : []).filter((one) => one !== value && one !== null && one !== "");
      return others.length === 0 ? undefined : chance.pick(others);
    }
    case "time":
      return text.startsWith("2030") ? "2031-01-01T00:00:00Z" : "2030-01-01T00:00:00Z";
    case "bytes":
      return Buffer.concat([Buffer.from(text, "base64"), Buffer.from("x")]).toString("base64");
    case "duration":
    case "string":
      return otherText(text);
  }
}

const firsts: Readonly<Record<Exclude<Scalar, "enum">, Json>> = {
  boolean: true,
  number: 1,
  quantity: "1",
  "int-or-string": 1,
  time: "2030-01-01T00:00:00Z",
  bytes: "eA==",
  duration: "1s",
  string: "by-hand",
};

/** A value that the type might take, with what it requires; undefined where that is deeper than somebody would write. */
export function someValue(types: Types, type: Type, chance: Chance, depth = 0): Json | undefined {
  if (depth > 4) return undefined;
  const scalar = scalarOf(type);
  if (scalar === "enum") return otherValue("enum", type, null, chance);
  if (scalar !== undefined) return firsts[scalar];
  switch (type.shape) {
    case "map": {
      const entry = someValue(types, types.under(type, "by-hand"), chance, depth + 1);
      return entry === undefined ? undefined : { "by-hand": entry };
    }
    case "list":
    case "set":
    case "map-list": {
      const item = someValue(types, types.item(type), chance, depth + 1);
      return item === undefined ? undefined : [item];
    }
    case "struct":
      return someStruct(types, type, chance, depth);
    case "scalar":
    case "free":
      return getString(type.schema, "type") === "object" || type.shape === "free" ? { "by-hand": "x" } : undefined;
  }
}

/** What the struct requires, and one field more. */
function someStruct(types: Types, type: Type, chance: Chance, depth: number): Json | undefined {
  const required = type.schema["required"];
  const names = (isArray(required) ? required : []).filter((name) => typeof name === "string");
  const others = types.fields(type).filter((name) => !names.includes(name) && name !== "status");
  const extra = others.length > 0 && (names.length === 0 || chance.number(2) === 0) ? [chance.pick(others)] : [];
  const made: Record<string, Json> = {};
  for (const name of [...names, ...extra]) {
    const value = someValue(types, types.under(type, name), chance, depth + 1);
    if (value !== undefined) made[name] = value;
    else if (names.includes(name)) return undefined;
  }
  return isObject(made) && Object.keys(made).length > 0 ? made : undefined;
}
