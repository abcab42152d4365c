/** docs/reference/noise-rules.md, made from the rows of the noise rules. */
import { formatPath } from "../../src/model/path.ts";
import type { Condition, NoiseRule, RuleOwner } from "../../src/compare/noise-rule.ts";
import { noiseRules, noiseTables } from "../../src/compare/noise-rules.ts";

const code = (texts: readonly string[]): string => texts.map((text) => `\`${text}\``).join(", ");

function ownerText(owner: RuleOwner): string {
  if (typeof owner === "object") return `${code(owner.deployer)}, and it owns what Git declares too`;
  switch (owner) {
    case "anyone":
      return "anyone";
    case "no-person":
      return "nobody known, or controllers only";
    case "controllers":
      return "controllers only";
  }
}

function conditionText(condition: Condition): string {
  switch (condition.is) {
    case "autoscaled":
      return "an HPA or ScaledObject of the namespace targets the object, and live is within its bounds";
    case "git-empty":
      return "Git has nothing there, or an empty placeholder";
    case "git-lacks":
      return `Git has nothing at ${code(condition.names)}`;
    case "git-annotation":
      return `Git has one of the annotations ${code(condition.names)}`;
    case "git-label":
      return `Git has the label \`${condition.name}\` with ${code(condition.values)}`;
    case "git-field":
      return `Git says \`${condition.value}\` at ${code([formatPath(condition.path.map((name) => ({ type: "field", name })))])}`;
    case "git-value":
      return `Git says \`${condition.value}\``;
    case "both-have":
      return `Git and live have \`${condition.name}\``;
    case "live-has":
      return `live has ${code([formatPath(condition.path.map((name) => ({ type: "field", name })))])}`;
    case "live-names":
      return `live adds only ${code(condition.names.map((name) => (name === "" ? '""' : name)))}`;
    case "bound-claim":
      return "the claim that live names by uid is that one, or nobody can tell";
    case "live-hollow":
      return "live has nothing in it, however deep";
    case "live-shape":
      return `live is ${shapes[condition.shape]}`;
    case "live-rules-within":
      return `live asks for no API groups but ${code(condition.groups)}`;
    case "named":
      return `the object is called ${code(condition.names)}`;
    case "service-selects":
      return "the Service of that name selects Pods";
    case "adopted":
      return Object.entries(condition.by)
        .map(([kind, owners]) => `${code([kind])} owned by ${code(owners)}`)
        .join("; ");
  }
}

const shapes: Readonly<Record<Extract<Condition, { is: "live-shape" }>["shape"], string>> = {
  digits: "a number",
  name: "a name as DNS has them",
  json: "a JSON object or list",
  date: "a date",
  uuid: "a uid",
  range: "a range of 10,000 user ids from a thousand million on",
  level: "a level of two categories",
};

function where({ paths, keys, except = [] }: NoiseRule): string {
  const at = keys === undefined ? code(paths) : `${code(keys)} in ${code(paths)}`;
  return except.length === 0 ? at : `${at}, not on ${code(except)}`;
}

function section(rule: NoiseRule): readonly string[] {
  const when = rule.when.map(conditionText).join("; ");
  return [
    `### ${rule.name}`,
    "",
    `${rule.reason[0]?.toUpperCase()}${rule.reason.slice(1)}.`,
    "",
    `- On ${code(rule.kinds)}: ${rule.ops.join(" or ")} at ${where(rule)}`,
    ...(when === "" ? [] : [`- Only where ${when}`]),
    `- Owner: ${ownerText(rule.owner)}`,
    `- Safe, for ${rule.safe}`,
    `- Abuse: ${rule.abuse}`,
    `- Source: ${rule.source}`,
    "",
  ];
}

export function noisePage(): string {
  return [
    "# Noise rules",
    "",
    "<!-- Made by `npm run generate` from src/compare/noise-rules*.ts and tool-marks.ts; edit the rows there. -->",
    "",
    `${noiseRules.length} reasons why a difference between Git and live is not drift. What a rule hides is listed by \`plumbline diff --show-suppressed\``,
    "and counted by `plumbline_suppressed_changes`. A manager's name is what a client chose to be called: an owner only makes a rule speak",
    "less often, and what a rule lets through is bounded by what it matches, whoever wrote it. Every rule has cases that it hides and cases that",
    "it must not, in `test/compare/noise-cases`.",
    "",
    ...noiseTables.flatMap(({ about, rules }) => [`## ${about}`, "", ...rules.flatMap(section)]),
  ].join("\n");
}
