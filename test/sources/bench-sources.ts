/** Sources as a test runs them: real git, a work directory of its own, outcomes collected. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Writable } from "node:stream";
import { pino } from "pino";
import type { Baseline, GitRef, GitSettings } from "../../src/model/baseline.ts";
import type { Problem } from "../../src/model/problem.ts";
import type { RenderOutcome } from "../../src/model/render-outcome.ts";
import { baselineKey, type BaselineKey } from "../../src/model/snapshot.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import type { SecretData } from "../../src/sources/git-credentials.ts";
import { defaultCaps, type SourceCaps, type SourceSettings } from "../../src/sources/settings.ts";
import { createSources, type Sources } from "../../src/sources/sources.ts";
import { yamlLimits } from "../../src/sources/yaml-limits.ts";
import { findBinary } from "../control-plane/lookup.ts";

export interface Bench {
  readonly dir: string;
  readonly sources: Sources;
  readonly outcomes: readonly RenderOutcome[];
  readonly secrets: Record<string, SecretData | Problem>;
  /** Everything logged so far. */
  log(): string;
  /** Puts the Baseline in and waits for the outcome of its next attempt. */
  run(baseline: Baseline): Promise<RenderOutcome>;
  /** Asks for a check and waits for its outcome. */
  check(baseline: Baseline): Promise<RenderOutcome>;
  stop(): Promise<void>;
}

export interface BenchOptions {
  readonly settings?: Partial<SourceSettings>;
  readonly caps?: Partial<SourceCaps>;
  readonly apiServerAddresses?: readonly string[];
}

export function startBench(options: BenchOptions = {}): Bench {
  const dir = mkdtempSync(path.join(tmpdir(), "plumbline-sources-"));
  const outcomes: RenderOutcome[] = [];
  const secrets: Record<string, SecretData | Problem> = {};
  // By Baseline: one that failed is tried again whenever its time comes, and tells its outcome once more.
  const waiting = new Map<BaselineKey, (outcome: RenderOutcome) => void>();
  let logged = "";
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      logged += chunk.toString();
      done();
    },
  });
  const sources = createSources({
    clock: systemClock,
    log: pino({ level: "trace" }, stream),
    settings: {
      workDir: dir,
      gitBinary: "git",
      kustomizeBinary: findBinary("kustomize", process.env)?.path ?? "kustomize",
      searchPath: process.env["PATH"] ?? "",
      gitEnvironment: {},
      allowFileUrls: true,
      allowedHosts: ["localhost"],
      concurrency: 4,
      parseWorkers: 1,
      yaml: yamlLimits,
      caps: { ...defaultCaps, ...options.caps },
      ...options.settings,
    },
    readSecret: (namespace, name) =>
      Promise.resolve(
        secrets[`${namespace}/${name}`] ?? { code: "source-secret-missing", message: `there is no Secret ${name}` },
      ),
    apiServerAddresses: options.apiServerAddresses ?? [],
    onOutcome(key, outcome) {
      outcomes.push(outcome);
      waiting.get(key)?.(outcome);
    },
  });
  const next = (key: BaselineKey): Promise<RenderOutcome> =>
    new Promise((resolve) => {
      waiting.set(key, (outcome) => {
        waiting.delete(key);
        resolve(outcome);
      });
    });
  return {
    dir,
    sources,
    outcomes,
    secrets,
    log: () => logged,
    run(baseline) {
      const outcome = next(baseline.key);
      sources.ensure(baseline);
      return outcome;
    },
    check(baseline) {
      const outcome = next(baseline.key);
      sources.checkNow(baseline.key);
      return outcome;
    },
    async stop() {
      await sources.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export interface BaselineParts extends Partial<Omit<Baseline, "git">> {
  readonly url: string;
  readonly ref?: GitRef;
  readonly git?: Partial<GitSettings>;
}

export function makeBaseline(parts: BaselineParts): Baseline {
  const { url, ref = { kind: "branch", name: "main" }, git, ...rest } = parts;
  const namespace = rest.namespace ?? "shop";
  const name = rest.name ?? "web";
  return {
    key: baselineKey(namespace, name),
    namespace,
    name,
    uid: "uid-1",
    generation: 1,
    git: { url, ref, interval: 3_600_000, timeout: 20_000, submodules: false, ...git },
    path: "",
    exclude: [],
    render: "Auto",
    mode: "Alert",
    gracePeriod: 0,
    compare: { addedFields: "TrustControllers", ignore: [], sensitive: [] },
    severity: [],
    remediation: {
      scope: "OptIn",
      causes: [],
      approval: "HighRisk",
      maxPerMinute: 1,
      maxObjectsPerRevision: 1,
      retries: 1,
      maxPercent: 100,
      prune: false,
      recreate: false,
      onUnhealthy: "None",
      windows: [],
      allowProtected: [],
    },
    exempt: [],
    minCompliance: 1,
    suspend: false,
    ...rest,
  };
}

export const configMap = (name: string, data = "a: b"): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  ${data}\n`;
