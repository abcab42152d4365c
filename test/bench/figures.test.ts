/** What the benchmarks make of what they measured: pure parts only, no clock. */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseAllDocuments } from "yaml";
import { afterEach, describe, expect, test } from "vitest";
import { markAudit, requestsSince } from "./audit-count.ts";
import { type ConfigSyncFigures, configSyncPeers, seenAfter } from "./config-sync-figures.ts";
import { bodyOf, editOf, fileText, kindOf, kinds, labelOf, perFile } from "./manifests.ts";
import { sharesOf } from "./profile-table.ts";
import { between, newest } from "./report.ts";
import { isMet, ratioOf, type Results, type Row } from "./results.ts";
import { simulationText } from "./simulation.ts";
import { flatness } from "./soak-results.ts";
import { quantile, spreadOf } from "./spread.ts";
import { compareStanding } from "./standing.ts";

const shape = { namespaces: 20, baselines: 5 };
const row = (more: Partial<Row>): Row => ({ figure: "P1", what: "x", value: 1, unit: "ms", ...more });
const run = (at: string, objects: number, rows: readonly Row[]): Results => ({
  commit: "c",
  isDirty: false,
  at,
  objects,
  machine: { cores: 2, cpu: "", memoryGb: 1, node: "", server: "", loadBefore: 0, loadAfter: 0, get: 1 },
  rows,
});

describe("spread", () => {
  test("a quantile is one of the values, by nearest rank", () => {
    const hundred = Array.from({ length: 100 }, (_, at) => 100 - at);
    expect([0.5, 0.99, 1].map((share) => quantile(hundred, share))).toEqual([50, 99, 100]);
    expect(quantile([7], 0.01)).toBe(7);
    expect(spreadOf([3, 1, 2])).toEqual({ p50: 2, p99: 3, max: 3, times: 3 });
  });
});

describe("manifests", () => {
  test("Git and the API server are told the same object", () => {
    for (let file = 0; file < 8; file += 1) {
      const documents = parseAllDocuments(fileText(file, 1_000, shape)).map((document) => document.toJS() as unknown);
      const bodies = Array.from(
        { length: perFile },
        (_, at) => JSON.parse(bodyOf(file * perFile + at, shape)) as unknown,
      );
      expect(documents).toEqual(bodies);
    }
  });

  test("an edit replaces what is declared by something else", () => {
    for (let at = 0; at < kinds.length; at += 1) {
      const [patch] = JSON.parse(editOf(at, "declared")) as [{ path: string; value: string }];
      let value: unknown = JSON.parse(bodyOf(at, shape));
      for (const part of patch.path.split("/").slice(1)) value = (value as Record<string, unknown>)[part];
      expect(value, kindOf(at).kind).toBe(patch.value);
      expect(editOf(at, "edited")).not.toBe(editOf(at, "declared"));
    }
  });

  test("an object is known by one label", () => {
    expect(labelOf(6, shape)).toBe("ConfigMap bench-1/app-6");
    expect(new Set(Array.from({ length: 1_000 }, (_, at) => labelOf(at, shape))).size).toBe(1_000);
  });
});

describe("rows", () => {
  test("a ratio says how many times better", () => {
    const peer = { name: "peer", value: 10, from: "here" } as const;
    expect(ratioOf(row({ value: 2, peer }))).toBe(5);
    expect(ratioOf(row({ value: 2, peer, isRate: true }))).toBe(0.2);
    expect(ratioOf(row({ value: 0, peer }))).toBeUndefined();
  });

  test("a goal is at most, and of a rate at least", () => {
    expect(isMet(row({ value: 3, goal: 3 }))).toBe(true);
    expect(isMet(row({ value: 4, goal: 3 }))).toBe(false);
    expect(isMet(row({ value: 4, goal: 3, isRate: true }))).toBe(true);
    expect(isMet(row({}))).toBeUndefined();
  });

  test("the newest run counts, of each size", () => {
    const found = newest([
      run("2026-01-02", 1_000, [row({ value: 2 })]),
      run("2026-01-01", 1_000, [row({ value: 1 })]),
      run("2026-01-01", 5_000, [row({ value: 5 })]),
    ]);
    expect(found.map((one) => [one.results.objects, one.row.value]).toSorted()).toEqual([
      [1_000, 2],
      [5_000, 5],
    ]);
  });

  test("only what is between the markers is replaced", () => {
    const page = "a\n<!-- x: made by npm run bench -- --report -->\nold\n<!-- /x -->\nb\n";
    const once = between(page, "x", ["new"]);
    expect(once).toBe("a\n<!-- x: made by npm run bench -- --report -->\n\nnew\n\n<!-- /x -->\nb\n");
    expect(between(once, "x", ["new"])).toBe(once);
    expect(() => between(page, "y", [])).toThrow("no markers");
  });
});

