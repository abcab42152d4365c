/**
 * `node test/bench/soak.ts [--minutes 30] [--objects 20000] [--rate 200] [--world DIR]`: the operator over a long time
 * in a restless cluster whose server restarts and whose tokens are rotated and revoked. At the end its verdicts are
 * compared with what was done, and with those of a fresh start. Prints, writes JSON, asserts nothing.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { readMetric } from "../e2e/operator.ts";
import { describeMachine, loadNow, readCommit } from "./machine.ts";
import { loopMaxIn, type Run, type RunOptions, startRun, stopRun, untilJudged } from "./operator-run.ts";
import { memoryOf } from "./process-figures.ts";
import { type MemorySample, soakLines, type SoakResults } from "./soak-results.ts";
import { median } from "./spread.ts";
import { compareStanding, freshStanding, sameStanding, settled } from "./standing.ts";
import { openTokenFile, type TokenFile } from "./token-file.ts";
import { buildWorld, openWorld, type World } from "./world.ts";

const { values: flags } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    objects: { type: "string", default: "20000" },
    rate: { type: "string", default: "200" },
    /** Objects not as declared at the same time, at most; below the cap of records. */
    most: { type: "string", default: "300" },
    /** Seconds between restarts of the API server, and between rotations of the token. */
    restart: { type: "string", default: "240" },
    rotate: { type: "string", default: "120" },
    program: { type: "string", default: "dist/plumbline.js" },
    "node-flags": { type: "string", default: "" },
    world: { type: "string" },
    json: { type: "string" },
  },
});

const SAMPLE = 10_000;
/** Milliseconds after which a replaced token is refused: more than the operator may go on using one. */
const GRACE = 45_000;
const say = (line: string): void => console.log(line);

interface Lived {
  readonly memory: readonly MemorySample[];
  readonly restarts: number;
  readonly rotations: number;
  readonly loopMax: number | undefined;
}

/** Lets time pass, with all that happens in it. */
async function live(world: World, run: Run, token: TokenFile): Promise<Lived> {
  const began = performance.now();
  const end = began + Number(flags.minutes) * 60_000;
  const memory: MemorySample[] = [];
  let [restarts, rotations] = [0, 0];
  let loopMax: number | undefined;
  let [restartAt, rotateAt] = [began + Number(flags.restart) * 1000, began + Number(flags.rotate) * 1000];
  let revokeAt = Number.POSITIVE_INFINITY;
  for (let sampleAt = began; sampleAt < end; sampleAt += SAMPLE) {
    await wait(Math.max(0, sampleAt - performance.now()));
    const now = performance.now();
    if (run.operator.process.exitCode !== null) break;
    const { resident } = memoryOf(run.operator.pid);
    const metrics = await run.operator.metrics();
    const late = loopMaxIn(metrics);
    const heap = (readMetric(metrics, "nodejs_heap_size_used_bytes", {}) ?? 0) / 1e6;
    if (late !== undefined) loopMax = Math.max(loopMax ?? 0, late);
    memory.push({ at: (now - began) / 1000, resident, heap });
    const minute = ((now - began) / 60_000).toFixed(1).padStart(5);
    if (memory.length % 6 === 1)
      say(
        `${minute} min: ${resident.toFixed(0)} MB, heap ${heap.toFixed(0)} MB, event loop late at most ${late?.toFixed(0)} ms`,
      );
    if (now >= restartAt) {
      restartAt += Number(flags.restart) * 1000;
      restarts += 1;
      await world.plane.restart("kube-apiserver");
      say(`${minute} min: API server restarted`);
    }
    if (now >= revokeAt) {
      revokeAt = Number.POSITIVE_INFINITY;
      await token.revoke();
      say(`${minute} min: the token before is refused`);
    }
    if (now >= rotateAt) {
      rotateAt += Number(flags.rotate) * 1000;
      rotations += 1;
      await token.rotate();
      revokeAt = performance.now() + GRACE;
      say(`${minute} min: a new token`);
    }
  }
  return { memory, restarts, rotations, loopMax };
}

