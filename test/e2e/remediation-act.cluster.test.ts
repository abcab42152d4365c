/**
 * What takes more than one request or ends an object, on a real API server: recreation, also over finalizers and a
 * kill, pruning, rights that lack for one verb, and somebody else who makes an object anew. What was written is what
 * the audit log has.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { getIn, getString, type Json, type JsonObject } from "../../src/model/json.ts";
import { writesOf } from "./audit.ts";
import {
  approve,
  colourOf,
  enabled,
  healed,
  remediationOf,
  untilColour,
  untilCounted,
  untilWaits,
} from "./heal-scene.ts";
import { defaultNamespace, eventually, type Operator } from "./operator.ts";
import { configMap, configMapPath, inNamespace, merge, setScene, yaml, type Scene } from "./scene.ts";

const namespace = "shop";
const tenant = "tenant";
const green = { colour: "green" };
const sealed = (name: string): JsonObject => ({ ...configMap(name, green, enabled), immutable: true });
const plain = (name: string): JsonObject => configMap(name, green, enabled);
const shopped = [
  ...["sealed-a", "sealed-b", "sealed-c"].map(sealed),
  ...["gone", "made-anew", "same-again", "p0", "p1", "p2", "p3", "p4", "p5"].map(plain),
];
const tenanted = ["edited", "lost"].map(plain);

let scene: Scene;
let operator: Operator;
let since: string;

const at = (name: string, of = namespace): string => configMapPath(of, name);
const look = async (name: string, of = namespace): Promise<JsonObject | undefined> => {
  const { status, text } = await scene.plane.request("GET", at(name, of));
  return status === 200 ? (JSON.parse(text) as JsonObject) : undefined;
};
const uidOf = (object: Json | undefined): string => getString(object, "metadata", "uid") ?? "";
const untilGreen = (name: string, of = namespace): Promise<unknown> => untilColour(scene, of, name, "green");
/** Deleted and made again by hand, otherwise than Git has it, while Plumbline stands still: it would be faster. From then on counts. */
async function replace(object: JsonObject, metadata: JsonObject = {}): Promise<string> {
  const name = getString(object, "metadata", "name") ?? "";
  const marks = getIn(object, "metadata") as JsonObject;
  const body = { ...object, metadata: { ...marks, ...metadata }, data: { colour: "red" } };
  const path = `/api/v1/namespaces/${namespace}/configmaps?fieldManager=person`;
  operator.process.kill("SIGSTOP");
  try {
    await scene.send("DELETE", at(name));
    since = new Date().toISOString();
    return uidOf(await scene.send("POST", path, body));
  } finally {
    operator.process.kill("SIGCONT");
  }
}
const heals = (): readonly string[] => healed(scene, since);
const finalizers = { finalizers: ["example.com/hold"] };
const letGo = (name: string): Promise<unknown> =>
  scene.send("PATCH", at(name), { metadata: { finalizers: null } }, merge);
const isGoing = (name: string): Promise<unknown> =>
  eventually(
    `${name} is being deleted`,
    async () => getIn(await look(name), "metadata", "deletionTimestamp") !== undefined || undefined,
    { within: 60_000 },
  );
/** What has finalizers is not deleted before somebody said so. */
async function approved(name: string): Promise<void> {
  const object = `ConfigMap ${namespace}/${name}`;
  await untilWaits(scene, object, "approval", undefined, 60_000);
  await approve(scene, object);
}
const settings = {
  scope: "OptIn",
  approval: "Never",
  recreate: true,
  prune: true,
  causes: ["live-edit", "deletion", "recreation", "dropped-from-git"],
  limits: { maxPerMinute: 600 },
};

beforeAll(async () => {
  scene = await setScene({ audit: true, values: { "rbac.allowDelete": true, "tenancy.impersonate": true } });
  for (const name of [namespace, tenant]) await scene.namespace(name);
  scene.repository("shop").commit({ "all.yaml": yaml(...shopped) });
  scene.repository("tenant").commit({ "all.yaml": yaml(...tenanted) });
  await scene.deploy(shopped.map((object) => inNamespace(namespace, object)));
  await scene.deploy(tenanted.map((object) => inNamespace(tenant, object)));
  await scene.declare("shop", "shop", { targetNamespace: namespace, mode: "Remediate", remediation: settings });
  operator = await scene.start();
  await eventually(
    "all in sync",
    async () => getIn(await scene.status("shop"), "objects", "inSync") === shopped.length || undefined,
    { within: 60_000 },
  );
});
afterAll(() => scene?.stop());
beforeEach(() => {
  since = new Date().toISOString();
});

