/** Which shard a Baseline belongs to: the same everywhere, evenly, and mostly the same after one shard more. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { shardOf } from "../../src/model/shard.ts";
import { baselineKey, type BaselineKey } from "../../src/model/snapshot.ts";

const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
const key = fc.tuple(name, name).map(([namespace, of]) => baselineKey(namespace, of));
const count = fc.integer({ min: 1, max: 64 });
const keys: readonly BaselineKey[] = Array.from({ length: 4_000 }, (_, at) =>
  baselineKey(`team-${at % 7}`, `app-${at}`),
);

test("of keys that processes of two versions must agree on: these answers are for ever", () => {
  const answers = ["shop/web", "shop/db", "platform/rbac", "a/b"].map((of) => shardOf(of as BaselineKey, 3));
  expect(answers).toEqual([2, 0, 0, 2]);
});

test("one shard has them all, and every answer is a shard", () => {
  fc.assert(
    fc.property(key, count, (of, shards) => {
      const shard = shardOf(of, shards);
      return Number.isInteger(shard) && shard >= 0 && shard < shards && shardOf(of, 1) === 0;
    }),
  );
});

test("one shard more moves a Baseline to that shard, or not at all", () => {
  fc.assert(fc.property(key, count, (of, shards) => [shardOf(of, shards), shards].includes(shardOf(of, shards + 1))));
});

test.each([1, 2, 3, 7, 16])("from %i shards to one more, about its share moves", (shards) => {
  const moved = keys.filter((of) => shardOf(of, shards) !== shardOf(of, shards + 1)).length;
  const share = keys.length / (shards + 1);
  expect(moved).toBeGreaterThan(share * 0.8);
  expect(moved).toBeLessThan(share * 1.2);
});

test.each([2, 3, 7, 16])("%i shards have about as many each", (shards) => {
  const sizes = Array.from({ length: shards }, () => 0);
  for (const of of keys) sizes[shardOf(of, shards)] = (sizes[shardOf(of, shards)] ?? 0) + 1;
  const fair = keys.length / shards;
  // Five standard deviations of what chance gives.
  const most = 5 * Math.sqrt(fair * (1 - 1 / shards));
  expect(sizes.filter((size) => Math.abs(size - fair) > most)).toEqual([]);
});
