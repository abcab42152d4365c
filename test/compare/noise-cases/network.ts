/** Cases of the noise rules in `src/compare/noise-rules-network.ts`. */
import { annotation, finalizer, label, type NoiseCases, world } from "./case.ts";

const service = (spec: { readonly [name: string]: string | { readonly app: string } }) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web", namespace: "shop", uid: "s" },
  spec,
});
const selecting = world(["Service"], service({ selector: { app: "web" } }));
const byHand = world(["Service"], service({ type: "ClusterIP" }));
const subsets = { kind: "v1 Endpoints", path: ".subsets", live: [{ addresses: [{ ip: "10.0.0.1" }] }] };
const headless = { kind: "v1 Endpoints", path: label("service.kubernetes.io/headless"), live: "" };
const ingress = "networking.k8s.io/v1 Ingress";
const balanced = { spec: { type: "LoadBalancer" } };
const cidr = "networking.k8s.io/v1 ServiceCIDR";

export const networkCases: NoiseCases = {
  "endpoints-filled-in": {
    holds: [
      { ...subsets, facts: selecting },
      { ...subsets, facts: selecting, managers: ["kube-controller-manager"] },
    ],
    counts: [
      { ...subsets, facts: byHand, managers: ["kube-controller-manager"] },
      { ...subsets, facts: world(["Service"]), managers: ["kube-controller-manager"] },
      { ...subsets, managers: ["kube-controller-manager"] },
      { ...subsets, facts: selecting, desired: [{ addresses: [{ ip: "10.0.0.2" }] }] },
      { ...subsets, facts: selecting, managers: ["kubectl-edit"], byOwner: true },
    ],
  },
  "endpoints-marks": {
    holds: [
      { ...headless, facts: selecting },
      {
        kind: "v1 Endpoints",
        path: annotation("endpoints.kubernetes.io/last-change-trigger-time"),
        live: "2026",
        facts: selecting,
      },
    ],
    counts: [
      { ...headless, facts: byHand },
      { ...headless, kind: "discovery.k8s.io/v1 EndpointSlice", facts: selecting },
      { ...headless, facts: selecting, managers: ["kubectl-label"], byOwner: true },
    ],
  },
  "load-balancer-finalizer": {
    holds: [
      "service.kubernetes.io/load-balancer-cleanup",
      "service.k8s.aws/resources",
      "gke.networking.io/l4-netlb-v2",
    ].map((live) => ({ kind: "v1 Service", path: finalizer(live), live })),
    counts: [
      {
        kind: "v1 ConfigMap",
        path: finalizer("service.kubernetes.io/load-balancer-cleanup"),
        live: "service.kubernetes.io/load-balancer-cleanup",
      },
      {
        kind: "v1 Service",
        path: finalizer("service.k8s.aws/hold"),
        live: "service.k8s.aws/hold",
        managers: ["aws-load-balancer-controller"],
      },
    ],
  },
  "ingress-finalizer": {
    holds: ["ingress.k8s.aws/resources", "group.ingress.k8s.aws/shop", "networking.gke.io/ingress-finalizer-V2"].map(
      (live) => ({ kind: ingress, path: finalizer(live), live }),
    ),
    counts: [
      { kind: ingress, path: finalizer("example.com/hold"), live: "example.com/hold", managers: ["nginx-ingress"] },
      { kind: "v1 Service", path: finalizer("ingress.k8s.aws/resources"), live: "ingress.k8s.aws/resources" },
    ],
  },
  "service-cidr-finalizer": {
    holds: [
      {
        kind: cidr,
        path: ".metadata.finalizers",
        live: ["networking.k8s.io/service-cidr-finalizer"],
      },
    ],
    counts: [
      {
        kind: cidr,
        path: ".metadata.finalizers",
        live: ["networking.k8s.io/service-cidr-finalizer", "example.com/hold"],
        managers: ["kube-controller-manager"],
      },
    ],
  },
  "aws-load-balancer-class": {
    holds: [{ kind: "v1 Service", path: ".spec.loadBalancerClass", live: "service.k8s.aws/nlb", git: balanced }],
    counts: [
      { kind: "v1 Service", path: ".spec.loadBalancerClass", live: "example.com/lb", git: balanced },
      { kind: "v1 Service", path: ".spec.loadBalancerClass", live: "service.k8s.aws/nlb" },
      { kind: "v1 Service", path: ".spec.loadBalancerClass", live: "service.k8s.aws/nlb", git: {}, runs: balanced },
    ],
  },
  "cloud-network-status": {
    holds: [{ kind: "v1 Service", path: annotation("cloud.google.com/neg-status"), live: "{}", managers: ["glbc"] }],
    counts: [
      { kind: "v1 Service", path: annotation("cloud.google.com/neg-status"), live: "{}", byOwner: true },
      {
        kind: "v1 Service",
        path: annotation("cloud.google.com/neg-status"),
        live: "{}",
        managers: ["glbc", "kubectl-annotate"],
        byOwner: true,
      },
      {
        kind: "v1 Service",
        path: annotation("cloud.google.com/load-balancer-type"),
        live: "External",
        managers: ["glbc"],
      },
      {
        kind: "v1 Service",
        path: annotation("kubernetes.digitalocean.com/load-balancer-id"),
        live: "6dd0a5d0-4a3c-4f5b-9c0e-0f3a5b6c7d8e",
        managers: ["digitalocean-cloud-controller-manager"],
      },
    ],
  },
  "gke-endpoint-groups": {
    holds: [{ kind: "v1 Service", path: annotation("cloud.google.com/neg"), live: '{"ingress":true}' }],
    counts: [
      { kind: "v1 Service", path: annotation("cloud.google.com/neg"), live: '{"exposed_ports":{"80":{}}}' },
      { kind: "v1 Service", path: annotation("cloud.google.com/backend-config"), live: "{}" },
    ],
  },
  "address-pool-note": {
    holds: [{ kind: "v1 Service", path: annotation("metallb.io/ip-allocated-from-pool"), live: "first" }],
    counts: [
      { kind: "v1 Service", path: annotation("metallb.io/address-pool"), live: "first" },
      { kind: "v1 Service", path: annotation("metallb.io/ip-allocated-from-pool"), live: "not a name" },
    ],
  },
};
