/**
 * What controllers of a real control plane do to objects after they were written: nothing of it counts, each by the rule
 * that names it; and what people do to the same objects counts, also under a controller's name.
 */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatJson, getIn, getString, getStrings, isArray, type Json, type JsonObject } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { openTruthServer, type TruthServer } from "../corpus/truth-server.ts";
import { describeWith } from "../support/describe-with.ts";
import { countingOf, judgeOn, readObject } from "./server-judge.ts";

const namespace = "noise";

function object(kind: string, name: string, fields: JsonObject = {}, metadata: JsonObject = {}): KubeObject {
  const [apiVersion = "", kindName = ""] = kind.split(" ");
  return { apiVersion, kind: kindName, metadata: { name, ...metadata }, ...fields };
}
const inside = (kind: string, name: string, fields: JsonObject = {}, metadata: JsonObject = {}): KubeObject =>
  object(kind, name, fields, { namespace, ...metadata });

const podSpec = { containers: [{ name: "web", image: "web:1" }] };
const labels = { app: "web" };
const template = { metadata: { labels }, spec: podSpec };
const storage = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
const deployment = inside("apps/v1 Deployment", "web", { spec: { selector: { matchLabels: labels }, template } });
const service = inside("v1 Service", "web", { spec: { selector: labels, clusterIP: "None", ports: [{ port: 80 }] } });
const claimOfSet = inside("v1 PersistentVolumeClaim", "data-set-0", { spec: { ...storage, storageClassName: "none" } });
const statefulSet = inside("apps/v1 StatefulSet", "set", {
  spec: {
    serviceName: "web",
    selector: { matchLabels: labels },
    persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete" },
    template,
    volumeClaimTemplates: [{ metadata: { name: "data" }, spec: { ...storage, storageClassName: "none" } }],
  },
});
const volume = object("v1 PersistentVolume", "noise-volume", {
  spec: {
    capacity: { storage: "1Gi" },
    accessModes: ["ReadWriteOnce"],
    storageClassName: "by-hand",
    hostPath: { path: "/x" },
  },
});
const claim = inside("v1 PersistentVolumeClaim", "claim", { spec: { ...storage, storageClassName: "by-hand" } });
const pod = inside("v1 Pod", "bare", { spec: podSpec });

interface Doing {
  readonly what: string;
  /** Made first, and watched. */
  readonly first?: readonly KubeObject[];
  readonly desired: KubeObject;
  /** Made after it, and watched. */
  readonly after?: readonly KubeObject[];
  readonly bind?: (server: TruthServer) => Promise<void>;
  /** True once the controller has been there. */
  readonly done: (live: KubeObject) => boolean;
  readonly rules: readonly string[];
}

const annotated =
  (name: string) =>
  (live: KubeObject): boolean =>
    getStrings(live.metadata, "annotations")[name] !== undefined;
const has =
  (...path: readonly string[]) =>
  (live: KubeObject): boolean => {
    const found = getIn(live, ...path);
    return found !== undefined && found !== null && !(isArray(found) && found.length === 0);
  };

