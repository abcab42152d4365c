import type { Problem } from "../../src/model/problem.ts";
import { expect, test } from "vitest";
import { getIn, isArray, type Json, type JsonObject } from "../../src/model/json.ts";
import type { BaselineState, PendingObject } from "../../src/model/state.ts";
import type { Judgement } from "../../src/model/verdict.ts";
import { camelCase, conditionsOf } from "../../src/sinks/conditions.ts";
import { conditionsFlipped, memoryOf, ratioText, statusLimit, statusOf, worstOf } from "../../src/sinks/status-body.ts";
import {
  baselineOf,
  changeOf,
  driftedVerdict,
  judgementOf,
  ready,
  revision,
  start,
  stateOf,
  webId,
} from "./sink-fixtures.ts";

const say = (state: BaselineState): string =>
  conditionsOf(state)
    .map(({ type, status, reason }) => `${type}=${status}(${reason})`)
    .join(" ");

const problem = { code: "source-auth-failed", message: "authentication failed" } as const;
const unreachable = { code: "source-unreachable", message: "no route" } as const;
const syntax = { code: "yaml-syntax", message: "tab", file: "a.yaml", line: 3 } as const;
const good = { "in-sync": 100 };

const rows: readonly (readonly [string, BaselineState, string])[] = [
  [
    "before the first fetch",
    stateOf({ source: { state: "waiting" }, judged: false }),
    "Ready=Unknown(Progressing) Reconciling=True(Judging) Stalled=False(NotStalled) SourceReady=Unknown(Fetching) Rendered=Unknown(NoRevision) Compliant=Unknown(NotJudged)",
  ],
  [
    "fetched, not all judged",
    stateOf({ judged: false, counts: good }),
    "Ready=Unknown(Progressing) Reconciling=True(Judging) Stalled=False(NotStalled) SourceReady=True(Fetched) Rendered=True(Rendered) Compliant=Unknown(NotJudged)",
  ],
  [
    "all in sync",
    stateOf({ counts: good }),
    "Ready=True(Judged) Reconciling=False(Idle) Stalled=False(NotStalled) SourceReady=True(Fetched) Rendered=True(Rendered) Compliant=True(OnTarget)",
  ],
  [
    "below target",
    stateOf({ counts: { "in-sync": 90, drifted: 10 } }),
    "Ready=True(Judged) Reconciling=False(Idle) Stalled=False(NotStalled) SourceReady=True(Fetched) Rendered=True(Rendered) Compliant=False(BelowTarget)",
  ],
  [
    "below target whatever the unseen ones are",
    stateOf({ counts: { "in-sync": 90, drifted: 10, unknown: 5 } }),
    "Ready=True(Judged) Reconciling=False(Idle) Stalled=False(NotStalled) SourceReady=True(Fetched) Rendered=True(Rendered) Compliant=False(BelowTarget)",
  ],
  [
    "on target but for what is not seen: never True",
    stateOf({ counts: { "in-sync": 999, unknown: 1 } }),
    "Ready=True(Judged) Reconciling=False(Idle) Stalled=False(NotStalled) SourceReady=True(Fetched) Rendered=True(Rendered) Compliant=Unknown(NotSeen)",
  ],
  [
    "Secrets that may not be read are left out",
    stateOf({ counts: { "in-sync": 10, unknown: 3 }, secretsNotGranted: 3 }),
    "Ready=True(Judged) Reconciling=False(Idle) Stalled=False(NotStalled) SourceReady=True(Fetched) Rendered=True(Rendered) Compliant=True(OnTarget)",
  ],
  [
    "no password",
    stateOf({ source: { state: "failed", stage: "source", problem }, judged: false }),
    "Ready=False(SourceAuthFailed) Reconciling=False(Idle) Stalled=True(SourceAuthFailed) SourceReady=False(SourceAuthFailed) Rendered=Unknown(NoRevision) Compliant=Unknown(NotJudged)",
  ],
  [
    "Git out for a while, last good revision kept",
    stateOf({ source: { ...ready, state: "failed", stage: "source", problem: unreachable }, counts: good }),
    "Ready=False(SourceUnreachable) Reconciling=True(Retrying) Stalled=False(NotStalled) SourceReady=False(SourceUnreachable) Rendered=True(Rendered) Compliant=Unknown(SourceStale)",
  ],
  [
    "a commit that does not render",
    stateOf({ source: { ...ready, state: "failed", stage: "render", problem: syntax }, counts: good }),
    "Ready=False(YamlSyntax) Reconciling=False(Idle) Stalled=True(YamlSyntax) SourceReady=True(Fetched) Rendered=False(YamlSyntax) Compliant=Unknown(SourceStale)",
  ],
  [
    "one bad document",
    stateOf({ counts: good, problems: [syntax] }),
    "Ready=False(DocumentsInvalid) Reconciling=False(Idle) Stalled=True(DocumentsInvalid) SourceReady=True(Fetched) Rendered=False(DocumentsInvalid) Compliant=Unknown(DocumentsInvalid)",
  ],
  [
    "suspended",
    stateOf({ counts: good, baseline: baselineOf({ suspend: true }) }),
    "Ready=True(Suspended) Reconciling=False(Idle) Stalled=False(NotStalled) SourceReady=True(Fetched) Rendered=True(Rendered) Compliant=True(OnTarget)",
  ],
];

