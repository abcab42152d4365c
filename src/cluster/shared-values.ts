/** Equal values held once, for as long as anybody uses them. What is taken must be dropped, once each. */

export interface SharedValues<Value> {
  /** The one that is held; this one, where none is. */
  take(value: Value): Value;
  drop(value: Value): void;
  size(): number;
}

/** @param keyOf the same text for values that are equal, another for others */
export function createSharedValues<Value>(keyOf: (value: Value) => string): SharedValues<Value> {
  const held = new Map<string, { readonly value: Value; uses: number }>();
  return {
    take(value) {
      const key = keyOf(value);
      const known = held.get(key);
      if (known === undefined) {
        held.set(key, { value, uses: 1 });
        return value;
      }
      known.uses += 1;
      return known.value;
    },
    drop(value) {
      const key = keyOf(value);
      const known = held.get(key);
      if (known === undefined) return;
      known.uses -= 1;
      if (known.uses === 0) held.delete(key);
    },
    size: () => held.size,
  };
}
