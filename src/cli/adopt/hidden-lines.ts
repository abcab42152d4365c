/** Which lines of a file hold what may not be shown: a patch shows the lines around the ones it changes, too. */
import { isSensitive, type SensitiveKind } from "../../compare/redact.ts";
import { field, type Path } from "../../model/path.ts";
import { objectsOf } from "../../sources/manifest-objects.ts";
import { splitDocuments, type YamlPart } from "../../sources/yaml-split.ts";
import { parseYaml } from "../../sources/yaml.ts";
import { cliLimits } from "../diff/parse-texts.ts";
import { readLayout, type YamlNode } from "./yaml-tree.ts";

interface Stretch {
  readonly start: number;
  readonly end: number;
}

function* hiddenIn(node: YamlNode, kind: SensitiveKind, path: Path, sensitive: readonly string[]): Generator<Stretch> {
  if (isSensitive(kind, path, sensitive)) return yield node;
  if (node.type === "seq")
    for (const [index, { value }] of node.items.entries())
      yield* hiddenIn(value, kind, [...path, { type: "index", index }], sensitive);
  if (node.type !== "map") return;
  for (const { key, keyStart, value } of node.pairs) {
    const inside = [...path, field(key ?? "*")];
    // What is taken over from elsewhere may be anything, and stands elsewhere: none of the document is shown.
    const isTaken = value.type === "alias" || key === undefined;
    if (isTaken && sensitive.length + (kind.kind === "Secret" ? 1 : 0) > 0)
      yield { start: 0, end: Number.MAX_SAFE_INTEGER };
    else if (isSensitive(kind, inside, sensitive)) yield { start: keyStart, end: value.end };
    else yield* hiddenIn(value, kind, inside, sensitive);
  }
}

function at(node: YamlNode | undefined, prefix: readonly string[]): YamlNode | undefined {
  return prefix.reduce<YamlNode | undefined>((here, token) => {
    if (here?.type === "seq") return here.items[Number(token)]?.value;
    return here?.type === "map" ? here.pairs.find(({ key }) => key === token)?.value : undefined;
  }, node);
}

function* stretchesOf(part: YamlPart, sensitive: readonly string[]): Generator<Stretch> {
  const whole = { start: 0, end: part.text.length };
  const { documents } = parseYaml(part.text, undefined, cliLimits);
  const layout = readLayout(part.text);
  // What nobody could read may be anything.
  if (documents.length === 0) return yield whole;
  for (const { desired, prefix } of objectsOf(documents, "").objects) {
    const node = at(layout, prefix);
    if (node === undefined) yield whole;
    else yield* hiddenIn(node, desired.id, [], sensitive);
  }
}

/** 0-based. @param sensitive `compare.sensitive` of the Baseline */
export function hiddenLines(text: string, sensitive: readonly string[]): ReadonlySet<number> {
  const lines = new Set<number>();
  for (const part of splitDocuments(text)) {
    const count = part.text.split("\n").length - 1;
    const lineOf = (offset: number): number => part.text.slice(0, offset).split("\n").length - 1;
    for (const { start, end } of stretchesOf(part, sensitive))
      for (let line = lineOf(start); line <= Math.min(count, lineOf(end)); line += 1) lines.add(part.line - 1 + line);
  }
  return lines;
}
