/**
 * Bytes written as base64, as Go reads and the API server writes them: line breaks count for nothing, nor do bits that
 * fill up the last character. Certificates and keys in PEM are the same whatever white space stands between their
 * lines; text beside the blocks, and headers in them, are not touched.
 */

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** `-----BEGI` in base64: what does not start so is not decoded. */
const PEM_START = "LS0tLS1CRUdJ";
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\s]*)-----END \1-----\s*/y;

/** As the server stores it; undefined where the text is no base64. */
export function canonicalBytes(text: string): string | undefined {
  const joined = text.replaceAll(/[\r\n]/g, "");
  if (!BASE64.test(joined)) return undefined;
  return joined.slice(0, -4) + Buffer.from(joined.slice(-4), "base64").toString("base64");
}

/** The PEM blocks of a text that holds nothing else, without white space. */
function blocksOf(text: string): string | undefined {
  const blocks: string[] = [];
  BLOCK.lastIndex = 0;
  for (let at = 0; at < text.length; at = BLOCK.lastIndex) {
    const match = BLOCK.exec(text);
    if (match === null) return undefined;
    blocks.push(`${match[1]} ${match[2]?.replaceAll(/\s/g, "")}`);
  }
  return blocks.join("\n");
}

/** One text for all texts that mean the same bytes; undefined where the text is no base64. */
export function meaningOfBytes(text: string): string | undefined {
  const stored = canonicalBytes(text);
  if (stored === undefined || !stored.startsWith(PEM_START)) return stored;
  return blocksOf(Buffer.from(stored, "base64").toString("latin1")) ?? stored;
}
