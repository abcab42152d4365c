/**
 * The operator under exactly the rights that the chart gives it, profile by profile: what it may not do it names and
 * waits for, and the API server's audit log says what it wrote. The operator is started anew for each profile.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { getIn, getString } from "../../src/model/json.ts";
import { describeWith } from "../support/describe-with.ts";
import { limitRole } from "./limited-role.ts";
import {
  defaultNamespace,
  eventually,
  installChart,
  operatorAccount,
  startOperator,
  type Operator,
} from "./operator.ts";
import { shopFiles, startWorld, type AuditEntry, type World } from "./world.ts";

const configMap = (name: string): string => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  namespace: shop
  annotations: {"plumbline.dev/remediate": enabled}
data: {value: one}
`;

const files: Record<string, string> = {
  ...shopFiles(),
  "detect.yaml": configMap("detect"),
  "report.yaml": configMap("report"),
  "remediate.yaml": configMap("remediate"),
  "secret.yaml": `apiVersion: v1
kind: Secret
metadata: {name: token, namespace: shop}
stringData: {token: declared}
---
apiVersion: v1
kind: Secret
metadata: {name: other, namespace: shop}
stringData: {token: declared}
`,
  "budget.yaml": `apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: shop}
spec: {minAvailable: 1, selector: {matchLabels: {"app.kubernetes.io/name": web}}}
`,
};
const writes = new Set(["create", "update", "patch", "delete", "deletecollection"]);
const resourceOf = ({ objectRef }: AuditEntry): string =>
  [objectRef?.apiGroup ?? "", objectRef?.resource ?? "", objectRef?.subresource ?? ""]
    .filter((part) => part !== "")
    .join("/");

/** What every profile may write. */
const own = [
  "authorization.k8s.io/selfsubjectaccessreviews",
  "authorization.k8s.io/subjectaccessreviews",
  "coordination.k8s.io/leases",
  "events.k8s.io/events",
  "plumbline.dev/baselines/status",
  "plumbline.dev/drifts",
];

