/**
 * One run of the model-based test: what people, a deployer and commits do to some twenty objects, each deed written into
 * the timeline with what it may change for Plumbline, and the looks at the world that must come out as the model says.
 */
import { isDeepStrictEqual } from "node:util";
import { expect } from "vitest";
import { getIn, isArray, type Json, type JsonObject } from "../../src/model/json.ts";
import { defaultNamespace, eventually } from "./operator.ts";
import { Book } from "./remediation-model-book.ts";
import { edited, kinds, objectPath, type EditOp } from "./remediation-model-objects.ts";
import {
  isInSync,
  mustHeal,
  remediate,
  sameDeclared,
  type Declared,
  type Settings,
  type State,
} from "./remediation-model-state.ts";
import {
  baselinePath,
  evidenceOf,
  explain,
  group,
  merge,
  metricOf,
  wait,
  waitingFor,
} from "./remediation-model-world.ts";
import { namesIn, open } from "./remediation-model-start.ts";

/** Milliseconds in which what is permitted must have come about. */
const SOON = 60_000;
/** Milliseconds in which what was asked for must be known, also just after the server was away. */
const LATEST = 60_000;
/** How long the watch of namespaces may be behind, after a fault longer. */
const BEHIND = 1_000;
const BEHIND_AFTER_FAULT = 10_000;
/** Milliseconds in which a write that everybody sees is in the log. */
const LOGGED = 10_000;
/** Edits by people who leave no name after which a fight may be seen. */
const FIGHT = 3;

export class Run extends Book {
  readonly #history: State["things"][] = [];
  #marker = 0;
  #faultAt = 0;
  #commits = 0;

  async start(): Promise<void> {
    for (const namespace of Object.keys(this.state.namespaces))
      await this.must("POST", "/api/v1/namespaces", {
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: namespace },
      });
    this.#commitTree(this.state.things);
    await Promise.all(namesIn(this.state).map((name) => this.replace(name, this.thing(name).lastGit)));
    const git = { url: this.stage.url, ref: { branch: "main" }, interval: "1h" };
    await this.must("POST", `${group}/namespaces/${defaultNamespace}/baselines`, {
      apiVersion: "plumbline.dev/v1alpha1",
      kind: "Baseline",
      metadata: { name: this.name },
      spec: { source: { git }, path: this.name, gracePeriod: "0s", ...this.#spec(this.state.settings) },
    });
    await this.#allInSync();
  }

  // What people do.

  async edit(name: string, op: EditOp, which: number, how: "put" | "merge"): Promise<void> {
    const { kind } = this.thing(name);
    const n = this.next();
    await this.write(name, how, `person-${n}`, (before) =>
      kinds[kind].write(before, edited(kind, kinds[kind].read(before), op, which, n)),
    );
  }

  /** A person puts it right by hand. */
  async mend(name: string): Promise<void> {
    const { git, kind } = this.thing(name);
    if (git === undefined) return;
    await this.write(name, "put", `person-${this.next()}`, (before) => kinds[kind].write(before, git.content));
  }

  async scale(name: string, replicas: number): Promise<void> {
    const { kind, namespace } = this.thing(name);
    const from = Date.now();
    const path = `${objectPath(kind, namespace, name)}/scale?fieldManager=person-${this.next()}`;
    const { status } = await this.stage.send("PATCH", path, { spec: { replicas } }, merge);
    if (status !== 200) return;
    await this.readBack(name, from);
  }

  async remove(name: string): Promise<void> {
    const { kind, namespace } = this.thing(name);
    const from = Date.now();
    const { status } = await this.stage.send("DELETE", objectPath(kind, namespace, name));
    if (status < 300) this.touched(name, from, undefined);
  }

  /** Deleted and made again with something else in it. */
  async recreate(name: string): Promise<void> {
    const { kind, lastGit } = this.thing(name);
    await this.remove(name);
    const content = edited(kind, lastGit.content, "change", 0, this.next());
    await this.post(name, { content, marks: {} }, `person-${this.next()}`);
  }

