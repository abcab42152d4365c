/**
 * How a binary is built: from which module, which package, with which version stamped in. Modules are kept in the
 * repository, but for other minors of the server than the everyday one: their go.mod is made here, from
 * k8s.io/kubernetes's own. Pure.
 */
import { defaultServer, minorOf, productOf, versionOf, type BinaryName } from "./versions.ts";

const packages: Readonly<Record<BinaryName, string>> = {
  etcd: "go.etcd.io/etcd/server/v3",
  "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver",
  "kube-controller-manager": "k8s.io/kubernetes/cmd/kube-controller-manager",
  kubectl: "k8s.io/kubernetes/cmd/kubectl",
  kustomize: "sigs.k8s.io/kustomize/kustomize/v5",
  helm: "helm.sh/helm/v4/cmd/helm",
  kwok: "sigs.k8s.io/kwok/cmd/kwok",
};

/** Variables the releases set when they link; without them a server says it is v0.0.0. */
function stamps(name: BinaryName, version: string): Readonly<Record<string, string>> {
  switch (productOf[name]) {
    case "kubernetes": {
      const [major = "", minor = ""] = version.split(".");
      return {
        "k8s.io/component-base/version.gitVersion": `v${version}`,
        "k8s.io/component-base/version.gitMajor": major,
        "k8s.io/component-base/version.gitMinor": minor,
      };
    }
    case "kwok":
      return { "sigs.k8s.io/kwok/pkg/consts.Version": `v${version}` };
    case "helm":
      return { "helm.sh/helm/v4/internal/version.version": `v${version}` };
    default:
      return {};
  }
}

/** Module folder relative to the repository's root; undefined where its go.mod has to be made. */
export function moduleFolder(name: BinaryName, server?: string): string | undefined {
  const product = productOf[name];
  if (product === "kustomize" || product === "helm") return "deploy/renderers";
  if (product === "kwok") return "test/control-plane/kwok";
  if (product === "etcd" || minorOf(server) === defaultServer) return `test/control-plane/kubernetes-${defaultServer}`;
  return undefined;
}

/** Arguments of `go`, in the module's folder. `made`: go.sum is still to be filled in. */
export function buildArguments(name: BinaryName, output: string, made: boolean, server?: string): readonly string[] {
  const version = versionOf(productOf[name], server);
  const linked = Object.entries(stamps(name, version)).map(([variable, value]) => ` -X ${variable}=${value}`);
  const mod = made ? ["-mod=mod"] : [];
  return ["build", "-v", ...mod, "-trimpath", "-ldflags", `-s -w${linked.join("")}`, "-o", output, packages[name]];
}

/**
 * A go.mod that builds the given release. k8s.io/kubernetes replaces its libraries with folders of its own; whoever
 * requires it has to say where they are, which is the release of the same number under v0.
 * @param original text of the go.mod of that k8s.io/kubernetes
 */
export function makeGoMod(original: string, version: string): string {
  const staged = [...original.matchAll(/^\s*(?:replace\s+)?(k8s\.io\/\S+)\s+=>\s+\.\/staging\//gm)].map(
    (match) => match[1] ?? "",
  );
  if (staged.length === 0) throw new Error(`go.mod of k8s.io/kubernetes v${version} names no staging folders`);
  const library = version.replace(/^1\./, "v0.");
  return [
    "module plumbline.dev/test/control-plane",
    "",
    ...[...original.matchAll(/^(?:go|godebug) .*$/gm)].map((match) => match[0]),
    "",
    `require k8s.io/kubernetes v${version}`,
    "",
    "replace (",
    ...staged.map((name) => `\t${name} => ${name} ${library}`),
    ")",
    "",
  ].join("\n");
}
