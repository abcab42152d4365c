/**
 * One question of calibration, and how it is put to the API server: at a capped rate, as the account the Baseline
 * names, in the form that what acts on the object looks at, and in the other form where that one is refused.
 */
import { accountName, actingAs } from "../model/account.ts";
import type { Baseline } from "../model/baseline.ts";
import type { DryRunAnswer, DryRunForm } from "../model/dry-run.ts";
import { idKey, type ResourceId } from "../model/resource.ts";
import type { DesiredObject } from "../model/snapshot.ts";
import { sleep } from "../runtime/clock.ts";
import { createRate } from "../runtime/rate.ts";
import type { Acting } from "./mutators.ts";
import type { CalibrationPort, EnginePorts } from "./ports.ts";

export interface Question {
  readonly baseline: Baseline;
  readonly id: ResourceId;
  readonly version: string;
  readonly desired: DesiredObject;
  readonly acting: Acting;
  readonly attempts: number;
}

/** One question, whoever asks it for that account. */
export const questionKey = (baseline: Baseline, { id, hash }: DesiredObject): string =>
  `${accountName(baseline) ?? ""} ${idKey(id)} ${hash}`;
/** Rights are given per kind, and maybe per namespace. */
export const rightKey = (baseline: Baseline, { group, kind, namespace }: ResourceId): string =>
  `${accountName(baseline) ?? ""} ${group}/${kind}/${namespace}`;

export interface Put {
  readonly form: DryRunForm;
  readonly answer: DryRunAnswer;
}

export function createQuestioning({
  clock,
  live,
  port,
}: Pick<EnginePorts, "clock" | "live"> & { readonly port: CalibrationPort }) {
  const rate = createRate(clock, port.perSecond);

  const send = async (question: Question, form: DryRunForm, signal: AbortSignal): Promise<DryRunAnswer | undefined> => {
    for (let wait = rate.take(); wait > 0 && !signal.aborted; wait = rate.take()) await sleep(clock, wait, signal);
    const { baseline, id, version, desired } = question;
    const view = live.view(id, version);
    // Gone, or not seen any more: there is no difference left to explain.
    if (signal.aborted || view.state !== "present") return undefined;
    return port.ask({
      form,
      id,
      version,
      desired: desired.object,
      live: view.live.object,
      ...actingAs(baseline),
    });
  };

  /** Undefined where the object is not seen any more, and after the signal. @param form the one to keep to, if any */
  return async (question: Question, form: DryRunForm | undefined, signal: AbortSignal): Promise<Put | undefined> => {
    const { create, update } = question.acting;
    const first = form ?? (create ? "create" : "update");
    const answer = await send(question, first, signal);
    const isRefused = answer?.ok === false && answer.why === "refused";
    if (!isRefused || !update || first === "update" || form !== undefined) return answer && { form: first, answer };
    const second = await send(question, "update", signal);
    return second && { form: "update", answer: second };
  };
}
