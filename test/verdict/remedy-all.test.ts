/**
 * Every combination of what decides whether an object is put back, against two oracles that are written another way
 * than the decision: the first asks who has the last word, the second gathers every objection and knows their order.
 */
import { expect, test } from "vitest";
import type { Baseline, RemediationSettings } from "../../src/model/baseline.ts";
import type { Verdict } from "../../src/model/verdict.ts";
import { decideRemedy, type Remedy, type RemedyInput } from "../../src/verdict/remedy.ts";
import { NOW } from "./pair-fixture.ts";
import { change, drift, edited, id, missing, open, rules, unmanaged } from "./remedy-fixture.ts";

type Dimensions = Readonly<Record<string, readonly (string | boolean)[]>>;
type Case<D extends Dimensions> = { -readonly [K in keyof D]: D[K][number] };

/** Every combination, one after another; the object is the same one each time. */
function* combinations<D extends Dimensions>(dimensions: D): Generator<Case<D>> {
  const names = Object.keys(dimensions);
  const place = names.map(() => 0);
  const current = Object.fromEntries(names.map((name) => [name, dimensions[name]?.[0]]));
  while (true) {
    yield current as Case<D>;
    let index = 0;
    for (; index < names.length; index += 1) {
      const name = names[index] ?? "";
      const values = dimensions[name] ?? [];
      const next = ((place[index] ?? 0) + 1) % values.length;
      place[index] = next;
      current[name] = values[next];
      if (next > 0) break;
    }
    if (index === names.length) return;
  }
}

const count = (dimensions: Dimensions): number =>
  Object.values(dimensions).reduce((product, values) => product * values.length, 1);

const gist = (remedy: Remedy): string => (remedy.do === "heal" ? "heal" : `${remedy.do} ${remedy.reason}`);

const remember = <T>(make: (key: string) => T): ((key: string) => T) => {
  const known = new Map<string, T>();
  return (key) => {
    if (!known.has(key)) known.set(key, make(key));
    return known.get(key) as T;
  };
};

// Who decides

type Settings = Partial<RemediationSettings>;
interface Situation {
  readonly verdict: Verdict;
  readonly settings: Settings;
  readonly plan?: RemedyInput["plan"];
  /** What the settings say of it; absent: it may be healed. */
  readonly refused?: string;
}
const situations = {
  edited: { verdict: edited, settings: {} },
  "edited, not listed": { verdict: edited, settings: { causes: ["deletion"] }, refused: "never cause" },
  "rolled out": { verdict: drift(change("rollout")), settings: {}, refused: "never cause" },
  "rolled out, listed": { verdict: drift(change("rollout")), settings: { causes: ["rollout"] } },
  deleted: { verdict: missing, settings: {} },
  "deleted, not listed": { verdict: missing, settings: { causes: ["live-edit"] }, refused: "never cause" },
  dropped: { verdict: unmanaged, settings: { prune: true, causes: ["dropped-from-git"] } },
  "dropped, not listed": { verdict: unmanaged, settings: { prune: true }, refused: "never cause" },
  "dropped, prune off": {
    verdict: unmanaged,
    settings: { causes: ["dropped-from-git"] },
    refused: "never prune-off",
  },
  "made again": { verdict: edited, settings: { recreate: true }, plan: "recreate" },
  "made again, recreate off": { verdict: edited, settings: {}, plan: "recreate", refused: "never recreate-off" },
} as const satisfies Readonly<Record<string, Situation>>;

const words = ["silent", "enabled", "disabled", "malformed"] as const;
const who = {
  git: words,
  live: words,
  namespace: words,
  pause: ["none", "git", "live", "Baseline"],
  // Of other tools: to leave it alone altogether, or not to delete it.
  tools: ["none", "git: all", "git: deletes", "live: deletes"],
  situation: Object.keys(situations) as (keyof typeof situations)[],
  scope: ["OptIn", "OptOut"],
  permitted: [true, false],
  claimants: [false, true],
  switched: ["nothing", "live opt-in forbidden", "Baseline disabled"],
  mode: ["Remediate", "Alert", "Observe"],
  suspended: [false, true],
} as const;
type Who = Case<typeof who>;

const LATER = new Date(NOW + 3_600_000).toISOString();

const marksOf = remember((key: string): Readonly<Record<string, string>> => {
  const [place, word, pause, tools] = key.split("|");
  const remediate = word === "malformed" ? `perhaps, says ${place}` : word;
  return {
    ...(word === "silent" ? {} : { "plumbline.dev/remediate": remediate ?? "" }),
    ...(pause === place ? { "plumbline.dev/pause-until": LATER } : {}),
    ...(tools === `${place}: all` ? { "argocd.argoproj.io/skip-reconcile": "true" } : {}),
    ...(tools === `${place}: deletes` ? { "helm.sh/resource-policy": "keep" } : {}),
  };
});
const baselineOf = remember((key: string): Baseline => {
  const [situation, scope, mode, suspended, pause, switched] = key.split("|");
  const { settings } = situations[situation as keyof typeof situations];
  return rules(
    { ...settings, scope: scope as RemediationSettings["scope"] },
    {
      mode: mode as Baseline["mode"],
      suspend: suspended === "true",
      ...(pause === "Baseline" ? { pauseUntil: NOW + 1 } : {}),
      ...(switched === "Baseline disabled" ? { remediate: "disabled" } : {}),
    },
  );
});

