/** What the operator decides about sources, for all Baselines. Durations are milliseconds, sizes bytes. */
import type { YamlLimits } from "./yaml-limits.ts";

export interface SourceCaps {
  /** Of one mirror on disk, while it is fetched. */
  readonly maxMirrorBytes: number;
  /** Files of one revision's tree, whether read or not. */
  readonly maxTreeFiles: number;
  /** Of all manifests that one Baseline reads. */
  readonly maxManifestBytes: number;
  /** Of what a renderer prints. */
  readonly maxRenderBytes: number;
  readonly renderTimeout: number;
  /** For parsing one batch of files; a file that outstays it is a problem of its own. */
  readonly parseTimeout: number;
  /** Heap of one process that parses. A single document takes about a hundred times its own size while it is read. */
  readonly parseMemoryBytes: number;
}

export interface SourceSettings {
  /** A directory of ours alone; what is in its `sources` folder from an earlier life is removed. */
  readonly workDir: string;
  readonly gitBinary: string;
  readonly kustomizeBinary: string;
  /** The child's PATH, where git finds ssh. */
  readonly searchPath: string;
  /** More of the child's environment, for example `HTTPS_PROXY` and `SSL_CERT_FILE`. Never credentials. */
  readonly gitEnvironment: Readonly<Record<string, string>>;
  readonly allowFileUrls: boolean;
  /** `host` or `host:port`, lower case: these may resolve to loopback, link-local and API-server addresses. */
  readonly allowedHosts: readonly string[];
  /** Attempts that run at once. */
  readonly concurrency: number;
  /** Processes that parse YAML. */
  readonly parseWorkers: number;
  /** Where the worker's code is, when it is not beside the source (a bundle). */
  readonly parseWorkerUrl?: URL;
  readonly caps: SourceCaps;
  readonly yaml: YamlLimits;
}

const MIB = 1024 * 1024;

export const defaultCaps: SourceCaps = {
  maxMirrorBytes: 1024 * MIB,
  maxTreeFiles: 200_000,
  maxManifestBytes: 128 * MIB,
  maxRenderBytes: 64 * MIB,
  renderTimeout: 60_000,
  parseTimeout: 60_000,
  parseMemoryBytes: 512 * MIB,
};
