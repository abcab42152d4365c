/**
 * Calibration: has the API server asked, once per object and desired state, what its admission makes of it, and keeps
 * the answers. Only of what drifted, only where something in the cluster may change it on its way in, and never while
 * a worker waits: questions stand in a line of their own, those about live edits first, at a capped rate, and the object
 * is looked at again when its answer is there. A question is asked again only where the answer is contested
 * (for values that are new at each write), where nobody answered, and after what acts on the object has changed.
 * Bounded, in memory only. It publishes nothing and writes nothing.
 * Source: docs/decisions/0007-calibration.md.
 */
import type { Baseline } from "../model/baseline.ts";
import type { DryRunAnswer, DryRunForm } from "../model/dry-run.ts";
import { formatJson, getStrings } from "../model/json.ts";
import type { Learned } from "../model/learned.ts";
import { type Problem, traceOf } from "../model/problem.ts";
import { formatId, kindKey, type KindRef, type KubeObject, type ResourceId } from "../model/resource.ts";
import type { DesiredObject } from "../model/snapshot.ts";
import { createWorkQueue } from "../runtime/work-queue.ts";
import type { DecideInput, Decision } from "../verdict/decide.ts";
import { learn, recall, type Kept } from "../verdict/learn.ts";
import type { Facts } from "./fact-store.ts";
import { desiredOf } from "./look.ts";
import { actingOn, mutatorKinds, readMutators, type Acting, type Mutator } from "./mutators.ts";
import type { CalibrationPort, EnginePorts } from "./ports.ts";
import { createQuestioning, questionKey, rightKey, type Question } from "./question.ts";

/** What is known of one question. Moments are monotonic milliseconds. */
type Known =
  | Asked
  | Told
  | {
      readonly state: "refused";
      readonly problem: Problem;
      readonly print: string;
      readonly attempts: number;
      /** When it may be asked again; undefined: not before something changes. */
      readonly again: number | undefined;
    };

interface Asked {
  readonly state: "asked";
  readonly since: number;
  readonly question: Question;
  /** The answer to the same question, where this one is to tell what changes at each write. */
  readonly before?: Told;
}

interface Told {
  readonly state: "told";
  /** Undefined: admission does nothing to it. */
  readonly learned: Kept | undefined;
  readonly form: DryRunForm;
  readonly print: string;
}

/** `since`: how long the oldest question about it has been waiting, as a monotonic moment. */
export type Consideration =
  | { readonly kind: "clear"; readonly warnings: readonly Problem[] }
  | { readonly kind: "asking"; readonly since: number };

export interface Calibrator {
  /** Kinds to watch although nobody declares them. */
  kinds(): readonly KindRef[];
  /** What acts on objects may have changed. */
  refresh(): void;
  /** What is known of what admission makes of a desired object of this Baseline; asks nobody. */
  learned(baseline: Baseline, desired: DesiredObject | undefined): Learned | undefined;
  /** Names of what admission may set something by on a desired object: webhooks, policies. */
  acting(input: DecideInput): readonly string[];
  /** Whether the verdict may be told; where it may not yet, what is missing is asked for. `live`: somebody just edited it. */
  consider(input: DecideInput, decision: Decision, live: boolean): Consideration;
  run(signal: AbortSignal): Promise<void>;
}

export interface CalibratorDeps {
  readonly ports: Pick<EnginePorts, "live" | "schemas" | "clock" | "log" | "observe">;
  readonly port: CalibrationPort;
  readonly facts: Facts;
  /** Looks at an object again. */
  again(id: ResourceId): void;
}

/** Answers kept; most are "nothing learned" and hold no object. */
const REMEMBERED = 10_000;
const ATTEMPTS = 3;
/** Milliseconds until somebody who did not answer is asked again. */
const RETRY = 60_000;
/** Milliseconds for which a kind that may not be written is not asked about. */
const NO_RIGHT = 600_000;
/** Questions in flight. */
const WORKERS = 2;

const clear: Consideration = { kind: "clear", warnings: [] };

