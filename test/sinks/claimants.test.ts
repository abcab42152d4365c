/** Who is a claimant, as a table: the other Baseline, what its account may, and what that means for ours. */
import { describe, expect, test } from "vitest";
import type { Impersonation } from "../../src/model/api.ts";
import type { Baseline } from "../../src/model/baseline.ts";
import type { SourceState } from "../../src/model/state.ts";
import { baselineKey, type BaselineKey } from "../../src/model/snapshot.ts";
import type { Account } from "../../src/model/account.ts";
import {
  claimPatience,
  createClaimants,
  failurePatience,
  readPatience,
  type Claimants,
  type ClaimantsDeps,
  type OtherClaimants,
} from "../../src/sinks/claimants.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { baselineOf, webId } from "./sink-fixtures.ts";

const ours = baselineKey("shop", "ours");
const theirs = baselineKey("mall", "theirs");
const us: Account = { namespace: "shop", serviceAccountName: "ours" };

interface Case {
  readonly declaring?: readonly BaselineKey[];
  readonly other?: Account | undefined;
  readonly may?: boolean | "asking";
  /** Whether we may. */
  readonly own?: boolean | "asking";
  readonly platform?: readonly string[];
}

function look({ declaring = [ours, theirs], other, may = true, own = true, platform = [] }: Case): {
  readonly said: OtherClaimants;
  readonly asked: readonly string[];
} {
  const asked: string[] = [];
  const whose = (as: Impersonation | undefined): string =>
    as === undefined ? "the operator" : `${as.namespace}/${as.serviceAccount}`;
  const claimants = claimantsOf({
    declaring: () => declaring,
    baselineOf: (key) => (key === ours ? us : other),
    mayPatch: (as, { kind, name }) => {
      asked.push(`${whose(as)} ${kind} ${name}`);
      return as?.serviceAccount === "ours" ? own : may;
    },
    platformNamespaces: platform,
  });
  return { said: claimants.others(ours, webId), asked };
}

const withAccount: Account = { namespace: "mall", serviceAccountName: "deployer" };
const elsewhere: Account = { namespace: "mall" };
const we = "shop/ours Deployment web";
/** Nobody declares anything, everybody was heard, and time stands still. */
const claimantsOf = (over: Partial<ClaimantsDeps>): Claimants =>
  createClaimants({
    declaring: () => [],
    baselineOf: () => undefined,
    mayPatch: () => true,
    platformNamespaces: [],
    unheard: () => [],
    untried: () => [],
    unasked: () => [],
    outline: () => undefined,
    checkNow: () => {},
    clock: new ManualClock(),
    ...over,
  });
const none: OtherClaimants = { claimants: [], asking: false };
const them: OtherClaimants = { claimants: [theirs], asking: false };

test.each<[string, Case, OtherClaimants, readonly string[]]>([
  ["we alone declare it: nobody is asked", { declaring: [ours] }, none, []],
  ["nobody declares it any more", { declaring: [] }, none, []],
  ["another, whose account may patch it", { other: withAccount }, them, ["mall/deployer Deployment web", we]],
  [
    "another, whose account may patch it, where ours may not: no dispute",
    { other: withAccount, own: false },
    none,
    ["mall/deployer Deployment web", we],
  ],
  [
    "another, whose account may patch it, where it is not known whether ours may",
    { other: withAccount, own: "asking" },
    { claimants: [theirs], asking: true },
    ["mall/deployer Deployment web", we],
  ],
  ["another, whose account may not", { other: withAccount, may: false }, none, ["mall/deployer Deployment web"]],
  [
    "another, of which it is not known yet",
    { other: withAccount, may: "asking" },
    { claimants: [], asking: true },
    ["mall/deployer Deployment web", we],
  ],
  [
    "another without an account, of a platform namespace: it writes as the operator itself",
    { other: elsewhere, platform: ["mall"] },
    them,
    ["the operator Deployment web", we],
  ],
  [
    "another without an account, outside its own namespace: it may not so much as judge it",
    { other: elsewhere },
    none,
    [],
  ],
  [
    "another without an account, in the object's namespace",
    { other: { namespace: "shop" } },
    them,
    ["the operator Deployment web", we],
  ],
  ["one that went between two looks", { other: undefined }, none, []],
  [
    "only another declares it: ours dropped it, and is not to delete it",
    { declaring: [theirs], other: withAccount },
    them,
    ["mall/deployer Deployment web", we],
  ],
])("%s", (_, given, said, asked) => {
  expect(look(given)).toEqual({ said, asked });
});

