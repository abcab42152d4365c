/** What is unmanaged and what is not: one row for each reason, and each row of the system's own table by an object of it. */
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../../src/model/json.ts";
import type { LiveView } from "../../src/model/live.ts";
import { idOf, type KubeObject } from "../../src/model/resource.ts";
import { isMadeBy, makersOf } from "../../src/verdict/makers.ts";
import { controllerAccounts, systemKind, systemMade, systemRows } from "../../src/verdict/system-made.ts";
import { claimOf, createdAt, makerOf, selectedBy, type Claim } from "../../src/verdict/unmanaged.ts";
import { present } from "./pair-fixture.ts";

function object(apiVersion: string, kind: string, name: string, metadata: JsonObject = {}): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace: "shop", ...metadata } };
}
const clusterWide = (apiVersion: string, kind: string, name: string, metadata: JsonObject = {}): KubeObject => {
  const { namespace: _namespace, ...rest } = object(apiVersion, kind, name, metadata).metadata;
  return { apiVersion, kind, metadata: rest };
};
const reference = (apiVersion: string, kind: string, more: JsonObject = {}): Json => ({
  apiVersion,
  kind,
  name: "web",
  uid: "u-1",
  controller: true,
  ...more,
});
const owned = (apiVersion: string, kind: string, owner: Json): KubeObject =>
  object(apiVersion, kind, "it", { ownerReferences: [owner] });

const absent: LiveView = { state: "absent" };
const unseen: LiveView = { state: "unseen", problem: { code: "forbidden", message: "no" } };
const there = (what: KubeObject): LiveView => present(what);

const set = object("apps/v1", "ReplicaSet", "web");
const labels = (found: Record<string, string>): JsonObject => ({ labels: found });
const annotations = (found: Record<string, string>): JsonObject => ({ annotations: found });
const token = (name: string): KubeObject =>
  object(
    "v1",
    "Secret",
    name,
    annotations({ "kubernetes.io/service-account.name": "robot", "kubernetes.io/service-account.uid": "u-9" }),
  );
const bootstrap = labels({ "kubernetes.io/bootstrapping": "rbac-defaults" });
const rbac = "rbac.authorization.k8s.io/v1";

