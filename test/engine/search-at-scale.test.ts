/** What it takes to search among very many objects: slices of it, few looks, and nothing at all once it is done. */
import { expect, test } from "vitest";
import { createEngine } from "../../src/engine/controller.ts";
import type { SearchPort } from "../../src/engine/ports.ts";
import type { Baseline } from "../../src/model/baseline.ts";
import { declare } from "../../src/model/desired.ts";
import type { LiveView } from "../../src/model/live.ts";
import type { ResourceId } from "../../src/model/resource.ts";
import { ManualClock, settle } from "../support/manual-clock.ts";
import { FakeLive } from "../support/scenario/fake-live.ts";
import { FakeSearch } from "../support/scenario/fake-search.ts";
import { baseline, configMap, inNamespace } from "../support/scenario/samples.ts";
import { stillPorts } from "../support/scenario/still-ports.ts";

const declaredCount = 2_000;
const handMade = 3_000;
/** A round of the loop has a thousand steps (`runtime/breath.ts`), each with a look or two. */
const PER_ROUND = 2_100;

class CountingSearch extends FakeSearch {
  looks = 0;

  override glimpse(id: ResourceId, version: string): LiveView {
    this.looks += 1;
    return super.glimpse(id, version);
  }
}

async function open(applied: Baseline) {
  const clock = new ManualClock();
  const live = new FakeLive(clock);
  const search = new CountingSearch(live);
  const published: string[] = [];
  const engine = createEngine({
    ...stillPorts(live, clock),
    search: search satisfies SearchPort,
    publish: ({ id, after }) => published.push(`${id.name} ${after?.verdict.kind ?? "left"}`),
  });
  live.told = {
    changed: (id, version, receivedAt) => engine.liveChanged(id, version, receivedAt),
    states: () => engine.watchesChanged(),
  };
  const objects = Array.from({ length: declaredCount }, (_, at) => configMap(`d${at}`, { a: "b" }));
  for (const object of objects) live.write(inNamespace(object));
  for (let at = 0; at < handMade; at += 1) live.write(configMap(`h${at}`, {}, "shop"));
  for (let at = 0; at < handMade; at += 1) live.write(configMap(`f${at}`, {}, "far"));
  const abort = new AbortController();
  const running = engine.run(abort.signal);
  engine.baselineApplied(applied, {});
  engine.baselinesSynced();
  engine.sourceOutcome(applied.key, {
    kind: "rendered",
    snapshot: {
      revision: { ref: "main", commit: "1".padStart(40, "0") },
      objects: objects.map((object, index) => declare(object, { file: "all.yaml", line: 1, index })),
      problems: [],
      fetchedAt: clock.now(),
    },
  });
  const settled = async (): Promise<void> => {
    for (let round = 0; round < 200; round += 1) await settle();
  };
  await settled();
  const stop = async (): Promise<void> => {
    abort.abort();
    await running;
  };
  return { engine, search, live, published, settled, stop };
}

const plain = baseline("shop", { gracePeriod: 0 });
const searched = baseline("shop", { gracePeriod: 0, generation: 2, unmanaged: { scope: "Namespaces" } });

test("without a scope nothing is searched; with one, what nobody declares is looked at in slices, and the rest passed over", async () => {
  const { engine, search, settled, stop } = await open(plain);
  expect(search.named + search.looks).toBe(0);
  engine.baselineApplied(searched, {});
  let most = 0;
  for (let round = 0; round < 100; round += 1) {
    const before = search.looks;
    await new Promise<void>((resolve) => void setImmediate(resolve));
    most = Math.max(most, search.looks - before);
  }
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(PER_ROUND);
  await settled();
  expect(engine.state(plain.key)?.counts).toMatchObject({ "in-sync": declaredCount, unmanaged: handMade });
  // Once to find it and a few times to judge it; of what is declared, and of what is elsewhere, nothing.
  expect(search.looks).toBeLessThanOrEqual(handMade * 7);
  await stop();
});

test("then one change is one look, and a commit none at all", async () => {
  const { engine, search, live, published, settled, stop } = await open(searched);
  expect(engine.state(plain.key)?.counts.unmanaged).toBe(handMade);
  const { named, looks } = search;
  published.length = 0;
  live.write(configMap("far-away", {}, "far"));
  live.write(inNamespace(configMap("d7", { a: "c" })));
  await settled();
  expect(search.looks).toBe(looks);
  live.write(configMap("new", {}, "shop"));
  await settled();
  expect(search.looks - looks).toBeLessThan(8);
  expect(search.named).toBe(named);
  expect(published).toEqual(["d7 drifted", "new unmanaged"]);
  await stop();
});
