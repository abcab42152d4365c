/** What the server may choose, and what it may not be excused for. */
import { describe, expect, test } from "vitest";
import { isAllocated } from "../../src/compare/allocated.ts";
import { diffObjects } from "../../src/compare/diff.ts";
import { defaultedDesired } from "../../src/compare/defaults.ts";
import { getIn, type JsonObject } from "../../src/model/json.ts";
import { formatPath } from "../../src/model/path.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { deployment, object, schemaOf } from "./schemas.ts";

function judge(desired: KubeObject, live: KubeObject): readonly string[] {
  const schema = schemaOf(desired);
  return diffObjects({ desired, live, schema }).differences.map((difference) => {
    return `${formatPath(difference.path)} ${isAllocated(difference, desired, live, schema)?.rule ?? "counts"}`;
  });
}

function withSpec(desired: KubeObject, spec: JsonObject, metadata: JsonObject = {}): KubeObject {
  const filled = defaultedDesired(desired, schemaOf(desired));
  return {
    ...filled,
    metadata: { ...filled.metadata, ...metadata },
    spec: { ...(filled["spec"] as JsonObject), ...spec },
  };
}

const service = object("v1", "Service", { spec: { selector: { app: "it" }, ports: [{ port: 80 }] } });
const port: JsonObject = { port: 80, protocol: "TCP", targetPort: 80 };
const job = object("batch/v1", "Job", {
  spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "a:1" }] } } },
});
const pod = object("v1", "Pod", {
  spec: { containers: [{ name: "c", image: "a:1" }], tolerations: [{ key: "a", operator: "Exists" }] },
});
const gatedPod = withSpec(pod, { schedulingGates: [{ name: "a.example.com/gate" }] });
const ingress = object("networking.k8s.io/v1", "Ingress", {
  spec: { defaultBackend: { service: { name: "s", port: { number: 80 } } } },
});
const annotatedIngress = { ...ingress, metadata: { name: "it", annotations: { "kubernetes.io/ingress.class": "c" } } };

function filledContainer(of: KubeObject): JsonObject {
  const [first = {}] = getIn(defaultedDesired(of, schemaOf(of)), "spec", "containers") as readonly JsonObject[];
  return first;
}

const lost = ["not-ready", "unreachable"].map((taint) => ({
  key: `node.kubernetes.io/${taint}`,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds: 300,
}));

