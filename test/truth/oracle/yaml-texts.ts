/** Random YAML of the forms people write, and of forms nobody should: the same texts for the same seed. */
import { chanceOf, type Chance } from "../random.ts";

const words = [
  "yes no on off y n Y N TRUE False ~ null Null nUll .inf -.Inf .NaN +.INF = << 0644 0o644 0O17 0x1F -0x1f 0b11 0b12 0b-1 0899 08",
  "1_000 _1 1__0 0_7 0x_1F -_0B1 1e3 1E-7 1e400 -1e400 1e21 1.5e300 5e-324 +1 -1 +.5 .5 1. 1.0 -0.0 -0 1:30 190:20:30 22:22 1.2.3",
  "10.0.0.0/8 0.1 0.30000000000000004 2001-01-01 2001-1-1 2001-01-01T00:00:00Z 2001-12-14t21:59:43.10-05:00 9007199254740993",
  "9223372036854775807 -9223372036854775808 9223372036854775808 18446744073709551615 18446744073709551616 1e19 0xFFFFFFFFFFFFFFFF",
  "123456789012345678901234567890 9.123456789012345e18 1.2345678901234567e20 12345678901234567.0 1e6 123456.5 0.00001",
  "a a#b a:b é 😀 -a -- a- 1m 1Gi 100% a'b a\"b a\\nb http://x/y?z=1 apps/v1 {{x}} $(VAR) <none> a\u00a0b a\u0085b a\u2028b",
].flatMap((line) => line.split(" "));
const spaced = ["a b", "a #b", "2001-12-14 21:59:43.1", "a  b ", "", "a: ", "a - b", "1 2"];
const awkward = [
  "?a",
  "*",
  "@",
  "`x`",
  "%x",
  "!",
  "&",
  "-",
  ":",
  ":a",
  "[",
  "}",
  "a, b",
  "a]",
  "|",
  ">",
  "#",
  "'",
  '"',
  "\t",
  "a\tb",
];
const escapes = [
  "\\n \\t \\\\ \\\" \\/ \\' \\0 \\a \\b \\e \\f \\v \\r \\N \\_ \\L \\P \\x41 \\xe9 \\u00e9 \\u2028 \\U0001F600 \\ud83d\\ude00 \\ud83d \\q \\x4",
]
  .join(" ")
  .split(" ");
const tags = ["!!str ", "!!int ", "!!float ", "!!bool ", "!!null ", "!!binary ", "!!timestamp ", "!foo ", "! "];
const alphabet = [..."0011223789+-._eExXoObB:"];

function many(chance: Chance, most: number, one: () => string): readonly string[] {
  return Array.from({ length: chance.number(most + 1) }, one);
}

/** One in so many. */
const seldom = (chance: Chance, often: number): boolean => chance.number(often) === 0;

function plain(chance: Chance): string {
  switch (chance.number(10)) {
    case 0:
    case 1:
      return many(chance, 7, () => chance.pick(alphabet)).join("");
    case 2:
      return chance.pick(spaced);
    case 3:
      return chance.pick(awkward);
    default:
      return chance.pick(words);
  }
}

function quoted(chance: Chance, breaks: readonly string[]): string {
  const common = ["a", "1", " ", "#", ": ", "é", "\t", ...breaks];
  if (seldom(chance, 3)) return `'${many(chance, 6, () => chance.pick([...common, "''", "\\", '"'])).join("")}'`;
  const parts = many(chance, 5, () => (seldom(chance, 3) ? chance.pick(escapes) : chance.pick([...common, "'"])));
  return `"${parts.join("")}"`;
}

const lines = ["\n  ", "\n\n  ", "\n", "\\\n   "];

/** A scalar as it may stand anywhere; one that is quoted may run over lines. */
function scalar(chance: Chance): string {
  const tag = seldom(chance, 12) ? chance.pick(tags) : "";
  return tag + (seldom(chance, 4) ? quoted(chance, seldom(chance, 3) ? lines : []) : plain(chance));
}

