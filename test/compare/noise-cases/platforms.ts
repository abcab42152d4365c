/** Cases of the noise rules in `src/compare/noise-rules-platforms.ts`. */
import { annotated, annotation, deployment, finalizer, label, type NoiseCases } from "./case.ts";

const namespace = "v1 Namespace";
const range = { kind: namespace, path: annotation("openshift.io/sa.scc.uid-range"), live: "1000660000/10000" };
const level = { kind: namespace, path: annotation("openshift.io/sa.scc.mcs"), live: "s0:c26,c5" };
const allotted = annotated("openshift.io/sa.scc.uid-range", "1000660000/10000");
const warning = { kind: namespace, path: label("pod-security.kubernetes.io/warn"), live: "baseline" };
const syncer = ["cluster-policy-controller"];
const pullSecret = { kind: "v1 ServiceAccount", path: annotation("openshift.io/internal-registry-pull-secret-ref") };
const signed = {
  kind: "v1 Service",
  path: annotation("service.beta.openshift.io/serving-cert-signed-by"),
  live: "openshift-service-serving-signer@1",
};
const asked = annotated("service.beta.openshift.io/serving-cert-secret-name", "web-tls");

export const platformCases: NoiseCases = {
  "namespace-security-ranges": {
    holds: [range, { ...range, managers: syncer }],
    counts: [
      { ...range, live: "0/10000", managers: syncer },
      { ...range, live: "1000/10000", managers: syncer },
      { ...range, live: "1000660000/4294967295", managers: syncer },
      { ...range, managers: ["kubectl-edit"], byOwner: true },
      { kind: namespace, path: annotation("openshift.io/node-selector"), live: "a=b", managers: syncer },
    ],
  },
  "namespace-security-level": {
    holds: [level, { ...level, managers: syncer }],
    counts: [
      { ...level, live: "s0", managers: syncer },
      { ...level, live: "s0:c0.c1023", managers: syncer },
      { ...level, live: "s0:c5,c5", managers: syncer },
      { ...level, managers: ["kubectl-edit"], byOwner: true },
    ],
  },
  "namespace-security-warnings": {
    holds: [{ ...warning, runs: allotted, managers: syncer }],
    counts: [
      { ...warning, path: label("pod-security.kubernetes.io/enforce"), runs: allotted, managers: syncer },
      { ...warning, managers: syncer },
      { ...warning, runs: allotted, managers: ["kubectl-label"], byOwner: true },
      { ...warning, runs: allotted, byOwner: true },
    ],
  },
  "serving-certificate-marks": {
    holds: [{ ...signed, git: asked }],
    counts: [
      { ...signed, git: {}, runs: asked },
      {
        kind: "v1 Service",
        path: annotation("service.beta.openshift.io/serving-cert-secret-name"),
        live: "evil",
        git: asked,
      },
    ],
  },
  "registry-pull-secret-note": {
    holds: [{ ...pullSecret, live: "web-dockercfg-b7k2p" }],
    counts: [
      { ...pullSecret, live: "evil-dockercfg-b7k2p" },
      { ...pullSecret, live: "web-dockercfg-evil" },
    ],
  },
  "rancher-endpoints": {
    holds: [{ kind: deployment, path: annotation("field.cattle.io/publicEndpoints"), live: "[]" }],
    counts: [
      { kind: deployment, path: annotation("field.cattle.io/publicEndpoints"), live: "<a>" },
      { kind: namespace, path: annotation("field.cattle.io/projectId"), live: "c:p", managers: ["rancher"] },
    ],
  },
  "rancher-namespace-status": {
    holds: [{ kind: namespace, path: annotation("cattle.io/status"), live: '{"Conditions":[]}' }],
    counts: [
      { kind: namespace, path: annotation("cattle.io/status"), live: "text" },
      { kind: namespace, path: label("field.cattle.io/projectId"), live: "p", managers: ["rancher"] },
    ],
  },
  "rancher-namespace-finalizer": {
    holds: [
      {
        kind: namespace,
        path: finalizer("controller.cattle.io/namespace-auth"),
        live: "controller.cattle.io/namespace-auth",
      },
    ],
    counts: [
      {
        kind: namespace,
        path: finalizer("controller.cattle.io/hold"),
        live: "controller.cattle.io/hold",
        managers: ["rancher"],
      },
    ],
  },
  "autopilot-note": {
    holds: [{ kind: deployment, path: annotation("autopilot.gke.io/resource-adjustment"), live: '{"modified":true}' }],
    counts: [
      { kind: deployment, path: annotation("autopilot.gke.io/resource-adjustment"), live: "yes" },
      {
        kind: deployment,
        path: '.spec.template.spec.containers[name="web"].resources',
        live: { limits: { cpu: "9" } },
      },
    ],
  },
  "restored-from-backup": {
    holds: [{ kind: deployment, path: label("velero.io/restore-name"), live: "nightly-20260101" }],
    counts: [
      { kind: deployment, path: `.spec.template${label("velero.io/restore-name")}`, live: "nightly" },
      { kind: deployment, path: label("velero.io/exclude-from-backup"), live: "true" },
    ],
  },
};
