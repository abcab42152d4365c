/**
 * `plumbline rollback`: the last revision known to be good, or one that is named, is put back for a time, by annotations
 * on the Baseline that everybody can see. It ends by itself, or with `--cancel`. What may be written stays what it was.
 */
import { Command } from "commander";
import { annotations } from "../model/annotations.ts";
import type { ObjectRef } from "../model/api.ts";
import { getString, getStrings, type Json } from "../model/json.ts";
import { printableLine } from "../model/printable.ts";
import { parseRevision } from "../model/snapshot.ts";
import { systemClock } from "../runtime/clock.ts";
import { baselineKind } from "../sinks/events.ts";
import { annotate, readObject } from "./annotate.ts";
import { CliError } from "./cli-error.ts";
import { type ClusterFlags, openCluster, withClusterFlags } from "./cluster-access.ts";
import { formatSpan, formatTime, pauseEnd } from "./pausing.ts";
import { readBaselineName } from "./targets.ts";
import type { Terminal } from "./terminal.ts";

interface Flags extends ClusterFlags {
  readonly namespace?: string;
  readonly to?: string;
  readonly for: string;
  readonly reason?: string;
  readonly cancel?: boolean;
  readonly dryRun?: boolean;
}

const REASON_LIMIT = 512;
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const PREFIX = /^[0-9a-f]{7,63}$/;

const short = (commit: string): string => commit.slice(0, 12);

/** Commits that the status names, the good one first. */
function commitsIn(baseline: Json): readonly string[] {
  const places = [
    ["source", "goodRevision"],
    ["source", "settledRevision"],
    ["source", "revision"],
    ["rollback", "instead"],
  ];
  const found = places.flatMap((place) => {
    const text = getString(baseline, "status", ...place);
    return text === undefined ? [] : (parseRevision(text)?.commit ?? []);
  });
  return [...new Set(found)];
}

/**
 * The commit to go back to. @param wanted a whole commit, a revision as the status shows it, or the start of a commit
 * that the status names; undefined: the last good one
 * @throws CliError where none is meant
 */
export function commitToGoTo(baseline: Json, wanted: string | undefined): string {
  const revisionOf = (name: string): string | undefined =>
    parseRevision(getString(baseline, "status", "source", name) ?? "")?.commit;
  if (wanted === undefined) {
    const good = revisionOf("goodRevision");
    if (good === undefined)
      throw new CliError("no revision is known to be good yet: name one with --to (a whole commit)");
    if (good === revisionOf("revision"))
      throw new CliError(`the revision in force, ${short(good)}, is the last good one: name an earlier one with --to`);
    return good;
  }
  const commit = parseRevision(wanted)?.commit ?? wanted;
  if (COMMIT.test(commit)) return commit;
  const meant = PREFIX.test(commit) ? commitsIn(baseline).filter((one) => one.startsWith(commit)) : [];
  if (meant.length === 1 && meant[0] !== undefined) return meant[0];
  throw new CliError(
    `--to ${wanted}: a whole commit is needed (40 or 64 hex digits), or a revision that the status names`,
  );
}

/** Why less is written than one might think; undefined where nothing stands in the way. */
function caveat(baseline: Json): string | undefined {
  const mode = getString(baseline, "status", "mode") ?? getString(baseline, "spec", "mode") ?? "Alert";
  return mode === "Remediate"
    ? undefined
    : `its mode is ${mode}: objects are judged against the revision, and nothing is put back`;
}

const nothing = {
  [annotations.rollbackTo]: null,
  [annotations.rollbackUntil]: null,
  [annotations.rollbackReason]: null,
  [annotations.rollbackBy]: null,
};

const afterHelp = `
While it stands, objects are judged against that commit and not against what the ref names, and what differs is put back
as far as it may be: opt-ins, pauses, windows, approvals and protection hold. The deployer is not told: where it goes on
deploying the ref, the two of them disagree, and Plumbline stands down.

Exit status: 0 done; 2 an error.

Examples:
  plumbline rollback shop -n platform --reason "checkout is down"
  plumbline rollback shop --to 4f2a1c0d4f2a1c0d4f2a1c0d4f2a1c0d4f2a1c0d --for 30m
  plumbline rollback shop --cancel
`;

export function rollbackCommand(terminal: Terminal): Command {
  return withClusterFlags(
    new Command("rollback").description("Put an earlier revision of a Baseline back, for a time."),
  )
    .argument("<baseline>", "the Baseline, such as shop or platform/shop")
    .option("-n, --namespace <name>", "namespace of the Baseline (default: the context's)")
    .option("--to <revision>", "commit to go back to (default: the last good one)")
    .option("--for <duration>", "how long, such as 30m or 4h; at most 30 days", "4h")
    .option("--reason <text>", "why, for those who find it rolled back")
    .option("--cancel", "end the rollback: the ref counts again")
    .option("--dry-run", "say what would be done, and do nothing")
    .addHelpText("after", afterHelp)
    .action(async (text: string, flags: Flags) => {
      const { reason = "", cancel = false, dryRun = false } = flags;
      if (reason.length > REASON_LIMIT)
        throw new CliError(`--reason: ${reason.length} characters, more than ${REASON_LIMIT}`);
      if (cancel && flags.to !== undefined)
        throw new CliError("--cancel goes back to what the ref names: leave --to out");
      const now = systemClock.now();
      const until = formatTime(pauseEnd({ for: flags.for }, now));
      const cluster = await openCluster(flags);
      const say = (line: string): void => terminal.write(`${printableLine(line)}${dryRun ? " (dry run)" : ""}\n`);
      try {
        const { namespace, name } = readBaselineName(text, flags.namespace ?? cluster.credentials.namespace);
        const ref: ObjectRef = { kind: baselineKind, namespace, name };
        const shown = await readObject(cluster, ref);
        const standing = getStrings(shown.metadata, "annotations")[annotations.rollbackTo];
        const what = `Baseline ${namespace}/${name}`;
        if (cancel) {
          if (standing === undefined) return say(`${what} was not rolled back`);
          if (!dryRun) await annotate(cluster, { ref, shown, annotations: nothing });
          return say(`${what} is not rolled back any more: the ref counts`);
        }
        const commit = commitToGoTo(shown, flags.to);
        const less = caveat(shown);
        if (less !== undefined) terminal.writeError(`warning: ${what}: ${less}\n`);
        const marks = {
          ...nothing,
          [annotations.rollbackTo]: commit,
          [annotations.rollbackUntil]: until,
          [annotations.rollbackReason]: reason === "" ? null : reason,
        };
        if (!dryRun) await annotate(cluster, { ref, shown, annotations: marks });
        const instead = standing === undefined ? "" : `, instead of to ${short(standing)}`;
        say(
          `${what} is rolled back to ${commit} until ${until} (for ${formatSpan(Date.parse(until) - now)})${instead}`,
        );
      } finally {
        await cluster.close();
      }
    });
}
