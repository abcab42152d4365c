/**
 * As whom a tenant's Baseline writes: only ever as the ServiceAccount it names. One that names none is judged and told of,
 * and writes nothing, with all rights of the operator at hand; by the API server's audit log.
 */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { grantAccount, untilColour, untilCounted, untilWaits } from "./heal-scene.ts";
import { writesOf } from "./audit.ts";
import { defaultNamespace, eventually } from "./operator.ts";
import { configMap, inNamespace, setScene, yaml, type Scene } from "./scene.ts";

const declared = configMap("web", { colour: "green" });
const tenant = {
  targetNamespace: defaultNamespace,
  mode: "Remediate",
  // The scene's tenant lives where the operator does, which is left alone for another reason.
  remediation: { scope: "OptOut", limits: { maxPercent: 100 }, allowProtected: [defaultNamespace] },
};

let scene: Scene;

beforeAll(async () => {
  scene = await setScene({
    audit: true,
    values: { "tenancy.platformNamespaces": ["platform"], "tenancy.impersonate": true },
  });
  scene.repository("apps").commit({ "all.yaml": yaml(declared) });
  await scene.deploy([inNamespace(defaultNamespace, declared)]);
  await (await scene.start()).ready(60_000);
  await scene.declare("shop", "apps", tenant);
  await untilCounted(scene, "shop", "inSync", 1);
});
afterAll(() => scene?.stop());

test("none named: judged, told once, and not written; one named: written as that one", async () => {
  const since = new Date().toISOString();
  const writes = () => writesOf(scene.plane, since).filter(({ own, name }) => !own && name === "web");
  await scene.edit(defaultNamespace, "web", { colour: "red" });
  const said = await untilWaits(scene, `ConfigMap ${defaultNamespace}/web`, "permission");
  expect(said["message"]).toContain("spec.serviceAccountName");
  const told = await eventually("what it lacks is told", async () =>
    (await scene.events()).find(({ reason }) => reason === "PermissionMissing"),
  );
  expect(told.note).toContain("spec.serviceAccountName");
  await wait(3_000);
  expect(writes()).toEqual([]);
  await grantAccount(scene, "deployer", defaultNamespace, ["get", "list", "watch", "patch"]);
  await scene.declare("shop", "apps", { ...tenant, serviceAccountName: "deployer" });
  await untilColour(scene, defaultNamespace, "web", "green");
  await eventually("it is in the audit log", () => writes().length > 0 || undefined);
  expect(writes().map(({ verb, code, as }) => `${verb} ${code} ${as}`)).toEqual([
    `patch 200 system:serviceaccount:${defaultNamespace}:deployer`,
  ]);
});
