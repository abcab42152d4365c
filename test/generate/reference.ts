/** From the definition of one of our kinds to its reference page: one row per field, in the order of the schema. */
import { group, version, type KindDefinition, type Rule, type Schema } from "../../src/model/schema-types.ts";

interface Row {
  readonly path: string;
  readonly type: string;
  readonly required: boolean;
  readonly text: string;
}

function typeName(schema: Schema): string {
  if (!("type" in schema)) return "any JSON";
  if (schema.type === "array") return `list of ${"type" in schema.items ? schema.items.type : "any"}s`;
  if (schema.type === "string" && schema.enum !== undefined)
    return schema.enum.map((value) => `\`${value}\``).join(", ");
  if (schema.type === "string" && schema.format === "date-time") return "time (RFC 3339)";
  if (schema.type === "string" && schema.pattern?.includes("(ms|s|m|h)") === true) return "duration";
  return schema.type;
}

function limits(schema: Schema): readonly string[] {
  const found: string[] = [];
  if (!("type" in schema)) return found;
  if (schema.type === "array") found.push(`at most ${schema.maxItems}`);
  if ((schema.type === "integer" || schema.type === "number") && schema.maximum !== undefined)
    found.push(`${schema.minimum ?? 0} to ${schema.maximum}`);
  return [...found, ...rulesOf(schema).map((rule) => rule.message)];
}

function rulesOf(schema: Schema): readonly Rule[] {
  const rules = schema["x-kubernetes-validations"] ?? [];
  return rules.filter((rule, at) => rules.findIndex((other) => other.message === rule.message) === at);
}

function rowsOf(schema: Schema, path: string): readonly Row[] {
  if (!("type" in schema)) return [];
  if (schema.type === "array") return rowsOf(schema.items, `${path}[]`);
  if (schema.type !== "object") return [];
  const rows: Row[] = [];
  for (const [name, child] of Object.entries(schema.properties)) {
    const at = path === "" ? name : `${path}.${name}`;
    const more = limits(child);
    const description = child.description ?? ("items" in child ? (child.items.description ?? "") : "");
    rows.push({
      path: at,
      type: typeName(child),
      required: schema.required?.includes(name) === true,
      text: more.length === 0 ? description : `${description} (${more.join("; ")})`.trim(),
    });
    rows.push(...rowsOf(child, at));
  }
  return rows;
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

export function referenceOf(definition: KindDefinition): string {
  const names = [definition.plural, definition.singular, ...definition.shortNames].map((name) => `\`${name}\``);
  const columns = definition.columns.map((column) => (column.priority === 1 ? `${column.name} (wide)` : column.name));
  const rules = rulesOf(definition.schema).map((rule) => `- ${rule.message}`);
  const lines = [
    `# ${definition.kind}`,
    "",
    `<!-- Made by \`npm run generate\` from src/model; edit the schema there. -->`,
    "",
    `\`${group}/${version}\`, namespaced. kubectl knows it as ${names.join(", ")}, and in the category \`plumbline\`.`,
    "",
    definition.schema.description ?? "",
    "",
    `Columns of \`kubectl get\`: ${columns.join(", ")}.`,
    "",
    ...(rules.length === 0 ? [] : ["Rules on the whole object:", "", ...rules, ""]),
    "| Field | Type | Meaning |",
    "|---|---|---|",
    ...rowsOf(definition.schema, "").map(
      (row) => `| \`${row.path}\`${row.required ? " (required)" : ""} | ${cell(row.type)} | ${cell(row.text)} |`,
    ),
    "",
  ];
  return lines.join("\n");
}
