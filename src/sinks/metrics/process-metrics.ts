/**
 * What Plumbline tells about itself: its two streams, its requests, its lease and its process. The rooms that do the
 * work call these observers through ports; nothing here reaches into them.
 */
import { parseBaselineKey, type BaselineKey } from "../../model/snapshot.ts";
import type { KindRef } from "../../model/resource.ts";
import type { Clock } from "../../runtime/clock.ts";
import type { LoopHealth } from "../../runtime/event-loop.ts";
import type { EngineReader } from "../ports.ts";
import type { Metrics } from "./registry.ts";

export type WatchStreamState = "live" | "syncing" | "stalled" | "forbidden" | "absent";

/** One watch, as the cluster room tells it. */
export interface WatchStream {
  readonly kind: KindRef;
  readonly state: WatchStreamState;
  /** Milliseconds since the epoch. */
  readonly lastEventAt?: number;
  /** How often since the start. */
  readonly relists: number;
}

export interface ProcessMetricsDeps {
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly engine: Pick<EngineReader, "states">;
  readonly watches: () => readonly WatchStream[];
  readonly isLeader: () => boolean;
  readonly leaseName: string;
  readonly shard: { readonly index: number; readonly count: number };
  readonly version: string;
  /** Requests to the API server: how many may be, are under way, and wait. */
  readonly requests: () => { readonly limit: number; readonly inFlight: number; readonly waiting: number };
  /** How the event loop fared since it was last asked. */
  readonly eventLoop: () => LoopHealth;
}

export interface ProcessMetrics {
  /** An attempt to bring a source up to date ended. */
  fetched(result: "success" | "error", seconds: number, key: BaselineKey): void;
  rendered(seconds: number): void;
  /** From the arrival of a watch line until the verdict it led to was recorded. */
  judged(seconds: number): void;
  /** A dry run of a declared object ended. */
  calibrated(result: "learned" | "nothing" | "refused" | "failed"): void;
  /** A request to the API server ended; `code` is `<error>` where no answer came, as client-go says it. */
  requested(request: { verb: string; method: string; code: string; host: string; seconds: number }): void;
  removed(key: BaselineKey): void;
}

const streamStates: readonly WatchStreamState[] = ["live", "syncing", "stalled", "forbidden", "absent"];

/**
 * M4: live watches and ready sources ÷ those expected; undefined where none is. A suspended Baseline expects no source.
 */
export function telemetryCompleteness(
  watches: readonly Pick<WatchStream, "state">[],
  sources: readonly { readonly suspend: boolean; readonly ready: boolean }[],
): number | undefined {
  const expected = sources.filter((source) => !source.suspend);
  const total = watches.length + expected.length;
  const seen =
    watches.filter((watch) => watch.state === "live").length + expected.filter((source) => source.ready).length;
  return total === 0 ? undefined : seen / total;
}

function collectWatches(metrics: Metrics, watches: ProcessMetricsDeps["watches"]): void {
  metrics.collect("plumbline_watch_streams", () =>
    streamStates.map((state) => [{ state }, watches().filter((watch) => watch.state === state).length] as const),
  );
  metrics.collect("plumbline_watch_last_event_timestamp_seconds", () =>
    watches().flatMap(({ kind, lastEventAt }) =>
      lastEventAt === undefined
        ? []
        : [[{ resource_group: kind.group, resource_kind: kind.kind }, lastEventAt / 1000] as const],
    ),
  );
  const told = new Map<string, number>();
  metrics.beforeScrape(() => {
    for (const { kind, relists } of watches()) {
      const key = `${kind.group}/${kind.version}/${kind.kind}`;
      const before = told.get(key);
      // A watch that was given up and begun again counts from zero.
      const more = before === undefined || relists < before ? relists : relists - before;
      told.set(key, relists);
      if (before !== undefined && more === 0) continue;
      metrics.count("plumbline_watch_relists_total", { resource_group: kind.group, resource_kind: kind.kind }, more);
    }
  });
}

