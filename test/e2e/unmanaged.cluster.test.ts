/**
 * `spec.unmanaged` on a real API server with real controllers: of a namespace in which everything is declared nothing is
 * unmanaged, whatever controllers made there; what a person made is found, with who and when, and is never deleted.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatJson, getString } from "../../src/model/json.ts";
import { describeWith } from "../support/describe-with.ts";
import { eventually, operatorAccount, startOperator, type Operator } from "./operator.ts";
import { configMap, recorded, searching, untilUnmanaged } from "./searched-shop.ts";
import { shopFiles, startWorld, type World } from "./world.ts";

/** The example application, with what leaves most behind it. */
const shop: Record<string, string> = {
  ...shopFiles(),
  "healed.yaml": configMap("healed", "one"),
  "database.yaml": `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: my-db, namespace: shop}
spec:
  serviceName: my-db
  selector: {matchLabels: {app: my-db}}
  template:
    metadata: {labels: {app: my-db}}
    spec:
      containers: [{name: db, image: "db:1.0"}]
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
`,
  "nightly.yaml": `apiVersion: batch/v1
kind: CronJob
metadata: {name: nightly, namespace: shop}
spec:
  schedule: "* * * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: job, image: "job:1.0"}]
`,
};
const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets}
  versions:
    - {name: v1beta1, served: true, storage: false, schema: &any {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
    - {name: v1, served: true, storage: true, schema: *any}
`;
const widget = "apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: gear, namespace: shop}\n";
const here = "/api/v1/namespaces/shop/configmaps";

describeWith(["etcd", "kube-apiserver", "kube-controller-manager", "kubectl", "helm"], "unmanaged objects", () => {
  let world: World;
  let operator: Operator;
  let declared = 0;
  const names = async (kinds: string): Promise<readonly string[]> =>
    (await world.kubectl("get", kinds, "-n", "shop", "-o", "name")).trim().split("\n").filter(Boolean);

  beforeAll(async () => {
    world = await startWorld({
      plane: { audit: true, controllerManager: true },
      files: shop,
      values: {
        "rbac.mode": "remediate",
        "rbac.allowDelete": true,
        "rbac.secrets": "full",
        "rbac.read.extraGroups": ["example.com"],
      },
    });
    operator = await startOperator(world.plane);
    await operator.ready();
    await world.createBaseline("shop", searching(world));
  });
  afterAll(async () => {
    await operator?.stop();
    await world?.stop();
  });

  test("a namespace in which everything is declared has none, whatever controllers made there", async () => {
    const made = await eventually(
      "controllers have made their part",
      async () => {
        const found = await names(
          "replicasets,pods,endpointslices,persistentvolumeclaims,controllerrevisions,configmaps",
        );
        const wants = [
          "replicaset.apps/web-",
          "pod/web-",
          "pod/my-db-0",
          "endpointslice",
          "data-my-db-0",
          "controllerrevision",
          "kube-root-ca.crt",
        ];
        return wants.every((want) => found.some((name) => name.includes(want))) ? found : undefined;
      },
      { within: 60_000, every: 200 },
    );
    expect(made.length).toBeGreaterThan(8);
    await eventually(
      "all judged and all searched",
      async () => {
        const found = await world.counts("shop");
        declared = Number(found["total"]);
        const covered = await operator.metric("plumbline_baseline_coverage_ratio", { baseline: "shop" });
        return covered === 1 && found["inSync"] === declared ? true : undefined;
      },
      { within: 60_000, every: 100 },
    );
    expect(await recorded(world)).toEqual([]);
    // Once a minute a job is made.
    await world.kubectl("create", "job", "by-hand", "--from=cronjob/nightly", "-n", "shop");
    await world.kubectl("scale", "deployment/api", "--replicas=3", "-n", "shop");
    await world.drifted("Deployment", "api");
    await world.kubectl("scale", "deployment/api", "--replicas=2", "-n", "shop");
    await eventually("the job's Pod", async () =>
      (await names("pods")).some((name) => name.includes("by-hand")) ? true : undefined,
    );
    await world.noDrift("Deployment", "api");
    expect(await world.counts("shop")).toMatchObject({ total: declared, unmanaged: 0 });
    expect(await recorded(world)).toEqual([]);
  });

  test("what a person made is found, with who and when: a ConfigMap, a Secret, an object of a kind that came later", async () => {
    await world.kubectl("create", "configmap", "mine", "-n", "shop", "--from-literal=a=b");
    const record = await world.drifted("ConfigMap", "mine");
    expect(record).toMatchObject({
      verdict: "unmanaged",
      cause: "live-edit",
      severity: "medium",
      who: "kubectl-create",
      made: { manager: "kubectl-create", operation: "Update", time: expect.stringMatching(/Z$/), confidence: "exact" },
      summary: expect.stringMatching(
        /^ConfigMap shop\/mine is live and was never in Git \(medium\): made by kubectl-create at /,
      ),
    });
    expect(getString(await world.event("Drifted", "mine"), "note")).toContain("was never in Git");
    expect(await operator.metric("plumbline_resource_drifted", { resource_name: "mine", verdict: "unmanaged" })).toBe(
      1,
    );
    await world.kubectl("create", "secret", "generic", "loot", "-n", "shop", "--from-literal=a=hidden-7f3a");
    await world.drifted("Secret", "loot", (one) => getString(one, "severity") === "high");
    await world.apply(definition);
    await world.kubectl("wait", "--for=condition=Established", "crd/widgets.example.com");
    // Established, it may still be missing in discovery for a moment.
    await eventually("a Widget can be made", () => world.apply(widget).then(() => true));
    await world.drifted("Widget", "gear");
    await untilUnmanaged(world, 3);
    expect(await recorded(world)).toEqual(["ConfigMap mine", "Secret loot", "Widget gear"]);
    expect(formatJson(await world.drifts())).not.toContain("hidden-7f3a");
    const covered = await operator.metric("plumbline_baseline_coverage_ratio", { baseline: "shop" });
    expect(covered).toBeCloseTo(declared / (declared + 3), 6);
    expect(await operator.metric("plumbline_baseline_compliance_ratio", { baseline: "shop" })).toBe(1);
  });

  test("nothing of it is asked for one by one", () => {
    const asked = world
      .audit()
      .filter((entry) => entry.user.username === operatorAccount && entry.stage === "ResponseComplete");
    const own = new Set(["baselines", "drifts", "leases", "events"]);
    const gets = asked.filter(
      ({ verb, objectRef }) => verb === "get" && objectRef?.name !== undefined && !own.has(objectRef.resource ?? ""),
    );
    const names = new Set(["mine", "gear", "kube-root-ca.crt", "default", "data-my-db-0"]);
    expect(gets.filter(({ objectRef }) => names.has(objectRef?.name ?? ""))).toEqual([]);
    expect(
      asked.filter(({ verb, objectRef }) => objectRef?.resource === "widgets" && verb === "list").length,
    ).toBeLessThanOrEqual(2);
  });

  test("it is never deleted, whatever may be healed", async () => {
    const remediation = {
      scope: "OptOut",
      approval: "Never",
      prune: true,
      causes: ["live-edit", "deletion", "dropped-from-git"],
    };
    await world.createBaseline("shop", searching(world, { mode: "Remediate", remediation }));
    await world.patch(`${here}/healed`, { data: { value: "two" } });
    await eventually("healed", async () =>
      getString(await world.get(`${here}/healed`), "data", "value") === "one" ? true : undefined,
    );
    // Touched, it is looked at again.
    await world.patch(`${here}/mine`, { data: { a: "c" } });
    await world.patch(`${here}/healed`, { data: { value: "three" } });
    await eventually("healed again", async () =>
      getString(await world.get(`${here}/healed`), "data", "value") === "one" ? true : undefined,
    );
    const standing = await names("configmaps,secrets,widgets");
    expect(standing).toEqual(expect.arrayContaining(["configmap/mine", "secret/loot", "widget.example.com/gear"]));
    const deletes = world
      .audit()
      .filter(
        ({ verb, user, objectRef }) =>
          user.username === operatorAccount && verb.startsWith("delete") && objectRef?.resource !== "drifts",
      );
    expect(deletes).toEqual([]);
    expect(await recorded(world)).toEqual(["ConfigMap mine", "Secret loot", "Widget gear"]);
    await world.createBaseline("shop", searching(world, { mode: "Alert", remediation: {} }));
  });

  test("adopted into Git it is in sync; deleted it is gone; dropped from Git it is reported as that", async () => {
    const adopted = {
      ...shop,
      "mine.yaml": 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: mine, namespace: shop}\ndata: {a: "c"}\n',
    };
    await world.checkNow("shop", world.commit(adopted));
    await world.noDrift("ConfigMap", "mine");
    await untilUnmanaged(world, 2);
    expect(await world.counts("shop")).toMatchObject({ total: declared + 3, inSync: declared + 1 });
    await world.kubectl("delete", "widget/gear", "-n", "shop");
    await world.noDrift("Widget", "gear");
    expect(getString(await world.event("DriftResolved", "gear"), "note")).toContain("is gone");
    await world.checkNow("shop", world.commit(shop));
    await world.drifted("ConfigMap", "mine", (one) => getString(one, "cause") === "dropped-from-git");
    await world.kubectl("delete", "configmap/mine", "secret/loot", "-n", "shop");
    await untilUnmanaged(world, 0);
    await world.noDrift("ConfigMap", "mine");
    await world.noDrift("Secret", "loot");
    expect(await recorded(world)).toEqual([]);
  });

  test("of the whole cluster nothing is nobody's but what somebody made: what the cluster makes is its own", async () => {
    const files: Record<string, string> = {};
    for (const namespace of ["default", "kube-system", "kube-public"])
      files[`whole/${namespace}.yaml`] = configMap("pin", "x", namespace);
    for (const file of Object.values(files)) await world.apply(file);
    world.commit({ ...shop, ...files });
    const unmanaged = { scope: "Selector", labelSelector: "!nobody" };
    await world.createBaseline("whole", searching(world, { unmanaged, path: "whole" }));
    const found = await eventually(
      "all recorded",
      async () => {
        const { total, inSync, unmanaged: count } = await world.counts("whole");
        const records = (await world.drifts()).filter((one) => getString(one, "baseline") === "whole");
        // A status may be some seconds old: halfway, it may count as many as there are records by now.
        const metric = (name: string, labels = {}) => operator.metric(name, { baseline: "whole", ...labels });
        const isSearched = (await metric("plumbline_baseline_coverage_ratio")) !== undefined;
        const isNow = (await metric("plumbline_baseline_objects", { verdict: "unmanaged" })) === count;
        const isAll = inSync === 3 && Number(count) > 10 && total === 3 + records.length;
        return isAll && isSearched && isNow ? records : undefined;
      },
      { within: 60_000, every: 100 },
    );
    const byHand = found.filter((one) => getString(one, "who") !== "helm");
    expect(byHand.map((one) => `${getString(one, "object", "kind")} ${getString(one, "object", "label")}`)).toEqual([
      "CustomResourceDefinition widgets.example.com",
    ]);
  });
});
