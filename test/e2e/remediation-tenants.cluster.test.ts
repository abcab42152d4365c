/**
 * On whose behalf it is written, in two shards: heals and what is given back go out as the Baseline's own account, by the
 * API server's audit log; what that account lacks is named and waited for; and who may not patch an object is no claimant
 * of it, also where the Baseline is another shard's.
 */
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { getIn, getString, isArray, type JsonObject } from "../../src/model/json.ts";
import { shardOf } from "../../src/model/shard.ts";
import { baselineKey } from "../../src/model/snapshot.ts";
import { isAllowed } from "../control-plane/access-review.ts";
import { colourOf, enabled, grantAccount, healed, recordOf, regrant, untilColour, untilCounted } from "./heal-scene.ts";
import { defaultNamespace, eventually, operatorAccount } from "./operator.ts";
import { configMap, configMapPath, inNamespace, setScene, yaml, type Scene } from "./scene.ts";

const namespace = "shop";
const plain = (name: string): JsonObject => configMap(name, { colour: "green" }, enabled);
/** The first name that falls to a shard. */
const nameIn = (shard: number, stem: string): string =>
  Array.from({ length: 99 }, (_, at) => `${stem}-${at}`).find(
    (name) => shardOf(baselineKey(defaultNamespace, name), 2) === shard,
  ) ?? "";
const [own, writes0, looks1, looks0, writes1] = [
  nameIn(0, "own"),
  nameIn(0, "writes"),
  nameIn(1, "looks"),
  nameIn(0, "looks"),
  nameIn(1, "writes"),
];
const declared: Readonly<Record<string, readonly string[]>> = {
  own: ["given", "lacking"],
  zero: ["of-zero"],
  one: ["of-one"],
};

let scene: Scene;
let since: string;

interface Entry {
  readonly verb: string;
  readonly stage: string;
  readonly user: { readonly username: string };
  readonly impersonatedUser?: { readonly username: string };
  readonly objectRef?: { readonly resource?: string; readonly name?: string; readonly namespace?: string };
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp: string;
}

/** `patch given 200 as deployer`: whom the server took us for when we wrote to a ConfigMap of the shop. */
const written = (name: string): readonly string[] =>
  readFileSync(scene.plane.auditLogPath ?? "", "utf8")
    .split("\n")
    .filter((line) => line.startsWith("{") && line.endsWith("}"))
    .map((line) => JSON.parse(line) as Entry)
    .filter(
      ({ stage, verb, user, objectRef, requestReceivedTimestamp }) =>
        stage === "ResponseComplete" &&
        ["create", "update", "patch", "delete"].includes(verb) &&
        user.username === operatorAccount &&
        objectRef?.resource === "configmaps" &&
        objectRef.namespace === namespace &&
        objectRef.name === name &&
        Date.parse(requestReceivedTimestamp) >= Date.parse(since),
    )
    .map(({ verb, objectRef, responseStatus, impersonatedUser }) => {
      const as = impersonatedUser?.username.replace(`system:serviceaccount:${defaultNamespace}:`, "") ?? "itself";
      return `${verb} ${objectRef?.name} ${responseStatus?.code} as ${as}`;
    });
/** The log has a write a moment after everybody sees it. */
const isWritten = (name: string, ...wanted: readonly string[]): Promise<true> =>
  eventually(`what was written to ${name}`, () => {
    expect(written(name)).toEqual(wanted);
    return true;
  });
/** Until the server itself knows that an account may no more. */
const untilMayNotPatch = (account: string): Promise<true> =>
  eventually(`${account} may not patch`, async () => {
    const patch = { verb: "patch", resource: "configmaps", namespace };
    return !(await isAllowed(scene.plane, `${defaultNamespace}/${account}`, patch)) || undefined;
  });
const ownersOf = async (name: string): Promise<readonly string[]> => {
  const entries = getIn(await scene.send("GET", configMapPath(namespace, name)), "metadata", "managedFields");
  return (isArray(entries) ? entries : []).map((entry) => getString(entry, "manager") ?? "");
};
const untilGivenBack = (name: string) =>
  eventually(`${name} is given back`, async () => (await ownersOf(name)).includes("plumbline") === false || undefined, {
    within: 30_000,
  });
