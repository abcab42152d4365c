/**
 * The smallest valid object of a kind, with what a case adds to it. Written as JSON, since YAML is not what is looked at.
 */
import type { JsonObject } from "../../../src/model/json.ts";
import type { KubeObject } from "../../../src/model/resource.ts";

/** Name of the case, and the object as a file would have it. */
export type Row = readonly [name: string, object: KubeObject];

export function make(apiVersion: string, kind: string, rest: JsonObject, name = "it"): KubeObject {
  const { metadata, ...fields } = rest;
  return { apiVersion, kind, ...fields, metadata: { name, ...(metadata as JsonObject | undefined) } };
}

export const c: JsonObject = { name: "c", image: "nginx" };
export const labels = { app: "it" };

export function pod(spec: JsonObject): KubeObject {
  return make("v1", "Pod", { spec: { containers: [c], ...spec } });
}
export function deployment(template: JsonObject, spec: JsonObject = {}): KubeObject {
  const full = { metadata: { labels }, spec: { containers: [c], ...template } };
  return make("apps/v1", "Deployment", { spec: { selector: { matchLabels: labels }, template: full, ...spec } });
}
export function container(fields: JsonObject): KubeObject {
  return deployment({ containers: [{ ...c, ...fields }] });
}
export function volume(source: JsonObject): KubeObject {
  return deployment({ volumes: [{ name: "v", ...source }] });
}
export function service(spec: JsonObject): KubeObject {
  return make("v1", "Service", { spec: { ports: [{ port: 80 }], ...spec } });
}
export function job(spec: JsonObject): KubeObject {
  const template = { spec: { restartPolicy: "Never", containers: [c] } };
  return make("batch/v1", "Job", { spec: { template, ...spec } });
}
export function statefulSet(spec: JsonObject): KubeObject {
  const template = { metadata: { labels }, spec: { containers: [c] } };
  return make("apps/v1", "StatefulSet", {
    spec: { selector: { matchLabels: labels }, serviceName: "it", template, ...spec },
  });
}
export function daemonSet(spec: JsonObject): KubeObject {
  const template = { metadata: { labels }, spec: { containers: [c] } };
  return make("apps/v1", "DaemonSet", { spec: { selector: { matchLabels: labels }, template, ...spec } });
}
export function autoscaler(spec: JsonObject): KubeObject {
  const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "it" };
  return make("autoscaling/v2", "HorizontalPodAutoscaler", { spec: { scaleTargetRef, maxReplicas: 3, ...spec } });
}
export function networkPolicy(spec: JsonObject): KubeObject {
  return make("networking.k8s.io/v1", "NetworkPolicy", { spec: { podSelector: {}, ...spec } });
}
export function webhook(kind: string, fields: JsonObject = {}): KubeObject {
  const hook = {
    name: "a.example.com",
    clientConfig: { service: { name: "s", namespace: "n" } },
    rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
    ...fields,
  };
  return make("admissionregistration.k8s.io/v1", `${kind}WebhookConfiguration`, { webhooks: [hook] });
}
export function claim(spec: JsonObject): KubeObject {
  const resources = { requests: { storage: "1024Mi" } };
  return make("v1", "PersistentVolumeClaim", { spec: { accessModes: ["ReadWriteOnce"], resources, ...spec } });
}
export function volumeObject(spec: JsonObject): KubeObject {
  return make("v1", "PersistentVolume", {
    spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], ...spec },
  });
}
