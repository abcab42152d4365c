/**
 * Random commits, edits, faults and restarts, in any order, against what must hold whatever happens: the counts add
 * up, nothing unseen is in sync, a second look says nothing new, every difference is found and nothing else, a fault
 * of one concerns no other, and nothing is announced twice.
 */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatJson } from "../../src/model/json.ts";
import { formatId, idKey } from "../../src/model/resource.ts";
import { isStanding } from "../../src/model/verdict.ts";
import { baseline, configMap, idIn, inNamespace, minute, secret } from "../support/scenario/samples.ts";
import { World } from "../support/scenario/world.ts";

const names = ["a", "b", "c", "d"] as const;
const values = ["1", "2", "3"] as const;
type Name = (typeof names)[number];

type Step =
  | { readonly do: "commit"; readonly objects: readonly (readonly [Name, string])[] }
  | { readonly do: "edit"; readonly name: Name; readonly value: string }
  | { readonly do: "remove"; readonly name: Name }
  | { readonly do: "tick"; readonly minutes: number }
  | { readonly do: "deploy" | "restart" | "break source" | "mend source" | "forbid" | "allow" };

/** Two kinds, so that a fault of one has another to spare. */
const objectOf = (name: Name, value: string) =>
  name === "a" || name === "b" ? configMap(name, { size: value }) : secret(name, { size: value });

const anyName = fc.constantFrom(...names);
const anyValue = fc.constantFrom(...values);
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constant("commit" as const),
        objects: fc.uniqueArray(fc.tuple(anyName, anyValue), { selector: ([name]) => name, minLength: 1 }),
      }),
    },
    { weight: 5, arbitrary: fc.record({ do: fc.constant("edit" as const), name: anyName, value: anyValue }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("remove" as const), name: anyName }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("tick" as const), minutes: fc.constantFrom(1, 4, 11) }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constantFrom("deploy", "restart", "break source", "mend source", "forbid", "allow"),
      }),
    },
  ),
  { maxLength: 25 },
);

const shop = baseline();
const other = baseline("other", { targetNamespace: "other" });

class Run {
  readonly world = new World({ baselines: [shop, other] });
  /** What the last commit that the source could fetch declares. */
  #declared = new Map<Name, string>();
  #fetchedAt = 0;
  #broken = false;
  forbidden = false;

  async start(): Promise<void> {
    this.world.live.write(inNamespace(configMap("steady", { size: "1" }), "other"));
    await this.world.commit([configMap("steady", { size: "1" })], [], other.key);
  }

