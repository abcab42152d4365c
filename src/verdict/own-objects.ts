/** What the operator is made of, as its chart names it: a heal of these could take from it what it heals with. */
import type { OwnObjects } from "./remedy.ts";

export interface Installation {
  /** Where the operator lives. */
  readonly namespace: string;
  /** The chart names its objects after its Lease. */
  readonly leaseName: string;
  readonly keySecret: string;
  /** Where it may read Git credentials. */
  readonly secretNamespaces: readonly string[];
}

/** `-view` and `-edit` are for people; what has `-extra` in its name aggregates rights that others give. */
const roles = ["", "-view", "-edit", "-read-extra", "-write-extra"];

const workload = ["Deployment", "StatefulSet", "ServiceAccount", "NetworkPolicy", "Role", "RoleBinding"];

/** Of its own namespace they are named too: naming the namespace in `allowProtected` does not name them. */
export function ownObjectsOf({ namespace, leaseName, keySecret, secretNamespaces }: Installation): OwnObjects {
  return {
    namespaces: [namespace],
    objects: new Set([
      ...roles.flatMap((suffix) => [`ClusterRole/${leaseName}${suffix}`, `ClusterRoleBinding/${leaseName}${suffix}`]),
      ...workload.map((kind) => `${kind}/${namespace}/${leaseName}`),
      `Secret/${namespace}/${keySecret}`,
      ...secretNamespaces.flatMap((other) =>
        ["Role", "RoleBinding"].map((kind) => `${kind}/${other}/${leaseName}-git-credentials`),
      ),
    ]),
  };
}