const events = async (name: string): Promise<readonly string[]> =>
  (await scene.events())
    .filter(({ regarding }) => regarding === `ConfigMap ${namespace}/${name}`)
    .map(({ reason, note }) => `${reason}: ${note}`);

test("what cannot be changed is rehearsed, deleted, and made anew once it is gone", async () => {
  // Put back first: being made anew is no repetition of that, and told by itself.
  await scene.send("DELETE", at("sealed-a"));
  await untilGreen("sealed-a");
  const uid = await replace(sealed("sealed-a"));
  await untilGreen("sealed-a");
  const made = await look("sealed-a");
  expect(uidOf(made)).not.toBe(uid);
  expect(getIn(made, "immutable")).toBe(true);
  await eventually(
    "it is told",
    async () =>
      (await events("sealed-a")).some((text) => text.startsWith("Remediated: ") && text.includes("made anew")) ||
      undefined,
  );
  expect(heals().filter((text) => text.startsWith("delete"))).toEqual(["delete sealed-a"]);
  expect(heals()).toHaveLength(2);
});

test("finalizers are respected: nothing is forced, and it is made anew when they let go", async () => {
  const uid = await replace(sealed("sealed-b"), finalizers);
  await approved("sealed-b");
  await isGoing("sealed-b");
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  expect(uidOf(await look("sealed-b"))).toBe(uid);
  await letGo("sealed-b");
  await untilGreen("sealed-b");
  expect(heals()).toHaveLength(2);
});

test("killed between the two halves: nothing is lost", async () => {
  await replace(sealed("sealed-c"), finalizers);
  await approved("sealed-c");
  await isGoing("sealed-c");
  await operator.stop("SIGKILL");
  await letGo("sealed-c");
  await eventually("it is gone", async () => ((await look("sealed-c")) === undefined ? true : undefined));
  operator = await scene.start();
  await untilGreen("sealed-c");
  expect(heals()).toHaveLength(2);
});

