/** Networking: policies, Ingresses and what serves them. */
import { make, networkPolicy, type Row } from "./make.ts";

export const networkingObjects: readonly Row[] = [
  ["NetworkPolicy: least", networkPolicy({})],
  ["NetworkPolicy: no ingress", networkPolicy({ ingress: [] })],
  ["NetworkPolicy: all ingress", networkPolicy({ ingress: [{}] })],
  ["NetworkPolicy: egress", networkPolicy({ egress: [{ ports: [{ port: 53 }] }] })],
  ["NetworkPolicy: no egress", networkPolicy({ egress: [] })],
  ["NetworkPolicy: empty types", networkPolicy({ policyTypes: [], egress: [{}] })],
  [
    "NetworkPolicy: peers",
    networkPolicy({ ingress: [{ from: [], ports: [] }, { from: [{ podSelector: {} }, { namespaceSelector: {} }] }] }),
  ],
  [
    "NetworkPolicy: ports",
    networkPolicy({ ingress: [{ ports: [{}, { port: "http" }, { protocol: "UDP", port: 1, endPort: 2 }] }] }),
  ],
  [
    "Ingress: least",
    make("networking.k8s.io/v1", "Ingress", {
      spec: { defaultBackend: { service: { name: "s", port: { number: 80 } } } },
    }),
  ],
  [
    "Ingress: rules",
    make("networking.k8s.io/v1", "Ingress", {
      spec: {
        ingressClassName: "c",
        rules: [
          {
            host: "",
            http: {
              paths: [
                {
                  path: "",
                  pathType: "ImplementationSpecific",
                  backend: { service: { name: "s", port: { name: "p", number: 0 } } },
                },
              ],
            },
          },
        ],
        tls: [{ hosts: [], secretName: "" }],
      },
    }),
  ],
  [
    "IngressClass: parameters",
    make("networking.k8s.io/v1", "IngressClass", {
      spec: { controller: "a.com/b", parameters: { kind: "K", name: "n" } },
    }),
  ],

  [
    "NetworkPolicy: addresses",
    networkPolicy({
      podSelector: { matchExpressions: [{ key: "a", operator: "NotIn", values: ["b"] }] },
      egress: [
        {
          to: [
            { ipBlock: { cidr: "10.0.0.0/8", except: [] } },
            { ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.0.0/16"] } },
          ],
        },
      ],
    }),
  ],
  [
    "Ingress: a resource",
    make("networking.k8s.io/v1", "Ingress", {
      spec: {
        ingressClassName: "c",
        defaultBackend: { resource: { apiGroup: "a.example.com", kind: "K", name: "n" } },
        tls: [{ hosts: ["a.example.com"] }],
        rules: [
          { host: "a.example.com" },
          {
            host: "b.example.com",
            http: {
              paths: [{ path: "/", pathType: "Prefix", backend: { service: { name: "s", port: { name: "http" } } } }],
            },
          },
        ],
      },
    }),
  ],
  ["IngressClass: least", make("networking.k8s.io/v1", "IngressClass", { spec: { controller: "a.com/b" } })],
  [
    "IngressClass: namespaced parameters",
    make("networking.k8s.io/v1", "IngressClass", {
      spec: {
        controller: "a.com/b",
        parameters: { apiGroup: "k.example.com", kind: "K", name: "n", scope: "Namespace", namespace: "m" },
      },
    }),
  ],
  [
    "IPAddress: least",
    make(
      "networking.k8s.io/v1",
      "IPAddress",
      { spec: { parentRef: { resource: "services", name: "s", namespace: "default", group: "" } } },
      "10.0.0.77",
    ),
  ],
  ["ServiceCIDR: least", make("networking.k8s.io/v1", "ServiceCIDR", { spec: { cidrs: ["10.9.0.0/24"] } })],
];