/** Streams by state. */
function watchesIn(metrics: string): Readonly<Record<string, number>> {
  const states = [...metrics.matchAll(/^plumbline_watch_streams\{[^}]*state="([^"]+)"[^}]*\} (\S+)/gm)];
  return Object.fromEntries(states.map(([, state = "", count]) => [state, Number(count)]));
}

const isCrash = (line: string): boolean =>
  /unhandled|uncaught|fatal|ERR_UNHANDLED|heap out of memory|"level":"?(?:60|fatal)/i.test(line);

async function soak(world: World): Promise<SoakResults> {
  const began = Date.now();
  const loadBefore = loadNow();
  const get = median(await world.editor.run("calibrate", 1_000));
  const options: RunOptions = {
    program: path.resolve(flags.program),
    nodeFlags: flags["node-flags"].split(" ").filter((flag) => flag !== ""),
  };
  const token = await openTokenFile(world);
  const run = await startRun(world, { ...options, tokenFile: token.path });
  await untilJudged(world, run);
  say(`${world.objects} objects judged; ${flags.minutes} min of unrest at ${flags.rate} ev/s begin`);
  await world.churner.run("unrest", { rate: Number(flags.rate), objects: world.objects, most: Number(flags.most) });
  const lived = await live(world, run, token);
  if (run.operator.process.exitCode !== null)
    throw new Error(`the operator ended with ${run.operator.process.exitCode}:\n${run.log.slice(-10_000)}`);
  const { done, failed, expected } = await world.churner.run("rest", null);
  if (failed > 0) say(`${failed} deeds of unknown end: the comparison may be wrong by as many`);
  const found = await settled(world, run, expected);
  const metrics = await run.operator.metrics();
  const { log } = run;
  const exitCode = await stopRun(run);
  const fresh = await freshStanding(world, options, expected);
  const comparison = compareStanding(found, expected);
  for (const one of [
    ...comparison.missed.slice(0, 20).map((it) => `not told: ${it}`),
    ...comparison.wrong.slice(0, 20).map((it) => `wrong: ${it}`),
  ])
    say(one);
  return {
    soak: true,
    ...(await readCommit()),
    at: new Date(began).toISOString(),
    objects: world.objects,
    minutes: Number(flags.minutes),
    rate: Number(flags.rate),
    machine: describeMachine({ server: world.plane.version, loadBefore, get }),
    done,
    restarts: lived.restarts,
    rotations: lived.rotations,
    relists: readMetric(metrics, "plumbline_watch_relists_total", {}) ?? 0,
    watches: watchesIn(metrics),
    found: comparison,
    isAsFresh: sameStanding(found, fresh),
    crashes: log.split("\n").filter(isCrash).slice(0, 5),
    exitCode,
    loopMax: lived.loopMax,
    memory: lived.memory,
  };
}

// By way of exit, where operators are killed and folders removed.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));

const folder =
  flags.world === undefined ? mkdtempSync(path.join(tmpdir(), "plumbline-soak-")) : path.resolve(flags.world);
try {
  if (flags.world === undefined)
    await buildWorld({ folder, objects: Number(flags.objects), shape: { namespaces: 20, baselines: 5 }, say });
  const world = await openWorld(folder);
  try {
    const results = await soak(world);
    for (const [what, value, goal] of soakLines(results))
      say(`${what.padEnd(40)}${value}${goal === "" ? "" : `   (goal: ${goal})`}`);
    const file = path.resolve(flags.json ?? `test/bench/results/soak-${results.at.replaceAll(/[:.]/g, "-")}.json`);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
    say(`written to ${path.relative(process.cwd(), file)}`);
  } finally {
    await world.stop();
  }
} finally {
  if (flags.world === undefined) rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
