/**
 * The real world of the model-based test: one control plane, one operator behind a relay whose connections can be cut,
 * one Git repository; for each run two namespaces, a folder and a Baseline of its own. It does what people do and keeps
 * book of it in a timeline; whether what Plumbline does is right is for the invariants to say.
 */
import { Agent } from "node:https";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { formatJson, getString, getStrings, type Json, type JsonObject } from "../../src/model/json.ts";
import { startCutProxy, type CutProxy } from "../bench/cut-proxy.ts";
import { apiRequest } from "../control-plane/api-request.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { createRepository, type Repository } from "../git-server/repository.ts";
import { evidenceLines } from "./evidence-lines.ts";
import { defaultNamespace, installChart, moveClock, untilLeads, type Operator } from "./operator.ts";
import { startRelayed } from "./relayed-operator.ts";
import { followWrites, type Written } from "./remediation-model-audit.ts";

export interface Stage {
  readonly plane: ControlPlane;
  readonly proxy: CutProxy;
  readonly repository: Repository;
  readonly url: string;
  operator(): Operator;
  /** Everything that any operator said. */
  said(): string;
  /** Another process; the one before is gone. Resolves when it leads. */
  restart(signal: NodeJS.Signals): Promise<void>;
  /** Its clock is set forward by so much; another process has the right time again. */
  moveClock(): Promise<void>;
  /** Milliseconds by which its clock is ahead. */
  ahead(): number;
  /** The API server is killed and comes back with what it had. */
  restartServer(): Promise<void>;
  /** Writes since the last call, also those that only may have been done. */
  writes(): readonly Written[];
  /** How many surely were in all, by verb. */
  readonly tally: ReadonlyMap<string, number>;
  /** One request as the admin. */
  send(method: string, pathname: string, body?: Json, contentType?: string): Promise<Answer>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly body: JsonObject;
}

/** Short, for a killed process leaves its Lease behind. */
const args = [
  "--leader-elect-lease-duration=3s",
  "--leader-elect-renew-deadline=2s",
  "--leader-elect-retry-period=400ms",
];

const values = {
  "rbac.mode": "remediate",
  "rbac.secrets": "full",
  "rbac.allowDelete": true,
  "rbac.guarded": true,
  "sources.allowFileUrls": true,
  replicaCount: 0,
};

/** Milliseconds: longer than the pauses that end while somebody looks. */
const CLOCK_STEP = 40_000;
const clock = `${new URL("moved-clock.ts", import.meta.url).href}?wall=${CLOCK_STEP}`;

export async function setStage(): Promise<Stage> {
  const plane = await startControlPlane({ audit: true });
  const proxy = await startCutProxy(plane.url);
  await installChart(plane, { values });
  await plane.kubectl(["wait", "crd/baselines.plumbline.dev", "--for=condition=Established", "--timeout=30s"]);
  const repository = createRepository(path.join(plane.folder, "model.git"));
  repository.commit({ "README.md": "nothing yet" });
  // A handshake for each of ten thousand requests would be most of the work.
  let agent = new Agent({ keepAlive: true });
  let past = "";
  let ahead = 0;
  const follow = followWrites(plane.auditLogPath ?? "");
  const tally = new Map<string, number>();
  const start = async (): Promise<Operator> => {
    ahead = 0;
    const started = await startRelayed(plane, proxy.url, { args, nodeFlags: ["--import", clock] });
    await started.ready(60_000);
    await untilLeads(started);
    return started;
  };
  let operator = await start();
  return {
    plane,
    proxy,
    repository,
    url: `file://${repository.dir}`,
    operator: () => operator,
    said: () => past + operator.log(),
    async moveClock() {
      await moveClock(operator);
      ahead += CLOCK_STEP;
    },
    ahead: () => ahead,
    async restartServer() {
      await plane.restart("kube-apiserver");
      agent.destroy();
      agent = new Agent({ keepAlive: true });
    },
    async restart(signal) {
      await operator.stop(signal);
      past += operator.log();
      operator = await start();
    },
    tally,
    writes() {
      const found = follow();
      for (const { verb, sure } of found) if (sure) tally.set(verb, (tally.get(verb) ?? 0) + 1);
      return found;
    },
    async send(method, pathname, body, contentType) {
      const { status, text } = await apiRequest({
        url: `${plane.url}${pathname}`,
        ca: plane.caData,
        token: plane.adminToken,
        method,
        agent,
        ...(body === undefined ? {} : { body: formatJson(body) }),
        ...(contentType === undefined ? {} : { contentType }),
      });
      return { status, body: JSON.parse(text) as JsonObject };
    },
    async stop() {
      await operator.stop("SIGKILL");
      proxy.stop();
      agent.destroy();
      await plane.stop();
    },
  };
}

export const merge = "application/merge-patch+json";
export const group = "/apis/plumbline.dev/v1alpha1";
export const baselinePath = (name: string): string => `${group}/namespaces/${defaultNamespace}/baselines/${name}`;

/** One series of the metrics, undefined where nobody answers. */
export async function metricOf(
  stage: Stage,
  name: string,
  labels: Readonly<Record<string, string>>,
): Promise<number | undefined> {
  return stage
    .operator()
    .metric(name, labels)
    .catch(() => undefined);
}

/** Plumbline's annotations on an object. */
export function marksOf(object: Json): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(getStrings(object, "metadata", "annotations")).filter(([name]) => name.startsWith("plumbline.dev/")),
  );
}

/** What an object that is not as it should be says for itself: its Drift record, and what the operator logged last. */
export async function explain(stage: Stage, namespace: string, name: string): Promise<string> {
  const { body } = await stage.send("GET", `${group}/drifts`);
  const items = (body["items"] ?? []) as readonly Json[];
  const found = items.find(
    (one) => getString(one, "object", "namespace") === namespace && getString(one, "object", "name") === name,
  );
  const drift = found === undefined ? "no Drift record" : JSON.stringify({ ...part(found), metadata: undefined });
  return `${drift}\n${stage.operator().log().split("\n").slice(-15).join("\n")}`;
}

/** What was last decided and done about an object, as it stands in the evidence. */
export function evidenceOf(stage: Stage, name: string): readonly string[] {
  return evidenceLines(stage.said())
    .filter((line) => line.includes(`"${name}"`))
    .slice(-8);
}

const part = (value: Json): JsonObject => value as JsonObject;

/** The reason for which an object waits, as its Drift record has it. */
export async function waitingFor(stage: Stage, namespace: string, name: string): Promise<string | undefined> {
  const { body } = await stage.send("GET", `${group}/drifts`);
  const items = (body["items"] ?? []) as readonly Json[];
  const found = items.find(
    (one) => getString(one, "object", "namespace") === namespace && getString(one, "object", "name") === name,
  );
  return found === undefined ? undefined : getString(found, "remediation", "waitingFor");
}

export { wait };
