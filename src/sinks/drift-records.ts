/**
 * The sink that keeps one Drift record per object that is not as declared: written by one server-side apply, deleted
 * when the object is as declared again. Write budget: a record once in ten seconds, all own writes twenty a second, at
 * most so many records per Baseline, worst first, those dropped from Git always. An object that became unknown keeps
 * its record: not seeing is not resolving. Its own writes, seen coming back, set nothing off.
 */
import type { ApiAnswer, ObjectApi, ObjectRef } from "../model/api.ts";
import { canonicalJson } from "../model/canonical.ts";
import type { JsonObject } from "../model/json.ts";
import { idKey, parseIdKey, type IdKey, type KubeObject, type ResourceId } from "../model/resource.ts";
import type { BaselineKey } from "../model/snapshot.ts";
import type { Rate } from "../runtime/rate.ts";
import type { ShownRecord } from "../verdict/shown-plan.ts";
import { driftBody, driftKind, driftRef, readDrift, writtenPart, type DriftRecord } from "./drift-body.ts";
import { chosenOf, isDropped } from "./drift-choice.ts";
import { stands } from "./episodes.ts";
import type { EngineReader, RemediationReader, WritingSink } from "./ports.ts";
import { createPace, longestLine } from "./write-budget.ts";
import { createWriter, done, isTransient, later, retryAfter, type Outcome, type WriterDeps } from "./writer.ts";

export interface DriftRecordsDeps extends WriterDeps {
  readonly api: Pick<ObjectApi, "patch" | "remove">;
  readonly engine: EngineReader;
  readonly remediation: Pick<RemediationReader, "stateOf">;
  /** What would be written, and the hash an approval must name; undefined where neither can be made now. */
  readonly planned: (key: BaselineKey, id: ResourceId) => ShownRecord | undefined;
  /** Somebody approved of what is recorded, or took that back: told after it is known. */
  readonly approvalChanged?: (key: BaselineKey, id: ResourceId) => void;
  /** Records per Baseline. */
  readonly maxPerBaseline: number;
  /** Of all records together. */
  readonly rate: Rate;
}

export interface DriftRecordsSink extends WritingSink {
  /** A record as the watch brings it, also at start. */
  recordApplied(record: KubeObject): void;
  recordDeleted(record: KubeObject): void;
  /** Its remediation block may have changed. */
  touch(key: BaselineKey, id: ResourceId): void;
  /** Writes its record now, whatever was written lately; false where it could not be. */
  recordNow(key: BaselineKey, id: ResourceId): Promise<boolean>;
  /** True where the record carries `plumbline.dev/approve` with exactly the hash of what would be written now. */
  isApproved(key: BaselineKey, id: ResourceId): boolean;
  /** Who approved, where that is on record. */
  approvedBy(key: BaselineKey, id: ResourceId): string | undefined;
  /** False while something that Git dropped stands and has no record yet. */
  isDroppedRecorded(key: BaselineKey): boolean;
}

/** Milliseconds. */
export const recordInterval = 10_000;
export const gatherTime = 100;
/** What another process wrote is first written over after so long: by then the lines and the remediation are known. */
const TAKEN_OVER = 2_000;
const SWEEP = 1_000;
const REFUSED = 60_000;

interface Known {
  readonly record: DriftRecord;
  /** Text of what we write of it, as the server has it. */
  readonly text: string;
}

interface Wanted {
  readonly body: JsonObject;
  readonly text: string;
  readonly ref: ObjectRef;
}

const join = (key: BaselineKey, id: IdKey): string => `${key} ${id}`;

function split(text: string): { readonly key: BaselineKey; readonly id: IdKey } {
  const space = text.indexOf(" ");
  return { key: text.slice(0, space) as BaselineKey, id: text.slice(space + 1) as IdKey };
}

