/**
 * A file edited so that one object says something else: whatever the layout, the edit says exactly that and nothing else
 * in the file changes; where that cannot be, there is no edit.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "../../../src/model/canonical.ts";
import type { Json } from "../../../src/model/json.ts";
import { editFile, type FileEdit } from "../../../src/cli/adopt/file-edit.ts";
import { readManifests } from "../../../src/sources/yaml.ts";
import { layout, map, near, write } from "./layouts.ts";

const head = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "it" } };
const objectsIn = (text: string): readonly Json[] => readManifests(text, "it.yaml").objects.map(({ object }) => object);
const edit = (text: string, index: number, to: Json, expand = false): FileEdit =>
  editFile({ text, index, expand, change: () => to });
/** The object at `index`, with `spec` in the place of its own. */
const withSpec = (text: string, spec: Json, index = 0, expand = false): FileEdit =>
  editFile({ text, index, expand, change: (written) => ({ ...(written as object), spec }) as Json });

const file = (...spec: readonly string[]): string =>
  ["apiVersion: v1", "kind: Thing", "metadata: { name: it }", "spec:", ...spec, ""].join("\n");

describe("only the very lines", () => {
  test.each([
    ["a value, its comment stays", ["  a: 1 # one", "  b: x"], { a: 2, b: "x" }, ["  a: 2 # one", "  b: x"]],
    ["quotes are kept", ["  a: 'x'", '  b: "v2"'], { a: "it's", b: "z" }, ["  a: 'it''s'", '  b: "z"']],
    ["text that YAML would read as something else", ["  a: x"], { a: "yes" }, ['  a: "yes"']],
    ["a key goes, the comment above another stays", ["  a: 1", "  # on b", "  b: 2"], { b: 2 }, ["  # on b", "  b: 2"]],
    [
      "a key comes last",
      ["  a: 1", "# end"],
      { a: 1, b: { c: [1] } },
      ["  a: 1", "  b:", "    c:", "      - 1", "# end"],
    ],
    ["a null gets a value", ["  a:", "  b: 1"], { a: { x: 1 }, b: 1 }, ["  a:", "    x: 1", "  b: 1"]],
    [
      "a key with nothing but a comment gets a value, and keeps it",
      ["  a: # none yet", "  b: 1"],
      { a: { x: "v2" }, b: 1 },
      ["  a: # none yet", "    x: v2", "  b: 1"],
    ],
    ["on its own line too", ["  a:   # none yet", "  b: 1"], { a: 2, b: 1 }, ["  a: 2   # none yet", "  b: 1"]],
    [
      "an item of nothing but a comment",
      ["  a:", "    - # c", "    - x"],
      { a: ["z", "x"] },
      ["  a:", "    - z # c", "    - x"],
    ],
    [
      "the same, with lines below it",
      ["  a:", "    - # c", "    - x"],
      { a: [{ z: 1, w: 2 }, "x"] },
      ["  a:", "    - z: 1 # c", "      w: 2", "    - x"],
    ],
    ["an empty map in braces is filled", ["  a: {} # none yet"], { a: { x: "v2" } }, ["  a: # none yet", "    x: v2"]],
    ["the last key of a map goes", ["  a:", "    x: 1", "  b: 1"], { a: {}, b: 1 }, ["  a: {}", "  b: 1"]],
    ["inside braces", ["  a: {x: 1, v2: b, z: 3}"], { a: { x: 1, z: 4, m: "w" } }, ["  a: {x: 1, z: 4, m: w}"]],
    ["the first inside braces", ["  a: { x: 1, v2: 2 }"], { a: { v2: 2 } }, ["  a: { v2: 2 }"]],
    [
      "a list item in the middle",
      ["  a:", "  - x", "  - z # last"],
      { a: ["x", "v2", "z"] },
      ["  a:", "  - x", "  - v2", "  - z # last"],
    ],
    [
      "a list item goes",
      ["  a:", "    - x", "    # on v2", "    - v2"],
      { a: ["v2"] },
      ["  a:", "    # on v2", "    - v2"],
    ],
    [
      "one item of a keyed list",
      ["  a:", "    - name: one # first", "      v: 1", "    - name: two", "      v: 2"],
      {
        a: [
          { name: "one", v: 1 },
          { name: "two", v: 3, w: "x" },
        ],
      },
      ["  a:", "    - name: one # first", "      v: 1", "    - name: two", "      v: 3", "      w: x"],
    ],
    [
      "the first key of an item goes: the next moves up beside the dash, with its comment",
      ["  a:", "    - v: 1", "      # on w", "      w: 2"],
      { a: [{ w: 2 }] },
      ["  a:", "    - # on w", "      w: 2"],
    ],
    [
      "dashes as the file has them",
      ["    a:", "    - x"],
      { a: ["x"], b: ["v2"] },
      ["    a:", "    - x", "    b:", "    - v2"],
    ],
    [
      "a line of a block of text",
      ["  a: |", "    one", "    two", "", "  b: 1"],
      { a: "one\n2\n", b: 1 },
      ["  a: |", "    one", "    2", "", "  b: 1"],
    ],
    [
      "a line of a block with blanks on a line, and one above",
      ["  a: |", "", "    one  ", "    ", "    two", "  ", "    x", "  b: 1"],
      { a: "\none  \n\n2\n\nx\n", b: 1 },
      ["  a: |", "", "    one  ", "    ", "    2", "  ", "    x", "  b: 1"],
    ],
    [
      "a line of blanks that were part of the text",
      ["  a: |", "    one", "      ", "    two", "  b: 1"],
      { a: "one\n\n2\n", b: 1 },
      ["  a: |", "    one", "", "    2", "  b: 1"],
    ],
    ["a block becomes one line", ["  a: |-", "    one", "  b: 1"], { a: "two", b: 1 }, ["  a: two", "  b: 1"]],
    [
      "below a text that keeps its blank lines, those behind what goes are no part of it",
      ["  a:", "  - |+", "    x", "", "  - v2", "", "  b: 1", "", "  # on c", "  c: 1"],
      { a: ["x\n\n"], c: 1 },
      ["  a:", "  - |+", "    x", "", "  # on c", "  c: 1"],
    ],
    [
      "and what comes instead stands below them",
      ["  a:", "  - |+", "    x", "", "  - v2", "  - |+", "    z", "", "  - v3", "", "  b: 1"],
      { a: ["x\n\n", "w"], b: 1 },
      ["  a:", "  - |+", "    x", "", "  - w", "  b: 1"],
    ],
    [
      "tabs in comments",
      ["  a: 1 #\tone\t", "  #\tb", "  b: 1"],
      { a: 1, b: 2 },
      ["  a: 1 #\tone\t", "  #\tb", "  b: 2"],
    ],
  ] as const)("%s", (_, before, spec, after) => {
    expect(withSpec(file(...before), spec as Json)).toEqual({ ok: true, text: file(...after) });
  });

  const braces = ["  a: { x: '1', # on x", "    # above k", "    k: '2', # on k", "    z: '3' }"];
  const lines = ["  a: [", "    x, # on x", "    k, # on k", "    z # on z", "  ]"];
  test.each([
    ["the second", braces, { x: "1", z: "3" }, ["  a: { x: '1', # on x", "    # above k", "    z: '3' }"], [7]],
    [
      "the first: the next moves up no further than its comment",
      braces,
      { k: "2", z: "3" },
      ["  a: {", "    # above k", "    k: '2', # on k", "    z: '3' }"],
      [5],
    ],
    [
      "the last",
      braces,
      { x: "1", k: "2" },
      ["  a: { x: '1', # on x", "    # above k", "    k: '2' # on k", "    }"],
      undefined,
    ],
    ["one of a list", lines, ["x", "z"], ["  a: [", "    x, # on x", "    z # on z", "  ]"], [7]],
    ["the last of a list", lines, ["x", "k"], ["  a: [", "    x, # on x", "    k # on k", "  ]"], [8]],
    [
      "one comes first",
      lines,
      ["q", "x", "k", "z"],
      ["  a: [", "    q,", "    x, # on x", "    k, # on k", "    z # on z", "  ]"],
      undefined,
    ],
    [
      "one comes between",
      lines,
      ["x", "q", "k", "z"],
      ["  a: [", "    x, # on x", "    q,", "    k, # on k", "    z # on z", "  ]"],
      undefined,
    ],
    [
      "two come last",
      lines,
      ["x", "k", "z", "q", "m"],
      ["  a: [", "    x, # on x", "    k, # on k", "    z, # on z", "    q,", "    m", "  ]"],
      undefined,
    ],
    ["all others", lines, ["1a", "2a"], ["  a: [", "    1a, # on x", "    2a # on k", "  ]"], [8]],
    [
      "with a comma behind the last",
      ["  a: [", "    x,", "    k,", "  ]"],
      ["x", "q"],
      ["  a: [", "    x,", "    q,", "  ]"],
      undefined,
    ],
    ["and without it", ["  a: [", "    x,", "    k,", "  ]"], ["x"], ["  a: [", "    x,", "  ]"], undefined],
    ["on one line, in the middle", ["  a: [x, z]"], ["x", "q", "z"], ["  a: [x, q, z]"], undefined],
    ["on one line, the first", ["  a: [x, z]"], ["q", "x", "z"], ["  a: [q, x, z]"], undefined],
  ] as const)("lines between brackets and braces, and their comments: %s", (_, before, a, after, lost) => {
    expect(withSpec(file(...before), { a } as Json)).toEqual({
      ok: true,
      text: file(...after),
      ...(lost === undefined ? {} : { lost }),
    });
  });

  test("a pretty-printed list of JSON keeps its layout, wherever something comes or goes", () => {
    const json = (b: readonly string[]): string =>
      JSON.stringify({ apiVersion: "v1", kind: "Thing", metadata: { name: "it" }, spec: { a: 1, b } }, null, 2);
    for (const to of [["q", "x", "k"], ["x", "q", "k"], ["x", "k", "q"], ["x"], ["k"], ["q", "m", "o"], ["q"]])
      expect(withSpec(json(["x", "k"]), { a: 1, b: to })).toEqual({ ok: true, text: json(to) });
  });

  test.each([
    [
      "a list of which nothing stays",
      ["  args:", "  # tuned", "  - --workers=4 # four cores", "  b: 1"],
      { args: ["--workers=8", "--verbose"], b: 1 },
      ["  args:", "  # tuned", "  - --workers=8 # four cores", "  - --verbose", "  b: 1"],
      undefined,
    ],
    [
      "a list of objects of which nothing stays",
      ["  a: # all", "    # above", "    - name: x # gone", "      v: 1"],
      { a: [{ name: "w", v: 2 }, { name: "z" }] },
      ["  a: # all", "    # above", "    - name: w", "      v: 2", "    - name: z"],
      [7],
    ],
    [
      "a map of which nothing stays",
      ["  a: # all", "    # above", "    x: 1 # gone", "  b: 1"],
      { a: { w: 2 }, b: 1 },
      ["  a: # all", "    # above", "    w: 2", "  b: 1"],
      [7],
    ],
    ["a map that becomes a text", ["  a: # all", "    # above", "    x: 1"], { a: "w" }, ["  a: w"], [5, 6]],
    [
      "a text of lines, with a comment on its header and characters that join",
      ["  a: | # keep me", "    one", "    \u{1f469}\u200d\u{1f680} two", "  b: 1"],
      { a: "one\n\u{1f469}\u200d\u{1f680} 2\n", b: 1 },
      ["  a: | # keep me", "    one", "    \u{1f469}\u200d\u{1f680} 2", "  b: 1"],
      undefined,
    ],
    [
      "what was not there before is shown for what it is",
      ["  a: |", "    one", "    two"],
      { a: "one\n\u202etwo\n" },
      ['  a: "one\\n\\U0000202etwo\\n"'],
      undefined,
    ],
    [
      "a text loses its last break",
      ["  a: | # c", "    one", "    two"],
      { a: "one\n2" },
      ["  a: |- # c", "    one", "    2"],
      undefined,
    ],
  ] as const)("comments around it stay: %s", (_, before, spec, after, lost) => {
    expect(withSpec(file(...before), spec as Json)).toEqual({
      ok: true,
      text: file(...after),
      ...(lost === undefined ? {} : { lost }),
    });
  });

  test("the file's own line breaks, and the lack of the last one", () => {
    const windows = file("  a: 1", "  b: |", "    x").replaceAll("\n", "\r\n");
    expect(withSpec(windows, { a: 2, b: "x\ny\n", c: 1 })).toEqual({
      ok: true,
      text: file("  a: 2", "  b: |", "    x", "    y", "  c: 1").replaceAll("\n", "\r\n"),
    });
    expect(withSpec(file("  a: 1").trimEnd(), { a: 1, b: 2 })).toEqual({
      ok: true,
      text: file("  a: 1", "  b: 2").trimEnd(),
    });
  });

  test("without a last line break: it comes where it is now part of a text, and only there", () => {
    const kept = file("  a: |+", "    x", "", "  b: 1").trimEnd();
    expect(withSpec(kept, { a: "x\n\n" })).toEqual({ ok: true, text: file("  a: |+", "    x", "") });
    const clipped = file("  a: |", "    x", "  b: 1").trimEnd();
    expect(withSpec(clipped, { a: "x\n" })).toEqual({ ok: true, text: file("  a: |", "    x").trimEnd() });
  });

  test("one document of many, one item of a List, with a byte order mark and a marker before", () => {
    const first = `\uFEFF# head\n--- # first\n${file("  a: 1")}`;
    const list = `---\napiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Thing\n  metadata: { name: x }\n- apiVersion: v1\n  kind: Thing\n  metadata: { name: v2 }\n  spec: { a: 1 }\n`;
    const text = `${first}${list}--- { apiVersion: v1, kind: Thing, metadata: { name: z }, spec: { a: 1 } }\n`;
    expect(withSpec(text, { a: 2 }, 0)).toEqual({ ok: true, text: text.replace("a: 1\n---\napi", "a: 2\n---\napi") });
    expect(withSpec(text, { a: 2 }, 2)).toEqual({ ok: true, text: text.replace("{ a: 1 }\n", "{ a: 2 }\n") });
    expect(withSpec(text, { a: 2 }, 3)).toEqual({ ok: true, text: text.replace("{ a: 1 } }\n", "{ a: 2 } }\n") });
  });

  test("JSON stays JSON", () => {
    const object = { apiVersion: "v1", kind: "Thing", metadata: { name: "it" }, spec: { a: 1, b: ["x"] } };
    const text = JSON.stringify(object, null, 2);
    const done = withSpec(text, { a: 1, b: ["x", "v2"], c: { d: "e" } });
    expect(done.ok && JSON.parse(done.text)).toEqual({ ...object, spec: { a: 1, b: ["x", "v2"], c: { d: "e" } } });
    expect(done.ok && done.text.split("\n").slice(0, 8)).toEqual(text.split("\n").slice(0, 8));
  });
});

