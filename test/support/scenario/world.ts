/**
 * Plumbline's engine between a cluster and repositories in memory, on a clock that tests hold. What a status and the
 * Drift records would remember is kept here as the sinks would keep it, so that `restart` starts from it alone.
 */
import { expect } from "vitest";
import { createEngine } from "../../../src/engine/controller.ts";
import type { Engine } from "../../../src/engine/engine.ts";
import type { CalibrationPort, SchemaPort } from "../../../src/engine/ports.ts";
import type { Baseline } from "../../../src/model/baseline.ts";
import type { Problem } from "../../../src/model/problem.ts";
import { formatId, idKey, type IdKey, type KubeObject } from "../../../src/model/resource.ts";
import { type BaselineKey, formatRevision } from "../../../src/model/snapshot.ts";
import type { BaselineMemory, BaselineState } from "../../../src/model/state.ts";
import {
  isStanding,
  severities,
  type Judgement,
  type Transition,
  type Verdict,
  verdictKinds,
} from "../../../src/model/verdict.ts";
import { silentLog } from "../../../src/runtime/log.ts";
import { ManualClock } from "../manual-clock.ts";
import { FakeLive } from "./fake-live.ts";
import { FakeSearch } from "./fake-search.ts";
import { FakeSources, Repositories } from "./fake-sources.ts";
import { idIn, inNamespace, plainSchema } from "./samples.ts";

export interface WorldOptions {
  readonly baselines: readonly Baseline[];
  readonly platformNamespaces?: readonly string[];
  readonly calibration?: CalibrationPort;
}

export class World {
  readonly clock = new ManualClock();
  readonly live = new FakeLive(this.clock);
  readonly search = new FakeSearch(this.live);
  readonly repositories = new Repositories();
  sources = new FakeSources(this.clock, this.repositories);
  /** How rendering an old revision fails after the next restart. */
  renderAtFails: FakeSources["renderAtFails"];
  readonly transitions: Transition[] = [];
  readonly recreated: string[] = [];
  readonly latencies: number[] = [];
  readonly outcomes: string[] = [];
  stateChanges = 0;
  /** What `schemaFor` answers where it isn't the plain schema. */
  schema: ReturnType<SchemaPort["schemaFor"]> | undefined;
  engine: Engine;
  #baselines: Map<BaselineKey, Baseline>;
  readonly #platform: readonly string[];
  readonly #calibration: CalibrationPort | undefined;
  /** How dry runs ended. */
  readonly calibrated: string[] = [];
  /** As the status of each Baseline and the Drift records would have it. */
  readonly #statuses = new Map<BaselineKey, BaselineMemory>();
  readonly #records = new Map<string, Judgement>();
  #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #heard = 0;

  constructor(options: WorldOptions) {
    this.#baselines = new Map(options.baselines.map((baseline) => [baseline.key, baseline]));
    this.#platform = options.platformNamespaces ?? ["platform"];
    this.#calibration = options.calibration;
    this.engine = this.#start();
  }

