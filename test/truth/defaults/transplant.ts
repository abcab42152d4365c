/**
 * The Pod template of one kind in every other kind that has one. What the server makes of a template is not the same
 * everywhere: a Pod is admitted, a Job is labelled, a DaemonSet's strategy is its own.
 */
import { getIn, isObject, type JsonObject } from "../../../src/model/json.ts";
import type { KubeObject } from "../../../src/model/resource.ts";

const labels = { app: "it" };
const selector = { matchLabels: labels };

function make(apiVersion: string, kind: string, rest: JsonObject): KubeObject {
  return { apiVersion, kind, metadata: { name: "it" }, ...rest };
}

/** Templates of Jobs end: their Pods are not started again by themselves. */
function ending(template: JsonObject): JsonObject {
  const spec = isObject(template["spec"]) ? template["spec"] : {};
  return { ...template, spec: { ...spec, restartPolicy: "Never" } };
}

/** The objects that the template of a Deployment makes; none where the object is no Deployment. */
export function transplanted(object: KubeObject): readonly KubeObject[] {
  const template = object.kind === "Deployment" ? getIn(object, "spec", "template") : undefined;
  if (!isObject(template)) return [];
  const { spec = {} } = template;
  return [
    make("v1", "Pod", { spec }),
    make("v1", "PodTemplate", { template }),
    make("v1", "ReplicationController", { spec: { template } }),
    make("apps/v1", "ReplicaSet", { spec: { selector, template } }),
    make("apps/v1", "DaemonSet", { spec: { selector, template } }),
    make("apps/v1", "StatefulSet", { spec: { selector, serviceName: "it", template } }),
    make("batch/v1", "Job", { spec: { template: ending(template) } }),
    make("batch/v1", "CronJob", {
      spec: { schedule: "@daily", jobTemplate: { spec: { template: ending(template) } } },
    }),
  ];
}
