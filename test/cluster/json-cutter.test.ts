/** Documents in pieces: what is cut out, and what stays, however the bytes come. */
import { array, assert, constantFrom, jsonValue, nat, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { createJsonCutter, type JsonCut } from "../../src/cluster/json-cutter.ts";

const items: readonly JsonCut[] = [{ path: ["items"], parts: "keep" }];

function cut(text: string, cuts: readonly JsonCut[], sizes: readonly number[] = []) {
  const cutter = createJsonCutter(cuts);
  const parts: (readonly [string, unknown])[] = [];
  const bytes = Buffer.from(text);
  let from = 0;
  for (const size of [...sizes, bytes.length]) {
    for (const part of cutter.push(bytes.subarray(from, from + size)))
      parts.push([part.key, JSON.parse(part.bytes.toString("utf8"))]);
    from += size;
  }
  return { parts, rest: JSON.parse(cutter.rest()) as unknown };
}

describe("a list", () => {
  test("any list, in any pieces: its items in order, and the rest of it", () => {
    assert(
      property(array(jsonValue()), jsonValue(), array(nat(9)), constantFrom(0, 1), (values, other, sizes, space) => {
        const text = JSON.stringify({ kind: "List", items: values, metadata: { items: [other] } }, undefined, space);
        expect(cut(text, items, sizes)).toEqual({
          parts: values.map((value) => ["", JSON.parse(JSON.stringify(value)) as unknown]),
          rest: { kind: "List", items: [], metadata: { items: [JSON.parse(JSON.stringify(other)) as unknown] } },
        });
      }),
    );
  });

  test.each([
    ["empty", '{"items":[ ]}', { parts: [], rest: { items: [] } }],
    ["null", '{"items":null,"a":1}', { parts: [], rest: { items: null, a: 1 } }],
    ["absent", '{"a":[1]}', { parts: [], rest: { a: [1] } }],
    ["a key in escapes", '{"\\u0069tems":[1]}', { parts: [["", 1]], rest: { items: [] } }],
    ["a key's name as a value", '{"a":"items","b":[1]}', { parts: [], rest: { a: "items", b: [1] } }],
    [
      "signs in strings",
      '{"items":["],\\"{",{"a":"}"}]}',
      {
        parts: [
          ["", '],"{'],
          ["", { a: "}" }],
        ],
        rest: { items: [] },
      },
    ],
  ])("%s", (_, text, expected) => {
    expect(cut(text, items)).toEqual(expected);
  });

  test.each(['{"items":[1', '{"items":[1]', '{"a":"'])("%j did not end", (text) => {
    const cutter = createJsonCutter(items);
    cutter.push(Buffer.from(text));
    expect(() => cutter.rest()).toThrow(SyntaxError);
  });
});

describe("a map", () => {
  test("its members by name; what is not wanted is left out", () => {
    const document = {
      info: { v: "1" },
      paths: { "/a": { b: [1] } },
      components: { schemas: { A: { x: 1 }, 'B"': [2] } },
    };
    const cuts: readonly JsonCut[] = [
      { path: ["paths"], parts: "drop" },
      { path: ["components", "schemas"], parts: "keep" },
    ];
    const expected = {
      parts: [
        ["A", { x: 1 }],
        ['B"', [2]],
      ],
      rest: { info: { v: "1" }, paths: {}, components: { schemas: {} } },
    };
    expect(cut(JSON.stringify(document), cuts)).toEqual(expected);
    for (let size = 1; size < 20; size += 1)
      expect(
        cut(
          JSON.stringify(document),
          cuts,
          Array.from({ length: 200 }, () => size),
        ),
      ).toEqual(expected);
  });
});
