/**
 * Edits as a person makes them, one after another, each with the moments at which it was sent, answered, seen by this
 * process's own watch, judged by the operator and, where asked for, put back.
 */
import { setTimeout as wait } from "node:timers/promises";
import { getIn, getString, isArray, type Json } from "../../../src/model/json.ts";
import { editOf, kindOf, kinds, labelOf, objectPath, type Shape } from "../manifests.ts";
import { tieClocks, wallNow } from "../wall-clock.ts";
import { jsonPatch, type Client } from "./client.ts";
import { watch, type Watch } from "./watch.ts";

/** Moments, in milliseconds since the epoch; undefined where it did not come within the patience. */
export interface Detection {
  readonly at: number;
  readonly sent: number;
  readonly answered: number;
  /** By this process's own watch. */
  readonly seen: number | undefined;
  /** As the Drift record says; it cuts to whole milliseconds, so one is added: no later than this. */
  readonly verdict: number | undefined;
  /** The record was seen by this process's own watch. */
  readonly recorded: number | undefined;
}

export interface Healing {
  readonly at: number;
  /** The moment at which the first one outside could know of the drift: by the answer or by the event. */
  readonly known: number;
  /** Milliseconds from the drift being seen by this process's own watch to its being put back there. */
  readonly took: number | undefined;
  /** Milliseconds from sending the edit itself to seeing it: what one such PATCH costs, whoever sends it. */
  readonly patch: number | undefined;
}

const PATIENCE = 30_000;

type Listener = (object: Json | undefined, at: number) => void;

export interface Eyes {
  /** The first event of an object that the look makes something of. */
  next<T>(label: string, look: (object: Json | undefined, at: number) => T | undefined): Promise<T | undefined>;
  nextRecord<T>(label: string, look: (record: Json | undefined, at: number) => T | undefined): Promise<T | undefined>;
  close(): void;
}

const labelIn = (object: Json, kind: string): string =>
  `${kind} ${getString(object, "metadata", "namespace") ?? ""}/${getString(object, "metadata", "name") ?? ""}`;
const labelOfRecord = (record: Json): string =>
  `${getString(record, "object", "kind")} ${getString(record, "object", "namespace")}/${getString(record, "object", "name")}`;

/** Watches the four kinds and the Drift records. An object that goes is told as undefined. */
export async function openEyes(client: Client): Promise<Eyes> {
  const objects = new Map<string, Set<Listener>>();
  const records = new Map<string, Set<Listener>>();
  const tell = (listeners: typeof objects, label: string, object: Json | undefined, at: number): void => {
    for (const listener of listeners.get(label) ?? []) listener(object, at);
  };
  const watches: Watch[] = [];
  for (const { kind, api, resource } of kinds)
    watches.push(
      await watch(client, `${api}/${resource}`, (type, object, at) =>
        tell(objects, labelIn(object, kind), type === "DELETED" ? undefined : object, at),
      ),
    );
  watches.push(
    await watch(client, "/apis/plumbline.dev/v1alpha1/drifts", (type, record, at) =>
      tell(records, labelOfRecord(record), type === "DELETED" ? undefined : record, at),
    ),
  );
  const nextOf =
    (listeners: typeof objects): Eyes["next"] =>
    (label, look) =>
      new Promise((resolve) => {
        const of = listeners.get(label) ?? new Set();
        listeners.set(label, of);
        const leave = (): void => {
          clearTimeout(timer);
          of.delete(listener);
          if (of.size === 0) listeners.delete(label);
        };
        const listener: Listener = (object, at) => {
          const found = look(object, at);
          if (found === undefined) return;
          leave();
          resolve(found);
        };
        const timer = setTimeout(() => {
          leave();
          resolve(undefined);
        }, PATIENCE);
        of.add(listener);
      });
  return {
    next: nextOf(objects),
    nextRecord: nextOf(records),
    close: () => {
      for (const one of watches) one.stop();
    },
  };
}

const pause = (): Promise<void> => wait(20 + Math.random() * 30);

const edit = (client: Client, shape: Shape, at: number, to: "declared" | "edited") =>
  client.expect("PATCH", `${objectPath(at, shape)}?fieldManager=kubectl-edit`, editOf(at, to), jsonPatch);

function fieldOf(object: Json | undefined, at: number): Json | undefined {
  const parts = kindOf(at).edit.pointer.split("/").slice(1);
  return parts.reduce<Json | undefined>(
    (value, part) => (isArray(value) ? value[Number(part)] : getIn(value, part)),
    object,
  );
}

async function detectOne(client: Client, eyes: Eyes, shape: Shape, at: number): Promise<Detection> {
  const label = labelOf(at, shape);
  await pause();
  tieClocks();
  const { edited } = kindOf(at).edit;
  const seen = eyes.next(label, (object, when) => (fieldOf(object, at) === edited ? when : undefined));
  const judged = eyes.nextRecord(label, (record, when) =>
    record === undefined ? undefined : { verdict: Date.parse(getString(record, "firstObserved") ?? "") + 1, when },
  );
  const sent = wallNow();
  await edit(client, shape, at, "edited");
  const answered = wallNow();
  const found = await judged;
  const gone = eyes.nextRecord(label, (record) => (record === undefined ? true : undefined));
  const times = {
    at,
    sent,
    answered,
    seen: await seen,
    verdict: found?.verdict,
    recorded: found?.when,
  };
  await edit(client, shape, at, "declared");
  if (found !== undefined) await gone;
  return times;
}

/** Edits, waits for the verdict, takes the edit back, waits until it is forgotten; the first `warm` ones are left out. */
export async function detect(
  client: Client,
  eyes: Eyes,
  shape: Shape,
  { ats, warm }: { readonly ats: readonly number[]; readonly warm: number },
): Promise<readonly Detection[]> {
  const found: Detection[] = [];
  for (const at of ats) found.push(await detectOne(client, eyes, shape, at));
  return found.slice(warm);
}

/** Edits objects that are opted in, and waits until someone has put them back. */
export async function heal(
  client: Client,
  eyes: Eyes,
  shape: Shape,
  { ats, warm }: { readonly ats: readonly number[]; readonly warm: number },
): Promise<readonly Healing[]> {
  const healed: Healing[] = [];
  for (const at of ats) {
    await pause();
    const { edited } = kindOf(at).edit;
    let drifted: number | undefined;
    const back = eyes.next(labelOf(at, shape), (object, when) => {
      if (fieldOf(object, at) === edited) drifted ??= when;
      else if (drifted !== undefined && object !== undefined) return when - drifted;
      return undefined;
    });
    tieClocks();
    const sent = wallNow();
    await edit(client, shape, at, "edited");
    const answered = wallNow();
    const took = await back;
    healed.push({
      at,
      known: Math.min(answered, drifted ?? answered),
      took,
      patch: drifted === undefined ? undefined : drifted - sent,
    });
  }
  return healed.slice(warm);
}
