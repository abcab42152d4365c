/**
 * Switches by which people already tell other tools to leave an object alone, as data. Found in Git, they stop
 * Plumbline's writes too, never its detection. Found only live they stop nothing: there they are drift.
 */
export type Act = "create" | "patch" | "delete";

export interface OptOutRow {
  readonly tool: string;
  readonly on: "annotation" | "label";
  readonly name: string;
  /** Lower case; a value matches where it is one of these, or holds one of these in a comma-separated list. Absent: any. */
  readonly values?: readonly string[];
  readonly stops: readonly Act[];
  readonly source: string;
}

const every: readonly Act[] = ["create", "patch", "delete"];

export const optOutRows: readonly OptOutRow[] = [
  {
    tool: "Argo CD",
    on: "annotation",
    name: "argocd.argoproj.io/skip-reconcile",
    values: ["true"],
    stops: every,
    source: "https://argo-cd.readthedocs.io/en/stable/user-guide/skip_reconcile/",
  },
  {
    tool: "Argo CD",
    on: "annotation",
    name: "argocd.argoproj.io/hook",
    stops: every,
    source: "https://argo-cd.readthedocs.io/en/stable/user-guide/resource_hooks/",
  },
  {
    tool: "Argo CD",
    on: "annotation",
    name: "argocd.argoproj.io/sync-options",
    values: ["prune=false", "prune=confirm", "delete=false", "delete=confirm"],
    stops: ["delete"],
    source: "https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/",
  },
  {
    tool: "Argo CD",
    on: "annotation",
    name: "argocd.argoproj.io/compare-options",
    values: ["ignoreextraneous"],
    stops: ["delete"],
    source: "https://argo-cd.readthedocs.io/en/stable/user-guide/compare-options/",
  },
  {
    tool: "Flux",
    on: "annotation",
    name: "kustomize.toolkit.fluxcd.io/reconcile",
    values: ["disabled"],
    stops: every,
    source: "https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources",
  },
  {
    tool: "Flux",
    on: "annotation",
    name: "kustomize.toolkit.fluxcd.io/ssa",
    values: ["ignore"],
    stops: every,
    source: "https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources",
  },
  {
    tool: "Flux",
    on: "annotation",
    name: "kustomize.toolkit.fluxcd.io/ssa",
    values: ["ifnotpresent"],
    stops: ["patch", "delete"],
    source: "https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources",
  },
  {
    tool: "Flux",
    on: "annotation",
    name: "kustomize.toolkit.fluxcd.io/prune",
    values: ["disabled"],
    stops: ["delete"],
    source: "https://fluxcd.io/flux/components/kustomize/kustomizations/#garbage-collection",
  },
  {
    tool: "Flux",
    on: "annotation",
    name: "helm.toolkit.fluxcd.io/driftDetection",
    values: ["disabled"],
    stops: every,
    source: "https://fluxcd.io/flux/components/helm/helmreleases/#drift-detection",
  },
  {
    tool: "Helm",
    on: "annotation",
    name: "helm.sh/hook",
    stops: every,
    source: "https://helm.sh/docs/topics/charts_hooks/",
  },
  {
    tool: "Helm",
    on: "annotation",
    name: "helm.sh/resource-policy",
    values: ["keep"],
    stops: ["delete"],
    source: "https://helm.sh/docs/howto/charts_tips_and_tricks/#tell-helm-not-to-uninstall-a-resource",
  },
  {
    tool: "Config Sync",
    on: "annotation",
    name: "client.lifecycle.config.k8s.io/mutation",
    values: ["ignore"],
    stops: ["patch", "delete"],
    source: "https://cloud.google.com/kubernetes-engine/config-sync/docs/how-to/ignore-object-mutations",
  },
  {
    tool: "cli-utils",
    on: "annotation",
    name: "client.lifecycle.config.k8s.io/deletion",
    values: ["detach"],
    stops: ["delete"],
    source: "https://github.com/kubernetes-sigs/cli-utils (pkg/common)",
  },
  {
    tool: "cli-utils",
    on: "annotation",
    name: "cli-utils.sigs.k8s.io/on-remove",
    values: ["keep"],
    stops: ["delete"],
    source: "https://github.com/kubernetes-sigs/cli-utils (pkg/common)",
  },
  {
    tool: "Config Sync",
    on: "annotation",
    name: "configmanagement.gke.io/managed",
    values: ["disabled"],
    stops: every,
    source: "https://cloud.google.com/kubernetes-engine/config-sync/docs/how-to/managing-objects",
  },
  {
    tool: "kapp",
    on: "annotation",
    name: "kapp.k14s.io/noop",
    stops: every,
    source: "https://carvel.dev/kapp/docs/develop/apply/",
  },
  {
    tool: "addon-manager",
    on: "label",
    name: "addonmanager.kubernetes.io/mode",
    values: ["ensureexists"],
    stops: ["patch", "delete"],
    source: "https://github.com/kubernetes/kubernetes/tree/master/cluster/addons/addon-manager",
  },
];

type Marks = Readonly<Record<string, string>>;

/** The first switch in Git that stops this act; undefined where none does. */
export function optOutOf(act: Act, annotations: Marks, labels: Marks): OptOutRow | undefined {
  return optOutRows.find((row) => {
    const marks = row.on === "label" ? labels : annotations;
    const value = Object.hasOwn(marks, row.name) ? marks[row.name] : undefined;
    if (value === undefined || !row.stops.includes(act)) return false;
    const said = new Set(value.split(",").map((part) => part.trim().toLowerCase()));
    return row.values === undefined || row.values.some((wanted) => said.has(wanted));
  });
}