describe("allocated", () => {
  test.each<readonly [string, KubeObject, KubeObject, readonly string[]]>([
    [
      "addresses",
      service,
      withSpec(service, { clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.1"] }),
      [".spec.clusterIP cluster-ip", ".spec.clusterIPs cluster-ip"],
    ],
    [
      "other addresses than the first",
      service,
      withSpec(service, { clusterIP: "10.0.0.1", clusterIPs: ["10.0.0.2"] }),
      [".spec.clusterIP cluster-ip", ".spec.clusterIPs counts"],
    ],
    ["headless by hand", service, withSpec(service, { clusterIP: "None" }), [".spec.clusterIP counts"]],
    [
      "an address Git states",
      withSpec(service, { clusterIP: "10.0.0.9" }),
      withSpec(service, { clusterIP: "10.0.0.1" }),
      [".spec.clusterIP counts"],
    ],
    [
      "families",
      service,
      withSpec(service, { ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" }),
      [".spec.ipFamilies ip-families", ".spec.ipFamilyPolicy ip-families"],
    ],
    [
      "another family policy",
      service,
      withSpec(service, { ipFamilyPolicy: "PreferDualStack" }),
      [".spec.ipFamilyPolicy counts"],
    ],
    [
      "a node port without such a type",
      service,
      withSpec(service, { ports: [{ ...port, nodePort: 30000 }] }),
      ['.spec.ports[port=80,protocol="TCP"].nodePort counts'],
    ],
    [
      "a node port of a changed type",
      service,
      withSpec(service, { type: "NodePort", ports: [{ ...port, nodePort: 30000 }] }),
      ['.spec.ports[port=80,protocol="TCP"].nodePort node-port', ".spec.type counts"],
    ],
    [
      "a Job's selector",
      job,
      withSpec(job, { selector: { matchLabels: { "batch.kubernetes.io/controller-uid": "u" } } }, { uid: "u" }),
      [".spec.selector job-selector"],
    ],
    [
      "another selector",
      job,
      withSpec(job, { selector: { matchLabels: { a: "b" } } }, { uid: "u" }),
      [".spec.selector counts"],
    ],
    [
      "a Job's own labels",
      job,
      withSpec(job, {}, { uid: "u", labels: { "controller-uid": "u", "job-name": "it" } }),
      [".metadata.labels.controller-uid job-selector", ".metadata.labels.job-name job-selector"],
    ],
    [
      "labels of another Job",
      job,
      withSpec(job, {}, { uid: "u", labels: { "controller-uid": "x", "job-name": "x" } }),
      [".metadata.labels.controller-uid counts", ".metadata.labels.job-name counts"],
    ],
    [
      "tolerations of every Pod",
      pod,
      withSpec(pod, { tolerations: [{ key: "a", operator: "Exists" }, ...lost] }),
      [".spec.tolerations pod-tolerations"],
    ],
    [
      "another toleration",
      pod,
      withSpec(pod, { tolerations: [{ key: "b", operator: "Exists" }, ...lost] }),
      [".spec.tolerations counts"],
    ],
    [
      "a namespace's tolerations beside one that Git states",
      pod,
      withSpec(pod, { tolerations: [{ key: "a", operator: "Exists" }, { key: "own" }, ...lost] }),
      [".spec.tolerations pod-tolerations"],
    ],
    [
      "a namespace's node selector",
      pod,
      withSpec(pod, { nodeSelector: { zone: "a" } }),
      [".spec.nodeSelector.zone pod-node-selector"],
    ],
    [
      "a node selector while a gate holds the Pod back",
      gatedPod,
      withSpec(gatedPod, { nodeSelector: { zone: "a" } }),
      [".spec.nodeSelector.zone counts"],
    ],
    ["overhead of no RuntimeClass", pod, withSpec(pod, { overhead: { cpu: "1m" } }), [".spec.overhead.cpu counts"]],
    [
      "amounts that the LimitRange set, and one that it did not",
      pod,
      withSpec(
        pod,
        { containers: [{ ...filledContainer(pod), resources: { limits: { cpu: "1", memory: "1Gi" } } }] },
        { annotations: { "kubernetes.io/limit-ranger": "LimitRanger plugin set: cpu limit for container c" } },
      ),
      [
        '.metadata.annotations["kubernetes.io/limit-ranger"] limit-range',
        '.spec.containers[name="c"].resources.limits.cpu limit-range',
        '.spec.containers[name="c"].resources.limits.memory counts',
      ],
    ],
    [
      "amounts that the LimitRange set for another container",
      pod,
      withSpec(
        pod,
        { containers: [{ ...filledContainer(pod), resources: { limits: { cpu: "1" } } }] },
        { annotations: { "kubernetes.io/limit-ranger": "LimitRanger plugin set: cpu limit for container d" } },
      ),
      [
        '.metadata.annotations["kubernetes.io/limit-ranger"] limit-range',
        '.spec.containers[name="c"].resources.limits.cpu counts',
      ],
    ],
    [
      "a default class",
      ingress,
      withSpec(ingress, { ingressClassName: "c" }),
      [".spec.ingressClassName default-ingress-class"],
    ],
    [
      "a class beside the old annotation",
      annotatedIngress,
      withSpec(annotatedIngress, { ingressClassName: "c" }),
      [".spec.ingressClassName counts"],
    ],
    [
      "a service account by hand",
      pod,
      withSpec(pod, { serviceAccountName: "admin" }),
      [".spec.serviceAccountName counts"],
    ],
  ])("%s", (_, desired, live, found) => {
    expect(judge(desired, live)).toEqual(found);
  });

  test.each([
    ["a:1", "Always", "sticky-image-pull-policy"],
    ["a", "IfNotPresent", "sticky-image-pull-policy"],
    ["a:1", "Never", "counts"],
  ])("pull policy of %s: %s by %s", (image, imagePullPolicy, rule) => {
    const live = defaultedDesired(deployment({ image, imagePullPolicy }), schemaOf(deployment()));
    const found = judge(deployment({ image }), live);
    expect(found).toEqual([`.spec.template.spec.containers[name="c"].imagePullPolicy ${rule}`]);
  });
});
