/** `plumbline status`: Baselines and what is not as declared, read from what the operator wrote. */
import { Command, Option } from "commander";
import { getIn, getString, isArray, isObject, type Json } from "../model/json.ts";
import { printableLine } from "../model/printable.ts";
import { severities } from "../model/verdict.ts";
import { systemClock } from "../runtime/clock.ts";
import { CliError } from "./cli-error.ts";
import { type ClusterFlags, openCluster, withClusterFlags } from "./cluster-access.ts";
import { formatJsonText } from "./output/json-text.ts";
import { formatAge, formatTable } from "./output/table.ts";
import { formatYaml } from "./output/yaml-text.ts";
import { listOwn } from "./own-objects.ts";
import { parseBaselineName } from "./targets.ts";
import type { Terminal } from "./terminal.ts";

interface StatusFlags extends ClusterFlags {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly output: string;
}

const text = (value: Json | undefined): string =>
  value === undefined || value === null || isObject(value) || isArray(value) ? "" : String(value);

const condition = (baseline: Json, type: string): string => {
  const conditions = getIn(baseline, "status", "conditions");
  const found = isArray(conditions) ? conditions.find((one) => getString(one, "type") === type) : undefined;
  return getString(found, "status") ?? "Unknown";
};

/** `main@sha1:4f2a1c9…` → `main@4f2a1c9`. */
const shortRevision = (revision: string): string => revision.replace(/@sha(?:1|256):([0-9a-f]{7})[0-9a-f]*$/, "@$1");

function baselineRow(baseline: Json): readonly string[] {
  const count = (name: string): string => text(getIn(baseline, "status", "objects", name)) || "0";
  return [
    text(getIn(baseline, "metadata", "namespace")),
    text(getIn(baseline, "metadata", "name")),
    condition(baseline, "Ready"),
    condition(baseline, "Compliant"),
    text(getIn(baseline, "status", "mode")) || text(getIn(baseline, "spec", "mode")),
    count("total"),
    count("inSync"),
    count("drifted"),
    count("missing"),
    count("pending"),
    count("unknown"),
    shortRevision(text(getIn(baseline, "status", "source", "revision"))),
  ];
}

const baselineHeads =
  "NAMESPACE,BASELINE,READY,COMPLIANT,MODE,OBJECTS,IN-SYNC,DRIFTED,MISSING,PENDING,UNKNOWN,REVISION".split(",");
const driftHeads = "BASELINE,OBJECT,VERDICT,SEVERITY,CAUSE,CHANGES,WHO,SINCE".split(",");

function whoOf(drift: Json): string {
  const changes = getIn(drift, "changes");
  const managers = (isArray(changes) ? changes : []).map((change) => getString(change, "owner", "manager") ?? "");
  return [...new Set(managers.filter((manager) => manager !== ""))].join(",");
}

/** Its label is cut to what a label may hold. */
const baselineOf = (drift: Json): string =>
  text(getIn(drift, "baseline")) || text(getIn(drift, "metadata", "labels", "plumbline.dev/baseline"));

function driftRow(drift: Json, now: number): readonly string[] {
  const namespace = text(getIn(drift, "object", "namespace"));
  const name = text(getIn(drift, "object", "name"));
  return [
    baselineOf(drift),
    `${text(getIn(drift, "object", "kind"))} ${namespace === "" ? name : `${namespace}/${name}`}`,
    text(getIn(drift, "verdict")),
    text(getIn(drift, "severity")),
    text(getIn(drift, "cause")),
    text(getIn(drift, "changesTotal")) ||
      String(isArray(getIn(drift, "changes")) ? (getIn(drift, "changes") as readonly Json[]).length : 0),
    whoOf(drift),
    formatAge(getString(drift, "firstObserved"), now),
  ];
}

/** Ready, and yet not as the ref has it. */
const rolled: ReadonlySet<string> = new Set(["RolledBack", "RollbackFailed"]);

/** What a person should know of each: that it is not ready, is rolled back, or waits for somebody to approve its source. */
function notes(baselines: readonly Json[]): readonly string[] {
  return baselines.flatMap((baseline) => {
    const found = getIn(baseline, "status", "conditions");
    const conditions = isArray(found) ? found : [];
    const [ready, source] = ["Ready", "SourceReady"].map((type) =>
      conditions.find((one) => getString(one, "type") === type),
    );
    const name = `${text(getIn(baseline, "metadata", "namespace"))}/${text(getIn(baseline, "metadata", "name"))}`;
    const isPlain = getString(ready, "status") === "True" && !rolled.has(getString(ready, "reason") ?? "");
    const told = [
      ...(isPlain ? [] : [getString(ready, "message") ?? "the operator has not looked at it yet"]),
      ...(getString(source, "reason") === "Guarded" ? [getString(source, "message") ?? ""] : []),
    ];
    return told.map((message) => `${name}: ${printableLine(message)}`);
  });
}

export function statusCommand(terminal: Terminal): Command {
  return withClusterFlags(new Command("status").description("Baselines, and what is not as declared."))
    .argument("[baseline]", "only this Baseline, such as shop or platform/shop")
    .option("-n, --namespace <name>", "namespace of the Baselines (default: the context's)")
    .option("-A, --all-namespaces", "Baselines of every namespace")
    .addOption(new Option("-o, --output <format>", "output format").choices(["text", "json", "yaml"]).default("text"))
    .action(async (word: string | undefined, flags: StatusFlags) => {
      const said = word === undefined ? undefined : parseBaselineName(word);
      const name = said?.name;
      const cluster = await openCluster(flags);
      try {
        const around = flags.allNamespaces === true ? undefined : (flags.namespace ?? cluster.credentials.namespace);
        const namespace = said?.namespace ?? around;
        const isNamed = (found: string): boolean => name === undefined || found === name;
        const baselines = (await listOwn(cluster, "baselines", namespace)).filter((one) =>
          isNamed(text(getIn(one, "metadata", "name"))),
        );
        const drifts = (await listOwn(cluster, "drifts", namespace)).filter((one) => isNamed(baselineOf(one)));
        if (name !== undefined && baselines.length === 0) throw new CliError(`no Baseline ${namespace ?? "*"}/${name}`);
        const document = { apiVersion: "plumbline.dev/v1alpha1", kind: "StatusReport", baselines, drifts };
        if (flags.output === "json") terminal.write(formatJsonText(document));
        else if (flags.output === "yaml") terminal.write(formatYaml(document));
        else terminal.write(formatStatus(baselines, drifts));
      } finally {
        await cluster.close();
      }
    });
}

/** Worst first, then by name: the order in which a person wants to read them. */
function byWeight(left: Json, right: Json): number {
  const rank = (drift: Json): number => severities.findIndex((severity) => severity === getString(drift, "severity"));
  const label = (drift: Json): string => getString(drift, "object", "label") ?? "";
  return rank(left) - rank(right) || label(left).localeCompare(label(right));
}

function formatStatus(baselines: readonly Json[], drifts: readonly Json[]): string {
  if (baselines.length === 0) return "No Baselines. `plumbline status -A` looks in every namespace.\n";
  const parts = [formatTable(baselineHeads, baselines.map(baselineRow))];
  const now = systemClock.now();
  if (drifts.length > 0)
    parts.push(
      formatTable(
        driftHeads,
        drifts.toSorted(byWeight).map((drift) => driftRow(drift, now)),
      ),
    );
  const told = notes(baselines);
  if (told.length > 0) parts.push(`${told.join("\n")}\n`);
  return parts.join("\n");
}
