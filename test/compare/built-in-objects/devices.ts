/** Dynamic resource allocation. */
import { make, type Row } from "./make.ts";

export const deviceObjects: readonly Row[] = [
  [
    "ResourceClaim: exactly",
    make("resource.k8s.io/v1", "ResourceClaim", {
      spec: { devices: { requests: [{ name: "r", exactly: { deviceClassName: "c" } }] } },
    }),
  ],
  [
    "ResourceClaim: first available",
    make("resource.k8s.io/v1", "ResourceClaimTemplate", {
      spec: {
        spec: {
          devices: {
            requests: [{ name: "r", firstAvailable: [{ name: "s", deviceClassName: "c", allocationMode: "All" }] }],
          },
        },
      },
    }),
  ],

  ["DeviceClass: least", make("resource.k8s.io/v1", "DeviceClass", { spec: {} })],
  [
    "DeviceClass: everything",
    make("resource.k8s.io/v1", "DeviceClass", {
      spec: {
        selectors: [{ cel: { expression: "true" } }],
        config: [{ opaque: { driver: "d.example.com", parameters: { a: null, b: {} } } }],
        extendedResourceName: "example.com/gpu",
      },
    }),
  ],
  [
    "ResourceClaim: everything",
    make("resource.k8s.io/v1", "ResourceClaim", {
      spec: {
        devices: {
          requests: [
            {
              name: "r",
              exactly: {
                deviceClassName: "c",
                allocationMode: "ExactCount",
                count: 2,
                selectors: [{ cel: { expression: "true" } }],
                tolerations: [
                  { key: "a", operator: "Exists" },
                  { key: "b", value: "c", effect: "NoExecute" },
                ],
                capacity: { requests: { memory: "1024Mi" } },
              },
            },
            { name: "all", exactly: { deviceClassName: "c", allocationMode: "All" } },
          ],
          constraints: [{ requests: ["r"], matchAttribute: "a.example.com/b" }],
          config: [{ requests: [], opaque: { driver: "d.example.com", parameters: {} } }],
        },
      },
    }),
  ],
  ["ResourceClaim: nothing", make("resource.k8s.io/v1", "ResourceClaim", { spec: {} })],
  [
    "ResourceClaim: a subrequest with tolerations",
    make("resource.k8s.io/v1", "ResourceClaim", {
      spec: {
        devices: {
          requests: [
            {
              name: "r",
              firstAvailable: [
                {
                  name: "s",
                  deviceClassName: "c",
                  tolerations: [{ key: "a", value: "b" }],
                  selectors: [{ cel: { expression: "true" } }],
                },
              ],
            },
          ],
        },
      },
    }),
  ],
  [
    "ResourceSlice: of a node",
    make("resource.k8s.io/v1", "ResourceSlice", {
      spec: {
        driver: "d.example.com",
        nodeName: "n",
        pool: { name: "p", generation: 0, resourceSliceCount: 1 },
        devices: [
          {
            name: "a",
            attributes: { a: { string: "" }, b: { int: 0 }, c: { bool: false }, d: { version: "1.2.3" } },
            capacity: { memory: { value: "1024Mi" } },
            taints: [{ key: "k", effect: "NoSchedule" }],
          },
        ],
      },
    }),
  ],
  [
    "ResourceSlice: capacity by policy",
    make("resource.k8s.io/v1", "ResourceSlice", {
      spec: {
        driver: "d.example.com",
        allNodes: true,
        pool: { name: "p", generation: 1, resourceSliceCount: 1 },
        devices: [
          {
            name: "a",
            allowMultipleAllocations: true,
            capacity: {
              memory: {
                value: "4Gi",
                requestPolicy: { default: "1024Mi", validRange: { min: "1Gi", max: "4Gi", step: "1Gi" } },
              },
              cores: { value: 4, requestPolicy: { default: 1, validValues: [1, "2000m"] } },
            },
          },
        ],
      },
    }),
  ],
  [
    "ResourceSlice: by devices",
    make("resource.k8s.io/v1", "ResourceSlice", {
      spec: {
        driver: "d.example.com",
        perDeviceNodeSelection: true,
        pool: { name: "p", generation: 1, resourceSliceCount: 1 },
        devices: [
          { name: "a", nodeName: "n", consumesCounters: [] },
          { name: "b", allNodes: true },
          {
            name: "c",
            nodeSelector: { nodeSelectorTerms: [{ matchExpressions: [{ key: "a", operator: "In", values: ["b"] }] }] },
          },
        ],
      },
    }),
  ],
  [
    "ResourceSlice: counters",
    make("resource.k8s.io/v1", "ResourceSlice", {
      spec: {
        driver: "d.example.com",
        nodeName: "n",
        pool: { name: "p", generation: 1, resourceSliceCount: 2 },
        sharedCounters: [{ name: "s", counters: { memory: { value: "1024Mi" } } }],
      },
    }),
  ],
  [
    "ResourceSlice: consumers",
    make("resource.k8s.io/v1", "ResourceSlice", {
      spec: {
        driver: "d.example.com",
        nodeSelector: { nodeSelectorTerms: [{ matchExpressions: [{ key: "a", operator: "In", values: ["b"] }] }] },
        pool: { name: "p", generation: 1, resourceSliceCount: 2 },
        devices: [{ name: "a", consumesCounters: [{ counterSet: "s", counters: { memory: { value: "1Gi" } } }] }],
      },
    }),
  ],
];
