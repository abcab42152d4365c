/**
 * One object of one file made to say something else. The edit is read again before anybody sees it: the object says
 * exactly what was wanted, and everything else in the file what it said before, or there is no edit.
 */
import { canonicalJson } from "../../model/canonical.ts";
import { getIn, isArray, isObject, type Json } from "../../model/json.ts";
import { objectsOf } from "../../sources/manifest-objects.ts";
import { splitDocuments, startsAsJson, type YamlPart } from "../../sources/yaml-split.ts";
import { parseYaml } from "../../sources/yaml.ts";
import { cliLimits } from "../diff/parse-texts.ts";
import { Objection, type Splice } from "./yaml-lines.ts";
import { rewrite } from "./yaml-rewrite.ts";
import { commentsOf, readLayout, type YamlNode } from "./yaml-tree.ts";
import type { Manner } from "./yaml-values.ts";

export type FileEdit =
  /** The new text; where comments could not stay, the 1-based lines of the old one on which they stood. */
  | { readonly ok: true; readonly text: string; readonly lost?: readonly number[] }
  /** One sentence, the 1-based line it is about, and whether it can be done where whole values are written out. */
  | { readonly ok: false; readonly line: number; readonly message: string; readonly expands: boolean };

export interface EditRequest {
  readonly text: string;
  /** 0-based place of the object among those of the file. */
  readonly index: number;
  /** What the object, as it is written, becomes. */
  readonly change: (written: Json) => Json;
  /** Whether what cannot be changed on its own is written out whole. */
  readonly expand: boolean;
}

interface Found {
  readonly part: YamlPart;
  readonly value: Json;
  readonly prefix: readonly string[];
}

/** The part of the text that holds the object, counted as the reader of the file counts. */
function findObject(text: string, index: number): Found | undefined {
  let before = 0;
  for (const part of splitDocuments(text)) {
    const [document] = parseYaml(part.text, undefined, cliLimits).documents;
    if (part.unread || document === undefined) continue;
    const { objects } = objectsOf([document], "");
    const found = objects[index - before];
    if (found !== undefined) return { part, value: document.value, prefix: found.prefix };
    before += objects.length;
  }
  return undefined;
}

const at = (value: Json, prefix: readonly string[]): Json | undefined =>
  prefix.reduce<Json | undefined>((here, token) => (isArray(here) ? here[Number(token)] : getIn(here, token)), value);

function replaced(value: Json, [first, ...rest]: readonly string[], by: Json): Json {
  if (first === undefined) return by;
  if (isArray(value)) return value.map((item, index) => (String(index) === first ? replaced(item, rest, by) : item));
  if (!isObject(value)) return value;
  return { ...value, [first]: replaced(value[first] ?? null, rest, by) };
}

/** How far what is nested stands in, and where its dashes are, as the document itself does it. */
function mannerOf(root: YamlNode, text: string): Manner {
  const column = (offset: number): number => offset - (text.lastIndexOf("\n", offset - 1) + 1);
  let step: number | undefined;
  let dash: number | undefined;
  const look = (node: YamlNode): void => {
    if (node.type === "seq") for (const { value } of node.items) look(value);
    if (node.type !== "map") return;
    for (const { keyStart, value } of node.pairs) {
      const within = value.type === "map" && !value.flow ? value.pairs[0]?.keyStart : undefined;
      if (within !== undefined) step ??= column(within) - column(keyStart);
      const item = value.type === "seq" && !value.flow ? value.items[0]?.start : undefined;
      if (item !== undefined) dash ??= column(item) - column(keyStart);
      look(value);
    }
  };
  look(root);
  const isSensible = step !== undefined && step > 0 && step <= 8;
  return { step: isSensible ? (step ?? 2) : 2, indentSeq: dash !== 0, quoted: startsAsJson(text) };
}

function applied(text: string, splices: readonly Splice[]): string {
  let done = "";
  let behind = 0;
  for (const { start, end, text: instead } of splices.toSorted((one, other) => one.start - other.start)) {
    if (start < behind) throw new Objection(start, "its layout cannot be followed");
    done += text.slice(behind, start) + instead;
    behind = end;
  }
  return done + text.slice(behind);
}

/** Puts the part back where it came from: its first line may stand behind a marker or a byte order mark. */
function putBack(whole: string, part: YamlPart, edited: string): string | undefined {
  const lines = whole.split("\n");
  const old = part.text.split("\n");
  const from = part.line - 1;
  const count = old.length - 1;
  const fresh = edited.split("\n").slice(0, -1);
  const opening = lines[from] ?? "";
  const first = old[0] ?? "";
  if (opening !== first) {
    const isMoved = opening.length === first.length && opening.slice(3) === first.slice(3) && opening.startsWith("---");
    const mark = isMoved
      ? "---"
      : opening === `\uFEFF${first}`
        ? "\uFEFF"
        : first === "" || /^\r$/.test(first)
          ? opening
          : undefined;
    if (mark === undefined || fresh.length === 0) return undefined;
    fresh[0] = isMoved ? mark + (fresh[0] ?? "").slice(3) : first.trim() === "" ? opening : mark + (fresh[0] ?? "");
  }
  for (let row = 1; row < count; row += 1) if (lines[from + row] !== old[row]) return undefined;
  return [...lines.slice(0, from), ...fresh, ...lines.slice(from + count)].join("\n");
}

