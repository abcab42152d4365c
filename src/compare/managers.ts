/**
 * What kind of client stands behind a field manager's name. The name is what the client says it is, so nothing that
 * matters on a built-in kind hangs on it: only additions to custom resources, and a few marks without effect.
 */
import { matchesGlob } from "./target.ts";

export type ManagerKind = "person" | "deployer" | "unknown" | "controller";

export interface ManagerRow {
  /** Lower case, `*` stands for any run of characters. */
  readonly name: string;
  readonly kind: Exclude<ManagerKind, "controller">;
  readonly reason: string;
}

/** First match wins; a name in no row is a controller's. */
export const managerRows: readonly ManagerRow[] = [
  { name: "", kind: "unknown", reason: "the entry names nobody" },
  { name: "unknown", kind: "unknown", reason: "the client sent no User-Agent" },
  { name: "before-first-apply", kind: "unknown", reason: "the server made it for fields set before tracking began" },
  { name: "ancient-changes", kind: "unknown", reason: "the server folds more than ten Update managers into it" },
  { name: "kubectl*", kind: "person", reason: "kubectl and its subcommands (kubectl-edit, kubectl-patch, …)" },
  { name: "oc", kind: "person", reason: "OpenShift's command line" },
  { name: "oc-*", kind: "person", reason: "OpenShift's command line" },
  { name: "k9s*", kind: "person", reason: "terminal console" },
  { name: "lens*", kind: "person", reason: "desktop console" },
  { name: "freelens*", kind: "person", reason: "desktop console" },
  { name: "openlens*", kind: "person", reason: "desktop console" },
  { name: "headlamp*", kind: "person", reason: "web console" },
  { name: "octant*", kind: "person", reason: "web console" },
  { name: "dashboard*", kind: "person", reason: "Kubernetes Dashboard acts for whoever is logged in" },
  { name: "kubernetes-dashboard*", kind: "person", reason: "Kubernetes Dashboard acts for whoever is logged in" },
  { name: "rancher*", kind: "person", reason: "Rancher's console and its controllers share the name" },
  { name: "mozilla*", kind: "person", reason: "a browser through a proxying console" },
  { name: "node-fetch*", kind: "person", reason: "User-Agent of scripts and desktop consoles" },
  { name: "curl*", kind: "person", reason: "by hand" },
  { name: "wget*", kind: "person", reason: "by hand" },
  { name: "httpie*", kind: "person", reason: "by hand" },
  { name: "postman*", kind: "person", reason: "by hand" },
  { name: "python*", kind: "person", reason: "User-Agent of scripts" },
  { name: "openapi-generator*", kind: "person", reason: "default of the generated clients that scripts use" },
  { name: "swagger-codegen*", kind: "person", reason: "default of the generated clients that scripts use" },
  { name: "go-http-client*", kind: "person", reason: "default of scripts in Go" },
  { name: "axios*", kind: "person", reason: "User-Agent of scripts" },
  { name: "okhttp*", kind: "person", reason: "User-Agent of scripts" },
  { name: "helm*", kind: "deployer", reason: "Helm, also as helm-controller" },
  { name: "argocd*", kind: "deployer", reason: "Argo CD" },
  { name: "kustomize-controller", kind: "deployer", reason: "Flux" },
  { name: "flux*", kind: "deployer", reason: "Flux" },
  { name: "kapp*", kind: "deployer", reason: "kapp and kapp-controller" },
  { name: "terraform*", kind: "deployer", reason: "Terraform" },
  { name: "hashicorp*", kind: "deployer", reason: "Terraform's Kubernetes provider" },
  { name: "opentofu*", kind: "deployer", reason: "OpenTofu" },
  { name: "pulumi*", kind: "deployer", reason: "Pulumi" },
  { name: "ansible*", kind: "deployer", reason: "Ansible" },
  { name: "skaffold*", kind: "deployer", reason: "Skaffold" },
  { name: "tilt*", kind: "deployer", reason: "Tilt" },
  { name: "werf*", kind: "deployer", reason: "werf" },
  { name: "fleet*", kind: "deployer", reason: "Rancher Fleet" },
  { name: "configsync*", kind: "deployer", reason: "Config Sync" },
  { name: "plumbline", kind: "deployer", reason: "our own heals put back what Git says" },
];

export function kindOfManager(manager: string): ManagerKind {
  const name = manager.toLowerCase();
  return managerRows.find((row) => matchesGlob(row.name, name))?.kind ?? "controller";
}

/** A controller by its name. Whoever writes `status` is one too, unless the name is a person's tool. */
export function isController(manager: string, subresource: string): boolean {
  const kind = kindOfManager(manager);
  return kind === "controller" || (kind === "deployer" && subresource === "status");
}
