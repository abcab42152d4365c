/**
 * `npm run image`: builds the image with whatever is there. `-- --local-bases` makes the base images here first, for a
 * machine that reaches no registry (buildah only); `-- --tag NAME` names the result.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { engineEnvironment, findEngine } from "./engine.ts";
import { goCacheOptions, makeLocalBases } from "./local-bases.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { version } = JSON.parse(readFileSync(`${root}/package.json`, "utf8")) as { version: string };
const { values } = parseArgs({
  options: {
    tag: { type: "string", default: `plumbline/plumbline:${version}` },
    "local-bases": { type: "boolean", default: false },
  },
});

const engine = findEngine(values["local-bases"] ? "buildah" : undefined);
const env = engineEnvironment(engine);
if (values["local-bases"]) makeLocalBases(env);
const [command = "", ...first] = engine.build;
const pull = values["local-bases"] ? ["--pull-never", ...goCacheOptions(env)] : [];
const { status } = spawnSync(command, [...first, ...pull, "-t", values.tag, "."], { cwd: root, env, stdio: "inherit" });
if (status === 0) console.log(`${values.tag}, built by ${engine.name}`);
process.exitCode = status ?? 1;
