/**
 * What controllers of the cluster itself do to objects after they were written, as data: one row for each reason why a
 * difference is not drift. A row holds only for the exact circumstances it names; a hand edit of the same field under
 * other circumstances counts. `suppress` is the interpreter; marks of deployment tools are in `tool-marks.ts`.
 */
import type { Difference } from "./difference.ts";

export type Condition =
  /** An autoscaler of the object's namespace targets it, and live is a whole number within its bounds. */
  | { readonly is: "autoscaled" }
  /** Git has nothing there, or an empty placeholder. */
  | { readonly is: "git-empty" }
  /** The object carries one of these annotations in Git. */
  | { readonly is: "git-annotation"; readonly names: readonly string[] }
  /** The object carries this label in Git, with this value. */
  | { readonly is: "git-label"; readonly name: string; readonly value: string }
  /** Git says exactly this at the top-level field. */
  | { readonly is: "git-field"; readonly name: string; readonly value: string }
  /** The top-level field is there in Git and in live. */
  | { readonly is: "both-have"; readonly name: string }
  /** Somebody is known to own it, and all who do are controllers by name. */
  | { readonly is: "controllers-only" }
  /** Nobody known to own it is a person's tool or a deployer. */
  | { readonly is: "not-by-hand" }
  /** Somebody is known to own it, and all who do match one of these names. */
  | { readonly is: "owned-by"; readonly managers: readonly string[] }
  /** Each live string, or each added item's `name`, matches one of these; `$name` is the object's own name. */
  | { readonly is: "live-names"; readonly names: readonly string[] }
  /** Live is a string of digits. */
  | { readonly is: "live-digits" }
  /** Live is the object's own name. */
  | { readonly is: "live-own-name" }
  /** The object is called so. */
  | { readonly is: "named"; readonly name: string };

export interface NoiseRule {
  readonly name: string;
  readonly reason: string;
  /** Where the behaviour is described. */
  readonly source: string;
  /** `group/Kind`, `/Kind` for the core group, `*` for any run of characters. */
  readonly kinds: readonly string[];
  /** Typed paths; the row holds at and below them. */
  readonly paths: readonly string[];
  /** Only map entries right below a path whose key matches one of these. */
  readonly keys?: readonly string[];
  readonly ops: readonly Difference["op"][];
  /** All must hold. */
  readonly when: readonly Condition[];
}

const docs = "https://kubernetes.io/docs";
const added: readonly Difference["op"][] = ["added"];
const addedOrChanged: readonly Difference["op"][] = ["added", "changed"];
const labels = [".metadata.labels"];
const annotations = [".metadata.annotations"];
const caBundles = [
  ".webhooks[*].clientConfig.caBundle",
  ".spec.caBundle",
  ".spec.conversion.webhook.clientConfig.caBundle",
];
const caBundleKinds = [
  "admissionregistration.k8s.io/MutatingWebhookConfiguration",
  "admissionregistration.k8s.io/ValidatingWebhookConfiguration",
  "apiregistration.k8s.io/APIService",
  "apiextensions.k8s.io/CustomResourceDefinition",
];

