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

test("bytes are UTF-8 text, and what is not is told", async () => {
  const bytes = (text: string): Uint8Array => Buffer.from(text.padEnd(9000, "\n# x"));
  const odd = Buffer.concat([Buffer.alloc(9000, "# x\n"), Buffer.from([0xff])]);
  const found = await make().parse([
    { key: "a", text: bytes(configMap("a", "x: ünïcode")), file: "a.yaml" },
    { key: "odd", text: odd, file: "odd.yaml" },
    { key: "b", text: configMap("b"), file: "b.yaml" },
  ]);
  expect(found.get("a")?.objects[0]?.object["data"]).toEqual({ x: "ünïcode" });
  expect(found.get("a")?.objects[0]?.source.file).toBe("a.yaml");
  expect(found.get("odd")?.problems).toEqual([
    { code: "yaml-syntax", message: "the file is not UTF-8 text", file: "odd.yaml", line: 1 },
  ]);
  expect(found.get("b")?.objects[0]?.id.name).toBe("b");
});

test("a file of many objects comes back whole and in order", async () => {
  const names = Array.from({ length: 3000 }, (_, at) => `name-${at}`);
  const text = names.map((name) => configMap(name)).join("---\n");
  const found = (await make().parse([job("k", text)])).get("k");
  expect(found?.objects.map(({ id }) => id.name)).toEqual(names);
  expect(found).toEqual(readManifests(text, ""));
});

test("a text that takes too long is lost alone, and the threads go on", async () => {
  make({ timeout: 400, workers: 1 });
  await parser.parse([job("warm", configMap("warm").padEnd(70_000, "#"))]);
  const slow = `k: &a v\n${Array.from({ length: 400_000 }, (_, i) => `k${i}: v`).join("\n")}`;
  const found = await parser.parse([job("good", configMap("good").padEnd(70_000, "#")), job("slow", slow)]);
  expect(found.get("slow")?.problems[0]?.code).toBe("yaml-too-large");
  const after = await make({ workers: 1 }).parse([job("again", configMap("again").padEnd(70_000, "#"))]);
  expect(after.get("again")?.objects).toHaveLength(1);
});

test("a text that takes too much memory is lost alone, and the process lives", async () => {
  make({ memoryBytes: 48 * 2 ** 20, workers: 1 });
  // An anchor, so that it is the precise reader that reads it.
  const fat = `k: &a v\n${Array.from({ length: 60_000 }, (_, i) => `k${i}: v`).join("\n")}`;
  const found = await parser.parse([job("fat", fat), job("good", configMap("good").padEnd(70_000, "#"))]);
  expect(found.get("fat")?.problems[0]?.code).toBe("yaml-too-large");
  expect(found.get("good")?.objects).toHaveLength(1);
});

test("lines of fields are found in a large text as in a small one", async () => {
  const many = Array.from({ length: 300 }, (_, at) => configMap(`name-${at}`)).join("---\n");
  make();
  const [small, large] = [
    await parser.locate(configMap("a"), 0, ["/data/a"]),
    await parser.locate(many, 100, ["/data/a", "/x"]),
  ];
  expect([...small]).toEqual([["/data/a", 6]]);
  expect([...large]).toEqual([["/data/a", 706]]);
});

test("stopping ends what waits", async () => {
  make({ workers: 1 });
  const slow = `k: &a v\n${Array.from({ length: 100_000 }, (_, i) => `k${i}: v`).join("\n")}`;
  const found = parser.parse([job("a", slow), job("b", slow)]);
  await parser.stop();
  expect([...(await found).values()].every(({ objects }) => objects.length === 0)).toBe(true);
});
