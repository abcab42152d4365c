/**
 * Where a host really is, decided after its name is resolved: never this machine, its link, or the API server, unless
 * the operator allows the host. The addresses found are handed on, so that git connects to these and asks no name
 * server again (DNS rebinding).
 */
import { lookup } from "node:dns/promises";
import ipaddr from "ipaddr.js";
import type { Problem } from "../model/problem.ts";
import type { GitUrl } from "./git-url.ts";

/** Ranges of ipaddr.js that are refused, and why. Private networks are not: that is where most Git servers live. */
export const refusedRanges: ReadonlyMap<string, string> = new Map([
  ["loopback", "this machine"],
  ["linkLocal", "the link-local network, where clouds keep their metadata"],
  ["unspecified", "no address in particular, which means this machine"],
  ["broadcast", "a broadcast address"],
  ["multicast", "a multicast address"],
  ["reserved", "a reserved address"],
]);

/** Why an address is refused; undefined where it may be used. `apiServer` holds addresses as text. */
export function refusedAddress(address: string, apiServer: readonly string[]): string | undefined {
  if (!ipaddr.isValid(address)) return "what is no address";
  const parsed = ipaddr.process(address.split("%")[0] ?? address);
  const range = refusedRanges.get(parsed.range());
  if (range !== undefined) return range;
  const text = parsed.toNormalizedString();
  const same = (other: string): boolean => ipaddr.isValid(other) && ipaddr.process(other).toNormalizedString() === text;
  return apiServer.some(same) ? "the API server" : undefined;
}

/** Addresses of the URL's host, none for files; or why it must not be asked. */
export async function resolveAddresses(
  url: GitUrl,
  allowedHosts: readonly string[],
  apiServer: readonly string[],
): Promise<readonly string[] | Problem> {
  if (url.transport === "file") return [];
  let found: readonly { readonly address: string }[];
  try {
    found = await lookup(url.host, { all: true });
  } catch {
    return { code: "source-unreachable", message: `the name ${url.host} does not resolve` };
  }
  const addresses = found.map((entry) => entry.address);
  const host = url.host.toLowerCase();
  if (allowedHosts.includes(host) || allowedHosts.includes(`${host}:${url.port}`)) return addresses;
  for (const address of addresses) {
    const why = refusedAddress(address, apiServer);
    if (why !== undefined)
      return { code: "source-url-refused", message: `the Git URL is refused: ${url.host} is ${why}` };
  }
  return addresses;
}
