import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { EvidenceRecord } from "../../../src/model/evidence.ts";
import { baselineKey } from "../../../src/model/snapshot.ts";
import { evidenceLine } from "../../../src/sinks/evidence/line.ts";

const at = Date.UTC(2026, 10, 21, 3, 22, 18, 41);
const baseline = baselineKey("shop", "web");
const id = { group: "apps", kind: "Deployment", namespace: "shop", name: "web" };

test("a record is one line that says everything that is known, in one order", () => {
  const record: EvidenceRecord = {
    kind: "attempt",
    at,
    baseline,
    id,
    uid: "u1",
    revision: "main@sha1:4f2a",
    asked: "git annotation",
    result: "applied",
    reason: "it was edited by hand",
    plan: { kind: "patch", operations: ["replace /spec/replicas"] },
    contentHash: "c0ffee",
    desiredHash: "d0d0",
    before: "10",
    after: "11",
    as: "shop/deployer",
  };
  expect(evidenceLine(record)).toBe(
    '{"evidence":1,"at":"2026-11-21T03:22:18.041Z","kind":"attempt","baseline":"shop/web",' +
      '"object":{"group":"apps","kind":"Deployment","namespace":"shop","name":"web","uid":"u1"},' +
      '"revision":"main@sha1:4f2a","asked":"git annotation","result":"applied","reason":"it was edited by hand",' +
      '"plan":{"kind":"patch","operations":["replace /spec/replicas"],"total":1},' +
      '"contentHash":"c0ffee","desiredHash":"d0d0","before":"10","after":"11","as":"shop/deployer"}\n',
  );
});

test("what is not known is left out", () => {
  expect(evidenceLine({ kind: "rollback", at, baseline, result: "began" })).toBe(
    '{"evidence":1,"at":"2026-11-21T03:22:18.041Z","kind":"rollback","baseline":"shop/web","result":"began"}\n',
  );
});

test("of health: how long it took, and whether it is worse", () => {
  const line = evidenceLine({ kind: "health", at, baseline, result: "degraded", seconds: 0, worse: true });
  expect(line).toContain('"result":"degraded","seconds":0,"worse":true}');
});

test("of a long plan the first operations are told, and how many there are", () => {
  const operations = Array.from({ length: 80 }, (_, index) => `remove /data/${index}`);
  const line = evidenceLine({ kind: "decision", at, baseline, result: "do", plan: { kind: "patch", operations } });
  const { plan } = JSON.parse(line) as { plan: { operations: string[]; total: number } };
  expect([plan.operations.length, plan.total]).toEqual([50, 80]);
});

const unsafe = fc.constantFrom("\u001b[2J", "\n", "\r", "\u0000", "\u009b", "\u202e", "\u200b", "\ud800", '"');
const anyText = fc.array(fc.oneof(fc.string({ unit: "binary" }), unsafe), { maxLength: 50 }).map((one) => one.join(""));
const anyRecord: fc.Arbitrary<EvidenceRecord> = fc.record({
  kind: fc.constantFrom("decision", "attempt", "resolved", "health", "handed-back", "breaker", "rollback"),
  at: fc.oneof(fc.double(), fc.integer()),
  baseline: anyText as fc.Arbitrary<EvidenceRecord["baseline"]>,
  id: fc.record({ group: anyText, kind: anyText, namespace: anyText, name: anyText }),
  result: anyText,
  reason: anyText,
  plan: fc.record({ kind: anyText, operations: fc.array(anyText) }),
});

test("whatever is in it, a record is one line that reads as JSON and does nothing to a terminal", () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      const line = evidenceLine(record);
      expect(line.indexOf("\n")).toBe(line.length - 1);
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}](?!$)/u);
      expect(JSON.parse(line)).toMatchObject({ evidence: 1, kind: record.kind });
    }),
  );
});
