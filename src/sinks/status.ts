/**
 * The sink that keeps each Baseline's status true. One server-side apply on /status, only when the text differs from
 * what was written last, at most once in five seconds per Baseline unless a condition turned. It names the uid, so a
 * Baseline that was deleted and made again is never given its predecessor's status. Our own writes set nothing off.
 * Where the process ends, what still waits for its turn is written at once: the next one goes by it.
 */
import type { ObjectApi, ObjectRef } from "../model/api.ts";
import { canonicalJson } from "../model/canonical.ts";
import { getIn, getString, isObject, type JsonObject } from "../model/json.ts";
import { apiVersionOf } from "../model/resource.ts";
import { parseBaselineKey, type BaselineKey } from "../model/snapshot.ts";
import type { BaselineState } from "../model/state.ts";
import type { Rate } from "../runtime/rate.ts";
import { baselineKind } from "./events.ts";
import type { EngineReader, RemediationReader, WritingSink } from "./ports.ts";
import { conditionsFlipped, statusOf } from "./status-body.ts";
import { createPace, longestLine } from "./write-budget.ts";
import { createWriter, done, isTransient, later, retryAfter, type Outcome, type WriterDeps } from "./writer.ts";

export interface StatusDeps extends WriterDeps {
  readonly api: Pick<ObjectApi, "get" | "patch">;
  readonly engine: Pick<EngineReader, "state" | "states" | "open">;
  /** Of all statuses together. */
  readonly rate: Rate;
  /** Absent where nothing is ever put back. */
  readonly remediation?: Pick<RemediationReader, "waiting">;
  /**
   * False while something that Git dropped has no Drift record yet. Until it has, only the settled revision remembers
   * that it was declared. Absent: there is always one.
   */
  readonly isDroppedRecorded?: (key: BaselineKey) => boolean;
}

/** Milliseconds. */
export const statusInterval = 5_000;
/** A burst of verdicts is one write: the first change waits this long for its neighbours. */
const GATHER = 100;
const REFUSED = 60_000;
/** For what is written as the process ends; the lease is let go after it. */
const LAST_WORDS = 3_000;

export function createStatus(deps: StatusDeps): WritingSink {
  const { api, engine, clock, log, rate } = deps;
  const pace = createPace(clock, statusInterval);
  /** Status as it stands on the server, by Baseline, with the uid it belongs to. */
  const written = new Map<BaselineKey, { readonly uid: string; readonly status: JsonObject }>();
  /** Monotonic milliseconds up to which last words are written. */
  let endsAt: number | undefined;
  const writer = createWriter(deps, { name: "status", workers: 2, work: (key) => work(key as BaselineKey) });

  const refOf = (key: BaselineKey): ObjectRef => ({ kind: baselineKind, ...parseBaselineKey(key) });

  /** What the server has, asked once per Baseline and uid. */
  const previousOf = async (
    key: BaselineKey,
    uid: string,
  ): Promise<{ readonly status: JsonObject } | { readonly put: Outcome }> => {
    const known = written.get(key);
    if (known?.uid === uid) return known;
    const answer = await api.get(refOf(key));
    if (!answer.ok) {
      if (isTransient(answer)) return { put: retryAfter(answer) };
      return { put: answer.status === 404 ? done : later(REFUSED) };
    }
    const found = getIn(answer.body, "status");
    const status = isObject(found) ? found : {};
    written.set(key, { uid, status });
    return { status };
  };

  async function work(key: BaselineKey): Promise<Outcome> {
    const uid = engine.state(key)?.baseline.uid;
    if (uid === undefined || (endsAt !== undefined && clock.monotonic() > endsAt)) return done;
    const asked = await previousOf(key, uid);
    if ("put" in asked) return asked.put;
    const previous = asked.status;
    const state = engine.state(key);
    if (state === undefined || state.baseline.uid !== uid) return done;
    const waiting = deps.remediation?.waiting(key);
    const kept = keptRevision(state, previous);
    const { source } = kept === undefined ? state : { source: { ...state.source, settledRevision: kept } };
    const status = statusOf({ ...state, source, waiting }, engine.open(key), previous, clock.now());
    const ended = kept === undefined ? done : later(statusInterval);
    if (canonicalJson(status) === canonicalJson(previous)) return ended;
    const wait = endsAt === undefined ? turnOf(key, previous, status) : 0;
    if (wait > 0) return later(wait);
    pace.spent(key);
    const outcome = await write(key, uid, status);
    return outcome === done ? ended : outcome;
  }

  /** Milliseconds until this Baseline may be written, and until the rate has room. */
  const turnOf = (key: BaselineKey, previous: JsonObject, status: JsonObject): number => {
    const held = conditionsFlipped(previous, status) ? 0 : pace.wait(key);
    return held > 0 ? held : Math.min(rate.take(key, longestLine), longestLine);
  };

  /** The settled revision of before, where to remember the one of now would be to forget that something was declared. */
  const keptRevision = ({ baseline, source }: BaselineState, previous: JsonObject): string | undefined => {
    const before = getString(previous, "source", "settledRevision");
    if (before === undefined || before === source.settledRevision) return undefined;
    return deps.isDroppedRecorded?.(baseline.key) === false ? before : undefined;
  };

  const write = async (key: BaselineKey, uid: string, status: JsonObject): Promise<Outcome> => {
    const { namespace, name } = parseBaselineKey(key);
    const body = {
      apiVersion: apiVersionOf(baselineKind),
      kind: baselineKind.kind,
      metadata: { name, namespace, uid },
      status,
    };
    const ref = { ...refOf(key), subresource: "status" };
    const answer = await api.patch(ref, { type: "apply", body }, { force: true });
    if (answer.ok) {
      written.set(key, { uid, status });
      return done;
    }
    if (isTransient(answer)) return retryAfter(answer);
    // 404 and 409: it is gone, or another one bears its name; its own events will tell.
    if (answer.status === 404 || answer.status === 409) return done;
    log.warn({ baseline: key, status: answer.status, reason: answer.reason }, "status refused");
    return later(REFUSED);
  };

  return {
    name: "status",
    transition({ baseline }) {
      writer.addAfter(baseline, GATHER);
    },
    stateChanged(key) {
      writer.addAfter(key, GATHER);
    },
    removed(key) {
      written.delete(key);
      pace.forget(key);
    },
    leading() {
      written.clear();
      for (const { baseline } of engine.states()) writer.add(baseline.key);
    },
    async run(signal) {
      const ending = new AbortController();
      const end = (): void => {
        endsAt = clock.monotonic() + LAST_WORDS;
        for (const { baseline } of engine.states()) writer.add(baseline.key);
        ending.abort();
      };
      if (signal.aborted) end();
      signal.addEventListener("abort", end, { once: true });
      await writer.run(ending.signal);
    },
  };
}
