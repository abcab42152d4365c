/**
 * Keys with a moment each, the soonest first: a binary heap. A key stands in it once; told twice, the earlier
 * moment counts. Knows no clock and sets no timer.
 */

interface Entry<Key> {
  readonly key: Key;
  at: number;
  place: number;
}

export class Deadlines<Key> {
  readonly #heap: Entry<Key>[] = [];
  readonly #entries = new Map<Key, Entry<Key>>();

  get size(): number {
    return this.#heap.length;
  }

  /** The soonest moment; undefined where nothing waits. */
  get soonest(): number | undefined {
    return this.#heap[0]?.at;
  }

  add(key: Key, at: number): void {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      if (at < known.at) {
        known.at = at;
        this.#up(known);
      }
      return;
    }
    const entry: Entry<Key> = { key, at, place: this.#heap.length };
    this.#entries.set(key, entry);
    this.#heap.push(entry);
    this.#up(entry);
  }

  /** Takes out one key whose moment is not after `now`; undefined where there is none. */
  take(now: number): Key | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    this.#entries.delete(first.key);
    const last = this.#heap.pop();
    if (last !== undefined && last !== first) {
      this.#put(last, 0);
      this.#down(last);
    }
    return first.key;
  }

  clear(): void {
    this.#heap.length = 0;
    this.#entries.clear();
  }

  #put(entry: Entry<Key>, place: number): void {
    this.#heap[place] = entry;
    entry.place = place;
  }

  #up(entry: Entry<Key>): void {
    while (entry.place > 0) {
      const parent = this.#heap[(entry.place - 1) >> 1];
      if (parent === undefined || parent.at <= entry.at) return;
      const place = parent.place;
      this.#put(parent, entry.place);
      this.#put(entry, place);
    }
  }

  #down(entry: Entry<Key>): void {
    for (;;) {
      const left = this.#heap[2 * entry.place + 1];
      const right = this.#heap[2 * entry.place + 2];
      const child = right !== undefined && left !== undefined && right.at < left.at ? right : left;
      if (child === undefined || child.at >= entry.at) return;
      const place = child.place;
      this.#put(child, entry.place);
      this.#put(entry, place);
    }
  }
}
