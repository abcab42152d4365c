import { expect, test } from "vitest";
import { maskOperation } from "../../src/verdict/masked-operation.ts";
import { contentHash, type HashInput } from "../../src/verdict/content-hash.ts";
import type { Operation } from "../../src/verdict/working-copy.ts";

const key = new TextEncoder().encode("install-time key");
const id = { group: "", kind: "Secret", namespace: "shop", name: "key" };
const patch = (value: string): readonly Operation[] => [
  { op: "replace", path: "/metadata/resourceVersion", value: "41" },
  { op: "replace", path: "/data/password", value },
];
const base: HashInput = {
  id,
  version: "v1",
  uid: "u",
  desiredHash: "d",
  act: "patch",
  operations: patch("QQ=="),
  before: [undefined, "Qg=="],
  sensitive: [],
};
const hash = (changes: Partial<HashInput> = {}, withKey = key): string => contentHash({ ...base, ...changes }, withKey);

test("64 hex digits, the same for the same", () => {
  expect(hash()).toMatch(/^[0-9a-f]{64}$/);
  expect(hash()).toBe(hash({ operations: patch("QQ==") }));
});

test.each<readonly [string, Partial<HashInput>]>([
  ["another secret value", { operations: patch("Qg==") }],
  ["another object", { id: { ...id, name: "other" } }],
  ["another uid", { uid: "v" }],
  ["another act: approving a patch is not approving a recreation", { act: "recreate" }],
  ["another desired state", { desiredHash: "e" }],
  ["another edit of the same field", { before: [undefined, "Qw=="] }],
  ["another operation", { operations: [...patch("QQ=="), { op: "remove", path: "/data/x" }] }],
])("%s: another hash", (_, changes) => {
  expect(hash(changes)).not.toBe(hash());
});

test("another resourceVersion alone: the same hash, so a status update voids no approval", () => {
  const operations: readonly Operation[] = [
    { op: "replace", path: "/metadata/resourceVersion", value: "42" },
    ...patch("QQ==").slice(1),
  ];
  expect(hash({ operations })).toBe(hash());
});

test("without the key a sensitive value cannot be tried out", () => {
  expect(hash({}, new TextEncoder().encode("another key"))).not.toBe(hash());
});

test("the value under a listed path is hashed with the key, also where the key of the map is a number", () => {
  const listed: Partial<HashInput> = {
    id: { ...id, kind: "ConfigMap" },
    sensitive: ['.data["0"]'],
    operations: [{ op: "replace", path: "/data/0", value: "x" }],
  };
  const seen: string[] = [];
  const masked = maskOperation(
    { op: "replace", path: "/data/0", value: "x" },
    { kind: { group: "", kind: "ConfigMap" }, sensitive: ['.data["0"]'] },
    (value) => (seen.push(JSON.stringify(value)), "hidden"),
  );
  expect(masked).toEqual({ op: "replace", path: "/data/0", value: "hidden" });
  expect(seen[0]).toBe('"x"');
  expect(hash(listed)).not.toBe(hash(listed, new TextEncoder().encode("another key")));
});