  async mark(name: string, annotation: string, value: string | null): Promise<void> {
    await this.write(
      name,
      "merge",
      `person-${this.next()}`,
      (before) => {
        const metadata = before["metadata"] as JsonObject;
        const { [annotation]: _gone, ...rest } = (metadata["annotations"] ?? {}) as JsonObject;
        return {
          ...before,
          metadata: { ...metadata, annotations: value === null ? rest : { ...rest, [annotation]: value } },
        };
      },
      false,
    );
  }

  async markNamespace(namespace: string, value: string | undefined): Promise<void> {
    const from = Date.now();
    const annotations = { [remediate]: value ?? null };
    await this.must("PATCH", `/api/v1/namespaces/${namespace}`, { metadata: { annotations } }, merge);
    const behind = Date.now() - this.#faultAt < BEHIND_AFTER_FAULT ? BEHIND_AFTER_FAULT : BEHIND;
    const namespaces = { ...this.state.namespaces, [namespace]: value };
    this.change({ ...this.state, namespaces }, from, Date.now() + behind);
  }

  // What is asked of Plumbline.

  async settle(change: Partial<Settings>): Promise<void> {
    const from = Date.now();
    const settings = { ...this.state.settings, ...change };
    const gone = Object.fromEntries(Object.keys(this.state.settings.marks).map((name) => [name, null]));
    const metadata = { annotations: { ...gone, ...settings.marks } };
    await this.must("PATCH", baselinePath(this.name), { metadata, spec: this.#spec(settings) }, merge);
    await this.#acknowledged();
    this.change({ ...this.state, settings }, from, Date.now());
  }

  /** A person approves of what the Drift record says now; nothing happens where there is none. */
  async approve(name: string): Promise<void> {
    const { namespace } = this.thing(name);
    const { body } = await this.stage.send("GET", `${group}/namespaces/${defaultNamespace}/drifts`);
    const items = (isArray(body["items"]) ? body["items"] : []) as readonly Json[];
    const drift = items.find(
      (one) => getIn(one, "object", "name") === name && getIn(one, "object", "namespace") === namespace,
    );
    const hash = getIn(drift, "contentHash");
    if (typeof hash !== "string") return;
    this.change(this.withThing(name, { approved: true }), Date.now(), Number.POSITIVE_INFINITY);
    const path = `${group}/namespaces/${defaultNamespace}/drifts/${String(getIn(drift, "metadata", "name"))}`;
    const annotations = { "plumbline.dev/approve": hash };
    await this.stage.send("PATCH", path, { metadata: { annotations } }, merge);
  }

  // What Git says, and who brings it about.

  async commit(change: Readonly<Record<string, Declared | undefined>>): Promise<void> {
    this.#history.push(this.state.things);
    await this.#say({ ...this.state.things, ...this.#declared(change) });
  }

  /** The last commit is taken back by another one. */
  async revert(): Promise<void> {
    const before = this.#history.pop();
    if (before === undefined) return;
    const change = Object.fromEntries(namesIn(this.state).map((name) => [name, before[name]?.git]));
    await this.#say({ ...this.state.things, ...this.#declared(change) });
  }

  async deploy(): Promise<void> {
    const from = Date.now();
    const declared = namesIn(this.state).filter((name) => this.thing(name).git !== undefined);
    await Promise.all(declared.map((name) => this.replace(name, this.thing(name).git as Declared)));
    const seen = !this.state.settings.suspend;
    if (seen) await this.#allInSync();
    const things = { ...this.state.things };
    for (const name of declared) {
      const thing = this.thing(name);
      const git = thing.git as Declared;
      const matched = seen ? [git] : [...thing.matched, git];
      things[name] = { ...thing, live: git, matched, sure: seen, recreated: false, approved: false };
      this.touchedAt.set(name, from);
    }
    this.change({ ...this.state, things }, from, Date.now());
  }

  // What goes wrong.

  async faulty(fault: () => Promise<void> | void): Promise<void> {
    await fault();
    this.#faultAt = Date.now();
  }

  /** Somebody sets the operator's clock forward: pauses are over for it, and nothing else is. */
  async moveClock(): Promise<void> {
    const from = Date.now();
    await this.stage.moveClock();
    this.change({ ...this.state, ahead: this.stage.ahead() }, from, Date.now());
  }

  /** Another process knows of what was settled only what the status says, and has the right time. */
  async restarted(signal: NodeJS.Signals): Promise<void> {
    const from = Date.now();
    const known = this.#commits === 0 && (await this.#isSettledKnown());
    await this.faulty(() => this.stage.restart(signal));
    const things = Object.fromEntries(
      Object.entries(this.state.things).map(([name, thing]) => {
        const forgotten = thing.forgotten || thing.git === undefined;
        return [name, { ...thing, sure: thing.sure && known, forgotten }];
      }),
    );
    this.change({ ...this.state, things, ahead: this.stage.ahead() }, from, Date.now());
  }

  // What must be so.

  /** What is permitted comes about; what nobody wrote is as people left it. */
  async look(): Promise<void> {
    await eventually(
      "what may be put back is put back",
      async () => {
        const late = await this.#late();
        if (late.length === 0) return true;
        const [name = ""] = late;
        throw new Error(`${late.join(", ")}: ${await explain(this.stage, this.thing(name).namespace, name)}`);
      },
      { within: SOON, every: 100 },
    );
    const names = namesIn(this.state);
    const found = await Promise.all(names.map((name) => this.read(name)));
    const asFound = Object.fromEntries(names.map((name, at) => [name, found[at]]));
    const asLeft = (name: string): boolean => isDeepStrictEqual(asFound[name], this.thing(name).live);
    const unexplained = (): readonly string[] => names.filter((name) => !this.isWritten(name) && !asLeft(name));
    // A request under way is in the log a moment later.
    const latest = Date.now() + LOGGED;
    do {
      await wait(50);
      this.audit();
    } while (unexplained().length > 0 && Date.now() < latest);
    for (const name of unexplained()) expect({ [name]: asFound[name] }).toEqual({ [name]: this.thing(name).live });
  }

  /** All is permitted, all is deployed, all is edited once more: all comes back, and then nothing more is written. */
  async finish(): Promise<void> {
    await this.settle(open);
    for (const namespace of Object.keys(this.state.namespaces)) await this.markNamespace(namespace, undefined);
    await this.deploy();
    const names = namesIn(this.state).filter((name) => this.thing(name).git !== undefined);
    for (const [at, name] of names.entries()) {
      if (at % 5 === 4) await this.remove(name);
      else await this.edit(name, "change", at, "put");
    }
    // What is paused still may be due a moment after the look.
    const due = names.filter((name) => mustHeal(this.state, name, Date.now()));
    await this.look();
    for (const name of due) {
      const { git, kind } = this.thing(name);
      expect({ [name]: kinds[kind].read(await this.object(name)) }).toEqual({ [name]: git?.content });
    }
    await wait(500);
    this.audit();
    // What is paused for a while yet is put back when that is over, and rightly so.
    const unwell = new Set(await this.#notInSync());
    // What made it well is in the log a moment later.
    const well = Date.now();
    await wait(2_000);
    const late = this.audit().filter(({ name, at }) => at > well && !unwell.has(name));
    const why = late.flatMap(({ name }) => evidenceOf(this.stage, name)).join("\n");
    expect(late, `nothing is written once all is well\n${why}`).toEqual([]);
    await this.must("DELETE", baselinePath(this.name));
    await wait(500);
    expect(this.audit(), "a Baseline that goes takes nothing along").toEqual([]);
  }

  async #notInSync(): Promise<readonly string[]> {
    const names = namesIn(this.state);
    const isOut = async (name: string): Promise<boolean> => {
      const { git } = this.thing(name);
      const live = await this.read(name);
      return git === undefined ? live !== undefined : !isInSync(live, git);
    };
    const out = await Promise.all(names.map(isOut));
    return names.filter((_, at) => out[at]);
  }

  async #late(): Promise<readonly string[]> {
    const isLate = async (name: string): Promise<boolean> => {
      const { git, namespace, edits } = this.thing(name);
      if (git === undefined || !mustHeal(this.state, name, Date.now())) return false;
      if (isInSync(await this.read(name), git)) return false;
      // A fight with somebody who leaves no name is no mistake: he may be the same one each time.
      return edits < FIGHT || (await waitingFor(this.stage, namespace, name)) !== "fight";
    };
    const names = namesIn(this.state);
    const late = await Promise.all(names.map(isLate));
    return names.filter((_, at) => late[at]);
  }

  #spec({ mode, scope, approval, causes, prune, suspend }: Settings): JsonObject {
    this.#marker += 1;
    // Of no use to anybody but us: the metrics say at once which settings are in force.
    const minCompliance = this.#marker / 10_000;
    // Not what this test is about: the shop is small, and most of it is edited at once.
    const limits = { maxPerMinute: 600, maxObjectsPerRevision: 10_000, maxPercent: 100, retries: 20 };
    return { mode, suspend, minCompliance, remediation: { scope, approval, causes: [...causes], prune, limits } };
  }

