/** Cases of the noise rules in `src/compare/noise-rules-storage.ts`. */
import type { Facts } from "../../../src/compare/facts.ts";
import { annotation, finalizer, type NoiseCases, world } from "./case.ts";

const claim = "v1 PersistentVolumeClaim";
const volume = "v1 PersistentVolume";
const bound = {
  metadata: { annotations: { "pv.kubernetes.io/bind-completed": "yes" } },
  spec: { volumeName: "pvc-1" },
};
const claimRef = { kind: "PersistentVolumeClaim", namespace: "shop", name: "data", uid: "c-1" };
const reserved = { kind: "PersistentVolumeClaim", namespace: "evil", name: "data" };

const marked = { metadata: { annotations: { "pv.kubernetes.io/bound-by-controller": "yes" } } };
const chosen = { ...marked, spec: { claimRef } };
const claims = ["PersistentVolumeClaim"];
const theClaim = (uid: string): Facts =>
  world(claims, {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "data", namespace: "shop", uid },
  });

export const storageCases: NoiseCases = {
  "claim-bound": {
    holds: [
      { kind: claim, path: ".spec.volumeName", live: "pvc-1", runs: bound },
      {
        kind: claim,
        path: ".spec.volumeName",
        live: "pvc-1",
        runs: bound,
        managers: ["kube-controller-manager"],
      },
    ],
    counts: [
      { kind: claim, path: ".spec.volumeName", live: "pvc-1" },
      {
        kind: claim,
        path: ".spec.volumeName",
        live: "pvc-1",
        runs: bound,
        managers: ["kubectl-edit"],
        byOwner: true,
      },
      { kind: claim, path: ".spec.volumeName", desired: "mine", live: "other" },
      { kind: claim, path: ".spec.resources.requests.storage", desired: "1Gi", live: "9Gi" },
    ],
  },
  "binding-marks": {
    holds: [
      { kind: claim, path: annotation("pv.kubernetes.io/bind-completed"), live: "yes", runs: bound },
      {
        kind: claim,
        path: annotation("pv.kubernetes.io/bound-by-controller"),
        live: "yes",
        runs: bound,
        managers: ["kube-controller-manager"],
      },
    ],
    counts: [
      { kind: claim, path: annotation("pv.kubernetes.io/bind-completed"), live: "yes" },
      { kind: claim, path: annotation("pv.kubernetes.io/bind-completed"), live: "no", runs: bound },
      { kind: claim, path: annotation("pv.kubernetes.io/other"), live: "yes", runs: bound },
      {
        kind: claim,
        path: annotation("pv.kubernetes.io/bind-completed"),
        live: "yes",
        runs: bound,
        managers: ["kubectl-annotate"],
        byOwner: true,
      },
    ],
  },
  "claim-provisioning-marks": {
    holds: [
      { kind: claim, path: annotation("volume.kubernetes.io/storage-provisioner"), live: "ebs.csi.aws.com" },
      { kind: claim, path: annotation("volume.kubernetes.io/selected-node"), live: "node-1.example" },
    ],
    counts: [
      { kind: claim, path: annotation("volume.kubernetes.io/storage-provisioner"), live: "a b" },
      { kind: volume, path: annotation("volume.kubernetes.io/storage-provisioner"), live: "ebs.csi.aws.com" },
      {
        kind: claim,
        path: annotation("volume.kubernetes.io/selected-node"),
        live: "node-1",
        managers: ["kubectl-annotate"],
        byOwner: true,
      },
    ],
  },
  "claim-in-use": {
    holds: [
      {
        kind: claim,
        path: finalizer("snapshot.storage.kubernetes.io/pvc-as-source-protection"),
        live: "snapshot.storage.kubernetes.io/pvc-as-source-protection",
      },
    ],
    counts: [
      {
        kind: claim,
        path: finalizer("snapshot.storage.kubernetes.io/hold"),
        live: "snapshot.storage.kubernetes.io/hold",
        managers: ["snapshot-controller"],
      },
      { kind: claim, path: finalizer("example.com/hold"), live: "example.com/hold", managers: ["my-operator"] },
    ],
  },
  "volume-bound": {
    holds: [
      { kind: volume, path: ".spec.claimRef", live: claimRef, runs: chosen },
      {
        kind: volume,
        path: ".spec.claimRef",
        live: claimRef,
        runs: chosen,
        facts: theClaim("c-1"),
        managers: ["kube-controller-manager"],
      },
    ],
    counts: [
      { kind: volume, path: ".spec.claimRef", live: reserved, runs: { ...marked, spec: { claimRef: reserved } } },
      { kind: volume, path: ".spec.claimRef", live: claimRef, runs: { spec: { claimRef } } },
      { kind: volume, path: ".spec.claimRef", live: claimRef, runs: chosen, facts: theClaim("c-2") },
      { kind: volume, path: ".spec.claimRef", live: claimRef, runs: chosen, facts: world(claims) },
      {
        kind: volume,
        path: ".spec.claimRef",
        live: claimRef,
        runs: chosen,
        managers: ["kubectl-edit"],
        byOwner: true,
      },
    ],
  },
  "volume-reserved-bound": {
    holds: [
      {
        kind: volume,
        path: ".spec.claimRef.uid",
        live: "c-1",
        runs: { spec: { claimRef } },
        managers: ["kube-controller-manager"],
      },
      { kind: volume, path: ".spec.claimRef.resourceVersion", live: "7", runs: { spec: { claimRef } } },
    ],
    counts: [
      { kind: volume, path: ".spec.claimRef.name", desired: "a", live: "b", runs: { spec: { claimRef } } },
      {
        kind: volume,
        path: ".spec.claimRef.uid",
        live: "c-1",
        runs: { spec: { claimRef } },
        facts: theClaim("c-2"),
      },
      {
        kind: volume,
        path: ".spec.claimRef.uid",
        live: "c-1",
        runs: { spec: { claimRef } },
        managers: ["kubectl-edit"],
        byOwner: true,
      },
    ],
  },
  "volume-bound-marks": {
    holds: [
      {
        kind: volume,
        path: annotation("pv.kubernetes.io/bound-by-controller"),
        live: "yes",
        runs: { spec: { claimRef } },
      },
    ],
    counts: [
      { kind: volume, path: annotation("pv.kubernetes.io/bound-by-controller"), live: "yes" },
      {
        kind: volume,
        path: annotation("pv.kubernetes.io/bound-by-controller"),
        live: "yes",
        runs: { spec: { claimRef } },
        managers: ["kubectl-annotate"],
        byOwner: true,
      },
      // They decide who deletes the volume, and with which Secret.
      { kind: volume, path: annotation("pv.kubernetes.io/provisioned-by"), live: "csi", runs: { spec: { claimRef } } },
      {
        kind: volume,
        path: annotation("volume.kubernetes.io/provisioner-deletion-secret-name"),
        live: "s",
        runs: { spec: { claimRef } },
      },
    ],
  },
  "volume-attached": {
    holds: [{ kind: volume, path: finalizer("external-attacher/ebs-csi"), live: "external-attacher/ebs-csi" }],
    counts: [
      { kind: volume, path: finalizer("example.com/hold"), live: "example.com/hold", managers: ["csi-attacher"] },
      { kind: claim, path: finalizer("external-attacher/ebs-csi"), live: "external-attacher/ebs-csi" },
    ],
  },
};