const values = (text: string): string => {
  const { documents, problems } = parseYaml(text, undefined, cliLimits);
  return canonicalJson([documents.map(({ value }) => value), problems.map(({ code }) => code)]);
};

/** The very values the edited file must hold. */
function wantedValues(text: string, { part, prefix }: Found, to: Json): string {
  const documents = splitDocuments(text).flatMap((one) => {
    const [read] = parseYaml(one.text, undefined, cliLimits).documents;
    if (one.unread || read === undefined) return [];
    return [one.line === part.line && one.text === part.text ? replaced(read.value, prefix, to) : read.value];
  });
  return canonicalJson([documents, parseYaml(text, undefined, cliLimits).problems.map(({ code }) => code)]);
}

const lineIn = (part: YamlPart, offset: number): number =>
  part.line + part.text.slice(0, offset).split("\n").length - 1;

/** Comments are kept as they are or not at all: each that is there less often than before is one that is lost. */
function lostComments(part: YamlPart, edited: string): { readonly lost?: readonly number[] } {
  const left = new Map<string, number>();
  for (const { text } of commentsOf(edited)) left.set(text, (left.get(text) ?? 0) + 1);
  const lost = commentsOf(part.text).filter(({ text }) => {
    const count = left.get(text) ?? 0;
    left.set(text, count - 1);
    return count <= 0;
  });
  if (lost.length === 0) return {};
  return { lost: [...new Set(lost.map(({ offset }) => lineIn(part, offset)))].toSorted((a, b) => a - b) };
}

/** Of a file that is one document and no manifest, such as a kustomization. */
export function editDocument(text: string, change: (written: Json) => Json): FileEdit {
  const parts = splitDocuments(text).filter((part) => !part.unread);
  const [part] = parts;
  const [document] = part === undefined ? [] : parseYaml(part.text, undefined, cliLimits).documents;
  if (part === undefined || document === undefined || parts.length > 1)
    return { ok: false, line: 1, message: "it is not one document", expands: false };
  return editFound(text, { part, value: document.value, prefix: [] }, change, false);
}

export function editFile({ text, index, change, expand }: EditRequest): FileEdit {
  const found = findObject(text, index);
  if (found === undefined)
    return { ok: false, line: 1, message: "the object is not found in the file", expands: false };
  const edit = editFound(text, found, change, expand);
  if (edit.ok || expand) return edit;
  return { ...edit, expands: editFound(text, found, change, true).ok };
}

/** What a refusal adds, where there is another way. */
export const hintOf = ({ expands }: { readonly expands: boolean }): string =>
  expands ? "; --expand writes the whole value out, without its comments" : "";

function editFound(text: string, found: Found, change: (written: Json) => Json, expand: boolean): FileEdit {
  const { part, prefix, value } = found;
  const refuse = (offset: number, message: string): FileEdit => ({
    ok: false,
    line: lineIn(part, offset),
    message,
    expands: false,
  });
  const written = at(value, prefix);
  const layout = readLayout(part.text);
  if (layout === undefined || written === undefined)
    return refuse(0, "the layout of this document cannot be edited safely");
  const to = change(written);
  // What is written anew breaks its lines as the file does.
  const isWindows = /\r\n/.test(part.text);
  const broken = (one: Splice): Splice => ({ ...one, text: one.text.replaceAll("\n", "\r\n") });
  let edited: string;
  try {
    const how = { text: part.text, manner: mannerOf(layout, part.text), expand };
    const splices = rewrite(layout, value, replaced(value, prefix, to), how);
    edited = applied(part.text, isWindows ? splices.map(broken) : splices);
  } catch (objection) {
    if (!(objection instanceof Objection)) throw objection;
    return refuse(objection.offset, objection.message);
  }
  const whole = text.endsWith("\n") ? text : `${text}\n`;
  const back = putBack(whole, part, edited);
  if (back === undefined) return refuse(0, "the layout of this document cannot be edited safely");
  const wanted = wantedValues(text, found, to);
  // A file without a last line break stays without, unless the break is now part of a text (`|+`).
  const shapes = text.endsWith("\n") ? [back] : [back.replace(/\r?\n$/, ""), back];
  const shape = shapes.find((one) => values(one) === wanted);
  return shape === undefined
    ? refuse(0, "an edit of this document would say something else than was wanted")
    : { ok: true, text: shape, ...lostComments(part, edited) };
}
