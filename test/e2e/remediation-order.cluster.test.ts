/**
 * In which order much is put back at once, on a real API server: what others name comes before them, whether it has to be
 * made or only to be changed. Who names whom is read off the objects; what came when is in the audit log.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { getIn, getString, type JsonObject } from "../../src/model/json.ts";
import { idKey, idOf, type KubeObject } from "../../src/model/resource.ts";
import { openTruthServer, type TruthServer } from "../corpus/truth-server.ts";
import { referencesOf } from "../verdict/heal-references.ts";
import { writesOf } from "./audit.ts";
import { enabled, untilCounted } from "./heal-scene.ts";
import { eventually } from "./operator.ts";
import { merge, setScene, yaml, type Scene } from "./scene.ts";

const yard = "yard";
const rbac = "rbac.authorization.k8s.io";

function made(apiVersion: string, kind: string, rest: JsonObject = {}, within: string | undefined = yard): KubeObject {
  const metadata = { name: yard, ...(within === undefined ? {} : { namespace: within }), annotations: enabled };
  return { apiVersion, kind, metadata, ...rest } as KubeObject;
}
const ofCluster = (apiVersion: string, kind: string, rest: JsonObject = {}): KubeObject => {
  const object = made(apiVersion, kind, rest);
  return { ...object, metadata: { name: yard, annotations: enabled } } as KubeObject;
};
const labels = { app: yard };
const container = { name: yard, image: "yard:1", envFrom: [{ configMapRef: { name: yard } }] };
const pods = (more: JsonObject = {}): JsonObject => ({
  selector: { matchLabels: labels },
  template: {
    metadata: { labels },
    spec: { serviceAccountName: yard, priorityClassName: yard, containers: [container], ...more },
  },
});
const claimed = { volumes: [{ name: "data", persistentVolumeClaim: { claimName: yard } }] };
const backend = { service: { name: yard, port: { number: 80 } } };

/** What names before what is named: the opposite of what is right. */
const objects: readonly KubeObject[] = [
  ofCluster("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", {
    spec: { policyName: yard, validationActions: ["Audit"] },
  }),
  ofCluster("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", {
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: ["yard.example.com"], apiVersions: ["*"], operations: ["CREATE"], resources: ["*"] },
        ],
      },
      validations: [{ expression: "true" }],
    },
  }),
  made("networking.k8s.io/v1", "Ingress", { spec: { ingressClassName: yard, defaultBackend: backend } }),
  made("autoscaling/v2", "HorizontalPodAutoscaler", {
    spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: yard } },
  }),
  made("apps/v1", "StatefulSet", { spec: { serviceName: yard, ...pods() } }),
  made("apps/v1", "Deployment", { spec: pods(claimed) }),
  made("v1", "Service", { spec: { ports: [{ port: 80 }], selector: labels } }),
  made("v1", "PersistentVolumeClaim", {
    spec: { storageClassName: yard, accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  }),
  made("v1", "ConfigMap", { data: { colour: "green" } }),
  made(`${rbac}/v1`, "RoleBinding", {
    roleRef: { apiGroup: rbac, kind: "Role", name: yard },
    subjects: [{ kind: "ServiceAccount", name: yard }],
  }),
  made(`${rbac}/v1`, "Role", { rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }] }),
  made("v1", "ServiceAccount"),
  ofCluster("networking.k8s.io/v1", "IngressClass", { spec: { controller: "example.com/yard" } }),
  ofCluster("storage.k8s.io/v1", "StorageClass", { provisioner: "example.com/yard" }),
  ofCluster("scheduling.k8s.io/v1", "PriorityClass", { value: 5 }),
  ofCluster("v1", "Namespace"),
];
const settings = {
  scope: "OptIn",
  approval: "Never",
  causes: ["rollout", "live-edit", "deletion"],
  limits: { maxPerMinute: 600, maxPercent: 100 },
};

const edited = { metadata: { labels: { edited: "yes" } } };

let scene: Scene;
let server: TruthServer;
let since: string;

const declare = (mode: string): Promise<void> => scene.declare(yard, yard, { mode, remediation: settings });
const pathOf = (object: KubeObject): string => server.pathOf(object) ?? "";
/** `services` and the like. */
const resourceOf = (object: KubeObject): string => pathOf(object).split("/").at(-2) ?? "";
/** The resources, each once, in the order in which the server took them. */
const written = (verb: "create" | "patch"): readonly string[] =>
  writesOf(scene.plane, since)
    .filter((write) => !write.own && write.verb === verb && write.code < 300)
    .map(({ resource }) => resource);
/** Which of the objects came before one that they name. */
function tooEarly(order: readonly string[]): readonly string[] {
  const placeOf = new Map(objects.map((one) => [idKey(idOf(one)), order.indexOf(resourceOf(one))]));
  return objects.flatMap((one) =>
    referencesOf(one)
      .filter((named) => (placeOf.get(idKey(named)) ?? -1) > (placeOf.get(idKey(idOf(one))) ?? -1))
      .map((named) => `${one.kind} before ${named.kind}`),
  );
}

beforeAll(async () => {
  scene = await setScene({ audit: true, values: { "rbac.guarded": true } });
  server = await openTruthServer(scene.plane);
  scene.repository(yard).commit({ "all.yaml": yaml(...(objects as unknown as readonly JsonObject[])) });
  const operator = await scene.start();
  await operator.ready(60_000);
  await declare("Alert");
});
afterAll(async () => {
  server?.close();
  await scene?.stop();
});
beforeEach(() => {
  since = new Date().toISOString();
});

test("the table of who names whom says something about each kind here", () => {
  const named = new Set(objects.flatMap((one) => referencesOf(one).map(({ kind }) => kind)));
  const alone = objects.filter((one) => referencesOf(one).length === 0 && !named.has(one.kind));
  expect(alone.map(({ kind }) => kind)).toEqual([]);
});

test("all of it is missing: made in the order of who names whom, none refused for what was not there yet", async () => {
  await untilCounted(scene, yard, "missing", objects.length);
  await declare("Remediate");
  await untilCounted(scene, yard, "inSync", objects.length);
  const order = written("create");
  expect(order.toSorted()).toEqual(objects.map(resourceOf).toSorted());
  expect(tooEarly(order)).toEqual([]);
  expect(writesOf(scene.plane, since).filter(({ own, code }) => !own && code >= 400)).toEqual([]);
});

test("all of it is edited while nobody heals: put back in the same order", async () => {
  await declare("Alert");
  await eventually("nobody heals", async () => getString(await scene.status(yard), "mode") === "Alert" || undefined);
  for (const object of objects) await scene.send("PATCH", `${pathOf(object)}?fieldManager=kubectl-edit`, edited, merge);
  await untilCounted(scene, yard, "drifted", objects.length);
  since = new Date().toISOString();
  await declare("Remediate");
  await untilCounted(scene, yard, "inSync", objects.length);
  const order = written("patch");
  expect(order.toSorted()).toEqual(objects.map(resourceOf).toSorted());
  expect(tooEarly(order)).toEqual([]);
  const label = getIn(await scene.send("GET", `/api/v1/namespaces/${yard}`), "metadata", "labels", "edited");
  expect(label).toBeUndefined();
});