test.each(rows)("conditions %s", (_, state, expected) => {
  expect(say(state)).toBe(expected);
});

test("a bad document is named with file and line", () => {
  const rendered = conditionsOf(stateOf({ problems: [syntax] })).find(({ type }) => type === "Rendered");
  expect(rendered?.message).toBe("1 document cannot be used: a.yaml:3: tab");
});

test("what cannot be judged is named with object, file and line; Secrets that nobody granted are not", () => {
  const unknown = (name: string, code: "kind-not-served" | "secrets-not-granted", line: number): Judgement => ({
    ...judgementOf({ kind: "unknown", problem: { code, message: "not served" } }),
    id: { group: "robots.example", kind: "Robot", namespace: "shop", name },
    source: { file: "b.yaml", line, index: 0 },
  });
  const judgements = [
    unknown("hidden", "secrets-not-granted", 1),
    ...[7, 6, 5, 4, 3, 20].map((line) => unknown(`r${line}`, "kind-not-served", line)),
  ];
  const state = stateOf({ counts: { "in-sync": 1, unknown: 7 }, secretsNotGranted: 1 });
  const said = getIn(conditionOf(statusOf(state, judgements, undefined, start), "Compliant"), "message");
  const told = [3, 4, 5, 6, 7].map((line) => `b.yaml:${line}: Robot shop/r${line}: not served`);
  expect(said).toBe(`1 of 7 in sync, target 0.99; 6 objects cannot be judged: ${told.join("; ")}; and 1 more`);
});

test("rules that are not used, and ignores that hide more than they name, are told beside the ratio", () => {
  const broad: Problem = {
    code: "broad-ignore",
    message: "compare.ignore: .spec hides 2 changes",
    object: "Deployment shop/web",
  };
  const expired: Problem = { code: "expired-rule", message: "a rule has expired" };
  const said = (warnings: readonly Problem[]): Json | undefined => {
    const state = stateOf({ counts: { "in-sync": 2 }, warnings });
    return getIn(conditionOf(statusOf(state, [], undefined, start), "Compliant"), "message");
  };
  expect(said([])).toBe("2 of 2 in sync, target 0.99");
  expect(said([broad, expired])).toBe(
    "2 of 2 in sync, target 0.99; 2 warnings: Deployment shop/web: compare.ignore: .spec hides 2 changes; a rule has expired",
  );
  expect(said([expired, expired, expired, broad])).toMatch(/; 4 warnings: .*; and 1 more$/);
});

test("reasons are CamelCase", () => {
  expect(camelCase("source-ref-not-found")).toBe("SourceRefNotFound");
});

const conditionOf = (status: JsonObject, type: string): Json | undefined => {
  const conditions = status["conditions"];
  return isArray(conditions) ? conditions.find((entry) => getIn(entry, "type") === type) : undefined;
};

test("a condition's time moves only when its status does", () => {
  const first = statusOf(stateOf({ counts: good }), [], undefined, start);
  const second = statusOf(stateOf({ counts: { "in-sync": 99, drifted: 1 } }), [], first, start + 60_000);
  const third = statusOf(stateOf({ counts: { "in-sync": 9, drifted: 1 } }), [], second, start + 120_000);
  const times = [first, second, third].map((status) => getIn(conditionOf(status, "Compliant"), "lastTransitionTime"));
  expect(times).toEqual(["2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z", "2026-01-01T00:02:00.000Z"]);
  expect(getIn(conditionOf(third, "Ready"), "lastTransitionTime")).toBe("2026-01-01T00:00:00.000Z");
  expect([conditionsFlipped(first, second), conditionsFlipped(second, third)]).toEqual([false, true]);
});