describe("an object that nobody declares", () => {
  test.each<readonly [string, KubeObject, LiveView, Claim]>([
    ["a ConfigMap", object("v1", "ConfigMap", "mine"), absent, "unmanaged"],
    ["a Secret", object("v1", "Secret", "mine"), absent, "unmanaged"],
    ["a custom resource", object("example.com/v1", "Widget", "mine"), absent, "unmanaged"],
    ["a Pod that somebody ran", object("v1", "Pod", "debug"), absent, "unmanaged"],
    ["a ServiceAccount of its own", object("v1", "ServiceAccount", "robot"), absent, "unmanaged"],
    ["on its way out", object("v1", "ConfigMap", "x", { deletionTimestamp: "2026-01-01T00:00:00Z" }), absent, "going"],
    [
      "a Pod of a ReplicaSet that is there",
      owned("v1", "Pod", reference("apps/v1", "ReplicaSet")),
      there(set),
      "owned",
    ],
    ["a Pod of one that cannot be seen", owned("v1", "Pod", reference("apps/v1", "ReplicaSet")), unseen, "owned"],
    ["a Pod of one that is not there", owned("v1", "Pod", reference("apps/v1", "ReplicaSet")), absent, "ownerless"],
    [
      "a Pod of another one of that name",
      owned("v1", "Pod", reference("apps/v1", "ReplicaSet", { uid: "u-0" })),
      there(set),
      "ownerless",
    ],
    [
      "a ReplicaSet of a Deployment",
      owned("apps/v1", "ReplicaSet", reference("apps/v1", "Deployment")),
      unseen,
      "owned",
    ],
    ["anything of a custom resource", owned("v1", "Secret", reference("example.com/v1", "Widget")), unseen, "owned"],
    [
      "a Deployment of a ConfigMap: nobody makes that",
      owned("apps/v1", "Deployment", reference("v1", "ConfigMap")),
      there(set),
      "unmanaged",
    ],
    ["the cluster's authority", object("v1", "ConfigMap", "kube-root-ca.crt"), absent, "system-made"],
    ["the namespace's own account", object("v1", "ServiceAccount", "default"), absent, "system-made"],
    ["slices of a Service", object("discovery.k8s.io/v1", "EndpointSlice", "web-x"), absent, "system-made"],
    ["a generated token", token("robot-token-x7k2p"), absent, "system-made"],
    ["a token that somebody made, marked by the controller", token("robot-token"), absent, "unmanaged"],
    ["a token that only begins like one", token("robot-token-for-ci"), absent, "unmanaged"],
    ["a token for another account's name", token("other-token-x7k2p"), absent, "unmanaged"],
    [
      "a release of Helm's",
      object("v1", "Secret", "sh.helm.release.v1.web.v12", labels({ owner: "helm" })),
      absent,
      "system-made",
    ],
    [
      "a Secret that only says it is Helm's",
      object("v1", "Secret", "loot", labels({ owner: "helm" })),
      absent,
      "unmanaged",
    ],
    ["a role that only says it is the server's", object(rbac, "Role", "system:spy", bootstrap), absent, "unmanaged"],
    ["one of the server's, without the label", clusterWide(rbac, "ClusterRole", "system:node"), absent, "unmanaged"],
    ["a record of Plumbline's", object("plumbline.dev/v1alpha1", "Drift", "shop-1"), absent, "system-made"],
  ])("%s", (_, what, view, expected) => {
    expect(claimOf(what, () => view)).toBe(expected);
  });

  test("owned by two is somebody's where one is there", () => {
    const pod = object("v1", "Pod", "it", {
      ownerReferences: [reference("apps/v1", "ReplicaSet", { uid: "u-0" }), reference("apps/v1", "ReplicaSet")],
    });
    expect(claimOf(pod, () => there(set))).toBe("owned");
  });
});

/** One object of each row; a new row needs one. */
const samples: readonly KubeObject[] = [
  object("v1", "Endpoints", "web"),
  object("discovery.k8s.io/v1", "EndpointSlice", "web-x"),
  clusterWide("networking.k8s.io/v1", "IPAddress", "10.0.0.1"),
  object("v1", "Event", "web.1"),
  object("events.k8s.io/v1", "Event", "web.1"),
  object("coordination.k8s.io/v1", "Lease", "web"),
  object("coordination.k8s.io/v1alpha2", "LeaseCandidate", "web"),
  clusterWide("v1", "Node", "n1"),
  clusterWide("storage.k8s.io/v1", "CSINode", "n1"),
  object("storage.k8s.io/v1", "CSIStorageCapacity", "c1"),
  clusterWide("storage.k8s.io/v1", "VolumeAttachment", "a1"),
  clusterWide("resource.k8s.io/v1", "ResourceSlice", "s1"),
  clusterWide("certificates.k8s.io/v1", "CertificateSigningRequest", "r1"),
  clusterWide("internal.apiserver.k8s.io/v1alpha1", "StorageVersion", "x"),
  object("autoscaling.k8s.io/v1", "VerticalPodAutoscalerCheckpoint", "web"),
  object("wgpolicyk8s.io/v1alpha2", "PolicyReport", "p"),
  object("openreports.io/v1alpha1", "Report", "p"),
  object("reports.kyverno.io/v1", "EphemeralReport", "p"),
  clusterWide("cilium.io/v2", "CiliumIdentity", "1"),
  clusterWide("cilium.io/v2", "CiliumNode", "n1"),
  object("authorization.openshift.io/v1", "Role", "r"),
  object("plumbline.dev/v1alpha1", "Drift", "d"),
  object("plumbline.dev/v1alpha1", "Baseline", "b"),
  object("v1", "ConfigMap", "kube-root-ca.crt"),
  object("v1", "ServiceAccount", "default"),
  token("robot-token-x7k2p"),
  object("v1", "Secret", "sh.helm.release.v1.web.v1", labels({ owner: "helm" })),
  object("v1", "ConfigMap", "sh.helm.release.v1.web.v1", labels({ owner: "helm" })),
  object("v1", "Service", "kubernetes", { namespace: "default" }),
  clusterWide("networking.k8s.io/v1", "ServiceCIDR", "kubernetes"),
  object("v1", "ConfigMap", "extension-apiserver-authentication", { namespace: "kube-system" }),
  object("v1", "ServiceAccount", "job-controller", { namespace: "kube-system" }),
  clusterWide("v1", "Namespace", "kube-system"),
  clusterWide("scheduling.k8s.io/v1", "PriorityClass", "system-node-critical"),
  clusterWide(
    "apiregistration.k8s.io/v1",
    "APIService",
    "v1.",
    labels({ "kube-aggregator.kubernetes.io/automanaged": "onstart" }),
  ),
  clusterWide("v1", "PersistentVolume", "pvc-1", annotations({ "pv.kubernetes.io/provisioned-by": "x" })),
  clusterWide(rbac, "ClusterRole", "cluster-admin", bootstrap),
  clusterWide(rbac, "ClusterRoleBinding", "system:basic-user", bootstrap),
  object(rbac, "Role", "system:controller:token-cleaner", { ...bootstrap, namespace: "kube-system" }),
  object(rbac, "RoleBinding", "system:controller:bootstrap-signer", { ...bootstrap, namespace: "kube-public" }),
  ...["FlowSchema", "PriorityLevelConfiguration"].map((kind) =>
    clusterWide(
      "flowcontrol.apiserver.k8s.io/v1",
      kind,
      "exempt",
      annotations({ "apf.kubernetes.io/autoupdate-spec": "true" }),
    ),
  ),
];

