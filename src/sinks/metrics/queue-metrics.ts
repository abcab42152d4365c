/**
 * The workqueue_* and controller_runtime_* metrics of every queue in the house, under the names and labels that
 * controller-runtime gives its own, so that stock dashboards and alerts work.
 */
import type { QueueObserver, WorkQueue } from "../../runtime/work-queue.ts";
import type { WriterObserver } from "../writer.ts";
import type { Metrics } from "./registry.ts";

type Result = "success" | "error" | "requeue_after";

export interface QueueMetrics extends WriterObserver {
  readonly queue: (name: string) => QueueObserver;
  readonly created: (queue: Pick<WorkQueue<string>, "name" | "depth" | "busy">, workers: number) => void;
  readonly reconciled: (queue: string, result: Result, seconds: number) => void;
}

export function createQueueMetrics(metrics: Metrics): QueueMetrics {
  const queues: { readonly queue: Pick<WorkQueue<string>, "name" | "depth" | "busy">; readonly workers: number }[] = [];
  const labelsOf = (name: string): { readonly name: string; readonly controller: string } => ({
    name,
    controller: name,
  });

  metrics.collect("workqueue_depth", () => queues.map(({ queue }) => [labelsOf(queue.name), queue.depth()]));
  metrics.collect("workqueue_unfinished_work_seconds", () =>
    queues.map(({ queue }) => [labelsOf(queue.name), queue.busy().unfinished]),
  );
  metrics.collect("workqueue_longest_running_processor_seconds", () =>
    queues.map(({ queue }) => [labelsOf(queue.name), queue.busy().longest]),
  );
  metrics.collect("controller_runtime_active_workers", () =>
    queues.map(({ queue }) => [{ controller: queue.name }, queue.busy().active]),
  );
  metrics.collect("controller_runtime_max_concurrent_reconciles", () =>
    queues.map(({ queue, workers }) => [{ controller: queue.name }, workers]),
  );

  return {
    queue: (name) => ({
      added: () => metrics.count("workqueue_adds_total", labelsOf(name)),
      retried: () => metrics.count("workqueue_retries_total", labelsOf(name)),
      waited: (seconds) => metrics.observe("workqueue_queue_duration_seconds", labelsOf(name), seconds),
      worked: (seconds) => metrics.observe("workqueue_work_duration_seconds", labelsOf(name), seconds),
    }),
    created(queue, workers) {
      queues.push({ queue, workers });
      metrics.count("workqueue_adds_total", labelsOf(queue.name), 0);
      metrics.count("workqueue_retries_total", labelsOf(queue.name), 0);
    },
    reconciled(queue, result, seconds) {
      metrics.count("controller_runtime_reconcile_total", { controller: queue, result });
      metrics.observe("controller_runtime_reconcile_time_seconds", { controller: queue }, seconds);
    },
  };
}
