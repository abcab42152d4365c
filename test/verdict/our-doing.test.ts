import { expect, test } from "vitest";
import type { Json, JsonObject } from "../../src/model/json.ts";
import type { Change, Verdict } from "../../src/model/verdict.ts";
import { isOurDoing } from "../../src/verdict/our-doing.ts";
import { changeOf, driftedVerdict, inSync, missingVerdict } from "../sinks/sink-fixtures.ts";

const since = Date.parse("2026-01-01T10:00:00.700Z");
const at = (second: number): string => `2026-01-01T10:00:0${second}Z`;
const entry = (manager: string, time: string, fields: JsonObject): Json => ({
  manager,
  operation: "Update",
  apiVersion: "apps/v1",
  time,
  fieldsType: "FieldsV1",
  fieldsV1: fields,
});
const replicas = { "f:spec": { "f:replicas": {} } };
const image = {
  "f:spec": { "f:template": { "f:spec": { "f:containers": { 'k:{"name":"web"}': { ".": {}, "f:image": {} } } } } },
};
const live = (created: string, ...entries: readonly Json[]) => ({
  object: {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", creationTimestamp: created },
    spec: { replicas: 3, template: { spec: { containers: [{ name: "web", image: "a:1" }] } } },
  },
  managedFields: JSON.stringify(entries),
});
const long = "2025-01-01T00:00:00Z";
const change = (over: Partial<Change>): Change => changeOf({ path: [], ...over });
const scaled = driftedVerdict([change({ pointer: "/spec/replicas" })]);
const imaged = driftedVerdict([change({ pointer: "/spec/template/spec/containers/0/image" })]);
const both = driftedVerdict([...scaled.changes, ...imaged.changes]);
const added = change({ op: "added", pointer: "/spec/paused" });

test.each<[string, Verdict, ReturnType<typeof live>, boolean]>([
  ["we own it since", scaled, live(long, entry("plumbline", at(2), replicas)), true],
  ["in the very second, as times go", scaled, live(long, entry("plumbline", at(0), replicas)), true],
  ["we own it from an earlier heal", scaled, live(long, entry("plumbline", "2026-01-01T09:00:00Z", replicas)), false],
  ["somebody else does", scaled, live(long, entry("kubectl-edit", at(2), replicas)), false],
  ["an item of a list", imaged, live(long, entry("plumbline", at(2), image)), true],
  ["one of two is not ours", both, live(long, entry("plumbline", at(2), replicas)), false],
  [
    "what was taken away leaves no trace, and the rest tells",
    driftedVerdict([...scaled.changes, added]),
    live(long, entry("plumbline", at(2), replicas)),
    true,
  ],
  ["nothing but what was taken away", driftedVerdict([added]), live(long, entry("plumbline", at(2), replicas)), false],
  ["made by us since", missingVerdict(), live(at(3), entry("plumbline", at(3), replicas)), true],
  ["made by somebody else", missingVerdict(), live(at(3), entry("deployer", at(3), replicas)), false],
  ["made by us long ago", missingVerdict(), live(long, entry("plumbline", long, replicas)), false],
  ["nothing stood", inSync, live(long, entry("plumbline", at(2), replicas)), false],
])("whose doing it was: %s", (_, verdict, object, expected) => {
  expect(isOurDoing(verdict, object, since)).toBe(expected);
});
