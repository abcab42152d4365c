/**
 * Metrics of queues and of the process, named as controller-runtime and client-go name them, so that stock dashboards
 * work. Part of `families.ts`.
 */
import type { Family } from "./family.ts";

const queue = ["name", "controller"] as const;
const durations = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** As client-go's workqueue: powers of ten from 10 ns; the three smallest say nothing about a process like ours. */
const work = [0.00001, 0.0001, 0.001, 0.01, 0.1, 1, 10, 100];

export const runtimeFamilies = {
  controller_runtime_reconcile_total: {
    type: "counter",
    labels: ["controller", "result"],
    help: "Keys worked on, by queue and result: success, error or requeue_after.",
    from: "process",
  },
  controller_runtime_reconcile_time_seconds: {
    type: "histogram",
    labels: ["controller"],
    help: "How long work on one key took, by queue.",
    from: "process",
    buckets: durations,
  },
  controller_runtime_active_workers: {
    type: "gauge",
    labels: ["controller"],
    help: "Workers busy right now, by queue.",
    from: "process",
  },
  controller_runtime_max_concurrent_reconciles: {
    type: "gauge",
    labels: ["controller"],
    help: "Workers there are, by queue.",
    from: "process",
  },
  workqueue_depth: { type: "gauge", labels: queue, help: "Keys waiting in a queue.", from: "process" },
  workqueue_adds_total: { type: "counter", labels: queue, help: "Keys added to a queue.", from: "process" },
  workqueue_retries_total: {
    type: "counter",
    labels: queue,
    help: "Keys added again after an error.",
    from: "process",
  },
  workqueue_queue_duration_seconds: {
    type: "histogram",
    labels: queue,
    help: "How long a key waited in a queue before work on it began.",
    from: "process",
    buckets: work,
  },
  workqueue_work_duration_seconds: {
    type: "histogram",
    labels: queue,
    help: "How long work on a key of a queue took.",
    from: "process",
    buckets: work,
  },
  workqueue_unfinished_work_seconds: {
    type: "gauge",
    labels: queue,
    help: "Seconds of work begun and not ended, summed over the workers of a queue.",
    from: "process",
  },
  workqueue_longest_running_processor_seconds: {
    type: "gauge",
    labels: queue,
    help: "Seconds the longest running worker of a queue has been at its key.",
    from: "process",
  },
  plumbline_api_concurrency_limit: {
    type: "gauge",
    labels: [],
    help: "Requests to the API server that may be under way at once; falls when it is slow or asks for patience.",
    from: "process",
  },
  plumbline_api_requests_in_flight: {
    type: "gauge",
    labels: [],
    help: "Requests to the API server under way, watches and the lease left out.",
    from: "process",
  },
  plumbline_api_requests_waiting: {
    type: "gauge",
    labels: [],
    help: "Requests that wait for one under way to end.",
    from: "process",
  },
  process_cpu_seconds_total: {
    type: "counter",
    labels: [],
    help: "Processor time spent by this process, user and system.",
    from: "process",
  },
  process_resident_memory_bytes: {
    type: "gauge",
    labels: [],
    help: "Memory of this process that is resident.",
    from: "process",
  },
  nodejs_eventloop_lag_p50_seconds: {
    type: "gauge",
    labels: [],
    help: "Median lateness of the event loop since the last scrape.",
    from: "process",
  },
  nodejs_eventloop_lag_p99_seconds: {
    type: "gauge",
    labels: [],
    help: "99th percentile of the lateness of the event loop since the last scrape.",
    from: "process",
  },
  nodejs_eventloop_lag_max_seconds: {
    type: "gauge",
    labels: [],
    help: "Longest time by which a timer came late in the event loop since the last scrape.",
    from: "process",
  },
  nodejs_eventloop_utilization_ratio: {
    type: "gauge",
    labels: [],
    help: "Part of the time since the last scrape in which the event loop was at work.",
    from: "process",
  },
  nodejs_heap_size_used_bytes: {
    type: "gauge",
    labels: [],
    help: "Memory that JavaScript values take.",
    from: "process",
  },
  process_start_time_seconds: {
    type: "gauge",
    labels: [],
    help: "When this process started, in seconds since the epoch.",
    from: "process",
  },
} as const satisfies Readonly<Record<string, Family>>;
