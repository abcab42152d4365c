/** The plain manifests: what the chart renders with its default values, but for the key, which must be nobody's but yours. */
import { stringify } from "yaml";
import { idOf, type KubeObject } from "../../src/model/resource.ts";
import type { Helm } from "../chart/helm.ts";
import { releaseNamespace, render } from "../chart/helm.ts";

const header = `# Made by \`npm run generate\`: the chart charts/plumbline with its default values. Edit it there.
# First: kubectl apply --server-side -f namespace.yaml -f crds.yaml
#        kubectl -n ${releaseNamespace} create secret generic plumbline-key --from-literal=key="$(head -c 32 /dev/urandom | base64)"
`;

/** CRDs have a file of their own, and the Secret is made by hand. */
export function isPlain(object: KubeObject): boolean {
  return object.kind !== "CustomResourceDefinition" && object.kind !== "Secret";
}

export async function plainManifests(helm: Helm): Promise<string> {
  const objects = (await render(helm)).filter(isPlain);
  const inOrder = [...objects].sort((a, b) => order(a).localeCompare(order(b)));
  const documents = inOrder.map((object) => stringify(object, { aliasDuplicateObjects: false, lineWidth: 0 }));
  return header + documents.map((text) => `---\n${text}`).join("");
}

/** What others refer to first. */
const order = (object: KubeObject): string => {
  const rank = ["ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"].indexOf(object.kind);
  return `${rank < 0 ? 9 : rank}/${object.kind}/${idOf(object).name}`;
};
