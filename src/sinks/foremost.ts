/** The first few of many in an order, in one pass: what is shown of fifty thousand is twenty, and sorting them all would hold the process. Pure. */

/** As `toSorted(order).slice(0, count)`. */
export function foremost<Item>(
  items: Iterable<Item>,
  count: number,
  order: (one: Item, other: Item) => number,
): readonly Item[] {
  const found: Item[] = [];
  for (const item of items) {
    const last = found.at(-1);
    if (found.length >= count && (last === undefined || order(last, item) <= 0)) continue;
    found.splice(found.findLastIndex((one) => order(one, item) <= 0) + 1, 0, item);
    if (found.length > count) found.pop();
  }
  return found;
}
