/**
 * Others who have a say: a second replica while the first is stopped for longer than its lease, and a policy that
 * refuses what we write. Nobody writes without the lease, what is refused is told by name, and the rest goes on.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { getIn } from "../../src/model/json.ts";
import { tokenId, writesOf } from "./audit.ts";
import { namespace, setEditedShop, type EditedShop } from "./edited-shop.ts";
import { defaultNamespace, eventually, operatorAccount, type Operator } from "./operator.ts";
import { configMapPath, merge } from "./scene.ts";

let shop: EditedShop;
let operator: Operator;

beforeAll(async () => {
  shop = await setEditedShop();
  operator = await shop.scene.start();
});
afterAll(() => shop?.scene.stop());
beforeEach(() => shop.nextTest());

test("a leader that stops for longer than its lease comes back to nothing it may write", async () => {
  const first = operator;
  const firstId = tokenId(shop.scene.plane, "plumbline-0");
  const second = await shop.scene.start({ podName: "plumbline-1", freshPorts: true });
  await second.ready();
  const leads = (one: Operator): Promise<number | undefined> => one.metric("leader_election_master_status");
  expect(await leads(second)).toBe(0);
  await shop.edit("c0", "red");
  first.process.kill("SIGSTOP");
  await shop.edit("h0", "red");
  await shop.edit("c1", "red");
  await eventually("the second leads", async () => ((await leads(second)) === 1 ? true : undefined), {
    within: 60_000,
  });
  await shop.converges(["c0", "c1"]);
  expect(await shop.colourOf("h0")).toBe("green");
  const resumed = new Date().toISOString();
  first.process.kill("SIGCONT");
  await shop.edit("h1", "red");
  await shop.edit("c2", "red");
  await shop.converges(["c0", "c1", "c2"]);
  await shop.untilGreen("h1");
  await eventually("the first knows", async () => ((await leads(first)) === 0 ? true : undefined));
  const afterwards = writesOf(shop.scene.plane, resumed).filter(({ by, code }) => by === firstId && code < 300);
  expect(afterwards).toEqual([]);
  expect(shop.heals()).toEqual(["patch h0", "patch h1"]);
  // It still sees; it only does not write.
  expect(first.process.exitCode).toBeNull();
  await second.stop("SIGKILL");
  await eventually("the first leads again", async () => ((await leads(first)) === 1 ? true : undefined), {
    within: 60_000,
  });
  await shop.edit("c0", "green");
  await shop.converges(["c1", "c2"]);
}, 240_000);

test("a policy that refuses our writes to one object: told by name, given up, and others are put back", async () => {
  const policies = "/apis/admissionregistration.k8s.io/v1";
  const head = { apiVersion: "admissionregistration.k8s.io/v1", metadata: { name: "hands-off" } };
  await shop.scene.send("POST", `${policies}/validatingadmissionpolicies`, {
    ...head,
    kind: "ValidatingAdmissionPolicy",
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["configmaps"] }],
      },
      matchConditions: [{ name: "ours", expression: `request.userInfo.username == '${operatorAccount}'` }],
      validations: [{ expression: `object.metadata.name != '${shop.full("h1")}'`, message: "h1 is not to be touched" }],
    },
  });
  await shop.scene.send("POST", `${policies}/validatingadmissionpolicybindings`, {
    ...head,
    kind: "ValidatingAdmissionPolicyBinding",
    spec: { policyName: "hands-off", validationActions: ["Deny"] },
  });
  const token = await shop.scene.plane.tokenFor(defaultNamespace, "plumbline");
  await eventually("the policy is in force", async () => {
    const probe = { contentType: merge, token, body: { data: { probe: "x" } } };
    const { status } = await shop.scene.plane.request(
      "PATCH",
      `${configMapPath(namespace, shop.full("h1"))}?dryRun=All`,
      probe,
    );
    return status === 422 ? true : undefined;
  });
  shop.fromNow();
  await shop.scene.declare("shop", "shop", {
    targetNamespace: namespace,
    mode: "Remediate",
    remediation: { limits: { retries: 2 } },
  });
  await shop.edit("h1", "red");
  await shop.edit("h0", "red");
  await shop.untilGreen("h0");
  await eventually(
    "it is told by name",
    async () =>
      (await shop.scene.events()).some(
        ({ reason, regarding, note }) =>
          reason === "RemediationFailed" &&
          regarding === `ConfigMap ${namespace}/${shop.full("h1")}` &&
          note.includes("hands-off") &&
          note.includes("h1 is not to be touched"),
      ) || undefined,
  );
  await shop.converges(["h1"]);
  const refused = shop.writes().filter(({ own, code }) => !own && code >= 400);
  expect(refused.map(({ name, code }) => `${name} ${code}`)).toEqual(Array(3).fill(`${shop.full("h1")} 422`));
  // They come further and further apart: what a busy machine adds to a pause is no part of it.
  const [one = 0, two = 0, three = 0] = refused.map(({ at }) => Date.parse(at));
  expect(two - one).toBeGreaterThanOrEqual(249);
  expect(three - two).toBeGreaterThanOrEqual(499);
  expect(shop.heals()).toEqual(["patch h0"]);
  // A record is written at most once in ten seconds.
  await eventually(
    "its record says so",
    async () => {
      const [record] = await shop.scene.drifts();
      expect(getIn(record?.body, "remediation")).toMatchObject({ state: "failed", attempts: 3 });
      return true;
    },
    { within: 30_000 },
  );
  expect((await shop.news())["RemediationFailed h1"]).toBe(1);
});
