/**
 * The source path at size: a repository of so many objects, five to a file, in block YAML as people write it. Prints how
 * long the first rendering takes from the first look at the remote, a commit of one file after its fetch, the longest
 * hold of the event loop, and the most memory of the process with its threads. Run: `node test/bench/sources.ts 10000 [commits]`;
 * `node test/bench/sources.ts share <folder>` tells how much of the manifests there the fast readers read, and how fast.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { pino } from "pino";
import type { RenderOutcome } from "../../src/model/render-outcome.ts";
import type { DesiredObject } from "../../src/model/snapshot.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { defaultCaps } from "../../src/sources/settings.ts";
import { createSources } from "../../src/sources/sources.ts";
import { yamlLimits } from "../../src/sources/yaml-limits.ts";
import { splitDocuments } from "../../src/sources/yaml-split.ts";
import { readFast } from "../../src/sources/yaml.ts";
import { makeBaseline } from "../sources/bench-sources.ts";

const settings = (count: number, of: string): string =>
  Array.from(
    { length: count },
    (_, at) => `            - name: SETTING_${at}\n              value: value ${at} of ${of}\n`,
  ).join("");

/** Five objects, about 4.5 kB. */
function fileText(at: number, round: number): string {
  const app = `svc-${at}`;
  const head = (apiVersion: string, kind: string): string =>
    `apiVersion: ${apiVersion}
kind: ${kind}
metadata:
  name: ${app}
  namespace: team-${at % 40}
  labels:
    app.kubernetes.io/name: ${app}
    app.kubernetes.io/part-of: shop
    tier: web
  annotations:
    # whom to call
    owner: "team-${at % 40}@example.com"
    round: "${round}"
`;
  return [
    `${head("apps/v1", "Deployment")}spec:
  replicas: 3
  revisionHistoryLimit: 2
  selector:
    matchLabels:
      app.kubernetes.io/name: ${app}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 25%
      maxUnavailable: 0
  template:
    metadata:
      labels:
        app.kubernetes.io/name: ${app}
        version: v1.${at % 9}.0
    spec:
      serviceAccountName: ${app}
      containers:
        - name: web
          image: registry.example/shop/${app}:1.${at % 9}.0
          args: ["--port=8080", "--log=info"]
          ports:
            - name: http
              containerPort: 8080
              protocol: TCP
          env:
${settings(8, app)}            - name: POD_NAME
              valueFrom:
                fieldRef:
                  fieldPath: metadata.name
          resources:
            requests:
              cpu: 100m
              memory: 128Mi
            limits:
              memory: 256Mi
          readinessProbe:
            httpGet:
              path: /ready
              port: http
            periodSeconds: 10
`,
    `${head("v1", "Service")}spec:
  selector:
    app.kubernetes.io/name: ${app}
  ports:
    - name: http
      port: 80
      targetPort: http
`,
    `${head("v1", "ConfigMap")}data:
  LOG_LEVEL: info
  limits: "100"
  config.yaml: |
    server:
      port: 8080
      timeouts: {read: 5s, write: 10s}
    features:
      checkout: true
      search: "on"
    # the neighbour
    upstream: http://svc-${(at * 7) % 1000}:80
    banner: >-
      ${"Welcome to the shop. ".repeat(14)}
`,
    `${head("v1", "ServiceAccount")}automountServiceAccountToken: false
`,
    `${head("autoscaling/v2", "HorizontalPodAutoscaler")}spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: ${app}
  minReplicas: 3
  maxReplicas: 10
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: 80
`,
  ].join("---\n");
}

const nameOf = (at: number): string => `clusters/prod/team-${at % 40}/svc-${at}.yaml`;

/** One commit in the form of git-fast-import(1). */
function* commitOf(files: Iterable<readonly [string, string]>, from: boolean): Generator<string> {
  yield `commit refs/heads/main\ncommitter a <a@example.com> ${from ? 1_767_225_700 : 1_767_225_600} +0000\ndata 1\na\n`;
  if (from) yield "from refs/heads/main^0\n";
  for (const [name, text] of files) yield `M 100644 inline ${name}\ndata ${Buffer.byteLength(text)}\n${text}\n`;
}

function importInto(repository: string, parts: Iterable<string>): void {
  const ran = spawnSync("git", ["fast-import", "--quiet"], { cwd: repository, input: [...parts].join("") });
  if (ran.status !== 0) throw new Error(ran.stderr.toString());
}

