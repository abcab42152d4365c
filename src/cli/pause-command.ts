/**
 * `plumbline pause` and `plumbline resume`: nothing is written to an object, or for a whole Baseline, until a time that
 * is always said. Two annotations on the live object; it is watched and reported on as before.
 */
import { Command } from "commander";
import { annotations } from "../model/annotations.ts";
import type { ObjectRef } from "../model/api.ts";
import { parseTime } from "../model/time.ts";
import { getString, getStrings } from "../model/json.ts";
import { printableLine } from "../model/printable.ts";
import { messageOf } from "../model/problem.ts";
import type { KubeObject } from "../model/resource.ts";
import { systemClock } from "../runtime/clock.ts";
import { baselineKind } from "../sinks/events.ts";
import { annotate, readObject } from "./annotate.ts";
import { CliError } from "./cli-error.ts";
import { type ClusterAccess, type ClusterFlags, openCluster, withClusterFlags } from "./cluster-access.ts";
import { findTarget } from "./live-target.ts";
import { listOwnWidely } from "./own-objects.ts";
import { formatSpan, formatTime, othersWhoPause, pauseEnd, type PauseFlags } from "./pausing.ts";
import { parseTargets } from "./targets.ts";
import type { Terminal } from "./terminal.ts";

interface TargetFlags extends ClusterFlags {
  readonly namespace?: string;
}

interface Flags extends TargetFlags, PauseFlags {
  readonly reason?: string;
}

const REASON_LIMIT = 512;

const nameOf = ({ kind, namespace, name }: ObjectRef): string =>
  `${kind.kind} ${namespace === "" ? name : `${namespace}/${name}`}`;

const isBaseline = ({ kind }: ObjectRef): boolean =>
  kind.group === baselineKind.group && kind.kind === baselineKind.kind;

/** What of an object's pause a reader should know before it is changed: `until …`; "" where none stands. */
function standing(object: KubeObject, now: number): string {
  const said = getStrings(object.metadata, "annotations")[annotations.pauseUntil];
  if (said === undefined) return "";
  const until = parseTime(said.trim());
  if (until === undefined) return `a time nobody can read (${printableLine(said, 60)})`;
  return until <= now ? "" : formatTime(until);
}

/** Undefined where some Baseline might write it, else why none does, or why nobody can tell. Never in the way. */
async function whyNobodyWrites(cluster: ClusterAccess, ref: ObjectRef): Promise<string | undefined> {
  const namespace = ref.namespace || cluster.credentials.namespace;
  try {
    const { objects, isAll } = await listOwnWidely(cluster, "baselines", namespace);
    if (objects.some((one) => getString(one, "spec", "mode") === "Remediate")) return undefined;
    if (!isAll)
      return `cannot tell whether a Baseline writes it: you may list those in ${namespace} only, and none of them does`;
    return objects.length === 0
      ? "there is no Baseline, so nothing declares it"
      : "no Baseline that could declare it is in mode Remediate, so nothing is written to it anyway";
  } catch (error) {
    return `cannot tell whether a Baseline writes it: ${printableLine(messageOf(error), 400)}`;
  }
}

/** Each target in turn: one that fails does not stop the others. */
async function forEach(
  words: readonly string[],
  flags: TargetFlags,
  terminal: Terminal,
  act: (cluster: ClusterAccess, ref: ObjectRef) => Promise<string>,
): Promise<void> {
  const targets = parseTargets(words);
  const cluster = await openCluster(flags);
  try {
    for (const target of targets) {
      try {
        terminal.write(`${printableLine(await act(cluster, findTarget(cluster, target, flags.namespace)))}\n`);
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        terminal.writeError(`plumbline: ${printableLine(messageOf(error), 4_000)}\n`);
        terminal.exit(2);
      }
    }
  } finally {
    await cluster.close();
  }
}

const afterPause = `
What is paused is watched and reported on as before. Git may set the same annotations; whichever ends later counts.

Exit status: 0 paused; 2 an error.

Examples:
  plumbline pause deployment/web -n shop --for 2h --reason "incident 42"
  plumbline pause baseline/plumbline-system/shop --until 2026-12-31T18:00:00Z
`;

export function pauseCommand(terminal: Terminal): Command {
  return withClusterFlags(
    new Command("pause").description("Nothing is put back on an object, or a Baseline, for a time."),
  )
    .argument("<target...>", "objects or Baselines, such as deployment/web or baseline/platform/shop")
    .option("-n, --namespace <name>", "namespace of the object or the Baseline (default: the context's)")
    .option("--for <duration>", "how long, such as 30m or 2h; at most 30 days")
    .option("--until <time>", "until when, such as 2026-12-31T18:00:00Z")
    .option("--reason <text>", "why, for those who find it paused")
    .addHelpText("after", afterPause)
    .action(async (words: readonly string[], flags: Flags) => {
      const now = systemClock.now();
      const end = pauseEnd(flags, now);
      const { reason } = flags;
      if (reason !== undefined && reason.length > REASON_LIMIT)
        throw new CliError(`--reason: ${reason.length} characters, more than ${REASON_LIMIT}`);
      await forEach(words, flags, terminal, async (cluster, ref) => {
        const shown = await readObject(cluster, ref);
        const before = standing(shown, now);
        const why = isBaseline(ref) ? undefined : await whyNobodyWrites(cluster, ref);
        if (why !== undefined) terminal.writeError(`warning: ${nameOf(ref)}: ${why}\n`);
        const set = { [annotations.pauseUntil]: formatTime(end), [annotations.pauseReason]: reason ?? null };
        await annotate(cluster, { ref, shown, annotations: set });
        const instead = before === "" ? "" : `, instead of until ${before}`;
        return `${nameOf(ref)} is paused until ${formatTime(end)} (for ${formatSpan(end - now)})${instead}`;
      });
    });
}

const afterResume = `
Exit status: 0 it is not paused any more; 2 an error. A pause that Git declares ends by a commit only.

Examples:
  plumbline resume deployment/web -n shop
  plumbline resume baseline shop -n plumbline-system
`;

export function resumeCommand(terminal: Terminal): Command {
  return withClusterFlags(new Command("resume").description("End a pause before its time."))
    .argument("<target...>", "objects or Baselines, such as deployment/web or baseline/platform/shop")
    .option("-n, --namespace <name>", "namespace of the object or the Baseline (default: the context's)")
    .addHelpText("after", afterResume)
    .action((words: readonly string[], flags: TargetFlags) =>
      forEach(words, flags, terminal, async (cluster, ref) => {
        const shown = await readObject(cluster, ref);
        const marks = getStrings(shown.metadata, "annotations");
        if (marks[annotations.pauseUntil] === undefined) return `${nameOf(ref)} was not paused`;
        const others = othersWhoPause(shown);
        const nothing = { [annotations.pauseUntil]: null, [annotations.pauseReason]: null };
        await annotate(cluster, { ref, shown, annotations: nothing });
        if (others.length > 0)
          terminal.writeError(
            `warning: ${nameOf(ref)}: ${printableLine(others.join(", "))} set its pause too: where that is Git, it goes on until a commit takes it out\n`,
          );
        return `${nameOf(ref)} is not paused any more`;
      }),
    );
}
