/** Webhooks and admission policies. */
import { make, webhook, type Row } from "./make.ts";

export const admissionObjects: readonly Row[] = [
  ["webhook: validating", webhook("Validating")],
  ["webhook: mutating", webhook("Mutating", { failurePolicy: "Ignore", namespaceSelector: { matchLabels: {} } })],
  ["webhook: by URL", webhook("Mutating", { clientConfig: { url: "https://a.example.com" }, matchConditions: [] })],
  [
    "ValidatingAdmissionPolicy: least",
    make("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", {
      spec: {
        matchConstraints: {
          resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        },
        validations: [{ expression: "true" }],
      },
    }),
  ],
  [
    "ValidatingAdmissionPolicyBinding: least",
    make("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", {
      spec: { policyName: "p", validationActions: ["Deny"], matchResources: {} },
    }),
  ],

  [
    "webhook: everything",
    webhook("Validating", {
      clientConfig: { service: { name: "s", namespace: "n", path: "/p", port: 8443 }, caBundle: "" },
      matchConditions: [{ name: "a", expression: "true" }],
      objectSelector: { matchExpressions: [{ key: "a", operator: "Exists", values: [] }] },
      rules: [
        { apiGroups: ["*"], apiVersions: ["*"], operations: ["*"], resources: ["*/*"], scope: "Namespaced" },
        {
          apiGroups: ["apps"],
          apiVersions: ["v1"],
          operations: ["CREATE", "UPDATE"],
          resources: ["deployments", "deployments/scale"],
        },
      ],
    }),
  ],
  ["webhook: no rules", webhook("Validating", { rules: [] })],
  ["webhooks: none", make("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", { webhooks: [] })],
  [
    "ValidatingAdmissionPolicy: everything",
    make("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", {
      spec: {
        paramKind: { apiVersion: "v1", kind: "ConfigMap" },
        variables: [{ name: "v", expression: "1" }],
        matchConditions: [{ name: "m", expression: "true" }],
        auditAnnotations: [{ key: "k", valueExpression: "'a'" }],
        matchConstraints: {
          excludeResourceRules: [
            { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"], resourceNames: ["a"] },
          ],
          resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        },
        validations: [{ expression: "true", message: "m", reason: "Invalid", messageExpression: "'m'" }],
      },
    }),
  ],
  [
    "ValidatingAdmissionPolicyBinding: parameters",
    make("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", {
      spec: {
        policyName: "p",
        paramRef: { selector: {}, parameterNotFoundAction: "Deny" },
        validationActions: ["Warn", "Audit"],
      },
    }),
  ],
  [
    "ValidatingAdmissionPolicyBinding: parameters by name",
    make("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", {
      spec: {
        policyName: "p",
        paramRef: { name: "n", namespace: "default", parameterNotFoundAction: "Allow" },
        validationActions: ["Deny"],
      },
    }),
  ],
  [
    "MutatingAdmissionPolicy: least",
    make("admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy", {
      spec: {
        matchConstraints: {
          resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        },
        reinvocationPolicy: "Never",
        mutations: [
          {
            patchType: "ApplyConfiguration",
            applyConfiguration: { expression: "Object{metadata: Object.metadata{labels: {'a': 'b'}}}" },
          },
        ],
      },
    }),
  ],
  [
    "MutatingAdmissionPolicy: everything",
    make("admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy", {
      spec: {
        paramKind: { apiVersion: "v1", kind: "ConfigMap" },
        failurePolicy: "Ignore",
        reinvocationPolicy: "IfNeeded",
        variables: [{ name: "v", expression: "1" }],
        matchConditions: [{ name: "m", expression: "true" }],
        matchConstraints: {
          resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
        },
        mutations: [
          {
            patchType: "JSONPatch",
            jsonPatch: { expression: "[JSONPatch{op: 'add', path: '/metadata/labels/a', value: 'b'}]" },
          },
        ],
      },
    }),
  ],
  [
    "MutatingAdmissionPolicyBinding: least",
    make("admissionregistration.k8s.io/v1", "MutatingAdmissionPolicyBinding", { spec: { policyName: "p" } }),
  ],
  [
    "MutatingAdmissionPolicyBinding: parameters",
    make("admissionregistration.k8s.io/v1", "MutatingAdmissionPolicyBinding", {
      spec: {
        policyName: "p",
        paramRef: { name: "n", parameterNotFoundAction: "Allow" },
        matchResources: {
          namespaceSelector: { matchLabels: { a: "b" } },
          excludeResourceRules: [
            { apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"], scope: "Namespaced" },
          ],
        },
      },
    }),
  ],
];
