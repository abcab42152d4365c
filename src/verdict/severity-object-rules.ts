/** How bad it is that an object as a whole is missing, going, or not declared, as data. Source: drift semantics, section 5. */
import { admission, networkPolicies, rbac, workloads, type SeverityRule } from "./severity-rules.ts";

/** Rows for an object as a whole: missing, terminating, or live and no longer declared. */
export const objectRules: readonly SeverityRule[] = [
  {
    name: "namespace-or-definition",
    reason: "everything in it goes with it",
    kinds: ["/Namespace", "apiextensions.k8s.io/CustomResourceDefinition"],
    paths: [],
    severity: "critical",
    class: "workload",
  },
  {
    name: "guard",
    reason: "who may do what, and who may talk to whom",
    kinds: [...rbac, ...networkPolicies, ...admission],
    paths: [],
    severity: "critical",
    class: "security",
  },
  {
    name: "credential",
    reason: "credentials and those who use them",
    kinds: ["/Secret", "/ServiceAccount"],
    paths: [],
    severity: "high",
    class: "security",
  },
  {
    name: "workload-object",
    reason: "something that runs, or how it is reached",
    kinds: [...workloads, "/Service", "networking.k8s.io/Ingress", "/PersistentVolumeClaim"],
    paths: [],
    severity: "high",
    class: "workload",
  },
];
