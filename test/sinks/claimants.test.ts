/** Who is a claimant, as a table: the other Baseline, what its account may, and what that means for ours. */
import { expect, test } from "vitest";
import type { Impersonation } from "../../src/model/api.ts";
import { baselineKey, type BaselineKey } from "../../src/model/snapshot.ts";
import type { Account } from "../../src/model/account.ts";
import { createClaimants, type OtherClaimants } from "../../src/sinks/claimants.ts";
import { webId } from "./sink-fixtures.ts";

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
  const claimants = createClaimants({
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
