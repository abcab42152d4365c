/**
 * What volume controllers and storage drivers do to claims and volumes. The form of a row is in `noise-rule.ts`. Marks
 * of volumes that were made on demand are left out: such volumes are not declared, and on a declared one they decide
 * who deletes it and with which Secret.
 */
import { added, annotations, docs, finalizers, type NoiseRule } from "./noise-rule.ts";

export const storageRules: readonly NoiseRule[] = [
  {
    name: "claim-bound",
    reason: "the volume controllers choose the volume where Git leaves it open",
    safe: "a claim is bound once and can't be moved to another volume",
    abuse:
      "a volume other than the one Git names counts; so does a reservation, which lacks the mark of the binding, and a person's edit",
    source: `${docs}/concepts/storage/persistent-volumes/#binding; kapp default rebase rules`,
    kinds: ["/PersistentVolumeClaim"],
    paths: [".spec.volumeName"],
    ops: added,
    owner: "no-person",
    when: [
      { is: "git-empty" },
      { is: "live-has", path: ["metadata", "annotations", "pv.kubernetes.io/bind-completed"] },
    ],
  },
  {
    name: "binding-marks",
    reason: "the volume controller notes that it has bound the two",
    safe: "they say no more than the binding itself does",
    abuse: "a person's mark, and a mark on a claim that is bound to nothing, count: it would be given up as lost",
    source: `${docs}/reference/labels-annotations-taints/#pv-kubernetes-io-bind-completed`,
    kinds: ["/PersistentVolumeClaim"],
    paths: annotations,
    keys: ["pv.kubernetes.io/bind-completed", "pv.kubernetes.io/bound-by-controller"],
    ops: added,
    owner: "no-person",
    when: [
      { is: "live-names", names: ["yes"] },
      { is: "live-has", path: ["spec", "volumeName"] },
    ],
  },
  {
    name: "claim-provisioning-marks",
    reason: "the volume controller and the scheduler note who is to make the volume, and near which node",
    safe: "the driver asks the storage class too, which Git names or leaves to the cluster",
    abuse: "a person's mark counts, and text that is no name",
    source: `${docs}/reference/labels-annotations-taints/#volume-kubernetes-io-storage-provisioner`,
    kinds: ["/PersistentVolumeClaim"],
    paths: annotations,
    keys: [
      "volume.beta.kubernetes.io/storage-provisioner",
      "volume.kubernetes.io/storage-provisioner",
      "volume.kubernetes.io/storage-resizer",
      "volume.kubernetes.io/selected-node",
    ],
    ops: added,
    owner: "no-person",
    when: [{ is: "live-shape", shape: "name" }],
  },
  {
    name: "claim-in-use",
    reason: "drivers guard a claim that is being copied or snapshotted",
    safe: "without effect until the claim is deleted, and named then",
    abuse: "a finalizer of any other name counts, whoever it calls itself after",
    source:
      "https://github.com/kubernetes-csi/external-snapshotter; https://github.com/kubernetes-csi/external-provisioner",
    kinds: ["/PersistentVolumeClaim"],
    paths: finalizers,
    ops: added,
    owner: "anyone",
    when: [
      {
        is: "live-names",
        names: [
          "snapshot.storage.kubernetes.io/pvc-as-source-protection",
          "provisioner.storage.kubernetes.io/cloning-protection",
        ],
      },
    ],
  },
  {
    name: "volume-bound",
    reason: "the volume controller notes which claim it bound the volume to, and that the choice was its own",
    safe: "Git leaves the volume to any claim that fits, and whoever makes one gets it",
    abuse:
      "a reservation counts, which names no uid or is not marked as the controller's choice; so does a claim that is known not to be the one, and a person's edit",
    source: `${docs}/reference/labels-annotations-taints/#pv-kubernetes-io-bound-by-controller`,
    kinds: ["/PersistentVolume"],
    paths: [".spec.claimRef"],
    ops: added,
    owner: "no-person",
    when: [
      { is: "live-has", path: ["metadata", "annotations", "pv.kubernetes.io/bound-by-controller"] },
      { is: "bound-claim" },
    ],
  },
  {
    name: "volume-reserved-bound",
    reason: "the volume controller notes which claim it is that Git reserved the volume for",
    safe: "Git names the claim, and this is that claim",
    abuse: "another claim than Git's, a uid that is known to be another's, and a person's edit count",
    source: `${docs}/concepts/storage/persistent-volumes/#reserving-a-persistentvolume`,
    kinds: ["/PersistentVolume"],
    paths: [".spec.claimRef.uid", ".spec.claimRef.resourceVersion", ".spec.claimRef.apiVersion", ".spec.claimRef.kind"],
    ops: added,
    owner: "no-person",
    when: [{ is: "bound-claim" }],
  },
  {
    name: "volume-bound-marks",
    reason: "the volume controller notes that it chose the claim",
    safe: "it says that the binding may be undone when the claim goes",
    abuse: "a person's mark, and a mark on a volume that is bound to nothing, count",
    source: `${docs}/reference/labels-annotations-taints/#pv-kubernetes-io-bound-by-controller`,
    kinds: ["/PersistentVolume"],
    paths: annotations,
    keys: ["pv.kubernetes.io/bound-by-controller"],
    ops: added,
    owner: "no-person",
    when: [
      { is: "live-names", names: ["yes"] },
      { is: "live-has", path: ["spec", "claimRef", "uid"] },
    ],
  },
  {
    name: "volume-attached",
    reason: "the attacher and the provisioner guard the volume against being deleted while it is in use",
    safe: "without effect until the volume is deleted, and named then",
    abuse: "a finalizer of any other name counts, whoever it calls itself after",
    source:
      "https://github.com/kubernetes-csi/external-attacher; https://github.com/kubernetes-csi/external-provisioner",
    kinds: ["/PersistentVolume"],
    paths: finalizers,
    ops: added,
    owner: "anyone",
    when: [
      {
        is: "live-names",
        names: ["external-attacher/*", "external-provisioner.volume.kubernetes.io/finalizer"],
      },
    ],
  },
];
