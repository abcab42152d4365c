/** What is foreseen of a record: the operator's own decision, with what only the operator knows taken from its record. */
import { describe, expect, test } from "vitest";
import { readSettings } from "../../src/cli/diff/settings.ts";
import { factsOf } from "../../src/cli/diff/world.ts";
import { formatForecasts, forecastReport, stepsOf } from "../../src/cli/output/forecast-text.ts";
import type { Forecast } from "../../src/cli/remediate/forecast.ts";
import { claimantsOf, foresee, straysOf, wasSettled } from "../../src/cli/remediate/foresee.ts";
import { readBuiltInSchema } from "../../src/cli/schema-files.ts";
import { trim } from "../../src/cluster/stored-object.ts";
import { createSchemaIndex } from "../../src/compare/schema-index.ts";
import type { Baseline } from "../../src/model/baseline.ts";
import { declare } from "../../src/model/desired.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { idOf, type KubeObject } from "../../src/model/resource.ts";
import { baselineKey } from "../../src/model/snapshot.ts";
import type { DecideInput } from "../../src/verdict/decide.ts";
import { healthOf } from "../../src/verdict/health.ts";

const index = createSchemaIndex();
for (const [groupVersion, document] of readBuiltInSchema().documents) index.addOpenApi(groupVersion, document);
const settings = readSettings(undefined).baseline;
const baseline: Baseline = {
  ...settings,
  key: baselineKey("shop", "shop"),
  namespace: "shop",
  name: "shop",
  mode: "Remediate",
  gracePeriod: 0,
  remediation: { ...settings.remediation, scope: "OptOut" },
};
const now = Date.UTC(2026, 0, 1);
const source = { file: "a.yaml", line: 1, index: 0 };

function object(kind: "ConfigMap" | "Secret", data: JsonObject, annotations?: JsonObject): KubeObject {
  const marks = annotations === undefined ? {} : { annotations };
  return { apiVersion: "v1", kind, metadata: { name: "it", namespace: "shop", ...marks }, data };
}

function input(
  desired: KubeObject | undefined,
  live: KubeObject | undefined,
  more: Partial<DecideInput> = {},
): DecideInput {
  const declared = desired === undefined ? undefined : declare(desired, source);
  const id = idOf((desired ?? live) as KubeObject);
  const schema = index.schemaFor({ group: "", version: "v1", kind: id.kind });
  if (schema === undefined || "code" in schema) throw new Error("no schema");
  const seen =
    live === undefined ? undefined : { ...live, metadata: { ...live.metadata, uid: "u", resourceVersion: "7" } };
  return {
    baseline,
    id,
    version: "v1",
    desired: declared,
    previous: declared,
    live: seen === undefined ? { state: "absent" } : { state: "present", live: trim(seen, 0, healthOf) },
    schema,
    facts: factsOf([]),
    seenLive: true,
    changedAt: 0,
    snapshotComplete: true,
    now,
    ...more,
  };
}

function record(remediation: JsonObject = {}, more: JsonObject = {}): KubeObject {
  return {
    apiVersion: "plumbline.dev/v1alpha1",
    kind: "Drift",
    metadata: { namespace: "shop", name: "shop-1" },
    baseline: "shop",
    object: { group: "", kind: "ConfigMap", namespace: "shop", name: "it" },
    contentHash: "h1",
    remediation,
    ...more,
  };
}

const cluster: KubeObject = {
  apiVersion: "plumbline.dev/v1alpha1",
  kind: "Baseline",
  metadata: {},
  status: { objects: { total: 10 } },
};
const edited = (): DecideInput => input(object("ConfigMap", { a: "1" }), object("ConfigMap", { a: "2" }));
const foreseen = (asked: DecideInput, about: KubeObject = record(), more: object = {}) =>
  foresee({ input: asked, record: about, baseline: cluster, otherClaimants: [], missing: undefined, ...more });
const told = (asked: DecideInput, about?: KubeObject, more?: object): string => {
  const { remedy, plan } = foreseen(asked, about, more);
  return [remedy.do, ...("reason" in remedy ? [remedy.reason] : []), plan?.kind ?? "nothing"].join(" ");
};

