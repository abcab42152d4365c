/**
 * Cuts the parts of one large container (the `items` of a list, the schemas of a document) out of a JSON text while its
 * bytes arrive, so that the text is never whole in memory and no parse of it blocks. Finds the borders only: it decodes
 * nothing but keys, and whether a part is JSON is for its reader to find out.
 */

export interface JsonPart {
  /** Of the member; "" in an array. */
  readonly key: string;
  /** The value, perhaps with white space around. Valid until the next `push`. */
  readonly bytes: Buffer;
}

export interface JsonCutter {
  /** The parts that this chunk completes, in order. */
  push(chunk: Buffer): readonly JsonPart[];
  /** The text with the cut containers empty. @throws SyntaxError where the text did not end */
  rest(): string;
}

export interface JsonCut {
  /** Keys from the root to the container. */
  readonly path: readonly string[];
  /** `drop`: its parts are not wanted. */
  readonly parts: "keep" | "drop";
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_MAP = 0x7b;
const CLOSE_MAP = 0x7d;

/** A container that is being cut. */
interface Cutting {
  readonly parts: "keep" | "drop";
  readonly isMap: boolean;
  /** Depth inside it; the root's is 1. */
  readonly depth: number;
}

export function createJsonCutter(cuts: readonly JsonCut[]): JsonCutter {
  const deepest = Math.max(...cuts.map(({ path }) => path.length));
  let depth = 0;
  let inString = false;
  let escaped = false;
  let cutting: Cutting | undefined;
  /** Key of the member in hand, by depth; undefined in a list. */
  const keys: (string | undefined)[] = [];
  let lastKey = "";

  let chunk: Buffer = Buffer.alloc(0);
  let parts: JsonPart[] = [];
  // What began in an earlier chunk and goes on; copied, for a chunk is not kept.
  const rest: Buffer[] = [];
  let part: Buffer[] | undefined;
  let name: Buffer[] | undefined;
  // Where in this chunk what is in hand begins; -1: nothing of the kind is in hand.
  let restFrom = 0;
  let partFrom = -1;
  let nameFrom = -1;

  const cutHere = (isMap: boolean): Cutting | undefined => {
    const found = cuts.find(({ path }) => path.length === depth - 1 && path.every((key, at) => keys[at + 1] === key));
    return found === undefined ? undefined : { parts: found.parts, isMap, depth };
  };
  /** Whether a string here may be a key that matters. */
  const isNamed = (): boolean => (cutting === undefined ? depth <= deepest : cutting.isMap && depth === cutting.depth);

  /** Goes on inside a string; gives where it ends, or the end of the chunk. */
  const skipString = (from: number): number => {
    for (let at = from; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (escaped) escaped = false;
      else if (byte === BACKSLASH) escaped = true;
      else if (byte === QUOTE) {
        inString = false;
        return at;
      }
    }
    return chunk.length;
  };

  const endName = (end: number): void => {
    if (inString || nameFrom < 0) return;
    lastKey = keyOf(Buffer.concat([...(name ?? []), chunk.subarray(nameFrom, end)]).toString("utf8"));
    name = undefined;
    nameFrom = -1;
  };

  const endPart = (end: number): void => {
    if (partFrom < 0) return;
    const last = chunk.subarray(partFrom, end);
    const bytes = part === undefined ? last : Buffer.concat([...part, last]);
    part = undefined;
    partFrom = -1;
    const isBlank = bytes.every((byte) => byte <= 0x20);
    if (cutting?.parts === "keep" && !isBlank) parts.push({ key: keys[depth] ?? "", bytes });
  };

  const open = (at: number, isMap: boolean): void => {
    depth += 1;
    if (cutting !== undefined || depth > deepest + 1) return;
    keys[depth] = undefined;
    cutting = cutHere(isMap);
    if (cutting === undefined) return;
    rest.push(Buffer.from(chunk.subarray(restFrom, at + 1)));
    restFrom = -1;
    if (!isMap) partFrom = at + 1;
  };

  const close = (at: number): void => {
    if (cutting?.depth === depth) {
      endPart(at);
      cutting = undefined;
      restFrom = at;
    }
    depth -= 1;
  };

  const comma = (at: number): void => {
    if (cutting?.depth !== depth) return;
    endPart(at);
    if (!cutting.isMap) partFrom = at + 1;
  };

  const colon = (at: number): void => {
    if (!isNamed()) return;
    keys[depth] = lastKey;
    if (cutting !== undefined) partFrom = at + 1;
  };

  const scan = (): void => {
    for (let at = 0; at < chunk.length; at += 1) {
      if (inString) {
        at = skipString(at);
        endName(at);
        continue;
      }
      const byte = chunk[at];
      if (byte === QUOTE) {
        inString = true;
        if (isNamed()) nameFrom = at + 1;
      } else if (byte === OPEN_MAP || byte === OPEN_LIST) open(at, byte === OPEN_MAP);
      else if (byte === CLOSE_MAP || byte === CLOSE_LIST) close(at);
      else if (byte === COMMA) comma(at);
      else if (byte === COLON) colon(at);
    }
  };

  return {
    push(next) {
      chunk = next;
      parts = [];
      restFrom = cutting === undefined ? 0 : -1;
      partFrom = part === undefined ? -1 : 0;
      nameFrom = name === undefined ? -1 : 0;
      scan();
      if (restFrom >= 0) rest.push(Buffer.from(chunk.subarray(restFrom)));
      // A part that is dropped is remembered as begun, without its bytes.
      const isKept = cutting?.parts === "keep";
      if (partFrom >= 0) part = [...(part ?? []), ...(isKept ? [Buffer.from(chunk.subarray(partFrom))] : [])];
      if (nameFrom >= 0) name = [...(name ?? []), Buffer.from(chunk.subarray(nameFrom))];
      return parts;
    },

    rest() {
      if (depth !== 0 || inString || rest.length === 0) throw new SyntaxError("the document ended in the middle");
      return Buffer.concat(rest).toString("utf8");
    },
  };
}

function keyOf(text: string): string {
  if (!text.includes("\\")) return text;
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text;
  }
}