  /** A status is written a moment after what it says. */
  async #isSettledKnown(): Promise<boolean> {
    const { body } = await this.stage.send("GET", baselinePath(this.name));
    const source = getIn(body, "status", "source");
    const settled = getIn(source, "settledRevision");
    return settled !== undefined && settled === getIn(source, "revision");
  }

  async #acknowledged(): Promise<void> {
    const wanted = this.#marker / 10_000;
    await this.#known("has its settings", "plumbline_baseline_compliance_target_ratio", wanted);
  }

  /** Until the metrics of the leader say so: the status is written seldom, and they are read from memory. */
  async #known(what: string, metric: string, wanted: number): Promise<void> {
    await eventually(
      `${this.name} ${what}`,
      async () => {
        const found = await metricOf(this.stage, metric, { baseline: this.name });
        if (found === wanted) return true;
        const leads = await metricOf(this.stage, "leader_election_master_status", {});
        throw new Error(`${found}, not ${wanted}; leads: ${leads}\n${this.stage.operator().log().slice(-3_000)}`);
      },
      { within: LATEST, every: 10 },
    );
  }

  async #allInSync(): Promise<void> {
    const wanted = namesIn(this.state).filter((name) => this.thing(name).git !== undefined).length;
    let found: number | undefined;
    await eventually(
      `all ${wanted} of ${this.name} in sync`,
      async () => {
        const labels = { baseline: this.name, verdict: "in-sync" };
        found = await metricOf(this.stage, "plumbline_baseline_objects", labels);
        if (found !== wanted) throw new Error(`${found}`);
        return true;
      },
      { within: LATEST, every: 20 },
    );
  }

  #declared(change: Readonly<Record<string, Declared | undefined>>): State["things"] {
    return Object.fromEntries(
      Object.entries(change).map(([name, git]) => {
        const thing = this.thing(name);
        const same =
          git === undefined ? thing.git === undefined : thing.git !== undefined && sameDeclared(git, thing.git);
        if (same) return [name, thing];
        // As it would be where it was put back in the meantime.
        const { content, marks } = thing.lastGit;
        const healed: Declared = { content, marks: { ...thing.live?.marks, ...marks } };
        const matches = git !== undefined && (isInSync(healed, git) || isInSync(thing.live, git));
        const matched = matches ? [...thing.matched, git] : thing.matched;
        const forgotten = thing.forgotten && git === undefined;
        const lastGit = git ?? thing.lastGit;
        return [name, { ...thing, git, lastGit, forgotten, matched, sure: false, approved: false }];
      }),
    );
  }

  async #say(things: State["things"]): Promise<void> {
    const from = Date.now();
    this.#commits += 1;
    const at = this.#commitTree(things);
    const annotations = { "plumbline.dev/requested-at": `${from}-${this.next()}` };
    await this.must("PATCH", baselinePath(this.name), { metadata: { annotations } }, merge);
    await this.#known("has the commit", "plumbline_source_revision_timestamp_seconds", at);
    this.change({ ...this.state, things }, from, Date.now());
  }

  #commitTree(things: State["things"]): number {
    const files = Object.entries(things).flatMap(([name, thing]) =>
      thing.git === undefined ? [] : [[`${this.name}/${name}.yaml`, JSON.stringify(this.body(name, thing.git))]],
    );
    const at = 1_790_000_000 + Number(this.name.slice(1)) * 100_000 + this.next();
    this.stage.repository.commit(Object.fromEntries(files), { at });
    return at;
  }
}