describe("decided here", () => {
  test.each([
    ["edited", edited(), "heal patch"],
    ["gone", input(object("ConfigMap", { a: "1" }), undefined), "heal create"],
    [
      "as declared by now",
      input(object("ConfigMap", { a: "1" }), object("ConfigMap", { a: "1" })),
      "never nothing-to-do nothing",
    ],
    ["dropped from Git, prune off", input(undefined, object("ConfigMap", { a: "1" })), "never cause delete"],
    ["not healed in this mode", { ...edited(), baseline: { ...baseline, mode: "Alert" as const } }, "never mode patch"],
    ["a Baseline that is paused", { ...edited(), baseline: { ...baseline, pauseUntil: now + 1 } }, "wait pause patch"],
    [
      "a closed window",
      {
        ...edited(),
        baseline: {
          ...baseline,
          remediation: {
            ...baseline.remediation,
            windows: [{ schedule: "0 2 * * *", duration: 60_000, timeZone: "UTC", kind: "Allow" as const }],
          },
        },
      },
      "wait window patch",
    ],
    ["Git moved and live never followed", { ...edited(), previous: undefined }, "wait rollout patch"],
  ])("%s: %s", (_, asked, expected) => {
    expect(told(asked as DecideInput)).toBe(expected);
  });

  test("a right that lacks, and another Baseline that declares it", () => {
    expect(told(edited(), record(), { missing: "patch configmaps in shop" })).toBe("wait permission patch");
    expect(told(edited(), record(), { otherClaimants: [baselineKey("b", "b")] })).toBe("wait fight patch");
  });

  test("an approval counts for its very content only", () => {
    const asked = {
      ...edited(),
      baseline: { ...baseline, remediation: { ...baseline.remediation, approval: "Always" as const } },
    };
    const approved = (hash: string): KubeObject => {
      const about = record({ state: "waiting", waitingFor: "approval" });
      return { ...about, metadata: { ...about.metadata, annotations: { "plumbline.dev/approve": hash } } };
    };
    expect(told(asked, record())).toBe("wait approval patch");
    expect(told(asked, approved("h0"))).toBe("wait approval patch");
    expect(told(asked, approved("h1"))).toBe("heal patch");
  });
});

describe("what the operator owes", () => {
  const asked: DecideInput = {
    ...input(object("ConfigMap", { colour: "green" }), undefined),
    baseline: { ...baseline, remediation: { ...baseline.remediation, approval: "Always" } },
  };
  test.each([
    ["deleted by us in order to be made anew", asked, { owed: "h1" }, "heal create"],
    ["Git says otherwise since", asked, { owed: "h0" }, "wait approval create"],
    ["deleted by somebody else", asked, {}, "wait approval create"],
    ["not deleted yet", { ...edited(), baseline: asked.baseline }, { owed: "h1" }, "wait approval patch"],
  ])("%s: %s", (_, one, remediation, expected) => {
    expect(told(one as DecideInput, record(remediation))).toBe(expected);
  });
});

describe("believed, where only the operator can know", () => {
  test.each([
    [{ state: "waiting", waitingFor: "fight", message: "m" }, "wait fight patch"],
    [{ state: "waiting", waitingFor: "limit", message: "m" }, "wait limit patch"],
    [{ state: "waiting", waitingFor: "permission", message: "m" }, "wait permission patch"],
    [{ state: "waiting", waitingFor: "approval", message: "its health got worse" }, "wait approval patch"],
    [{ state: "not-allowed", message: "it is Plumbline's own" }, "never recorded patch"],
    // These are seen from here as well, and may be over since the record was written.
    [{ state: "waiting", waitingFor: "pause", message: "m" }, "heal patch"],
    [{ state: "waiting", waitingFor: "window", message: "m" }, "heal patch"],
    [{ state: "waiting", waitingFor: "opt-out", message: "m" }, "heal patch"],
    [{ state: "retrying", message: "m" }, "heal patch"],
  ])("%o: %s", (remediation, expected) => {
    expect(told(edited(), record(remediation))).toBe(expected);
  });
});

describe("what Git said last of what it dropped, only the operator has seen", () => {
  const pruning = { prune: true, causes: ["dropped-from-git"], approval: "Never" } as const;
  const dropped = input(undefined, object("ConfigMap", { a: "1" }), {
    baseline: { ...baseline, remediation: { ...baseline.remediation, ...pruning } },
  });
  test.each([
    [{}, "heal delete"],
    [{ state: "waiting", waitingFor: "opt-out", message: "prune in Git says not to delete it" }, "wait opt-out delete"],
    [{ state: "waiting", waitingFor: "pause", message: "paused in Git" }, "wait pause delete"],
    [{ state: "waiting", waitingFor: "window", message: "m" }, "heal delete"],
    [{ state: "not-allowed", message: "was not seen to declare it" }, "never recorded delete"],
  ])("%o: %s", (remediation, expected) => {
    expect(told(dropped, record(remediation))).toBe(expected);
  });
});

