/** Baselines, judgements and an engine made of maps, for tests of the sinks. */
import type { Baseline } from "../../src/model/baseline.ts";
import { idKey, type ResourceId } from "../../src/model/resource.ts";
import { baselineKey, type BaselineKey, type Revision } from "../../src/model/snapshot.ts";
import type { BaselineState, SourceState } from "../../src/model/state.ts";
import {
  verdictKinds,
  type Change,
  type Judgement,
  type Severity,
  type Transition,
  type Verdict,
  type VerdictKind,
} from "../../src/model/verdict.ts";
import { isStanding, worstSeverity } from "../../src/model/verdict.ts";
import { field } from "../../src/model/path.ts";
import { decideWithCount, type DecideInput, type Looked } from "../../src/verdict/decide.ts";
import type { EngineReader, PairReader } from "../../src/sinks/ports.ts";
import { plainBaseline } from "../support/baseline-fixture.ts";

/** 2026-01-01T00:00:00Z, where the manual clock starts. */
export const start = Date.UTC(2026, 0, 1);

export const revision: Revision = {
  ref: "main",
  commit: "4f2a1c0d4f2a1c0d4f2a1c0d4f2a1c0d4f2a1c0d",
  committedAt: "2025-12-31T23:00:00Z",
  author: "Ada <ada@example.com>",
};

export function baselineOf(over: Partial<Baseline> = {}): Baseline {
  const namespace = over.namespace ?? "shop";
  const name = over.name ?? "web";
  const plain = plainBaseline({ key: baselineKey(namespace, name), namespace, name, uid: "b-uid", generation: 3 });
  // With what must not be shown of a URL.
  const git = { ...plain.git, url: "https://ada:s3cret@git.example/platform/shop.git?x=1" };
  return { ...plain, git, path: "clusters/prod", ...over };
}

export const webId: ResourceId = { group: "apps", kind: "Deployment", namespace: "shop", name: "web" };

export function changeOf(over: Partial<Change> = {}): Change {
  return {
    op: "changed",
    path: [field("spec"), field("replicas")],
    pointer: "/spec/replicas",
    desired: 3,
    live: 5,
    sensitive: false,
    severity: "medium",
    class: "workload",
    cause: "live-edit",
    owner: { manager: "kubectl-edit", operation: "Update", subresource: "", confidence: "exact" },
    ...over,
  };
}

export function driftedVerdict(changes: readonly Change[] = [changeOf()]): Extract<Verdict, { kind: "drifted" }> {
  const [first = changeOf(), ...rest] = changes;
  return {
    kind: "drifted",
    changes: [first, ...rest],
    severity: worstSeverity(changes.map((change) => change.severity)),
    class: first.class,
    cause: first.cause,
    ownershipWiped: false,
  };
}

export const missingVerdict = (severity: Severity = "high"): Verdict => ({
  kind: "missing",
  severity,
  class: "workload",
  cause: "deletion",
});

export const inSync: Verdict = { kind: "in-sync" };

export function judgementOf(verdict: Verdict, over: Partial<Judgement> = {}): Judgement {
  return {
    baseline: baselineOf().key,
    id: webId,
    version: "v1",
    verdict,
    suppressed: [],
    warnings: [],
    revision,
    source: { file: "clusters/prod/web.yaml", line: 12, index: 0 },
    desiredHash: "d1",
    uid: "web-uid",
    resourceVersion: "10",
    health: { state: "healthy" },
    firstObserved: start,
    lastChanged: start,
    ...over,
  };
}

export function transitionOf(
  before: Judgement | undefined,
  after: Judgement | undefined,
  over: Partial<Transition> = {},
): Transition {
  const one = after ?? before;
  return {
    baseline: one?.baseline ?? baselineOf().key,
    id: one?.id ?? webId,
    before,
    after,
    at: start + 1_000,
    replayed: false,
    ...over,
  };
}

export const ready: SourceState = {
  state: "ready",
  revision,
  fetchedAt: start - 60_000,
  lastSuccessAt: start - 1_000,
  settledRevision: "main@sha1:4f2a1c0d4f2a1c0d4f2a1c0d4f2a1c0d4f2a1c0d",
};