  #start(): Engine {
    const engine = createEngine({
      live: this.live,
      schemas: {
        schemaFor: () => this.schema ?? plainSchema,
        scopeOf: (kind) => this.live.scopeOf(kind),
      },
      sources: this.sources,
      tenancy: { platformNamespaces: this.#platform },
      calibration: this.#calibration,
      search: this.search,
      clock: this.clock,
      log: silentLog,
      workers: 2,
      publish: (transition) => this.#publish(transition),
      stateChanged: () => void (this.stateChanges += 1),
      removed: (key) => void this.#statuses.delete(key),
      observe: {
        judged: (seconds) => this.latencies.push(seconds),
        calibrated: (result) => this.calibrated.push(result),
        reconciled: (result) => this.outcomes.push(result),
        recreated: (_key, id) => this.recreated.push(formatId(id)),
      },
    });
    this.sources.told = (key, outcome) => engine.sourceOutcome(key, outcome);
    this.live.told = {
      changed: (id, version, receivedAt) => engine.liveChanged(id, version, receivedAt),
      states: () => engine.watchesChanged(),
    };
    engine.seed([...this.#records.values()]);
    for (const baseline of this.#baselines.values())
      engine.baselineApplied(baseline, this.#statuses.get(baseline.key) ?? {});
    engine.baselinesSynced();
    this.#abort = new AbortController();
    this.#running = engine.run(this.#abort.signal);
    return engine;
  }

  #publish(transition: Transition): void {
    this.transitions.push(transition);
    const { baseline, id, after } = transition;
    const name = `${baseline} ${idKey(id)}`;
    if (after !== undefined && isStanding(after.verdict)) this.#records.set(name, asRecorded(after));
    // An object that is only not seen keeps its record.
    else if (after?.verdict.kind !== "unknown") this.#records.delete(name);
  }

  /** Everything in flight has ended. */
  async settle(): Promise<void> {
    await this.clock.advance(0);
    await this.clock.advance(0);
  }

  /** As a status sink would: what the statuses say is what a restart knows. */
  save(): void {
    for (const { baseline, source, pending } of this.engine.states())
      this.#statuses.set(baseline.key, {
        ...(source.settledRevision === undefined ? {} : { settledRevision: source.settledRevision }),
        ...(source.revision === undefined ? {} : { revision: formatRevision(source.revision) }),
        ...(source.fetchedAt === undefined ? {} : { fetchedAt: source.fetchedAt }),
        ...(source.goodRevision === undefined ? {} : { goodRevision: source.goodRevision }),
        ...(source.guard === undefined ? {} : { guard: source.guard }),
        pending,
      });
  }

  async restart(): Promise<void> {
    await this.settle();
    this.save();
    await this.stop();
    this.live.ensure([]);
    this.sources = new FakeSources(this.clock, this.repositories);
    this.sources.renderAtFails = this.renderAtFails;
    this.engine = this.#start();
    await this.settle();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
    this.live.told = undefined;
    this.sources.told = undefined;
  }

  async tick(milliseconds: number): Promise<void> {
    await this.clock.advance(milliseconds);
    await this.settle();
  }

  /** Commits, and the source finds it at once. */
  async commit(objects: readonly KubeObject[], problems: readonly Problem[] = [], key = this.key): Promise<void> {
    this.repositories.commit(key, objects, problems);
    this.sources.poll(key);
    await this.settle();
  }

  /** As a deployer does: what the last commit declares is written. */
  async deploy(key = this.key): Promise<void> {
    for (const object of this.repositories.of(key).commits.at(-1)?.objects ?? []) this.live.write(inNamespace(object));
    await this.settle();
  }

  async edit(object: KubeObject, owners?: string): Promise<void> {
    this.live.write(inNamespace(object), owners);
    await this.settle();
  }

  async remove(object: KubeObject): Promise<void> {
    this.live.remove(idIn(object));
    await this.settle();
  }

  async apply(baseline: Baseline): Promise<void> {
    this.#baselines.set(baseline.key, baseline);
    this.engine.baselineApplied(baseline, {});
    await this.settle();
  }

  async forget(key = this.key): Promise<void> {
    this.#baselines.delete(key);
    this.engine.baselineRemoved(key);
    await this.settle();
  }

  get key(): BaselineKey {
    const [first] = this.#baselines.keys();
    if (first === undefined) throw new Error("no Baseline");
    return first;
  }

  baselines(): readonly Baseline[] {
    return [...this.#baselines.values()];
  }

  state(key = this.key): BaselineState {
    const state = this.engine.state(key);
    if (state === undefined) throw new Error(`no state of ${key}`);
    return state;
  }

  judgement(object: KubeObject, key = this.key): Judgement | undefined {
    return this.engine.judgement(key, idIn(object));
  }

  /** `{ "ConfigMap shop/web": "in-sync" }` */
  verdicts(key = this.key): Readonly<Record<string, string>> {
    return Object.fromEntries(
      [...this.engine.judgements(key)].map(({ id, verdict }) => [formatId(id), brief(verdict)]),
    );
  }

  /**
   * What was published since this was last asked: `web: in-sync > drifted`, with `(again)` where it was replayed, and
   * `(lines)` where it was replayed to add nothing but lines in Git.
   */
  published(): readonly string[] {
    const news = this.transitions.slice(this.#heard).map((transition) => {
      const { id, before, after, replayed } = transition;
      const from = before === undefined ? "none" : brief(before.verdict);
      const to = after === undefined ? "none" : brief(after.verdict);
      return `${id.name}: ${from} > ${to}${replayed ? (addsLines(transition) ? " (lines)" : " (again)") : ""}`;
    });
    this.#heard = this.transitions.length;
    return news;
  }

  expect(expected: Readonly<Record<string, string>>, key = this.key): void {
    expect(this.verdicts(key)).toEqual(expected);
    this.expectAddsUp(key);
  }

  /** What is kept count of is what a walk over every judgement gives. */
  expectCounted(key = this.key): void {
    const { counts, health, suppressed, secretsNotGranted, severity, warnings } = this.state(key);
    const told = warnings.filter(({ code }) => code === "expired-rule").map(({ message }) => message);
    expect({ counts, health, suppressed, secretsNotGranted, severity, warnings: told.sort() }).toEqual(
      summed([...this.engine.judgements(key)]),
    );
    const open = new Set([...this.engine.open(key)].map(({ id }) => idKey(id)));
    const walked = [...this.engine.judgements(key)].filter(({ verdict }) => verdict.kind !== "in-sync");
    expect(open).toEqual(new Set(walked.map(({ id }) => idKey(id))));
  }

  expectPublished(expected: readonly string[]): void {
    expect(this.published()).toEqual(expected);
  }

  /** I5: the counts of a Baseline add up to what it considered, each object once. */
  expectAddsUp(key = this.key): void {
    const { counts } = this.state(key);
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
    expect(total).toBe(new Set<IdKey>([...this.engine.judgements(key)].map(({ id }) => idKey(id))).size);
  }
}

/** What a state says of the judgements, from a walk over all of them. */
function summed(judgements: readonly Judgement[]): Pick<
  BaselineState,
  "counts" | "health" | "suppressed" | "secretsNotGranted"
> & {
  readonly severity: string | undefined;
  readonly warnings: readonly string[];
} {
  const counts = Object.fromEntries(verdictKinds.map((kind) => [kind, 0])) as Record<Verdict["kind"], number>;
  const health = { healthy: 0, progressing: 0, degraded: 0, suspended: 0, unknown: 0 };
  const suppressed = new Map<string, number>();
  let secretsNotGranted = 0;
  for (const { verdict, health: state, suppressed: found } of judgements) {
    for (const { rule } of found) suppressed.set(rule, (suppressed.get(rule) ?? 0) + 1);
    counts[verdict.kind] += 1;
    if (verdict.kind === "unknown" && verdict.problem.code === "secrets-not-granted") secretsNotGranted += 1;
    if (state !== undefined) health[state.state] += 1;
  }
  const standing = new Set(judgements.flatMap(({ verdict }) => (isStanding(verdict) ? verdict.severity : [])));
  const warnings = judgements.flatMap((judgement) => judgement.warnings);
  return {
    counts,
    health,
    suppressed,
    secretsNotGranted,
    severity: severities.find((severity) => standing.has(severity)),
    warnings: [...new Set(warnings.filter(({ code }) => code === "expired-rule").map(({ message }) => message))].sort(),
  };
}

/** `drifted`, `unknown forbidden`, `unmanaged dropped-from-git`. */
export function brief(verdict: Verdict): string {
  if (verdict.kind === "unknown") return `unknown ${verdict.problem.code}`;
  if (verdict.kind === "unmanaged") return `unmanaged ${verdict.cause}`;
  if (verdict.kind === "pending") return `pending ${verdict.reason}`;
  return verdict.kind;
}

/** A record holds no typed paths. */
function asRecorded(judgement: Judgement): Judgement {
  const { verdict } = judgement;
  if (verdict.kind !== "drifted") return judgement;
  const [first, ...others] = verdict.changes.map((change) => ({ ...change, path: [] }));
  return first === undefined ? judgement : { ...judgement, verdict: { ...verdict, changes: [first, ...others] } };
}

/** Whether the judgement differs in where its changes are declared, and in nothing else. */
function addsLines({ before, after }: Transition): boolean {
  const text = (judgement: Judgement | undefined, left: readonly string[]): string =>
    JSON.stringify(judgement, (key, value: unknown) => (left.includes(key) ? undefined : value));
  const same = (left: readonly string[]): boolean => text(before, left) === text(after, left);
  return before?.verdict.kind === "drifted" && same(["source", "receivedAt"]) && !same(["receivedAt"]);
}
