/** What would be written, for people and for programs. Values nobody may see are under the mark on both sides. */
import { redactedMark } from "../../model/annotations.ts";
import { formatJson, getIn, getString, isArray, type Json, type JsonObject } from "../../model/json.ts";
import { parsePointer } from "../../model/path.ts";
import { printableLine } from "../../model/printable.ts";
import { formatId } from "../../model/resource.ts";
import { changesOf } from "../../verdict/heal-plan.ts";
import { maskOperation } from "../../verdict/masked-operation.ts";
import type { Operation } from "../../verdict/working-copy.ts";
import type { Forecast } from "../remediate/forecast.ts";

interface Step {
  readonly op: Operation["op"];
  readonly path: string;
  /** What stands there before; undefined where an operation before this one moved it. */
  readonly from?: Json;
  readonly to?: Json;
}

function standing(live: Json | undefined, path: string): Json | undefined {
  return (parsePointer(path) ?? []).reduce<Json | undefined>(
    (here, token) => (isArray(here) ? here[Number(token)] : getIn(here, token)),
    live,
  );
}

/** Each operation with what it replaces, as far as no operation before it moved that. */
export function stepsOf({ plan, input }: Forecast): readonly Step[] {
  const { id, baseline } = input;
  const live = input.live.state === "present" ? input.live.live.object : undefined;
  const masked = { kind: id, sensitive: baseline.compare.sensitive, ...(live === undefined ? {} : { live }) };
  const steps = changesOf(plan);
  const isMoved = steps.some(({ op, path }) => op !== "replace" && /\/(?:\d+|-)$/.test(path));
  return steps.map((operation): Step => {
    const { op, path, value } = maskOperation(operation, masked) as Operation & { readonly value?: Json };
    const before = op === "add" || (isMoved && /\/\d+(?:\/|$)/.test(path)) ? undefined : standing(live, path);
    const from =
      before === undefined ? undefined : maskOperation({ op, path, value: before } as Operation, masked)["value"];
    return {
      op,
      path,
      ...(from === undefined ? {} : { from: from as Json }),
      ...(value === undefined ? {} : { to: value }),
    };
  });
}

function shown(value: Json | undefined): string {
  if (value === redactedMark) return redactedMark;
  const text = value === undefined ? "" : formatJson(value);
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}

function stepLine({ op, path, from, to }: Step): string {
  if (op === "remove") return `${op} ${path}${from === undefined ? "" : ` (${shown(from)})`}`;
  return `${op} ${path} ${from === undefined ? "" : `${shown(from)} -> `}${shown(to)}`;
}

function decisionLine({ remedy }: Forecast): string {
  if (remedy.do === "heal")
    return `would be written now (${remedy.asked}${remedy.risk === "high" ? ", high risk" : ""})`;
  if (remedy.do === "never") return `not written: ${remedy.message}`;
  const until = remedy.until === undefined ? "" : `, until ${new Date(remedy.until).toISOString()}`;
  return `waits for ${remedy.reason}: ${remedy.message}${until}`;
}

function planLines(one: Forecast): readonly string[] {
  const { plan, rehearsal, remedy } = one;
  if (plan === undefined || (remedy.do === "never" && remedy.reason === "nothing-to-do")) return [];
  const tried =
    rehearsal === undefined
      ? ""
      : rehearsal.result === "accepted"
        ? `, accepted by a dry run as ${rehearsal.as}`
        : `, ${rehearsal.result === "refused" ? `REFUSED by a dry run as ${rehearsal.as}` : "not tried by a dry run"}: ${rehearsal.message}`;
  const goes = plan.kind === "recreate" && plan.destroys !== undefined ? ` (with it goes ${plan.destroys})` : "";
  return [`  ${plan.kind}${goes}${tried}`, ...stepsOf(one).map((step) => `    ${stepLine(step)}`)];
}

function head({ input, verdict, baseline }: Forecast): string {
  const severity = "severity" in verdict ? ` ${verdict.severity}` : "";
  return `${formatId(input.id)}  ${verdict.kind}${severity}  Baseline ${baseline.key}`;
}

export function formatForecasts(all: readonly Forecast[]): string {
  const count = (what: string): number => all.filter(({ remedy }) => remedy.do === what).length;
  const caveats = (one: Forecast): readonly string[] => one.caveats.map((text) => `  note: ${text}`);
  const blocks = all.map((one) => [head(one), `  ${decisionLine(one)}`, ...caveats(one), ...planLines(one)]);
  const lines = blocks.flatMap((block) => [...block.map((line) => indentedLine(line)), ""]);
  const sum = `${count("heal")} would be written now, ${count("wait")} wait, ${count("never")} are left alone; nothing was written`;
  return `${[...lines, sum].join("\n")}\n`;
}

const indentedLine = (line: string): string => `${/^ */.exec(line)?.[0] ?? ""}${printableLine(line, 2_000)}`;

function decisionReport({ remedy }: Forecast): JsonObject {
  if (remedy.do !== "wait") return { ...remedy };
  const { until, ...rest } = remedy;
  return { ...rest, ...(until === undefined ? {} : { until: new Date(until).toISOString() }) };
}

function planReport(one: Forecast): JsonObject {
  const { plan, rehearsal } = one;
  if (plan === undefined) return {};
  const operations = stepsOf(one).map((step): JsonObject => ({ ...step }));
  return { plan: { kind: plan.kind, operations }, ...(rehearsal === undefined ? {} : { dryRun: { ...rehearsal } }) };
}

/** A document for programs. */
export function forecastReport(all: readonly Forecast[]): JsonObject {
  const objects = all.map((one): JsonObject => {
    const { input, verdict, record, baseline } = one;
    return {
      ...input.id,
      version: input.version,
      baseline: baseline.key,
      drift: getString(record.metadata, "name") ?? "",
      verdict: verdict.kind,
      ...("severity" in verdict ? { severity: verdict.severity } : {}),
      decision: decisionReport(one),
      ...(one.caveats.length === 0 ? {} : { notes: one.caveats }),
      ...planReport(one),
    };
  });
  return { apiVersion: "plumbline.dev/v1alpha1", kind: "RemediationReport", objects };
}
