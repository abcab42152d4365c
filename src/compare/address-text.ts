/**
 * IP addresses and ranges, by what they mean. Only a text that every reader takes for the same address is read as one:
 * no leading zeros (octal to some), no zones. Host bits of a range are kept: the server does not mask them.
 */
import ipaddr from "ipaddr.js";

const V4 = /^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/;
const V6 = /^[0-9a-fA-F:]+(?::\d+\.\d+\.\d+\.\d+)?$/;
const LENGTH = /^(?:0|[1-9]\d{0,2})$/;

function meaningOfOne(text: string): string | undefined {
  if (V4.test(text)) return ipaddr.IPv4.isValid(text) ? text : undefined;
  if (!text.includes(":") || !V6.test(text) || !ipaddr.IPv6.isValid(text)) return undefined;
  return ipaddr.IPv6.parse(text).toNormalizedString();
}

/** One text for one address, or for one range with its length; undefined where the text is neither. */
export function meaningOfAddress(text: string): string | undefined {
  // The longest has 45 characters, and its length 4.
  if (text.length > 50) return undefined;
  const slash = text.indexOf("/");
  if (slash < 0) return meaningOfOne(text);
  const address = meaningOfOne(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (address === undefined || !LENGTH.test(length) || Number(length) > (address.includes(":") ? 128 : 32))
    return undefined;
  return `${address}/${length}`;
}
