import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Difference } from "../../src/compare/difference.ts";
import { isSensitive, redact, redactPath } from "../../src/compare/redact.ts";
import type { Json } from "../../src/model/json.ts";
import { field, formatPath, type Path, type PathElement } from "../../src/model/path.ts";

const secret = { group: "", kind: "Secret" };
const widget = { group: "example.com", kind: "Widget" };
const CANARY = "CANARY-7f3a";
const item = (name: string): PathElement => ({ type: "key", keys: { name } });
const at = (...parts: readonly (string | PathElement)[]): Path =>
  parts.map((part) => (typeof part === "string" ? field(part) : part));

function difference(path: Path, live: Json, desired: Json = live): Difference {
  return { op: "changed", path, tokens: [], desired, live };
}

const deep = { auth: { users: [{ name: "u", password: CANARY }], token: CANARY }, open: "shown" };

const table: readonly (readonly [string, { group: string; kind: string }, Path, Json, readonly string[]])[] = [
  ["a Secret's data", secret, at("data", "k"), CANARY, []],
  ["a Secret's stringData", secret, at("stringData", "k"), CANARY, []],
  ["a Secret's data as a whole", secret, at("data"), { k: CANARY, l: CANARY }, []],
  ["a Secret's data that is no map", secret, at("data"), CANARY, []],
  ["the sensitive path itself", widget, at("spec", "token"), CANARY, [".spec.token"]],
  ["below it", widget, at("spec", "auth", "x", "y"), CANARY, [".spec.auth"]],
  ["above it: a struct added whole", widget, at("spec"), deep, [".spec.auth.users[*].password", ".spec.auth.token"]],
  ["above it, by pointer", widget, at("spec"), deep, ["/spec/auth/users/0/password", "/spec/auth/token"]],
  [
    "above it, by key",
    widget,
    at("spec", "auth"),
    deep.auth,
    ['.spec.auth.users[name="u"].password', ".spec.auth.token"],
  ],
  [
    "an item at another index than the pointer says",
    widget,
    at("spec", "l", { type: "index", index: 3 }, "p"),
    CANARY,
    ["/spec/l/0/p"],
  ],
  ["an item paired by key, listed by index", widget, at("spec", "l", item("x"), "p"), CANARY, [".spec.l[0].p"]],
  ["a path nobody can read: its readable beginning", widget, at("spec", "token"), CANARY, [".spec.token[oops"]],
  [
    "last-applied",
    widget,
    at("metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"),
    CANARY,
    [],
  ],
  [
    "last-applied inside something",
    widget,
    at("spec", "template"),
    { metadata: { annotations: { "kubectl.kubernetes.io/last-applied-configuration": CANARY } } },
    [],
  ],
];

describe("what may not be shown is not", () => {
  test.each(table)("%s", (_, ...[kind, path, value, sensitive]) => {
    const shown = redact({ ...difference(path, value), defaulted: value }, kind, sensitive);
    expect(JSON.stringify(shown)).not.toContain(CANARY);
    expect(shown.sensitive).toBe(true);
    expect(JSON.stringify(shown.desired)).toContain("<redacted>");
  });

  test("the same mark whatever the value, on both sides", () => {
    expect(redact(difference(at("data", "k"), "a", "long".repeat(99)), secret, [])).toMatchObject({
      desired: "<redacted>",
      live: "<redacted>",
    });
  });

  test("a side without a value keeps none", () => {
    const { desired: _, ...added } = difference(at("data", "k"), CANARY);
    expect(redact({ ...added, op: "added" }, secret, [])).not.toHaveProperty("desired");
  });

  test.each([
    [".spec.tokens", at("spec", "tokens", { type: "value", value: CANARY })],
    [".spec.users[*].name", at("spec", "users", item(CANARY), "age")],
    [".spec.users", at("spec", "users", item(CANARY), "age")],
  ] as const)("a path that would spell it out, under %s", (sensitive, path) => {
    expect(formatPath(redactPath(widget, path, [sensitive]))).not.toContain(CANARY);
  });
});

describe("what may be shown is", () => {
  test.each<readonly [string, { group: string; kind: string }, Path, readonly string[]]>([
    ["a ConfigMap's data", { group: "", kind: "ConfigMap" }, at("data", "k"), []],
    ["a Secret's labels", secret, at("metadata", "labels", "k"), []],
    ["data of a kind called Secret in another group", { group: "vault.example", kind: "Secret" }, at("data", "k"), []],
    ["beside a sensitive path", widget, at("spec", "tokens"), [".spec.token"]],
    ["beside a sensitive key", widget, at("spec", "l", item("b"), "p"), ['.spec.l[name="a"].p']],
  ])("%s", (_, kind, path, sensitive) => {
    const shown = redact(difference(path, "open"), kind, sensitive);
    expect(shown).toEqual({ path, desired: "open", live: "open", sensitive: false });
    expect(isSensitive(kind, path, sensitive)).toBe(false);
  });

  test("around a sensitive leaf everything else", () => {
    const shown = redact(difference(at("spec"), deep), widget, [".spec.auth"]);
    expect(shown.live).toEqual({ auth: "<redacted>", open: "shown" });
  });

  test("what it was given stays as it was", () => {
    const given = difference(at("spec"), structuredClone(deep));
    redact(given, widget, [".spec.auth"]);
    expect(given.live).toEqual(deep);
  });
});

test("property: a canary under a sensitive path never survives, wherever the difference is cut", () => {
  const name = fc.constantFrom("a", "b", "c");
  const inner = fc
    .jsonValue({ maxDepth: 2 })
    .map((noise): Json => ({ noise: noise as Json, canary: [CANARY, { x: CANARY }] }));
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), inner, fc.nat(4), (names, value, cut) => {
      const depth = Math.min(cut, names.length);
      const path = names.slice(0, depth).map(field);
      const below = names.slice(depth).reduceRight<Json>((held, key) => ({ [key]: held, other: 1 }), value);
      if (path.length === 0) return;
      for (const text of [`.${names.join(".")}`, `/${names.join("/")}`]) {
        const shown = redact(difference(path, below), widget, [text]);
        expect(JSON.stringify(shown)).not.toContain(CANARY);
      }
    }),
  );
});