describe("the system's own", () => {
  test("each row is met by a sample, and each sample by its row", () => {
    expect(samples.map((sample) => systemMade(sample)?.reason)).toEqual(systemRows.map(({ reason }) => reason));
  });

  test.each(systemRows.filter((row) => row.matches !== undefined))("of $kind only those: $reason", (row) => {
    const version = row.group === "" ? "v1" : `${row.group}/v1`;
    expect(systemKind(row)).toBeUndefined();
    expect(systemMade(object(version, row.kind, "mine"))).toBeUndefined();
    expect(systemMade(clusterWide(version, row.kind, "mine"))).toBeUndefined();
  });

  test("whole kinds need not be read", () => {
    for (const row of systemRows.filter(({ matches }) => matches === undefined))
      expect(systemKind({ group: row.group, kind: row.kind === "*" ? "Anything" : row.kind })).toBe(row);
    expect(systemKind({ group: "apps", kind: "Deployment" })).toBeUndefined();
  });

  test("of a namespace only that namespace's", () => {
    for (const name of ["extension-apiserver-authentication", "kubernetes"]) {
      expect(systemMade(object("v1", "ConfigMap", name))).toBeUndefined();
      expect(systemMade(object("v1", "Service", name))).toBeUndefined();
    }
    for (const name of controllerAccounts) expect(systemMade(object("v1", "ServiceAccount", name))).toBeUndefined();
  });
});