function inputOf(found: Who): RemedyInput {
  const { situation, pause, tools } = found;
  const { verdict, plan }: Situation = situations[situation];
  const key = [situation, found.scope, found.mode, found.suspended, pause, found.switched].join("|");
  return {
    ...open,
    baseline: baselineOf(key),
    verdict,
    plan,
    claimed: true,
    approved: true,
    gitAnnotations: marksOf(`git|${found.git}|${pause}|${tools}`),
    liveAnnotations: verdict.kind === "missing" ? undefined : marksOf(`live|${found.live}|${pause}|${tools}`),
    namespaceAnnotations: marksOf(`namespace|${found.namespace}||`),
    liveOptIn: found.switched !== "live opt-in forbidden",
    missingPermission: found.permitted ? undefined : "patch deployments.apps in shop",
    otherClaimants: found.claimants ? ["team/web"] : [],
  };
}

const readSafely = (word: Who["git"]): "silent" | "on" | "off" =>
  word === "silent" ? "silent" : word === "enabled" ? "on" : "off";

/** Who speaks last: the object (Git and live together), its namespace, its Baseline; and whether anybody is asked. */
function lastWord(found: Who): "on" | "off" | "nobody" {
  const isThere = !found.situation.startsWith("deleted");
  const git = readSafely(found.git);
  const live = isThere ? readSafely(found.live) : "silent";
  if (git === "off" || live === "off") return "off";
  if (git === "on") return "on";
  const onlyChanges = /^(?:edited|rolled out)/.test(found.situation);
  if (live === "on" && found.switched !== "live opt-in forbidden" && onlyChanges) return "on";
  const namespace = readSafely(found.namespace);
  if (namespace === "on") return "on";
  // A no is only said to those who would have been healed.
  if (found.scope === "OptIn") return "nobody";
  return namespace === "off" || found.switched === "Baseline disabled" ? "off" : "on";
}

function isKeptForAnotherTool({ tools, situation }: Who): boolean {
  return tools === "git: all" || (tools !== "none" && /^(?:dropped|made again)/.test(situation));
}

function expectedOf(found: Who): string {
  const { refused }: Situation = situations[found.situation];
  if (found.mode !== "Remediate") return "never mode";
  if (found.suspended) return "never suspended";
  if (refused !== undefined) return refused;
  const word = lastWord(found);
  if (word === "nobody") return "never not-opted-in";
  if (word === "off" || isKeptForAnotherTool(found)) return "wait opt-out";
  const paused = found.pause === "live" ? !found.situation.startsWith("deleted") : /git|Baseline/.test(found.pause);
  if (paused) return "wait pause";
  if (!found.permitted) return "wait permission";
  return found.claimants ? "wait fight" : "heal";
}

test(`who decides: all ${count(who)} combinations`, { timeout: 120_000 }, () => {
  const wrong: string[] = [];
  let healed = 0;
  const fail = (found: Who, what: string): void => {
    if (wrong.length < 10) wrong.push(`${what}: ${JSON.stringify(found)}`);
  };
  for (const found of combinations(who)) {
    const remedy = decideRemedy(inputOf(found));
    const expected = expectedOf(found);
    if (gist(remedy) !== expected) fail(found, `${gist(remedy)} instead of ${expected}`);
    if (remedy.do !== "heal") continue;
    healed += 1;
    // What no oracle may get wrong.
    const isThere = !found.situation.startsWith("deleted");
    if (found.git === "disabled" || (isThere && found.live === "disabled")) fail(found, "disabled on the object");
    if (found.mode !== "Remediate" || found.suspended || !found.permitted) fail(found, "healed where it may not");
    if (remedy.asked === "") fail(found, "nobody asked");
    if (remedy.asked.startsWith("live") && /^(?:dropped|made again|deleted)/.test(found.situation))
      fail(found, "live permitted more than a patch");
    const quiet = found.git !== "enabled" && found.live !== "enabled" && found.namespace !== "enabled";
    if (quiet && found.scope === "OptIn") fail(found, "nobody opted in");
  }
  expect(wrong).toEqual([]);
  expect(healed).toBeGreaterThan(1_000);
});

// What keeps it, once it was asked for

const kept = {
  act: ["edited", "deleted", "dropped", "made again"],
  weight: ["plain", "critical", "security", "mass"],
  approval: ["Never", "HighRisk", "Always"],
  approved: [false, true],
  guard: ["none", "in doubt", "commit approved"],
  worsened: [false, true],
  window: ["none", "closed", "opened by hand"],
  held: ["nothing", "fight", "limit"],
  settled: [true, false],
  place: ["shop", "kube-system", "kube-system, allowed"],
  leaving: [false, true],
  claimed: [true, false],
  finalizers: [false, true],
} as const;
type Kept = Case<typeof kept>;

