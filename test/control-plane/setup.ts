/**
 * `npm run setup`: brings what suites need beyond Node, git and Go. As root on Debian it installs packages; elsewhere
 * it says which. Then it makes sure of the control plane and the renderers. `--check` only reports.
 */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { ensureBinaries } from "./binaries.ts";
import { findBinary, onPath } from "./lookup.ts";
import { requirement, requirements, type RequirementName } from "./requirements.ts";
import { productOf, serverVersion, type BinaryName } from "./versions.ts";

const { values } = parseArgs({
  options: {
    /** Report and change nothing; exits 1 where something is missing. */
    check: { type: "boolean", default: false },
    /** Minor of the server. */
    server: { type: "string" },
    /** Only these binaries, and no packages. */
    only: { type: "string", multiple: true },
    help: { type: "boolean", default: false },
  },
});
const usage = "npm run setup -- [--check] [--server 1.35] [--only kustomize …]";
const server = values.server ?? process.env["PLUMBLINE_SERVER"];
const say = (line: string): void => void process.stderr.write(`${line}\n`);

function isBinary(name: string): name is BinaryName {
  return Object.hasOwn(productOf, name);
}

const everything = Object.keys(requirements) as RequirementName[];
const missing = (): readonly RequirementName[] =>
  everything.filter((name) => {
    const found = isBinary(name) ? findBinary(name, process.env, server) !== undefined : requirement(name).ok;
    return !found && requirements[name].optional !== true;
  });

function report(): void {
  for (const name of everything) {
    const found = isBinary(name) ? findBinary(name, process.env, server) : undefined;
    const other = isBinary(name) ? undefined : requirement(name);
    const where =
      found === undefined ? (other?.ok === true ? other.path : undefined) : `${found.path} (${found.where})`;
    console.log(`${name.padEnd(24)} ${where ?? "missing"}`);
  }
}

function run(command: string, args: readonly string[]): boolean {
  say(`${command} ${args.join(" ")}`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // What it prints goes to standard error: this command's standard output is the report.
  return spawnSync(command, args, { env, stdio: ["ignore", 2, 2] }).status === 0;
}

/** Installs Debian packages where it may; what is missing then is named by the report. */
function installPackages(): void {
  const packages = [...new Set(missing().flatMap((name) => requirements[name].debian ?? []))];
  if (packages.length === 0) return;
  const mayInstall = process.getuid?.() === 0 && onPath("apt-get", process.env) !== undefined;
  if (!mayInstall) {
    say(`some suites will be left out; to have them all: sudo apt-get install ${packages.join(" ")}`);
    return;
  }
  if (!run("apt-get", ["update", "-q"])) say("apt-get update failed; trying with the lists there are");
  if (!run("apt-get", ["install", "-qy", "--no-install-recommends", ...packages]))
    say(`apt-get could not install ${packages.join(" ")}`);
}

async function main(): Promise<number> {
  if (values.help) {
    console.log(usage);
    return 0;
  }
  // Refuses a minor without a recipe before anything is installed.
  serverVersion(server);
  if (!values.check) {
    if (values.only === undefined) installPackages();
    const wanted = (values.only ?? everything).filter(isBinary);
    await ensureBinaries(wanted, server === undefined ? {} : { server });
  }
  report();
  return missing().length === 0 ? 0 : 1;
}

try {
  const code = await main();
  // Packages that could not be installed only leave suites out; the report has named them.
  process.exitCode = values.check ? code : 0;
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
