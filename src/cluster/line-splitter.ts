/**
 * Cuts a stream of bytes into lines at 0x0A and nowhere else: a chunk may end inside a line, or inside a character,
 * and U+2028 is no line end. Never decodes, never drops a byte; what follows the last line end is `rest`.
 */

export interface LineSplitter {
  /** The lines that this chunk completes, without their line end; empty ones are left out. */
  push(chunk: Buffer): readonly Buffer[];
  /** Bytes of the line that is not complete yet. */
  rest(): number;
}

const LINE_END = 0x0a;

export function createLineSplitter(): LineSplitter {
  // Parts are joined only when their line ends, so a line of megabytes costs one copy, not one per chunk.
  let parts: Buffer[] = [];
  let held = 0;
  const complete = (last: Buffer): Buffer => {
    if (held === 0) return last;
    const line = Buffer.concat([...parts, last], held + last.length);
    parts = [];
    held = 0;
    return line;
  };
  return {
    push(chunk) {
      const lines: Buffer[] = [];
      let from = 0;
      for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, from)) {
        const line = complete(chunk.subarray(from, end));
        if (line.length > 0) lines.push(line);
        from = end + 1;
      }
      if (from < chunk.length) {
        const tail = chunk.subarray(from);
        parts.push(tail);
        held += tail.length;
      }
      return lines;
    },
    rest: () => held,
  };
}

/** Batches of lines as their bytes come. @throws where the bytes end inside a line: what follows it was cut off */
export async function* linesOf(body: AsyncIterable<Buffer>): AsyncGenerator<readonly Buffer[]> {
  const splitter = createLineSplitter();
  for await (const chunk of body) yield splitter.push(chunk);
  if (splitter.rest() > 0) throw new Error("the stream ended inside a line");
}
