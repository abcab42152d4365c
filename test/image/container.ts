/**
 * An image, run without an engine's daemon: buildah mounts it, and a mount and process namespace of our own gives it a
 * read-only root, fresh /tmp and work folder, and no rights. What it starts dies with the test. Needs root.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Container {
  /** Its file system, for reading. */
  readonly root: string;
  /** `docker inspect`'s Config: Entrypoint, Cmd, User, Env. */
  readonly config: {
    readonly Entrypoint: readonly string[];
    readonly Cmd: readonly string[];
    readonly User: string;
    readonly Env: readonly string[];
  };
  /** Bytes of all files. */
  readonly size: number;
  run(command: readonly string[], options?: StartOptions): Ran;
  start(command: readonly string[], options?: StartOptions): ChildProcess;
  close(): void;
}

export interface StartOptions {
  /** On top of the image's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Read-only folders: path in the container to path here. The place must exist in the image or below /run. */
  readonly mounts?: Readonly<Record<string, string>>;
  /** Ids it runs as; the image's USER unless told. */
  readonly user?: string;
}

const storage = { STORAGE_DRIVER: "overlay", BUILDAH_ISOLATION: "chroot", ...process.env };

function buildah(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync("buildah", args, { env: storage, encoding: "utf8" });
  if (status !== 0) throw new Error(`buildah ${args.join(" ")}: ${stderr}`);
  return stdout.trim();
}

export function openContainer(image: string): Container {
  const name = buildah("from", "--pull-never", image);
  const root = buildah("mount", name);
  const inspected = JSON.parse(buildah("inspect", "--type", "image", image)) as {
    OCIv1: { config: Container["config"] };
  };
  const config = inspected.OCIv1.config;
  const scratch = mkdtempSync(path.join(tmpdir(), "plumbline-container-"));
  const size = Number(spawnSync("du", ["-sbx", root], { encoding: "utf8" }).stdout.split("\t")[0]);

  const argumentsOf = (
    command: readonly string[],
    { mounts = {}, env = {}, user = config.User }: StartOptions,
  ): string[] => {
    const at = (inside: string): string => path.join(root, inside);
    const uid = user.split(":")[0] ?? "";
    const script = [
      "set -e",
      `mount --bind ${root} ${root}`,
      `mount -t tmpfs -o mode=1777 tmpfs ${at("tmp")}`,
      `mount -t tmpfs -o uid=${uid},gid=${uid} tmpfs ${at("var/lib/plumbline")}`,
      `mount -t tmpfs tmpfs ${at("run")}`,
      ...Object.entries(mounts).flatMap(([inside, here]) => [
        `mkdir -p ${at(inside)}`,
        `mount --bind -o ro ${here} ${at(inside)}`,
      ]),
      `mount -t proc proc ${at("proc")}`,
      `mount --rbind /dev ${at("dev")}`,
      `mount -o remount,bind,ro ${root}`,
      // Inside, for chroot itself is one of the rights that go.
      `exec chroot ${root} /usr/bin/setpriv --no-new-privs --bounding-set=-all --reuid=${uid} --regid=${uid} --groups=${uid} "$@"`,
    ].join("\n");
    const vars = [...config.Env, ...Object.entries(env).map(([key, value]) => `${key}=${value}`)];
    const inner = ["/usr/bin/env", "-i", ...vars, ...command];
    return ["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, "sh", ...inner];
  };

  return {
    root,
    config,
    size,
    run(command, options = {}) {
      const { status, stdout, stderr } = spawnSync("unshare", argumentsOf(command, options), { encoding: "utf8" });
      return { code: status, stdout, stderr };
    },
    start: (command, options = {}) =>
      spawn("unshare", argumentsOf(command, options), { stdio: ["ignore", "pipe", "pipe"] }),
    close() {
      buildah("umount", name);
      buildah("rm", name);
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

/** What a Pod finds of its ServiceAccount, as a folder. */
export function serviceAccountFolder(parts: {
  readonly token: string;
  readonly ca: string;
  readonly namespace: string;
}): string {
  const folder = mkdtempSync(path.join(tmpdir(), "plumbline-serviceaccount-"));
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "token"), parts.token);
  writeFileSync(path.join(folder, "ca.crt"), parts.ca);
  writeFileSync(path.join(folder, "namespace"), parts.namespace);
  spawnSync("chmod", ["-R", "a+rX", folder]);
  return folder;
}
