/**
 * One way of deploying the corpora, played out on a control plane of its own: everything deployed with kubectl, what
 * the server took committed to Git, a Baseline for each application, and the operator at work. It judges nothing.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { getIn, getString, isArray, isObject, parseJson, type Json, type JsonObject } from "../../src/model/json.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { createRepository } from "../git-server/repository.ts";
import {
  deploy,
  nameOf,
  placed,
  readApplications,
  readScopes,
  standing,
  treeOf,
  type Declared,
  type Document,
} from "./corpus-applications.ts";
import { defaultNamespace, installChart, startOperator, type Operator } from "./operator.ts";

/** By Baseline, then by verdict; verdicts of no object are left out. */
export type Counts = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface CorpusStage {
  readonly operator: Operator;
  /** Every object of every Baseline in sync. */
  readonly expected: Counts;
  /** What was deployed, and what was left out and why. */
  readonly report: string;
  /** Throws what the server says where it refuses. */
  send(method: string, pathname: string, body?: Json, contentType?: string): Promise<JsonObject>;
  items(pathname: string): Promise<readonly Json[]>;
  drifts(): Promise<readonly Json[]>;
  counts(): Promise<Counts>;
  /** Resident memory of the operator, now and at its highest; "" where the system does not tell. */
  memory(): string;
  stop(): Promise<void>;
}

const baselines = `/apis/plumbline.dev/v1alpha1/namespaces/${defaultNamespace}/baselines`;

function baselineBody(one: Declared, url: string): JsonObject {
  return {
    apiVersion: "plumbline.dev/v1alpha1",
    kind: "Baseline",
    metadata: { name: one.baseline, namespace: defaultNamespace },
    spec: {
      source: { git: { url, ref: { branch: "main" }, interval: "1h" } },
      path: one.path,
      render: { kind: one.render },
      targetNamespace: one.targetNamespace,
    },
  };
}

function countsOf(metrics: string): Counts {
  const found: Record<string, Record<string, number>> = {};
  for (const [, labels = "", value] of metrics.matchAll(/^plumbline_baseline_objects\{(.*)\} (\d+)$/gm)) {
    const baseline = /(?:^|,)baseline="([^"]*)"/.exec(labels)?.[1] ?? "";
    const verdict = /(?:^|,)verdict="([^"]*)"/.exec(labels)?.[1] ?? "";
    if (value !== "0") (found[baseline] ??= {})[verdict] = Number(value);
  }
  return found;
}

function memoryOf(pid: number): string {
  try {
    return [...readFileSync(`/proc/${pid}/status`, "utf8").matchAll(/^Vm(RSS|HWM):\s+(\d+) kB$/gm)]
      .map(([, name, kilobytes]) => `${name} ${Math.round(Number(kilobytes) / 1024)} MiB`)
      .join(", ");
  } catch {
    return "";
  }
}

/** @param command of kubectl, `["apply", "--server-side"]` */
export async function setCorpusStage(manifests: string, command: readonly string[]): Promise<CorpusStage> {
  const plane = await startControlPlane({
    controllerManager: true,
    controllerManagerArgs: ["--horizontal-pod-autoscaler-sync-period=1s"],
  });
  try {
    return await playOn(plane, manifests, command);
  } catch (error) {
    await plane.stop();
    throw error;
  }
}

async function playOn(plane: ControlPlane, manifests: string, command: readonly string[]): Promise<CorpusStage> {
  const send: CorpusStage["send"] = async (method, pathname, body, contentType) => {
    const answer = await plane.request(method, pathname, {
      ...(body === undefined ? {} : { body }),
      ...(contentType === undefined ? {} : { contentType }),
    });
    const found = answer.status < 300 ? parseJson(answer.text) : undefined;
    if (!isObject(found)) throw new Error(`${method} ${pathname}: ${answer.status} ${answer.text}`);
    return found;
  };
  const items: CorpusStage["items"] = async (pathname) => {
    const found = getIn(await send("GET", pathname), "items");
    return isArray(found) ? found : [];
  };

  const isNamespaced = await readScopes(plane);
  const { declared, twice } = await readApplications(manifests, isNamespaced);
  for (const { targetNamespace } of declared)
    await send("POST", "/api/v1/namespaces", { metadata: { name: targetNamespace } });
  const objects = declared.flatMap((one) => one.documents.map((document) => placed(one, document, isNamespaced)));
  const complaints = await deploy(plane, objects, command);
  const there = await standing(plane, objects);
  const isRefused = (one: Declared, document: Document): boolean =>
    !there.has(nameOf(placed(one, document, isNamespaced)));
  const refused = declared.flatMap((one) =>
    one.documents
      .filter((document) => isRefused(one, document))
      .map(({ file, object }) => `${one.baseline}/${file}: ${nameOf(object)}`),
  );
  const expected: Counts = Object.fromEntries(
    declared.map((one) => [
      one.baseline,
      { "in-sync": one.documents.filter((document) => !isRefused(one, document)).length },
    ]),
  );

  const repository = createRepository(path.join(plane.folder, "corpora.git"));
  repository.commit(treeOf(manifests, declared, isRefused));
  await installChart(plane, { values: { "rbac.secrets": "full", "sources.allowFileUrls": true, replicaCount: 0 } });
  const operator = await startOperator(plane);
  await operator.ready();
  for (const one of declared) await send("POST", baselines, baselineBody(one, `file://${repository.dir}`));

  const perBaseline = Object.entries(expected).map(([name, counts]) => `${name} ${counts["in-sync"]}`);
  return {
    operator,
    expected,
    report: [
      `${there.size} objects: ${perBaseline.join(", ")}`,
      `${refused.length} left out, which the server refused`,
      ...[...refused, ...complaints].map((line) => `  ${line}`),
      `${twice.length} left out, which cannot stand a second time`,
      ...twice.map((line) => `  ${line}`),
    ].join("\n"),
    send,
    items,
    drifts: () => items("/apis/plumbline.dev/v1alpha1/drifts"),
    counts: async () => countsOf(await operator.metrics()),
    memory: () => memoryOf(operator.pid),
    async stop() {
      await operator.stop();
      await plane.stop();
    },
  };
}

/** `Deployment on-voting-app/vote`, for what a record or an Event refers to. */
export function aboutOf(reference: Json | undefined): string {
  const namespace = getString(reference, "namespace") ?? "";
  const name = getString(reference, "name") ?? "";
  return `${getString(reference, "kind") ?? ""} ${namespace === "" ? "" : `${namespace}/`}${name}`;
}
