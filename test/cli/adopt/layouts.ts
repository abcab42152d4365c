/** YAML in every manner people write it: random values, laid out at random, for properties. */
import fc from "fast-check";
import { Document, isCollection, isScalar, visit } from "yaml";
import type { Json } from "../../../src/model/json.ts";

const key = fc.oneof(
  fc.constantFrom("name", "image", "replicas", "data", "on", "y", "1", "a b", "a/b", "x:y", "null", "#no", "- a", "~"),
  fc
    .string({ minLength: 1, maxLength: 6 })
    .filter((text) => !/[\p{Cc}\p{Cf}\p{Cs}\u0085\u2028\u2029]/u.test(text) && text !== "<<" && text.trim() === text),
);
const text = fc.oneof(
  fc.constantFrom(
    "web",
    "web:1.4",
    "yes",
    "no",
    "0644",
    "1e3",
    "null",
    "",
    " lead",
    "trail ",
    "a: b",
    "# no",
    "- x",
    "{a}",
    "it's",
    'say "hi"',
    "a\nb",
    "a\nb\n",
    "  indented\nless\n",
    "keep\n\n",
    "\n",
    "2026-01-01",
    "*x",
    "&x",
    "!t",
    "%d",
    "@a",
    "tab\there",
    "multi # hash\nline",
  ),
  fc.string({ maxLength: 12 }).filter((one) => !/[\p{Cc}\p{Cf}\p{Cs}\u0085\u2028\u2029]/u.test(one)),
);
const leaf: fc.Arbitrary<Json> = fc.oneof(
  text,
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc
    .double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 })
    .map((one) => Math.round(one * 100) / 100 || 0),
);

export const value: fc.Arbitrary<Json> = fc.letrec<{ value: Json; map: Json; list: Json; items: Json }>((tie) => ({
  value: fc.oneof({ depthSize: "small", withCrossShrink: true }, leaf, tie("map"), tie("list"), tie("items")),
  map: fc.dictionary(key, tie("value"), { maxKeys: 5 }),
  list: fc.array(tie("value"), { maxLength: 4 }),
  items: fc.uniqueArray(
    fc.record(
      { name: fc.constantFrom("a", "b", "c", "d"), image: text, more: tie("value") },
      { requiredKeys: ["name"] },
    ),
    {
      selector: (item) => item.name,
      maxLength: 4,
    },
  ),
})).value;

export const map = fc.dictionary(key, value, { minKeys: 1, maxKeys: 6 });

/** A value near another: some of it changed, dropped or added. */
export function near(from: Json): fc.Arbitrary<Json> {
  if (Array.isArray(from)) {
    const items = fc.tuple(
      ...(from as readonly Json[]).map((item) =>
        fc.option(fc.oneof({ weight: 3, arbitrary: fc.constant(item) }, { weight: 1, arbitrary: near(item) }), {
          freq: 5,
        }),
      ),
    );
    return fc
      .tuple(items, fc.array(value, { maxLength: 1 }))
      .map(([kept, more]) => [...kept.filter((one) => one !== null), ...more]);
  }
  if (typeof from === "object" && from !== null) {
    const entries = Object.entries(from).map(([name, one]) =>
      fc
        .option(fc.oneof({ weight: 3, arbitrary: fc.constant(one) }, { weight: 1, arbitrary: near(one) }), {
          freq: 5,
          nil: undefined,
        })
        .map((after) => [name, after] as const),
    );
    return fc.tuple(fc.tuple(...entries), fc.dictionary(key, value, { maxKeys: 1 })).map(([kept, more]) => ({
      ...Object.fromEntries(kept.filter(([, after]) => after !== undefined)),
      ...more,
    })) as fc.Arbitrary<Json>;
  }
  return fc.oneof({ weight: 4, arbitrary: leaf }, { weight: 1, arbitrary: value });
}

export interface Layout {
  readonly seed: number;
  readonly indent: number;
  readonly indentSeq: boolean;
  readonly windows: boolean;
  readonly comments: boolean;
  readonly flow: boolean;
  readonly before: boolean;
  readonly after: boolean;
  readonly newline: boolean;
}

export const layout: fc.Arbitrary<Layout> = fc.record({
  seed: fc.nat(),
  indent: fc.constantFrom(2, 3, 4),
  indentSeq: fc.boolean(),
  windows: fc.boolean(),
  comments: fc.boolean(),
  flow: fc.boolean(),
  before: fc.boolean(),
  after: fc.boolean(),
  newline: fc.boolean(),
});

function dice(seed: number): (sides: number) => number {
  let state = seed | 1;
  return (sides) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % sides;
  };
}

export const other = (name: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} } # ${name}\ndata: &shared\n  a: "1"\nmore: *shared\n`;

export interface Written {
  readonly text: string;
  /** Place of the object in the file. */
  readonly index: number;
}

/** The object as a person might have written it, among others. */
export function write(object: Json, { seed, indent, indentSeq, windows, comments, flow, ...rest }: Layout): Written {
  const roll = dice(seed);
  const document = new Document(object, { version: "1.1", aliasDuplicateObjects: false });
  visit(document, {
    Node(role, node, path) {
      if (isCollection(node) && flow && path.length > 2 && roll(4) === 0) node.flow = true;
      if (isScalar(node) && role !== "key") {
        if (typeof node.value === "string" && roll(4) === 0 && path.at(-1) !== undefined) {
          const style = (["QUOTE_DOUBLE", "QUOTE_SINGLE", "BLOCK_LITERAL", "BLOCK_FOLDED"] as const)[roll(4)];
          if (style !== undefined && (style.startsWith("QUOTE") || node.value.trim() === node.value)) node.type = style;
        }
        if (
          comments &&
          roll(5) === 0 &&
          !String(node.value).includes("\n") &&
          node.type !== "BLOCK_LITERAL" &&
          node.type !== "BLOCK_FOLDED"
        )
          node.comment = `\tsaid ${roll(100)}`;
      }
    },
    Pair(_, pair) {
      if (comments && isScalar(pair.key) && roll(5) === 0) {
        pair.key.commentBefore = ` above ${roll(100)}`;
        if (roll(2) === 0) pair.key.spaceBefore = true;
      }
    },
  });
  const own = document.toString({ indent, indentSeq, lineWidth: roll(2) === 0 ? 0 : 80, directives: false });
  const parts = [...(rest.before ? [other("before")] : []), own, ...(rest.after ? [other("after")] : [])];
  const joined = `${rest.before || roll(2) === 0 ? "# head\n---\n" : ""}${parts.join("---\n")}`;
  const whole = rest.newline ? joined : joined.replace(/\n$/, "");
  return { text: windows ? whole.replaceAll("\n", "\r\n") : whole, index: rest.before ? 1 : 0 };
}
