import { expect, test } from "vitest";
import { createMetrics } from "../../../src/sinks/metrics/registry.ts";
import {
  createProcessMetrics,
  telemetryCompleteness,
  type WatchStream,
} from "../../../src/sinks/metrics/process-metrics.ts";
import { createQueueMetrics } from "../../../src/sinks/metrics/queue-metrics.ts";
import { createWorkQueue } from "../../../src/runtime/work-queue.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { baselineOf, FakeEngine, stateOf } from "../sink-fixtures.ts";

const deployments = { group: "apps", version: "v1", kind: "Deployment" };

test.each([
  ["nothing is expected", [], [], undefined],
  ["all is seen", ["live"], [{ suspend: false, ready: true }], 1],
  ["one watch is forbidden", ["live", "forbidden"], [{ suspend: false, ready: true }], 2 / 3],
  ["a source fails", ["live"], [{ suspend: false, ready: false }], 0.5],
  ["a suspended Baseline expects no source", ["live"], [{ suspend: true, ready: false }], 1],
] as const)("completeness when %s", (_, watches, sources, ratio) => {
  const states = watches.map((state) => ({ state }));
  expect(telemetryCompleteness(states, sources)).toBe(ratio);
});

function world(): {
  watches: WatchStream[];
  text: () => Promise<string>;
  observed: ReturnType<typeof createProcessMetrics>;
} {
  const metrics = createMetrics({ isLeader: () => false });
  const watches: WatchStream[] = [];
  const engine = new FakeEngine();
  engine.put(stateOf());
  const observed = createProcessMetrics({
    metrics,
    engine,
    clock: new ManualClock(),
    watches: () => watches,
    isLeader: () => false,
    leaseName: "plumbline",
    shard: { index: 0, count: 1 },
    version: "0.1.0",
    requests: () => ({ limit: 16, inFlight: 3, waiting: 2 }),
    eventLoop: () => ({ late: { p50: 0.001, p99: 0.002, max: 0.25 }, utilization: 0.5 }),
  });
  return { watches, observed, text: async () => (await metrics.expose("")).body };
}

test("relists are counted by what is new, also when a watch begins again", async () => {
  const { watches, text } = world();
  watches.push({ kind: deployments, state: "live", relists: 0 });
  const line = (count: number): string =>
    `plumbline_watch_relists_total{resource_group="apps",resource_kind="Deployment"} ${count}`;
  expect(await text()).toContain(line(0));
  watches[0] = { kind: deployments, state: "live", relists: 2, lastEventAt: 5_000 };
  expect(await text()).toContain(line(2));
  expect(await text()).toContain(line(2));
  watches[0] = { kind: deployments, state: "live", relists: 1 };
  expect(await text()).toContain(line(3));
});

test("a standby says that it does not hold the lease, and what it sees", async () => {
  const { watches, text } = world();
  watches.push({ kind: deployments, state: "stalled", relists: 0 });
  const body = await text();
  expect(body).toContain('leader_election_master_status{name="plumbline"} 0');
  expect(body).toContain('plumbline_watch_streams{state="stalled"} 1');
  expect(body).toContain('plumbline_watch_streams{state="live"} 0');
  expect(body).toContain("plumbline_telemetry_completeness_ratio 0.5");
  expect(body).toMatch(/^plumbline_build_info\{version="0.1.0",node_version="\d+\.\d+\.\d+"\} 1$/m);
  expect(body).toMatch(/^process_resident_memory_bytes \d+$/m);
  expect(body).toMatch(/^plumbline_api_concurrency_limit 16$/m);
  expect(body).toMatch(/^plumbline_api_requests_in_flight 3$/m);
  expect(body).toMatch(/^plumbline_api_requests_waiting 2$/m);
  expect(body).toMatch(/^nodejs_heap_size_used_bytes \d+$/m);
  expect(body).toMatch(/^nodejs_eventloop_lag_max_seconds 0.25$/m);
  expect(body).toMatch(/^nodejs_eventloop_utilization_ratio 0.5$/m);
});

test("both results of a fetch are there from the first on", async () => {
  const { observed, text } = world();
  observed.fetched("error", 0.3, baselineOf().key);
  const name = 'plumbline_source_fetches_total{baseline_namespace="shop",baseline="web",result=';
  expect(await text()).toContain(`${name}"error"} 1`);
  expect(await text()).toContain(`${name}"success"} 0`);
});

test("a queue is told under the names of controller-runtime", async () => {
  const metrics = createMetrics({ isLeader: () => true });
  const clock = new ManualClock();
  const queues = createQueueMetrics(metrics);
  const queue = createWorkQueue<string>({ clock, name: "status", metrics: queues.queue("status") });
  queues.created(queue, 2);
  queue.add("a");
  queue.add("b");
  const text = async (): Promise<string> => (await metrics.expose("")).body;
  expect(await text()).toContain('workqueue_depth{name="status",controller="status"} 2');
  expect(await text()).toContain('workqueue_adds_total{name="status",controller="status"} 2');
  expect(await text()).toContain('workqueue_retries_total{name="status",controller="status"} 0');
  expect(await text()).toContain('controller_runtime_max_concurrent_reconciles{controller="status"} 2');
  const stop = new AbortController();
  const run = queue.run(1, () => {}, stop.signal);
  stop.abort();
  await run;
  expect(await text()).toContain('workqueue_depth{name="status",controller="status"} 0');
  expect(await text()).toContain('workqueue_work_duration_seconds_count{name="status",controller="status"} 2');
});
