/** Values as YAML text, in the manner of the text they go into. Whatever is made here is read again before it is used. */
import { formatJson, isArray, isObject, type Json } from "../../model/json.ts";
import { readScalar } from "../../sources/yaml-scalars.ts";
import { formatYaml, formatYamlAs } from "../output/yaml-text.ts";
import type { ScalarNode } from "./yaml-tree.ts";

export interface Manner {
  /** Of what is nested, in spaces. */
  readonly step: number;
  /** Whether the dashes of a list stand further in than its key. */
  readonly indentSeq: boolean;
  /** Inside brackets: keys and texts between double quotes, as JSON has it. */
  readonly quoted: boolean;
}

const isCollection = (value: Json): boolean =>
  (isArray(value) && value.length > 0) || (isObject(value) && Object.keys(value).length > 0);

/** What stands on the line of its key or dash: everything but a collection that holds something, and a text of lines. */
export const isInline = (value: Json): boolean =>
  !isCollection(value) && !(typeof value === "string" && value.includes("\n"));

const CONTROL = /[\p{Cc}\p{Cf}\u2028\u2029]/u;

function isPlainText(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_./-]*$/.test(text) && readScalar(text).value === text;
}

/** A value on one line, inside brackets or not. */
export function flowText(value: Json, manner: Manner): string {
  if (typeof value === "string") return !manner.quoted && isPlainText(value) ? value : JSON.stringify(value);
  if (isArray(value)) return `[${value.map((item) => flowText(item, manner)).join(", ")}]`;
  if (!isObject(value)) return formatJson(value);
  const entries = Object.entries(value).map(([key, entry]) => `${flowText(key, manner)}: ${flowText(entry, manner)}`);
  return entries.length === 0 ? "{}" : `{${manner.quoted ? "" : " "}${entries.join(", ")}${manner.quoted ? "" : " "}}`;
}

/** The library takes two spaces back from a dash that stands below its key, so that only two can be told to it then. */
const linesOf = (value: Json, { step, indentSeq }: Manner): readonly string[] =>
  formatYamlAs(value, { indent: indentSeq ? step : 2, indentSeq })
    .replace(/\n$/, "")
    .split("\n");

const indented = (lines: readonly string[], column: number): readonly string[] =>
  lines.map((line) => (line === "" ? "" : " ".repeat(column) + line));

/** `key: value` at a column, as many lines as it takes. */
export const pairLines = (key: string, value: Json, column: number, manner: Manner): readonly string[] =>
  indented(linesOf({ [key]: value }, manner), column);

/** `- value`, with its dash at a column. */
export const itemLines = (value: Json, column: number, manner: Manner): readonly string[] =>
  indented(linesOf([value], { ...manner, step: 2 }), column);

/** What comes behind the colon of a key at a column: the rest of its line, and the lines below it. */
export function behindColon(value: Json, column: number, manner: Manner): readonly string[] {
  const [first = "", ...rest] = pairLines("k", value, column, manner);
  return [first.slice(column + 2), ...rest];
}

const HEADER = /^\|-?([ \t]+#[^\r\n]*|[ \t]*)\r?\n/;
/** What a block may hold though a terminal might obey it: only where it was there before. Never a break, or a control. */
const FORMATS = /\p{Cf}/gu;
const NEVER = /[^\P{Cc}\t\n]|[\u2028\u2029\uFEFF]/u;

/** Another text under the header of a literal block, its comment kept; undefined where it is none, or could not stay. */
export function literalText(block: string, to: Json): string | undefined {
  if (typeof to !== "string") return undefined;
  const header = HEADER.exec(block);
  const body = to.replace(/\n$/, "");
  const lines = body.split("\n");
  const isPlain = to.includes("\n") && /^\n*[^ \t\n]/.test(body) && !body.endsWith("\n") && !NEVER.test(to);
  if (header === null || !isPlain) return undefined;
  if ((to.match(FORMATS) ?? []).some((found) => !block.includes(found))) return undefined;
  const [, indent = ""] = /\n( +)[^ \r\n]/.exec(block.slice(header[0].length - 1)) ?? [];
  if (indent === "") return undefined;
  const chomp = to.endsWith("\n") ? "" : "-";
  const before = block.slice(header[0].length).split(/\r?\n/);
  return `|${chomp}${(header[1] ?? "").trimEnd()}\n${unchanged(before, indented(lines, indent.length), indent).join("\n")}`;
}

/** Lines of the one as they are written in the other, from both ends: a blank one may have blanks of its indent in it. */
function unchanged(before: readonly string[], after: readonly string[], indent: string): readonly string[] {
  const isSame = (one: string | undefined, other: string | undefined): boolean =>
    one !== undefined && other !== undefined && (one === other || (other === "" && indent.startsWith(one)));
  let [top, bottom] = [0, 0];
  while (isSame(before[top], after[top])) top += 1;
  const rest = Math.min(before.length, after.length) - top;
  while (bottom < rest && isSame(before.at(-1 - bottom), after.at(-1 - bottom))) bottom += 1;
  const behind = bottom === 0 ? [] : before.slice(-bottom);
  return [...before.slice(0, top), ...after.slice(top, after.length - bottom), ...behind];
}

/** A scalar in the style of the one it replaces, where that can hold it; undefined where it takes lines of its own. */
export function scalarText(value: Json, style: ScalarNode["style"], flow: boolean, manner: Manner): string | undefined {
  if (!isInline(value)) return flow ? flowText(value, manner) : undefined;
  if (typeof value === "string" && !CONTROL.test(value)) {
    if (style === "single") return `'${value.replaceAll("'", "''")}'`;
    if (style === "double") return JSON.stringify(value);
  }
  if (flow) return flowText(value, manner);
  return isCollection(value) ? undefined : formatYaml(value).trimEnd();
}
