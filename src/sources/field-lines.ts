/**
 * Lines of single fields in one text, for many objects of it: each document is read again only when one of its objects
 * is asked about, and the last one is kept, so that a large file is never read whole a second time.
 */
import type { DesiredObject } from "../model/snapshot.ts";
import { objectsOf, type FoundObject } from "./manifest-objects.ts";
import type { YamlLimits } from "./yaml-limits.ts";
import { splitDocuments, type YamlPart } from "./yaml-split.ts";
import { parseYaml, type YamlDocument } from "./yaml.ts";

export interface FieldLines {
  /** 1-based line of what the tokens lead to in the object as it was written; undefined where nothing is found. */
  lineOf(declared: DesiredObject, tokens: readonly (string | number)[]): number | undefined;
}

export function openFieldLines(text: string, limits: YamlLimits): FieldLines {
  let parts: readonly YamlPart[] | undefined;
  let last: { readonly part: YamlPart; readonly found: readonly FoundObject<YamlDocument>[] } | undefined;

  function objectsIn(part: YamlPart): readonly FoundObject<YamlDocument>[] {
    if (last?.part !== part)
      last = { part, found: objectsOf(parseYaml(part.text, undefined, limits).documents, "").objects };
    return last.found;
  }

  return {
    lineOf({ id, source }, tokens) {
      parts ??= splitDocuments(text);
      const part = parts.findLast(({ line }) => line <= source.line);
      if (part === undefined) return undefined;
      // Several objects may stand on one line; a namespace may have been filled in since, a name never is.
      const entry = objectsIn(part).find(
        ({ desired }) =>
          desired.source.line + part.line - 1 === source.line &&
          desired.id.kind === id.kind &&
          desired.id.name === id.name,
      );
      const line = entry?.document.lineAt([...entry.prefix, ...tokens.map(String)]);
      return line === undefined ? undefined : line + part.line - 1;
    },
  };
}
