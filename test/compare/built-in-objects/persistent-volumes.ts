/** One persistent volume per source, and claims. */
import { claim, volumeObject, type Row } from "./make.ts";

export const persistentVolumeObjects: readonly Row[] = [
  ["volume object: aws", volumeObject({ awsElasticBlockStore: { volumeID: "v" } })],
  [
    "volume object: azureDisk",
    volumeObject({ azureDisk: { diskName: "d", diskURI: "https://b.blob.core.windows.net/v/d.vhd" } }),
  ],
  ["volume object: azureFile", volumeObject({ azureFile: { secretName: "s", shareName: "n", secretNamespace: "m" } })],
  ["volume object: cephfs", volumeObject({ cephfs: { monitors: ["m"], secretRef: { name: "s", namespace: "" } } })],
  ["volume object: cinder", volumeObject({ cinder: { volumeID: "v", secretRef: { name: "s", namespace: "n" } } })],
  ["volume object: fc", volumeObject({ fc: { wwids: ["w"] } })],
  ["volume object: flexVolume", volumeObject({ flexVolume: { driver: "d/e", secretRef: { name: "s" } } })],
  ["volume object: flocker", volumeObject({ flocker: { datasetUUID: "d" } })],
  ["volume object: gcePersistentDisk", volumeObject({ gcePersistentDisk: { pdName: "p" } })],
  ["volume object: glusterfs", volumeObject({ glusterfs: { endpoints: "e", path: "p" } })],
  [
    "volume object: local",
    volumeObject({
      local: { path: "/a" },
      storageClassName: "",
      nodeAffinity: {
        required: { nodeSelectorTerms: [{ matchExpressions: [{ key: "a", operator: "In", values: ["b"] }] }] },
      },
    }),
  ],
  ["volume object: photon", volumeObject({ photonPersistentDisk: { pdID: "p" } })],
  ["volume object: portworx", volumeObject({ portworxVolume: { volumeID: "v" } })],
  ["volume object: quobyte", volumeObject({ quobyte: { registry: "r:1", volume: "v" } })],
  ["volume object: rbd", volumeObject({ rbd: { monitors: ["m"], image: "i", secretRef: { name: "s" } } })],
  [
    "volume object: scaleIO",
    volumeObject({ scaleIO: { gateway: "g", system: "s", secretRef: { name: "n" }, volumeName: "v" } }),
  ],
  [
    "volume object: storageos",
    volumeObject({ storageos: { volumeName: "v", volumeNamespace: "n", secretRef: { name: "s", namespace: "n" } } }),
  ],
  ["volume object: vsphere", volumeObject({ vsphereVolume: { volumePath: "p" } })],
  [
    "volume object: secrets of csi",
    volumeObject({
      csi: {
        driver: "d",
        volumeHandle: "h",
        readOnly: false,
        volumeAttributes: {},
        controllerExpandSecretRef: { name: "a", namespace: "b" },
        nodeStageSecretRef: { name: "a", namespace: "b" },
      },
      volumeAttributesClassName: "c",
    }),
  ],
  [
    "volume object: bound",
    volumeObject({
      hostPath: { path: "/a" },
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", name: "a", namespace: "b", uid: "" },
    }),
  ],
  [
    "claim: block",
    claim({
      volumeMode: "Block",
      selector: { matchExpressions: [{ key: "a", operator: "Exists" }] },
      volumeAttributesClassName: "c",
    }),
  ],
  [
    "claim: source of a group",
    claim({ dataSource: { apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name: "s" } }),
  ],
  [
    "claim: source reference of a group",
    claim({ dataSourceRef: { apiGroup: "example.com", kind: "Populator", name: "s" } }),
  ],
  ["claim: empty group", claim({ dataSource: { apiGroup: "", kind: "PersistentVolumeClaim", name: "p" } })],
  [
    "claim: empty group of a reference",
    claim({ dataSourceRef: { apiGroup: "", kind: "PersistentVolumeClaim", name: "p" } }),
  ],
  [
    "claim: reference into a namespace",
    claim({ dataSourceRef: { apiGroup: "example.com", kind: "Populator", name: "s", namespace: "other" } }),
  ],
  [
    "claim: empty namespace of a reference",
    claim({ dataSourceRef: { apiGroup: "example.com", kind: "Populator", name: "s", namespace: "" } }),
  ],
  ["claim: limits", claim({ resources: { requests: { storage: "1024Mi" }, limits: { storage: "2048Mi" } } })],
];
