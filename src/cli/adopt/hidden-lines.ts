/** Which lines of a file hold what may not be shown: a patch shows the lines around the ones it changes, too. */
import { isSensitive, type SensitiveKind } from "../../compare/redact.ts";
import { getString, type Json } from "../../model/json.ts";
import { field, type Path } from "../../model/path.ts";
import { kindRef } from "../../model/resource.ts";
import { objectsOf } from "../../sources/manifest-objects.ts";
import { splitDocuments, type YamlPart } from "../../sources/yaml-split.ts";
import { parseYaml } from "../../sources/yaml.ts";
import { cliLimits } from "../diff/parse-texts.ts";
import { hiddenInKustomization, isKustomization } from "./hidden-kustomization.ts";
import { everything, type Stretch } from "./stretch.ts";
import { readLayout, type YamlNode } from "./yaml-tree.ts";

function* hiddenIn(node: YamlNode, kind: SensitiveKind, path: Path, sensitive: readonly string[]): Generator<Stretch> {
  if (isSensitive(kind, path, sensitive)) return yield node;
  if (node.type === "seq")
    for (const [index, { value }] of node.items.entries())
      yield* hiddenIn(value, kind, [...path, { type: "index", index }], sensitive);
  if (node.type !== "map") return;
  // Where every value is hidden, so are the comments between them: an old value may stand in one.
  if (isSensitive(kind, [...path, field("*")], sensitive)) yield node;
  for (const { key, keyStart, value } of node.pairs) {
    const inside = [...path, field(key ?? "*")];
    // What is taken over from elsewhere may be anything, and stands elsewhere: none of the document is shown.
    const isTaken = value.type === "alias" || key === undefined;
    if (isTaken && sensitive.length + (kind.kind === "Secret" ? 1 : 0) > 0) yield everything;
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

const kindOf = (value: Json): SensitiveKind =>
  kindRef(getString(value, "apiVersion") ?? "", getString(value, "kind") ?? "");

function* stretchesOf(part: YamlPart, sensitive: readonly string[]): Generator<Stretch> {
  const { documents } = parseYaml(part.text, undefined, cliLimits);
  const layout = readLayout(part.text);
  // What nobody could read may be anything.
  if (documents.length === 0) return yield everything;
  const { objects } = objectsOf(documents, "");
  for (const { desired, prefix } of objects) {
    const node = at(layout, prefix);
    if (node === undefined) yield everything;
    else yield* hiddenIn(node, desired.id, [], sensitive);
  }
  for (const { value } of documents) {
    if (layout === undefined) return yield everything;
    if (isKustomization(value)) yield* hiddenInKustomization(layout, value, sensitive);
    // What lacks a name is no object, and may yet hold what a Secret holds.
    else if (objects.length === 0) yield* hiddenIn(layout, kindOf(value), [], sensitive);
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