const doings: readonly Doing[] = [
  {
    what: "a Deployment is rolled out",
    desired: deployment,
    done: annotated("deployment.kubernetes.io/revision"),
    rules: ["deployment-revision"],
  },
  {
    what: "an aggregated ClusterRole is filled",
    first: [
      object(
        "rbac.authorization.k8s.io/v1 ClusterRole",
        "noise-part",
        { rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }] },
        { labels: { "example.com/noise": "yes" } },
      ),
    ],
    desired: object("rbac.authorization.k8s.io/v1 ClusterRole", "noise-whole", {
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { "example.com/noise": "yes" } }] },
      rules: [],
    }),
    done: has("rules"),
    rules: ["aggregated-cluster-role-rules"],
  },
  {
    what: "a claim is bound",
    first: [volume],
    desired: claim,
    done: annotated("pv.kubernetes.io/bind-completed"),
    rules: ["binding-marks", "claim-bound"],
  },
  {
    what: "a volume is bound",
    first: [claim],
    desired: volume,
    done: has("spec", "claimRef"),
    rules: ["volume-bound", "volume-bound-marks"],
  },
  {
    what: "a Secret asks for a token",
    first: [inside("v1 ServiceAccount", "robot")],
    desired: inside(
      "v1 Secret",
      "robot-token",
      { type: "kubernetes.io/service-account-token" },
      { annotations: { "kubernetes.io/service-account.name": "robot" } },
    ),
    done: has("data", "token"),
    rules: ["service-account-token-marks", "service-account-token-secret"],
  },
  {
    what: "a StatefulSet adopts a declared claim",
    desired: claimOfSet,
    after: [statefulSet],
    done: has("metadata", "ownerReferences"),
    rules: ["adopted-by-owner"],
  },
  {
    what: "endpoints of a Service are written",
    first: [service],
    desired: inside("v1 Endpoints", "web", {}),
    done: (live) => getStrings(live.metadata, "labels")["service.kubernetes.io/headless"] !== undefined,
    rules: ["endpoints-marks"],
  },
  {
    what: "a range of addresses is made",
    desired: object("networking.k8s.io/v1 ServiceCIDR", "noise", { spec: { cidrs: ["10.99.0.0/24"] } }),
    done: has("metadata", "finalizers"),
    rules: ["service-cidr-finalizer"],
  },
  {
    what: "a Pod is bound to a node",
    first: [
      object(
        "v1 Node",
        "node-1",
        {},
        { labels: { "topology.kubernetes.io/zone": "a", "topology.kubernetes.io/region": "r" } },
      ),
    ],
    desired: pod,
    bind: async (server) => {
      const binding = inside("v1 Binding", "bare", { target: { apiVersion: "v1", kind: "Node", name: "node-1" } });
      await server.send("POST", `${server.pathOf(pod)}/binding`, binding);
    },
    done: has("spec", "nodeName"),
    rules: ["pod-scheduled", "pod-topology-labels"],
  },
];

