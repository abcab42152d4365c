/** Before the first cluster test: the binaries are there, or are made, with progress on standard error. */
import { ensureBinaries } from "./binaries.ts";

export async function setup(): Promise<void> {
  const server = process.env["PLUMBLINE_SERVER"];
  await ensureBinaries(
    ["etcd", "kube-apiserver", "kube-controller-manager", "kubectl", "kustomize", "helm", "kwok"],
    server === undefined ? {} : { server },
  );
}
