/**
 * The precise reader of one document: the authority on what a text means, on what is wrong with it and on which line, and
 * on the line of every key. It is slow (about a millisecond for a manifest), so the fast readers are asked first.
 */
import type { Json } from "../model/json.ts";
import type { Problem } from "../model/problem.ts";
import { yamlSentence } from "./yaml-errors.ts";
import type { YamlLimits } from "./yaml-limits.ts";
import { parseNodes } from "./yaml-nodes.ts";
import { Reading, Refusal } from "./yaml-reading.ts";
import { isJson, type YamlPart } from "./yaml-split.ts";

export interface YamlDocument {
  readonly value: Json;
  /** 1-based line of the file on which the content starts. */
  readonly line: number;
  /** 1-based line of the key or list item that the tokens lead to; undefined where the document has none. */
  lineAt(tokens: readonly string[]): number | undefined;
}

/** From offset in a part to line in its file; the index is made when first asked for. */
function lineFinder(part: YamlPart): (offset: number) => number {
  let starts: readonly number[] | undefined;
  return (offset) => {
    starts ??= [0, ...[...part.text.matchAll(/\n/g)].map((match) => match.index + 1)];
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return part.line + low;
  };
}

/** The value of a part, or why kubectl would not take it, or we would not. */
export function readPrecisely(part: YamlPart, limits: YamlLimits): YamlDocument | Problem {
  const lineOf = lineFinder(part);
  if (part.unread) return { code: "yaml-syntax", message: yamlSentence("UNREAD"), line: part.line };
  try {
    const json = isJson(part.text);
    const separator = json ? -1 : part.text.search(/[\u0085\u2028\u2029]/);
    if (separator >= 0) return { code: "yaml-syntax", message: yamlSentence("BREAK"), line: lineOf(separator) };
    const parsed = parseNodes(part.text);
    if ("error" in parsed)
      return { code: "yaml-syntax", message: yamlSentence(parsed.error), line: lineOf(parsed.offset) };
    const reading = new Reading(part.text, json, limits);
    const { root } = parsed;
    const value = reading.read(root, 0);
    return {
      value,
      line: lineOf(root?.range?.[0] ?? 0),
      lineAt(tokens) {
        const offset = reading.offsetOf(root, tokens);
        return offset === undefined ? undefined : lineOf(offset);
      },
    };
  } catch (refusal) {
    if (refusal instanceof Refusal)
      return { code: refusal.code, message: refusal.sentence, line: lineOf(refusal.offset) };
    // The parser recurses into nested collections, and runs out of stack before our own limit is asked.
    if (refusal instanceof RangeError)
      return { code: "yaml-syntax", message: yamlSentence("RESOURCE_EXHAUSTION"), line: part.line };
    throw refusal;
  }
}
