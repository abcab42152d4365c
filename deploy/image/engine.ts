/** Whatever builds images here: docker, podman or buildah. It only looks, and says how each is called. */
import { spawnSync } from "node:child_process";

export interface Engine {
  readonly name: "docker" | "podman" | "buildah";
  /** Command and first arguments of a build; tag, options and context follow. */
  readonly build: readonly string[];
  /** Set for each run of it. */
  readonly env: Readonly<Record<string, string>>;
}

// buildah without user namespaces and without a daemon: works as root inside a container too.
const buildahEnv = { STORAGE_DRIVER: "overlay", BUILDAH_ISOLATION: "chroot" } as const;

const engines: readonly Engine[] = [
  { name: "docker", build: ["docker", "build"], env: { DOCKER_BUILDKIT: "1" } },
  { name: "podman", build: ["podman", "build", "--ignorefile", "Dockerfile.dockerignore"], env: {} },
  {
    name: "buildah",
    build: ["buildah", "bud", "--layers", "--network", "host", "--ignorefile", "Dockerfile.dockerignore"],
    env: buildahEnv,
  },
];

function answers(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

/** Docker counts only with its daemon. PLUMBLINE_IMAGE_ENGINE chooses. @throws where there is none */
export function findEngine(wanted: string | undefined = process.env["PLUMBLINE_IMAGE_ENGINE"]): Engine {
  const found = engines.find(({ name }) =>
    wanted === undefined || wanted === ""
      ? answers(name, name === "docker" ? ["info"] : ["--version"])
      : name === wanted,
  );
  if (found === undefined) throw new Error(`no ${wanted ?? "docker (with its daemon), podman or buildah"} here`);
  return found;
}

export function engineEnvironment(engine: Engine): NodeJS.ProcessEnv {
  return { ...engine.env, ...process.env };
}