describe("what is made without an owner reference", () => {
  const claim = object("v1", "PersistentVolumeClaim", "data-my-db-0");
  const stateful = (name: string, ...templates: readonly string[]): KubeObject => ({
    ...object("apps/v1", "StatefulSet", name),
    spec: { volumeClaimTemplates: templates.map((template) => ({ metadata: { name: template } })) },
  });
  const lookIn =
    (...sets: readonly KubeObject[]) =>
    (id: { readonly name: string }): LiveView => {
      const found = sets.find((one) => idOf(one).name === id.name);
      return found === undefined ? absent : there(found);
    };

  test.each<readonly [string, KubeObject, readonly KubeObject[], Claim]>([
    ["of the set, by its template", claim, [stateful("my-db", "data")], "owned"],
    ["of a set whose name is shorter", claim, [stateful("db", "data-my")], "owned"],
    ["of a set without that template", claim, [stateful("my-db", "logs")], "unmanaged"],
    ["of a set of which only metadata is seen", claim, [object("apps/v1", "StatefulSet", "my-db")], "owned"],
    ["of no set", claim, [], "unmanaged"],
    ["without a number", object("v1", "PersistentVolumeClaim", "data-db-x"), [stateful("db", "data")], "unmanaged"],
    ["with a plain name", object("v1", "PersistentVolumeClaim", "data"), [stateful("db", "data")], "unmanaged"],
  ])("a claim %s", (_, what, sets, expected) => {
    expect(claimOf(what, ({ id }) => lookIn(...sets)(id))).toBe(expected);
  });

  test("a Secret of a Certificate that is there", () => {
    const issued = object("v1", "Secret", "web-tls", annotations({ "cert-manager.io/certificate-name": "web" }));
    const certificate = object("cert-manager.io/v1", "Certificate", "web");
    expect(claimOf(issued, () => there(certificate))).toBe("owned");
    expect(claimOf(issued, () => absent)).toBe("unmanaged");
    const [maker] = makersOf(issued);
    expect(maker?.id).toMatchObject({ group: "cert-manager.io", namespace: "shop", name: "web" });
    if (maker !== undefined) expect(isMadeBy(maker, unseen)).toBeUndefined();
  });
});

describe("who made it", () => {
  const made = "2026-03-01T10:00:00Z";
  const entry = (manager: string, time?: string, more: JsonObject = {}): JsonObject => ({
    manager,
    operation: "Update",
    apiVersion: "v1",
    fieldsType: "FieldsV1",
    fieldsV1: { "f:data": {} },
    ...(time === undefined ? {} : { time }),
    ...more,
  });
  const by = (...entries: readonly JsonObject[]) =>
    makerOf({
      object: object("v1", "ConfigMap", "mine", { creationTimestamp: made }),
      managedFields: entries.length === 0 ? "" : JSON.stringify(entries),
    });

  test.each<readonly [string, readonly JsonObject[], string, string]>([
    ["whoever wrote when it was made", [entry("kubectl-create", made)], "kubectl-create", "exact"],
    [
      "not who wrote later",
      [entry("helm", "2026-03-02T10:00:00Z"), entry("kubectl-create", made)],
      "kubectl-create",
      "exact",
    ],
    [
      "the oldest on record, where the maker wrote again",
      [entry("argocd", "2026-03-05T10:00:00Z"), entry("kubectl-edit", "2026-03-04T10:00:00Z")],
      "kubectl-edit",
      "ancestor",
    ],
    [
      "not the controller of its status",
      [entry("kubelet", made, { subresource: "status" }), entry("kubectl-run", made)],
      "kubectl-run",
      "exact",
    ],
    ["one without a time, where there is no other", [entry("kubectl-create")], "kubectl-create", "ancestor"],
    ["one that stands for nobody", [entry("unknown", made)], "unknown", "unknown"],
    ["nobody on record", [], "", "unknown"],
  ])("%s", (_, entries, manager, confidence) => {
    expect(by(...entries)).toMatchObject({ manager, confidence });
  });

  test("when", () => {
    expect(by(entry("kubectl-create", made))).toMatchObject({ time: made, operation: "Update", subresource: "" });
    expect(createdAt(object("v1", "ConfigMap", "x", { creationTimestamp: made }))).toBe(Date.parse(made));
    expect(createdAt(object("v1", "ConfigMap", "x"))).toBeUndefined();
  });
});

describe("a selector", () => {
  test.each([
    ["team=shop", { team: "shop" }, true],
    ["team=shop", {}, false],
    ["team=shop,!canary", { team: "shop", canary: "" }, false],
  ])("%s of %j", (text, found, expected) => {
    expect(selectedBy(text)?.(object("v1", "ConfigMap", "x", labels(found)))).toBe(expected);
  });

  test.each(["", "  ", "a in b", "=x"])("%j claims nothing", (text) => {
    expect(selectedBy(text)).toBeUndefined();
  });
});
