/** One Pod volume per source. */
import { volume, type Row } from "./make.ts";

export const volumeObjects: readonly Row[] = [
  ["volume: none", volume({})],
  ["volume: null source", volume({ emptyDir: null })],
  ["volume: emptyDir", volume({ emptyDir: {} })],
  ["volume: emptyDir with size", volume({ emptyDir: { medium: "", sizeLimit: "1024Mi" } })],
  ["volume: hostPath", volume({ hostPath: { path: "/a" } })],
  ["volume: hostPath of a type", volume({ hostPath: { path: "/a", type: "Directory" } })],
  ["volume: secret", volume({ secret: { secretName: "s", items: [], optional: false } })],
  [
    "volume: secret of mode 0",
    volume({ secret: { secretName: "s", defaultMode: 0, items: [{ key: "k", path: "p", mode: 0 }] } }),
  ],
  ["volume: configMap", volume({ configMap: { name: "m" } })],
  [
    "volume: downwardAPI",
    volume({ downwardAPI: { items: [{ path: "p", fieldRef: { fieldPath: "metadata.name" } }] } }),
  ],
  [
    "volume: projected",
    volume({
      projected: {
        sources: [
          { serviceAccountToken: { path: "t" } },
          { configMap: { name: "m" } },
          { secret: { name: "s" } },
          { downwardAPI: { items: [{ path: "p", resourceFieldRef: { resource: "limits.cpu", containerName: "c" } }] } },
        ],
      },
    }),
  ],
  ["volume: claim", volume({ persistentVolumeClaim: { claimName: "p", readOnly: false } })],
  [
    "volume: ephemeral",
    volume({
      ephemeral: {
        volumeClaimTemplate: {
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1024Mi" } } },
        },
      },
    }),
  ],
  ["volume: csi", volume({ csi: { driver: "d", readOnly: false } })],
  ["volume: nfs", volume({ nfs: { server: "s", path: "/", readOnly: false } })],
  ["volume: iscsi", volume({ iscsi: { targetPortal: "1.2.3.4", iqn: "iqn.2001-04.com.example:a", lun: 0 } })],
  ["volume: rbd", volume({ rbd: { monitors: ["m"], image: "i" } })],
  ["volume: azureDisk", volume({ azureDisk: { diskName: "d", diskURI: "https://b.blob.core.windows.net/v/d.vhd" } })],
  ["volume: scaleIO", volume({ scaleIO: { gateway: "g", system: "s", secretRef: { name: "n" }, volumeName: "v" } })],
  ["volume: image", volume({ image: { reference: "a/b:1" } })],
  ["volume: fc", volume({ fc: { targetWWNs: ["a"], lun: 0 } })],

  ["volume: aws", volume({ awsElasticBlockStore: { volumeID: "v", partition: 0, fsType: "" } })],
  ["volume: azureFile", volume({ azureFile: { secretName: "s", shareName: "n" } })],
  ["volume: cephfs", volume({ cephfs: { monitors: ["m"], secretRef: { name: "s" } } })],
  ["volume: cinder", volume({ cinder: { volumeID: "v", secretRef: { name: "s" } } })],
  ["volume: flexVolume", volume({ flexVolume: { driver: "d/e", options: { a: "b" }, secretRef: { name: "s" } } })],
  ["volume: flocker", volume({ flocker: { datasetName: "d" } })],
  ["volume: gcePersistentDisk", volume({ gcePersistentDisk: { pdName: "p" } })],
  ["volume: gitRepo", volume({ gitRepo: { repository: "r" } })],
  ["volume: glusterfs", volume({ glusterfs: { endpoints: "e", path: "p" } })],
  ["volume: photon", volume({ photonPersistentDisk: { pdID: "p" } })],
  ["volume: portworx", volume({ portworxVolume: { volumeID: "v" } })],
  ["volume: quobyte", volume({ quobyte: { registry: "r:1", volume: "v" } })],
  ["volume: storageos", volume({ storageos: { volumeName: "v", secretRef: { name: "s" } } })],
  ["volume: vsphere", volume({ vsphereVolume: { volumePath: "p" } })],
  [
    "volume: scaleIO with mode",
    volume({
      scaleIO: { gateway: "g", system: "s", secretRef: { name: "n" }, volumeName: "v", storageMode: "", fsType: "" },
    }),
  ],
  [
    "volume: azureDisk with policies",
    volume({
      azureDisk: {
        diskName: "d",
        diskURI: "https://b.blob.core.windows.net/v/d.vhd",
        cachingMode: "None",
        fsType: "",
        readOnly: false,
        kind: "Shared",
      },
    }),
  ],
  [
    "volume: rbd with names",
    volume({ rbd: { monitors: ["m"], image: "i", pool: "", user: "", keyring: "", secretRef: { name: "s" } } }),
  ],
  [
    "volume: iscsi with names",
    volume({
      iscsi: {
        targetPortal: "1.2.3.4",
        iqn: "iqn.2001-04.com.example:a",
        lun: 0,
        iscsiInterface: "",
        portals: ["1.2.3.5"],
        secretRef: { name: "s" },
      },
    }),
  ],
  [
    "volume: csi with secret",
    volume({ csi: { driver: "d", fsType: "", volumeAttributes: { a: "b" }, nodePublishSecretRef: { name: "s" } } }),
  ],
  ["volume: image without reference", volume({ image: { reference: "a/b" } })],
  [
    "volume: trust bundles and certificates",
    volume({
      projected: {
        defaultMode: 0,
        sources: [
          { clusterTrustBundle: { name: "t", path: "p" } },
          { clusterTrustBundle: { signerName: "a.example.com/b", labelSelector: {}, path: "q", optional: false } },
        ],
      },
    }),
  ],
  [
    "volume: a certificate",
    volume({
      projected: {
        sources: [{ podCertificate: { signerName: "a.example.com/b", keyType: "RSA3072", credentialBundlePath: "p" } }],
      },
    }),
  ],
  [
    "volume: ephemeral with everything",
    volume({
      ephemeral: {
        volumeClaimTemplate: {
          metadata: { labels: { a: "b" }, annotations: {} },
          spec: {
            accessModes: ["ReadWriteOnce"],
            volumeMode: "Block",
            storageClassName: "",
            selector: { matchLabels: { a: "b" } },
            dataSource: { kind: "PersistentVolumeClaim", name: "p" },
            resources: { requests: { storage: "1024Mi" }, limits: { storage: "2048Mi" } },
          },
        },
      },
    }),
  ],
];
