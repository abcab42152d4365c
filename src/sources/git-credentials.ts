/**
 * From a Secret with Flux's key names to what git needs: variables of the child's environment, and files that only we
 * can read for what ssh and TLS take from files alone. Nothing of it reaches an argument, a URL or a message.
 * Source: https://fluxcd.io/flux/components/source/gitrepositories/#secret-reference
 */
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Problem } from "../model/problem.ts";
import type { GitUrl } from "./git-url.ts";

export type SecretData = Readonly<Record<string, Buffer>>;

export interface Access {
  readonly env: Readonly<Record<string, string>>;
  /** Removes the files. */
  release(): Promise<void>;
}

function invalid(message: string): Problem {
  return { code: "source-secret-invalid", message };
}

function text(secret: SecretData, key: string): string {
  return Object.hasOwn(secret, key) ? (secret[key]?.toString("utf8") ?? "") : "";
}

/** A digest that differs when any key or value does. */
export function digestOf(secret: SecretData | undefined): string {
  const hash = createHash("sha256");
  for (const key of Object.keys(secret ?? {}).sort()) {
    const value = secret?.[key] ?? Buffer.alloc(0);
    hash.update(`${key.length}:${key}${value.length}:`).update(value);
  }
  return hash.digest("hex");
}

/** Texts that must never be seen, longest first. */
export function secretsIn(secret: SecretData | undefined): readonly string[] {
  if (secret === undefined) return [];
  const found = new Set<string>();
  for (const key of ["password", "bearerToken", "identity"]) {
    const value = text(secret, key).trim();
    for (const part of [value, encodeURIComponent(value), ...value.split("\n")]) if (part.length > 3) found.add(part);
  }
  const basic = Buffer.from(`${text(secret, "username")}:${text(secret, "password")}`).toString("base64");
  if (basic.length > 4) found.add(basic);
  return [...found].sort((a, b) => b.length - a.length);
}

const httpsKeys = ["username", "password", "bearerToken", "ca.crt", "caFile"] as const;

/** What of the Secret does not fit the URL; undefined where all is well. */
export function checkSecret(url: GitUrl, secret: SecretData | undefined): Problem | undefined {
  if (url.transport === "file") return undefined;
  if (url.transport === "ssh") {
    if (secret === undefined) return invalid("ssh needs a Secret with identity and known_hosts");
    if (text(secret, "identity") === "") return invalid("the Secret has no identity (a private key) for ssh");
    if (text(secret, "known_hosts").trim() === "")
      return invalid("the Secret has no known_hosts, and an unknown host key is never accepted");
    return undefined;
  }
  if (secret === undefined) return undefined;
  const password = text(secret, "password");
  const bearer = text(secret, "bearerToken");
  if (password !== "" && bearer !== "") return invalid("the Secret has both password and bearerToken");
  // Else the fetch would be anonymous, and the answer to it would say nothing of the Secret.
  if (text(secret, "username") !== "" && password === "" && bearer === "")
    return invalid("the Secret has username and no password");
  if (!httpsKeys.some((key) => text(secret, key) !== ""))
    return invalid(`the Secret has none of the keys that are read: ${httpsKeys.join(", ")}`);
  for (const key of ["username", "password", "bearerToken"])
    if (/[\r\n\0]/.test(text(secret, key).trim())) return invalid(`${key} of the Secret holds a line break`);
  if (text(secret, "username").includes(":")) return invalid("username of the Secret holds a colon");
  return undefined;
}

/** Environment and files for one use. `addresses` pin the host, so that no second lookup can lead elsewhere. */
export async function grantAccess(
  url: GitUrl,
  secret: SecretData | undefined,
  addresses: readonly string[],
  dir: string,
): Promise<Access> {
  const config: [string, string][] = [];
  const env: Record<string, string> = {};
  const files = await mkdtemp(path.join(dir, "access-"));
  const write = async (name: string, content: string): Promise<string> => {
    const file = path.join(files, name);
    await writeFile(file, content, { mode: 0o600, flag: "wx" });
    return file;
  };
  if (url.transport === "https") {
    const address = addresses[0];
    if (address !== undefined) {
      const pinned = addresses.map((entry) => (entry.includes(":") ? `[${entry}]` : entry)).join(",");
      config.push(["http.curloptResolve", `${url.host}:${url.port}:${pinned}`]);
    }
    const header = secret === undefined ? undefined : authorization(secret);
    // Bound to this origin: no other host is ever sent it.
    if (header !== undefined) config.push([`http.${url.origin}/.extraHeader`, `Authorization: ${header}`]);
    const authority = secret === undefined ? "" : text(secret, "ca.crt") || text(secret, "caFile");
    if (authority !== "") config.push(["http.sslCAInfo", await write("ca.crt", authority)]);
  }
  if (url.transport === "ssh" && secret !== undefined) {
    const key = text(secret, "identity");
    const identity = await write("identity", key.endsWith("\n") ? key : `${key}\n`);
    const hosts = await write("known_hosts", `${text(secret, "known_hosts")}\n`);
    env["GIT_SSH_COMMAND"] = sshCommand(url, identity, hosts, addresses[0]);
    env["GIT_SSH_VARIANT"] = "ssh";
  }
  env["GIT_CONFIG_COUNT"] = String(config.length);
  for (const [index, [key, value]] of config.entries()) {
    env[`GIT_CONFIG_KEY_${index}`] = key;
    env[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return { env, release: () => rm(files, { recursive: true, force: true }) };
}

function authorization(secret: SecretData): string | undefined {
  const bearer = text(secret, "bearerToken").trim();
  if (bearer !== "") return `Bearer ${bearer}`;
  const password = text(secret, "password").trim();
  if (password === "") return undefined;
  const pair = `${text(secret, "username").trim()}:${password}`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

/** Paths are ours, host and address were checked to hold no shell characters. */
function sshCommand(url: GitUrl, identity: string, hosts: string, address: string | undefined): string {
  const options = [
    "BatchMode=yes",
    "IdentitiesOnly=yes",
    "IdentityAgent=none",
    "StrictHostKeyChecking=yes",
    "CheckHostIP=no",
    "UpdateHostKeys=no",
    "ForwardAgent=no",
    "PermitLocalCommand=no",
    "ProxyCommand=none",
    "ControlMaster=no",
    "ConnectTimeout=10",
    "ServerAliveInterval=10",
    "GlobalKnownHostsFile=/dev/null",
    `UserKnownHostsFile=${hosts}`,
  ];
  if (address !== undefined) {
    const alias = url.port === 22 ? url.host : `[${url.host}]:${url.port}`;
    options.push(`HostName=${address}`, `HostKeyAlias=${alias}`);
  }
  return ["ssh", "-F", "/dev/null", "-i", quote(identity), ...options.map((option) => `-o ${quote(option)}`)].join(" ");
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