export function stateOf(
  over: Partial<Omit<BaselineState, "counts">> & { readonly counts?: Partial<Record<VerdictKind, number>> } = {},
): BaselineState {
  const none = Object.fromEntries(verdictKinds.map((kind) => [kind, 0])) as Record<VerdictKind, number>;
  return {
    baseline: baselineOf(),
    source: ready,
    problems: [],
    secretsNotGranted: 0,
    warnings: [],
    health: { healthy: 0, progressing: 0, degraded: 0, suspended: 0, unknown: 0 },
    suppressed: new Map(),
    judged: true,
    pending: [],
    ...over,
    counts: { ...none, ...over.counts },
  };
}

/** An engine as sinks read it: what `set` was told last. Counts follow the judgements. */
export class FakeEngine implements EngineReader, PairReader {
  readonly #states = new Map<BaselineKey, BaselineState>();
  readonly #judgements = new Map<BaselineKey, Map<string, Judgement>>();
  readonly inputs = new Map<string, DecideInput>();

  put(state: BaselineState): void {
    this.#states.set(state.baseline.key, state);
  }

  drop(key: BaselineKey): void {
    this.#states.delete(key);
    this.#judgements.delete(key);
  }

  /** The new judgement, as the transition that the engine would publish. */
  judge(judgement: Judgement, at: number): Transition {
    const ofBaseline = this.#judgements.get(judgement.baseline) ?? new Map<string, Judgement>();
    this.#judgements.set(judgement.baseline, ofBaseline);
    const before = ofBaseline.get(idKey(judgement.id));
    ofBaseline.set(idKey(judgement.id), judgement);
    this.#recount(judgement.baseline);
    return transitionOf(before, judgement, { at });
  }

  forget(key: BaselineKey, id: ResourceId, at: number): Transition {
    const before = this.judgement(key, id);
    this.#judgements.get(key)?.delete(idKey(id));
    this.#recount(key);
    return { baseline: key, id, before, after: undefined, at, replayed: false };
  }

  states(): readonly BaselineState[] {
    return [...this.#states.values()];
  }

  state(key: BaselineKey): BaselineState | undefined {
    return this.#states.get(key);
  }

  outline(key: BaselineKey): BaselineState | undefined {
    return this.#states.get(key);
  }

  judgement(key: BaselineKey, id: ResourceId): Judgement | undefined {
    return this.#judgements.get(key)?.get(idKey(id));
  }

  open(key: BaselineKey): Iterable<Judgement> {
    return [...(this.#judgements.get(key)?.values() ?? [])].filter(({ verdict }) => verdict.kind !== "in-sync");
  }

  inputOf(key: BaselineKey, id: ResourceId): DecideInput | undefined {
    return this.inputs.get(`${key} ${idKey(id)}`);
  }

  pairOf(key: BaselineKey, id: ResourceId): (Looked & { readonly input: DecideInput }) | undefined {
    const input = this.inputOf(key, id);
    return input === undefined ? undefined : { input, ...decideWithCount(input) };
  }

  declaring(id: ResourceId): readonly BaselineKey[] {
    return [...this.#judgements].filter(([, known]) => known.has(idKey(id))).map(([key]) => key);
  }

  #recount(key: BaselineKey): void {
    const state = this.#states.get(key);
    if (state === undefined) return;
    const counts = Object.fromEntries(verdictKinds.map((kind) => [kind, 0])) as Record<VerdictKind, number>;
    const severities: Severity[] = [];
    const suppressed = new Map<string, number>();
    for (const { verdict, suppressed: found } of this.#judgements.get(key)?.values() ?? []) {
      for (const { rule } of found) suppressed.set(rule, (suppressed.get(rule) ?? 0) + 1);
      counts[verdict.kind] += 1;
      if (isStanding(verdict)) severities.push(verdict.severity);
    }
    const { severity: _severity, ...rest } = state;
    const worst = severities.length === 0 ? {} : { severity: worstSeverity(severities) };
    this.#states.set(key, { ...rest, ...worst, counts, suppressed });
  }
}