describe("Config Sync", () => {
  const spread = (p50: number) => ({ p50, p99: p50 * 2, max: p50 * 3, times: 10 });
  const heals = (p50: number) => ({ spread: spread(p50), seen: spread(1), missed: 0, requests: 3, dryRuns: 2 });
  const figures: ConfigSyncFigures = { objects: 1_000, start: 4, idle: heals(7), busy: heals(70), peak: 100 };

  test("what was measured before stands in where it was not run", () => {
    const peers = configSyncPeers(undefined);
    expect([peers.healP50, peers.healP99, peers.healBusyP99, peers.requests].map(({ from }) => from)).not.toContain(
      "here",
    );
    expect([peers.healBusyP50, peers.start, peers.memory, peers.detect]).toEqual(Array(4).fill(undefined));
  });

  test("what was measured here is said of so many objects, and what never came back beside it", () => {
    const here = (value: number, name = "Config Sync of 1,000") => ({ name, value, from: "here" });
    expect(configSyncPeers({ ...figures, busy: { ...heals(70), missed: 2 } })).toEqual({
      objects: 1_000,
      healP50: here(7),
      healP99: here(14),
      healBusyP50: here(70, "Config Sync of 1,000, 2 never"),
      healBusyP99: here(140, "Config Sync of 1,000, 2 never"),
      requests: here(3, "Config Sync of 1,000, with 2 dry runs"),
      start: here(250),
      memory: here(100),
      detect: here(1),
    });
  });

  test("it has seen a drift by the answer to its first dry run after it", () => {
    const asked = (at: number, name: string, isDryRun: boolean) => ({
      verb: "patch",
      resource: "configmaps",
      group: "",
      name,
      code: 200,
      isDryRun,
      at,
    });
    const requests = [
      asked(90, "app-2", true),
      asked(101, "app-6", true),
      asked(103, "app-2", true),
      asked(104, "app-2", false),
      asked(106, "app-2", true),
    ];
    const healing = { at: 2, known: 100, took: 5, patch: 1 };
    expect(seenAfter([healing], requests)).toEqual([3]);
    expect(seenAfter([{ ...healing, took: undefined }], requests)).toEqual([]);
  });
});

describe("simulation", () => {
  test("base and each come from a line through two sizes", () => {
    const memory = (objects: number, value: number): Results =>
      run("2026-01-01", objects, [
        row({ figure: "P6", what: "peak RSS after churn and edits, WatchList", value, unit: "MB" }),
      ]);
    const text = simulationText(newest([memory(10_000, 110), memory(50_000, 150)])).join("\n");
    // 100 MB and 1 kB each: 200 × 100 MB + 1,000,000 kB.
    expect(text).toContain("| memory, a large cluster | base + 43,000 × each | 143 MB |");
    expect(text).toContain(
      `| memory, all clusters | clusters × base + objects × each | ${((200 * 100 + 1_000) / 1_024).toFixed(1)} GB |`,
    );
  });
});

