/** Guards, the good revision and rollbacks: in a Baseline's status and its conditions, in Events, and read back. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { getIn, getString, isArray, type JsonObject } from "../../src/model/json.ts";
import type { RollbackState, SourceGuard, SourceState } from "../../src/model/state.ts";
import { createEvents, type EventsSink } from "../../src/sinks/events.ts";
import { memoryOf, statusOf, type Waiting } from "../../src/sinks/status-body.ts";
import { baselineOf, ready, revision, start, stateOf } from "./sink-fixtures.ts";
import { createWorld, type World } from "./sink-world.ts";

const commit = revision.commit;
const other = "a".repeat(40);
const guard: SourceGuard = {
  reason: "Shrunk",
  commit,
  before: `main@sha1:${other}`,
  message: "6 of 10 objects are gone at once",
};
const until = `: nothing is written until the Baseline is annotated plumbline.dev/approve: ${commit}`;
const rollback: RollbackState = {
  commit,
  phase: "in-force",
  instead: { ref: "main", commit: other },
  until: start + 3_600_000,
  reason: "the shop is down",
  automatic: false,
};
const none: Waiting = {
  "opt-out": 0,
  pause: 0,
  window: 0,
  approval: 0,
  fight: 0,
  permission: 0,
  limit: 0,
  rollout: 0,
};

const statusWith = (source: Partial<SourceState>): JsonObject =>
  statusOf(stateOf({ source: { ...ready, ...source } }), [], undefined, start);

function condition(status: JsonObject, type: string): JsonObject {
  const found = status["conditions"];
  return ((isArray(found) ? found : []).find((one) => getString(one, "type") === type) ?? {}) as JsonObject;
}

describe("in the status", () => {
  test("a guard and the good revision are shown, and survive being written and read", () => {
    const status = statusWith({ guard, goodRevision: `main@sha1:${other}` });
    expect(getIn(status, "source")).toMatchObject({ guard, goodRevision: `main@sha1:${other}` });
    expect(memoryOf(status)).toMatchObject({ guard, goodRevision: `main@sha1:${other}` });
    expect(condition(status, "SourceReady")).toMatchObject({
      status: "True",
      reason: "Guarded",
      message: `fetched main@sha1:${commit}; 6 of 10 objects are gone at once${until}`,
    });
  });

  test("while Git is asked nobody is told; a restart would not lift it", () => {
    const status = statusWith({ guard: { ...guard, reason: "Rewritten", asking: true } });
    expect(condition(status, "SourceReady")).toMatchObject({ status: "True", reason: "Fetched" });
    expect(memoryOf(status).guard).toEqual({ ...guard, reason: "Rewritten" });
  });

  test.each([{ reason: "Shrunk" }, { reason: "Other", commit }, "guarded", 7])(
    "a guard that is none is left out: %j",
    (bad) => {
      expect(memoryOf({ source: { guard: bad } })).not.toHaveProperty("guard");
    },
  );

  test("a rollback in force is shown, with what it stands instead of", () => {
    const status = statusWith({ rollback });
    expect(status["rollback"]).toEqual({
      revision: `main@sha1:${commit}`,
      instead: `main@sha1:${other}`,
      until: "2026-01-01T01:00:00.000Z",
      reason: "the shop is down",
      automatic: false,
    });
    expect(condition(status, "Ready")).toMatchObject({
      status: "True",
      reason: "RolledBack",
      message: `rolled back to main@sha1:${commit} until 2026-01-01T01:00:00.000Z instead of main@sha1:${other}: the shop is down; 0 objects judged at main@sha1:${commit}`,
    });
  });

  test("one that is being rendered reconciles; one that cannot be says why, and neither is in force", () => {
    const begun = statusWith({ rollback: { ...rollback, phase: "rendering" } });
    expect(condition(begun, "Reconciling")).toMatchObject({ status: "True", reason: "RollingBack" });
    const problem = { code: "source-ref-not-found", message: "the server has no such commit" } as const;
    const failed = statusWith({ rollback: { ...rollback, phase: "failed", problem } });
    expect(condition(failed, "Ready")).toMatchObject({
      status: "True",
      reason: "RollbackFailed",
      message: expect.stringMatching(
        /^cannot be rolled back to 4f2a1c0d4f2a: the server has no such commit; 0 objects/,
      ),
    });
    expect([begun, failed].filter((status) => "rollback" in status)).toEqual([]);
  });

  test("a source that fails does not hide that it is rolled back", () => {
    const status = statusWith({
      rollback,
      state: "failed",
      stage: "source",
      problem: { code: "source-unreachable", message: "no route" },
    });
    expect(condition(status, "Ready")).toMatchObject({
      status: "False",
      reason: "SourceUnreachable",
      message: expect.stringMatching(/^rolled back to .*no route/),
    });
  });

  const waits = (more: Parameters<typeof baselineOf>[0], waiting: Partial<Waiting>) =>
    statusOf(
      { ...stateOf({ baseline: baselineOf({ mode: "Remediate", ...more }) }), waiting: { ...none, ...waiting } },
      [],
      undefined,
      start,
    )["remediation"];
  const windows = (kind: "Allow" | "Deny") => ({
    remediation: {
      ...baselineOf().remediation,
      windows: [{ schedule: "0 2 * * *", duration: 3_600_000, timeZone: "UTC", kind }],
    },
  });
  test.each([
    ["nothing waits", {}, {}, { waiting: 0 }],
    ["some wait", {}, { approval: 2, fight: 1 }, { waiting: 3 }],
    ["paused", { pauseUntil: start + 60_000 }, { pause: 1 }, { waiting: 1, pausedUntil: "2026-01-01T00:01:00.000Z" }],
    ["paused once", { pauseUntil: start - 1 }, {}, { waiting: 0 }],
    ["paused for good", { pauseUntil: Number.POSITIVE_INFINITY }, { pause: 1 }, { waiting: 1 }],
    ["a closed window", windows("Allow"), { window: 1 }, { waiting: 1, nextWindow: "2026-01-01T02:00:00.000Z" }],
    ["a closed window holds nothing back", windows("Allow"), {}, { waiting: 0 }],
    ["an open one", windows("Deny"), {}, { waiting: 0, openUntil: "2026-01-01T02:00:00.000Z" }],
    [
      "a closed one that was opened",
      { ...windows("Allow"), windowsOpenUntil: start + 60_000 },
      {},
      { waiting: 0, openUntil: "2026-01-01T00:01:00.000Z" },
    ],
    ["mode Alert", { mode: "Alert" }, {}, undefined],
  ] as const)("remediation: %s", (_name, more, waiting, expected) => {
    expect(waits(more, waiting)).toEqual(expected);
  });
});

describe("as Events", () => {
  let world: World;
  let sink: EventsSink;
  const notes = (): readonly string[] =>
    world.api.all("Event").map((event) => `${String(event["reason"])}: ${String(event["note"])}`);
  const tell = async (source: Partial<SourceState>): Promise<void> => {
    world.engine.put(stateOf({ source: { ...ready, ...source } }));
    sink.stateChanged(baselineOf().key);
    await world.clock.advance(3_000);
  };
  beforeEach(() => {
    world = createWorld();
    world.engine.put(stateOf());
    sink = world.start(createEvents({ ...world, instance: "plumbline-0" }));
  });
  afterEach(() => world.stop());

  test("a guard is told once, and never while Git is asked", async () => {
    await tell({ guard: { ...guard, asking: true } });
    expect(notes()).toEqual([]);
    await tell({ guard });
    await tell({ guard });
    expect(notes()).toEqual([`SourceGuarded: 6 of 10 objects are gone at once${until}`]);
  });

  test("a restart tells it no second time; another commit is another one", async () => {
    await tell({ guard });
    sink = world.start(createEvents({ ...world, instance: "plumbline-0" }));
    await tell({ guard });
    expect(notes()).toHaveLength(1);
    await tell({ guard: { ...guard, commit: other, message: "7 of 10 objects are gone at once" } });
    expect(notes()).toHaveLength(2);
  });
});
