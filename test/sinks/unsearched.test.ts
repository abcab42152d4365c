/** What is not searched for unmanaged objects, and how much of what is there is declared: Events, a condition, a gauge. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Problem } from "../../src/model/problem.ts";
import { coverageRatio, type BaselineState } from "../../src/model/state.ts";
import { conditionsOf } from "../../src/sinks/conditions.ts";
import { createEvents, type EventsSink } from "../../src/sinks/events.ts";
import { baselineOf, stateOf } from "./sink-fixtures.ts";
import { createWorld, type World } from "./sink-world.ts";

const rights: Problem = { code: "forbidden", message: "not searched: Widget.example.com" };
const secrets: Problem = { code: "secrets-not-granted", message: "not searched: Secret" };
const waiting: Problem = { code: "not-synced", message: "not searched until a/b is rendered" };

let world: World;
let sink: EventsSink;
beforeEach(() => {
  world = createWorld();
  world.engine.put(stateOf());
  sink = world.start(createEvents({ ...world, instance: "plumbline-0" }));
});
afterEach(() => world.stop());

const notes = (): readonly string[] =>
  world.api.all("Event").map((event) => `${String(event["reason"])}: ${String(event["note"])}`);
const tell = async (...unsearched: readonly Problem[]): Promise<void> => {
  world.engine.put(stateOf({ unsearched }));
  sink.stateChanged(baselineOf().key);
  await world.clock.advance(3_000);
};

test("a right that is missing is told once; what passes by itself is not", async () => {
  await tell(waiting);
  expect(notes()).toEqual([]);
  await tell(rights);
  await tell(rights, waiting);
  expect(notes()).toEqual([`PermissionMissing: ${rights.message}`]);
  await tell(rights, secrets);
  expect(notes()).toEqual([`PermissionMissing: ${rights.message}`, `PermissionMissing: ${secrets.message}`]);
  await tell();
  expect(notes()).toHaveLength(2);
});

test("whoever leads later tells it, under the same name", async () => {
  await tell(rights);
  sink.leading();
  await world.clock.advance(3_000);
  expect(notes()).toHaveLength(1);
});

test("the Baseline is compliant, and says what is not searched", () => {
  const counts = { ...stateOf().counts, "in-sync": 3 };
  const state = stateOf({ counts, judged: true, unsearched: [rights] });
  expect(conditionsOf(state).find(({ type }) => type === "Compliant")).toMatchObject({
    status: "True",
    message: expect.stringContaining(`1 warning: ${rights.message}`),
  });
});

test.each<readonly [string, BaselineState["coverage"], number | undefined]>([
  ["absent where nothing is searched", undefined, undefined],
  ["absent where nothing is there", { declared: 0, strays: 0 }, undefined],
  ["all of it", { declared: 4, strays: 0 }, 1],
  ["three of four", { declared: 3, strays: 1 }, 0.75],
])("coverage: %s", (_, coverage, expected) => {
  expect(coverageRatio(coverage === undefined ? {} : { coverage })).toBe(expected);
});
