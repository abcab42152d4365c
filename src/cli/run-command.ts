/** `plumbline run`: the operator, until a signal ends it. */
import { Command } from "commander";
import { systemClock } from "../runtime/clock.ts";
import { readConfig } from "../runtime/config.ts";
import { createLog } from "../runtime/log.ts";
import type { Terminal } from "./terminal.ts";
import { readVersion } from "./version.ts";

/** Milliseconds for what is still to be written. */
const LAST_WORDS = 500;

export function runCommand(terminal: Terminal): Command {
  return new Command("run")
    .description("Run the operator. Every flag can also be set as PLUMBLINE_<FLAG>.")
    .option("--kubeconfig <file>", "kubeconfig to use; in a Pod, its ServiceAccount")
    .option("--context <name>", "context of the kubeconfig")
    .option("--metrics-address <host:port>", "where /metrics listens (default :8080)")
    .option("--health-address <host:port>", "where /healthz and /readyz listen (default :8081)")
    .option("--work-dir <folder>", "mirrors and scratch; its content may be lost at any restart")
    .option("--git-binary <path>", "git to use")
    .option("--kustomize-binary <path>", "kustomize to use")
    .option("--namespace <name>", "where the operator lives (default plumbline-system)")
    .option("--leader-elect <bool>", "write only while holding the Lease (default true)")
    .option("--lease-name <name>", "name of the Lease (default plumbline)")
    .option("--leader-elect-lease-duration <duration>", "others wait so long for a silent holder (default 15s)")
    .option("--leader-elect-renew-deadline <duration>", "a holder that cannot renew goes on so long (default 10s)")
    .option("--leader-elect-retry-period <duration>", "time between attempts (default 2s)")
    .option("--shard <i/n>", "work on the i-th of n parts of the Baselines; from i = n on, stand by (default 0/1)")
    .option("--key-secret <name>", "Secret with the key of content hashes (default plumbline-key)")
    .option("--platform-namespaces <names>", "whose Baselines judge every namespace (default: the operator's own)")
    .option("--secret-namespaces <names>", "where Git credentials are read")
    .option("--rbac-mode <mode>", "detect, report or remediate: the chart's profile (default report)")
    .option("--rbac-secrets <mode>", "none, metadata or full (default none)")
    .option("--live-opt-in <bool>", "honour remediate: enabled on live objects where Git is silent (default true)")
    .option(
      "--calibration <bool>",
      "dry-run what drifted, to tell admission from people; mode remediate (default true)",
    )
    .option("--calibration-rate <n>", "dry runs a second, at most (default 10)")
    .option("--max-drift-records <n>", "Drift records per Baseline (default 500)")
    .option("--max-resource-series <n>", "series of plumbline_resource_drifted (default 5000)")
    .option("--allow-file-urls <bool>", "allow file:// and paths as sources (default false)")
    .option("--allowed-source-hosts <hosts>", "hosts that may resolve to loopback, link-local or the API server")
    .option("--workers <n>", "objects judged at once (default 4)")
    .option(
      "--evidence-file <path>",
      "where records of remediation go: a file, none, or - for standard output (default -)",
    )
    .option("--log-level <level>", "trace, debug, info, warn, error (default info)")
    .action(async (flags: Record<string, unknown>) => {
      const config = readConfig(flags, terminal.environment);
      const version = readVersion();
      const log = createLog(config.logLevel, version);
      const ended = new Promise<string>((resolve) => {
        for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve(signal));
      });
      // Only here: the other commands start in half the time without the operator's rooms.
      const { startOperator } = await import("../main.ts");
      const starting = startOperator({ config, environment: terminal.environment, version, log });
      const operator = await starting.catch((error: unknown) => {
        // What was opened by then would keep the process alive, and healthy for whoever asks.
        systemClock.after(LAST_WORDS, () => process.exit());
        throw error;
      });
      log.info({ signal: await ended }, "signal received");
      await operator.stop();
    });
}
