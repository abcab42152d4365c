/**
 * How well the event loop turns: what it was late by, and how much of the time it was at work. Whoever reads starts a
 * new span. It only measures.
 */
import { monitorEventLoopDelay, performance } from "node:perf_hooks";

/** Of the span since the last reading. */
export interface LoopHealth {
  /** Seconds by which a timer came late, beyond {@link RESOLUTION}; undefined where the span was too short to tell. */
  readonly late: { readonly p50: number; readonly p99: number; readonly max: number } | undefined;
  /** 0 to 1: the part of the time in which the loop was not waiting. */
  readonly utilization: number;
}

export interface EventLoop {
  read(): LoopHealth;
  stop(): void;
}

/** Milliseconds between looks: each look wakes the process, and an idle one should sleep. */
const RESOLUTION = 20;

export function watchEventLoop(): EventLoop {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION });
  histogram.enable();
  let before = performance.eventLoopUtilization();
  // The histogram holds the time between two looks, in nanoseconds.
  const seconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - RESOLUTION / 1e3);
  return {
    read() {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, before);
      before = now;
      const late =
        histogram.count === 0
          ? undefined
          : {
              p50: seconds(histogram.percentile(50)),
              p99: seconds(histogram.percentile(99)),
              max: seconds(histogram.max),
            };
      histogram.reset();
      return { late, utilization };
    },
    stop: () => void histogram.disable(),
  };
}