describe("what cannot be edited on its own is told with its line; --expand writes it out; never a wrong file", () => {
  const shared = ["  base: &base", "    x: 1", "    v2: 2", "  one: *base", "  two:", "    <<: *base", "    z: 3"];
  const spec = { base: { x: 1, v2: 2 }, one: { x: 1, v2: 2 }, two: { x: 1, v2: 2, z: 3 } };
  test.each([
    ["an alias", { ...spec, one: { x: 9, v2: 2 } }, 8, "&base", true],
    ["what an anchor shares", { ...spec, base: { x: 9, v2: 2 } }, 6, "&base", true],
    ["a merged key that goes", { ...spec, two: { x: 1, z: 3 } }, 10, '"v2" is merged in', true],
  ])("%s", (_, to, line, message, expands) => {
    const text = file(...shared);
    expect(withSpec(text, to)).toEqual({ ok: false, line, message: expect.stringContaining(message), expands });
    const expanded = withSpec(text, to, 0, true);
    expect(expanded.ok).toBe(expands);
    if (expanded.ok) expect(objectsIn(expanded.text)).toMatchObject([{ spec: to }]);
  });

  test("a merged key that changes is covered by one of its own", () => {
    const done = withSpec(file(...shared), { ...spec, two: { x: 9, v2: 2, z: 3 } });
    expect(done).toEqual({ ok: true, text: file(...shared, "    x: 9") });
  });

  test("an anchor that nobody takes over is no obstacle", () => {
    expect(withSpec(file("  a: &a", "    x: 1"), { a: { x: 2 } })).toEqual({
      ok: true,
      text: file("  a: &a", "    x: 2"),
    });
  });

  test.each([
    ["a tag that would change the value", ["  a: !!str 5"], { a: 6 }],
    ["a key over lines", ["  ? a", "  : 1"], { a: 2 }],
    ["keys beside each other", ["  a:", "  - {x: 1} # c", "  - - v2 # d", "    - z"], { a: [{ x: 1 }, ["z"]] }],
  ])("%s: refused", (_, before, to) => {
    expect(withSpec(file(...before), to as Json)).toMatchObject({ ok: false });
  });
});

