/**
 * `npm run bench -- [P1 …] [--objects N] [--json FILE] [--world DIR | --keep DIR] [--profile cpu|heap] [--report]`: the
 * figures of docs/performance.md, measured on a control plane of its own. Prints, writes JSON, asserts nothing.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { type BenchOptions, createBench, type Script } from "./bench-context.ts";
import { measureConfigSync } from "./config-sync.ts";
import { configSyncPeers, type ConfigSyncFigures } from "./config-sync-figures.ts";
import { etcdSize } from "./etcd.ts";
import { describeMachine, loadNow, readCommit } from "./machine.ts";
import { p1 } from "./p1-detect.ts";
import { p2 } from "./p2-heal.ts";
import { p3 } from "./p3-start.ts";
import { p4 } from "./p4-requests.ts";
import { p5 } from "./p5-benign.ts";
import { p6 } from "./p6-memory.ts";
import { p7 } from "./p7-push.ts";
import { p8 } from "./p8-truth.ts";
import { profileTable } from "./profile-table.ts";
import { writeReport } from "./report.ts";
import { type FigureId, isMet, numberText, ratioText, type Results, type Row } from "./results.ts";
import { median } from "./spread.ts";
import { buildWorld, openWorld, readPlan, type World } from "./world.ts";

const scripts: Readonly<Record<FigureId, Script>> = { P1: p1, P2: p2, P3: p3, P4: p4, P5: p5, P6: p6, P7: p7, P8: p8 };
/** Starts first, while the server is fresh; what harms it last. */
const order: readonly FigureId[] = ["P3", "P4", "P1", "P2", "P5", "P7", "P6", "P8"];
/** Those with a row beside Config Sync's reconciler, where it is there to be run. */
const besideConfigSync: ReadonlySet<FigureId> = new Set(["P1", "P2", "P3", "P6"]);

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    objects: { type: "string", default: "1000" },
    namespaces: { type: "string", default: "20" },
    baselines: { type: "string", default: "5" },
    rounds: { type: "string", default: "100" },
    warm: { type: "string", default: "20" },
    /** Seconds of what is watched for a while. */
    window: { type: "string", default: "60" },
    rates: { type: "string", default: "100,400,2000" },
    program: { type: "string", default: "dist/plumbline.js" },
    "node-flags": { type: "string", default: "" },
    json: { type: "string" },
    keep: { type: "string" },
    world: { type: "string" },
    profile: { type: "string" },
    /** Only where the server lists at once, or only where it does so in pages. */
    lists: { type: "string", default: "both" },
    /** A folder with the peer's executable `reconciler` and its CRDs in `crds`: built elsewhere. */
    "config-sync": { type: "string" },
    report: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const usage = `npm run bench -- [P1 … P8] [--objects 10000] [--json FILE] [--profile cpu|heap]
  --keep DIR     builds the world there and leaves it; --world DIR uses one that was kept
  --rounds 100 --warm 20 --window 60 --rates 100,400,2000 --lists both|watchlist|paged
  --config-sync DIR   runs Config Sync's reconciler beside P1, P2, P3 and P6: DIR/reconciler, its CRDs in DIR/crds
  --namespaces 20 --baselines 5 --program dist/plumbline.js --node-flags="--max-semi-space-size=2"
npm run bench -- --report   writes docs/performance.md and docs/simulation.md from test/bench/results`;

const say = (line: string): void => console.log(line);
const resultsFolder = path.resolve("test/bench/results");

function profileFlags(): readonly string[] {
  if (flags.profile === undefined) return [];
  const folder = path.join(resultsFolder, "profiles");
  mkdirSync(folder, { recursive: true });
  if (flags.profile === "cpu") return ["--cpu-prof", `--cpu-prof-dir=${folder}`];
  if (flags.profile === "heap") return ["--heapsnapshot-signal=SIGUSR2", `--diagnostic-dir=${folder}`];
  throw new Error("--profile is cpu or heap");
}

function namedScripts(): readonly FigureId[] {
  const asked = positionals.map((name) => name.toUpperCase());
  const unknown = asked.find((name) => !(name in scripts));
  if (unknown !== undefined) throw new Error(`no figure ${unknown}\n${usage}`);
  return order.filter((id) => asked.length === 0 || asked.includes(id));
}

async function calibrate(world: World): Promise<number> {
  return median(await world.editor.run("calibrate", 1_000));
}

interface Passed {
  readonly rows: readonly Row[];
  readonly get: number;
  readonly server: string;
}

interface PassOptions {
  readonly ids: readonly FigureId[];
  readonly lists: "WatchList" | "paged lists";
  readonly configSync: ConfigSyncFigures | undefined;
}

