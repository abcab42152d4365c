/** Defaults of networking, access, admission, extension, storage, scheduling and flow control. Proven on the API server. */
import type { JsonObject } from "../../model/json.ts";
import { policyTypes } from "./core.ts";
import type { DefaultRow } from "./row.ts";

const rbac = "rbac.authorization.k8s.io";
const isPerson = (subject: JsonObject): boolean => subject["kind"] === "User" || subject["kind"] === "Group";

function matchRows(type: string): readonly DefaultRow[] {
  return [
    { type, field: "matchPolicy", value: "Equivalent" },
    { type, field: "namespaceSelector", value: {} },
    { type, field: "objectSelector", value: {} },
  ];
}

function webhookRows(type: string): readonly DefaultRow[] {
  return [
    ...matchRows(type),
    { type, field: "failurePolicy", value: "Fail" },
    { type, field: "timeoutSeconds", value: 10 },
  ];
}

const kindText = (names: JsonObject): string => (typeof names["kind"] === "string" ? names["kind"] : "");
const byCount = (request: JsonObject): boolean => request["allocationMode"] === "ExactCount";

function deviceRows(type: string): readonly DefaultRow[] {
  return [
    { type, field: "allocationMode", value: "ExactCount" },
    { type, field: "count", value: 1, when: byCount, reason: "only where devices are counted" },
  ];
}

export const clusterRows: readonly DefaultRow[] = [
  {
    type: "networking.NetworkPolicySpec",
    field: "policyTypes",
    value: policyTypes,
    reason: "Ingress always, Egress where there are egress rules",
  },
  { type: "networking.NetworkPolicyPort", field: "protocol", value: "TCP" },
  { type: "networking.IngressClassParametersReference", field: "scope", value: "Cluster" },

  { type: "rbac.RoleRef", field: "apiGroup", value: rbac },
  { type: "rbac.Subject", field: "apiGroup", value: rbac, when: isPerson, reason: "not of ServiceAccounts" },

  ...webhookRows("admissionregistration.ValidatingWebhook"),
  ...webhookRows("admissionregistration.MutatingWebhook"),
  { type: "admissionregistration.MutatingWebhook", field: "reinvocationPolicy", value: "Never" },
  { type: "admissionregistration.RuleWithOperations", field: "scope", value: "*" },
  { type: "admissionregistration.NamedRuleWithOperations", field: "scope", value: "*" },
  { type: "admissionregistration.ServiceReference", field: "port", value: 443 },
  ...matchRows("admissionregistration.MatchResources"),
  { type: "admissionregistration.ValidatingAdmissionPolicySpec", field: "failurePolicy", value: "Fail" },
  { type: "admissionregistration.MutatingAdmissionPolicySpec", field: "failurePolicy", value: "Fail" },

  {
    type: "apiextensions.CustomResourceDefinitionNames",
    field: "singular",
    value: (names) => kindText(names).toLowerCase(),
    reason: "the kind in lower case",
  },
  {
    type: "apiextensions.CustomResourceDefinitionNames",
    field: "listKind",
    value: (names) => `${kindText(names)}List`,
    reason: "the kind, and List",
  },
  { type: "apiextensions.CustomResourceDefinitionSpec", field: "conversion", value: { strategy: "None" } },
  { type: "apiextensions.ServiceReference", field: "port", value: 443 },
  { type: "apiregistration.ServiceReference", field: "port", value: 443 },

  { type: "storage.StorageClass", field: "reclaimPolicy", value: "Delete" },
  { type: "storage.StorageClass", field: "volumeBindingMode", value: "Immediate" },
  { type: "storage.CSIDriverSpec", field: "attachRequired", value: true },
  { type: "storage.CSIDriverSpec", field: "podInfoOnMount", value: false },
  { type: "storage.CSIDriverSpec", field: "storageCapacity", value: false },
  { type: "storage.CSIDriverSpec", field: "fsGroupPolicy", value: "ReadWriteOnceWithFSType" },
  { type: "storage.CSIDriverSpec", field: "volumeLifecycleModes", value: ["Persistent"] },
  { type: "storage.CSIDriverSpec", field: "requiresRepublish", value: false },
  { type: "storage.CSIDriverSpec", field: "seLinuxMount", value: false },
  { type: "storage.CSIDriverSpec", field: "preventPodSchedulingIfMissing", value: false, since: "1.37" },

  { type: "scheduling.PriorityClass", field: "preemptionPolicy", value: "PreemptLowerPriority" },

  { type: "flowcontrol.FlowSchemaSpec", field: "matchingPrecedence", value: 1000 },
  { type: "flowcontrol.ExemptPriorityLevelConfiguration", field: "nominalConcurrencyShares", value: 0 },
  { type: "flowcontrol.ExemptPriorityLevelConfiguration", field: "lendablePercent", value: 0 },
  { type: "flowcontrol.LimitedPriorityLevelConfiguration", field: "nominalConcurrencyShares", value: 30 },
  { type: "flowcontrol.LimitedPriorityLevelConfiguration", field: "lendablePercent", value: 0 },
  { type: "flowcontrol.QueuingConfiguration", field: "handSize", value: 8 },
  { type: "flowcontrol.QueuingConfiguration", field: "queues", value: 64 },
  { type: "flowcontrol.QueuingConfiguration", field: "queueLengthLimit", value: 50 },

  ...deviceRows("resource.ExactDeviceRequest"),
  ...deviceRows("resource.DeviceSubRequest"),
  { type: "resource.DeviceCapacity", field: "value", value: "0" },
  { type: "resource.Counter", field: "value", value: "0" },
];