describeWith(["etcd", "kube-apiserver", "kube-controller-manager"], "controllers on a control plane", () => {
  let plane: ControlPlane;
  let server: TruthServer;

  const make = async (one: KubeObject): Promise<void> => {
    const path = `${server.pathOf(one, "collection")}?fieldManager=acme-ci`;
    const { status, body } = await server.send("POST", path, one);
    if (status >= 300 && status !== 409) throw new Error(`${one.kind}: ${status} ${formatJson(body)}`);
  };
  const until = async (one: KubeObject, done: (live: KubeObject) => boolean): Promise<KubeObject> => {
    for (let tries = 0; tries < 240; tries += 1) {
      const live = await readObject(server, one);
      if (done(live)) return live;
      await wait(250);
    }
    throw new Error(`nothing happened to ${one.kind} ${getString(one.metadata, "name")}`);
  };
  const patch = async (one: KubeObject, manager: string, body: Json): Promise<void> => {
    const { status } = await server.send(
      "PATCH",
      `${server.pathOf(one)}?fieldManager=${manager}`,
      body,
      "application/merge-patch+json",
    );
    expect(status).toBeLessThan(300);
  };

  beforeAll(async () => {
    plane = await startControlPlane({ controllerManager: true });
    server = await openTruthServer(plane);
    await make(object("v1 Namespace", namespace));
  });
  afterAll(async () => {
    server?.close();
    await plane?.stop();
  });

  test.each(doings.map((one) => [one.what, one] as const))("%s: nothing of it counts", async (_, one) => {
    for (const other of one.first ?? []) await make(other);
    await make(one.desired);
    for (const other of one.after ?? []) await make(other);
    await one.bind?.(server);
    const live = await until(one.desired, one.done);
    const around = [...(one.first ?? []), ...(one.after ?? [])];
    const others = await Promise.all(around.map((other) => readObject(server, other)));
    const decision = judgeOn(server, { desired: one.desired, live, others });
    expect(countingOf(decision)).toEqual([]);
    expect(decision.suppressed.map(({ rule }) => rule)).toEqual(expect.arrayContaining([...one.rules]));
  });

  test("a role that the server brings along, declared without its marks: nothing of it counts", async () => {
    const live = await readObject(server, object("rbac.authorization.k8s.io/v1 ClusterRole", "system:discovery"));
    const { rules = [] } = live;
    const desired = object("rbac.authorization.k8s.io/v1 ClusterRole", "system:discovery", { rules });
    const decision = judgeOn(server, { desired, live });
    expect(countingOf(decision)).toEqual([]);
    expect(decision.suppressed.map(({ rule }) => rule)).toEqual(["bootstrap-role-marks", "bootstrap-role-marks"]);
  });

  test("the cluster's CA: filled in, and put back when somebody writes something else", async () => {
    const desired = inside("v1 ConfigMap", "kube-root-ca.crt");
    const filled = await until(desired, has("data", "ca.crt"));
    expect(countingOf(judgeOn(server, { desired, live: filled }))).toEqual([]);
    await patch(desired, "kube-controller-manager", { data: { "ca.crt": "mine" } });
    const again = await until(desired, (live) => getString(live, "data", "ca.crt") !== "mine");
    expect(getIn(again, "data")).toEqual(getIn(filled, "data"));
  });

  describe("under a controller's name", () => {
    test.each<readonly [string, JsonObject, readonly string[]]>([
      [
        "a finalizer",
        { metadata: { finalizers: ["example.com/hold"] } },
        ['added .metadata.finalizers[="example.com/hold"]'],
      ],
      [
        "a label",
        { metadata: { labels: { "app.kubernetes.io/instance": "other" } } },
        ['added .metadata.labels["app.kubernetes.io/instance"]'],
      ],
      [
        "an annotation",
        { metadata: { annotations: { "example.com/note": "x" } } },
        ['added .metadata.annotations["example.com/note"]'],
      ],
      ["a scale", { spec: { replicas: 7 } }, ["added .spec.replicas"]],
      [
        "a switch that only Git may set",
        {
          metadata: { annotations: { "plumbline.dev/detect": "disabled", "plumbline.dev/ignore": ".spec" } },
          spec: { paused: true },
        },
        [
          'added .metadata.annotations["plumbline.dev/detect"]',
          'added .metadata.annotations["plumbline.dev/ignore"]',
          "added .spec.paused",
        ],
      ],
    ])("%s counts", async (what, change, expected) => {
      const name = `forged-${what.replaceAll(/[^a-z]+/g, "-")}`;
      const desired: KubeObject = { ...deployment, metadata: { name, namespace } };
      await make(desired);
      for (const manager of ["kube-controller-manager", "argocd-controller"]) await patch(desired, manager, change);
      const live = await readObject(server, desired);
      expect(countingOf(judgeOn(server, { desired, live })).toSorted()).toEqual([...expected].toSorted());
    });

    test("an owner reference counts", async () => {
      const desired: KubeObject = { ...deployment, metadata: { name: "forged-owner", namespace } };
      await make(desired);
      const owner = await readObject(server, inside("v1 ConfigMap", "kube-root-ca.crt"));
      const uid = getString(owner.metadata, "uid") ?? "";
      const reference = { apiVersion: "v1", kind: "ConfigMap", name: "kube-root-ca.crt", uid };
      await patch(desired, "kube-controller-manager", { metadata: { ownerReferences: [reference] } });
      const live = await readObject(server, desired);
      expect(countingOf(judgeOn(server, { desired, live }))).toEqual([
        `added .metadata.ownerReferences[uid=${JSON.stringify(uid)}]`,
      ]);
    });
  });
});