/** All that was asked for, on one control plane. */
async function pass(folder: string, { ids, lists, configSync }: PassOptions): Promise<Passed> {
  const world = await openWorld(folder, { watchList: lists === "WatchList" });
  const rows: Row[] = [];
  const options: BenchOptions = {
    rounds: Number(flags.rounds),
    warm: Number(flags.warm),
    window: Number(flags.window),
    rates: flags.rates.split(",").map(Number),
    configSync: configSyncPeers(configSync),
    run: {
      program: path.resolve(flags.program),
      nodeFlags: [...flags["node-flags"].split(" ").filter((flag) => flag !== ""), ...profileFlags()],
    },
  };
  try {
    const get = await calibrate(world);
    say(`\n# ${world.objects} objects, server ${world.plane.version}, ${lists}; GET p50 ${get.toFixed(2)} ms`);
    const bench = createBench(world, {
      ...options,
      lists,
      say: (line) => say(`  ${line}`),
      row(row) {
        rows.push(row);
        const met = isMet(row);
        const goal = met === undefined ? "" : `goal ${numberText(row.goal ?? 0)} ${met ? "met" : "NOT MET"}`;
        const peer = row.peer === undefined ? "" : `${row.peer.name} ${numberText(row.peer.value)}, ${ratioText(row)}`;
        say(`    ${row.what.padEnd(58)}${`${numberText(row.value)} ${row.unit}`.padEnd(18)}${goal.padEnd(18)}${peer}`);
      },
    });
    for (const id of ids) {
      say(`\n${id}: ${scripts[id].title}`);
      const before = loadNow();
      await scripts[id].run(bench);
      say(`  load ${before.toFixed(1)} → ${loadNow().toFixed(1)}, etcd ${(await etcdSize(world.plane)).toFixed(0)} MB`);
    }
    if (flags.profile === "heap") await takeHeap(await bench.operator());
    await bench.endOperator();
    return { rows, get, server: world.plane.version };
  } finally {
    await world.stop();
  }
}

async function runConfigSync(folder: string, ids: readonly FigureId[]): Promise<ConfigSyncFigures | undefined> {
  const place = flags["config-sync"];
  if (place === undefined || !ids.some((id) => besideConfigSync.has(id))) return undefined;
  say("\n# Config Sync, in a world of its own");
  return measureConfigSync(folder, {
    place: path.resolve(place),
    rounds: Number(flags.rounds),
    warm: Number(flags.warm),
    say: (line) => say(`  ${line}`),
  });
}

/** Resolves when the snapshot is whole. */
async function takeHeap(run: { readonly operator: { readonly pid: number } }): Promise<void> {
  const folder = path.join(resultsFolder, "profiles");
  const sizes = (): string =>
    readdirSync(folder)
      .filter((name) => name.endsWith(".heapsnapshot"))
      .map((name) => `${name} ${statSync(path.join(folder, name)).size}`)
      .join();
  const before = sizes();
  process.kill(run.operator.pid, "SIGUSR2");
  let last = before;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    if (sizes() !== before && sizes() === last) return;
    last = sizes();
  }
}

function tellProfiles(since: number): void {
  const folder = path.join(resultsFolder, "profiles");
  if (flags.profile === undefined || !existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    if (statSync(file).mtimeMs < since) continue;
    say(`profile: ${path.relative(process.cwd(), file)}`);
    if (name.endsWith(".cpuprofile")) say(`\n${profileTable(file)}\n`);
  }
}

async function main(): Promise<void> {
  const ids = namedScripts();
  if (!existsSync(flags.program)) throw new Error(`no ${flags.program}: npm run build makes it`);
  const began = Date.now();
  const loadAtFirst = loadNow();
  const kept = flags.world ?? flags.keep;
  const folder = kept === undefined ? mkdtempSync(path.join(tmpdir(), "plumbline-bench-")) : path.resolve(kept);
  try {
    if (flags.world === undefined)
      await buildWorld({
        folder,
        objects: Number(flags.objects),
        shape: { namespaces: Number(flags.namespaces), baselines: Number(flags.baselines) },
        say,
      });
    const configSync = await runConfigSync(folder, ids);
    const passes: Passed[] = [];
    if (flags.lists !== "paged") passes.push(await pass(folder, { ids, lists: "WatchList", configSync }));
    const paged = ids.filter((id) => scripts[id].inPages);
    if (flags.lists !== "watchlist" && paged.length > 0)
      passes.push(await pass(folder, { ids: paged, lists: "paged lists", configSync }));
    const { objects } = readPlan(folder);
    const results: Results = {
      ...(await readCommit()),
      at: new Date(began).toISOString(),
      objects,
      machine: describeMachine({
        server: passes[0]?.server ?? "",
        loadBefore: loadAtFirst,
        get: passes[0]?.get ?? Number.NaN,
      }),
      rows: passes.flatMap(({ rows }) => rows),
    };
    const { cores, cpu, memoryGb, node, loadBefore, loadAfter } = results.machine;
    say(
      `\n${cores} cores (${cpu}), ${memoryGb} GB, Node ${node}, load ${loadBefore.toFixed(1)} → ${loadAfter.toFixed(1)}, commit ${results.commit}${results.isDirty ? " with changes" : ""}`,
    );
    const file = flags.json ?? path.join(resultsFolder, `${objects}-${results.at.replaceAll(/[:.]/g, "-")}.json`);
    mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
    say(`\nwritten to ${path.relative(process.cwd(), path.resolve(file))}`);
    tellProfiles(began);
  } finally {
    if (kept === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

// By way of exit, where operators are killed and folders removed.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));

if (flags.help) say(usage);
else if (flags.report) writeReport(resultsFolder, say);
else await main();
process.exit(0);
