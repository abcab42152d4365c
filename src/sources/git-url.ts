/**
 * Which URLs may be handed to git, decided on the text alone: https, ssh and scp-like, and files only where the
 * operator allows them. No credentials, no options, no helpers, no control characters, encoded or not.
 * Source: CVE-2022-24066 (ext::), CVE-2022-31249 (options), CVE-2020-5260 (newlines), CVE-2022-39253 (files).
 */
import type { Problem } from "../model/problem.ts";

export interface GitUrl {
  readonly transport: "https" | "ssh" | "file";
  /** As handed to git. */
  readonly url: string;
  /** Empty for files. IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** `https://git.example:8443`, empty unless https. */
  readonly origin: string;
}

export interface UrlRule {
  readonly reason: string;
  readonly pattern: RegExp;
}

/** What no URL may look like, whatever its transport; asked of the text and of its decoded form. */
export const refusedUrls: readonly UrlRule[] = [
  { reason: "it is empty", pattern: /^\s*$/ },
  { reason: "it starts with a dash, which git reads as an option", pattern: /^-/ },
  { reason: "it holds control characters or white space", pattern: /[\p{Cc}\p{Cf}\s]/u },
  { reason: "it names a transport helper (name::address)", pattern: /^[A-Za-z0-9+.-]+::/ },
  { reason: "it holds a backslash", pattern: /\\/ },
  { reason: "it is longer than 2048 characters", pattern: /^.{2049}/s },
];

const SCP = /^(?:([A-Za-z0-9._-]+)@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9._-]*):(?!\/\/)(.+)$/;
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\.?|\[[0-9A-Fa-f:.]+\])$/;
const USER = /^[A-Za-z0-9._][A-Za-z0-9._-]*$/;

function refuse(reason: string): Problem {
  return { code: "source-url-refused", message: `the Git URL is refused: ${reason}` };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The URL taken apart, or why it is refused. The problem never repeats the URL: it may hold a password. */
export function parseGitUrl(text: string, allowFileUrls: boolean): GitUrl | Problem {
  const plain = decoded(text);
  if (plain === undefined) return refuse("its percent encoding is broken");
  for (const rule of refusedUrls) if (rule.pattern.test(text) || rule.pattern.test(plain)) return refuse(rule.reason);
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(text)?.[1]?.toLowerCase();
  if (scheme === "https" || scheme === "ssh") return parseRemote(text, scheme);
  if (scheme === "file" || (scheme === undefined && /^[./~]/.test(text))) return parseFile(text, allowFileUrls);
  if (scheme !== undefined) return refuse(`${scheme} is no transport that is read; use https or ssh`);
  const scp = SCP.exec(text);
  if (scp === null)
    return allowFileUrls ? parseFile(text, true) : refuse("it is neither https, ssh nor user@host:path");
  const [, user = "git", host = "", path = ""] = scp;
  if (!USER.test(user) || path.startsWith("-")) return refuse("its user, host or path starts like an option");
  return { transport: "ssh", url: text, host: host.replaceAll(/[[\]]/g, ""), port: 22, origin: "" };
}

function parseRemote(text: string, transport: "https" | "ssh"): GitUrl | Problem {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return refuse("it cannot be read as a URL");
  }
  if (url.password !== "") return refuse("it holds a password; put it into the Secret of secretRef");
  if (transport === "https" && url.username !== "")
    return refuse("it holds a user name; put it into the Secret of secretRef");
  if (url.username !== "" && !USER.test(url.username)) return refuse("its user name starts like an option");
  if (url.hash !== "" || url.search !== "") return refuse("it holds a query or a fragment");
  const written = /^[A-Za-z]+:\/\/(?:[^/@]*@)?(\[[^\]]*\]|[^/:]*)/.exec(text)?.[1] ?? "";
  if (!HOST.test(written)) return refuse("its host is no host name");
  // `0x7f.1` and `2130706433` are addresses to some readers and names to others.
  if (transport === "https" && url.hostname !== written.toLowerCase() && !written.startsWith("["))
    return refuse("its host is written in a form that readers disagree on");
  const host = url.hostname.replaceAll(/[[\]]/g, "");
  const standard = transport === "https" ? 443 : 22;
  const port = url.port === "" ? standard : Number(url.port);
  return { transport, url: text, host, port, origin: transport === "https" ? url.origin : "" };
}

function parseFile(text: string, allowed: boolean): GitUrl | Problem {
  if (!allowed) return refuse("files are read only where the operator allows it");
  return { transport: "file", url: text, host: "", port: 0, origin: "" };
}