describe("what is not known yet", () => {
  const clock = new ManualClock();
  let [untried, unheard]: readonly (readonly BaselineKey[])[] = [[], []];
  const create = () =>
    claimantsOf({
      declaring: () => [ours],
      baselineOf: () => withAccount,
      untried: () => untried ?? [],
      unheard: () => unheard ?? [],
      clock,
    });

  test("after a start a source that was not tried yet is waited for, for a while; its own is not", async () => {
    [untried, unheard] = [[ours], [ours]];
    const claimants = create();
    expect(claimants.others(ours, webId).asking).toBe(false);
    [untried, unheard] = [[theirs], [theirs]];
    expect(claimants.others(ours, webId).asking).toBe(true);
    await clock.advance(claimPatience);
    expect(claimants.others(ours, webId).asking).toBe(false);
  });

  test("what was in dispute stays so until everybody was heard, however long that takes", async () => {
    [untried, unheard] = [[], [theirs]];
    const claimants = create();
    claimants.recall(ours, webId, { waitingFor: "fight" });
    await clock.advance(10 * claimPatience);
    expect(claimants.others(ours, webId).asking).toBe(true);
    unheard = [];
    expect(claimants.others(ours, webId).asking).toBe(false);
    unheard = [theirs];
    expect(claimants.others(ours, webId).asking, "it is over").toBe(false);
  });

  test("a fight with a manager is no dispute between Baselines", () => {
    [untried, unheard] = [[], [theirs]];
    const claimants = create();
    const contested = { managers: ["someone"], paths: [] };
    claimants.recall(ours, webId, { waitingFor: "fight", contested });
    expect(claimants.others(ours, webId).asking).toBe(false);
  });
});

test.each<readonly [string, Partial<Baseline>, SourceState["state"], number | undefined, readonly BaselineKey[]]>([
  ["that is read regularly", {}, "ready", failurePatience, [theirs]],
  ["that fails since a moment ago", {}, "failed", failurePatience - 1, [theirs]],
  ["that fails for long", {}, "failed", failurePatience, []],
  ["that was never read", {}, "failed", undefined, []],
  ["that is suspended", { suspend: true }, "ready", 0, []],
])("whether a delete waits for a source %s", async (_, changes, state, ago, expected) => {
  const clock = new ManualClock();
  const read: BaselineKey[] = [];
  const source = { state, ...(ago === undefined ? {} : { lastSuccessAt: clock.now() - ago }) };
  const claimants = claimantsOf({
    unasked: () => [ours, theirs],
    outline: () => ({ baseline: baselineOf(changes), source }),
    checkNow: (key) => read.push(key),
    clock,
  });
  const look = () => claimants.stale(ours, webId, clock.now());
  const waits = expected.length > 0;
  expect(look()).toEqual({ baselines: expected, asking: waits });
  expect(look()).toEqual({ baselines: expected, asking: waits });
  expect(read, "at once, and once").toEqual(expected);
});

test("others are being read: nothing is said for a moment, then that it waits", async () => {
  const clock = new ManualClock();
  const moment = clock.now();
  const claimants = claimantsOf({
    unasked: () => [theirs],
    outline: () => ({ baseline: baselineOf(), source: { state: "ready" } }),
    clock,
  });
  const asking = (at = moment) => claimants.stale(ours, webId, at).asking;
  expect(asking()).toBe(true);
  await clock.advance(readPatience);
  expect(asking()).toBe(false);
  expect(asking(moment + 1), "by another revision").toBe(true);
});

test("who else declares it, whatever he may write: all that have a say there", () => {
  const accounts: Readonly<Record<string, Account>> = { [theirs]: elsewhere, "mall/able": withAccount };
  const claimants = claimantsOf({
    declaring: () => [ours, theirs, baselineKey("mall", "able")],
    baselineOf: (key) => accounts[key],
    mayPatch: () => false,
  });
  expect(claimants.declarers(ours, webId)).toEqual(["mall/able"]);
});