function share(folder: string): void {
  const sums = { documents: 0, fast: 0, bytes: 0, fastBytes: 0, fastMs: 0 };
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!/\.(?:ya?ml|json)$/.test(file)) continue;
    for (const part of splitDocuments(readFileSync(path.join(folder, file), "utf8"))) {
      const from = performance.now();
      const read = readFast(part, yamlLimits);
      const took = performance.now() - from;
      sums.documents += 1;
      sums.bytes += part.text.length;
      if (read === undefined) continue;
      sums.fast += 1;
      sums.fastBytes += part.text.length;
      sums.fastMs += took;
    }
  }
  const of = (part: number, whole: number): string => `${((part / whole) * 100).toFixed(1)} %`;
  console.log(
    `${sums.documents} documents, ${(sums.bytes / 1e6).toFixed(1)} MB: ${of(sums.fast, sums.documents)} of them ` +
      `(${of(sums.fastBytes, sums.bytes)} of the bytes) read fast, ${(sums.fastBytes / 1e3 / sums.fastMs).toFixed(0)} MB/s`,
  );
}

if (process.argv[2] === "share") {
  share(process.argv[3] ?? ".");
  process.exit(0);
}

const count = Number(process.argv[2] ?? 10_000);
const rounds = Number(process.argv[3] ?? 5);
const files = Math.ceil(count / 5);
const dir = mkdtempSync(path.join(tmpdir(), "plumbline-bench-"));
const repository = path.join(dir, "repository");
spawnSync("git", ["init", "--quiet", "--bare", repository]);
const first = function* (): Generator<readonly [string, string]> {
  for (let at = 0; at < files; at += 1) yield [nameOf(at), fileText(at, 0)];
};
// In another process, so that its memory is not counted here.
if (process.argv[4] !== undefined) {
  importInto(process.argv[4] ?? "", commitOf(first(), false));
  process.exit(0);
}
spawnSync(process.execPath, [process.argv[1] ?? "", String(count), "0", repository], { stdio: "inherit" });

const TICK = 2;
/** By the clock, and by what the main thread itself computed: on a busy machine the first says more of the others. */
const longest = { clock: 0, computed: 0 };
const last = { clock: 0, computed: 0 };
const computedSoFar = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};
const tick = (): void => {
  const now = { clock: performance.now(), computed: computedSoFar() };
  longest.clock = Math.max(longest.clock, now.clock - last.clock - TICK);
  longest.computed = Math.max(longest.computed, now.computed - last.computed);
  Object.assign(last, now);
};
setInterval(tick, TICK).unref();
const taken: Record<string, number> = { fetch: 0, render: 0 };
let outcome: ((outcome: RenderOutcome) => void) | undefined;
const sources = createSources({
  clock: systemClock,
  log: pino({ level: "silent" }),
  settings: {
    workDir: path.join(dir, "work"),
    gitBinary: "git",
    kustomizeBinary: "kustomize",
    searchPath: process.env["PATH"] ?? "",
    gitEnvironment: {},
    allowFileUrls: true,
    allowedHosts: ["localhost"],
    concurrency: 4,
    parseWorkers: 2,
    yaml: yamlLimits,
    caps: defaultCaps,
  },
  readSecret: () => Promise.resolve({ code: "source-secret-missing", message: "there is none" }),
  apiServerAddresses: [],
  onOutcome: (_key, ended) => outcome?.(ended),
  observe: {
    fetch: (_result, seconds) => (taken["fetch"] = seconds),
    render: (seconds) => (taken["render"] = seconds),
  },
});
const next = async (act: () => void): Promise<readonly DesiredObject[]> => {
  tick();
  Object.assign(longest, { clock: 0, computed: 0 });
  const ended = await new Promise<RenderOutcome>((resolve) => {
    outcome = resolve;
    act();
  });
  if (ended.kind !== "rendered") throw new Error(JSON.stringify(ended));
  if (ended.snapshot.problems.length > 0) throw new Error(JSON.stringify(ended.snapshot.problems[0]));
  return ended.snapshot.objects;
};
const report = (what: string, kept?: number): void => {
  const ms = (seconds = 0): string => `${(seconds * 1000).toFixed(0)} ms`;
  const same = kept === undefined ? "" : `, ${kept} objects kept as they are`;
  console.log(
    `${what}: fetch ${ms(taken["fetch"])}, render ${ms(taken["render"])}, longest hold ${longest.clock.toFixed(1)} ms ` +
      `(${longest.computed.toFixed(1)} ms computing), ` +
      `peak RSS ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB${same}`,
  );
};

const baseline = makeBaseline({ url: `file://${repository}` });
const idle = process.resourceUsage().maxRSS / 1024;
const cpu = process.cpuUsage();
let objects = await next(() => sources.ensure(baseline));
const used = process.cpuUsage(cpu);
report(`${objects.length} objects in ${files} files (RSS before ${idle.toFixed(0)} MB), first`);
console.log(`processor time of the process with its threads: ${((used.user + used.system) / 1000).toFixed(0)} ms`);
for (let round = 1; round <= rounds; round += 1) {
  importInto(repository, commitOf([[nameOf(files >> 1), fileText(files >> 1, round)]], true));
  const before = new Set(objects);
  objects = await next(() => sources.checkNow(baseline.key));
  report(`commit ${round} of one file`, objects.filter((one) => before.has(one)).length);
}
await sources.stop();
rmSync(dir, { recursive: true, force: true });
