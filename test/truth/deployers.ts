/** Who deploys, and how each tool sends an object: the names and ways of the real ones, as rows. */
import { formatJson, isObject } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import type { Answer, TruthServer } from "../corpus/truth-server.ts";

export type Way = "server-side apply" | "client-side apply" | "create";

export interface Deployer {
  readonly manager: string;
  readonly way: Way;
  /** Which tool says so. */
  readonly tool: string;
}

export const deployers: readonly Deployer[] = [
  { manager: "kubectl", way: "server-side apply", tool: "kubectl apply --server-side" },
  { manager: "kubectl-client-side-apply", way: "client-side apply", tool: "kubectl apply" },
  { manager: "kubectl-create", way: "create", tool: "kubectl create" },
  { manager: "argocd-controller", way: "server-side apply", tool: "Argo CD with ServerSideApply=true" },
  { manager: "argocd-controller", way: "client-side apply", tool: "Argo CD" },
  { manager: "helm", way: "create", tool: "Helm 3" },
  { manager: "helm", way: "server-side apply", tool: "Helm 4" },
  { manager: "kustomize-controller", way: "server-side apply", tool: "Flux" },
  { manager: "kubectl-last-applied", way: "client-side apply", tool: "kubectl apply edit-last-applied" },
  { manager: "kapp-server", way: "create", tool: "kapp" },
  { manager: "helm-controller", way: "server-side apply", tool: "Flux" },
  { manager: "fleetagent", way: "client-side apply", tool: "Rancher Fleet" },
  { manager: "Terraform", way: "server-side apply", tool: "Terraform's kubernetes_manifest" },
  { manager: "pulumi-kubernetes", way: "server-side apply", tool: "Pulumi" },
  { manager: "OpenAPI-Generator", way: "create", tool: "a script with a generated client" },
];

export const ways: readonly Way[] = ["server-side apply", "client-side apply", "create"];

export const deployersOf = (way: Way): readonly Deployer[] => deployers.filter((row) => row.way === way);

/** Client-side apply makes an object with a note of what was applied: that is all of it where there is nothing yet. */
function withLastApplied(object: KubeObject): KubeObject {
  const annotations = isObject(object.metadata["annotations"]) ? object.metadata["annotations"] : {};
  const note = { "kubectl.kubernetes.io/last-applied-configuration": `${formatJson(object)}\n` };
  return { ...object, metadata: { ...object.metadata, annotations: { ...annotations, ...note } } };
}

/** Sends the object as this deployer does; an object without a name cannot be applied, and is created. */
export function deploy(server: TruthServer, object: KubeObject, by: Deployer, dryRun: boolean): Promise<Answer> {
  const query = `?fieldManager=${encodeURIComponent(by.manager)}${dryRun ? "&dryRun=All" : ""}`;
  if (by.way === "server-side apply" && object.metadata["name"] !== undefined) {
    const path = `${server.pathOf(object) ?? "/none"}${query}&force=true`;
    return server.send("PATCH", path, object, "application/apply-patch+yaml");
  }
  const sent = by.way === "client-side apply" ? withLastApplied(object) : object;
  return server.send("POST", `${server.pathOf(object, "collection") ?? "/none"}${query}`, sent);
}