describe("soak", () => {
  test("the last third is held against the middle one", () => {
    const samples = [50, 90, 100, 100, 100, 100, 106, 105, 105].map((resident, at) => ({
      at,
      resident,
      heap: resident / 2,
    }));
    expect(flatness(samples)).toEqual({ middle: 100, last: 105, rise: 105 / 100 - 1 });
  });

  test("another verdict than the expected one is missed and wrong", () => {
    const found = { drifted: ["a", "c"], missing: [], others: ["d"], counts: {} };
    expect(compareStanding(found, { drifted: ["a"], missing: ["c"] })).toEqual({
      missed: ["missing c"],
      wrong: ["drifted c", "other d"],
    });
  });
});

describe("audit log", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "plumbline-audit-"));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test("a watch counts once, when it is opened, and only what came after the mark and from the user", () => {
    const log = path.join(folder, "audit.log");
    const line = (auditID: string, stage: string, username: string, at: number, verb = "watch"): string =>
      `${JSON.stringify({ auditID, stage, verb, user: { username }, requestURI: "/x?watch=1", requestReceivedTimestamp: new Date(at).toISOString(), objectRef: { resource: "configmaps" } })}\n`;
    const now = Date.now();
    writeFileSync(log, line("0", "ResponseStarted", "me", now - 9_000));
    const mark = markAudit(log);
    appendFileSync(log, line("0", "ResponseComplete", "me", now - 9_000));
    appendFileSync(
      log,
      line("1", "ResponseStarted", "me", now + 1_000) + line("1", "ResponseComplete", "me", now + 1_000),
    );
    appendFileSync(
      log,
      line("2", "ResponseComplete", "you", now + 1_000) + line("3", "ResponseComplete", "me", now + 2_000, "get"),
    );
    expect(requestsSince(log, mark, "me").map(({ verb, resource }) => `${verb} ${resource}`)).toEqual([
      "watch configmaps",
      "get configmaps",
    ]);
  });

  test("a dry run is told, and the moment of its answer to the microsecond", () => {
    mkdirSync(folder, { recursive: true });
    const log = path.join(folder, "audit.log");
    writeFileSync(log, "");
    const mark = markAudit(log);
    const entry = {
      auditID: "0",
      stage: "ResponseComplete",
      verb: "patch",
      user: { username: "me" },
      requestURI: "/api/v1/namespaces/a/configmaps/b?dryRun=All&fieldManager=me",
      requestReceivedTimestamp: new Date(mark.at + 1_000).toISOString(),
      stageTimestamp: "2026-01-01T00:00:00.001250Z",
    };
    appendFileSync(log, `${JSON.stringify(entry)}\n`);
    const [found] = requestsSince(log, mark, "me");
    expect(found?.isDryRun).toBe(true);
    expect(found?.at).toBeCloseTo(Date.parse("2026-01-01T00:00:00Z") + 1.25, 3);
  });
});

describe("profile", () => {
  const node = (id: number, functionName: string, url = "", lineNumber = 0) => ({
    id,
    callFrame: { functionName, url, lineNumber, columnNumber: 0 },
  });
  const origins = ["../src/verdict/decide.ts", "../node_modules/@scope/name/a.js", "../src/verdict/drift.ts"];
  const origin = (url: string, line: number): string | undefined =>
    url === "file:///dist/a.js" ? origins[line] : undefined;

  test("time is counted where the code came from, and what is no code by its name", () => {
    const nodes = [
      node(1, "(root)"),
      node(2, "decide", "file:///dist/a.js", 0),
      node(3, "other", "file:///dist/a.js", 1),
      node(4, "drift", "file:///dist/a.js", 2),
      node(5, "(garbage collector)"),
      node(6, "(idle)"),
      node(7, "write", "node:net", 3),
    ];
    const samples = [2, 3, 4, 5, 6, 7];
    const timeDeltas = [1_000, 2_000, 3_000, 500, 250, 100];
    expect(sharesOf({ nodes, samples, timeDeltas }, origin)).toEqual([
      { where: "src/verdict", milliseconds: 4 },
      { where: "@scope/name (package)", milliseconds: 2 },
      { where: "collecting garbage", milliseconds: 0.5 },
      { where: "waiting", milliseconds: 0.25 },
      { where: "Node's own modules", milliseconds: 0.1 },
    ]);
  });
});