describe("what only the operator can know, and nothing tells, is said to be so", () => {
  const optIn: Partial<DecideInput> = {
    baseline: { ...baseline, remediation: { ...baseline.remediation, scope: "OptIn" } },
  };
  const marks = { "plumbline.dev/remediate": "enabled" };
  const planned = (...paths: readonly string[]): KubeObject =>
    record({
      plan: {
        kind: "patch",
        operations: paths.map((path) => ({ op: "replace", path })),
        operationsTotal: paths.length,
      },
    });
  const live = input(object("ConfigMap", { a: "1" }), object("ConfigMap", { a: "2" }, marks), optIn);
  const git = input(object("ConfigMap", { a: "1" }, marks), object("ConfigMap", { a: "2" }, marks), optIn);
  const platform = expect.stringContaining("remediation.liveOptIn");
  const otherwise = expect.stringContaining("plans otherwise (patch: replace /data/a, replace /data/b)");
  test.each<[string, DecideInput, KubeObject, readonly unknown[]]>([
    ["by an annotation in Git, as the record plans", git, planned("/data/a"), []],
    ["by an annotation in Git, no plan in the record", git, record(), []],
    ["by a live annotation", live, record(), [platform]],
    ["the record plans more", git, planned("/data/a", "/data/b"), [otherwise]],
    ["both", live, planned("/data/a", "/data/b"), [platform, otherwise]],
  ])("%s", (_, asked, about, expected) => {
    expect(foreseen(asked, about).caveats).toEqual(expected);
  });
});

test("what Git never declared is no mass that asks for approval", () => {
  const stray = record({}, { verdict: "unmanaged", cause: "live-edit" });
  const seen = [
    record(),
    ...Array.from({ length: 9 }, () => stray),
    record({}, { verdict: "unmanaged", cause: "dropped-from-git" }),
  ];
  const strays = straysOf(seen, baselineKey("shop", "shop"));
  expect([strays, straysOf(seen, baselineKey("shop", "other"))]).toEqual([9, 0]);
  const status = { objects: { total: 19, inSync: 9, drifted: 1, unmanaged: 9 } };
  expect(told(edited(), record(), { baseline: { ...cluster, status }, strays })).toBe("heal patch");
  expect(told(edited(), record(), { baseline: { ...cluster, status } })).toBe("wait approval patch");
});

test("other claimants are those with a record of the same object", () => {
  const id = { group: "", kind: "ConfigMap", namespace: "shop", name: "it" };
  const other = { ...record(), metadata: { namespace: "platform", name: "x" }, baseline: "base" };
  const elsewhere = { ...other, object: { ...id, name: "other" } };
  expect(claimantsOf([record(), other, elsewhere], id, baselineKey("shop", "shop"))).toEqual(["platform/base"]);
});

test.each([
  ["at this revision, by hand", { cause: "live-edit", revision: "r1" }, {}, true],
  ["recorded at another", { cause: "live-edit", revision: "r0" }, {}, false],
  ["moved by Git", { cause: "rollout", revision: "r1" }, {}, false],
  ["one of its changes is", { cause: "live-edit", revision: "r1", changes: [{ cause: "rollout" }] }, {}, false],
  ["it waits for the deployer", { cause: "live-edit", revision: "r1" }, { waitingFor: "rollout" }, false],
])("settled: %s", (_, more, remediation, expected) => {
  expect(wasSettled(record(remediation, more as JsonObject), "r1")).toBe(expected);
});

describe("shown", () => {
  const forecastOf = (asked: DecideInput): Forecast => ({
    ...foreseen(asked),
    baseline,
    record: record(),
    input: asked,
  });

  test("each operation with what it replaces", () => {
    const one = forecastOf(input(object("ConfigMap", { a: "1", b: "x" }), object("ConfigMap", { a: "2", c: "z" })));
    expect(stepsOf(one)).toEqual([
      { op: "remove", path: "/data/c", from: "z" },
      { op: "add", path: "/data/b", to: "x" },
      { op: "replace", path: "/data/a", from: "2", to: "1" },
    ]);
    const text = formatForecasts([
      { ...one, rehearsal: { as: "shop/deployer", result: "refused", message: "no: \u001b[31mred" } },
    ]);
    expect(text).toContain("  patch, REFUSED by a dry run as shop/deployer: no: \\u001b[31mred\n");
    expect(text).toContain('    replace /data/a "2" -> "1"\n');
    expect(text).toContain('    remove /data/c ("z")\n');
    expect(text).toMatch(/\n1 would be written now, 0 wait, 0 are left alone; nothing was written\n$/);
  });

  test("no value of a Secret, on either side, in text or JSON", () => {
    const secret = (text: string) => object("Secret", { password: btoa(text), more: btoa(`${text}-more`) });
    const one = forecastOf(input(secret("canary-git"), secret("canary-live")));
    const all = formatForecasts([one]) + JSON.stringify(forecastReport([one]));
    expect(all).toContain("replace /data/password <redacted> -> <redacted>");
    for (const value of ["canary-git", "canary-live", "canary-git-more"]) {
      expect(all).not.toContain(value);
      expect(all).not.toContain(btoa(value));
    }
    const made = forecastOf(input(secret("canary-git"), undefined));
    expect(formatForecasts([made]) + JSON.stringify(forecastReport([made]))).not.toContain(btoa("canary-git"));
  });
});
