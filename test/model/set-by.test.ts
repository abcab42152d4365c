import { expect, test } from "vitest";
import { annotations } from "../../src/model/annotations.ts";
import type { Json } from "../../src/model/json.ts";
import { setBy } from "../../src/model/set-by.ts";

const entry = (manager: string, time: string | undefined, ...names: readonly string[]): Json => ({
  manager,
  operation: "Update",
  ...(time === undefined ? {} : { time }),
  fieldsV1: { "f:metadata": { "f:annotations": Object.fromEntries(names.map((name) => [`f:${name}`, {}])) } },
});
const early = "2026-11-21T03:00:00Z";
const late = "2026-11-21T03:22:18Z";
const { approve } = annotations;

test.each<[string, Json | undefined, string | undefined]>([
  ["the one manager of it", [entry("kubectl-annotate", late, approve)], `kubectl-annotate at ${late}`],
  ["whoever wrote last", [entry("a", early, approve), entry("b", late, approve)], `b at ${late}`],
  ["not who holds another annotation", [entry("a", late, "note"), entry("b", early, approve)], `b at ${early}`],
  ["without a time", [entry("a", undefined, approve)], "a"],
  ["nobody", [entry("a", late, "note")], undefined],
  ["no name", [entry("", late, approve)], undefined],
  ["nothing on record", undefined, undefined],
  ["what is no list", "broken", undefined],
  ["a name to fool a terminal with", [entry("a\u001b[2J", late, approve)], `a\\u001b[2J at ${late}`],
])("who set it: %s", (_, managedFields, expected) => {
  expect(setBy({ metadata: managedFields === undefined ? {} : { managedFields } }, approve)).toBe(expected);
});