test("the same state at a later moment gives the same status", () => {
  const first = statusOf(stateOf({ counts: good }), [], undefined, start);
  expect(statusOf(stateOf({ counts: good }), [], first, start + 3_600_000)).toEqual(first);
});

test("counts, compliance and source, as the CRD names them", () => {
  const state = stateOf({ counts: { "in-sync": 20, missing: 1 }, severity: "critical" });
  const status = statusOf(state, [], undefined, start);
  expect(status["objects"]).toEqual({
    total: 21,
    inSync: 20,
    drifted: 0,
    pending: 0,
    missing: 1,
    terminating: 0,
    unmanaged: 0,
    excluded: 0,
    unknown: 0,
  });
  expect(status["compliance"]).toEqual({ ratio: "0.952", severity: "critical" });
  expect(status["observedGeneration"]).toBe(3);
  expect(status["source"]).toEqual({
    revision: `main@sha1:${revision.commit}`,
    settledRevision: `main@sha1:${revision.commit}`,
    committedAt: "2025-12-31T23:00:00Z",
    fetchedAt: "2025-12-31T23:59:00.000Z",
    author: "Ada <ada@example.com>",
  });
});

test.each([
  [1, "1.000"],
  [0.9999, "0.999"],
  [0.29, "0.290"],
  [0, "0.000"],
])("a ratio of %d reads %s", (ratio, text) => {
  expect(ratioText(ratio)).toBe(text);
});

test("the request that was handled is echoed", () => {
  const state = stateOf({ baseline: baselineOf({ requestedAt: "2026-01-01T00:00:00Z" }) });
  expect(statusOf(state, [], undefined, start)["lastHandledRequestAt"]).toBe("2026-01-01T00:00:00Z");
});

test("the worst twenty: by severity, then age, then name", () => {
  const of = (name: string, severity: "critical" | "low", firstObserved: number) =>
    judgementOf(driftedVerdict([changeOf({ severity })]), { id: { ...webId, name }, firstObserved });
  const many = Array.from({ length: 30 }, (_, index) => of(`x${index}`, "low", start + 10));
  const worst = worstOf([...many, of("old", "low", start), of("bad", "critical", start + 99), of("a", "low", start)]);
  expect(worst).toHaveLength(20);
  expect(worst.slice(0, 4).map(({ name }) => name)).toEqual(["bad", "a", "old", "x0"]);
});

test("what waits survives being written and read", () => {
  const pending: PendingObject[] = [{ id: webId, since: start - 5_000, hash: "0123456789abcdef" }];
  const status = statusOf(stateOf({ pending }), [], undefined, start);
  expect(memoryOf(status)).toEqual({
    settledRevision: `main@sha1:${revision.commit}`,
    revision: `main@sha1:${revision.commit}`,
    fetchedAt: start - 60_000,
    pending,
  });
});

test.each([undefined, null, {}, { source: "x" }, { source: { pending: [{}, 3], fetchedAt: "never" } }])(
  "a memory of %j is no memory, and no crash",
  (status) => {
    expect(memoryOf(status as Json)).toMatchObject({});
    expect(memoryOf(status as Json).pending ?? []).toEqual([]);
  },
);

test("it stays under 32 KiB, however long the names", () => {
  const name = "n".repeat(253);
  const pending = Array.from({ length: 50 }, (_, index) => ({
    id: { group: "g".repeat(253), kind: "k".repeat(63), namespace: "s".repeat(63), name: `${index}${name}` },
    since: start,
    hash: "0123456789abcdef",
  }));
  const problems = Array.from({ length: 99 }, () => ({ ...syntax, file: "f".repeat(1_000) }));
  const status = statusOf(stateOf({ pending, problems }), [], undefined, start);
  expect(Buffer.byteLength(JSON.stringify(status))).toBeLessThanOrEqual(statusLimit);
  expect(memoryOf(status).pending?.length).toBeGreaterThan(10);
});
