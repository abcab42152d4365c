/**
 * The operator, timed on a real API server: cold start to every verdict, memory, edit → verdict, drift → healed. Prints
 * figures and ratios, asserts nothing: `npm run bench -- operator 1000`. Server, etcd and operator share this machine,
 * so absolute figures are of this machine on this day.
 */
import { existsSync, readFileSync, writeFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { openCluster } from "../../src/cli/cluster-access.ts";
import { watchObjects } from "../../src/cluster/watch-objects.ts";
import { getIn, getString } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { exec } from "../../src/runtime/exec.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { startControlPlane } from "../control-plane/control-plane.ts";
import { defaultNamespace, eventually, installChart, type Operator, startOperator } from "../e2e/operator.ts";

const count = Number(process.argv[2] ?? 1_000);
const rounds = Number(process.argv[3] ?? 100);
const namespaces = 10;

const namespaceOf = (at: number): string => `bench-${at % namespaces}`;

/** Equal parts of four kinds, of about 1 kB each, as a person would write them. */
function manifest(at: number): unknown {
  const metadata = { name: `app-${at}`, namespace: namespaceOf(at), labels: { app: `app-${at}` } };
  switch (at % 4) {
    case 0:
      return {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata,
        spec: {
          replicas: 0,
          selector: { matchLabels: { app: `app-${at}` } },
          template: {
            metadata: { labels: { app: `app-${at}` } },
            spec: {
              containers: [
                {
                  name: "app",
                  image: `registry.example/app:${at}`,
                  ports: [{ name: "http", containerPort: 8080 }],
                  env: [{ name: "LEVEL", value: "info" }],
                  resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { memory: "128Mi" } },
                },
              ],
            },
          },
        },
      };
    case 1:
      return {
        apiVersion: "v1",
        kind: "Service",
        metadata,
        spec: { selector: { app: `app-${at}` }, ports: [{ name: "http", port: 80, targetPort: "http" }] },
      };
    case 2:
      return { apiVersion: "v1", kind: "ConfigMap", metadata, data: { config: "x".repeat(800), level: "info" } };
    default:
      return {
        apiVersion: "networking.k8s.io/v1",
        kind: "Ingress",
        metadata,
        spec: {
          rules: [
            {
              host: `app-${at}.example`,
              http: {
                paths: [
                  {
                    path: "/",
                    pathType: "Prefix",
                    backend: { service: { name: `app-${at}`, port: { name: "http" } } },
                  },
                ],
              },
            },
          ],
        },
      };
  }
}

const collections: readonly string[] = [
  "apis/apps/v1/namespaces/NS/deployments",
  "api/v1/namespaces/NS/services",
  "api/v1/namespaces/NS/configmaps",
  "apis/networking.k8s.io/v1/namespaces/NS/ingresses",
];

const quantile = (values: readonly number[], q: number): string =>
  (values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN).toFixed(
    1,
  );
const spread = (values: readonly number[]): string =>
  `p50 ${quantile(values, 0.5)} ms, p99 ${quantile(values, 0.99)} ms, max ${quantile(values, 1)} ms (${values.length} times)`;

function memory(operator: Operator): string {
  const status = readFileSync(`/proc/${operator.pid}/status`, "utf8");
  const field = (name: string): string =>
    `${Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024)} MB`;
  return `RSS ${field("VmRSS")}, peak ${field("VmHWM")}`;
}

const print = (what: string, figure: string): void => console.log(`${what.padEnd(44)}${figure}`);

