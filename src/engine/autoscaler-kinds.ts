/** The kinds that scale others, and what one of them says: whom it scales, and within which bounds. Pure. */
import { getIn, getString, type Json } from "../model/json.ts";
import type { LiveObject } from "../model/live.ts";
import { idKey, kindRef, type IdKey, type KindRef } from "../model/resource.ts";
import type { DecideInput } from "../verdict/decide.ts";

export type Autoscaler = ReturnType<DecideInput["facts"]["autoscalers"]>[number];

export interface AutoscalerKind extends KindRef {
  readonly kind: Autoscaler["kind"];
  /** Where the target lacks them. Source: https://keda.sh/docs/latest/reference/scaledobject-spec/ */
  readonly target: { readonly apiVersion: string; readonly kind: string };
  readonly min: { readonly field: string; readonly otherwise: number };
  readonly max: { readonly field: string; readonly otherwise: number };
}

export interface ReadAutoscaler {
  readonly id: IdKey;
  readonly target: IdKey;
  readonly autoscaler: Autoscaler;
}

export const autoscalerKinds: readonly AutoscalerKind[] = [
  {
    group: "autoscaling",
    version: "v2",
    kind: "HorizontalPodAutoscaler",
    target: { apiVersion: "v1", kind: "" },
    min: { field: "minReplicas", otherwise: 1 },
    max: { field: "maxReplicas", otherwise: 1 },
  },
  {
    group: "keda.sh",
    version: "v1alpha1",
    kind: "ScaledObject",
    target: { apiVersion: "apps/v1", kind: "Deployment" },
    min: { field: "minReplicaCount", otherwise: 0 },
    max: { field: "maxReplicaCount", otherwise: 100 },
  },
];

export const isAutoscaler = (id: { readonly group: string; readonly kind: string }): boolean =>
  autoscalerKinds.some(({ group, kind }) => group === id.group && kind === id.kind);

const asNumber = (value: Json | undefined, otherwise: number): number =>
  typeof value === "number" ? value : otherwise;

export function readAutoscaler(kind: AutoscalerKind, { object }: LiveObject): ReadAutoscaler | undefined {
  const namespace = getString(object.metadata, "namespace") ?? "";
  const name = getString(object.metadata, "name") ?? "";
  const target = getIn(object, "spec", "scaleTargetRef");
  const targetName = getString(target, "name");
  if (targetName === undefined) return undefined;
  const ref = kindRef(
    getString(target, "apiVersion") ?? kind.target.apiVersion,
    getString(target, "kind") ?? kind.target.kind,
  );
  return {
    id: idKey({ group: kind.group, kind: kind.kind, namespace, name }),
    target: idKey({ group: ref.group, kind: ref.kind, namespace, name: targetName }),
    autoscaler: {
      name,
      kind: kind.kind,
      min: asNumber(getIn(object, "spec", kind.min.field), kind.min.otherwise),
      max: asNumber(getIn(object, "spec", kind.max.field), kind.max.otherwise),
    },
  };
}