describe("properties", () => {
  const runs = { numRuns: Number(process.env["EDIT_RUNS"] ?? 400) };

  test("any value into any other near it, in any layout without anchors: it can be done, and is exact", () => {
    fc.assert(
      fc.property(
        map.chain((spec) => fc.tuple(fc.constant({ ...head, spec }), near(spec))),
        layout,
        ([object, spec], how) => {
          const { text, index } = write(object as Json, how);
          const before = objectsIn(text);
          fc.pre(canonicalJson(before[index] ?? null) === canonicalJson(object as Json));
          const to = { ...object, spec } as Json;
          const done = edit(text, index, to, true);
          expect(done).toMatchObject({ ok: true });
          const after = done.ok ? objectsIn(done.text) : [];
          expect(after.map((one) => canonicalJson(one))).toEqual(
            before.map((one, at) => canonicalJson(at === index ? to : one)),
          );
        },
      ),
      runs,
    );
  }, 120_000);

  test("nothing to change: not one character", () => {
    fc.assert(
      fc.property(map, layout, (spec, how) => {
        const object = { ...head, spec } as Json;
        const { text, index } = write(object, how);
        fc.pre(canonicalJson(objectsIn(text)[index] ?? null) === canonicalJson(object));
        expect(edit(text, index, object)).toEqual({ ok: true, text });
      }),
      runs,
    );
  }, 120_000);
});
