/** Git over ssh on loopback: `sshd` as the present user, one key, no password, nothing but git's upload-pack. */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { freePort } from "../control-plane/ports.ts";

export interface SshServer {
  readonly port: number;
  /** `ssh://user@localhost:1234/path/to/shop.git`. */
  url(repository: string): string;
  /** The client's private key. */
  readonly identity: string;
  /** A line of known_hosts for this server. */
  readonly knownHosts: string;
  stop(): Promise<void>;
}

function makeKey(file: string): string {
  const result = spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "plumbline", "-f", file]);
  if (result.status !== 0) throw new Error(`ssh-keygen: ${String(result.stderr)}`);
  return readFileSync(`${file}.pub`, "utf8").trim();
}

/** A line of known_hosts with a key that no server has. */
export function strangerHosts(port: number): string {
  const dir = mkdtempSync(path.join(tmpdir(), "plumbline-key-"));
  try {
    return `[localhost]:${port} ${makeKey(path.join(dir, "key"))}`;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

export async function startSshServer(sshd: string, root: string): Promise<SshServer> {
  const dir = mkdtempSync(path.join(tmpdir(), "plumbline-sshd-"));
  const port = await freePort();
  const host = makeKey(path.join(dir, "host"));
  const client = makeKey(path.join(dir, "client"));
  writeFileSync(path.join(dir, "authorized_keys"), `${client}\n`, { mode: 0o600 });
  const config = [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${path.join(dir, "host")}`,
    `AuthorizedKeysFile ${path.join(dir, "authorized_keys")}`,
    "PidFile none",
    "UsePAM no",
    "StrictModes no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin prohibit-password",
    // A repository of another owner is none to git unless told.
    `ForceCommand git -c safe.directory='*' shell -c "$SSH_ORIGINAL_COMMAND"`,
    "AcceptEnv GIT_PROTOCOL",
  ];
  writeFileSync(path.join(dir, "sshd_config"), `${config.join("\n")}\n`);
  // As root, sshd wants the empty folder that its package makes at boot.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
  const child = spawn(sshd, ["-D", "-e", "-f", path.join(dir, "sshd_config")], { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-4000);
  });
  await answering(
    port,
    () => child.exitCode !== null,
    () => said,
  );
  const user = userInfo().username;
  return {
    port,
    url: (repository) => `ssh://${user}@localhost:${port}${path.join(root, repository)}`,
    identity: readFileSync(path.join(dir, "client"), "utf8"),
    knownHosts: `[localhost]:${port} ${host}`,
    stop: () =>
      new Promise((resolve) => {
        child.once("close", () => {
          rmSync(dir, { recursive: true, force: true });
          resolve();
        });
        child.kill("SIGTERM");
      }),
  };
}

async function answering(port: number, ended: () => boolean, said: () => string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (ended()) throw new Error(`sshd ended: ${said()}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => resolve(true)).on("error", () => resolve(false));
      socket.on("close", () => resolve(false)).on("connect", () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`sshd does not answer: ${said()}`);
}