/** A scalar that is fine in most places: where every other one is refused, a large text says nothing. */
function calm(chance: Chance): string {
  if (seldom(chance, 60)) return scalar(chance);
  if (seldom(chance, 6)) return `"${many(chance, 3, () => chance.pick(["a", "\\n", "\\u00e9", ": ", " #"])).join("")}"`;
  return chance.pick(words.filter((word) => !/[.]inf|nan|<<|[?{`]/i.test(word)));
}

function block(chance: Chance, indent: string): string {
  const header =
    chance.pick(["|", ">"]) + chance.pick(["", "-", "+", "2", "-2", "+2"]) + chance.pick(["", "", " # c", " "]);
  const body = many(chance, 5, () =>
    chance.pick(["a", "b c", "", "  more", "\ttab", "# no comment", "- x", "k: v", "a ", "---x", "é"]),
  );
  return `${header}\n${body.map((line) => (line === "" ? "" : `${indent}  ${line}`)).join("\n")}${chance.pick(["", "\n", "\n\n"])}`;
}

interface Place {
  readonly indent: string;
  readonly depth: number;
  /** Anchors that a text may refer to so far. */
  readonly anchors: string[];
}

function gap(chance: Chance, indent: string): string {
  // Seldom without indentation: the parser has no word for it, kubectl reads it.
  return chance.pick(["", "", "", " ", `\n${indent}  `, ` # c\n${indent}    `, seldom(chance, 4) ? "\n" : ""]);
}

function flow(chance: Chance, place: Place): string {
  const { indent, depth, anchors } = place;
  if (depth > 3 || seldom(chance, 3))
    return anchors.length > 0 && seldom(chance, 5) ? `*${chance.pick(anchors)} ` : calm(chance);
  const inner = { ...place, depth: depth + 1 };
  const around = (text: string): string => gap(chance, indent) + text + gap(chance, indent);
  if (seldom(chance, 2))
    return `[${many(chance, 3, () => around(flow(chance, inner))).join(",")}${chance.pick(["", "", ","])}]`;
  let count = 0;
  const entry = (): string => {
    count += 1;
    return around(
      `${seldom(chance, 8) ? calm(chance) : `k${count}`}${chance.pick([": ", ": ", ":", " : "])}${flow(chance, inner)}`,
    );
  };
  return `{${many(chance, 3, entry).join(",")}${gap(chance, indent)}}`;
}

function anchored(chance: Chance, place: Place): string {
  if (!seldom(chance, 8)) return "";
  const name = chance.pick(["a", "b", "c"]);
  place.anchors.push(name);
  return `&${name} `;
}

/** What stands after a key or a dash: on the same line, or on the next ones. */
function value(chance: Chance, place: Place): string {
  const kind = place.depth > 4 ? chance.number(6) : chance.number(12);
  if (kind < 3) return ` ${anchored(chance, place)}${calm(chance)}`;
  if (kind === 3) return place.anchors.length === 0 ? " 1" : ` *${chance.pick(place.anchors)}`;
  if (kind === 4) return ` ${block(chance, place.indent)}`;
  if (kind === 5) return ` ${flow(chance, { ...place, depth: place.depth + 1 })}`;
  const name = anchored(chance, place);
  const inner = { ...place, indent: chance.pick([`${place.indent}  `, `${place.indent}    `]), depth: place.depth + 1 };
  return `${name === "" ? "" : ` ${name.trimEnd()}`}${chance.pick(["", "", " # c"])}\n${collection(chance, inner)}`;
}

function collection(chance: Chance, place: Place): string {
  const { indent } = place;
  const count = chance.number(4) + 1;
  const list = place.depth > 0 && seldom(chance, 3);
  const entries = Array.from({ length: count }, (_, index) => {
    if (list) return `${indent}-${value(chance, { ...place, depth: place.depth + 1 })}`;
    if (place.anchors.length > 0 && seldom(chance, 8)) return `${indent}<<: *${chance.pick(place.anchors)}`;
    const key = seldom(chance, 6) ? calm(chance) : chance.pick([`k${index}`, `k${index}`, `"k${index}"`, `k ${index}`]);
    return `${indent}${key}:${value(chance, place)}`;
  });
  return entries.join(seldom(chance, 10) ? `\n\n${indent}# c\n` : "\n");
}

const separators = ["---", "---", "--- # c", "---  ", "...\n---", "---\n---", "# c\n---", "---\n# c", "..."];

/** Whole files: documents that are mappings, with separators, comments, line breaks of either kind and a byte order mark. */
export function fileTexts(seed: number, count: number): readonly string[] {
  const chance = chanceOf(seed);
  return Array.from({ length: count }, () => {
    const documents = Array.from({ length: chance.number(3) + 1 }, () =>
      collection(chance, { indent: "", depth: 0, anchors: [] }),
    );
    const start = seldom(chance, 6) ? chance.pick(["\uFEFF", "# c\n", "---\n", "%YAML 1.1\n---\n", "\n"]) : "";
    const end = seldom(chance, 3) ? chance.pick(["", "\n\n", "\n...\n", " # end\n", "\n---\n"]) : "\n";
    const text = start + documents.join(`\n${chance.pick(separators)}\n`) + end;
    return seldom(chance, 8) ? text.replaceAll("\n", "\r\n") : text;
  });
}

const places = [
  "k: V",
  "- V",
  "V: 1",
  "[V]",
  "- {k: V}",
  "- {V: 1}",
  "? V\n: 1",
  "k: V # c",
  "k:\n  V",
  "k: [a, V]",
  "- - V",
];

/** One scalar in each place a scalar may take. */
export function placedTexts(seed: number, count: number): readonly string[] {
  const chance = chanceOf(seed);
  return Array.from({ length: count }, () => `${chance.pick(places).replace("V", () => scalar(chance))}\n`);
}

const marks = [
  "a",
  "b",
  ":",
  ": ",
  " ",
  "  ",
  "\n",
  "\n  ",
  "- ",
  "[",
  "]",
  "{",
  "}",
  "&a ",
  "*a",
  "<<: ",
  "|",
  ">",
  "'",
  '"',
  "#",
  " # ",
  "---\n",
  "!",
  "%",
  "\t",
  "? ",
  "~",
  "1",
  ",",
  "\r\n",
  "\\",
];

/** Marks and breaks in no order at all, below a key. */
export function soupTexts(seed: number, count: number): readonly string[] {
  const chance = chanceOf(seed);
  return Array.from({ length: count }, () => `k: ${many(chance, 20, () => chance.pick(marks)).join("")}`);
}
