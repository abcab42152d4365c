/** From values.yaml to its reference page: one row per value, with the comment that stands over it. */
import { isMap, isPair, isScalar, parseDocument, stringify, type Document, type Pair, type YAMLMap } from "yaml";

interface Row {
  readonly key: string;
  readonly value: string;
  readonly text: string;
}

/** The lines of a comment from its `--` on; other comments are for readers of the file. */
function meaning(comment: string | null | undefined): string {
  const text = (comment ?? "")
    .split("\n")
    .map((line) => line.trim())
    .join(" ");
  const at = text.lastIndexOf("-- ");
  return at < 0 ? "" : text.slice(at + 3).trim();
}

function shown(node: unknown): string {
  const text = stringify(node, { flowCollectionPadding: false, collectionStyle: "flow", lineWidth: 0 }).trim();
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}

function rowsOf(map: YAMLMap, prefix: string): readonly Row[] {
  const rows: Row[] = [];
  for (const [at, pair] of map.items.entries()) {
    if (!isPair(pair) || !isScalar(pair.key)) continue;
    // The comment over a map's first key belongs to the map in this library.
    const over = at === 0 ? map.commentBefore : pair.key.commentBefore;
    const key = `${prefix}${String(pair.key.value)}`;
    const { value } = pair as Pair<unknown, unknown>;
    if (isMap(value) && value.items.length > 0) {
      const own = meaning(pair.key.commentBefore);
      if (own !== "") rows.push({ key, value: "", text: own });
      rows.push(...rowsOf(value, `${key}.`));
    } else rows.push({ key, value: shown(value), text: meaning(pair.key.commentBefore ?? over) });
  }
  return rows;
}

const cell = (text: string): string => text.replaceAll("|", "\\|");

export function valuesReference(text: string): string {
  const document: Document = parseDocument(text);
  const rows = isMap(document.contents) ? rowsOf(document.contents as YAMLMap, "") : [];
  return [
    "# Values of the chart",
    "",
    "<!-- Made by `npm run generate` from charts/plumbline/values.yaml; edit it there. -->",
    "",
    "What is not here is refused (`values.schema.json`). Values without a text mean what they mean in every chart.",
    "",
    "| Value | Default | Meaning |",
    "|---|---|---|",
    ...rows.map(
      ({ key, value, text: said }) => `| \`${key}\` | ${value === "" ? "" : `\`${cell(value)}\``} | ${cell(said)} |`,
    ),
    "",
  ].join("\n");
}
