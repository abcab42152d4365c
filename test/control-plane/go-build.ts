/** Builds one binary with Go, saying how far it is. Writes only the given file, and a made module's folder. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { exec } from "../../src/runtime/exec.ts";
import { onPath, type Environment } from "./lookup.ts";
import { buildArguments, makeGoMod, moduleFolder } from "./recipe.ts";
import { productOf, versionOf, type BinaryName } from "./versions.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const SAY_EVERY = 15_000;

export interface Build {
  readonly name: BinaryName;
  /** Where the binary goes. */
  readonly output: string;
  /** A folder that is ours for as long as this takes. */
  readonly scratch: string;
  readonly server: string | undefined;
  readonly env: Environment;
  say(line: string): void;
}

async function madeModule(build: Build, go: string): Promise<string> {
  const folder = path.join(build.scratch, "module");
  const version = versionOf("kubernetes", build.server);
  mkdirSync(folder, { recursive: true });
  const args = ["mod", "download", "-json", `k8s.io/kubernetes@v${version}`];
  const options = { cwd: folder, env: defined(build.env), timeout: 600_000, maxOutput: 1 << 20 };
  const ran = await exec(go, args, options);
  if (ran.code !== 0) throw new Error(`go ${args.join(" ")}: ${ran.stdout.toString("utf8")}${ran.stderr}`);
  const { GoMod } = JSON.parse(ran.stdout.toString("utf8")) as { GoMod: string };
  writeFileSync(path.join(folder, "go.mod"), makeGoMod(readFileSync(GoMod, "utf8"), version));
  return folder;
}

function defined(env: Environment): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** @throws where Go is not there, or the build fails, with what Go said last */
export async function goBuild(build: Build): Promise<void> {
  const what = `${build.name} ${versionOf(productOf[build.name], build.server)}`;
  const go = onPath("go", build.env);
  if (go === undefined)
    throw new Error(
      `${what} is not there, and neither is Go to build it. Install Go, or name a folder that holds it in PLUMBLINE_CONTROL_PLANE_BIN.`,
    );
  const kept = moduleFolder(build.name, build.server);
  const cwd = kept === undefined ? await madeModule(build, go) : path.join(repository, kept);
  const started = performance.now();
  const seconds = (): number => Math.round((performance.now() - started) / 1000);
  build.say(`building ${what} with Go, once`);
  const child = spawn(go, buildArguments(build.name, build.output, kept === undefined, build.server), {
    cwd,
    env: { ...defined(build.env), CGO_ENABLED: "0" },
    stdio: ["ignore", "inherit", "pipe"],
  });
  let packages = 0;
  let last: readonly string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    // With -v, each package that is compiled is named on a line of its own.
    if (/^[\w./~-]+$/.test(line)) packages++;
    else last = [...last, line].slice(-30);
  });
  const ticker = setInterval(() => build.say(`  ${what}: ${seconds()} s, ${packages} packages compiled`), SAY_EVERY);
  try {
    const [code] = (await once(child, "close")) as [number | null];
    if (code !== 0) throw new Error(`building ${what} failed:\n${last.join("\n")}`);
  } finally {
    clearInterval(ticker);
  }
  build.say(`  ${what}: built in ${seconds()} s`);
}