test("killed between the two halves, where a person had to approve: made anew without asking again, outside of its window", async () => {
  const critical = { annotations: { ...enabled, "plumbline.dev/severity": "critical" } };
  const object = { ...sealed("sealed-d"), metadata: { name: "sealed-d", ...critical } };
  const record = `ConfigMap ${namespace}/sealed-d`;
  const declare = (over: JsonObject): Promise<void> => {
    const remediation = { ...settings, approval: "HighRisk", ...over };
    return scene.declare("asked", "asked", { targetNamespace: namespace, mode: "Remediate", remediation });
  };
  scene.repository("asked").commit({ "all.yaml": yaml(object) });
  await scene.deploy([inNamespace(namespace, object)]);
  await declare({});
  await untilCounted(scene, "asked", "inSync", 1);
  await replace(object, finalizers);
  await approved("sealed-d");
  await isGoing("sealed-d");
  await operator.stop("SIGKILL");
  expect(await remediationOf(scene, record)).toMatchObject({ owed: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
  await letGo("sealed-d");
  await eventually("it is gone", async () => ((await look("sealed-d")) === undefined ? true : undefined));
  // Never while this test runs.
  const hour = (new Date().getUTCHours() + 12) % 24;
  await declare({ windows: [{ schedule: `0 ${hour} * * *`, duration: "1h", kind: "Allow" }] });
  operator = await scene.start();
  await untilGreen("sealed-d");
  expect(heals()).toEqual(["create sealed-d", "delete sealed-d"]);
  await untilCounted(scene, "asked", "inSync", 1);
  // What somebody else deletes is owed by nobody.
  await scene.send("DELETE", at("sealed-d"));
  await untilWaits(scene, record, "approval");
  expect(await look("sealed-d")).toBeUndefined();
  await scene.deploy([inNamespace(namespace, object)]);
  await untilCounted(scene, "asked", "inSync", 1);
});

test("what somebody else makes anew as declared is left alone, and otherwise patched once", async () => {
  await scene.send("DELETE", at("same-again"));
  // Ours or theirs, whoever is first: the other is refused.
  const path = `/api/v1/namespaces/${namespace}/configmaps?fieldManager=person`;
  const { status } = await scene.plane.request("POST", path, { body: plain("same-again") });
  expect([201, 409]).toContain(status);
  const uid = await replace(plain("made-anew"));
  await untilGreen("made-anew");
  expect(uidOf(await look("made-anew"))).toBe(uid);
  expect(heals().filter((text) => !text.startsWith("create"))).toEqual(["patch made-anew"]);
  expect(await colourOf(scene, namespace, "same-again")).toBe("green");
});

test("what Git drops is deleted, once, and nothing else is", async () => {
  scene
    .repository("shop")
    .commit({ "all.yaml": yaml(...shopped.filter((one) => getString(one, "metadata", "name") !== "gone")) });
  await scene.poke("shop");
  await eventually("it is gone", async () => ((await look("gone")) === undefined ? true : undefined), {
    within: 60_000,
  });
  expect(heals()).toEqual(["delete gone"]);
  await eventually("its record is gone", async () => ((await scene.drifts()).length === 0 ? true : undefined), {
    within: 60_000,
  });
});

test("what others need is made before them: the namespace, then the account, then what Pods read", async () => {
  const yard = "yard";
  const made = (kind: string, rest: JsonObject = {}): JsonObject => ({
    apiVersion: "v1",
    kind,
    metadata: { name: yard, annotations: enabled },
    ...rest,
  });
  const service = made("Service", { spec: { ports: [{ port: 80 }] } });
  // In the opposite order.
  const files = { "all.yaml": yaml(service, made("ConfigMap"), made("ServiceAccount"), made("Namespace")) };
  scene.repository(yard).commit(files);
  const spec = { targetNamespace: yard, remediation: { ...settings, causes: ["rollout"] } };
  await scene.declare(yard, yard, { ...spec, mode: "Alert" });
  await eventually(
    "all four are missing",
    async () => getIn(await scene.status(yard), "objects", "missing") === 4 || undefined,
    { within: 60_000 },
  );
  await scene.declare(yard, yard, { ...spec, mode: "Remediate" });
  await eventually(
    "all four are there",
    async () => getIn(await scene.status(yard), "objects", "inSync") === 4 || undefined,
    { within: 60_000 },
  );
  const creations = writesOf(scene.plane, since).filter(({ own, verb }) => !own && verb === "create");
  expect(creations.map(({ resource, code }) => `${resource} ${code}`)).toEqual([
    "namespaces 201",
    "serviceaccounts 201",
    "configmaps 201",
    "services 201",
  ]);
});

test("a right that lacks for one verb: named, waited for, and the other verb goes on", async () => {
  const rbac = "/apis/rbac.authorization.k8s.io/v1";
  const account = { kind: "ServiceAccount", name: "tenant", namespace: defaultNamespace };
  const rules = (verbs: readonly string[]): JsonObject => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: { name: "tenant" },
    rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get", ...verbs] }],
  });
  await scene.send("POST", `/api/v1/namespaces/${defaultNamespace}/serviceaccounts`, {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name: "tenant" },
  });
  await scene.send("POST", `${rbac}/namespaces/${tenant}/roles`, rules(["patch"]));
  await scene.send("POST", `${rbac}/namespaces/${tenant}/rolebindings`, {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "tenant" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "tenant" },
    subjects: [account],
  });
  await scene.declare("tenant", "tenant", {
    targetNamespace: tenant,
    serviceAccountName: "tenant",
    mode: "Remediate",
    remediation: settings,
  });
  await eventually(
    "both in sync",
    async () => getIn(await scene.status("tenant"), "objects", "inSync") === 2 || undefined,
    { within: 60_000 },
  );
  await scene.send("DELETE", at("lost", tenant));
  await scene.edit(tenant, "edited", { colour: "red" });
  await untilGreen("edited", tenant);
  await eventually(
    "the right is named",
    async () =>
      (await scene.events()).some(
        ({ reason, note }) => reason === "PermissionMissing" && note.includes(`create configmaps in ${tenant}`),
      ) || undefined,
    { within: 60_000 },
  );
  expect(await look("lost", tenant)).toBeUndefined();
  await scene.send("PUT", `${rbac}/namespaces/${tenant}/roles/tenant`, rules(["patch", "create"]));
  await untilColour(scene, tenant, "lost", "green", 120_000);
});