const red = (name: string): Promise<void> => scene.edit(namespace, name, { colour: "red" });
const redeploy = (name: string): Promise<void> => scene.deploy([inNamespace(namespace, plain(name))]);

beforeAll(async () => {
  scene = await setScene({
    audit: true,
    values: {
      "tenancy.impersonate": true,
      "sharding.count": 2,
      "leaderElection.leaseDuration": "6s",
      "leaderElection.renewDeadline": "4s",
      "leaderElection.retryPeriod": "800ms",
    },
  });
  await scene.namespace(namespace);
  await grantAccount(scene, "deployer", namespace, ["get", "list", "watch", "patch"]);
  await grantAccount(scene, "writer", namespace, ["get", "list", "watch", "patch"]);
  await grantAccount(scene, "viewer", namespace, ["get", "list", "watch"]);
  const folders = Object.entries(declared).map(([folder, names]) => [`${folder}/all.yaml`, yaml(...names.map(plain))]);
  scene.repository("apps").commit(Object.fromEntries(folders));
  for (const name of Object.values(declared).flat()) await redeploy(name);
  const pods = [0, 1].map((shard) => scene.start({ podName: `plumbline-${shard}`, freshPorts: true }));
  for (const pod of await Promise.all(pods)) await pod.ready(60_000);
  const declare = async (name: string, path: string, serviceAccountName: string): Promise<void> => {
    await scene.declare(name, "apps", { path, targetNamespace: namespace, mode: "Remediate", serviceAccountName });
    await untilCounted(scene, name, "inSync", declared[path]?.length ?? 0);
  };
  await declare(own, "own", "deployer");
  await declare(writes0, "zero", "writer");
  await declare(looks1, "zero", "viewer");
  await declare(looks0, "one", "viewer");
  await declare(writes1, "one", "writer");
});
afterAll(() => scene?.stop());
beforeEach(() => {
  since = new Date().toISOString();
});

test("a heal, and what is given back after it, are written as the Baseline's account", async () => {
  await red("given");
  await untilColour(scene, namespace, "given", "green");
  await redeploy("given");
  await untilGivenBack("given");
  await isWritten("given", "patch given 200 as deployer", "patch given 200 as deployer");
  expect(await ownersOf("given")).toEqual(["deployer"]);
});

test("an account that may not write any more gives nothing back: it is named, once, and waited for", async () => {
  await red("lacking");
  await untilColour(scene, namespace, "lacking", "green");
  await regrant(scene, "deployer", namespace, ["get", "list", "watch"]);
  await untilMayNotPatch("deployer");
  await redeploy("lacking");
  const told = await eventually("the right is named", async () =>
    (await scene.events()).find(
      ({ reason, regarding }) => reason === "PermissionMissing" && regarding === `ConfigMap ${namespace}/lacking`,
    ),
  );
  expect(told.note).toContain("cannot be given back: may not patch configmaps in shop");
  await wait(3_000);
  expect(written("lacking")).toEqual(["patch lacking 200 as deployer", "patch lacking 403 as deployer"]);
  expect(await ownersOf("lacking")).toContain("plumbline");
  const tellings = (await scene.events()).filter(({ reason }) => reason === "PermissionMissing");
  expect(tellings.filter(({ regarding }) => regarding.startsWith("ConfigMap")).map(({ count }) => count)).toEqual([1]);
  expect(await colourOf(scene, namespace, "lacking")).toBe("green");
});

test.each([
  ["of-zero", "the Baseline that may is in the first shard, the one that may not in the second", looks1],
  ["of-one", "and the other way round", looks0],
])("%s: %s: the one that may puts it back", async (name, _, looking) => {
  await red(name);
  await untilColour(scene, namespace, name, "green");
  await wait(2_000);
  // The other's attempt, if there was one, was refused.
  expect(written(name).filter((line) => !line.endsWith("403 as viewer"))).toEqual([`patch ${name} 200 as writer`]);
  expect(healed(scene, since).filter((write) => write.endsWith(name))).toHaveLength(1);
  const told = (await scene.events()).filter(({ regarding }) => regarding.endsWith(`/${name}`));
  expect(told.filter(({ reason }) => reason === "FightDetected")).toEqual([]);
  await eventually("no record is left", async () => {
    return (await recordOf(scene, `ConfigMap ${namespace}/${name}`, looking)) === undefined || undefined;
  });
});
