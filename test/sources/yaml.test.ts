import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatJson, type Json } from "../../src/model/json.ts";
import { digestOf } from "../../src/model/canonical.ts";
import { yamlErrors } from "../../src/sources/yaml-errors.ts";
import { splitDocuments } from "../../src/sources/yaml-split.ts";
import { yamlLimits } from "../../src/sources/yaml-limits.ts";
import { locatePointers, parseYaml, readManifests } from "../../src/sources/yaml.ts";

const values = (text: string): readonly Json[] => parseYaml(text).documents.map(({ value }) => value);
const problem = (text: string): readonly unknown[] =>
  parseYaml(text, "f").problems.map(({ code, line }) => [code, line]);

describe("documents, as kubectl reads them", () => {
  test.each<[string, string, string]>([
    ["keys become text", "yes: 1\n0644: 2\n1.5: 3\n", '{"420":2,"true":1,"1.5":3}'],
    [
      "merge, own key below it wins",
      "a: &a {x: 1, z: 2}\nb:\n  <<: *a\n  x: 3\n",
      '{"a":{"x":1,"z":2},"b":{"x":3,"z":2}}',
    ],
    ["merge below an own key wins", "a: &a {x: 1}\nb:\n  x: 3\n  <<: *a\n", '{"a":{"x":1},"b":{"x":1}}'],
    [
      "the first of a merged list wins",
      "a: &a {x: 1}\nb: &b {x: 2, z: 1}\nc: {<<: [*a, *b]}\n",
      '{"a":{"x":1},"b":{"x":2,"z":1},"c":{"x":1,"z":1}}',
    ],
    ["!!merge", "a: &a {x: 1}\nb:\n  !!merge <<: *a\n", '{"a":{"x":1},"b":{"x":1}}'],
    ["a quoted << is a key", "a:\n  '<<': {x: 1}\n", '{"a":{"<<":{"x":1}}}'],
    ["an anchor defined again", "a: &a 1\nb: &a 2\nc: *a\n", '{"a":1,"b":2,"c":2}'],
    ["kept line breaks", "a: |+\n  x\n\n\nb: 1\n", '{"a":"x\\n\\n\\n","b":1}'],
    ["a block at the very end, without a line break", "a: |\n  x", '{"a":"x\\n"}'],
    ["brackets closed at the column of their key", "a: [\n  1,\n  2\n]\n", '{"a":[1,2]}'],
    ["JSON with tabs", '{\n\t"a": [\n\t\t1\n\t]\n}\n', '{"a":[1]}'],
    ["Windows line breaks", "a: \r\n  b: c\r\n", '{"a":{"b":"c"}}'],
    ["unknown tags", "a: !foo 1\nb: !foo {x: 1}\n", '{"a":"1","b":{"x":1}}'],
    ["!!omap and !!set are what they look like", "a: !!omap\n- x: 1\nb: !!set {z}\n", '{"a":[{"x":1}],"b":{"z":null}}'],
    [
      "brackets and quotes that run over lines without indentation",
      'a: [\n1,\n{\n"b": 2\n}\n]\nc: "x\ny"\n',
      '{"a":[1,{"b":2}],"c":"x y"}',
    ],
    [
      "a colon before a bracket is text",
      "a: [1.2.3.4, 001:db8::]\nb: {c:, d: 1}\n",
      '{"a":["1.2.3.4","001:db8::"],"b":{"c:":null,"d":1}}',
    ],
    ["a mapping in brackets is one", "a: [{b:}]\n", '{"a":[{"b:":null}]}'],
    ["keys that are floats", ".inf: 1\n1e6: 2\n-0.0: 3\n", '{".inf":1,"1e+06":2,"-0":3}'],
    ["half a surrogate pair in JSON", '{"a": "\\ud83d"}', '{"a":"\ufffd"}'],
    [
      "integers of 64 bits, and beyond",
      "a: 9223372036854775807\nb: 9223372036854775808\nc: 1e18\n",
      '{"a":9223372036854775807,"b":9223372036854776000,"c":1000000000000000000}',
    ],
    ["a byte order mark", "\uFEFFa: 1\n", '{"a":1}'],
  ])("%s", (_, text, json) => {
    expect(parseYaml(text).problems).toEqual([]);
    expect(formatJson(values(text)[0] ?? null)).toBe(json);
  });
});

