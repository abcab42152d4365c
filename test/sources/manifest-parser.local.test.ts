import { afterEach, expect, test } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";
import { createManifestParser, type ManifestParser, type ParserOptions } from "../../src/sources/manifest-parser.ts";
import { yamlLimits } from "../../src/sources/yaml-limits.ts";
import { readManifests } from "../../src/sources/yaml.ts";
import { configMap } from "./bench-sources.ts";

let parser: ManifestParser;
const make = (options: Partial<ParserOptions> = {}): ManifestParser => {
  parser = createManifestParser({
    clock: systemClock,
    limits: yamlLimits,
    workers: 2,
    timeout: 20_000,
    memoryBytes: 512 * 2 ** 20,
    cacheBytes: 1_000_000,
    ...options,
  });
  return parser;
};
afterEach(() => parser.stop());

const job = (key: string, text: string): { key: string; text: string } => ({ key, text });

test("threads give what the main thread gives: exact integers, odd keys, problems", async () => {
  const text = `${configMap("a", "n: 9007199254740993")}  __proto__: {x: 1}\n---\na: 1\na: 2\n`.padEnd(70_000, "\n# x");
  const [small, large] = [await make().parse([job("k", text.slice(0, 200))]), await make().parse([job("k", text)])];
  expect(small.get("k")?.objects[0]?.hash).toBe(readManifests(text, "").objects[0]?.hash);
  const threaded = large.get("k");
  expect(threaded).toEqual(readManifests(text, ""));
  expect(Object.hasOwn(threaded?.objects[0]?.object["data"] as object, "__proto__")).toBe(true);
  expect(({} as { x?: unknown }).x).toBeUndefined();
});

test("equal content is read once, and the least used goes first", async () => {
  make({ cacheBytes: 2_500 });
  const text = (name: string): string => configMap(name).padEnd(300, "#");
  const first = await parser.parse([job("a", text("a")), job("b", text("b"))]);
  expect(parser.recall(["a", "x"]).get("a")).toBe(first.get("a"));
  await parser.parse([job("c", text("c"))]);
  expect([...parser.recall(["a", "b", "c"]).keys()]).toEqual(["a", "c"]);
});

test("a text that takes too long is lost alone, and the threads go on", async () => {
  make({ timeout: 400, workers: 1 });
  await parser.parse([job("warm", configMap("warm").padEnd(70_000, "#"))]);
  const slow = Array.from({ length: 400_000 }, (_, i) => `k${i}: v`).join("\n");
  const found = await parser.parse([job("good", configMap("good").padEnd(70_000, "#")), job("slow", slow)]);
  expect(found.get("slow")?.problems[0]?.code).toBe("yaml-too-large");
  const after = await make({ workers: 1 }).parse([job("again", configMap("again").padEnd(70_000, "#"))]);
  expect(after.get("again")?.objects).toHaveLength(1);
});

test("a text that takes too much memory is lost alone, and the process lives", async () => {
  make({ memoryBytes: 48 * 2 ** 20, workers: 1 });
  const fat = Array.from({ length: 60_000 }, (_, i) => `k${i}: v`).join("\n");
  const found = await parser.parse([job("fat", fat), job("good", configMap("good").padEnd(70_000, "#"))]);
  expect(found.get("fat")?.problems[0]?.code).toBe("yaml-too-large");
  expect(found.get("good")?.objects).toHaveLength(1);
});

test("stopping ends what waits", async () => {
  make({ workers: 1 });
  const slow = Array.from({ length: 100_000 }, (_, i) => `k${i}: v`).join("\n");
  const found = parser.parse([job("a", slow), job("b", slow)]);
  await parser.stop();
  expect([...(await found).values()].every(({ objects }) => objects.length === 0)).toBe(true);
});