describeWith(["etcd", "kube-apiserver", "kubectl", "helm"], "the three RBAC profiles", () => {
  let world: World;
  let operator: Operator;
  let total = 0;
  /** Where the audit log stood when the present operator was started. */
  let audited = 0;

  const start = async (values: Readonly<Record<string, unknown>>): Promise<void> => {
    await operator?.stop();
    await installChart(world.plane, { values: { "sources.allowFileUrls": true, replicaCount: 0, ...values } });
    audited = world.audit().length;
    operator = await startOperator(world.plane);
    await operator.ready();
  };
  const metric = (name: string, labels: Readonly<Record<string, string>> = {}) =>
    operator.metric(name, { baseline: "shop", ...labels });
  const edit = (name: string): Promise<void> =>
    world.patch(`/api/v1/namespaces/shop/configmaps/${name}`, { data: { value: "two" } });
  const valueOf = async (name: string): Promise<string | undefined> =>
    getString(await world.get(`/api/v1/namespaces/shop/configmaps/${name}`), "data", "value");
  const written = (): readonly AuditEntry[] =>
    world
      .audit()
      .slice(audited)
      .filter(
        (entry) =>
          entry.user.username === operatorAccount && entry.stage === "ResponseComplete" && writes.has(entry.verb),
      );
  const accepted = (): readonly string[] => [
    ...new Set(
      written()
        .filter((entry) => (entry.responseStatus?.code ?? 0) < 300)
        .map(resourceOf),
    ),
  ];

  /** Opted in, and not permitted: it waits, and says for what. */
  const waits = async (name: string): Promise<void> => {
    await edit(name);
    const record = await world.drifted(
      "ConfigMap",
      name,
      (found) => getIn(found, "remediation", "state") !== undefined,
    );
    expect(getIn(record, "remediation")).toMatchObject({
      state: "waiting",
      waitingFor: "permission",
      lastResult: "denied",
      message: expect.stringContaining("patch configmaps in shop"),
    });
    expect(await metric("plumbline_remediations_waiting", { reason: "permission" })).toBe(1);
    expect(getString(await world.event("PermissionMissing", name), "note")).toContain("patch configmaps in shop");
    // A refusal is believed when it comes twice: a server that has just started refuses what it will grant.
    expect(await metric("plumbline_remediations_total", { result: "denied" })).toBeLessThanOrEqual(2);
    expect(await valueOf(name)).toBe("two");
    expect(own).toEqual(expect.arrayContaining([...accepted()]));
    await world.patch(`/api/v1/namespaces/shop/configmaps/${name}`, { data: { value: "one" } });
    await world.noDrift("ConfigMap", name);
    expect(await metric("plumbline_remediations_waiting", { reason: "permission" })).toBe(0);
  };

  beforeAll(async () => {
    world = await startWorld({ plane: { audit: true }, files, values: { "rbac.mode": "detect" } });
    await start({ "rbac.mode": "detect" });
    await limitRole(world, "policy", ["nothing"]);
    await world.createBaseline("shop", {
      mode: "Remediate",
      source: { git: { url: world.url, ref: { branch: "main" }, interval: "10m" } },
    });
  });
  afterAll(async () => {
    await operator?.stop();
    await world?.stop();
  });

  test("detect: what may not be read is unknown, and named once; Secrets are outside of compliance", async () => {
    await world.kubectl("wait", "--for=condition=Ready", "baseline/shop", "-n", defaultNamespace, "--timeout=60s");
    const counts = await eventually("all judged", async () => {
      const found = await world.counts("shop");
      return found["unknown"] === 3 && found["inSync"] === Number(found["total"]) - 3 ? found : undefined;
    });
    total = Number(counts["total"]);
    expect(await metric("plumbline_baseline_compliance_ratio")).toBeCloseTo((total - 3) / (total - 2), 6);
    expect(await operator.metric("plumbline_watch_streams", { state: "forbidden" })).toBeGreaterThanOrEqual(1);
    expect(await world.drifts()).toEqual([]);
    const notes = async () => (await world.events("PermissionMissing", "shop")).map((one) => getString(one, "note"));
    await eventually("both told", async () => ((await notes()).length >= 2 ? true : undefined));
    expect((await notes()).toSorted()).toEqual([
      "Secrets may not be read: rbac.secrets is not full",
      'cannot watch poddisruptionbudgets in the API group "policy", neither at the cluster scope nor in the namespace "shop"',
    ]);
    // Granted, it is looked at again within a minute: meanwhile the next test.
    await limitRole(world, "policy", ["poddisruptionbudgets"]);
  });

  test("detect: what is opted in waits for the permission", () => waits("detect"));

  test("detect: what was granted is judged, with no restart", async () => {
    await eventually("judged", async () => ((await world.counts("shop"))["inSync"] === total - 2 ? true : undefined), {
      within: 90_000,
    });
    await eventually("compliant", async () =>
      (await metric("plumbline_baseline_compliance_ratio")) === 1 ? true : undefined,
    );
    expect(own).toEqual(expect.arrayContaining([...accepted()]));
  });

  test("report: what is opted in waits for the permission", async () => {
    await start({ "rbac.mode": "report" });
    await waits("report");
  });

  test("remediate, with Secrets: healed by one patch, and Secrets are judged", async () => {
    await start({ "rbac.mode": "remediate", "rbac.secrets": "full" });
    await eventually("all in sync", async () => {
      const found = await world.counts("shop");
      return found["inSync"] === found["total"] && found["unknown"] === 0 ? true : undefined;
    });
    expect(await metric("plumbline_remediations_waiting")).toBe(0);
    await edit("remediate");
    await eventually("healed", async () => ((await valueOf("remediate")) === "one" ? true : undefined));
    await world.event("Remediated", "remediate");
    const heals = written().filter((entry) => !own.includes(resourceOf(entry)));
    expect(
      heals.map((entry) => [entry.verb, resourceOf(entry), entry.objectRef?.name, entry.responseStatus?.code]),
    ).toEqual([["patch", "configmaps", "remediate", 200]]);
  });
});
