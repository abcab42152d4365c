/**
 * What suites need beyond Node, and where it is, if it is. It only looks. A suite that lacks something is left out
 * through test/support/describe-with.ts, which names it in the last lines of the run.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { findBinary, isExecutable, onPath, type Environment } from "./lookup.ts";
import type { BinaryName } from "./versions.ts";

export type RequirementName =
  | BinaryName
  | "go"
  | "git"
  | "git-http-backend"
  | "ssh"
  | "ssh-keygen"
  | "sshd"
  | "prometheus"
  | "promtool"
  | "buildah"
  | "debootstrap"
  | "corpora";

export type Requirement =
  | { readonly ok: true; readonly path: string }
  /** `optional`: nothing that `npm run setup` could bring, so a run that requires all may go without. */
  | { readonly ok: false; readonly why: string; readonly optional: boolean };

interface Row {
  readonly find: (env: Environment) => string | undefined;
  /** Debian package that has it. */
  readonly debian?: string;
  readonly optional?: boolean;
}

// Servers are not always on an ordinary user's PATH.
const serverFolders = ["/usr/sbin", "/usr/local/sbin", "/sbin"];

const installed =
  (name: string) =>
  (env: Environment): string | undefined =>
    onPath(name, env) ?? serverFolders.map((folder) => path.join(folder, name)).find(isExecutable);

function findHttpBackend(env: Environment): string | undefined {
  const git = onPath("git", env);
  if (git === undefined) return undefined;
  const backend = path.join(execFileSync(git, ["--exec-path"], { encoding: "utf8" }).trim(), "git-http-backend");
  return isExecutable(backend) ? backend : undefined;
}

function findCorpora(): string | undefined {
  const folder = fileURLToPath(new URL("../../../shared/corpora", import.meta.url));
  return existsSync(folder) ? folder : undefined;
}

const ours = (name: BinaryName): Row => ({ find: (env) => findBinary(name, env)?.path });

export const requirements: Readonly<Record<RequirementName, Row>> = {
  etcd: ours("etcd"),
  "kube-apiserver": ours("kube-apiserver"),
  "kube-controller-manager": ours("kube-controller-manager"),
  kubectl: ours("kubectl"),
  kustomize: ours("kustomize"),
  helm: ours("helm"),
  kwok: ours("kwok"),
  go: { find: installed("go") },
  git: { find: installed("git"), debian: "git" },
  "git-http-backend": { find: findHttpBackend, debian: "git" },
  ssh: { find: installed("ssh"), debian: "openssh-client" },
  "ssh-keygen": { find: installed("ssh-keygen"), debian: "openssh-client" },
  sshd: { find: installed("sshd"), debian: "openssh-server" },
  prometheus: { find: installed("prometheus"), debian: "prometheus" },
  promtool: { find: installed("promtool"), debian: "prometheus" },
  buildah: { find: installed("buildah"), debian: "buildah" },
  debootstrap: { find: installed("debootstrap"), debian: "debootstrap" },
  corpora: { find: findCorpora, optional: true },
};

export function requirement(name: RequirementName, env: Environment = process.env): Requirement {
  const row = requirements[name];
  const found = row.find(env);
  if (found !== undefined) return { ok: true, path: found };
  if (row.optional === true) return { ok: false, why: `${name} is not here`, optional: true };
  return { ok: false, why: `${name} was not found; npm run setup installs it where it may`, optional: false };
}