/** Undefined where there is something to be asked after all. */
function settledBy(standing: Exclude<Known, Asked>, contested: boolean, now: number): Consideration | undefined {
  if (standing.state === "told") {
    const { learned } = standing;
    return contested && learned !== undefined && learned.repeated === undefined ? undefined : clear;
  }
  const due = standing.again !== undefined && now >= standing.again;
  return due ? undefined : { kind: "clear", warnings: [standing.problem] };
}

export function createCalibrator({ ports, port, facts, again }: CalibratorDeps): Calibrator {
  const { live, schemas, clock, log } = ports;
  const known = new Map<string, Known>();
  const withoutRight = new Map<string, { readonly problem: Problem; readonly until: number }>();
  const line = createWorkQueue<string>({ clock, name: "calibration" });
  const putQuestion = createQuestioning({ clock, live, port });
  let mutators: readonly Mutator[] | undefined;

  const kinds = (): readonly KindRef[] =>
    mutatorKinds.flatMap((versions) => versions.find((kind) => schemas.scopeOf(kind) !== undefined) ?? []);

  const areSynced = (): boolean => {
    const states = new Map(live.states().map(({ kind, state }) => [kindKey(kind), state]));
    return kinds().every((kind) => !["syncing", undefined].includes(states.get(kindKey(kind))));
  };

  const actingFor = ({ id, version }: DecideInput, desired: DesiredObject): Acting | undefined => {
    mutators ??= readMutators(kinds().flatMap((kind) => live.list(kind).map(({ object }) => object)));
    const plural = mutators.length === 0 ? undefined : port.pluralOf({ group: id.group, version, kind: id.kind });
    if (plural === undefined) return undefined;
    const namespaceLabels = id.namespace === "" ? undefined : facts.namespaceLabels(id.namespace);
    return actingOn(mutators, {
      group: id.group,
      plural,
      labels: getStrings(desired.object.metadata, "labels"),
      namespaceLabels:
        namespaceLabels === undefined ? undefined : { ...namespaceLabels, "kubernetes.io/metadata.name": id.namespace },
    });
  };

  const remember = (key: string, what: Known): void => {
    known.delete(key);
    known.set(key, what);
    if (known.size <= REMEMBERED) return;
    for (const [oldest, { state }] of known) {
      if (state === "asked") continue;
      known.delete(oldest);
      return;
    }
  };

  const ask = (question: Question, urgent: boolean, before?: Told): Consideration => {
    const key = questionKey(question.baseline, question.desired);
    const since = clock.monotonic();
    remember(key, { state: "asked", since, question, ...(before === undefined ? {} : { before }) });
    line.add(key, urgent ? "live" : "bulk");
    return { kind: "asking", since };
  };

  const considerOne = (question: Question, urgent: boolean, contested: boolean): Consideration => {
    const { baseline, id, desired, acting } = question;
    const key = questionKey(baseline, desired);
    const standing = known.get(key);
    if (standing?.state === "asked") {
      if (urgent) line.add(key, "live");
      return { kind: "asking", since: standing.since };
    }
    const current = standing?.print === acting.print ? standing : undefined;
    const settled = current === undefined ? undefined : settledBy(current, contested, clock.monotonic());
    if (settled !== undefined) return settled;
    const before = current?.state === "told" ? current : undefined;
    const right = withoutRight.get(rightKey(baseline, id));
    if (right !== undefined && clock.monotonic() < right.until)
      return before === undefined ? { kind: "clear", warnings: [{ ...right.problem, object: formatId(id) }] } : clear;
    const attempts = current?.state === "refused" ? current.attempts : 0;
    return ask({ ...question, attempts }, urgent, before);
  };

  const refused = (key: string, { question, before }: Asked, answer: Extract<DryRunAnswer, { ok: false }>): void => {
    const { baseline, id, acting } = question;
    ports.observe?.calibrated?.(answer.why === "unanswered" ? "failed" : "refused");
    // What was learned stands; that some of it moves was not to be found out.
    if (before?.learned !== undefined) {
      const { learned } = before;
      return remember(key, { ...before, learned: { ...learned, repeated: learned.answer } });
    }
    const problem: Problem = {
      code: "not-calibrated",
      message: `what admission (${acting.by.join(", ")}) sets cannot be told from what people set: ${answer.message}`,
      object: formatId(id),
    };
    if (answer.why === "no-right") {
      log.warn({ kind: id.kind, group: id.group, reason: answer.message }, "no calibration of this kind");
      withoutRight.set(rightKey(baseline, id), { problem, until: clock.monotonic() + NO_RIGHT });
      known.delete(key);
      return;
    }
    const attempts = question.attempts + 1;
    const retries = answer.why === "unanswered" && attempts < ATTEMPTS;
    const at = retries ? clock.monotonic() + RETRY : undefined;
    remember(key, { state: "refused", problem, print: acting.print, attempts, again: at });
    if (retries) clock.after(RETRY, () => again(id));
  };

  const told = (key: string, { question, before }: Asked, form: DryRunForm, answer: KubeObject): void => {
    const { desired, acting, id, version } = question;
    const schema = schemas.schemaFor({ group: id.group, version, kind: id.kind });
    if (schema === "loading" || "code" in schema) return void known.delete(key);
    const { object } = desired;
    const found = learn(object, schema, { answer, by: acting.by });
    const first = before?.learned;
    const learned = first === undefined ? found : { ...first, repeated: found?.answer ?? formatJson(object) };
    remember(key, { state: "told", learned, form, print: acting.print });
    ports.observe?.calibrated?.(learned === undefined ? "nothing" : "learned");
  };

  const answerFor = async (key: string, asked: Asked, signal: AbortSignal): Promise<void> => {
    const { question, before } = asked;
    const put = await putQuestion(question, before?.form, signal);
    if (put === undefined) return before === undefined ? void known.delete(key) : remember(key, before);
    const { form, answer } = put;
    if (answer.ok) told(key, asked, form, answer.object);
    else refused(key, asked, answer);
  };

  const work = async (key: string, signal: AbortSignal): Promise<void> => {
    const standing = known.get(key);
    if (standing?.state !== "asked") return;
    try {
      await answerFor(key, standing, signal);
    } catch (error) {
      log.error({ error: traceOf(error) }, "calibration failed");
      refused(key, standing, { ok: false, why: "unanswered", message: "asking failed; the log says why" });
    }
    if (!signal.aborted) again(standing.question.id);
  };

  return {
    kinds,
    refresh: () => void (mutators = undefined),
    learned(baseline, desired) {
      const standing = desired === undefined ? undefined : known.get(questionKey(baseline, desired));
      const told = standing?.state === "asked" ? standing.before : standing;
      return told?.state === "told" && told.learned !== undefined ? recall(told.learned) : undefined;
    },

    acting: (input) => (input.desired === undefined ? [] : (actingFor(input, input.desired)?.by ?? [])),

    consider(input, { verdict, contested }, urgent) {
      const { baseline, desired, previous, id, version } = input;
      if (verdict.kind !== "drifted" || desired === undefined) return clear;
      // Nothing is held for watches that are not there yet: their coming is told.
      if (!areSynced()) return { kind: "asking", since: Number.NEGATIVE_INFINITY };
      const moved = previous !== undefined && previous.hash !== desired.hash;
      const isComparable = moved && previous.apiVersion === desired.apiVersion;
      const found = [desired, ...(isComparable ? [previous] : [])].map((one): Consideration => {
        const acting = actingFor(input, one);
        if (acting === undefined) return clear;
        const question = { baseline, id, version, desired: desiredOf(one), acting, attempts: 0 };
        return considerOne(question, urgent, contested === true && one === desired);
      });
      const asking = found.flatMap((one) => (one.kind === "asking" ? [one.since] : []));
      if (asking.length > 0) return { kind: "asking", since: Math.min(...asking) };
      return {
        kind: "clear",
        warnings: found.flatMap((one) => (one.kind === "clear" ? one.warnings : [])).slice(0, 1),
      };
    },

    async run(signal) {
      // Nobody waits for an answer that nobody will use.
      const stopped = new Promise<void>((resolve) => {
        const stop = (): void => {
          void line.shutdown({ discard: true });
          resolve();
        };
        if (signal.aborted) stop();
        signal.addEventListener("abort", stop, { once: true });
      });
      await Promise.race([line.run(WORKERS, (key) => work(key, signal)), stopped]);
    },
  };
}
