/** When a tenant's rights are asked for, and when again. The answers are given by hand; the real ones are in scopes.cluster.test.ts. */
import { beforeEach, expect, test } from "vitest";
import type { AccessAnswer, AccessQuestion } from "../../src/cluster/subject-access.ts";
import { createTenantSight, type TenantSight } from "../../src/cluster/tenant-sight.ts";
import type { Problem } from "../../src/model/problem.ts";
import { ManualClock, settle } from "../support/manual-clock.ts";

const as = { namespace: "shop", serviceAccount: "reader" };
const configMaps = { group: "", kind: "ConfigMap" };
const no = (code: Problem["code"]): AccessAnswer => ({ allowed: false, problem: { code, message: code } });

let clock: ManualClock;
let asked: AccessQuestion[];
let answer: AccessAnswer;
let changes: number;
let sight: TenantSight;
const see = (namespace = "shop"): unknown => sight.maySee(as, configMaps, namespace);

beforeEach(() => {
  clock = new ManualClock();
  asked = [];
  changes = 0;
  answer = { allowed: true };
  const canI = (question: AccessQuestion): Promise<AccessAnswer> => {
    asked.push(question);
    return Promise.resolve(answer);
  };
  sight = createTenantSight({ canI }, clock, () => (changes += 1));
});

test("nothing is shown until the first answer, which is told, and then lasts for five minutes", async () => {
  expect(see()).toBe("asking");
  expect(see()).toBe("asking");
  await settle();
  expect([see(), changes, asked.length]).toEqual([true, 1, 1]);
  await clock.advance(300_001);
  expect(see()).toBe(true);
  await settle();
  expect([see(), changes, asked.length]).toEqual([true, 1, 2]);
});

test("no version is asked about: rights are the same at all of them", async () => {
  sight.maySee(as, { ...configMaps, version: "v9" }, "shop");
  await settle();
  expect(asked).toEqual([{ verb: "get", kind: configMaps, namespace: "shop", as }]);
});

test("a refusal is looked at again by itself, once for all that was refused", async () => {
  answer = no("forbidden");
  see("shop");
  see("mall");
  await settle();
  expect([see("shop"), see("mall"), changes]).toEqual([{ code: "forbidden", message: "forbidden" }, see("shop"), 2]);
  answer = { allowed: true };
  await clock.advance(299_000);
  expect(changes).toBe(2);
  await clock.advance(2_000);
  expect(changes).toBe(3);
  see("shop");
  see("mall");
  await settle();
  expect([see("shop"), see("mall"), changes]).toEqual([true, true, 5]);
  await clock.advance(3_600_000);
  expect([changes, clock.pending]).toEqual([5, 0]);
});

test("a server that could not tell is asked again soon", async () => {
  answer = no("cluster-unreachable");
  see();
  await settle();
  expect(see()).toMatchObject({ code: "cluster-unreachable" });
  answer = { allowed: true };
  await clock.advance(11_000);
  expect(changes).toBe(2);
  see();
  await settle();
  expect(see()).toBe(true);
});
