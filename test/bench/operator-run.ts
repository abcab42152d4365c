/**
 * The operator under measurement: started from its bundle as the chart's Deployment says, with the moment of its start,
 * and stages of its life with what each cost.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Operator, operatorAccount, readMetric, startOperator } from "../e2e/operator.ts";
import { markAudit, type Request, requestsSince } from "./audit-count.ts";
import { cpuSecondsOf, memoryOf } from "./process-figures.ts";
import type { World } from "./world.ts";

export interface RunOptions {
  /** The bundle. */
  readonly program: string;
  /** Of Node, in front of the program. */
  readonly nodeFlags?: readonly string[];
  /** Where the operator believes the API server to be. */
  readonly url?: string;
  /** A file with its token, for one that is rotated. */
  readonly tokenFile?: string;
}

export interface Run {
  readonly operator: Operator;
  /** Of `performance.now()`, just before the process was made. */
  readonly startedAt: number;
  readonly log: string;
}

/** A program that becomes Node with more flags than the harness gives it. Same process, same standard streams. */
function withFlags(program: string, flags: readonly string[]): { readonly program: string; remove(): void } {
  if (flags.length === 0) return { program, remove: () => {} };
  const folder = mkdtempSync(path.join(tmpdir(), "plumbline-bench-start-"));
  const file = path.join(folder, "start.mjs");
  const head = JSON.stringify([...flags, program]);
  writeFileSync(
    file,
    `process.execve(process.execPath, [process.execPath, ...process.execArgv, ...${head}, ...process.argv.slice(2)], process.env);\n`,
  );
  return { program: file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function kubeconfig(world: World, options: RunOptions, token: string): unknown {
  // As the credentials of a Pod are read: the file anew, again and again.
  const { tokenFile } = options;
  const user = tokenFile === undefined ? { token } : { "auth-provider": { name: "tokenFile", config: { tokenFile } } };
  const cluster = { server: options.url ?? world.plane.url, "certificate-authority": world.plane.caFile };
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "bench", cluster }],
    users: [{ name: "bench", user }],
    contexts: [{ name: "bench", context: { cluster: "bench", user: "bench", namespace: "default" } }],
    "current-context": "bench",
  };
}

export async function startRun(world: World, options: RunOptions): Promise<Run> {
  let startedAt = performance.now();
  const { plane } = world;
  const started = withFlags(options.program, options.nodeFlags ?? []);
  const operator = await startOperator(
    {
      kubeconfigPath: plane.kubeconfigPath,
      kubectl: plane.kubectl,
      tokenFor: plane.tokenFor,
      // The last thing before the process is made.
      writeKubeconfig(name, token) {
        const file = path.join(plane.folder, name);
        writeFileSync(file, JSON.stringify(kubeconfig(world, options, token)), { mode: 0o600 });
        startedAt = performance.now();
        return file;
      },
    },
    { program: started.program, freshPorts: true },
  );
  operator.process.once("exit", () => started.remove());
  return {
    operator,
    get startedAt() {
      return startedAt;
    },
    get log() {
      return operator.log();
    },
  };
}

export type Counts = Readonly<Record<string, number>>;

/** Objects by verdict over all Baselines; verdicts that none has are left out. */
export function countsIn(metrics: string): Counts {
  const counts: Record<string, number> = {};
  for (const [, verdict = "", value] of metrics.matchAll(
    /^plumbline_baseline_objects\{[^}]*verdict="([^"]+)"[^}]*\} (\S+)/gm,
  ))
    if (Number(value) > 0) counts[verdict] = (counts[verdict] ?? 0) + Number(value);
  return counts;
}

/** Milliseconds by which the event loop was late at most, since the metrics were last asked for. */
export function loopMaxIn(metrics: string): number | undefined {
  const seconds = readMetric(metrics, "nodejs_eventloop_lag_max_seconds", {});
  return seconds === undefined ? undefined : seconds * 1000;
}

export interface Judged {
  /** From the start of the process until every object has a verdict. */
  readonly seconds: number;
  readonly loopMax: number | undefined;
}

/** Milliseconds after which it is given up. */
const PATIENCE = 400_000;

/**
 * Asks for the metrics when a tenth more has passed, and each 25 ms once it may be there soon: the operator pays for
 * each answer. `expected`: seconds that a start took before; without it the figure is up to a tenth too large.
 */
export async function untilJudged(world: World, run: Run, expected?: number): Promise<Judged> {
  const { operator, startedAt } = run;
  if (expected !== undefined) await wait(Math.max(0, expected * 500 - (performance.now() - startedAt)));
  let loopMax: number | undefined;
  for (;;) {
    const text = await operator.metrics().catch(() => "");
    const elapsed = performance.now() - startedAt;
    const late = loopMaxIn(text);
    if (late !== undefined) loopMax = Math.max(loopMax ?? 0, late);
    const counts = countsIn(text);
    if (counts["in-sync"] === world.objects) return { seconds: elapsed / 1000, loopMax };
    const tail = (): string => `${JSON.stringify(counts)}\n${run.log.slice(-4_000)}`;
    if (operator.process.exitCode !== null) throw new Error(`the operator ended: ${tail()}`);
    if (elapsed > PATIENCE) throw new Error(`not every object has a verdict: ${tail()}`);
    await wait(expected === undefined ? Math.max(25, elapsed / 10) : Math.max(25, elapsed / 200));
  }
}

export interface StageFigures {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** MB at the end. */
  readonly resident: number;
  /** MB, the most since the process began. */
  readonly peak: number;
  /** Milliseconds. */
  readonly loopMax: number | undefined;
  readonly requests: readonly Request[];
}

export interface Stage {
  end(): Promise<StageFigures>;
}

export async function beginStage(world: World, run: Run): Promise<Stage> {
  const { pid } = run.operator;
  await run.operator.metrics();
  const mark = markAudit(world.auditLog);
  const begun = performance.now();
  const cpu = cpuSecondsOf(pid);
  return {
    async end() {
      const seconds = (performance.now() - begun) / 1000;
      const cpuSeconds = cpuSecondsOf(pid) - cpu;
      const { resident, peak } = memoryOf(pid);
      const requests = requestsSince(world.auditLog, mark, operatorAccount);
      return { seconds, cpuSeconds, resident, peak, loopMax: loopMaxIn(await run.operator.metrics()), requests };
    },
  };
}

/** Ends it; resolves with its exit code. */
export async function stopRun(run: Run): Promise<number | null> {
  const code = await Promise.race([run.operator.stop(), wait(60_000, "late" as const)]);
  return code === "late" ? run.operator.stop("SIGKILL") : code;
}
