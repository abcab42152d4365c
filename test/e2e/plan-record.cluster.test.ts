/**
 * The plan in the Drift record, before anything is done: what would be written and where, no value of it, the same at
 * each status update; and an approval of it carries out exactly that.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatJson, getIn, getString, type Json } from "../../src/model/json.ts";
import { describeWith } from "../support/describe-with.ts";
import { eventually, startOperator, type Operator } from "./operator.ts";
import { startWorld, type World } from "./world.ts";

const canary = "canary-71d0ce";
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const enabled = "annotations: {plumbline.dev/remediate: enabled}";

const service = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, ${enabled}}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80}, {name: admin, port: 90}]
`;
const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, ${enabled}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web:1.4"}]}
`;
const files: Record<string, string> = {
  "namespace.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n",
  "settings.yaml": `apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop, ${enabled}}
data: {colour: green}
`,
  "service.yaml": service,
  "deployment.yaml": deployment,
  "secret.yaml": `apiVersion: v1
kind: Secret
metadata: {name: token, namespace: shop, ${enabled}}
data: {token: ${base64("declared-token")}}
`,
};

const servicePath = "/api/v1/namespaces/shop/services/web";
const secretPath = "/api/v1/namespaces/shop/secrets/token";
const settingsPath = "/api/v1/namespaces/shop/configmaps/settings";
const deploymentPath = "/apis/apps/v1/namespaces/shop/deployments/web";

describeWith(["etcd", "kube-apiserver", "kube-controller-manager", "kubectl", "helm"], "a plan in its record", () => {
  let world: World;
  let operator: Operator;

  beforeAll(async () => {
    world = await startWorld({
      plane: { controllerManager: true },
      files,
      values: { "rbac.mode": "remediate", "rbac.secrets": "full", "rbac.allowDelete": true },
    });
    operator = await startOperator(world.plane);
    await operator.ready();
    const remediation = { approval: "Always", recreate: true };
    await world.createBaseline("shop", { mode: "Remediate", remediation });
    await eventually("all in sync", async () => {
      const counts = await world.counts("shop");
      return counts["inSync"] === 5 ? true : undefined;
    });
  });
  afterAll(async () => {
    await operator?.stop();
    await world?.stop();
  });

  const planOf = (record: Json): Json | undefined => getIn(record, "remediation", "plan");
  /** A record is written again only after a while, so the plan asked for may be its second one. */
  const planned = (kind: string, name: string, act = "patch"): Promise<Json> =>
    world.drifted(
      kind,
      name,
      (record) =>
        getString(planOf(record), "kind") === act && getString(record, "remediation", "waitingFor") === "approval",
    );
  const approve = async (record: Json): Promise<void> => {
    const [namespace = "", name = ""] = [
      getString(record, "metadata", "namespace"),
      getString(record, "metadata", "name"),
    ];
    const hash = getString(record, "contentHash") ?? "";
    const path = `/apis/plumbline.dev/v1alpha1/namespaces/${namespace}/drifts/${name}`;
    await world.patch(path, { metadata: { annotations: { "plumbline.dev/approve": hash } } }, "ada");
  };

  test("a port that is the key of its list: two operations, carried out as they stand once approved", async () => {
    await world.patch(servicePath, [{ op: "replace", path: "/spec/ports/0/port", value: 81 }]);
    const record = await planned("Service", "web");
    expect(planOf(record)).toEqual({
      kind: "patch",
      operations: [
        { op: "remove", path: "/spec/ports/0" },
        { op: "add", path: "/spec/ports/0" },
      ],
      operationsTotal: 2,
    });
    await approve(record);
    await world.noDrift("Service", "web");
    expect(getIn(await world.get(servicePath), "spec", "ports", "0")).toBeUndefined();
    expect(formatJson(getIn(await world.get(servicePath), "spec", "ports") ?? null)).toContain('"port":80');
  });

  test("of a Secret, places and no value", async () => {
    await world.patch(secretPath, { data: { token: base64(canary), password: base64(canary) } });
    const record = await planned("Secret", "token");
    expect(planOf(record)).toEqual({
      kind: "patch",
      operations: [
        { op: "remove", path: "/data/password" },
        { op: "replace", path: "/data/token" },
      ],
      operationsTotal: 2,
    });
    const told = formatJson(await world.drifts().then((all) => [...all]));
    for (const text of [canary, base64(canary), "declared-token", base64("declared-token")])
      expect(told).not.toContain(text);
    await approve(record);
    await world.noDrift("Secret", "token");
    expect(getString(await world.get(secretPath), "data", "token")).toBe(base64("declared-token"));
  });

  test("what cannot be changed: a recreation that says so, carried out once approved", async () => {
    const wrong = getString(await world.get(settingsPath), "metadata", "uid");
    await world.patch(settingsPath, { data: { colour: "red" }, immutable: true });
    const record = await planned("ConfigMap", "settings", "recreate");
    expect(planOf(record)).toEqual({
      kind: "recreate",
      operations: [
        { op: "remove", path: "/immutable" },
        { op: "replace", path: "/data/colour" },
      ],
      operationsTotal: 2,
      immutable: ["/immutable", "/data/colour"],
    });
    await approve(record);
    await world.noDrift("ConfigMap", "settings");
    const now = await world.get(settingsPath);
    expect(getIn(now, "data")).toEqual({ colour: "green" });
    expect(getIn(now, "immutable")).toBeUndefined();
    expect(getString(now, "metadata", "uid")).not.toBe(wrong);
  });

  describe("the record stays as it is", () => {
    test("while only the object's status moves", async () => {
      await world.patch(deploymentPath, { spec: { template: { spec: { terminationGracePeriodSeconds: 5 } } } });
      const record = await planned("Deployment", "web");
      const versions = new Set<string>();
      for (let round = 1; round <= 3; round += 1) {
        await world.patch(`${deploymentPath}/status`, { status: { conditions: [], collisionCount: round } });
        versions.add(getString(await world.get(deploymentPath), "metadata", "resourceVersion") ?? "");
        await new Promise((resolve) => setTimeout(resolve, 4_000));
      }
      expect(versions.size).toBe(3);
      const later = await planned("Deployment", "web");
      expect(getString(later, "contentHash")).toBe(getString(record, "contentHash"));
      expect(planOf(later)).toEqual(planOf(record));
    });
  });
});