const COMMIT = "c".repeat(40);
const closedNow = [{ schedule: "0 2 * * *", duration: 3_600_000, timeZone: "UTC", kind: "Allow" }] as const;

const keptBaseline = remember((key: string): Baseline => {
  const [approval, guard, window, place] = key.split("|");
  return rules(
    {
      approval: approval as RemediationSettings["approval"],
      prune: true,
      recreate: true,
      causes: ["live-edit", "deletion", "dropped-from-git"],
      windows: window === "none" ? [] : closedNow,
      allowProtected: place?.endsWith("allowed") === true ? ["kube-system"] : [],
    },
    {
      ...(guard === "commit approved" ? { approvedCommit: COMMIT } : {}),
      ...(window === "opened by hand" ? { windowsOpenUntil: NOW + 1 } : {}),
    },
  );
});

function keptInput(found: Kept): RemedyInput {
  const severity = found.weight === "critical" ? "critical" : "medium";
  const kind = found.weight === "security" ? "security" : "workload";
  const verdicts: Readonly<Record<Kept["act"], Verdict>> = {
    edited: drift(change("live-edit", severity, kind)),
    deleted: { kind: "missing", cause: "deletion", severity, class: kind },
    dropped: { kind: "unmanaged", cause: "dropped-from-git", severity, class: kind },
    "made again": drift(change("live-edit", severity, kind)),
  };
  return {
    ...open,
    baseline: keptBaseline([found.approval, found.guard, found.window, found.place].join("|")),
    id: found.place === "shop" ? id : { ...id, namespace: "kube-system" },
    verdict: verdicts[found.act],
    plan: found.act === "made again" ? "recreate" : undefined,
    approved: found.approved,
    guard: found.guard === "none" ? undefined : { reason: "Shrunk", commit: COMMIT, message: "much is gone" },
    worsened: found.worsened ? "it is degraded since" : undefined,
    ...(found.held === "nothing" ? {} : { held: { reason: found.held, message: found.held } }),
    mass: found.weight === "mass" ? { standing: 21, total: 100 } : { standing: 20, total: 100 },
    settled: found.settled,
    namespaceTerminating: found.leaving,
    claimed: found.claimed,
    liveFinalizers: found.finalizers ? ["acme.io/bucket"] : [],
  };
}

/** In the order in which people are told; each by itself, whatever the others say. */
const obstacles: readonly (readonly [string, (found: Kept) => boolean])[] = [
  ["never namespace-terminating", ({ leaving }) => leaving],
  ["never protected", ({ place }) => place === "kube-system"],
  ["never not-claimed", ({ act, claimed }) => act === "dropped" && !claimed],
  ["wait rollout", ({ act, settled }) => !settled && act !== "dropped"],
  ["wait approval", ({ guard }) => guard === "in doubt"],
  ["wait fight", ({ held }) => held === "fight"],
  [
    "wait approval",
    ({ act, weight, approval, approved, worsened, finalizers }) => {
      if (approved) return false;
      const goes = act === "dropped" || act === "made again";
      const asks = { Never: goes && finalizers, HighRisk: goes || weight !== "plain", Always: true };
      return worsened || asks[approval];
    },
  ],
  ["wait window", ({ window }) => window === "closed"],
  ["wait limit", ({ held }) => held === "limit"],
];

test(`what keeps it: all ${count(kept)} combinations`, { timeout: 120_000 }, () => {
  const wrong: string[] = [];
  let healed = 0;
  for (const found of combinations(kept)) {
    const remedy = decideRemedy(keptInput(found));
    const expected = obstacles.find(([, stands]) => stands(found))?.[0] ?? "heal";
    if (gist(remedy) !== expected && wrong.length < 10)
      wrong.push(`${gist(remedy)} instead of ${expected}: ${JSON.stringify(found)}`);
    if (remedy.do === "heal") healed += 1;
  }
  expect(wrong).toEqual([]);
  expect(healed).toBeGreaterThan(1_000);
});

const everybody = {
  git: words,
  live: words,
  namespace: words,
} as const;

test("a malformed value is told once, wherever it stands, and stops what it could stop", () => {
  for (const { git, live, namespace } of combinations(everybody)) {
    const { warnings } = decideRemedy({
      ...open,
      gitAnnotations: marksOf(`git|${git}||`),
      liveAnnotations: marksOf(`live|${live}||`),
      namespaceAnnotations: marksOf(`namespace|${namespace}||`),
    });
    const told = warnings.map(({ message }) => /in Git|on the live object|on the namespace/.exec(message)?.[0]);
    const malformed = [
      ...(git === "malformed" ? ["in Git"] : []),
      ...(live === "malformed" ? ["on the live object"] : []),
      ...(namespace === "malformed" ? ["on the namespace"] : []),
    ];
    expect(told).toEqual(malformed);
  }
});
