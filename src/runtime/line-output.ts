/**
 * The door to a place that lines are written to: standard output, or a file that grows. A file is opened anew for each
 * piece of text, so that whoever rotates it by renaming needs to tell nobody. Never blocks the event loop, not even
 * where nobody reads a pipe.
 */
import { write } from "node:fs";
import { appendFile } from "node:fs/promises";
import { sleep, type Clock } from "./clock.ts";

export interface LineOutput {
  /** Resolves when all of it is handed over, rejects where that cannot be. The next one only after that. */
  append(text: string): Promise<void>;
}

const STANDARD_OUTPUT = 1;
/** Milliseconds until a full pipe is tried again. */
const FULL = 50;

/** How many bytes were taken; 0 where the reader is behind. */
function writeSome(bytes: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    write(STANDARD_OUTPUT, bytes, (error, written) => {
      if (error === null) resolve(written);
      else if (error.code === "EAGAIN") resolve(0);
      else reject(error);
    });
  });
}

async function writeAll(clock: Clock, text: string): Promise<void> {
  let rest = Buffer.from(text, "utf8");
  while (rest.length > 0) {
    const written = await writeSome(rest);
    rest = rest.subarray(written);
    if (written === 0) await sleep(clock, FULL);
  }
}

/** `-` is standard output, anything else the path of a file. */
export function openLineOutput(where: string, clock: Clock): LineOutput {
  if (where === "-") return { append: (text) => writeAll(clock, text) };
  // Names of objects and people's words are not for everybody on the machine.
  return { append: (text) => appendFile(where, text, { mode: 0o640 }) };
}
