/**
 * What admission adds to an object when it is created, from what else the cluster holds: default classes, the amounts
 * of a LimitRange, what a namespace and a RuntimeClass ask of Pods. All of it is the server's doing, and nothing that a
 * person adds beside it.
 */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getIn, isObject, type JsonObject } from "../../../src/model/json.ts";
import { isKubeObject, type KubeObject } from "../../../src/model/resource.ts";
import { startControlPlane, type ControlPlane } from "../../control-plane/control-plane.ts";
import { countingDifferences, openTruthServer, tell, type TruthServer } from "../../corpus/truth-server.ts";
import { describeWith } from "../../support/describe-with.ts";
import { inParallel } from "../in-parallel.ts";

const container = { name: "c", image: "a:1" };
const namespace = "strict";

function make(apiVersion: string, kind: string, name: string, rest: JsonObject): KubeObject {
  return { apiVersion, kind, metadata: { name, namespace }, ...rest };
}

function pod(spec: JsonObject): KubeObject {
  return make("v1", "Pod", "it", { spec: { containers: [container], ...spec } });
}

const defaultClass = (kind: "storageclass" | "ingressclass"): JsonObject => {
  const group = kind === "storageclass" ? "storageclass.kubernetes.io" : "ingressclass.kubernetes.io";
  return { annotations: { [`${group}/is-default-class`]: "true" } };
};

/** What a namespace and a cluster may ask of what is created in them. */
const surroundings: readonly KubeObject[] = [
  {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: {
      name: namespace,
      annotations: {
        "scheduler.alpha.kubernetes.io/node-selector": "zone=a",
        "scheduler.alpha.kubernetes.io/defaultTolerations": '[{"key":"own","operator":"Exists"}]',
      },
    },
  },
  {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "usual", ...defaultClass("storageclass") },
    provisioner: "p",
  },
  {
    apiVersion: "networking.k8s.io/v1",
    kind: "IngressClass",
    metadata: { name: "usual", ...defaultClass("ingressclass") },
    spec: { controller: "a.example.com/b" },
  },
  {
    apiVersion: "node.k8s.io/v1",
    kind: "RuntimeClass",
    metadata: { name: "small" },
    handler: "h",
    overhead: { podFixed: { cpu: "10m" } },
    scheduling: { nodeSelector: { runtime: "small" }, tolerations: [{ key: "runtime", operator: "Exists" }] },
  },
  {
    apiVersion: "scheduling.k8s.io/v1",
    kind: "PriorityClass",
    metadata: { name: "usual" },
    value: 7,
    globalDefault: true,
  },
  make("v1", "LimitRange", "usual", {
    spec: { limits: [{ type: "Container", default: { cpu: "500m", memory: "1Gi" }, defaultRequest: { cpu: "100m" } }] },
  }),
];

const backend = { service: { name: "s", port: { number: 80 } } };
const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };

describeWith(["etcd", "kube-apiserver"], "what admission adds", () => {
  let plane: ControlPlane;
  let server: TruthServer;

  const differencesOf = async (
    desired: KubeObject,
    change?: (live: JsonObject) => JsonObject,
  ): Promise<readonly string[]> => {
    const { status, body } = await server.dryRun(desired);
    if (status >= 300 || !isKubeObject(body)) throw new Error(JSON.stringify(body));
    const live = change === undefined ? body : { ...body, ...change(body) };
    return tell(countingDifferences(server, desired, live));
  };
  const specWith = (live: JsonObject, more: JsonObject): JsonObject => ({
    spec: { ...(isObject(live["spec"]) ? live["spec"] : {}), ...more },
  });

  beforeAll(async () => {
    plane = await startControlPlane({
      apiServerArgs: ["--enable-admission-plugins=PodNodeSelector,PodTolerationRestriction"],
    });
    server = await openTruthServer(plane);
    for (const object of surroundings) {
      const answer = await server.send("POST", server.pathOf(object, "collection") ?? "", object);
      if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
    }
    // Plugins see what was just made only a moment later.
    for (let tries = 0; tries < 40; tries += 1) {
      const { body } = await server.dryRun(pod({ runtimeClassName: "small" }));
      if (getIn(body, "spec", "overhead") !== undefined && getIn(body, "spec", "priority") === 7) break;
      await wait(250);
    }
  });
  afterAll(async () => {
    server?.close();
    await plane?.stop();
  });

  describe("is in sync", () => {
    test.each<readonly [string, KubeObject]>([
      ["a Pod", pod({})],
      [
        "a Pod with a request of its own",
        pod({ containers: [{ ...container, resources: { requests: { cpu: 1 }, limits: { cpu: 1 } } }] }),
      ],
      ["a Pod with init containers", pod({ initContainers: [{ ...container, name: "i" }] })],
      ["a Pod with tolerations", pod({ tolerations: [{ key: "a", operator: "Exists" }] })],
      ["a Pod with a node selector", pod({ nodeSelector: { disk: "ssd" } })],
      ["a Pod of a RuntimeClass", pod({ runtimeClassName: "small" })],
      ["a claim", make("v1", "PersistentVolumeClaim", "it", { spec: claim })],
      ["an Ingress", make("networking.k8s.io/v1", "Ingress", "it", { spec: { defaultBackend: backend } })],
    ])("%s", async (_, desired) => {
      expect(await differencesOf(desired)).toEqual([]);
    });
  });

  test("the default classes are those of the cluster", async () => {
    const [ingress, volume] = await inParallel(
      [
        make("networking.k8s.io/v1", "Ingress", "it", { spec: { defaultBackend: backend } }),
        make("v1", "PersistentVolumeClaim", "it", { spec: claim }),
      ],
      (object) => server.dryRun(object),
    );
    expect(getIn(ingress?.body, "spec", "ingressClassName")).toBe("usual");
    expect(getIn(volume?.body, "spec", "storageClassName")).toBe("usual");
  });

  describe("is still a difference", () => {
    test("a limit that the LimitRange did not set", async () => {
      const found = await differencesOf(pod({}), (live) => {
        const [first] = getIn(live, "spec", "containers") as readonly JsonObject[];
        const limits = { cpu: "500m", memory: "1Gi", "example.com/gpu": "1" };
        const requests = { cpu: "100m", memory: "1Gi" };
        return specWith(live, { containers: [{ ...first, resources: { limits, requests } }] });
      });
      expect(found).toEqual(['added .spec.containers[name="c"].resources.limits["example.com/gpu"]: nothing -> "1"']);
    });

    test("a toleration that Git states and live lacks", async () => {
      const desired = pod({ tolerations: [{ key: "a", operator: "Exists" }] });
      const found = await differencesOf(desired, (live) =>
        specWith(live, { tolerations: [{ key: "b", operator: "Exists" }] }),
      );
      expect(found).toHaveLength(1);
    });

    test("a node selector of a Pod that a gate holds back", async () => {
      const desired = pod({ schedulingGates: [{ name: "a.example.com/gate" }] });
      expect(await differencesOf(desired)).toEqual(['added .spec.nodeSelector.zone: nothing -> "a"']);
    });
  });
});
