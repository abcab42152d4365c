/**
 * What a server answers, made the same in every recording: names, times, addresses and keys that it draws at random are
 * replaced one for one, the rest stays as it is. Times are told by the step at which something changed. `status` is left
 * out: it is never compared, and changes by itself.
 */
import { getIn, getString, isArray, isObject, type Json, type JsonObject } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";

export interface Stable {
  /** @param key of the object */
  observe(key: string, raw: KubeObject, at: Moment): KubeObject;
}

export interface Moment {
  /** The step that was played last, from 0. */
  readonly step: number;
  /** Of steps played since the object was last observed: which manager wrote in which. Whoever else wrote did so now. */
  readonly by: ReadonlyMap<string, number>;
}

export interface StableOptions {
  /** All texts of the case: what they hold was not drawn at random. */
  readonly texts: string;
  /** PEM. */
  readonly ca: string;
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const ADDRESS = /^10\.0\.\d+\.\d+$/;
const TOKEN_VOLUME = /^kube-api-access-[a-z0-9]{5}$/;
const TOKEN = /^ZXlK[\w+/=]{200,}$/;
const PORTS = new Set(["nodePort", "healthCheckNodePort"]);
const RECENT = 3_600_000;

const timeOf = (step: number): string => new Date(Date.UTC(2026, 0, 1, 0, step)).toISOString().replace(".000Z", "Z");

/** As the server sorts them, but by the times that are told. Source: structured-merge-diff, managedfields. */
function inOrder(entries: readonly JsonObject[]): readonly JsonObject[] {
  const rank = (entry: JsonObject): string =>
    ["operation", "time", "manager", "apiVersion", "subresource"].map((key) => getString(entry, key) ?? "").join("\0");
  return entries.toSorted((one, other) => (rank(one) < rank(other) ? -1 : 1));
}

export function createStable({ texts, ca }: StableOptions): Stable {
  const drawn = new Map<string, Json>();
  const counts = new Map<string, number>();
  const before = new Map<string, { readonly raw: KubeObject; readonly told: KubeObject }>();
  const started = Date.now();
  const ca64 = Buffer.from(ca).toString("base64");

  function replaced(what: string, value: Json, make: (count: number) => Json): Json {
    const key = `${what} ${String(value)}`;
    const known = drawn.get(key);
    if (known !== undefined) return known;
    const count = (counts.get(what) ?? 0) + 1;
    counts.set(what, count);
    const made = make(count);
    drawn.set(key, made);
    return made;
  }

  function text(value: string, was: { raw: Json | undefined; told: Json | undefined }, step: number): string {
    if (TIME.test(value) && Math.abs(Date.parse(value) - started) < RECENT)
      return was.raw === value && typeof was.told === "string" ? was.told : timeOf(step);
    if (texts.includes(value)) return value;
    if (ADDRESS.test(value)) return String(replaced("address", value, (count) => `10.0.0.${count + 10}`));
    if (TOKEN_VOLUME.test(value)) return "kube-api-access-aaaaa";
    if (TOKEN.test(value)) return Buffer.from("token").toString("base64");
    if (value === ca) return "CA";
    if (value === ca64) return Buffer.from("CA").toString("base64");
    return String(drawn.get(`uid ${value}`) ?? value);
  }

  function walk(value: Json, raw: Json | undefined, told: Json | undefined, step: number, key = ""): Json {
    if (typeof value === "string")
      return key === "resourceVersion" && !texts.includes(value) ? "1" : text(value, { raw, told }, step);
    if (typeof value === "number" && PORTS.has(key) && !texts.includes(String(value)))
      return replaced("port", value, (count) => 30_000 + count);
    if (isArray(value))
      return value.map((item, at) =>
        walk(item, isArray(raw) ? raw[at] : undefined, isArray(told) ? told[at] : undefined, step),
      );
    if (!isObject(value)) return value;
    const entries = Object.entries(value).map(([name, entry]) => {
      // A key may hold what was drawn too: `k:{"uid":"…"}`.
      const uid = /"uid":"([^"]+)"/.exec(name)?.[1];
      const known = uid === undefined ? undefined : drawn.get(`uid ${uid}`);
      const shown = uid === undefined || known === undefined ? name : name.replace(uid, String(known));
      return [shown, walk(entry, getIn(raw, name), getIn(told, shown), step, name)] as const;
    });
    return Object.fromEntries(entries);
  }

  /** Without what it owns of the status; undefined where it owns nothing else. */
  function withoutStatus(entry: JsonObject): JsonObject | undefined {
    const fields = entry["fieldsV1"];
    if (!isObject(fields) || fields["f:status"] === undefined) return entry;
    const { "f:status": _, ...rest } = fields;
    return Object.keys(rest).length === 0 ? undefined : { ...entry, fieldsV1: rest };
  }

  const identity = (entry: JsonObject): string =>
    ["manager", "operation", "apiVersion", "subresource"].map((key) => getString(entry, key) ?? "").join("\0");
  const owners = (metadata: Json | undefined): readonly JsonObject[] => {
    const entries = getIn(metadata, "managedFields");
    return isArray(entries) ? entries.filter(isObject) : [];
  };

  function ownership(raw: KubeObject, was: { raw: KubeObject; told: KubeObject } | undefined, at: Moment) {
    const kept = (object: KubeObject | undefined): readonly JsonObject[] =>
      owners(object?.metadata)
        .map(withoutStatus)
        .filter((entry) => entry !== undefined);
    const known = new Map(kept(was?.raw).map((entry) => [identity(entry), entry]));
    const shown = new Map(kept(was?.told).map((entry) => [identity(entry), entry]));
    const told = kept(raw).map((entry) => {
      const old = known.get(identity(entry));
      // Whoever loses a field to another keeps the time of his own writing.
      const same = old !== undefined && old["time"] === entry["time"];
      const wrote = at.by.get(getString(entry, "manager") ?? "") ?? at.step;
      const time = same ? shown.get(identity(entry))?.["time"] : timeOf(wrote);
      const { time: real, ...rest } = walk(entry, undefined, undefined, at.step) as JsonObject;
      return real === undefined || time === undefined ? rest : { ...rest, time };
    });
    return inOrder(told);
  }

  return {
    observe(key, answered, at) {
      const { status: _status, ...raw } = answered;
      const was = before.get(key);
      const uid = getString(raw.metadata, "uid") ?? "";
      replaced("uid", uid, (count) => `00000000-0000-4000-8000-${String(count).padStart(12, "0")}`);
      const again = getString(was?.raw.metadata, "uid") === uid ? was : undefined;
      const whole = raw as KubeObject;
      const { managedFields, resourceVersion: _version, ...metadata } = whole.metadata;
      const rest = { ...whole, metadata };
      const shown = walk(rest, again?.raw, again?.told, at.step) as KubeObject;
      const told = {
        ...shown,
        metadata: {
          ...shown.metadata,
          resourceVersion: String(at.step + 1),
          ...(managedFields === undefined ? {} : { managedFields: ownership(whole, again, at) }),
        },
      };
      before.set(key, { raw: whole, told });
      return told;
    },
  };
}
