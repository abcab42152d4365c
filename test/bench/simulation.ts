/**
 * What a million objects in 200 clusters would need, from what was measured per object. Pure: each line of the second
 * table is a formula over the first, and says so.
 */
import { numberText, type Results, type Row } from "./results.ts";

interface Measured {
  readonly row: Row;
  readonly results: Results;
}

/** One process per cluster; ten large clusters hold two fifths of all objects. */
const fleet = [
  { clusters: 190, objects: 3_000 },
  { clusters: 10, objects: 43_000 },
] as const;
const clusters = fleet.reduce((sum, part) => sum + part.clusters, 0);
const objects = fleet.reduce((sum, part) => sum + part.clusters * part.objects, 0);
/** Assumed: an object's status is written this often, seconds. */
const HEARTBEAT = 300;
const BASELINES = 10;
/** Seconds; the default. */
const INTERVAL = 60;

interface Line {
  /** Intercept, of a process without objects, and per object. */
  readonly base: number;
  readonly each: number;
  readonly from: string;
}

/** Through the smallest and the largest number of objects; of one size alone nothing can be said of another. */
function lineOf(measured: readonly Measured[], what: string): Line | undefined {
  const points = measured
    .filter(({ row }) => row.what === what)
    .toSorted((one, other) => one.results.objects - other.results.objects);
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || first === last) return undefined;
  const size = (one: Measured): string => one.results.objects.toLocaleString("en");
  const each = (last.row.value - first.row.value) / (last.results.objects - first.results.objects);
  // Two sizes that were measured at other moments may meet below nothing: a process without objects costs no less.
  const base = Math.max(0, first.row.value - each * first.results.objects);
  return { base, each, from: `at ${size(first)} and ${size(last)}` };
}

function largest(measured: readonly Measured[], what: string): Measured | undefined {
  return measured
    .filter(({ row }) => row.what === what)
    .toSorted((a, b) => a.results.objects - b.results.objects)
    .at(-1);
}

const per = (line: Line, unit: string, scale = 1): string =>
  `${numberText(line.base)} ${larger[unit] ?? unit} + ${numberText(line.each * scale)} ${unit} per object`;

/** What a whole process is counted in, where one object is counted in less. */
const larger: Readonly<Record<string, string>> = { kB: "MB", ms: "s" };

const row = (...cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

interface Costs {
  readonly memory: Line | undefined;
  readonly startCpu: Line | undefined;
  readonly serverCpu: Line | undefined;
  readonly start: Line | undefined;
  readonly event: Measured | undefined;
  readonly idle: Measured | undefined;
  readonly lease: Measured | undefined;
  readonly live: Measured | undefined;
  readonly manifest: Measured | undefined;
}

function measuredRows(costs: Costs): readonly string[] {
  const lines: string[] = [];
  const line = (what: string, found: Line | undefined, unit: string, scale = 1): void => {
    if (found !== undefined) lines.push(row(what, per(found, unit, scale), found.from));
  };
  const value = (what: string, found: Measured | undefined): void => {
    if (found === undefined) return;
    const { row: of, results } = found;
    lines.push(row(what, `${numberText(of.value)} ${of.unit}`, `at ${results.objects.toLocaleString("en")}`));
  };
  line("memory, peak", costs.memory, "kB", 1_024);
  line("start → every verdict", costs.start, "ms", 1_000);
  line("CPU of a start", costs.startCpu, "ms", 1_000);
  line("CPU of the API server for it", costs.serverCpu, "ms", 1_000);
  value("CPU of a status event", costs.event);
  value("CPU, nothing happens", costs.idle);
  value("requests to the Lease", costs.lease);
  value("a live object, as listed or in an event", costs.live);
  value("a manifest in Git", costs.manifest);
  return lines;
}

function fleetRows(costs: Costs): readonly string[] {
  const lines: string[] = [];
  const line = (what: string, formula: string, amount: number, unit: string): void => {
    lines.push(row(what, formula, `${numberText(amount)} ${unit}`));
  };
  const big = Math.max(...fleet.map((part) => part.objects));
  const { memory, startCpu, start, event, idle, lease, live, manifest } = costs;
  if (memory !== undefined) {
    line(
      "memory, all clusters",
      "clusters × base + objects × each",
      (clusters * memory.base + objects * memory.each) / 1024,
      "GB",
    );
    line("memory, a large cluster", "base + 43,000 × each", memory.base + big * memory.each, "MB");
  }
  if (start !== undefined) line("start of a large cluster", "base + 43,000 × each", start.base + big * start.each, "s");
  if (startCpu !== undefined)
    line(
      "CPU of starting all at once",
      "clusters × base + objects × each",
      clusters * startCpu.base + objects * startCpu.each,
      "s",
    );
  const events = objects / HEARTBEAT;
  if (event !== undefined)
    line("CPU of events", `objects ÷ ${HEARTBEAT} s × one event`, (events * event.row.value) / 1000, "cores");
  if (idle !== undefined)
    line("CPU at rest", "clusters × at rest (measured at the size above)", (clusters * idle.row.value) / 100, "cores");
  if (lease !== undefined)
    line("requests to all API servers", "clusters × Lease; none per object", clusters * lease.row.value, "requests/s");
  line(
    "requests to Git, polled",
    `clusters × ${BASELINES} Baselines ÷ ${INTERVAL} s`,
    (clusters * BASELINES) / INTERVAL,
    "requests/s",
  );
  if (live !== undefined) {
    line(
      "network, API server → operator, at rest",
      "events × a live object",
      (events * live.row.value) / 1_000_000,
      "MB/s",
    );
    line("network, all started at once", "objects × a live object", (objects * live.row.value) / 1e9, "GB");
  }
  if (manifest !== undefined)
    line("Git, uncompressed, of all clones", "objects × a manifest", (objects * manifest.row.value) / 1e9, "GB");
  return lines;
}

/** Markdown, for between the markers of docs/simulation.md. */
export function simulationText(measured: readonly Measured[]): readonly string[] {
  const costs: Costs = {
    memory: lineOf(measured, "peak RSS after churn and edits, WatchList"),
    start: lineOf(measured, "start → every verdict, WatchList"),
    startCpu: lineOf(measured, "CPU of a start, WatchList"),
    serverCpu: lineOf(measured, "CPU of the API server for a start, WatchList"),
    event: largest(measured, "CPU of one of status events, 400 ev/s"),
    idle: largest(measured, "CPU, nothing happens"),
    lease: largest(measured, "requests to the Lease a second, nothing happens"),
    live: largest(measured, "size of a live object, as listed"),
    manifest: largest(measured, "size of a manifest in Git"),
  };
  return [
    "Measured:",
    "",
    row("cost", "value", "where"),
    row("---", "---", "---"),
    ...measuredRows(costs),
    "",
    `Extrapolated to ${objects.toLocaleString("en")} objects in ${clusters} clusters:`,
    "",
    row("need", "formula", "amount"),
    row("---", "---", "---"),
    ...fleetRows(costs),
    ...(costs.memory === undefined ? ["", "Memory and start need runs at two sizes."] : []),
  ];
}
