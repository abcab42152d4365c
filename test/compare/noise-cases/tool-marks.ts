/** Cases of the noise rules in `src/compare/tool-marks.ts`. */
import { annotation, deployment, label, type NoiseCases } from "./case.ts";

const instance = {
  kind: deployment,
  path: label("app.kubernetes.io/instance"),
  live: "shop",
  git: { spec: { replicas: 2 } },
};

export const toolMarkCases: NoiseCases = {
  "live-switches": {
    holds: [
      {
        kind: deployment,
        path: annotation("plumbline.dev/remediate"),
        live: "enabled",
        managers: ["kubectl-annotate"],
      },
      { kind: deployment, path: annotation("plumbline.dev/pause-until"), live: "2026-12-01T00:00:00Z" },
      { kind: deployment, path: annotation("plumbline.dev/pause-reason"), live: "x" },
    ],
    counts: [
      { kind: deployment, path: annotation("plumbline.dev/remediate"), desired: "disabled", live: "enabled" },
      { kind: deployment, path: annotation("plumbline.dev/remediate"), desired: "disabled" },
      { kind: deployment, path: annotation("plumbline.dev/detect"), live: "disabled" },
      { kind: deployment, path: annotation("plumbline.dev/ignore"), live: ".spec" },
      { kind: deployment, path: annotation("plumbline.dev/severity"), live: "low" },
      { kind: deployment, path: label("plumbline.dev/remediate"), live: "enabled" },
      { kind: deployment, path: `.spec.template${annotation("plumbline.dev/remediate")}`, live: "enabled" },
    ],
  },
  "check-requested": {
    holds: [{ kind: "plumbline.dev/v1alpha1 Baseline", path: annotation("plumbline.dev/requested-at"), live: "now" }],
    counts: [{ kind: deployment, path: annotation("plumbline.dev/requested-at"), live: "now" }],
  },
  "baseline-switches": {
    holds: [
      { kind: "plumbline.dev/v1alpha1 Baseline", path: annotation("plumbline.dev/approve"), live: "c0ffee" },
      {
        kind: "plumbline.dev/v1alpha1 Baseline",
        path: annotation("plumbline.dev/windows-open-until"),
        live: "2026-12-01T00:00:00Z",
      },
      { kind: "plumbline.dev/v1alpha1 Baseline", path: annotation("plumbline.dev/rollback-to"), live: "c0ffee" },
      { kind: "plumbline.dev/v1alpha1 Baseline", path: annotation("plumbline.dev/rolled-back-from"), live: "c0ffee" },
    ],
    counts: [
      { kind: deployment, path: annotation("plumbline.dev/approve"), live: "c0ffee" },
      { kind: deployment, path: annotation("plumbline.dev/rollback-to"), live: "c0ffee" },
      {
        kind: "plumbline.dev/v1alpha1 Baseline",
        path: annotation("plumbline.dev/rollback-to"),
        desired: "a",
        live: "b",
      },
      { kind: "plumbline.dev/v1alpha1 Baseline", path: annotation("plumbline.dev/prune"), live: "disabled" },
    ],
  },
  "argo-cd-tracking": {
    holds: [
      { kind: deployment, path: annotation("argocd.argoproj.io/tracking-id"), live: "shop:apps/Deployment:shop/web" },
      { kind: "v1 Service", path: annotation("argocd.argoproj.io/tracking-id"), live: "shop:/Service:shop/web" },
    ],
    counts: [
      { kind: deployment, path: annotation("argocd.argoproj.io/tracking-id"), live: "shop:apps/Deployment:shop/api" },
      { kind: deployment, path: annotation("argocd.argoproj.io/compare-options"), live: "IgnoreExtraneous" },
      { kind: deployment, path: annotation("argocd.argoproj.io/tracking-id"), desired: "a", live: "b" },
    ],
  },
  "argo-cd-instance-label": {
    holds: [{ ...instance, managers: ["argocd-controller"], owns: [".spec.replicas"] }],
    counts: [
      { ...instance, managers: ["kubectl-label"], owns: [".spec.replicas"], byOwner: true },
      // A forged name has deployed nothing.
      { ...instance, managers: ["argocd-controller"], byOwner: true },
      { ...instance, managers: ["argocd-controller", "kubectl-label"], owns: [".spec.replicas"], byOwner: true },
      { ...instance, byOwner: true },
      { ...instance, kind: "v1 Pod", managers: ["argocd-controller"], owns: [".spec.replicas"] },
      {
        ...instance,
        path: `.spec.template${label("app.kubernetes.io/instance")}`,
        managers: ["argocd-controller"],
        owns: [".spec.replicas"],
      },
    ],
  },
  "helm-release": {
    holds: [{ kind: deployment, path: annotation("meta.helm.sh/release-name"), live: "web" }],
    counts: [
      { kind: deployment, path: annotation("meta.helm.sh/release-name"), desired: "a", live: "b" },
      { kind: deployment, path: annotation("helm.sh/resource-policy"), live: "keep" },
    ],
  },
  "flux-owner-labels": {
    holds: [{ kind: deployment, path: label("kustomize.toolkit.fluxcd.io/name"), live: "shop" }],
    counts: [
      { kind: deployment, path: label("kustomize.toolkit.fluxcd.io/reconcile"), live: "disabled" },
      { kind: deployment, path: annotation("kustomize.toolkit.fluxcd.io/reconcile"), live: "disabled" },
    ],
  },
  "kapp-marks": {
    holds: [{ kind: deployment, path: label("kapp.k14s.io/app"), live: "1" }],
    counts: [{ kind: deployment, path: annotation("kapp.k14s.io/noop"), live: "" }],
  },
  "apply-set-label": {
    holds: [{ kind: deployment, path: label("applyset.kubernetes.io/part-of"), live: "applyset-x" }],
    counts: [{ kind: deployment, path: annotation("applyset.kubernetes.io/part-of"), live: "applyset-x" }],
  },
  "inventory-mark": {
    holds: [{ kind: deployment, path: annotation("config.k8s.io/owning-inventory"), live: "x" }],
    counts: [{ kind: deployment, path: annotation("client.lifecycle.config.k8s.io/mutation"), live: "ignore" }],
  },
  "fleet-marks": {
    holds: [{ kind: deployment, path: annotation("objectset.rio.cattle.io/id"), live: "x" }],
    counts: [{ kind: deployment, path: annotation("cattle.io/x"), live: "x" }],
  },
  "argo-cd-installation": {
    holds: [{ kind: deployment, path: annotation("argocd.argoproj.io/installation-id"), live: "prod" }],
    counts: [{ kind: deployment, path: annotation("argocd.argoproj.io/sync-options"), live: "Prune=false" }],
  },
  "managed-by-label": {
    holds: [
      { kind: deployment, path: label("app.kubernetes.io/managed-by"), live: "Helm" },
      { kind: deployment, path: label("app.kubernetes.io/managed-by"), live: "configmanagement.gke.io" },
    ],
    counts: [
      { kind: deployment, path: label("app.kubernetes.io/managed-by"), live: "me" },
      { kind: deployment, path: label("app.kubernetes.io/managed-by"), desired: "me", live: "Helm" },
      { kind: deployment, path: `.spec.template${label("app.kubernetes.io/managed-by")}`, live: "Helm" },
    ],
  },
  "config-sync-marks": {
    holds: [{ kind: deployment, path: annotation("configmanagement.gke.io/managed"), live: "enabled" }],
    counts: [{ kind: deployment, path: annotation("configmanagement.gke.io/managed"), live: "disabled" }],
  },
  "config-sync-origin": {
    holds: [
      { kind: deployment, path: label("configsync.gke.io/declared-version"), live: "v1" },
      { kind: deployment, path: annotation("configsync.gke.io/resource-id"), live: "apps_deployment_shop_web" },
    ],
    counts: [{ kind: deployment, path: annotation("configsync.gke.io/deletion-propagation-policy"), live: "Orphan" }],
  },
  "flux-check-requested": {
    holds: [
      {
        kind: "source.toolkit.fluxcd.io/v1 GitRepository",
        path: annotation("reconcile.fluxcd.io/requestedAt"),
        live: "now",
      },
    ],
    counts: [
      { kind: deployment, path: annotation("reconcile.fluxcd.io/requestedAt"), live: "now" },
      { kind: "source.toolkit.fluxcd.io/v1 GitRepository", path: ".spec.suspend", live: true },
    ],
  },
};
