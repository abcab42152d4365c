/** Other ways to write the same object, as rows. Whether it is the same the server says, not the row. */
import { formatJson, getString, isArray, isObject, type Json, type JsonObject } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { formatYaml } from "../../src/cli/output/yaml-text.ts";
import { readManifests } from "../../src/sources/yaml.ts";
import { withValue } from "./editors.ts";
import { statedAt } from "./oracle.ts";
import type { Chance } from "./random.ts";
import { otherAmount } from "./amounts.ts";
import { spotsOf, type Spot } from "./spots.ts";
import type { Standing } from "./stage.ts";
import type { Type, Types } from "./types.ts";

export interface Respelling {
  readonly name: string;
  /** True where the contract says it is the same, also where the server keeps what was written. */
  readonly always?: boolean;
  /** Undefined where the object has nothing to be written otherwise. */
  readonly make: (around: Around) => Json | undefined;
}

export interface Around {
  readonly standing: Standing;
  readonly types: Types;
  readonly root: Type;
  readonly chance: Chance;
  /** `core.v1.Container.imagePullPolicy="Always"`: what the server filled in somewhere, in any object of the run. */
  readonly filledIn: ReadonlySet<string>;
}

const statedSpots = ({ standing, types, root }: Around): readonly Spot[] => spotsOf(types, root, standing.desired);

/**
 * Left out of an update they stay as they were, or, with the type, take others along that are stated: leaving them out
 * is no other word for what they say.
 */
const carriedOver: Readonly<Record<string, ReadonlySet<string>>> = {
  Service: new Set([
    "clusterIP",
    "clusterIPs",
    "healthCheckNodePort",
    "ipFamilies",
    "ipFamilyPolicy",
    "nodePort",
    "loadBalancerClass",
    "type",
  ]),
  PersistentVolumeClaim: new Set(["volumeName", "storageClassName"]),
};

/** A field that Git states, and can leave out. */
function isSaid({ standing: { desired } }: Around, spot: Spot): boolean {
  const { parent, value, path } = spot;
  const stays = carriedOver[desired.kind]?.has(lastField(spot)) ?? false;
  return parent?.shape === "struct" && value !== undefined && path.length > 1 && !stays;
}

/** Every spot that fits and gets another value, one after the other. */
function rewrite(around: Around, other: (spot: Spot) => Json | undefined): Json | undefined {
  let made: Json = around.standing.desired;
  let any = false;
  for (const spot of statedSpots(around)) {
    const next = other(spot);
    if (next === undefined) continue;
    made = withValue(made, spot.tokens, next);
    any = true;
  }
  return any ? made : undefined;
}

/** Some absent fields get a value that may mean nothing. */
function fill(around: Around, count: number, other: (spot: Spot) => Json | undefined): Json | undefined {
  const absent = statedSpots(around).filter(
    ({ value, parent, path }) => value === undefined && parent?.shape === "struct" && path.length > 1,
  );
  let made: Json = around.standing.desired;
  let any = false;
  for (const spot of around.chance.shuffled(absent).slice(0, count)) {
    const next = other(spot);
    if (next === undefined) continue;
    made = withValue(made, spot.tokens, next);
    any = true;
  }
  return any ? made : undefined;
}

const isQuantity = ({ name, schema }: Type): boolean =>
  name.endsWith(".Quantity") ||
  (schema["x-kubernetes-int-or-string"] === true && (getString(schema, "pattern") ?? "").includes("[KMGTPE]i"));

export function filledInKey(spot: Spot): string | undefined {
  const field = spot.path.at(-1);
  if (spot.parent?.shape !== "struct" || spot.parent.name === "" || field?.type !== "field") return undefined;
  if (typeof spot.value === "object" || spot.value === undefined) return undefined;
  return `${spot.parent.name}.${field.name}=${JSON.stringify(spot.value)}`;
}

/** As the server says it, without what only the server says. */
function everythingSaid({ standing: { desired, live } }: Around): Json {
  const { status: _status, metadata, ...rest } = live;
  const { name, namespace, labels, annotations, finalizers } = metadata;
  const marks = Object.entries({ name, namespace, labels, annotations, finalizers });
  const kept = Object.fromEntries(marks.filter(([, value]) => value !== undefined)) as JsonObject;
  const named = desired.metadata["name"] === undefined ? { ...kept, name: name ?? "" } : kept;
  return { ...rest, metadata: named };
}

function mirrored(value: Json): Json {
  if (isArray(value)) return value.map(mirrored);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, entry]) => [key, mirrored(entry)]),
  );
}

const ordered: ReadonlySet<string> = new Set(["containers", "initContainers", "env"]);
const lastField = ({ path }: Spot): string => {
  const last = path.at(-1);
  return last?.type === "field" ? last.name : "";
};

/** Keyed lists and sets turned around, innermost first so that places stay what they were. */
function turnedLists(around: Around, shape: "map-list" | "set"): Json | undefined {
  const lists = statedSpots(around).filter(
    (spot) =>
      spot.type.shape === shape && isArray(spot.value) && spot.value.length > 1 && !ordered.has(lastField(spot)),
  );
  let made: Json = around.standing.desired;
  for (const spot of lists.toReversed()) {
    const at = spot.tokens.reduce<Json | undefined>((value, token) => {
      return isArray(value) ? value[Number(token)] : isObject(value) ? value[String(token)] : undefined;
    }, made);
    if (isArray(at)) made = withValue(made, spot.tokens, at.toReversed());
  }
  return lists.length > 0 ? made : undefined;
}