export function createDriftRecords(deps: DriftRecordsDeps): DriftRecordsSink {
  const { api, engine, clock, log, rate } = deps;
  const pace = createPace(clock, recordInterval);
  const known = new Map<BaselineKey, Map<IdKey, Known>>();
  /** Only for Baselines with more standing objects than records; undefined is made when first asked for. */
  const chosen = new Map<BaselineKey, ReadonlySet<IdKey>>();
  /** Records that another process wrote, with the monotonic moment from which they may be written over. */
  const foreign = new Map<string, number>();
  const writer = createWriter(deps, {
    name: "drift-records",
    workers: 4,
    work: (text) => (text.includes(" ") ? work(text) : sweep(text as BaselineKey)),
  });

  const remember = (record: DriftRecord, text: string): void => {
    const ofBaseline = known.get(record.baseline) ?? new Map<IdKey, Known>();
    known.set(record.baseline, ofBaseline);
    const before = ofBaseline.get(idKey(record.id))?.record;
    ofBaseline.set(idKey(record.id), { record, text });
    // Read back from our own write as well as from the watch, whichever comes first.
    if (before !== undefined && before.approve !== record.approve) deps.approvalChanged?.(record.baseline, record.id);
  };

  const isChosen = (key: BaselineKey, id: IdKey): boolean => {
    // What is owed is remembered nowhere else.
    if (deps.remediation.stateOf(key, parseIdKey(id))?.owed !== undefined) return true;
    const counts = engine.state(key)?.counts;
    if (counts === undefined) return false;
    if (counts.drifted + counts.missing + counts.terminating + counts.unmanaged <= deps.maxPerBaseline) return true;
    const set = chosen.get(key) ?? chosenOf(engine.open(key), deps.maxPerBaseline);
    chosen.set(key, set);
    return set.has(id);
  };

  /** Keys whose record should be there and is not, or the other way round. */
  const sweep = async (key: BaselineKey): Promise<Outcome> => {
    const state = engine.state(key);
    if (state === undefined) return done;
    const now = chosenOf(engine.open(key), deps.maxPerBaseline);
    chosen.set(key, now);
    const recorded = known.get(key);
    for (const id of now) if (recorded?.get(id) === undefined) writer.add(join(key, id));
    for (const id of recorded?.keys() ?? []) if (!now.has(id)) writer.add(join(key, id));
    return done;
  };

  async function work(text: string): Promise<Outcome> {
    const { key, id } = split(text);
    const state = engine.state(key);
    if (state === undefined) return done;
    const judgement = engine.judgement(key, parseIdKey(id));
    const record = known.get(key)?.get(id);
    if (stands(judgement) && isChosen(key, id)) return write(text, key, id);
    // Before everything is judged, an object without a judgement is merely not looked at yet.
    const resolved = judgement === undefined ? state.judged : judgement.verdict.kind !== "unknown";
    return record === undefined || !resolved ? done : remove(text, key, record.record);
  }

  /** The record as it is to be; undefined where there is to be none. */
  const wanted = (key: BaselineKey, id: IdKey): Wanted | undefined => {
    const baseline = engine.state(key)?.baseline;
    const judgement = engine.judgement(key, parseIdKey(id));
    if (baseline === undefined || !stands(judgement)) return undefined;
    const { contentHash = "", shown: plan } = deps.planned(key, judgement.id) ?? {};
    const remediation = deps.remediation.stateOf(key, judgement.id);
    const body = driftBody({ baseline, judgement, contentHash, plan, remediation });
    return { body, text: canonicalJson(body), ref: driftRef(baseline, judgement.id) };
  };
  const isWritten = (key: BaselineKey, id: IdKey, { text, ref }: Wanted): boolean => {
    const before = known.get(key)?.get(id);
    return before?.text === text && before.record.name === ref.name;
  };
  const store = async ({ body, text, ref }: Wanted): Promise<ApiAnswer> => {
    const answer = await api.patch(ref, { type: "apply", body }, { force: true });
    const record = answer.ok ? readDrift(answer.body) : undefined;
    if (record !== undefined) remember(record, text);
    return answer;
  };

  const write = async (text: string, key: BaselineKey, id: IdKey): Promise<Outcome> => {
    const record = wanted(key, id);
    if (record === undefined || isWritten(key, id, record)) return done;
    const wait =
      Math.max(pace.wait(text), (foreign.get(text) ?? 0) - clock.monotonic(), 0) || rate.take(text, longestLine);
    if (wait > 0) return later(wait === Number.POSITIVE_INFINITY ? longestLine : wait);
    foreign.delete(text);
    pace.spent(text);
    const answer = await store(record);
    return answer.ok ? done : refused(key, answer);
  };

  const remove = async (text: string, key: BaselineKey, record: DriftRecord): Promise<Outcome> => {
    const wait = Math.min(rate.take(text, longestLine), longestLine);
    if (wait > 0) return later(wait);
    const { namespace } = engine.state(key)?.baseline ?? {};
    if (namespace === undefined) return done;
    const answer = await api.remove({ kind: driftKind, namespace, name: record.name }, { uid: record.uid });
    if (!answer.ok && answer.status !== 404 && answer.status !== 409) return refused(key, answer);
    known.get(key)?.delete(idKey(record.id));
    foreign.delete(text);
    pace.forget(text);
    return done;
  };

  const refused = (key: BaselineKey, answer: ApiAnswer & { readonly ok: false }): Outcome => {
    if (isTransient(answer)) return retryAfter(answer);
    // The namespace is going, or gone: nothing can be recorded there.
    if (answer.status === 404) return done;
    log.warn({ baseline: key, status: answer.status, reason: answer.reason }, "drift record refused");
    return later(REFUSED);
  };

  return {
    name: "drift-records",
    transition({ baseline, id, before, after }) {
      const text = join(baseline, idKey(id));
      // A record may be written again only after a while, so its first writing waits for the lines that follow.
      if (!stands(before) && stands(after)) writer.addAfter(text, gatherTime);
      else writer.add(text, stands(after) ? "bulk" : "live");
      writer.addAfter(baseline, SWEEP);
    },
    stateChanged(key) {
      writer.addAfter(key, SWEEP);
    },
    removed(key) {
      // The records go with their owner; the garbage collector sees to it.
      for (const id of known.get(key)?.keys() ?? []) {
        pace.forget(join(key, id));
        foreign.delete(join(key, id));
      }
      known.delete(key);
      chosen.delete(key);
    },
    leading() {
      for (const { baseline } of engine.states()) {
        writer.add(baseline.key);
        for (const { id } of [...engine.open(baseline.key)].filter(stands)) {
          writer.add(join(baseline.key, idKey(id)));
        }
      }
    },
    recordApplied(object) {
      const record = readDrift(object);
      if (record === undefined) return;
      const id = idKey(record.id);
      const before = known.get(record.baseline)?.get(id);
      if (before === undefined) foreign.set(join(record.baseline, id), clock.monotonic() + TAKEN_OVER);
      const text = canonicalJson(writtenPart(object));
      remember(record, text);
      // A person, or a process that had led and whose write was still on its way.
      if (before !== undefined && before.text !== text) writer.add(join(record.baseline, id));
      writer.addAfter(record.baseline, SWEEP);
    },
    recordDeleted(object) {
      const record = readDrift(object);
      if (record === undefined) return;
      const id = idKey(record.id);
      if (known.get(record.baseline)?.get(id)?.record.uid !== record.uid) return;
      known.get(record.baseline)?.delete(id);
      foreign.delete(join(record.baseline, id));
      writer.add(join(record.baseline, id));
    },
    touch(key, id) {
      const text = join(key, idKey(id));
      if (known.get(key)?.has(idKey(id)) === true) writer.add(text);
      else writer.addAfter(text, gatherTime);
    },
    async recordNow(key, id) {
      const record = wanted(key, idKey(id));
      if (record === undefined) return false;
      if (isWritten(key, idKey(id), record)) return true;
      const text = join(key, idKey(id));
      foreign.delete(text);
      pace.spent(text);
      return (await store(record)).ok;
    },
    isApproved(key, id) {
      const approve = known.get(key)?.get(idKey(id))?.record.approve;
      // The hash is dear, and few records are approved.
      return approve !== undefined && approve !== "" && approve === deps.planned(key, id)?.contentHash;
    },
    approvedBy: (key, id) => known.get(key)?.get(idKey(id))?.record.approvedBy,
    isDroppedRecorded(key) {
      if ((engine.state(key)?.counts.unmanaged ?? 0) === 0) return true;
      const recorded = known.get(key);
      const dropped = [...engine.open(key)].filter(stands).filter(isDropped);
      return dropped.every(({ id }) => recorded?.has(idKey(id)) === true);
    },
    run: (signal) => writer.run(signal),
  };
}
