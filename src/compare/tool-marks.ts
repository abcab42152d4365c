/**
 * Labels and annotations by which deployment tools find their objects again, and our own live switches, as rows like
 * those of `noise-rules.ts`. Only marks that no workload reads; a tool's opt-out switches are never among them, for
 * switched on live they change what that tool does, and that is drift.
 */
import { annotations as ours, liveSwitches } from "../model/annotations.ts";
import type { Difference } from "./difference.ts";
import type { NoiseRule } from "./noise-rules.ts";

const added: readonly Difference["op"][] = ["added"];
const annotations = [".metadata.annotations"];
const labels = [".metadata.labels"];

export const toolMarks: readonly NoiseRule[] = [
  {
    name: "live-switches",
    reason: "a switch of Plumbline's own, set live: it steers writing and is no part of what Git declares",
    source: "drift semantics, section 7",
    kinds: ["*"],
    paths: annotations,
    keys: liveSwitches,
    ops: added,
    when: [],
  },
  {
    name: "check-requested",
    reason: "asks Plumbline to look now",
    source: "docs/annotations.md",
    kinds: ["plumbline.dev/Baseline"],
    paths: annotations,
    keys: [ours.requestedAt],
    ops: added,
    when: [],
  },
  {
    name: "argo-cd-tracking",
    reason: "Argo CD's mark of the application an object belongs to",
    source: "https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/",
    kinds: ["*"],
    paths: annotations,
    keys: ["argocd.argoproj.io/tracking-id", "argocd.argoproj.io/installation-id"],
    ops: added,
    when: [],
  },
  {
    name: "argo-cd-instance-label",
    reason: "Argo CD's mark of the application an object belongs to, written by Argo CD",
    source: "https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/; argo-cd#3603",
    kinds: ["*"],
    paths: labels,
    keys: ["app.kubernetes.io/instance"],
    ops: added,
    when: [{ is: "owned-by", managers: ["argocd*"] }],
  },
  {
    name: "helm-release",
    reason: "Helm's mark of the release an object belongs to",
    source: "https://helm.sh/docs/chart_best_practices/labels/; helm-controller (configures Helm metadata)",
    kinds: ["*"],
    paths: annotations,
    keys: ["meta.helm.sh/release-name", "meta.helm.sh/release-namespace"],
    ops: added,
    when: [],
  },
  {
    name: "helm-managed-by-label",
    reason: "Helm's mark of the objects it made",
    source: "https://helm.sh/docs/chart_best_practices/labels/",
    kinds: ["*"],
    paths: labels,
    keys: ["app.kubernetes.io/managed-by"],
    ops: added,
    when: [{ is: "live-names", names: ["Helm"] }],
  },
  {
    name: "flux-owner-labels",
    reason: "Flux's mark of the Kustomization or HelmRelease an object belongs to",
    source: "https://fluxcd.io/flux/components/kustomize/kustomizations/",
    kinds: ["*"],
    paths: labels,
    keys: [
      "kustomize.toolkit.fluxcd.io/name",
      "kustomize.toolkit.fluxcd.io/namespace",
      "helm.toolkit.fluxcd.io/name",
      "helm.toolkit.fluxcd.io/namespace",
    ],
    ops: added,
    when: [],
  },
  {
    name: "kapp-marks",
    reason: "kapp's mark of the app an object belongs to, and what it applied",
    source: "https://carvel.dev/kapp/docs/develop/",
    kinds: ["*"],
    paths: [...annotations, ...labels],
    keys: ["kapp.k14s.io/app", "kapp.k14s.io/association", "kapp.k14s.io/identity", "kapp.k14s.io/original*"],
    ops: added,
    when: [],
  },
  {
    name: "apply-set-label",
    reason: "kubectl's mark of the set an object was applied with",
    source: "https://kubernetes.io/docs/reference/labels-annotations-taints/#applyset-kubernetes-io-part-of",
    kinds: ["*"],
    paths: labels,
    keys: ["applyset.kubernetes.io/part-of"],
    ops: added,
    when: [],
  },
  {
    name: "inventory-mark",
    reason: "cli-utils' mark of the inventory an object belongs to",
    source: "https://github.com/kubernetes-sigs/cli-utils (config.k8s.io/owning-inventory)",
    kinds: ["*"],
    paths: annotations,
    keys: ["config.k8s.io/owning-inventory"],
    ops: added,
    when: [],
  },
  {
    name: "fleet-marks",
    reason: "Fleet's mark of the bundle an object belongs to, and what it applied",
    source: "https://fleet.rancher.io (objectset.rio.cattle.io)",
    kinds: ["*"],
    paths: [...annotations, ...labels],
    keys: ["objectset.rio.cattle.io/*"],
    ops: added,
    when: [],
  },
];
