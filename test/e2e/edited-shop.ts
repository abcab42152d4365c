/**
 * A shop of ConfigMaps that people edit by hand while things fail around it, and the questions that must be answered
 * the same afterwards: what is drifted, what was told, what was written. Written is what the API server's audit log has.
 */
import { expect } from "vitest";
import { getIn, type Json, type JsonObject } from "../../src/model/json.ts";
import { writesOf, type Write } from "./audit.ts";
import { eventually } from "./operator.ts";
import { configMap, configMapPath, inNamespace, setScene, yaml, type Scene } from "./scene.ts";

export const namespace = "shop";
/** Each test has objects of its own: of one object and reason there is one Event in ten minutes. */
const groups = ["a", "b", "c", "d", "e", "f", "g", "h", "i"];
const plain = ["c0", "c1", "c2", "c3", "c4", "c5"];
const enabled = { "plumbline.dev/remediate": "enabled" };
const disabled = { "plumbline.dev/remediate": "disabled" };
/** `h…` are opted in, `out` is opted out. */
const names = [...plain, "h0", "h1", "out"];
const marksOf = (name: string): JsonObject => (name.startsWith("h") ? enabled : name === "out" ? disabled : {});
const all: readonly JsonObject[] = [
  ...groups.flatMap((of) => names.map((name) => configMap(`${of}-${name}`, { colour: "green" }, marksOf(name)))),
  // In sync, and with a word that nobody can read: no restart may tell of it again.
  configMap("marked", { colour: "green" }, { "plumbline.dev/severity": "urgent" }),
];

export interface EditedShop {
  readonly scene: Scene;
  /** All green again, and the next test's objects from here on. */
  nextTest(): Promise<void>;
  /** The full name of an object of the present test. */
  full(name: string): string;
  edit(name: string, colour: string): Promise<void>;
  colourOf(name: string): Promise<Json | undefined>;
  untilGreen(name: string): Promise<void>;
  untilRecorded(name: string): Promise<void>;
  /** Exactly these are drifted, each by the one path that was edited, and everything else is in sync. */
  converges(wanted: readonly string[]): Promise<void>;
  /** Writes of the operator since the test began. */
  writes(): readonly Write[];
  /** Those that were let through, to what is not Plumbline's own: `patch h0`, sorted. */
  heals(): readonly string[];
  /** What was told of the present test's objects, `Drifted c0`, with how often. */
  news(): Promise<Readonly<Record<string, number>>>;
  untilTold(...wanted: readonly string[]): Promise<void>;
  /** Forgets the writes until now. */
  fromNow(): void;
}

export async function setEditedShop(): Promise<EditedShop> {
  const scene = await setScene({ audit: true });
  await scene.namespace(namespace);
  scene.repository("shop").commit({ "all.yaml": yaml(...all) });
  await scene.deploy(all.map((object) => inNamespace(namespace, object)));
  await scene.declare("shop", "shop", { targetNamespace: namespace, mode: "Remediate" });

  let group = "";
  let since = "";
  let edits = 0;
  const full = (name: string): string => `${group}-${name}`;
  /** Each time somebody else: one who came back after three heals would be fought with. */
  const edit = (name: string, colour: string): Promise<void> => {
    edits += 1;
    return scene.edit(namespace, full(name), { colour }, `person-${edits}`);
  };
  const colourOf = async (name: string): Promise<Json | undefined> =>
    getIn(await scene.send("GET", configMapPath(namespace, full(name))), "data", "colour");

  const converges = async (wanted: readonly string[]): Promise<void> => {
    const ask = async (): Promise<true> => {
      const found = await scene.drifts();
      expect(found.map(({ object, verdict, paths }) => [object, verdict, ...paths].join(" ")).sort()).toEqual(
        wanted.map((name) => `ConfigMap ${namespace}/${full(name)} drifted .data.colour`).sort(),
      );
      const others = { unknown: 0, unmanaged: 0, missing: 0, pending: 0, terminating: 0, excluded: 0 };
      const counts = { ...others, drifted: wanted.length, inSync: all.length - wanted.length, total: all.length };
      expect(getIn(await scene.status("shop"), "objects")).toEqual(counts);
      return true;
    };
    await eventually(`exactly ${wanted.join(", ")} drifted`, ask, { within: 90_000, every: 200 });
  };

  const writes = (): readonly Write[] => writesOf(scene.plane, since);

  const news = async (): Promise<Readonly<Record<string, number>>> => {
    const sums: Record<string, number> = {};
    const prefix = `ConfigMap ${namespace}/${group}-`;
    for (const { reason, regarding, count } of await scene.events()) {
      if (!regarding.startsWith(prefix)) continue;
      const key = `${reason} ${regarding.slice(prefix.length)}`;
      sums[key] = (sums[key] ?? 0) + count;
    }
    return sums;
  };

  const fromNow = (): void => {
    since = new Date().toISOString();
  };

  return {
    scene,
    full,
    edit,
    colourOf,
    converges,
    writes,
    news,
    fromNow,
    async nextTest() {
      if (group !== "") for (const name of names) if ((await colourOf(name)) !== "green") await edit(name, "green");
      await converges([]);
      const next = groups[groups.indexOf(group) + 1];
      if (next === undefined) throw new Error("no objects are left for another test");
      group = next;
      fromNow();
    },
    async untilGreen(name) {
      await eventually(`${name} is put back`, async () => (await colourOf(name)) === "green" || undefined, {
        within: 60_000,
      });
    },
    async untilRecorded(name) {
      const wanted = `ConfigMap ${namespace}/${full(name)}`;
      await eventually(
        `${name} is recorded`,
        async () => (await scene.drifts()).some(({ object }) => object === wanted) || undefined,
      );
    },
    heals: () =>
      writes()
        .filter(({ own, code }) => !own && code < 300)
        .map(({ verb, resource, name }) => `${verb} ${resource}/${name}`.replace(`configmaps/${group}-`, ""))
        .sort(),
    async untilTold(...wanted) {
      const ask = async (): Promise<true> => {
        expect(Object.keys(await news())).toEqual(expect.arrayContaining([...wanted]));
        return true;
      };
      await eventually(`Events ${wanted.join(", ")}`, ask, { within: 60_000 });
    },
  };
}