function collectEventLoop({ metrics, eventLoop }: ProcessMetricsDeps): void {
  let health: LoopHealth | undefined;
  metrics.beforeScrape(() => {
    health = eventLoop();
  });
  metrics.collect("nodejs_eventloop_utilization_ratio", () =>
    health === undefined ? [] : [[{}, health.utilization] as const],
  );
  for (const which of ["p50", "p99", "max"] as const)
    metrics.collect(`nodejs_eventloop_lag_${which}_seconds`, () =>
      health?.late === undefined ? [] : [[{}, health.late[which]] as const],
    );
}

function collectProcess({ metrics, clock, version }: ProcessMetricsDeps): void {
  const startedAt = clock.now() / 1000 - process.uptime();
  let told = 0;
  metrics.set("plumbline_build_info", { version, node_version: process.versions.node }, 1);
  metrics.collect("process_start_time_seconds", () => [[{}, startedAt]]);
  metrics.collect("process_resident_memory_bytes", () => [[{}, process.memoryUsage.rss()]]);
  metrics.collect("nodejs_heap_size_used_bytes", () => [[{}, process.memoryUsage().heapUsed]]);
  metrics.beforeScrape(() => {
    const { user, system } = process.cpuUsage();
    const total = (user + system) / 1_000_000;
    metrics.count("process_cpu_seconds_total", {}, Math.max(0, total - told));
    told = Math.max(told, total);
  });
}

export function createProcessMetrics(deps: ProcessMetricsDeps): ProcessMetrics {
  const { metrics, engine } = deps;
  collectProcess(deps);
  collectEventLoop(deps);
  collectWatches(metrics, deps.watches);
  const { index, count } = deps.shard;
  metrics.set("plumbline_shard_info", { shard: String(index), shards: String(count) }, 1);
  metrics.collect("plumbline_shards", () => [[{}, count]]);
  metrics.collect("leader_election_master_status", () => [[{ name: deps.leaseName }, deps.isLeader() ? 1 : 0]]);
  metrics.collect("plumbline_api_concurrency_limit", () => [[{}, deps.requests().limit]]);
  metrics.collect("plumbline_api_requests_in_flight", () => [[{}, deps.requests().inFlight]]);
  metrics.collect("plumbline_api_requests_waiting", () => [[{}, deps.requests().waiting]]);
  metrics.collect("plumbline_telemetry_completeness_ratio", () => {
    const sources = engine
      .states()
      .map(({ baseline, source }) => ({ suspend: baseline.suspend, ready: source.state === "ready" }));
    const ratio = telemetryCompleteness(deps.watches(), sources);
    return ratio === undefined ? [] : [[{}, ratio]];
  });
  return {
    fetched(result, seconds, key) {
      const { namespace, name } = parseBaselineKey(key);
      const labels = { baseline_namespace: namespace, baseline: name };
      // Both results from the first attempt on: a rate over a series that was never there is no rate.
      metrics.count("plumbline_source_fetches_total", { ...labels, result: "success" }, result === "success" ? 1 : 0);
      metrics.count("plumbline_source_fetches_total", { ...labels, result: "error" }, result === "error" ? 1 : 0);
      metrics.observe("plumbline_source_fetch_duration_seconds", {}, seconds);
    },
    rendered(seconds) {
      metrics.observe("plumbline_render_duration_seconds", {}, seconds);
    },
    judged(seconds) {
      metrics.observe("plumbline_verdict_latency_seconds", {}, seconds);
    },
    calibrated: (result) => metrics.count("plumbline_calibrations_total", { result }),
    requested({ verb, method, code, host, seconds }) {
      metrics.count("rest_client_requests_total", { code, method, host });
      // A watch lasts as long as it is wanted; its length says nothing.
      if (verb !== "watch") metrics.observe("rest_client_request_duration_seconds", { verb }, seconds);
    },
    removed(key) {
      const { namespace, name } = parseBaselineKey(key);
      metrics.forgetBaseline(namespace, name);
    },
  };
}