export const clusterRules: readonly NoiseRule[] = [
  {
    name: "replicas-owned-by-autoscaler",
    reason: "an autoscaler sets the replicas of this object, and they are within its bounds",
    source: `${docs}/concepts/workloads/autoscaling/horizontal-pod-autoscale/; argo-cd docs/operator-manual; fleet Test_Diff_HPA`,
    kinds: ["*"],
    paths: [".spec.replicas"],
    ops: addedOrChanged,
    when: [{ is: "autoscaled" }],
  },
  {
    name: "deployment-revision",
    reason: "the Deployment controller numbers its rollouts",
    source: `${docs}/concepts/workloads/controllers/deployment/#checking-rollout-history-of-a-deployment`,
    kinds: ["apps/Deployment", "apps/ReplicaSet"],
    paths: annotations,
    keys: ["deployment.kubernetes.io/revision"],
    ops: addedOrChanged,
    when: [{ is: "live-digits" }],
  },
  {
    name: "ca-bundle-left-empty",
    reason: "Git leaves the CA bundle empty, for an injector to fill in",
    source: "https://cert-manager.io/docs/concepts/ca-injector/; argo-cd#1487; metallb#2571",
    kinds: caBundleKinds,
    paths: caBundles,
    ops: addedOrChanged,
    when: [{ is: "git-empty" }],
  },
  {
    name: "ca-bundle-by-injector",
    reason: "an annotation in Git hands the CA bundle to an injector",
    source: "https://cert-manager.io/docs/concepts/ca-injector/; https://docs.openshift.com (service CA operator)",
    kinds: caBundleKinds,
    paths: caBundles,
    ops: addedOrChanged,
    when: [
      {
        is: "git-annotation",
        names: [
          "cert-manager.io/inject-ca-from",
          "cert-manager.io/inject-ca-from-secret",
          "cert-manager.io/inject-apiserver-ca",
          "service.beta.openshift.io/inject-cabundle",
          "service.alpha.openshift.io/inject-cabundle",
        ],
      },
    ],
  },
  {
    name: "trusted-ca-config-map",
    reason: "a label in Git asks the cluster to fill in its trusted CA bundle",
    source: "library-go resourceapply: injected CA bundles are not mutated",
    kinds: ["/ConfigMap"],
    paths: [".data"],
    keys: ["ca-bundle.crt"],
    ops: addedOrChanged,
    when: [{ is: "git-label", name: "config.openshift.io/inject-trusted-cabundle", value: "true" }],
  },
  {
    name: "service-ca-config-map",
    reason: "an annotation in Git asks the service CA operator to fill in its bundle",
    source: "https://docs.openshift.com (service CA operator)",
    kinds: ["/ConfigMap"],
    paths: [".data"],
    keys: ["service-ca.crt"],
    ops: addedOrChanged,
    when: [{ is: "git-annotation", names: ["service.beta.openshift.io/inject-cabundle"] }],
  },
  {
    name: "aggregated-cluster-role-rules",
    reason: "the rules of an aggregated ClusterRole are gathered from the roles its labels select",
    source: `${docs}/reference/access-authn-authz/rbac/#aggregated-clusterroles`,
    kinds: ["rbac.authorization.k8s.io/ClusterRole"],
    paths: [".rules"],
    ops: ["added", "changed", "removed"],
    when: [{ is: "both-have", name: "aggregationRule" }],
  },
  {
    name: "claim-bound",
    reason:
      "the volume controllers choose the volume and its class where Git leaves them open; both are immutable after",
    source: `${docs}/concepts/storage/persistent-volumes/#binding; kapp default rebase rules`,
    kinds: ["/PersistentVolumeClaim"],
    paths: [".spec.volumeName"],
    ops: added,
    when: [{ is: "git-empty" }],
  },
  {
    name: "claim-binding-marks",
    reason: "the volume controllers and the scheduler note how they bound the claim",
    source: `${docs}/reference/labels-annotations-taints/#pv-kubernetes-io-bind-completed`,
    kinds: ["/PersistentVolumeClaim", "/PersistentVolume"],
    paths: annotations,
    keys: [
      "pv.kubernetes.io/bind-completed",
      "pv.kubernetes.io/bound-by-controller",
      "pv.kubernetes.io/provisioned-by",
      "volume.kubernetes.io/provisioner-deletion-secret-*",
      "volume.beta.kubernetes.io/storage-provisioner",
      "volume.kubernetes.io/storage-provisioner",
      "volume.kubernetes.io/storage-resizer",
      "volume.kubernetes.io/selected-node",
    ],
    ops: added,
    when: [{ is: "not-by-hand" }],
  },
  {
    name: "volume-bound",
    reason: "the volume controller notes which claim it bound the volume to",
    source: `${docs}/concepts/storage/persistent-volumes/#binding`,
    kinds: ["/PersistentVolume"],
    paths: [".spec.claimRef"],
    ops: added,
    when: [{ is: "not-by-hand" }],
  },
  {
    name: "service-account-tokens",
    reason: "token and registry controllers list the Secrets they made for this ServiceAccount",
    source: `${docs}/concepts/security/service-accounts/; https://docs.openshift.com; stackrox#12124`,
    kinds: ["/ServiceAccount"],
    paths: [".secrets", ".imagePullSecrets"],
    ops: addedOrChanged,
    when: [{ is: "live-names", names: ["$name-token-*", "$name-dockercfg-*"] }],
  },
  {
    name: "service-account-token-secret",
    reason: "the token controller fills in the Secret that Git asks it to fill",
    source: `${docs}/concepts/configuration/secret/#service-account-token-secrets`,
    kinds: ["/Secret"],
    paths: [".data"],
    keys: ["token", "ca.crt", "namespace"],
    ops: added,
    when: [{ is: "git-field", name: "type", value: "kubernetes.io/service-account-token" }],
  },
  {
    name: "service-account-token-marks",
    reason: "the token controller notes whose token it is and when it was last used",
    source: `${docs}/reference/labels-annotations-taints/#kubernetes-io-legacy-token-last-used`,
    kinds: ["/Secret"],
    paths: [...labels, ...annotations],
    keys: ["kubernetes.io/service-account.uid", "kubernetes.io/legacy-token-last-used"],
    ops: added,
    when: [{ is: "git-field", name: "type", value: "kubernetes.io/service-account-token" }],
  },
  {
    name: "namespace-name-label",
    reason: "the API server labels each namespace with its name",
    source: `${docs}/reference/labels-annotations-taints/#kubernetes-io-metadata-name`,
    kinds: ["/Namespace"],
    paths: labels,
    keys: ["kubernetes.io/metadata.name"],
    ops: added,
    when: [{ is: "live-own-name" }],
  },
  {
    name: "namespace-finalizer",
    reason: "the API server gives each namespace the finalizer that empties it",
    source: `${docs}/concepts/overview/working-with-objects/namespaces/`,
    kinds: ["/Namespace"],
    paths: [".spec.finalizers"],
    ops: added,
    when: [{ is: "live-names", names: ["kubernetes"] }],
  },
  {
    name: "namespace-security-ranges",
    reason: "OpenShift allots user and SELinux ranges to each namespace",
    source: "https://docs.openshift.com (security context constraints); kapp default rebase rules",
    kinds: ["/Namespace"],
    paths: annotations,
    keys: ["openshift.io/sa.scc.mcs", "openshift.io/sa.scc.supplemental-groups", "openshift.io/sa.scc.uid-range"],
    ops: added,
    when: [{ is: "not-by-hand" }],
  },
];
