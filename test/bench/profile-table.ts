/**
 * Where the main thread's time went, of a `--cpu-prof` file: by room of `src`, by package, and what Node and V8 took.
 * The bundle's source maps say which file a line came from.
 */
import { existsSync, readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { fileURLToPath } from "node:url";

/** https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile; times in microseconds. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
}

export interface Share {
  readonly where: string;
  readonly milliseconds: number;
}

/** The file that a place in a bundle came from; undefined where nobody knows. */
export type Origin = (url: string, line: number, column: number) => string | undefined;

/** V8's own names for what is no function. */
const ofEngine: Readonly<Record<string, string>> = {
  "(garbage collector)": "collecting garbage",
  "(idle)": "waiting",
  "(program)": "Node's own native code",
  "(root)": "Node's own native code",
};

/** `src/verdict`, `yaml (package)`, `Node's own modules`. */
function placeOf({ callFrame }: ProfileNode, origin: Origin): string {
  const { functionName, url, lineNumber, columnNumber } = callFrame;
  const named = ofEngine[functionName];
  if (named !== undefined) return named;
  if (url === "" || url.startsWith("node:")) return url === "" ? "Node's own native code" : "Node's own modules";
  const file = (origin(url, lineNumber, columnNumber) ?? url).replaceAll("\\", "/");
  const dependency = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
  if (dependency !== undefined) return `${dependency} (package)`;
  return /(?:^|\/)(src\/[^/]+)\//.exec(file)?.[1] ?? "the bundle";
}

/** Time in functions themselves, most first. */
export function sharesOf(profile: CpuProfile, origin: Origin): readonly Share[] {
  const places = new Map(profile.nodes.map((node) => [node.id, placeOf(node, origin)]));
  const shares = new Map<string, number>();
  for (const [at, id] of profile.samples.entries()) {
    const where = places.get(id) ?? "Node's own native code";
    shares.set(where, (shares.get(where) ?? 0) + (profile.timeDeltas[at] ?? 0) / 1_000);
  }
  return [...shares]
    .map(([where, milliseconds]) => ({ where, milliseconds }))
    .toSorted((one, other) => other.milliseconds - one.milliseconds);
}

/** By the `.map` beside each file. */
export function mappedOrigin(): Origin {
  const maps = new Map<string, SourceMap | undefined>();
  return (url, line, column) => {
    if (!url.startsWith("file:")) return undefined;
    const file = `${fileURLToPath(url)}.map`;
    if (!maps.has(file)) {
      const payload = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as SourceMapPayload) : undefined;
      maps.set(file, payload === undefined ? undefined : new SourceMap(payload));
    }
    const entry = maps.get(file)?.findEntry(line, column);
    return entry !== undefined && "originalSource" in entry ? entry.originalSource : undefined;
  };
}

/** A table of Markdown; what took less than a hundredth is summed up. */
export function profileTable(file: string): string {
  const profile = JSON.parse(readFileSync(file, "utf8")) as CpuProfile;
  const shares = sharesOf(profile, mappedOrigin());
  const total = shares.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const isSmall = ({ milliseconds }: Share): boolean => milliseconds < total / 100;
  const rest = shares.filter(isSmall).reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const rows = [...shares.filter((share) => !isSmall(share)), { where: "the rest", milliseconds: rest }];
  return [
    `| main thread, ${(total / 1_000).toFixed(1)} s | s | % |`,
    "| --- | --- | --- |",
    ...rows.map(
      ({ where, milliseconds }) =>
        `| ${where} | ${(milliseconds / 1_000).toFixed(2)} | ${((milliseconds / total) * 100).toFixed(1)} |`,
    ),
  ].join("\n");
}
