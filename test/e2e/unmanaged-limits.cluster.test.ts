/**
 * `spec.unmanaged` on a real API server, where not everything is searched: what a selector selects, what a restart and an
 * end of the search leave, and what may not be listed.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatJson, getIn, getString, isArray } from "../../src/model/json.ts";
import { describeWith } from "../support/describe-with.ts";
import { limitRole } from "./limited-role.ts";
import { defaultNamespace, eventually, installChart, startOperator, type Operator } from "./operator.ts";
import { configMap, recorded, searching, untilUnmanaged } from "./searched-shop.ts";
import { shopFiles, startWorld, type World } from "./world.ts";

const files: Record<string, string> = shopFiles();
const role = (name: string): string => `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: ${name}, labels: {team: shop}}
`;
const here = "/api/v1/namespaces/shop/configmaps";

describeWith(["etcd", "kube-apiserver", "kubectl", "helm"], "unmanaged objects, where not all is searched", () => {
  let world: World;
  let operator: Operator;

  beforeAll(async () => {
    world = await startWorld({ files, values: { "rbac.secrets": "full" } });
    operator = await startOperator(world.plane);
    await operator.ready();
    await world.createBaseline("shop", searching(world));
    await eventually("all in sync", async () => {
      const { total, inSync } = await world.counts("shop");
      return total !== undefined && total === inSync ? true : undefined;
    });
  });
  afterAll(async () => {
    await operator?.stop();
    await world?.stop();
  });

  test("a selector finds what has its labels, wherever it lives or in no namespace at all", async () => {
    await world.apply(configMap("one", "x"));
    const commit = world.commit({ ...files, "part/one.yaml": configMap("one", "x") });
    await world.checkNow("shop", commit);
    await world.noDrift("ConfigMap", "one");
    const unmanagedBy = { scope: "Selector", labelSelector: "team=shop" };
    await world.createBaseline("labelled", searching(world, { unmanaged: unmanagedBy, path: "part" }));
    await world.kubectl("create", "namespace", "far");
    await world.apply(configMap("labelled", "x", "far").replace("metadata: {", "metadata: {labels: {team: shop}, "));
    await world.apply(configMap("plain", "x", "far"));
    await world.apply(role("shop-reader"));
    await world.drifted("ClusterRole", "shop-reader", (one) => getString(one, "severity") === "critical");
    await world.drifted("ConfigMap", "labelled");
    expect(await recorded(world, "labelled")).toEqual(["ClusterRole shop-reader", "ConfigMap labelled"]);
    expect(await recorded(world)).toEqual([]);
    await world.kubectl("label", "clusterrole/shop-reader", "team-");
    await world.noDrift("ClusterRole", "shop-reader");
    await world.kubectl("delete", "baseline/labelled", "-n", defaultNamespace);
  });

  test("a restart announces nothing anew; switched off, the records go and nobody put anything right", async () => {
    await world.kubectl("create", "configmap", "kept", "-n", "shop");
    await world.drifted("ConfigMap", "kept");
    await world.event("Drifted", "kept");
    const told = (await world.events("Drifted", "kept")).length;
    await operator.stop();
    operator = await startOperator(world.plane);
    await operator.ready();
    await untilUnmanaged(world, 1);
    expect((await world.events("Drifted", "kept")).length).toBe(told);
    expect((await operator.metric("plumbline_drifts_total", { baseline: "shop", cause: "live-edit" })) ?? 0).toBe(0);
    await world.createBaseline("shop", searching(world, { unmanaged: { scope: "None" } }));
    await world.noDrift("ConfigMap", "kept");
    await untilUnmanaged(world, 0);
    expect(await world.events("DriftResolved", "kept")).toEqual([]);
    expect(await operator.metric("plumbline_baseline_coverage_ratio", { baseline: "shop" })).toBeUndefined();
    expect(await world.get(`${here}/kept`)).toBeDefined();
    // Switched off while nobody looked: no process remembers that it was searched.
    await world.createBaseline("shop", searching(world));
    await world.drifted("ConfigMap", "kept");
    await operator.stop();
    await world.createBaseline("shop", searching(world, { unmanaged: { scope: "None" } }));
    operator = await startOperator(world.plane);
    await operator.ready();
    await world.noDrift("ConfigMap", "kept");
    expect(await world.events("DriftResolved", "kept")).toEqual([]);
  });

  test("what may not be listed is said once, and the rest is found; rights in the namespace are enough", async () => {
    await operator.stop();
    const before = {
      "rbac.secrets": "none",
      "rbac.read.extraGroups": ["example.com"],
      "rbac.read.installedGroups": false,
    };
    await installChart(world.plane, { values: { "sources.allowFileUrls": true, replicaCount: 0, ...before } });
    await limitRole(world, "policy", ["nothing"]);
    await world.createBaseline("shop", searching(world));
    operator = await startOperator(world.plane);
    await operator.ready();
    await world.drifted("ConfigMap", "kept");
    await world.kubectl("create", "secret", "generic", "unseen", "-n", "shop");
    await world.kubectl(
      "create",
      "poddisruptionbudget",
      "spare",
      "-n",
      "shop",
      "--selector=app=x",
      "--min-available=1",
    );
    const notes = async (): Promise<readonly string[]> =>
      (await world.events("PermissionMissing", "shop")).map((one) => getString(one, "note") ?? "").toSorted();
    await eventually("both told", async () => ((await notes()).length === 2 ? true : undefined), { within: 60_000 });
    expect(await notes()).toEqual([
      "not searched for unmanaged objects, because rbac.secrets does not allow it: Secret",
      "not searched for unmanaged objects, because the right to list and watch them is missing: PodDisruptionBudget.policy",
    ]);
    await eventually("its conditions say so", async () => {
      const compliant = getIn(await world.baseline("shop"), "status", "conditions");
      expect(formatJson(isArray(compliant) ? compliant : [])).toContain("not searched for unmanaged objects");
      return true;
    });
    expect(await recorded(world)).toEqual(["ConfigMap kept"]);
    await world.kubectl(
      "create",
      "role",
      "budgets",
      "-n",
      "shop",
      "--verb=get,list,watch",
      "--resource=poddisruptionbudgets.policy",
    );
    await world.kubectl(
      "create",
      "rolebinding",
      "budgets",
      "-n",
      "shop",
      "--role=budgets",
      `--serviceaccount=${defaultNamespace}:plumbline`,
    );
    await eventually(
      "found by the namespace's right",
      async () => {
        expect(await recorded(world)).toEqual([
          "ConfigMap kept",
          "PodDisruptionBudget spare",
          "Role budgets",
          "RoleBinding budgets",
        ]);
        return true;
      },
      { within: 90_000, every: 250 },
    );
  });

  test("with rbac.secrets: metadata Secrets are found, and those that are declared are not read for that", async () => {
    await operator.stop();
    await installChart(world.plane, {
      values: { "sources.allowFileUrls": true, replicaCount: 0, "rbac.secrets": "metadata" },
    });
    const declared = "apiVersion: v1\nkind: Secret\nmetadata: {name: declared, namespace: shop}\nstringData: {a: b}\n";
    await world.apply(declared);
    world.commit({ ...files, "secret.yaml": declared });
    operator = await startOperator(world.plane);
    await operator.ready();
    await world.drifted("Secret", "unseen", (one) => getString(one, "who") === "kubectl-create");
    await eventually("the declared one is not judged", async () =>
      (await world.counts("shop"))["unknown"] === 1 ? true : undefined,
    );
    expect(await world.drift("Secret", "declared")).toBeUndefined();
  });
});
