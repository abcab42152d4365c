/**
 * `plumbline approve`: says yes to what the operator would write and waits for. An approval names the drift with its
 * plan (`contentHash`), or the commit: another change makes it void. It is one annotation, and writes nothing else.
 */
import { Command } from "commander";
import { annotations } from "../model/annotations.ts";
import { getString } from "../model/json.ts";
import { printableLine } from "../model/printable.ts";
import { messageOf } from "../model/problem.ts";
import type { KubeObject } from "../model/resource.ts";
import { driftKind } from "../sinks/drift-body.ts";
import { baselineKind } from "../sinks/events.ts";
import { annotate, readObject } from "./annotate.ts";
import { approvalOf, belongsTo, chooseRecord, guardOf, hashOf, isApproved, waitingForApproval } from "./approval.ts";
import { CliError } from "./cli-error.ts";
import { type ClusterAccess, type ClusterFlags, openCluster, withClusterFlags } from "./cluster-access.ts";
import { formatDrift, objectOf } from "./output/drift-text.ts";
import { listOwn, listOwnWidely } from "./own-objects.ts";
import { parseTarget, readBaselineName } from "./targets.ts";
import type { Terminal } from "./terminal.ts";

interface ApproveFlags extends ClusterFlags {
  readonly namespace?: string;
  readonly baseline?: string;
  readonly all?: boolean;
  readonly source?: string;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
}

const refOf = (record: KubeObject) => ({
  kind: driftKind,
  namespace: getString(record.metadata, "namespace") ?? "",
  name: getString(record.metadata, "name") ?? "",
});

