/**
 * What happens to a cluster in half an hour: heartbeats, edits, edits of what is edited, reverts, deletions and
 * re-creations, at a steady rate. It remembers what it did last to each object, so that what the operator should say at
 * the end is known. A request without an answer is made again until there is one, so no memory is wrong.
 */
import { startPacing } from "./pacing.ts";
import { bodyOf, collectionPath, editOf, kindOf, labelOf, objectPath, type Shape } from "../manifests.ts";
import { jsonPatch, mergePatch, type Client } from "./client.ts";

export interface UnrestOrder {
  readonly rate: number;
  readonly objects: number;
  /** Objects that are not as declared at the same time, at most. */
  readonly most: number;
}

export interface Expected {
  readonly drifted: readonly string[];
  readonly missing: readonly string[];
}

export interface Unrested {
  readonly done: Readonly<Record<string, number>>;
  readonly failed: number;
  readonly expected: Expected;
}

export interface Unrest {
  stop(): Promise<Unrested>;
}

type State = "drifted" | "missing";
const TICK = 10;
const IN_FLIGHT = 64;
const BENIGN = 0.8;

/** What is done to an object, and how it stands after that; a state of undefined is as declared. */
interface Deed {
  readonly name: "heartbeat" | "edit" | "edit again" | "revert" | "delete" | "recreate";
  readonly after: State | undefined;
}

function choose(state: State | undefined, isFull: boolean): Deed {
  if (state === "missing") return { name: "recreate", after: undefined };
  if (state === "drifted")
    return Math.random() < 0.7 ? { name: "revert", after: undefined } : { name: "edit again", after: "drifted" };
  if (isFull) return { name: "heartbeat", after: undefined };
  return Math.random() < 0.85 ? { name: "edit", after: "drifted" } : { name: "delete", after: "missing" };
}

export async function act(client: Client, shape: Shape, at: number, deed: Deed["name"]): Promise<void> {
  const path = objectPath(at, shape);
  switch (deed) {
    case "heartbeat": {
      const body = kindOf(at).heartbeat?.replaceAll(
        "@TICK@",
        kindOf(at).kind === "Ingress" ? String(Date.now()) : new Date().toISOString(),
      );
      if (body === undefined) return;
      return client.insist({ method: "PATCH", path: `${path}/status`, body, contentType: mergePatch, also: [404] });
    }
    case "edit":
    case "revert": {
      const body = editOf(at, deed === "edit" ? "edited" : "declared");
      return client.insist({
        method: "PATCH",
        path: `${path}?fieldManager=kubectl-edit`,
        body,
        contentType: jsonPatch,
      });
    }
    case "edit again": {
      const body = JSON.stringify({ metadata: { labels: { again: `n${Date.now()}` } } });
      await client.insist({ method: "PATCH", path: `${path}?fieldManager=someone`, body, contentType: mergePatch });
      const without = JSON.stringify({ metadata: { labels: { again: null } } });
      return client.insist({
        method: "PATCH",
        path: `${path}?fieldManager=someone`,
        body: without,
        contentType: mergePatch,
      });
    }
    case "delete":
      return client.insist({ method: "DELETE", path, also: [404] });
    case "recreate":
      return client.insist({
        method: "POST",
        path: `${collectionPath(at, shape)}?fieldManager=deployer`,
        body: bodyOf(at, shape),
        also: [409],
      });
  }
}

export function startUnrest(client: Client, shape: Shape, { rate, objects, most }: UnrestOrder): Unrest {
  const states = new Map<number, State>();
  const busy = new Set<number>();
  const done: Record<string, number> = {};
  let failed = 0;

  /** Mostly something of no meaning anywhere; else an object that stands out, or a new one. */
  const pick = (): readonly [number, Deed] => {
    const anywhere = Math.floor(Math.random() * objects);
    if (Math.random() < BENIGN && !states.has(anywhere) && kindOf(anywhere).heartbeat !== undefined)
      return [anywhere, { name: "heartbeat", after: undefined }];
    const standing = [...states.keys()];
    const old = standing[Math.floor(Math.random() * standing.length)];
    const at = old !== undefined && Math.random() < 0.5 + states.size / most / 2 ? old : anywhere;
    return [at, choose(states.get(at), states.size >= most)];
  };

  const one = async (): Promise<void> => {
    const [at, deed] = pick();
    if (busy.has(at)) return;
    busy.add(at);
    // Known as it will be from the moment on at which it may be so.
    if (deed.after !== undefined) states.set(at, deed.after);
    try {
      await act(client, shape, at, deed.name);
      if (deed.after === undefined) states.delete(at);
      done[deed.name] = (done[deed.name] ?? 0) + 1;
    } catch {
      failed += 1;
    } finally {
      busy.delete(at);
    }
  };

  const pacing = startPacing(rate, IN_FLIGHT, TICK, one);

  return {
    async stop() {
      await pacing.stop();
      const labels = (state: State): readonly string[] =>
        [...states]
          .filter(([, is]) => is === state)
          .map(([at]) => labelOf(at, shape))
          .toSorted();
      return { done, failed, expected: { drifted: labels("drifted"), missing: labels("missing") } };
    },
  };
}
