import { expect, test } from "vitest";
import { massOf } from "../../src/sinks/heal-circumstances.ts";
import { stateOf } from "./sink-fixtures.ts";

test.each([
  ["nothing stands", { "in-sync": 10 }, 0, 0, 10],
  [
    "each kind that is not as declared",
    { "in-sync": 6, drifted: 1, missing: 1, terminating: 1, unmanaged: 1 },
    0,
    4,
    10,
  ],
  ["what waits or is not seen does not stand", { "in-sync": 6, pending: 2, unknown: 1, excluded: 1 }, 0, 0, 10],
  ["what Git never declared is no mass", { "in-sync": 9, drifted: 1, unmanaged: 50 }, 50, 1, 10],
  ["nor does it hide what Git dropped", { "in-sync": 9, unmanaged: 51 }, 50, 1, 10],
])("how many stand, of how many: %s", (_, counts, strays, standing, total) => {
  expect(massOf({ counts: stateOf({ counts }).counts, strays })).toEqual({ standing, total });
});
