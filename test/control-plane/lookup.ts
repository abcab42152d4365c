/**
 * Where a binary may already be: a folder named by the environment, PATH, our cache. It looks and never
 * fetches, builds or writes.
 */
import { spawnSync } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { minorOf, productOf, versionOf, type BinaryName, type Product } from "./versions.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Found {
  readonly path: string;
  /** Which of the places, as a person would say it. */
  readonly where: string;
}

export function cacheRoot(env: Environment): string {
  const base = env["XDG_CACHE_HOME"];
  return path.join(base !== undefined && path.isAbsolute(base) ? base : path.join(homedir(), ".cache"), "plumbline");
}

/** Where our own copy of a product lies, or would lie. */
export function cacheFolder(env: Environment, product: Product, server?: string): string {
  return path.join(cacheRoot(env), `${product}-${versionOf(product, server)}`);
}

/** Where what was fetched as an envtest archive lies: of the right minor, of whichever patch release there was. */
export function fetchedFolder(env: Environment, server?: string): string {
  return path.join(cacheRoot(env), `envtest-${minorOf(server)}`);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The first executable of that name on PATH. */
export function onPath(name: string, env: Environment): string | undefined {
  return (env["PATH"] ?? "")
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.join(folder, name))
    .find(isExecutable);
}

const versionArguments: Readonly<Record<BinaryName, readonly string[]>> = {
  etcd: ["--version"],
  "kube-apiserver": ["--version"],
  "kube-controller-manager": ["--version"],
  kubectl: ["version", "--client"],
  kustomize: ["version"],
  helm: ["version", "--short"],
  kwok: ["--version"],
};

/**
 * Whether what PATH has will do. The server must be of the very minor that was asked for, renderers of the very
 * version that ships (their output is compared), kubectl at most one minor away from the server (the supported skew:
 * kubernetes.io/releases/version-skew-policy), any etcd from 3.5 on.
 */
function fits(name: BinaryName, found: string, server: string | undefined): boolean {
  const wanted = versionOf(productOf[name], server);
  const [major, minor] = found.split(".").map(Number);
  const [wantedMajor, wantedMinor] = wanted.split(".").map(Number);
  switch (name) {
    case "kustomize":
    case "helm":
    case "kwok":
      return found === wanted;
    case "etcd":
      return major === 3 && (minor ?? 0) >= 5;
    case "kubectl":
      return major === wantedMajor && Math.abs((minor ?? 0) - (wantedMinor ?? 0)) <= 1;
    default:
      return major === wantedMajor && minor === wantedMinor;
  }
}

function readVersion(name: BinaryName, file: string): string | undefined {
  const ran = spawnSync(file, versionArguments[name], { env: {}, timeout: 10_000, encoding: "utf8" });
  return /(\d+\.\d+\.\d+)/.exec(`${ran.stdout ?? ""}\n${ran.stderr ?? ""}`)?.[1];
}

/** The order: PLUMBLINE_CONTROL_PLANE_BIN, KUBEBUILDER_ASSETS (both taken at their word), PATH, our cache. */
export function findBinary(name: BinaryName, env: Environment, server?: string): Found | undefined {
  for (const variable of ["PLUMBLINE_CONTROL_PLANE_BIN", "KUBEBUILDER_ASSETS"]) {
    const folder = env[variable];
    if (folder === undefined || folder === "") continue;
    const file = path.resolve(folder, name);
    if (isExecutable(file)) return { path: file, where: variable };
  }
  const installed = onPath(name, env);
  if (installed !== undefined) {
    const version = readVersion(name, installed);
    if (version !== undefined && fits(name, version, server)) return { path: installed, where: "PATH" };
  }
  const folders = [cacheFolder(env, productOf[name], server), fetchedFolder(env, server)];
  const cached = folders.map((folder) => path.join(folder, name)).find(isExecutable);
  return cached === undefined ? undefined : { path: cached, where: "cache" };
}