function stringDataOf({ standing: { desired } }: Around): Json | undefined {
  const { data, ...rest } = desired;
  if (desired.kind !== "Secret" || !isObject(data) || rest["stringData"] !== undefined) return undefined;
  const texts = Object.entries(data).map(([key, value]) => [
    key,
    Buffer.from(String(value), "base64").toString("utf8"),
  ]);
  const stringData = Object.fromEntries(texts) as JsonObject;
  const back = Object.entries(stringData).every(([key, text]) => {
    return Buffer.from(String(text)).toString("base64") === String(data[key]).replaceAll(/\s/g, "");
  });
  return back && Object.keys(stringData).length > 0 ? { ...rest, stringData } : undefined;
}

function reread(text: string): Json | undefined {
  const { objects, problems } = readManifests(text, "truth");
  return problems.length === 0 && objects.length === 1 ? objects[0]?.object : undefined;
}

const emptyOf = ({ type }: Spot): Json | undefined => {
  if (type.shape === "map" || type.shape === "struct") return {};
  return type.shape === "scalar" || type.shape === "free" ? undefined : [];
};

const zeroOf = ({ type }: Spot): Json | undefined => {
  if (type.shape !== "scalar" || type.name !== "") return undefined;
  const zeros: Readonly<Record<string, Json>> = { string: "", integer: 0, number: 0, boolean: false };
  return zeros[getString(type.schema, "type") ?? ""];
};

const asObject = ({ standing }: Around): KubeObject => standing.desired;

export const respellings: readonly Respelling[] = [
  {
    name: "quantities in other units",
    always: true,
    make: (around) =>
      rewrite(around, ({ type, value }) => (isQuantity(type) && value !== undefined ? otherAmount(value) : undefined)),
  },
  { name: "everything the server says, said", make: everythingSaid },
  {
    name: "one default said",
    make: (around) => {
      const { types, root, standing, chance } = around;
      const spots = spotsOf(types, root, standing.live).filter(
        (spot) =>
          spot.parent?.shape === "struct" &&
          spot.value !== undefined &&
          statedAt(standing.desired, spot.path) === undefined &&
          statedAt(standing.desired, spot.path.slice(0, -1)) !== undefined &&
          spot.path.every((element) => element.type === "field"),
      );
      if (spots.length === 0) return undefined;
      const spot = chance.pick(spots);
      return withValue(standing.desired, spot.tokens, spot.value);
    },
  },
  {
    name: "defaults dropped",
    make: (around) => {
      const said = statedSpots(around).filter(
        (spot) => isSaid(around, spot) && around.filledIn.has(filledInKey(spot) ?? ""),
      );
      let made: Json = asObject(around);
      for (const spot of said.toReversed()) made = withValue(made, spot.tokens, undefined);
      return said.length > 0 ? made : undefined;
    },
  },
  {
    name: "one field dropped",
    make: (around) => {
      const said = statedSpots(around).filter((spot) => isSaid(around, spot));
      return said.length === 0 ? undefined : withValue(asObject(around), around.chance.pick(said).tokens, undefined);
    },
  },
  { name: "maps in another order", make: (around) => mirrored(asObject(around)) },
  { name: "keyed lists in another order", make: (around) => turnedLists(around, "map-list") },
  { name: "sets in another order", make: (around) => turnedLists(around, "set") },
  { name: "an empty map or list said", make: (around) => fill(around, 1, emptyOf) },
  {
    name: "many empties said",
    make: (around) => fill(around, 12, (spot) => (spot.type.shape === "struct" ? undefined : emptyOf(spot))),
  },
  { name: "a zero said", make: (around) => fill(around, 1, zeroOf) },
  { name: "many zeros said", make: (around) => fill(around, 4, zeroOf) },
  { name: "nulls said", make: (around) => fill(around, 12, () => null) },
  {
    name: "null in the place of a field",
    make: (around) => {
      const said = statedSpots(around).filter((spot) => isSaid(around, spot));
      return said.length === 0 ? undefined : withValue(asObject(around), around.chance.pick(said).tokens, null);
    },
  },
  {
    name: "base64 over two lines",
    make: (around) =>
      rewrite(around, ({ type, value }) =>
        type.schema["format"] === "byte" && typeof value === "string" && value.length > 4 && value.length < 100_000
          ? `${value.slice(0, 4)}\n${value.slice(4)}\n`
          : undefined,
      ),
  },
  { name: "stringData for data", make: stringDataOf },
  {
    name: "the old name of serviceAccountName",
    make: (around) => {
      const spot = statedSpots(around).find(
        (one) => lastField(one) === "serviceAccountName" && one.value !== undefined,
      );
      if (spot === undefined || !spot.parent?.name.endsWith(".PodSpec")) return undefined;
      const moved = withValue(asObject(around), spot.tokens, undefined);
      return withValue(moved, [...spot.tokens.slice(0, -1), "serviceAccount"], spot.value);
    },
  },
  { name: "JSON for YAML", always: true, make: (around) => reread(formatJson(asObject(around))) },
  { name: "YAML as we print it", always: true, make: (around) => reread(formatYaml(asObject(around))) },
];
