/**
 * The book that the model-based test keeps of one run: what the world is like for Plumbline, moment by moment, and the
 * reads and writes of other people by which it changes. Each goes into the timeline as soon as the server has answered.
 */
import { expect } from "vitest";
import type { Json, JsonObject } from "../../src/model/json.ts";
import { Timeline, type Written } from "./remediation-model-audit.ts";
import { kinds, mergePatch, objectPath } from "./remediation-model-objects.ts";
import { first } from "./remediation-model-start.ts";
import {
  isInSync,
  sameDeclared,
  type Declared,
  type Marks,
  type State,
  type Thing,
} from "./remediation-model-state.ts";
import { marksOf, merge, type Stage } from "./remediation-model-world.ts";

export class Book {
  readonly timeline: Timeline;
  readonly name: string;
  protected readonly stage: Stage;
  /** When the operator wrote it last, and when somebody else was about to. */
  readonly #written = new Map<string, number>();
  protected readonly touchedAt = new Map<string, number>();
  #counter = 0;

  constructor(stage: Stage, index: number) {
    this.stage = stage;
    this.name = `m${index}`;
    this.timeline = new Timeline(first(this.name, stage.ahead()));
  }

  get state(): State {
    return this.timeline.now;
  }

  thing(name: string): Thing {
    return this.state.things[name] as Thing;
  }

  next(): number {
    this.#counter += 1;
    return this.#counter;
  }

  /** Nothing was written that might not be written at that moment. */
  audit(): readonly Written[] {
    const writes = this.stage.writes();
    for (const { name, at } of writes) this.#written.set(name, at);
    expect(writes.flatMap((write) => this.timeline.objection(write) ?? [])).toEqual([]);
    return writes;
  }

  protected body(name: string, { content, marks }: Declared): JsonObject {
    const { kind, namespace } = this.thing(name);
    const metadata = { name, namespace, ...(Object.keys(marks).length === 0 ? {} : { annotations: { ...marks } }) };
    return kinds[kind].write({ apiVersion: kinds[kind].apiVersion, kind, metadata }, content);
  }

  /** As a deployer does that replaces what is there. */
  protected async replace(name: string, declared: Declared): Promise<void> {
    const { kind, namespace } = this.thing(name);
    for (;;) {
      const { status, body } = await this.stage.send("GET", objectPath(kind, namespace, name));
      if (status === 404) {
        if (await this.create(name, declared, "deployer")) return;
        continue;
      }
      const { annotations: _old, ...metadata } = body["metadata"] as JsonObject;
      const written = kinds[kind].write(
        { ...body, metadata: { ...metadata, annotations: { ...declared.marks } } },
        declared.content,
      );
      const put = await this.stage.send("PUT", `${objectPath(kind, namespace, name)}?fieldManager=deployer`, written);
      if (put.status === 200) return;
      if (put.status !== 409 && put.status !== 404) throw new Error(`PUT ${name}: ${JSON.stringify(put.body)}`);
    }
  }

  protected async create(name: string, declared: Declared, manager: string): Promise<boolean> {
    const { kind, namespace } = this.thing(name);
    const path = `${objectPath(kind, namespace)}?fieldManager=${manager}`;
    const { status, body } = await this.stage.send("POST", path, this.body(name, declared));
    if (status === 201) return true;
    if (status === 409) return false;
    throw new Error(`POST ${name}: ${JSON.stringify(body)}`);
  }

  protected async post(name: string, declared: Declared, manager: string): Promise<void> {
    const from = Date.now();
    if (!(await this.create(name, declared, manager))) return;
    this.touched(name, from, declared, { recreated: true });
  }

  protected async write(
    name: string,
    how: "put" | "merge",
    manager: string,
    change: (before: JsonObject) => JsonObject,
    isEdit = true,
  ): Promise<void> {
    const { kind, namespace } = this.thing(name);
    const path = `${objectPath(kind, namespace, name)}?fieldManager=${manager}`;
    for (;;) {
      const from = Date.now();
      const { status, body } = await this.stage.send("GET", objectPath(kind, namespace, name));
      if (status === 404) return;
      const after = change(body);
      const written =
        how === "put"
          ? await this.stage.send("PUT", path, after)
          : await this.stage.send("PATCH", path, mergePatch(body, after), merge);
      if (written.status === 404) return;
      if (written.status === 409) continue;
      if (written.status !== 200) throw new Error(`${how} ${name}: ${JSON.stringify(written.body)}`);
      const live = { content: kinds[kind].read(written.body), marks: marksOf(written.body) };
      // An approval is for one drift and one plan; marks are neither.
      this.touched(name, from, live, isEdit ? {} : { approved: this.thing(name).approved });
      return;
    }
  }

  protected async readBack(name: string, from: number): Promise<void> {
    const live = await this.read(name);
    // It may be put back already; that it was touched is what matters.
    this.touched(name, from, live);
  }

  protected touched(name: string, from: number, live: Declared | undefined, more: Partial<Thing> = {}): void {
    const thing = this.thing(name);
    const over = { approved: false, ...more, live, edits: thing.edits + 1 };
    this.touchedAt.set(name, from);
    this.change(this.withThing(name, over), from, Date.now());
  }

  /** Since somebody else last did. */
  protected isWritten(name: string): boolean {
    return (this.#written.get(name) ?? 0) >= (this.touchedAt.get(name) ?? 1);
  }

  protected withThing(name: string, over: Partial<Thing>): State {
    return { ...this.state, things: { ...this.state.things, [name]: { ...this.thing(name), ...over } } };
  }

  protected change(state: State, from: number, until: number): void {
    const things = Object.fromEntries(
      Object.entries(state.things).map(([name, thing]) => {
        const { git, live, matched } = thing;
        if (git === undefined || matched.some((one) => sameDeclared(one, git))) return [name, thing];
        const may = isInSync(live, git) || state.settings.causes.includes("rollout");
        return [name, may ? { ...thing, matched: [...matched, git] } : thing];
      }),
    );
    this.timeline.change({ ...state, things }, from, until);
  }

  protected async object(name: string): Promise<JsonObject> {
    const { kind, namespace } = this.thing(name);
    return (await this.stage.send("GET", objectPath(kind, namespace, name))).body;
  }

  protected async read(name: string): Promise<Declared | undefined> {
    const { kind, namespace } = this.thing(name);
    const { status, body } = await this.stage.send("GET", objectPath(kind, namespace, name));
    if (status === 404) return undefined;
    const marks: Marks = marksOf(body);
    return { content: kinds[kind].read(body), marks };
  }

  protected async must(method: string, path: string, body?: Json, contentType?: string): Promise<void> {
    const answer = await this.stage.send(method, path, body, contentType);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
}
