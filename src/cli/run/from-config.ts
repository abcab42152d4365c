/** Settings of the rooms, from the operator's own. */
import path from "node:path";
import type { CredentialSource } from "../../cluster/credentials.ts";
import type { Config, Environment } from "../../runtime/config.ts";
import { defaultCaps, type SourceSettings } from "../../sources/settings.ts";
import { yamlLimits } from "../../sources/yaml-limits.ts";

/** A kubeconfig that was named beats the Pod's own account, which beats the person's. */
export function credentialSource(config: Config, environment: Environment): CredentialSource {
  const context = config.context === undefined ? {} : { context: config.context };
  if (config.kubeconfig !== undefined) return { kind: "file", path: config.kubeconfig, ...context };
  return environment["KUBERNETES_SERVICE_HOST"] === undefined
    ? { kind: "default", ...context }
    : { kind: "in-cluster" };
}

/** What a child of git may see beside what we set: where the proxy and the certificate authorities are. */
const passedOn = "HTTPS_PROXY HTTP_PROXY NO_PROXY https_proxy http_proxy no_proxy SSL_CERT_FILE SSL_CERT_DIR".split(
  " ",
);

export function sourceSettings(config: Config, environment: Environment): SourceSettings {
  return {
    workDir: path.resolve(config.workDir),
    gitBinary: config.gitBinary,
    kustomizeBinary: config.kustomizeBinary,
    searchPath: environment["PATH"] ?? "/usr/bin:/bin",
    gitEnvironment: Object.fromEntries(
      passedOn.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
    ),
    allowFileUrls: config.allowFileUrls,
    allowedHosts: config.allowedSourceHosts.map((host) => host.toLowerCase()),
    concurrency: 4,
    parseWorkers: 2,
    caps: defaultCaps,
    yaml: yamlLimits,
  };
}
