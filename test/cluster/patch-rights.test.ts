/** When rights to patch are asked for, and how long an answer counts. Given by hand here; the real ones are in fights.cluster.test.ts. */
import { beforeEach, expect, test } from "vitest";
import { createPatchRights, type PatchRights } from "../../src/cluster/patch-rights.ts";
import type { AccessAnswer, AccessQuestion } from "../../src/cluster/subject-access.ts";
import type { ResourceId } from "../../src/model/resource.ts";
import { ManualClock, settle } from "../support/manual-clock.ts";

const as = { namespace: "shop", serviceAccount: "deployer" };
const web: ResourceId = { group: "apps", kind: "Deployment", namespace: "shop", name: "web" };
const no = (untold = false): AccessAnswer => ({
  allowed: false,
  problem: { code: "forbidden", message: "no" },
  ...(untold ? { untold } : {}),
});

let clock: ManualClock;
let asked: AccessQuestion[];
let answer: AccessAnswer;
let rights: PatchRights;
const canI = (question: AccessQuestion): Promise<AccessAnswer> => {
  asked.push(question);
  return Promise.resolve(answer);
};

beforeEach(() => {
  clock = new ManualClock();
  asked = [];
  answer = { allowed: true };
  rights = createPatchRights({ canI }, clock);
});

test("asked by the very object, once, and the answer lasts for five minutes", async () => {
  expect([rights.mayPatch(as, web), rights.mayPatch(as, web)]).toEqual(["asking", "asking"]);
  await settle();
  expect(rights.mayPatch(as, web)).toBe(true);
  expect(asked).toEqual([
    { verb: "patch", kind: { group: "apps", kind: "Deployment" }, namespace: "shop", name: "web", as },
  ]);
  await clock.advance(300_000);
  expect([rights.mayPatch(as, web), asked.length]).toEqual([true, 1]);
});

test("while it is asked again the last answer counts", async () => {
  answer = no();
  rights.mayPatch(as, web);
  await settle();
  expect(rights.mayPatch(as, web)).toBe(false);
  answer = { allowed: true };
  await clock.advance(300_001);
  expect([rights.mayPatch(as, web), rights.mayPatch(as, web)]).toEqual([false, false]);
  await settle();
  expect([rights.mayPatch(as, web), asked.length]).toEqual([true, 2]);
});

test("where it cannot be asked it may, and is asked again soon", async () => {
  answer = no(true);
  rights.mayPatch(as, web);
  await settle();
  expect(rights.mayPatch(as, web)).toBe(true);
  answer = no();
  await clock.advance(10_001);
  rights.mayPatch(as, web);
  await settle();
  expect(rights.mayPatch(as, web)).toBe(false);
});

test("ourselves and an account are two, and so are two accounts and two objects", async () => {
  rights.mayPatch(undefined, web);
  rights.mayPatch(as, web);
  rights.mayPatch({ ...as, namespace: "mall" }, web);
  rights.mayPatch(as, { ...web, name: "db" });
  await settle();
  expect(asked.map(({ name, as: who }) => `${who?.namespace ?? "ourselves"} ${name}`)).toEqual([
    "ourselves web",
    "shop web",
    "mall web",
    "shop db",
  ]);
});

test("answers are kept to a cap, the oldest gives way", async () => {
  rights = createPatchRights({ canI }, clock, 2);
  for (const name of ["a", "b", "c"]) {
    rights.mayPatch(as, { ...web, name });
    await settle();
  }
  expect([rights.mayPatch(as, { ...web, name: "c" }), asked.length]).toEqual([true, 3]);
  expect([rights.mayPatch(as, { ...web, name: "a" }), asked.length]).toEqual(["asking", 4]);
});
