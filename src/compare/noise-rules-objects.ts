/**
 * More rows of what the cluster does by itself: marks on single kinds that say how an object fares, which finalizers
 * hold it, and who owns it. The form and the rules of the house for a row are those of `noise-rules.ts`.
 */
import type { Difference } from "./difference.ts";
import type { NoiseRule } from "./noise-rules.ts";

const docs = "https://kubernetes.io/docs";
const added: readonly Difference["op"][] = ["added"];
const addedOrChanged: readonly Difference["op"][] = ["added", "changed"];
const annotations = [".metadata.annotations"];
const finalizers = [".metadata.finalizers"];

export const objectRules: readonly NoiseRule[] = [
  {
    name: "root-ca-config-map",
    reason: "a controller keeps the cluster's CA in it, in every namespace",
    source: `${docs}/reference/access-authn-authz/service-accounts-admin/`,
    kinds: ["/ConfigMap"],
    paths: [".data", ".metadata.annotations"],
    keys: ["ca.crt", "kubernetes.io/description"],
    ops: addedOrChanged,
    when: [{ is: "named", name: "kube-root-ca.crt" }, { is: "not-by-hand" }],
  },
  {
    name: "endpoints-filled-in",
    reason: "the endpoints controller fills in the addresses of the Pods that the Service selects",
    source: `${docs}/concepts/services-networking/service/`,
    kinds: ["/Endpoints"],
    paths: [".subsets"],
    ops: addedOrChanged,
    when: [{ is: "git-empty" }, { is: "not-by-hand" }],
  },
  {
    name: "endpoints-marks",
    reason: "the endpoints controller notes when and for whom it wrote",
    source: `${docs}/reference/labels-annotations-taints/#endpoints-kubernetes-io-last-change-trigger-time`,
    kinds: ["/Endpoints", "discovery.k8s.io/EndpointSlice"],
    paths: [".metadata.annotations", ".metadata.labels"],
    keys: [
      "endpoints.kubernetes.io/last-change-trigger-time",
      "endpoints.kubernetes.io/managed-by",
      "service.kubernetes.io/headless",
    ],
    ops: addedOrChanged,
    when: [{ is: "not-by-hand" }],
  },
  {
    name: "job-tracking",
    reason: "the server marks Jobs whose Pods it tracks by finalizer",
    source: `${docs}/reference/labels-annotations-taints/#batch-kubernetes-io-job-tracking`,
    kinds: ["batch/Job"],
    paths: annotations,
    keys: ["batch.kubernetes.io/job-tracking", "batch.kubernetes.io/cronjob-scheduled-timestamp"],
    ops: added,
    when: [{ is: "not-by-hand" }],
  },
  {
    name: "claim-template-status",
    reason: "the API server gives claim templates a status; no controller reads it",
    source: "argo-cd#11143; https://github.com/kubernetes/kubernetes/issues/74165",
    kinds: ["apps/StatefulSet"],
    paths: [".spec.volumeClaimTemplates[*].status"],
    ops: ["added", "changed", "removed"],
    when: [],
  },
  {
    name: "autoscaler-status-marks",
    reason: "read as autoscaling/v1, the autoscaler's status appears in annotations",
    source: `${docs}/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v1/`,
    kinds: ["autoscaling/HorizontalPodAutoscaler"],
    paths: annotations,
    keys: ["autoscaling.alpha.kubernetes.io/conditions", "autoscaling.alpha.kubernetes.io/current-metrics"],
    ops: addedOrChanged,
    when: [],
  },
  {
    name: "volume-attached",
    reason: "the attacher and the provisioner guard the volume against being deleted while it is in use",
    source:
      "https://github.com/kubernetes-csi/external-attacher; https://github.com/kubernetes-csi/external-provisioner",
    kinds: ["/PersistentVolume"],
    paths: finalizers,
    ops: added,
    when: [
      {
        is: "live-names",
        names: ["external-attacher/*", "external-provisioner.volume.kubernetes.io/finalizer"],
      },
    ],
  },
  {
    name: "load-balancer-finalizer",
    reason: "the service controller frees the load balancer before the Service goes",
    source: `${docs}/concepts/services-networking/service/#garbage-collecting-load-balancers`,
    kinds: ["/Service"],
    paths: finalizers,
    ops: added,
    when: [{ is: "live-names", names: ["service.kubernetes.io/load-balancer-cleanup"] }],
  },
  {
    name: "custom-resource-cleanup",
    reason: "the API server deletes the custom resources before their definition goes",
    source: "https://github.com/kubernetes/apiextensions-apiserver (pkg/controller/finalizer)",
    kinds: ["apiextensions.k8s.io/CustomResourceDefinition"],
    paths: finalizers,
    ops: added,
    when: [{ is: "live-names", names: ["customresourcecleanup.apiextensions.k8s.io"] }],
  },
  {
    name: "finalizers-of-controllers",
    reason: "a controller asks to clean up first; without effect until the object is deleted, and named then",
    source: `${docs}/concepts/overview/working-with-objects/finalizers/`,
    kinds: ["*"],
    paths: finalizers,
    ops: added,
    when: [{ is: "controllers-only" }],
  },
  {
    name: "owner-references-of-controllers",
    reason: "a controller adopted the object",
    source: `${docs}/concepts/overview/working-with-objects/owners-dependents/`,
    kinds: ["*"],
    paths: [".metadata.ownerReferences"],
    ops: added,
    when: [{ is: "controllers-only" }],
  },
  {
    name: "cloud-network-status",
    reason: "the cloud's controller notes which balancers and endpoint groups it made",
    source: "https://cloud.google.com/kubernetes-engine/docs/how-to/container-native-load-balancing",
    kinds: ["/Service", "networking.k8s.io/Ingress"],
    paths: annotations,
    keys: [
      "cloud.google.com/neg-status",
      "ingress.kubernetes.io/backends",
      "ingress.kubernetes.io/forwarding-rule",
      "ingress.kubernetes.io/target-proxy",
      "ingress.kubernetes.io/url-map",
      "field.cattle.io/publicEndpoints",
    ],
    ops: addedOrChanged,
    when: [{ is: "controllers-only" }],
  },
  {
    name: "pod-network-status",
    reason: "the network plugin notes the addresses it gave the Pod",
    source: "https://github.com/k8snetworkplumbingwg/multi-net-spec",
    kinds: ["/Pod"],
    paths: annotations,
    keys: [
      "cni.projectcalico.org/containerID",
      "cni.projectcalico.org/podIP",
      "cni.projectcalico.org/podIPs",
      "k8s.v1.cni.cncf.io/network-status",
    ],
    ops: addedOrChanged,
    when: [{ is: "not-by-hand" }],
  },
  {
    name: "prometheus-rule-validated",
    reason: "the operator's webhook marks rules it has read",
    source: "helm-controller#643",
    kinds: ["monitoring.coreos.com/PrometheusRule"],
    paths: annotations,
    keys: ["prometheus-operator-validated"],
    ops: added,
    when: [{ is: "live-names", names: ["true"] }],
  },
];