describe("what is refused, and where", () => {
  test.each<[string, string, string, number]>([
    ["tabs", "a: 1\nb:\n\tc: 1\n", "yaml-syntax", 3],
    ["a duplicate key (1D-49)", "a: 1\nb: 2\na: 3\n", "yaml-duplicate-key", 3],
    ["a duplicate key of two spellings", "yes: 1\ntrue: 2\n", "yaml-duplicate-key", 2],
    ["an unknown alias", "a: 1\nb: *x\n", "yaml-syntax", 2],
    ["an alias to what holds it", "a: &a\n- *a\n", "yaml-syntax", 2],
    ["infinity", "a: 1\nb: .inf\n", "yaml-syntax", 2],
    ["a null key", "~: 1\n", "yaml-syntax", 1],
    ["a list as key", "? [a]\n: 1\n", "yaml-syntax", 1],
    ["a merge of a number", "a:\n  <<: 1\n", "yaml-syntax", 2],
    ["an open bracket", "a: [b\n", "yaml-syntax", 2],
    ["an unsigned integer as key", "a: 1\n18446744073709551615: 1\n", "yaml-syntax", 2],
    ["an escape that only JSON has", 'a: 1\nb: "\\/"\n', "yaml-syntax", 2],
    ["a blank line behind an escaped line break", 'a: "x\\\n\n  y"\n', "yaml-syntax", 1],
    ["a question mark in brackets", "a: [b,\n  c?]\n", "yaml-syntax", 2],
    ["a colon at a nested bracket", "a:\n  {b:[1]}\n", "yaml-syntax", 2],
    ["a line separator of Unicode", "a: 1\nb: x\u2028y\n", "yaml-syntax", 2],
    ["bytes that are no text", "a: !!binary /w==\n", "yaml-syntax", 1],
    ["5,000 open brackets (1D-41)", "[".repeat(5000), "yaml-syntax", 1],
    ["600 levels", "[".repeat(600) + "]".repeat(600), "yaml-syntax", 1],
  ])("%s", (_, text, code, line) => {
    expect(problem(text)).toEqual([[code, line]]);
  });

  test("an alias bomb, and merges of one alias (1D-40)", () => {
    const levels = Array.from(
      { length: 9 },
      (_, i) =>
        `a${i}: &a${i} [${Array(9)
          .fill(i === 0 ? "x" : `*a${i - 1}`)
          .join(",")}]`,
    );
    expect(problem(levels.join("\n"))).toEqual([["yaml-alias-budget", 6]]);
    const keys = Array.from({ length: 100 }, (_, i) => `k${i}: v`).join(", ");
    expect(problem(`a: &a {${keys}}\nb:\n  <<: [${Array(10_000).fill("*a").join(",")}]\n`)).toEqual([
      ["yaml-alias-budget", 3],
    ]);
  });

  test("a large text", () => {
    expect(problem("x".repeat(yamlLimits.maxText + 1))).toEqual([["yaml-too-large", undefined]]);
  });

  test("no sentence quotes the text", () => {
    for (const text of [
      "a: CANARY: b\n",
      'a: "CANARY\n',
      "a: [CANARY\n",
      "&CANARY &CANARY a\n",
      "a: *CANARY\n",
      "@CANARY\n",
      "a: !!int CANARY\n",
    ])
      expect(JSON.stringify(parseYaml(text).problems), text).not.toContain("CANARY");
  });

  test("every sentence is one line", () => {
    for (const { sentence } of yamlErrors) expect(sentence).toMatch(/^[^\n]{5,}$/);
  });
});