async function findRecord(cluster: ClusterAccess, said: string, flags: ApproveFlags): Promise<KubeObject> {
  const namespace = flags.namespace ?? cluster.credentials.namespace;
  if (!said.includes("/") || /^drifts?\//.test(said))
    return readObject(cluster, { kind: driftKind, namespace, name: said.replace(/^drifts?\//, "") });
  const baseline = flags.baseline === undefined ? undefined : readBaselineName(flags.baseline, namespace);
  const records =
    baseline === undefined
      ? (await listOwnWidely(cluster, "drifts", namespace)).objects
      : await listOwn(cluster, "drifts", baseline.namespace);
  return chooseRecord(records, { target: parseTarget(said), namespace, baseline });
}

/** @throws CliError where it is not the drift that was shown any more */
async function approve(cluster: ClusterAccess, record: KubeObject): Promise<void> {
  const hash = approvalOf(record);
  await annotate(cluster, {
    ref: refOf(record),
    shown: record,
    annotations: { [annotations.approve]: hash },
    isSame: (now) => hashOf(now) === hash,
  });
}

async function approveOne(cluster: ClusterAccess, said: string, flags: ApproveFlags, terminal: Terminal) {
  const record = await findRecord(cluster, said, flags);
  terminal.write(formatDrift(record));
  const name = printableLine(objectOf(record));
  if (isApproved(record)) return terminal.write(`${name} is approved already\n`);
  const hash = approvalOf(record);
  const reason = getString(record, "remediation", "waitingFor");
  if (reason !== "approval")
    terminal.writeError(
      `warning: ${name} does not wait for approval${reason === undefined ? "" : ` but for ${printableLine(reason)}`}\n`,
    );
  if (flags.dryRun === true) return terminal.write(`${name} would be approved (${hash}); nothing was written\n`);
  await approve(cluster, record);
  terminal.write(`${name} approved (${hash})\n`);
}

/** True where the person says yes. @throws CliError where there is nobody to ask */
async function isWanted(question: string, flags: ApproveFlags, terminal: Terminal): Promise<boolean> {
  if (flags.yes === true) return true;
  const answer = await terminal.ask?.(question);
  if (answer === undefined)
    throw new CliError("--all asks before it approves, and there is no terminal to ask at: give --yes");
  return /^y(es)?$/i.test(answer.trim());
}

async function approveAll(cluster: ClusterAccess, said: string, flags: ApproveFlags, terminal: Terminal) {
  const baseline = readBaselineName(said, flags.namespace ?? cluster.credentials.namespace);
  const name = `Baseline ${baseline.namespace}/${baseline.name}`;
  const records = (await listOwn(cluster, "drifts", baseline.namespace)).filter((one) => belongsTo(one, baseline));
  const waiting = waitingForApproval(records);
  // Nothing waits of one that is not there, either: that must not read like good news.
  if (records.length === 0) await readObject(cluster, { kind: baselineKind, ...baseline });
  if (waiting.length === 0) return terminal.write(`nothing of ${name} waits for approval\n`);
  terminal.write(waiting.map(formatDrift).join("\n"));
  if (flags.dryRun === true) return terminal.write(`\n${waiting.length} would be approved; nothing was written\n`);
  const question = `Approve ${waiting.length === 1 ? "this one" : `these ${waiting.length}`} of ${name}? [y/N] `;
  if (!(await isWanted(question, flags, terminal))) {
    terminal.write("nothing was approved\n");
    return terminal.exit(1);
  }
  for (const record of waiting) {
    try {
      await approve(cluster, record);
      terminal.write(`${printableLine(objectOf(record))} approved (${hashOf(record)})\n`);
    } catch (error) {
      terminal.writeError(`plumbline: ${printableLine(messageOf(error), 4_000)}\n`);
      terminal.exit(2);
    }
  }
}

async function approveSource(cluster: ClusterAccess, said: string, flags: ApproveFlags, terminal: Terminal) {
  const { namespace, name } = readBaselineName(said, flags.namespace ?? cluster.credentials.namespace);
  const ref = { kind: baselineKind, namespace, name };
  const baseline = await readObject(cluster, ref);
  const guard = guardOf(baseline);
  const label = `Baseline ${namespace}/${name}`;
  if (guard === undefined) throw new CliError(`${label} has no revision that waits for approval`);
  terminal.write(`${label}\n  ${printableLine(`${guard.reason} ${guard.commit}: ${guard.message}`)}\n`);
  if (getString(baseline.metadata, "annotations", annotations.approve) === guard.commit)
    return terminal.write(`${guard.commit} is approved already\n`);
  if (flags.dryRun === true) return terminal.write(`${guard.commit} would be approved; nothing was written\n`);
  await annotate(cluster, {
    ref,
    shown: baseline,
    annotations: { [annotations.approve]: guard.commit },
    isSame: (now) => guardOf(now)?.commit === guard.commit,
  });
  terminal.write(`${guard.commit} approved\n`);
}

/** What is asked for, in one word each; exactly one of them. @throws CliError */
async function run(said: string | undefined, flags: ApproveFlags, cluster: ClusterAccess, terminal: Terminal) {
  if (flags.source !== undefined) return approveSource(cluster, flags.source, flags, terminal);
  if (flags.all === true) return approveAll(cluster, flags.baseline ?? "", flags, terminal);
  return approveOne(cluster, said ?? "", flags, terminal);
}

/** @throws CliError where it is not clear what is meant */
function checkAsked(said: string | undefined, { all, baseline, source }: ApproveFlags): void {
  const asked = [said !== undefined, all === true, source !== undefined].filter(Boolean).length;
  if (asked === 0) throw new CliError("nothing to approve: name a drift (kind/name), or give --all or --source");
  if (asked > 1) throw new CliError("give one of a drift, --all and --source");
  if (all === true && baseline === undefined)
    throw new CliError("--all approves what waits of one Baseline: name it with --baseline");
  if (said !== undefined && parsesAsKind(said)) parseTarget(said);
}

const parsesAsKind = (said: string): boolean => said.includes("/");

const after = `
An approval is for what is shown and nothing else: where the object changes again, or Git does, it is void.

Exit status: 0 approved, or nothing to approve; 1 you said no; 2 an error, such as a drift that changed meanwhile.

Examples:
  plumbline approve deployment/web -n shop
  plumbline approve role/ops -n shop --baseline platform/base --dry-run
  plumbline approve --all --baseline plumbline-system/shop
  plumbline approve --source plumbline-system/shop
`;

export function approveCommand(terminal: Terminal): Command {
  return withClusterFlags(
    new Command("approve").description("Say yes to a write that waits for approval: one annotation on its record."),
  )
    .argument("[drift]", "an object that drifted, such as deployment/web, or the name of a Drift")
    .option("-n, --namespace <name>", "namespace of the object, the Drift or the Baseline (default: the context's)")
    .option("--baseline <name>", "the Baseline it drifted from, such as shop or platform/shop")
    .option("--all", "everything of the Baseline that waits for approval; asks first")
    .option("--source <baseline>", "the revision of this Baseline that removes or rewrites much")
    .option("--yes", "do not ask")
    .option("--dry-run", "show what would be approved, and write nothing")
    .addHelpText("after", after)
    .action(async (said: string | undefined, flags: ApproveFlags) => {
      checkAsked(said, flags);
      const cluster = await openCluster(flags);
      try {
        await run(said, flags, cluster, terminal);
      } finally {
        await cluster.close();
      }
    });
}
