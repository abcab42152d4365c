/**
 * Which versions the suites run against, and which product each binary comes from. One line to change when a newer
 * server is to be the everyday one: see docs/decisions/0001-control-plane-from-source.md.
 */

export type BinaryName =
  | "etcd"
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kubectl"
  | "kustomize"
  | "helm"
  | "kwok";

export type Product = "kubernetes" | "etcd" | "kustomize" | "helm" | "kwok";

/** The server of every suite that does not ask for another one. Its go.mod and go.sum are kept in this folder. */
export const defaultServer = "1.36";

/** Minor to the patch release we build. */
export const servers: Readonly<Record<string, string>> = {
  "1.34": "1.34.4",
  "1.35": "1.35.4",
  "1.36": "1.36.1",
};

export const etcdVersion = "3.7.0";
/** The same ones as in deploy/renderers/go.mod; a test holds them equal. */
export const kustomizeVersion = "5.8.1";
export const helmVersion = "4.3.1";
/** Nodes that are not there. Newer ones the module proxy refused. */
export const kwokVersion = "0.6.1";

export const productOf: Readonly<Record<BinaryName, Product>> = {
  etcd: "etcd",
  "kube-apiserver": "kubernetes",
  "kube-controller-manager": "kubernetes",
  kubectl: "kubernetes",
  kustomize: "kustomize",
  helm: "helm",
  kwok: "kwok",
};

/** `v1.36.1` to `1.36`. */
export function minorOf(server: string = defaultServer): string {
  return server.replace(/^v/, "").split(".").slice(0, 2).join(".");
}

/** `1.36`, `v1.36` or `1.36.1` to the full version. @throws where that minor is not in the table */
export function serverVersion(wanted: string = defaultServer): string {
  const bare = wanted.replace(/^v/, "");
  const minor = minorOf(bare);
  const version = servers[minor];
  if (version === undefined)
    throw new Error(`no recipe for server ${wanted}; there is one for ${Object.keys(servers).join(", ")}`);
  if (bare !== minor && bare !== version) throw new Error(`server ${minor} is built as ${version}, not ${bare}`);
  return version;
}

/** The version of the product for a given server minor. */
export function versionOf(product: Product, server: string = defaultServer): string {
  switch (product) {
    case "kubernetes":
      return serverVersion(server);
    case "etcd":
      return etcdVersion;
    case "kustomize":
      return kustomizeVersion;
    case "helm":
      return helmVersion;
    case "kwok":
      return kwokVersion;
  }
}