describe("prototypes (1D-42)", () => {
  test.each([
    ["__proto__: {polluted: 1}\n"],
    ["a: &a {__proto__: {polluted: 1}}\nb: {<<: *a}\n"],
    ["constructor: {prototype: {polluted: 1}}\n"],
    ['{"__proto__": {"polluted": 1}}'],
  ])("%j pollutes nothing", (text) => {
    const [value] = values(text);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect((value as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test("the key is kept as a key", () => {
    expect(formatJson(values("__proto__: 1\n")[0] ?? null)).toBe('{"__proto__":1}');
  });
});

describe("splitting", () => {
  test("only markers at the start of a line split; comments-only parts are left out", () => {
    const parts = splitDocuments("# a\n---\n# b\n--- # c\na: 1\nb: |\n  ---\n  x\n...\n---\nc: --- d\n---x: 1\n");
    expect(parts.map(({ line }) => line)).toEqual([4, 10]);
    expect(values("a: 1\nb: |\n  ---\n  x\n")).toEqual([{ a: 1, b: "---\nx\n" }]);
  });

  test("a document that fails leaves the others", () => {
    expect(values("a: 1\n---\n[\n---\nb: 2\n--- {c: 3}\n")).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }]);
  });

  test("what stands between ... and --- is said to be unread", () => {
    expect(values("a: 1\n...\n# c\n---\nb: 2\n")).toEqual([{ a: 1 }, { b: 2 }]);
    expect(problem("a: 1\n...\nb: 2\n---\nc: 3\n")).toEqual([["yaml-syntax", 2]]);
    expect(values("a: 1\n...\nb: 2\n---\nc: 3\n")).toEqual([{ a: 1 }, { c: 3 }]);
  });

  test("JSON objects in a row, each with its line", () => {
    const { documents, problems } = parseYaml('{"a": "}{"}\n\n{"b":\n1} {"c": 2}\n');
    expect(problems).toEqual([]);
    expect(documents.map(({ value, line }) => [value, line])).toEqual([
      [{ a: "}{" }, 1],
      [{ b: 1 }, 3],
      [{ c: 2 }, 4],
    ]);
    expect(problem("{a: 1}\n{b: 2}\n")).toEqual([["yaml-syntax", 2]]);
  });

  test("directives are passed over", () => {
    expect(values("%YAML 1.1\n---\na: 1\n")).toEqual([{ a: 1 }]);
  });
});

describe("manifests", () => {
  const head = "apiVersion: v1\nkind: ConfigMap\n";

  test("Lists and typed lists are expanded, with line and index", () => {
    const text = `apiVersion: v1\nkind: ConfigMapList\nitems:\n- metadata: {name: a}\n- {apiVersion: v1, kind: Secret, metadata: {name: b}}\n---\napiVersion: v1\nkind: List\nitems:\n- kind: List\n  apiVersion: v1\n  items:\n  - ${head.replace("\n", "\n    ").trimEnd()}\n    metadata: {name: c}\n---\nkind: List\napiVersion: v1\nitems: null\n`;
    const { objects, problems } = readManifests(text, "l.yaml");
    expect(problems).toEqual([]);
    expect(objects.map(({ id, source }) => [id.kind, id.name, source.line, source.index])).toEqual([
      ["ConfigMap", "a", 4, 0],
      ["Secret", "b", 5, 1],
      ["ConfigMap", "c", 13, 2],
    ]);
  });

  test.each<[string, string, string, string | undefined]>([
    ["a list", "- 1\n", "not-an-object", undefined],
    ["text", "hello\n", "not-an-object", undefined],
    ["no kind", "apiVersion: v1\nmetadata: {name: a}\n", "no-kind", undefined],
    ["no apiVersion", "kind: Pod\nmetadata: {name: a}\n", "no-kind", "Pod a"],
    ["apiVersion a number", "apiVersion: 1\nkind: Pod\nmetadata: {name: a}\n", "no-kind", "Pod a"],
    ["kind a boolean", "apiVersion: v1\nkind: yes\nmetadata: {name: a}\n", "no-kind", undefined],
    ["a kind with a slash", "apiVersion: v1\nkind: a/b\nmetadata: {name: a}\n", "no-kind", "a/b a"],
    ["two slashes", "apiVersion: a/b/c\nkind: Pod\nmetadata: {name: a}\n", "no-kind", "Pod a"],
    ["no metadata", head, "no-name", "ConfigMap"],
    ["no name", `${head}metadata: {namespace: s}\n`, "no-name", "ConfigMap s/"],
    ["an empty name", `${head}metadata: {name: ""}\n`, "no-name", "ConfigMap"],
    ["generateName", `${head}metadata: {generateName: g-}\n`, "generate-name", "ConfigMap g-"],
    ["a number as name", `${head}metadata: {name: 12}\n`, "invalid-name", "ConfigMap"],
    ["a slash in a name", `${head}metadata: {name: a/b}\n`, "invalid-name", "ConfigMap a/b"],
    ["a number as namespace", `${head}metadata: {name: a, namespace: 1}\n`, "invalid-name", "ConfigMap a"],
  ])("%s", (_, text, code, object) => {
    const { objects, problems } = readManifests(`# c\n${text}`, "x.yaml");
    expect(objects).toEqual([]);
    expect(problems).toEqual([
      { code, message: expect.any(String), file: "x.yaml", line: 2, ...(object === undefined ? {} : { object }) },
    ]);
  });

  test("equal content has an equal hash, whatever the order and the form", () => {
    const a = readManifests(`${head}metadata: {name: a}\ndata: {x: "1", z: "2"}\n`, "a").objects[0];
    const b = readManifests(
      '{"data":{"z":"2","x":"1"},"metadata":{"name":"a"},"kind":"ConfigMap","apiVersion":"v1"}',
      "b",
    ).objects[0];
    expect(a?.hash).toBe(b?.hash);
    expect(digestOf({ a: 9007199254740993n })).not.toBe(digestOf({ a: 9007199254740992n }));
  });

  test("lines of fields, through aliases and merges", () => {
    const text = `${head}metadata:\n  name: a\nx: &x\n  k: v\nw: *x\nz:\n  <<: *x\n  own: 1\nl:\n- a\n- b: c\n`;
    const pointers = ["/metadata/name", "/w/k", "/z/k", "/z/own", "/l/1", "/l/1/b", "/l/2", "/nope", "broken"];
    expect([...locatePointers(text, 0, pointers)]).toEqual([
      ["/metadata/name", 4],
      ["/w/k", 6],
      ["/z/k", 6],
      ["/z/own", 10],
      ["/l/1", 13],
      ["/l/1/b", 13],
    ]);
    expect(locatePointers(text, 7, ["/x"]).size).toBe(0);
  });
});

describe("for any text", () => {
  test("reading never throws", () => {
    const bits = fc.constantFrom(
      "a",
      ":",
      " ",
      "\n",
      "- ",
      "[",
      "]",
      "{",
      "}",
      "&a",
      "*a",
      "<<",
      "|",
      ">",
      "'",
      '"',
      "#",
      "---\n",
      "!",
      "%",
      "\t",
      "?",
      "~",
      "1",
      ",",
    );
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 60 }), (parts) => {
        readManifests(parts.join(""), "f");
      }),
      { numRuns: 500 },
    );
  });

  test("JSON is read as JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = JSON.stringify({ value });
        expect(formatJson(values(text)[0] ?? null)).toBe(JSON.stringify(JSON.parse(text)));
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ["an object that never ends", "{".repeat(20_000)],
    ["a text that never ends", `{"a": "${"\\n".repeat(100_000)}`],
    ["objects that are closed too often", "{}}".repeat(2_000)],
    ["brackets in brackets without indentation", `a: ${"[\n".repeat(3000)}`],
  ])("%s is refused, not run after", (_, text) => {
    expect(problem(text)).toHaveLength(1);
  });

  test("linear time for many keys (1D-43)", () => {
    const keys = Array.from({ length: 50_000 }, (_, i) => `k${i}: v`).join("\n");
    expect(Object.keys(values(keys)[0] ?? {})).toHaveLength(50_000);
  });
});
