/**
 * The one door to the environment, and the operator's settings: read once, validated, frozen. A flag beats its
 * environment variable (`--metrics-address`, `PLUMBLINE_METRICS_ADDRESS`), which beats the default.
 */
import os from "node:os";
import path from "node:path";
import { z } from "zod";

const list = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === "string" ? value.split(",") : value))
  .transform((items) => items.map((item) => item.trim()).filter((item) => item !== ""));

const flag = z.union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")]);

const address = z.string().regex(/^(?:[^\s:]*|\[[0-9a-fA-F:]+\]):\d{1,5}$/, "must read host:port or :port");

const unit: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

/** A Go duration, as client-go's flags have it (`15s`, `1m30s`), to milliseconds. */
const duration = z
  .string()
  .regex(/^(?:\d{1,7}(?:\.\d{1,3})?(?:ms|s|m))+$/, "must be a duration such as 15s")
  .transform((text) =>
    [...text.matchAll(/([\d.]+)(ms|s|m)/g)].reduce((sum, [, many, of = ""]) => sum + Number(many) * (unit[of] ?? 0), 0),
  );

/** More processes than this are no sharding: each fetches every source. */
const mostShards = 64;

/** client-go's JitterFactor. */
const jitter = 1.2;

const shard = z
  .string()
  .regex(/^(?:[a-z0-9.-]*-)?\d{1,4}\/\d{1,2}$/, "must read i/n, or <Pod name ending in -i>/n")
  .transform((text) => {
    const [, ordinal, count] = /(\d+)\/(\d+)$/.exec(text) ?? [];
    return { ordinal: Number(ordinal), count: Number(count) };
  })
  .refine(({ count }) => count >= 1 && count <= mostShards, `n must be 1 to ${mostShards}`)
  .transform(({ ordinal, count }) => ({ index: ordinal % count, count }));

const shape = z.object({
  kubeconfig: z.string().optional(),
  context: z.string().optional(),
  metricsAddress: address.default(":8080"),
  healthAddress: address.default(":8081"),
  /** Mirrors and render scratch; lost at restart without harm. */
  workDir: z.string().min(1).default(path.join(os.tmpdir(), "plumbline")),
  gitBinary: z.string().min(1).default("git"),
  kustomizeBinary: z.string().min(1).default("kustomize"),
  leaderElect: flag.default(true),
  leaseName: z.string().min(1).default("plumbline"),
  /** How long others wait for a holder they do not hear of; milliseconds, as the two below. */
  leaderElectLeaseDuration: duration.default(15_000),
  /** How long a holder that cannot renew goes on. */
  leaderElectRenewDeadline: duration.default(10_000),
  leaderElectRetryPeriod: duration.default(2_000),
  /** Which part of the Baselines this process is for. From `i/n`; where i is n or more it stands by for i modulo n. */
  shard: shard.default({ index: 0, count: 1 }),
  /** Where the operator itself lives: its Lease, its key, and the default of `platformNamespaces`. */
  namespace: z.string().min(1).default("plumbline-system"),
  /** Whose Baselines may judge objects of every namespace. */
  platformNamespaces: list.optional(),
  /** Where Git credentials may be read. Empty: wherever RBAC lets us. */
  secretNamespaces: list.default([]),
  rbacMode: z.enum(["detect", "report", "remediate"]).default("report"),
  rbacSecrets: z.enum(["none", "metadata", "full"]).default("none"),
  liveOptIn: flag.default(true),
  /** Dry runs that tell what admission sets; only with rbacMode `remediate`, for they need its verbs. */
  calibration: flag.default(true),
  /** Dry runs a second at most. */
  calibrationRate: z.coerce.number().int().min(1).max(100).default(10),
  /** Drift records per Baseline. */
  maxDriftRecords: z.coerce.number().int().min(0).max(10_000).default(500),
  /** Series of `plumbline_resource_drifted`. */
  maxResourceSeries: z.coerce.number().int().min(0).max(100_000).default(5_000),
  keySecret: z.string().min(1).default("plumbline-key"),
  /** Where evidence of remediation goes. `-`: standard output; the log is on standard error. `none`: nowhere. */
  evidenceFile: z
    .string()
    .regex(/^(?:-|none|\/.+)$/, "must be -, none or the absolute path of a file")
    .default("-"),
  logLevel: z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]).default("info"),
  allowFileUrls: flag.default(false),
  /** Hosts, or host:port, that may resolve to loopback, link-local or the API server. */
  allowedSourceHosts: list.default([]),
  workers: z.coerce.number().int().min(1).max(64).default(4),
  podName: z.string().min(1).default(os.hostname()),
});

const checked = shape.superRefine((config, context) => {
  const { leaderElectLeaseDuration: lease, leaderElectRenewDeadline: deadline, leaderElectRetryPeriod: retry } = config;
  const refuse = (key: keyof typeof config, message: string): void =>
    context.addIssue({ code: "custom", path: [key], message });
  // Others see whole seconds, and a duration rounded up would only make them wait longer.
  if (lease < 1_000) refuse("leaderElectLeaseDuration", "must be at least 1s");
  if (lease <= deadline) refuse("leaderElectLeaseDuration", "must be longer than the renew deadline");
  if (retry <= 0) refuse("leaderElectRetryPeriod", "must be longer than 0s");
  if (deadline <= retry * jitter) refuse("leaderElectRenewDeadline", `must be longer than ${jitter} retry periods`);
  if (config.shard.count > 1 && !config.leaderElect)
    refuse("leaderElect", "shards need it: nothing else keeps two from writing");
});

export type Config = Readonly<Omit<z.infer<typeof shape>, "platformNamespaces">> & {
  readonly platformNamespaces: readonly string[];
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** The process's environment, as it was at start. */
export function readEnvironment(): Environment {
  return Object.freeze({ ...process.env });
}

const variableOf = (key: string): string =>
  `PLUMBLINE_${key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;

/** Thrown where a setting cannot be used; the message names each flag and what is wrong with it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Flags (camelCase, as the command line gives them) over environment over defaults.
 * @throws ConfigError naming every unusable setting
 */
export function readConfig(flags: Readonly<Record<string, unknown>>, environment: Environment): Config {
  const merged: Record<string, unknown> = {};
  for (const key of Object.keys(shape.shape)) {
    const value = flags[key] ?? environment[variableOf(key)];
    if (value !== undefined && value !== "") merged[key] = value;
  }
  const parsed = checked.safeParse(merged);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => {
      const key = String(issue.path[0]);
      return `--${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} (${variableOf(key)}): ${issue.message}`;
    });
    throw new ConfigError(lines.join("\n"));
  }
  const platformNamespaces = parsed.data.platformNamespaces ?? [parsed.data.namespace];
  return Object.freeze({ ...parsed.data, platformNamespaces });
}
