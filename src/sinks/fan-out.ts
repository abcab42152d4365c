/**
 * Hands what the engine publishes to every sink. One sink that throws is logged and left out of this one call; the
 * others still hear of it. Never waits and never writes.
 */
import { messageOf } from "../model/problem.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { Transition } from "../model/verdict.ts";
import type { Log } from "../runtime/log.ts";
import type { Sink } from "./ports.ts";

export interface FanOut {
  publish(transition: Transition): void;
  stateChanged(key: BaselineKey): void;
  removed(key: BaselineKey): void;
  leading(): void;
}

export function createFanOut(sinks: readonly Sink[], log: Log): FanOut {
  const each = (call: (sink: Sink) => void): void => {
    for (const sink of sinks) {
      try {
        call(sink);
      } catch (error) {
        log.error({ sink: sink.name, error: messageOf(error) }, "sink failed");
      }
    }
  };
  return {
    publish: (transition) => each((sink) => sink.transition(transition)),
    stateChanged: (key) => each((sink) => sink.stateChanged(key)),
    removed: (key) => each((sink) => sink.removed(key)),
    leading: () => each((sink) => sink.leading()),
  };
}
