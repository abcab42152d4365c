/** What noise rules may know of the world beyond the pair they look at. The engine answers from its stores. */
import type { LiveView } from "../model/live.ts";
import type { ResourceId } from "../model/resource.ts";

export interface Autoscaler {
  readonly name: string;
  readonly kind: "HorizontalPodAutoscaler" | "ScaledObject";
  readonly min: number;
  readonly max: number;
}

export interface Facts {
  /** Autoscalers in the object's namespace whose target it is. */
  autoscalers(target: ResourceId): readonly Autoscaler[];
  /** False while what is known of autoscalers may be old; absent: it is all there is to know. */
  autoscalersSeen?(): boolean;
  /** False also for a moment after it may have been old: one that was made meanwhile may not be known yet. */
  autoscalersSettled?(): boolean;
  /** Undefined where the namespace is not seen. */
  namespaceLabels(namespace: string): Readonly<Record<string, string>> | undefined;
  namespaceAnnotations(namespace: string): Readonly<Record<string, string>> | undefined;
  /** Another object as it is known now, without asking for it: `unseen` where its kind is not watched. */
  live(id: ResourceId, version: string): LiveView;
}

export const noFacts: Facts = {
  autoscalers: () => [],
  namespaceLabels: () => undefined,
  namespaceAnnotations: () => undefined,
  live: () => ({ state: "unseen", problem: { code: "not-synced", message: "nothing is watched" } }),
};
