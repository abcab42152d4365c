import * as fc from "fast-check";
import { expect, test } from "vitest";
import { foremost } from "../../src/sinks/foremost.ts";

test("the first few are those of the sorted whole, equal ones in the order they came", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat())), fc.nat(8), (items, count) => {
      const order = (one: (typeof items)[number], other: (typeof items)[number]): number => one[0] - other[0];
      expect(foremost(items, count, order)).toEqual(items.toSorted(order).slice(0, count));
    }),
  );
});
