import { expect, test } from "vitest";
import { contentHash, type HashInput } from "../../src/verdict/content-hash.ts";

const key = new TextEncoder().encode("install-time key");
const id = { group: "", kind: "Secret", namespace: "shop", name: "key" };
const patch = (value: string) => [
  { op: "replace", path: "/metadata/resourceVersion", value: "41" },
  { op: "replace", path: "/data/password", value },
];
const base: HashInput = { id, version: "v1", uid: "u", desiredHash: "d", operations: patch("QQ=="), sensitive: [] };
const hash = (changes: Partial<HashInput> = {}, withKey = key): string => contentHash({ ...base, ...changes }, withKey);

test("64 hex digits, the same for the same", () => {
  expect(hash()).toMatch(/^[0-9a-f]{64}$/);
  expect(hash()).toBe(hash({ operations: patch("QQ==") }));
});

test.each([
  ["another secret value", { operations: patch("Qg==") }],
  ["another object", { id: { ...id, name: "other" } }],
  ["another uid", { uid: "v" }],
  ["another desired state", { desiredHash: "e" }],
  ["another operation", { operations: [...patch("QQ=="), { op: "remove", path: "/data/x" }] }],
])("%s: another hash", (_, changes) => {
  expect(hash(changes)).not.toBe(hash());
});

test("another resourceVersion alone: the same hash, so a status update voids no approval", () => {
  const operations = [{ op: "replace", path: "/metadata/resourceVersion", value: "42" }, ...patch("QQ==").slice(1)];
  expect(hash({ operations })).toBe(hash());
});

test("without the key a sensitive value cannot be tried out", () => {
  expect(hash({}, new TextEncoder().encode("another key"))).not.toBe(hash());
});
