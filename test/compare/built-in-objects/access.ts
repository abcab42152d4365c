/** Roles and bindings, and who asks for a certificate. */
import { labels, make, type Row } from "./make.ts";

/** PKCS#10 of a throw-away key, common name `it`. */
const certificateRequest =
  "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlISE1HOENBUUF3RFRFTE1Ba0dBMVVFQXd3Q2FYUXdXVEFUQmdjcWhrak9QUUlCQmdncWhrak9QUU1CQndOQwpBQVRwOHNNbWNiWWxuSlA5bGNRUHNqb0JGd3MxNkJCNXkrbDFWdVhxT1hyNk41VGR1b2x0ajFTZjFhbFYwRk5QCmpQUXZjNWI2MDdRU1p1R21kYWpUS2pYbW9BQXdDZ1lJS29aSXpqMEVBd0lEU0FBd1JRSWdEVzIzRlJhU3dXZFoKbW1BT09ndmUrbUJPRHZyQ3h0c2Rjby9SQ2NOellDc0NJUUNybkR1bDBuSmpqL0QrMHVoK2JWT1F3R1ZBYnlZcQozOHpIR0V5ckFTbG9JUT09Ci0tLS0tRU5EIENFUlRJRklDQVRFIFJFUVVFU1QtLS0tLQo=";

export const accessObjects: readonly Row[] = [
  ["Role: no rules", make("rbac.authorization.k8s.io/v1", "Role", { rules: [] })],
  [
    "Role: rules",
    make("rbac.authorization.k8s.io/v1", "Role", {
      rules: [{ apiGroups: [""], resources: ["pods"], resourceNames: [], verbs: ["get"] }],
    }),
  ],
  ["ClusterRole: null rules", make("rbac.authorization.k8s.io/v1", "ClusterRole", { rules: null })],
  [
    "ClusterRole: aggregated",
    make("rbac.authorization.k8s.io/v1", "ClusterRole", {
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: labels }] },
    }),
  ],
  [
    "RoleBinding: subjects",
    make("rbac.authorization.k8s.io/v1", "RoleBinding", {
      roleRef: { kind: "Role", name: "r" },
      subjects: [
        { kind: "User", name: "u" },
        { kind: "Group", name: "g" },
        { kind: "ServiceAccount", name: "s", namespace: "n", apiGroup: "" },
      ],
    }),
  ],
  [
    "RoleBinding: nobody",
    make("rbac.authorization.k8s.io/v1", "RoleBinding", {
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "r" },
      subjects: [],
    }),
  ],

  [
    "ClusterRoleBinding: subjects",
    make("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", {
      roleRef: { apiGroup: "", kind: "ClusterRole", name: "r" },
      subjects: [
        { kind: "User", name: "u", apiGroup: "" },
        { kind: "ServiceAccount", name: "s", namespace: "n" },
      ],
    }),
  ],
  [
    "ClusterRoleBinding: nobody",
    make("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", { roleRef: { kind: "ClusterRole", name: "r" } }),
  ],
  [
    "ClusterRole: of paths",
    make("rbac.authorization.k8s.io/v1", "ClusterRole", { rules: [{ nonResourceURLs: ["/healthz"], verbs: ["get"] }] }),
  ],
  [
    "ClusterRole: empty selectors",
    make("rbac.authorization.k8s.io/v1", "ClusterRole", { aggregationRule: { clusterRoleSelectors: [{}] }, rules: [] }),
  ],
  [
    "CertificateSigningRequest: least",
    make("certificates.k8s.io/v1", "CertificateSigningRequest", {
      spec: { request: certificateRequest, signerName: "a.example.com/b", usages: ["client auth"] },
    }),
  ],
];