  async step(step: Step): Promise<void> {
    const { world } = this;
    switch (step.do) {
      case "commit":
        await world.commit(
          step.objects.map(([name, value]) => objectOf(name, value)),
          [],
          shop.key,
        );
        return this.#fetched();
      case "edit":
        return world.edit(objectOf(step.name, step.value));
      case "remove":
        return world.remove(objectOf(step.name, ""));
      case "tick":
        return world.tick(step.minutes * minute);
      case "deploy":
        if (!this.#broken) await world.deploy(shop.key);
        return;
      case "restart":
        await world.restart();
        return;
      case "break source":
        this.#broken = true;
        world.repositories.of(shop.key).failure = { code: "source-unreachable", message: "no route" };
        world.sources.poll(shop.key);
        return world.settle();
      case "mend source":
        this.#broken = false;
        world.repositories.of(shop.key).failure = undefined;
        world.sources.poll(shop.key);
        await world.settle();
        return this.#fetched();
      case "forbid":
      case "allow":
        this.forbidden = step.do === "forbid";
        world.live.force("v1/Secret", this.forbidden ? "forbidden" : undefined);
        return world.settle();
    }
  }

  #fetched(): void {
    if (this.#broken) return;
    const objects = this.world.repositories.of(shop.key).commits.at(-1)?.objects ?? [];
    const declared = new Map(
      objects.map((object) => [String(object.metadata["name"]) as Name, (object["data"] as { size: string }).size]),
    );
    if (formatJson([...declared]) !== formatJson([...this.#declared])) this.#fetchedAt = this.world.clock.now();
    this.#declared = declared;
  }

  /** Nothing is known of Git where a restart met a source that was away. */
  get blind(): boolean {
    return this.world.state(shop.key).source.lastSuccessAt === undefined;
  }

  check(): void {
    const { world } = this;
    if (this.blind) return;
    world.expectAddsUp(shop.key);
    world.expectCounted(shop.key);
    world.expectCounted(other.key);
    const graceOver = world.clock.now() >= this.#fetchedAt + shop.gracePeriod;
    for (const name of names) {
      const id = idIn(objectOf(name, ""));
      const kind = world.engine.judgement(shop.key, id)?.verdict.kind;
      const live = world.live.get(id);
      const value = this.#declared.get(name);
      const hidden = this.forbidden && id.kind === "Secret";
      const about = `${formatId(id)}: Git ${value ?? "-"}, live ${formatJson(live?.["data"] ?? null)}`;
      if (value === undefined) {
        if (hidden) expect([undefined, "unknown"], about).toContain(kind);
        else expect([undefined, ...(live === undefined ? [] : ["unmanaged"])], about).toContain(kind);
      } else if (hidden) expect(kind, about).toBe("unknown");
      else if (live === undefined) expect(["missing", ...(graceOver ? [] : ["pending"])], about).toContain(kind);
      else if (formatJson(live) === formatJson(inNamespace(objectOf(name, value)))) expect(kind, about).toBe("in-sync");
      else expect(["drifted", ...(graceOver ? [] : ["pending"])], about).toContain(kind);
    }
  }

  /** A second look, without anything having happened, says nothing and writes nothing. */
  async checkSilence(): Promise<void> {
    const { world } = this;
    const before = {
      transitions: world.transitions.length,
      states: world.stateChanges,
      confirmed: world.live.confirmed,
    };
    world.engine.recheckBaseline(shop.key);
    await world.settle();
    expect(world.transitions.slice(before.transitions)).toEqual([]);
    expect(world.stateChanges).toBe(before.states);
    expect(world.live.confirmed).toBe(before.confirmed);
  }

  checkNeighbour(): void {
    expect([...this.world.engine.judgements(other.key)].map(({ verdict }) => verdict.kind)).toEqual(["in-sync"]);
    const told = this.world.transitions.filter(({ baseline, replayed, before }) => {
      return baseline === other.key && !replayed && before !== undefined;
    });
    expect(told, "a fault elsewhere says nothing about this one").toEqual([]);
  }

  /** An object that stands as drifted, missing or unmanaged is announced as such once, until it was resolved. */
  checkAnnouncedOnce(): void {
    const standing = new Set<string>();
    for (const { id, before, after, replayed } of this.world.transitions) {
      const key = idKey(id);
      const stands = after !== undefined && isStanding(after.verdict);
      const begins = stands && !replayed && (before === undefined || !isStanding(before.verdict));
      if (begins) expect(standing.has(key), `${key} is announced twice`).toBe(false);
      if (stands) standing.add(key);
      else if (after?.verdict.kind !== "unknown") standing.delete(key);
    }
  }
}

test("whatever happens, in whatever order", async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      const run = new Run();
      try {
        await run.start();
        for (const step of script) {
          await run.step(step);
          run.check();
          await run.checkSilence();
          run.checkNeighbour();
        }
        run.checkAnnouncedOnce();
        // Once all faults are over and all grace has run out, the truth is all there is.
        await run.step({ do: "allow" });
        await run.step({ do: "mend source" });
        await run.step({ do: "tick", minutes: 11 });
        run.check();
        expect(run.world.state(shop.key).counts.pending).toBe(0);
      } finally {
        await run.world.stop();
      }
    }),
    { numRuns: 150 },
  );
}, 60_000);
