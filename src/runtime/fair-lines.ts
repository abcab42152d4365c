/**
 * Keys that wait in lines of their own and are taken in turn, one of each line: a line of fifty thousand delays another's
 * ten by ten. Within a line, first come first served. A key stands in one line at most; its owner knows which.
 */
export class FairLines<Key> {
  /** The line whose turn is next comes first. A Set keeps the order of insertion and gives up any member at once. */
  readonly #lines = new Map<string, Set<Key>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(line: string, key: Key): void {
    const keys = this.#lines.get(line);
    if (keys === undefined) this.#lines.set(line, new Set([key]));
    else if (keys.has(key)) return;
    else keys.add(key);
    this.#size += 1;
  }

  /** False where it did not stand there. */
  delete(line: string, key: Key): boolean {
    const keys = this.#lines.get(line);
    if (keys?.delete(key) !== true) return false;
    this.#size -= 1;
    if (keys.size === 0) this.#lines.delete(line);
    return true;
  }

  /** Takes the first key of the line whose turn it is; that line goes to the end. Undefined where nothing waits. */
  take(): Key | undefined {
    const turn = this.#lines.entries().next();
    if (turn.done === true) return undefined;
    const [line, keys] = turn.value;
    const first = keys.values().next();
    if (first.done === true) return undefined;
    keys.delete(first.value);
    this.#size -= 1;
    // A line of its own needs no turns.
    if (keys.size > 0 && this.#lines.size === 1) return first.value;
    this.#lines.delete(line);
    if (keys.size > 0) this.#lines.set(line, keys);
    return first.value;
  }

  clear(): void {
    this.#lines.clear();
    this.#size = 0;
  }
}
