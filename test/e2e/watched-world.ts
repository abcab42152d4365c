/**
 * Five Baselines on a real control plane, an operator that watches them, and a real Prometheus that scrapes it with the
 * rules as the chart renders them, each `for` cut to a second. It sets the stage and asserts nothing.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { getIn } from "../../src/model/json.ts";
import { find, openHelm, render } from "../chart/helm.ts";
import { createRepository } from "../git-server/repository.ts";
import { startPrometheus, type Prometheus } from "../prometheus/prometheus.ts";
import { eventually, startOperator, type Operator } from "./operator.ts";
import { shopFiles, startWorld, type World } from "./world.ts";

export const read = (file: string): string =>
  readFileSync(fileURLToPath(new URL(`../../${file}`, import.meta.url)), "utf8");

export interface Rule {
  readonly alert: string;
  readonly for: string;
  readonly annotations: { readonly runbook_url: string };
}

/** Names of the alerts, in the order of the file. */
export const shipped = (parse(read("charts/plumbline/files/alerts.yaml")) as { groups: { rules: Rule[] }[] }).groups
  .flatMap((group) => group.rules)
  .map((rule) => rule.alert);

export const role = (name: string, verbs: string): string => `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: ${name}
  namespace: shop
rules:
  - {apiGroups: [""], resources: [configmaps], verbs: [${verbs}]}
`;

const gate = `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: gate
  namespace: shop
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
`;

/** A kind that is served in two versions; with a converter that does not answer, nothing can be listed in v2. */
export function stuckDefinition(converter?: string): string {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  const webhook = { clientConfig: { url: converter }, conversionReviewVersions: ["v1"] };
  return JSON.stringify({
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "widgets.stuck.example" },
    spec: {
      group: "stuck.example",
      names: { kind: "Widget", plural: "widgets" },
      scope: "Namespaced",
      versions: [
        { name: "v1", served: true, storage: true, schema },
        { name: "v2", served: true, storage: false, schema },
      ],
      conversion: converter === undefined ? { strategy: "None" } : { strategy: "Webhook", webhook },
    },
  });
}

export const widget = (version: string): string => `apiVersion: stuck.example/${version}
kind: Widget
metadata:
  name: one
  namespace: shop
`;

const inFolder = (folder: string, files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));

export const files: Record<string, string> = {
  ...inFolder("shop", shopFiles()),
  "observed/role.yaml": role("observed", "get"),
  "waits/role.yaml": role("waits", "get"),
  "heals/gate.yaml": gate,
};

/** The rules as the chart renders them, firing a second after their condition is true. */
async function shortRules(): Promise<readonly { readonly rules: readonly Rule[] }[]> {
  const overrides = Object.fromEntries(shipped.map((alert) => [alert, { for: "1s" }]));
  const helm = await openHelm();
  try {
    const prometheusRule = { enabled: true, renderMode: "alwaysRender", overrides };
    const rule = find(await render(helm, { prometheusRule }), "PrometheusRule", "plumbline");
    return getIn(rule, "spec", "groups") as unknown as readonly { readonly rules: readonly Rule[] }[];
  } finally {
    helm.close();
  }
}

export interface WatchedWorld {
  readonly world: World;
  readonly operator: Operator;
  readonly prometheus: Prometheus;
  /** Groups, as loaded. */
  readonly rules: readonly { readonly rules: readonly Rule[] }[];
  /** Folder of the repository of Baseline `vanishing`. */
  readonly vanishing: string;
  stop(): Promise<void>;
}

/** @param binary of Prometheus */
export async function startWatchedWorld(binary: string): Promise<WatchedWorld> {
  const world = await startWorld({
    plane: { controllerManager: true },
    files,
    values: { "rbac.mode": "remediate", "rbac.read.extraGroups": ["stuck.example"] },
  });
  const closers: (() => Promise<unknown>)[] = [() => world.stop()];
  const stop = async (): Promise<void> => {
    for (const close of closers.toReversed()) await close();
  };
  try {
    const repository = createRepository(path.join(world.plane.folder, "vanishing.git"));
    repository.commit({ "role.yaml": role("vanishing", "get") });
    await world.apply(role("vanishing", "get"));
    const operator = await startOperator(world.plane);
    closers.push(() => operator.stop());
    await operator.ready();
    const git = { url: world.url, ref: { branch: "main" }, interval: "10m" };
    const source = { git };
    await world.createBaseline("shop", { source, path: "shop", mode: "Alert" });
    await world.createBaseline("observed", { source, path: "observed", mode: "Observe" });
    await world.createBaseline("waits", { source, path: "waits", mode: "Alert", gracePeriod: "1h" });
    // What is critical waits for approval by default.
    const remediation = { approval: "Never" };
    await world.createBaseline("heals", { source, path: "heals", mode: "Remediate", remediation });
    await world.createBaseline("vanishing", { source: { git: { ...git, url: `file://${repository.dir}` } } });
    // Before it is judged a Baseline is below its target, and Prometheus would remember that.
    await eventually("all five comply", async () => {
      return (await operator.metric("plumbline_baseline_compliance_ratio")) === 5 || undefined;
    });
    const rules = await shortRules();
    const targets = { plumbline: [new URL(operator.metricsUrl).host] };
    const prometheus = await startPrometheus({ binary, targets, rules });
    closers.push(() => prometheus.stop());
    return { world, operator, prometheus, rules, vanishing: repository.dir, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
