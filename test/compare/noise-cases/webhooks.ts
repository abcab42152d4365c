/** Cases of the noise rules in `src/compare/noise-rules-webhooks.ts`. */
import { annotated, annotation, label, labelled, type NoiseCases } from "./case.ts";

const webhook = "admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration";
const bundle = '.webhooks[name="a"].clientConfig.caBundle';
const trusted = labelled("config.openshift.io/inject-trusted-cabundle", "true");
const knative = labelled("app.kubernetes.io/part-of", "knative-serving");
const rules = (...apiGroups: readonly string[]) => [
  { apiGroups, apiVersions: ["*"], operations: ["*"], resources: ["*"] },
];
const knativeRules = { kind: webhook, path: '.webhooks[name="a"].rules', git: knative };
const istiod = labelled("app", "istiod");
const failure = { kind: webhook, path: '.webhooks[name="a"].failurePolicy' };
const policy = "kyverno.io/v1 ClusterPolicy";
const copied = annotated("replicator.v1.mittwald.de/replicate-from", "vault/tls");

export const webhookCases: NoiseCases = {
  "ca-bundle-left-empty": {
    holds: [
      { kind: webhook, path: bundle, live: "Q0E=" },
      { kind: webhook, path: bundle, desired: "", live: "Q0E=" },
      { kind: webhook, path: bundle, desired: "Cg==", live: "Q0E=" },
      { kind: "apiregistration.k8s.io/v1 APIService", path: ".spec.caBundle", live: "Q0E=" },
    ],
    counts: [
      { kind: webhook, path: bundle, desired: "UEVN", live: "Q0E=" },
      { kind: webhook, path: '.webhooks[name="a"].clientConfig.url', live: "https://evil.example" },
      { kind: "example.com/v1 Widget", path: ".spec.caBundle", live: "Q0E=" },
    ],
  },
  "ca-bundle-by-injector": {
    holds: [
      { kind: webhook, path: bundle, desired: "UEVN", live: "Q0E=", git: annotated("cert-manager.io/inject-ca-from") },
    ],
    counts: [
      {
        kind: webhook,
        path: bundle,
        desired: "UEVN",
        live: "Q0E=",
        git: {},
        runs: annotated("cert-manager.io/inject-ca-from"),
      },
      { kind: webhook, path: bundle, desired: "UEVN", git: annotated("cert-manager.io/inject-ca-from") },
    ],
  },
  "prometheus-rule-validated": {
    holds: [
      {
        kind: "monitoring.coreos.com/v1 PrometheusRule",
        path: annotation("prometheus-operator-validated"),
        live: "true",
      },
    ],
    counts: [
      { kind: "monitoring.coreos.com/v1 PrometheusRule", path: annotation("prometheus-operator-validated"), live: "x" },
    ],
  },
  "trusted-ca-config-map": {
    holds: [{ kind: "v1 ConfigMap", path: '.data["ca-bundle.crt"]', live: "CA", git: trusted }],
    counts: [
      { kind: "v1 ConfigMap", path: '.data["ca-bundle.crt"]', live: "CA", git: {}, runs: trusted },
      { kind: "v1 ConfigMap", path: ".data.other", live: "CA", git: trusted },
    ],
  },
  "service-ca-config-map": {
    holds: [
      {
        kind: "v1 ConfigMap",
        path: '.data["service-ca.crt"]',
        live: "CA",
        git: annotated("service.beta.openshift.io/inject-cabundle", "true"),
      },
    ],
    counts: [
      {
        kind: "v1 ConfigMap",
        path: '.data["service-ca.crt"]',
        live: "CA",
        git: annotated("service.beta.openshift.io/inject-cabundle", "false"),
      },
      { kind: "v1 ConfigMap", path: '.data["service-ca.crt"]', live: "CA" },
    ],
  },
  "knative-webhook-rules": {
    holds: [{ ...knativeRules, live: rules("serving.knative.dev", "autoscaling.internal.knative.dev") }],
    counts: [
      { ...knativeRules, live: rules("serving.knative.dev", "apps") },
      { ...knativeRules, live: rules("*") },
      { ...knativeRules, live: rules() },
      { ...knativeRules, live: rules("serving.knative.dev"), git: {}, runs: knative },
      { ...knativeRules, desired: rules("eventing.knative.dev"), live: rules("serving.knative.dev") },
    ],
  },
  "istio-validation-on": {
    holds: [{ ...failure, desired: "Ignore", live: "Fail", git: istiod }],
    counts: [
      { ...failure, desired: "Fail", live: "Ignore", git: istiod },
      { ...failure, desired: "Ignore", live: "Fail" },
      { ...failure, desired: "Ignore", live: "Fail", git: {}, runs: istiod },
      { ...failure, desired: "Ignore", git: istiod },
    ],
  },
  "certificate-marks": {
    holds: [
      { kind: "v1 Secret", path: annotation("cert-manager.io/issuer-name"), live: "ca", managers: ["cert-manager"] },
      { kind: "v1 Secret", path: label("controller.cert-manager.io/fao"), live: "true", managers: ["cert-manager"] },
    ],
    counts: [
      {
        kind: "v1 Secret",
        path: annotation("cert-manager.io/allow-direct-injection"),
        live: "true",
        managers: ["cert-manager"],
      },
      { kind: "v1 Secret", path: '.data["tls.key"]', live: "eA==", managers: ["cert-manager"] },
      {
        kind: "v1 Secret",
        path: annotation("cert-manager.io/issuer-name"),
        live: "ca",
        managers: ["kubectl-annotate"],
        byOwner: true,
      },
    ],
  },
  "copied-content": {
    holds: [{ kind: "v1 Secret", path: ".data.token", live: "eA==", git: copied }],
    counts: [
      { kind: "v1 Secret", path: ".data.token", live: "eA==", git: { ...copied, data: { other: "eA==" } } },
      { kind: "v1 Secret", path: ".data.token", live: "eA==", git: { ...copied, stringData: { other: "x" } } },
      { kind: "v1 Secret", path: ".data.token", live: "eA==", git: {}, runs: copied },
    ],
  },
  "copier-marks": {
    holds: [
      { kind: "v1 Secret", path: annotation("replicator.v1.mittwald.de/replicated-at"), live: "2026", git: copied },
    ],
    counts: [
      {
        kind: "v1 Secret",
        path: annotation("replicator.v1.mittwald.de/replicated-at"),
        live: "2026",
        git: {},
        runs: copied,
      },
      { kind: "v1 Secret", path: annotation("replicator.v1.mittwald.de/replicate-from"), live: "evil/tls" },
    ],
  },
  "policy-empty-stanzas": {
    holds: [
      { kind: policy, path: ".spec.rules[0].mutate", live: {} },
      { kind: policy, path: ".spec.rules[0].exclude", live: { resources: {} } },
      { kind: policy, path: ".spec.rules[0].exclude.resources", live: {} },
    ],
    counts: [
      { kind: policy, path: ".spec.rules[0].exclude", live: { resources: { kinds: ["Pod"] } } },
      { kind: policy, path: ".spec.rules[0].exclude", live: { any: [{ subjects: [""] }] } },
      { kind: policy, path: ".spec.rules[0].validate", desired: { message: "no" }, live: {} },
      { kind: policy, path: ".spec.rules[0].match", live: {} },
    ],
  },
};