const plane = await startControlPlane();
const repository = mkdtempSync(path.join(tmpdir(), "plumbline-bench-git-"));
try {
  const post = async (pathname: string, body: unknown): Promise<void> => {
    const answer = await plane.request("POST", `/${pathname}`, { body });
    if (answer.status > 299) throw new Error(answer.text);
  };
  for (let at = 0; at < namespaces; at += 1)
    await post("api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name: namespaceOf(at) } });
  for (let at = 0; at < count; at += 16)
    await Promise.all(
      Array.from({ length: Math.min(16, count - at) }, (_, offset) =>
        post(
          `${(collections[(at + offset) % 4] ?? "").replace("NS", namespaceOf(at + offset))}?fieldManager=deployer`,
          manifest(at + offset),
        ),
      ),
    );
  const files = Math.ceil(count / 20);
  for (let file = 0; file < files; file += 1) {
    const items = Array.from({ length: Math.min(20, count - file * 20) }, (_, offset) => manifest(file * 20 + offset));
    writeFileSync(
      path.join(repository, `${file}.yaml`),
      items.map((item) => JSON.stringify(item, null, 1)).join("\n---\n"),
    );
  }
  const env = { PATH: process.env["PATH"] ?? "", HOME: repository };
  for (const args of [
    ["init", "-q", "-b", "main"],
    ["add", "."],
    ["-c", "user.name=b", "-c", "user.email=b@b", "commit", "-qm", "1"],
  ])
    await exec("git", args, { cwd: repository, env, timeout: 60_000, maxOutput: 1e6 });
  await installChart(plane, { values: { "sources.allowFileUrls": true, "rbac.mode": "remediate", replicaCount: 0 } });
  const baselines = `apis/plumbline.dev/v1alpha1/namespaces/${defaultNamespace}/baselines`;
  await post(baselines, {
    apiVersion: "plumbline.dev/v1alpha1",
    kind: "Baseline",
    metadata: { name: "bench", namespace: defaultNamespace },
    spec: {
      source: { git: { url: `file://${repository}`, ref: { branch: "main" }, interval: "1h" } },
      mode: "Remediate",
      remediation: { approval: "Never", limits: { maxPerMinute: 600, maxObjectsPerRevision: 1_000 } },
    },
  });

  const started = performance.now();
  const bundle = path.resolve("dist/plumbline.js");
  const operator = await startOperator(plane, existsSync(bundle) ? { program: bundle } : {});
  print("program", existsSync(bundle) ? "the bundle" : "the source (npm run build makes the bundle)");
  await eventually(
    "every verdict",
    async () =>
      (await operator.metric("plumbline_baseline_objects", { verdict: "in-sync" })) === count ? true : undefined,
    { within: 120_000, every: 5 },
  );
  const took = performance.now() - started;
  print(
    `process start → ${count} verdicts`,
    `${(took / 1000).toFixed(2)} s, ${Math.round(count / (took / 1000))} objects/s`,
  );
  print("memory then", memory(operator));

  const cluster = await openCluster({ kubeconfig: plane.kubeconfigPath });
  const records = new Map<string, string>();
  const seen: ((name: string, level: string | undefined) => void)[] = [];
  const context = { ...cluster, clock: systemClock, log: silentLog };
  const drifts = watchObjects({
    context,
    kind: { group: "plumbline.dev", version: "v1alpha1", kind: "Drift" },
    handlers: {
      applied: (record: KubeObject) =>
        records.set(getString(record, "object", "name") ?? "", getString(record, "firstObserved") ?? ""),
      deleted: (record: KubeObject) => void records.delete(getString(record, "object", "name") ?? ""),
    },
  });
  const maps = watchObjects({
    context,
    kind: { group: "", version: "v1", kind: "ConfigMap" },
    handlers: {
      applied: (map: KubeObject) => {
        for (const call of seen)
          call(getString(map.metadata, "name") ?? "", getIn(map, "data", "level") as string | undefined);
      },
      deleted: () => {},
    },
  });
  await eventually("the watches", () => (drifts.synced() && maps.synced() ? true : undefined));

  const edit = async (at: number, patch: unknown): Promise<void> => {
    const pathname = `/api/v1/namespaces/${namespaceOf(at)}/configmaps/app-${at}?fieldManager=kubectl-edit`;
    const answer = await plane.request("PATCH", pathname, { body: patch, contentType: "application/merge-patch+json" });
    if (answer.status > 299) throw new Error(answer.text);
  };
  const mapAt = (round: number): number => 2 + 4 * (round % Math.floor(count / 4));
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 30));

  const verdicts: number[] = [];
  const afterAnswer: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const at = mapAt(round);
    const sent = Date.now();
    await edit(at, { data: { level: "debug" } });
    const answered = Date.now();
    const observed = await eventually("the record", () => records.get(`app-${at}`), { every: 2 });
    verdicts.push(Date.parse(observed) - sent);
    afterAnswer.push(Date.parse(observed) - answered);
    await pause();
  }
  print("edit sent → verdict recorded", spread(verdicts));
  print("edit answered → verdict recorded", spread(afterAnswer));

  for (let round = 0; round < rounds; round += 1) await edit(mapAt(round), { data: { level: "info" } });
  await eventually("no drift", async () =>
    (await operator.metric("plumbline_baseline_objects", { verdict: "drifted" })) === 0 ? true : undefined,
  );
  for (let round = 0; round < rounds; round += 1)
    await edit(mapAt(round), { metadata: { annotations: { "plumbline.dev/remediate": "enabled" } } });

  const healed: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const at = mapAt(round);
    const done = new Promise<number>((resolve) => {
      let drifted = 0;
      const watch = (name: string, level: string | undefined): void => {
        if (name !== `app-${at}`) return;
        if (level === "debug") drifted = performance.now();
        else if (drifted > 0 && level === "info") {
          seen.splice(seen.indexOf(watch), 1);
          resolve(performance.now() - drifted);
        }
      };
      seen.push(watch);
    });
    await edit(at, { data: { level: "debug" } });
    healed.push(await done);
    await pause();
  }
  print("drift seen → put back seen", spread(healed));
  print(
    "writes that put back",
    `${await operator.metric("plumbline_remediations_total", { result: "applied" })} applied, ${(await operator.metric("plumbline_remediations_total", { result: "conflict" })) ?? 0} conflicts`,
  );
  const judged = await operator.metric("plumbline_verdict_latency_seconds_sum");
  const judgements = await operator.metric("plumbline_verdict_latency_seconds_count");
  print(
    "watch line received → verdict recorded, mean",
    `${(((judged ?? 0) / (judgements ?? 1)) * 1000).toFixed(1)} ms (${judgements} times)`,
  );
  print("memory at the end", memory(operator));
  drifts.stop();
  maps.stop();
  await cluster.close();
  await operator.stop();
} finally {
  await plane.stop();
  rmSync(repository, { recursive: true, force: true });
}
process.exit(0);
