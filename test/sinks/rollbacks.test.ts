/** Rollbacks are told once, and `remediation.onUnhealthy` asks for one: when, when not, how often, and in which words. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Baseline } from "../../src/model/baseline.ts";
import type { EvidenceRecord } from "../../src/model/evidence.ts";
import { getIn } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import type { BaselineState, RollbackState, SourceState } from "../../src/model/state.ts";
import type { Announcement, WritingSink } from "../../src/sinks/ports.ts";
import { createRollbacks } from "../../src/sinks/rollbacks.ts";
import { refusal } from "./memory-api.ts";
import { baselineOf, inSync, judgementOf, ready, revision, start, stateOf, webId } from "./sink-fixtures.ts";
import { createWorld, type World } from "./sink-world.ts";

let world: World;
let sink: WritingSink;
let told: Announcement[];
let evidence: EvidenceRecord[];
const minute = 60_000;
const good = "a".repeat(40);
const { key, uid } = baselineOf();

const begin = (): void => {
  const engine = Object.assign(world.engine, {
    *judgements() {
      const health = { state: "degraded", reason: "0 of 3 replicas available" } as const;
      yield judgementOf(inSync, { health });
      yield judgementOf(inSync, { id: { ...webId, name: "fine" } });
    },
  });
  sink = world.start(
    createRollbacks({
      ...world,
      engine,
      announce: (one) => void told.push(one),
      evidence: { record: (one) => void evidence.push(one) },
    }),
  );
};

beforeEach(() => {
  world = createWorld();
  told = [];
  evidence = [];
  world.api.put({
    apiVersion: "plumbline.dev/v1alpha1",
    kind: "Baseline",
    metadata: { name: "web", namespace: "shop", uid },
  } as KubeObject);
  begin();
});
afterEach(() => world.stop());

interface Given {
  readonly baseline?: Partial<Baseline>;
  readonly source?: Partial<SourceState>;
  readonly state?: Parameters<typeof stateOf>[0];
  readonly degraded?: number;
  readonly progressing?: number;
}

const healing = (more: Partial<Baseline> = {}): Baseline => {
  const plain = baselineOf({ mode: "Remediate", ...more });
  return { ...plain, remediation: { ...plain.remediation, onUnhealthy: "Rollback", ...more.remediation } };
};
const see = async ({ baseline, source, state, degraded = 1, progressing = 0 }: Given = {}): Promise<BaselineState> => {
  const made = stateOf({
    baseline: healing(baseline),
    source: { ...ready, goodRevision: `main@sha1:${good}`, ...source },
    health: { healthy: 1, progressing, degraded, suspended: 0, unknown: 0 },
    counts: { "in-sync": 2 },
    ...state,
  });
  world.engine.put(made);
  sink.stateChanged(key);
  await world.clock.advance(2_000);
  return made;
};
const asked = () => world.api.writes("Baseline");
const marks = () => getIn(world.api.all("Baseline")[0], "metadata", "annotations");

describe("onUnhealthy: Rollback", () => {
  test("asks for the good revision once something was degraded for the grace period, and says what", async () => {
    await see();
    await world.clock.advance(10 * minute - 2_000);
    expect(asked(), "not before").toEqual([]);
    await world.clock.advance(2_000);
    expect(marks()).toEqual({
      "plumbline.dev/rollback-to": good,
      "plumbline.dev/rollback-until": new Date(start + 10 * minute + 1_000 + 60 * minute).toISOString(),
      "plumbline.dev/rollback-reason": "unhealthy at 4f2a1c0d4f2a: Deployment shop/web (0 of 3 replicas available)",
      "plumbline.dev/rollback-by": "onUnhealthy",
      "plumbline.dev/rolled-back-from": revision.commit,
    });
    expect(asked()).toMatchObject([{ patch: { type: "merge", body: { metadata: { uid } } } }]);
  });

  const rows: readonly (readonly [string, Given])[] = [
    ["the setting is None", { baseline: { remediation: { ...baselineOf().remediation, onUnhealthy: "None" } } }],
    ["mode Alert", { baseline: { mode: "Alert" } }],
    ["suspended", { baseline: { suspend: true } }],
    ["paused", { baseline: { pauseUntil: start + 24 * 60 * minute } }],
    ["it rolled back from this commit before", { baseline: { rolledBackFrom: revision.commit } }],
    [
      "a rollback is asked for",
      { baseline: { rollback: { commit: good, until: start + 24 * 60 * minute, reason: "", automatic: false } } },
    ],
    ["nothing is degraded", { degraded: 0 }],
    ["it is still on its way", { degraded: 0, progressing: 1 }],
    ["no revision is known to be good", { source: { goodRevision: `main@sha1:${revision.commit}` } }],
    ["the deployer has not brought it yet", { source: { settledRevision: `main@sha1:${"c".repeat(40)}` } }],
    ["the source is guarded", { source: { guard: { reason: "Shrunk", commit: revision.commit, message: "" } } }],
    ["something drifts, and may be the cause", { state: { counts: { "in-sync": 1, drifted: 1 } } }],
    ["something is missing", { state: { counts: { "in-sync": 1, missing: 1 } } }],
    ["not all is judged", { state: { judged: false } }],
  ];
  test.each(rows)("not where %s", async (_name, given) => {
    await see(given);
    await world.clock.advance(60 * minute);
    expect(asked()).toEqual([]);
  });

  test("health that comes back in between begins the count anew", async () => {
    await see();
    await world.clock.advance(9 * minute);
    await see({ degraded: 0 });
    await see();
    await world.clock.advance(9 * minute);
    expect(asked()).toEqual([]);
    await world.clock.advance(minute);
    expect(asked()).toHaveLength(1);
  });

  test("what was well once, and is not again within the grace period, is as bad as what is degraded", async () => {
    await see({ degraded: 0 });
    await see({ degraded: 0, progressing: 1 });
    await world.clock.advance(10 * minute);
    expect(asked()).toHaveLength(1);
  });

  test("what was bad already when the revision came is not the revision's doing, until it has been well once", async () => {
    await see({ source: { revision: { ref: "main", commit: "b".repeat(40) }, settledRevision: `main@sha1:${good}` } });
    await see();
    await world.clock.advance(60 * minute);
    expect(asked()).toEqual([]);
    await see({ degraded: 0 });
    await see();
    await world.clock.advance(10 * minute);
    expect(asked()).toHaveLength(1);
  });

  test("a refusal is told, with the right that is missing, and tried again later", async () => {
    world.api.refusals.push(refusal(403, "Forbidden"));
    await see();
    await world.clock.advance(10 * minute);
    expect(told).toMatchObject([{ reason: "PermissionMissing", note: expect.stringContaining("patch baselines") }]);
    await world.clock.advance(5 * minute);
    expect(marks()).toBeDefined();
  });

  test("who does not lead asks for nothing", async () => {
    world.leader = false;
    await see();
    await world.clock.advance(60 * minute);
    expect(asked()).toEqual([]);
  });
});

describe("what is told", () => {
  const rollback: RollbackState = {
    commit: good,
    phase: "in-force",
    instead: revision,
    until: start + 60 * minute,
    reason: "the shop is down",
    automatic: false,
  };
  const reasons = (): readonly string[] => told.map(({ reason, note }) => `${reason}: ${note}`);
  const results = (): readonly string[] =>
    evidence.map(({ kind, result, asked: who }) => `${kind} ${result} by ${who}`);
  const source = (state: RollbackState | undefined): Given => ({
    degraded: 0,
    source: state === undefined ? {} : { rollback: state },
  });

  test("its beginning and its end, once each, for people and as evidence", async () => {
    await see(source(undefined));
    await see(source({ ...rollback, phase: "rendering" }));
    await see(source(rollback));
    await see(source({ ...rollback, reason: "still down" }));
    await see(source(undefined));
    await see(source(undefined));
    expect(reasons()).toEqual([
      `RolledBack: rolled back to commit aaaaaaaaaaaa until 2026-01-01T01:00:00.000Z instead of main@sha1:${revision.commit}: the shop is down`,
      "RollbackEnded: the rollback to commit aaaaaaaaaaaa (until 2026-01-01T01:00:00.000Z) was ended before its time: the ref counts again",
    ]);
    expect(results()).toEqual([
      "rollback begun by annotation on the Baseline",
      "rollback ended by annotation on the Baseline",
    ]);
  });

  test("one by the operator itself is told as that", async () => {
    await see(source(undefined));
    await see(source({ ...rollback, automatic: true }));
    expect(reasons()).toEqual([expect.stringContaining("rolled back by remediation.onUnhealthy to commit")]);
    expect(results()).toEqual(["rollback begun by remediation.onUnhealthy"]);
  });

  test("one that cannot be", async () => {
    const problem = { code: "source-ref-not-found", message: "the server has no such commit" } as const;
    await see(source({ ...rollback, phase: "failed", problem }));
    expect(reasons()).toEqual([
      "RollbackFailed: cannot be rolled back to commit aaaaaaaaaaaa: the server has no such commit",
    ]);
  });

  test("one that stood at the start is evidence of standing; one that ran out meanwhile is told to be over", async () => {
    await see(source(rollback));
    expect(results()).toEqual(["rollback standing by annotation on the Baseline"]);
    told = [];
    begin();
    await see({ degraded: 0, baseline: { rollback: { ...rollback, until: start - minute } } });
    expect(reasons()).toEqual([expect.stringMatching(/^RollbackEnded: the rollback to commit a+ .* has run out/)]);
  });

  test("nothing by who does not lead; by who comes to lead, what stands", async () => {
    world.leader = false;
    await see(source(rollback));
    expect(told).toEqual([]);
    world.leader = true;
    sink.leading();
    expect(reasons()).toEqual([expect.stringMatching(/^RolledBack/)]);
  });
});
