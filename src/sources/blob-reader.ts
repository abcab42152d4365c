/**
 * Single files out of mirrors, by a `git cat-file --batch` that is kept for a while: drifts come in bursts, and each asks
 * for a file to name its lines. One question after the other; what cannot be answered is undefined.
 */
import type { Clock, Timer } from "../runtime/clock.ts";
import { startProgram, type Program } from "../runtime/program.ts";

export interface BlobReader {
  /**
   * @param dir of a bare repository
   * @param name as git names an object, in one line
   * @param limit bytes; a larger one is undefined
   */
  read(dir: string, name: string, limit: number): Promise<string | undefined>;
  stop(): void;
}

export interface BlobReaderOptions {
  readonly clock: Clock;
  readonly gitBinary: string;
  /** The whole environment of git. */
  readonly env: Readonly<Record<string, string>>;
  /** Milliseconds for one answer, and for which git is kept after the last. */
  readonly timeout: number;
}

interface Question {
  readonly limit: number;
  answer(content: string | undefined): void;
}

class Conversation {
  readonly #program: Program;
  readonly #clock: Clock;
  readonly #timeout: number;
  readonly #over: () => void;
  readonly #asked: Question[] = [];
  #parts: Buffer[] = [];
  #timer: Timer | undefined;

  constructor({ clock, gitBinary, env, timeout }: BlobReaderOptions, dir: string, over: () => void) {
    this.#clock = clock;
    this.#timeout = timeout;
    this.#over = over;
    this.#program = startProgram(gitBinary, ["cat-file", "--batch"], {
      cwd: dir,
      env,
      onOutput: (chunk) => this.#heard(chunk),
      onEnd: () => this.end(),
    });
  }

  ask(name: string, question: Question): void {
    this.#asked.push(question);
    this.#wait();
    this.#program.write(`${name}\n`);
  }

  /** Whoever still waits gets no answer. */
  end(): void {
    this.#timer?.cancel();
    this.#program.kill();
    for (const { answer } of this.#asked.splice(0)) answer(undefined);
    this.#over();
  }

  /** As long for an answer as for another question. */
  #wait(): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.after(this.#timeout, () => this.end());
  }

  #heard(chunk: Buffer): void {
    this.#parts.push(chunk);
    while (this.#asked.length > 0) {
      const heard = this.#parts.length === 1 ? (this.#parts[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#parts);
      this.#parts = [heard];
      const used = this.#take(heard);
      if (used === 0) return;
      this.#parts = [heard.subarray(used)];
    }
  }

  /** Answers the first question, if all of it is there: `<id> blob <size>`, the content, a line end; or `<name> missing`. */
  #take(heard: Buffer): number {
    const end = heard.indexOf(0x0a);
    if (end < 0) return 0;
    const [, type = "", size = ""] = heard.toString("latin1", 0, end).split(" ").slice(-3);
    const length = /^\d+$/.test(size) ? Number(size) : undefined;
    if (length !== undefined && length > (this.#asked[0]?.limit ?? 0)) {
      // It would have to be heard out; who asks next finds another conversation.
      this.end();
      return 0;
    }
    const whole = end + 1 + (length === undefined ? 0 : length + 1);
    if (heard.length < whole) return 0;
    const question = this.#asked.shift();
    this.#wait();
    const isBlob = type === "blob" && length !== undefined;
    question?.answer(isBlob ? heard.toString("utf8", end + 1, end + 1 + length) : undefined);
    return whole;
  }
}

export function createBlobReader(options: BlobReaderOptions): BlobReader {
  const open = new Map<string, Conversation>();
  return {
    read(dir, name, limit) {
      if (name.includes("\n")) return Promise.resolve(undefined);
      let conversation = open.get(dir);
      if (conversation === undefined) {
        const made: Conversation = new Conversation(options, dir, () => {
          if (open.get(dir) === made) open.delete(dir);
        });
        conversation = made;
        open.set(dir, made);
      }
      const asked = conversation;
      return new Promise((answer) => asked.ask(name, { limit, answer }));
    },
    stop() {
      for (const conversation of open.values()) conversation.end();
    },
  };
}
