/**
 * Three processes that share the Baselines among them, from the chart's StatefulSet: each Baseline has exactly one that
 * judges, tells and counts it; one that is killed is missed by its own Baselines only; an object that two shards
 * declare is put back by neither; and while the layout changes nobody has two masters.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { getIn, getString, type JsonObject } from "../../src/model/json.ts";
import { shardOf } from "../../src/model/shard.ts";
import { baselineKey } from "../../src/model/snapshot.ts";
import { tokenId, writesOf } from "./audit.ts";
import { earlyInTheMinute } from "./minute.ts";
import { defaultNamespace, eventually, readMetric, type Operator } from "./operator.ts";
import { configMap, configMapPath, inNamespace, setScene, yaml, type Scene } from "./scene.ts";

const count = 3;
const enabled: JsonObject = { "plumbline.dev/remediate": "enabled" };
/** Two Baselines for each shard, by the first names that fall to it. */
const names = Array.from({ length: count }, (_, shard) =>
  Array.from({ length: 99 }, (__, at) => `app-${at}`)
    .filter((name) => shardOf(baselineKey(defaultNamespace, name), count) === shard)
    .slice(0, 2),
).flat();
const shardOfName = (name: string): number => shardOf(baselineKey(defaultNamespace, name), count);
const of = (shard: number): readonly string[] => names.filter((name) => shardOfName(name) === shard);
/** Declared by a Baseline of shard 0 and one of shard 1. */
const disputed = configMap("disputed", { colour: "green" }, enabled);
const sharing = [of(0)[0] ?? "", of(1)[0] ?? ""];
/** One object per edit: of one object and reason there is one Event in ten minutes. */
const objects = ["a", "b", "c", "d", "e", "f"];
const own = [
  ...objects.map((name) => configMap(name)),
  ...objects.map((name) => configMap(`h${name}`, { colour: "green" }, enabled)),
];

let scene: Scene;
const running = new Map<string, Operator>();
const began = new Date().toISOString();

const start = async (pod: string, args: readonly string[] = []): Promise<Operator> => {
  const operator = await scene.start({ podName: pod, freshPorts: true, args });
  running.set(pod, operator);
  await operator.ready(60_000);
  return operator;
};
const stop = async (pod: string, signal: NodeJS.Signals): Promise<void> => {
  await running.get(pod)?.stop(signal);
  running.delete(pod);
};
const leads = (pod: string): Promise<unknown> =>
  eventually(
    `${pod} leads`,
    async () => (await running.get(pod)?.metric("leader_election_master_status")) === 1 || undefined,
    {
      within: 40_000,
    },
  );
