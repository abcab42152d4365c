/**
 * The house rules that a reader should be able to rely on: which room may import which, one door to each outside
 * thing, small files, no cycles. The table is the one of docs/architecture.md.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = path.join(fileURLToPath(new URL(".", import.meta.url)), "..");
const src = path.join(root, "src");

const rooms: Readonly<Record<string, readonly string[]>> = {
  model: [],
  runtime: [],
  compare: ["model"],
  verdict: ["model", "compare"],
  sources: ["model", "runtime"],
  cluster: ["model", "runtime"],
  engine: ["model", "verdict", "runtime"],
  sinks: ["model", "verdict", "runtime"],
};
/** Composition roots: they may import every room. */
const roots = new Set(["main.ts", "cli"]);

/** Each outside thing has one door; the pattern may only be found in these files. */
const doors: readonly { readonly what: string; readonly pattern: RegExp; readonly files: readonly string[] }[] = [
  { what: "environment", pattern: /process\.env\b/, files: ["runtime/config.ts"] },
  {
    what: "clock",
    pattern: /\bDate\.now\(|\bnew Date\(\)|performance\.now\(|process\.hrtime|\bsetTimeout\(|\bsetInterval\(/,
    files: ["runtime/clock.ts"],
  },
  {
    what: "child processes",
    pattern: /from "node:child_process"/,
    files: ["runtime/exec.ts", "runtime/companion.ts", "runtime/program.ts"],
  },
  { what: "git", pattern: /from "simple-git"/, files: ["sources/git.ts"] },
  { what: "Kubernetes client", pattern: /from "@kubernetes\/client-node"/, files: ["cluster/credentials.ts"] },
  { what: "HTTP client", pattern: /from "undici"/, files: ["cluster/transport.ts"] },
  {
    what: "YAML parser",
    pattern: /from "yaml"/,
    files: ["sources/yaml-nodes.ts", "sources/yaml-reading.ts", "cli/output/yaml-text.ts", "cli/adopt/yaml-tree.ts"],
  },
  { what: "metrics client", pattern: /from "prom-client"/, files: ["sinks/metrics/registry.ts"] },
  { what: "randomness", pattern: /Math\.random\(/, files: ["runtime/clock.ts"] },
];

const nodeModulesOfPureRooms = new Set(["node:crypto"]);
/** Pure themselves, each for one room. */
const packagesOfPureRooms: Readonly<Record<string, readonly string[]>> = {
  compare: ["ipaddr.js"],
  verdict: ["croner", "fast-json-patch"],
};
const pureRooms = new Set(["model", "compare", "verdict"]);

interface Source {
  /** Relative to src, with forward slashes. */
  readonly file: string;
  readonly room: string;
  readonly text: string;
  readonly imports: readonly { readonly target: string; readonly typeOnly: boolean }[];
}

function read(): readonly Source[] {
  const files = readdirSync(src, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts"));
  return files.map((file) => {
    const text = readFileSync(path.join(src, file), "utf8");
    const imports = [...text.matchAll(/^(?:import|export)\s+(type\s)?(?:[\s\S]*?\sfrom\s+)?"([^"]+)"/gm)].map(
      (match) => ({
        typeOnly: match[1] !== undefined,
        target: match[2] ?? "",
      }),
    );
    return { file, room: file.split("/")[0] ?? "", text, imports };
  });
}

const sources = read();

function resolveImport(from: string, target: string): string {
  return path.posix.normalize(path.posix.join(path.posix.dirname(from), target));
}

/** Code without comments, so that a door's name may be spoken of. */
function code(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|[^:"'`])\/\/.*$/gm, "$1");
}

describe("rooms", () => {
  test.each(sources.map((source) => [source.file, source] as const))(
    "%s imports only what its room may",
    (_, source) => {
      if (roots.has(source.room)) return;
      const allowed = rooms[source.room];
      expect(allowed, `src/${source.room} is no room of the house`).toBeDefined();
      for (const { target } of source.imports) {
        if (target.startsWith(".")) {
          const room = resolveImport(source.file, target).split("/")[0] ?? "";
          expect([source.room, ...(allowed ?? [])], `${source.file} imports ${target}`).toContain(room);
          expect(existsSync(path.join(src, resolveImport(source.file, target))), `${target} exists`).toBe(true);
        } else if (pureRooms.has(source.room)) {
          expect([...nodeModulesOfPureRooms, ...(packagesOfPureRooms[source.room] ?? [])]).toContain(target);
        }
      }
    },
  );

  test("every folder of src is a room or a composition root", () => {
    const found = new Set(sources.map((source) => source.room));
    for (const room of found) expect(room in rooms || roots.has(room), room).toBe(true);
  });
});

describe("doors", () => {
  test.each(doors.map((door) => [door.what, door] as const))("%s", (_, door) => {
    const through = sources.filter((source) => door.pattern.test(code(source.text))).map((source) => source.file);
    expect(through.filter((file) => !door.files.includes(file))).toEqual([]);
  });
});

describe("size", () => {
  test.each(sources.map((source) => [source.file, source] as const))("%s has at most 300 lines", (_, source) => {
    expect(source.text.split("\n").length - 1).toBeLessThanOrEqual(300);
  });
});

describe("names", () => {
  test.each(sources.map((source) => [source.file] as const))(
    "%s is kebab-case, and no drawer for odds and ends",
    (file) => {
      expect(file).toMatch(/^[a-z0-9-]+(\/[a-z0-9-]+)*\.ts$/);
      expect(file).not.toMatch(/(^|\/)(utils?|helpers?|common|misc|index)(\/|\.ts)/);
    },
  );
});

test("no cycles over value imports", () => {
  const edges = new Map(
    sources.map((source) => [
      source.file,
      source.imports
        .filter(({ target, typeOnly }) => target.startsWith(".") && !typeOnly)
        .map(({ target }) => resolveImport(source.file, target)),
    ]),
  );
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    expect(trail, `cycle: ${[...trail, file].join(" -> ")}`).not.toContain(file);
    if (done.has(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...trail, file]);
    done.add(file);
  };
  for (const source of sources) visit(source.file, []);
});
