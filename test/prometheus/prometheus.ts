/** A real Prometheus on loopback for a test: scrapes every second, with rules if wanted; its data goes with it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { stringify } from "yaml";
import { freePort } from "../control-plane/ports.ts";

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Alert {
  readonly name: string;
  readonly state: "pending" | "firing";
  readonly labels: Readonly<Record<string, string>>;
}

/** What is scraped, and how that went. */
export interface Target {
  readonly job: string;
  readonly health: "up" | "down" | "unknown";
  /** Empty where the last scrape was read to its end. */
  readonly lastError: string;
}

export interface Prometheus {
  readonly url: string;
  /** An instant query. @throws where Prometheus refuses it */
  query(expr: string): Promise<readonly Series[]>;
  alerts(): Promise<readonly Alert[]>;
  targets(): Promise<readonly Target[]>;
  /** Types by the name that the exposition declared: OpenMetrics declares a counter without its `_total`. */
  declared(metric: string): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export interface PrometheusOptions {
  readonly binary: string;
  /** `host:port` of what serves /metrics, by job. */
  readonly targets: Readonly<Record<string, readonly string[]>>;
  /** `groups` of a rule file. */
  readonly rules?: unknown;
}

interface Answer<Data> {
  readonly status: string;
  readonly data: Data;
  readonly error?: string;
}

export async function startPrometheus({ binary, targets, rules }: PrometheusOptions): Promise<Prometheus> {
  const folder = mkdtempSync(path.join(tmpdir(), "plumbline-prometheus-"));
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const ruleFile = path.join(folder, "rules.yaml");
  writeFileSync(ruleFile, stringify({ groups: rules ?? [] }));
  const config = {
    global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
    rule_files: [ruleFile],
    scrape_configs: Object.entries(targets).map(([job, addresses]) => ({
      job_name: job,
      static_configs: [{ targets: addresses }],
    })),
  };
  const configFile = path.join(folder, "prometheus.yaml");
  writeFileSync(configFile, stringify(config));
  const args = [`--config.file=${configFile}`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=${address}`];
  const child = spawn(binary, args, { cwd: folder, env: {}, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString("utf8")).slice(-8000);
  });
  // It must not outlive a test run that is stopped.
  const killChild = (): void => void child.kill("SIGKILL");
  process.once("exit", killChild);
  const gone = once(child, "close");
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await gone;
    process.off("exit", killChild);
    rmSync(folder, { recursive: true, force: true });
  };
  const read = async <Data>(where: string): Promise<Data> => {
    const answer = (await (await fetch(`${url}${where}`)).json()) as Answer<Data>;
    if (answer.status !== "success") throw new Error(`${where}: ${answer.error}`);
    return answer.data;
  };
  const ready = (): Promise<boolean> =>
    fetch(`${url}/-/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
  for (let tries = 0; !(await ready()); tries++) {
    if (child.exitCode !== null || tries > 600) {
      await stop();
      throw new Error(`prometheus does not get ready:\n${said}`);
    }
    await wait(50);
  }
  return {
    url,
    async query(expr) {
      type Row = { readonly metric: Record<string, string>; readonly value: readonly [number, string] };
      const { result } = await read<{ result: readonly Row[] }>(`/api/v1/query?query=${encodeURIComponent(expr)}`);
      return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
    },
    async alerts() {
      type Row = { readonly state: Alert["state"]; readonly labels: Record<string, string> };
      const { alerts } = await read<{ alerts: readonly Row[] }>("/api/v1/alerts");
      return alerts.map(({ state, labels }) => ({ name: labels["alertname"] ?? "", state, labels }));
    },
    async targets() {
      type Row = {
        readonly labels: Record<string, string>;
        readonly health: Target["health"];
        readonly lastError: string;
      };
      const { activeTargets } = await read<{ activeTargets: readonly Row[] }>("/api/v1/targets?state=active");
      return activeTargets.map(({ labels, health, lastError }) => ({ job: labels["job"] ?? "", health, lastError }));
    },
    async declared(metric) {
      const found = await read<readonly { readonly type: string }[]>(`/api/v1/targets/metadata?metric=${metric}`);
      return found.map(({ type }) => type);
    },
    stop,
  };
}