/** A sum over all Pods, as Prometheus makes it. */
const sum = async (name: string, labels: Readonly<Record<string, string>>): Promise<number | undefined> => {
  const texts = await Promise.all([...running.values()].map((operator) => operator.metrics()));
  return readMetric(texts.join("\n"), name, labels);
};
const holders = async (name: string): Promise<readonly string[]> => {
  const texts = await Promise.all([...running].map(async ([pod, one]) => [pod, await one.metrics()] as const));
  return texts.flatMap(([pod, text]) =>
    readMetric(text, "plumbline_baseline_info", { baseline: name }) === undefined ? [] : [pod],
  );
};
const isGreen = async (name: string, object: string): Promise<void> => {
  await eventually(`${name}/${object} is put back`, async () => {
    const found = await scene.send("GET", configMapPath(name, object));
    return getIn(found, "data", "colour") === "green" || undefined;
  });
};
/** `Drifted`, by the namespace and name of the object; each with how often. */
const told = async (object: string): Promise<Readonly<Record<string, number>>> => {
  const found: Record<string, number> = {};
  for (const { reason, regarding, count: times } of await scene.events()) {
    if (!regarding.startsWith("ConfigMap ") || !regarding.endsWith(`/${object}`)) continue;
    const key = `${reason} ${regarding.slice("ConfigMap ".length, -object.length - 1)}`;
    found[key] = (found[key] ?? 0) + times;
  }
  return found;
};
const each = (reasons: readonly string[], which: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(which.flatMap((name) => reasons.map((reason) => [`${reason} ${name}`, 1])));
const isTold = (object: string, wanted: Readonly<Record<string, number>>): Promise<unknown> =>
  eventually(
    `Events of ${object}`,
    async () => {
      expect(await told(object)).toEqual(wanted);
      return true;
    },
    { within: 30_000 },
  );
const drifted = (name: string, total: number): Promise<unknown> =>
  eventually(
    `${name} has ${total} drifted`,
    async () =>
      (await sum("plumbline_baseline_objects", { baseline: name, verdict: "drifted" })) === total || undefined,
    { within: 40_000 },
  );
/** Long enough for what was done wrong to show. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 3_000));

beforeAll(async () => {
  scene = await setScene({
    audit: true,
    values: {
      "sharding.count": count,
      "leaderElection.leaseDuration": "6s",
      "leaderElection.renewDeadline": "4s",
      "leaderElection.retryPeriod": "800ms",
    },
  });
  await scene.namespace("shared");
  const files: Record<string, string> = {};
  for (const name of names) {
    await scene.namespace(name);
    await scene.deploy(own.map((object) => inNamespace(name, object)));
    files[`${name}/all.yaml`] = yaml(...own);
    if (sharing.includes(name)) files[`${name}/disputed.yaml`] = yaml(inNamespace("shared", disputed));
  }
  await scene.deploy([inNamespace("shared", disputed)]);
  scene.repository("apps").commit(files);
  for (const name of names) await scene.declare(name, "apps", { path: name, targetNamespace: name, mode: "Remediate" });
  await Promise.all([0, 1, 2].map((shard) => start(`plumbline-${shard}`)));
  await Promise.all([0, 1, 2].map((shard) => leads(`plumbline-${shard}`)));
});
afterAll(() => scene?.stop());

test("each Baseline is at home in one process, which alone writes of it, and sums over Pods are true", async () => {
  for (const name of names) {
    const total = own.length + (sharing.includes(name) ? 1 : 0);
    await eventually(`${name} is in sync`, async () => {
      expect(await sum("plumbline_baseline_objects", { baseline: name, verdict: "in-sync" })).toBe(total);
      expect(getIn(await scene.status(name), "objects", "inSync")).toBe(total);
      return true;
    });
    expect(await holders(name)).toEqual([`plumbline-${shardOfName(name)}`]);
    expect(await sum("plumbline_source_ready", { baseline: name })).toBe(1);
  }
  expect(await sum("plumbline_shard_info", { shards: String(count) })).toBe(count);
  for (const name of names) await scene.edit(name, "a", { colour: "red" });
  for (const name of names) await scene.edit(name, "ha", { colour: "red" });
  for (const name of names) await isGreen(name, "ha");
  for (const name of names) await drifted(name, 1);
  await isTold("a", each(["Drifted"], names));
  await isTold("ha", each(["Drifted", "DriftResolved", "Remediated"], names));
  const writers = new Map<string, Set<string>>();
  for (const { resource, name, by } of writesOf(scene.plane, began))
    if (resource === "baselines") writers.set(name, (writers.get(name) ?? new Set()).add(by));
  for (const name of names)
    expect([...(writers.get(name) ?? [])]).toEqual([tokenId(scene.plane, `plumbline-${shardOfName(name)}`)]);
  const heals = writesOf(scene.plane, began).filter((write) => !write.own);
  expect(heals).toHaveLength(names.length);
  await eventually("each has its one record", async () => {
    const records = (await scene.drifts()).map(({ object }) => object);
    expect(records.sort()).toEqual(names.map((name) => `ConfigMap ${name}/a`).sort());
    return true;
  });
});

test("what two shards declare is put back by neither, and both say why", async () => {
  await scene.edit("shared", "disputed", { colour: "red" });
  for (const [at, name] of sharing.entries()) {
    const other = `${defaultNamespace}/${sharing[1 - at]}`;
    await eventually(
      `${name} waits for ${other}`,
      async () => {
        const record = (await scene.drifts(name)).find(({ object }) => object === "ConfigMap shared/disputed");
        expect(getIn(record?.body, "remediation")).toMatchObject({ state: "waiting", waitingFor: "fight" });
        expect(getString(record?.body, "remediation", "message")).toContain(other);
        return true;
      },
      { within: 30_000 },
    );
  }
  await settle();
  expect(writesOf(scene.plane, began).filter((write) => !write.own && write.name === "disputed")).toEqual([]);
  await scene.edit("shared", "disputed", { colour: "green" });
  for (const name of sharing) await drifted(name, 1);
});

test("one is killed: the others go on, and its Baselines are taken up when it comes back", async () => {
  await stop("plumbline-1", "SIGKILL");
  for (const name of names) await scene.edit(name, "b", { colour: "red" });
  for (const name of names) await scene.edit(name, "hb", { colour: "red" });
  const others = names.filter((name) => shardOfName(name) !== 1);
  for (const name of others) await isGreen(name, "hb");
  for (const name of others) await drifted(name, 2);
  await isTold("b", each(["Drifted"], others));
  await settle();
  for (const name of of(1)) expect(await holders(name)).toEqual([]);
  await isTold("b", each(["Drifted"], others));
  await start("plumbline-1");
  for (const name of of(1)) await isGreen(name, "hb");
  for (const name of names) await drifted(name, 2);
  await isTold("b", each(["Drifted"], names));
  await isTold("hb", each(["Drifted", "DriftResolved", "Remediated"], names));
  // What was told before it was killed is told no more.
  await isTold("a", each(["Drifted"], names));
});

test("a shard's standby takes its Baselines over, and no others", async () => {
  await start("plumbline-4");
  expect(await running.get("plumbline-4")?.metric("plumbline_shard_info", { shard: "1" })).toBe(1);
  expect(await running.get("plumbline-4")?.metric("leader_election_master_status")).toBe(0);
  await earlyInTheMinute();
  for (const name of names) await scene.edit(name, "c", { colour: "red" });
  await stop("plumbline-1", "SIGKILL");
  for (const name of of(1)) await scene.edit(name, "hc", { colour: "red" });
  for (const name of of(1)) await isGreen(name, "hc");
  for (const name of names) await drifted(name, 3);
  for (const name of of(1)) expect(await holders(name)).toEqual(["plumbline-4"]);
  await isTold("c", each(["Drifted"], names));
  await isTold("hc", each(["Drifted", "DriftResolved", "Remediated"], of(1)));
  await settle();
  await isTold("c", each(["Drifted"], names));
  await isTold("hc", each(["Drifted", "DriftResolved", "Remediated"], of(1)));
});

test("another layout stands by until the last process of this one is gone", async () => {
  const layout = (pod: string, shard: string): Promise<Operator> => start(pod, [`--shard=${shard}`]);
  // What the first Pods of an update would be, and one that is not sharded at all.
  await layout("next-0", "0/2");
  await layout("next-1", "1/2");
  await layout("single-0", "0/1");
  await stop("plumbline-0", "SIGTERM");
  // Nobody holds the leases of shards 0 and 1 now, and of two shards they have what is shard 2's of three.
  await stop("plumbline-4", "SIGTERM");
  await earlyInTheMinute();
  for (const name of names) await scene.edit(name, "hd", { colour: "red" });
  for (const name of of(2)) await isGreen(name, "hd");
  await settle();
  for (const pod of ["next-0", "next-1", "single-0"])
    expect(await running.get(pod)?.metric("leader_election_master_status")).toBe(0);
  for (const name of names) expect(await holders(name)).toEqual(shardOfName(name) === 2 ? ["plumbline-2"] : []);
  await stop("single-0", "SIGTERM");
  await stop("plumbline-2", "SIGTERM");
  for (const pod of ["next-0", "next-1"]) await leads(pod);
  for (const name of names) await isGreen(name, "hd");
  for (const name of names) await drifted(name, 3);
  for (const name of names)
    expect(await holders(name)).toEqual([`next-${shardOf(baselineKey(defaultNamespace, name), 2)}`]);
  await isTold("hd", each(["Drifted", "DriftResolved", "Remediated"], names));
  await settle();
  await isTold("hd", each(["Drifted", "DriftResolved", "Remediated"], names));
  for (const object of ["a", "b", "c"]) expect(await told(object)).toEqual(each(["Drifted"], names));
  const heals = writesOf(scene.plane, began).filter(({ own: ours, code }) => !ours && code < 300);
  expect(heals).toHaveLength(names.length * 3 + of(1).length);
});
