/**
 * A watch of one kind that hands out whole objects: for what we read ourselves (Baselines, Drifts, CRDs, Namespaces),
 * not for what we judge. After any gap the handlers are told what changed and what went in it. Handlers are called in
 * order, one at a time, and an object is told again only at another resourceVersion.
 */
import { getString } from "../model/json.ts";
import type { Problem } from "../model/problem.ts";
import type { KindRef, KubeObject } from "../model/resource.ts";
import type { Log } from "../runtime/log.ts";
import { createKindWatch, type KindSink, type WatchContext } from "./kind-watch.ts";
import { watchProblem, type WatchStateName } from "./watch-problem.ts";

export interface ObjectHandlers {
  applied(object: KubeObject, receivedAt: number): void;
  /** With the object as last known. */
  deleted(object: KubeObject, receivedAt: number): void;
  /** The listing is complete: everything in it has been told. Called again after each later full listing. */
  synced?(): void;
}

export interface ObjectWatch {
  state(): { readonly state: WatchStateName; readonly problem?: Problem };
  /** True once the listing was complete in every namespace watched. */
  synced(): boolean;
  /** Everything known now. */
  objects(): readonly KubeObject[];
  stop(): void;
}

export interface ObjectWatchOptions {
  readonly context: WatchContext;
  readonly kind: KindRef;
  readonly handlers: ObjectHandlers;
  /** Watch only these; empty or absent: the whole cluster. */
  readonly namespaces?: readonly string[];
}

function keyOf(object: KubeObject): string {
  return `${getString(object.metadata, "namespace") ?? ""}/${getString(object.metadata, "name") ?? ""}`;
}

function sameVersion(left: KubeObject | undefined, right: KubeObject): boolean {
  const version = getString(left?.metadata, "resourceVersion");
  return (
    version !== undefined &&
    version === getString(right.metadata, "resourceVersion") &&
    getString(left?.metadata, "uid") === getString(right.metadata, "uid")
  );
}

function createObjectSink(
  handlers: ObjectHandlers,
  log: Log,
): KindSink & { readonly known: () => Iterable<KubeObject> } {
  const objects = new Map<string, KubeObject>();
  let staged = new Map<string, KubeObject>();
  // A handler that breaks on one object must not keep the others from being told.
  const guard = (call: () => void): void => {
    try {
      call();
    } catch (error) {
      log.error({ error: String(error) }, "handler of a watched object failed");
    }
  };
  const put = (object: KubeObject, receivedAt: number): void => {
    const before = objects.get(keyOf(object));
    objects.set(keyOf(object), object);
    if (!sameVersion(before, object)) guard(() => handlers.applied(object, receivedAt));
  };
  return {
    known: () => objects.values(),
    begin() {
      staged = new Map();
    },
    stage: (object) => void staged.set(keyOf(object), object),
    unstage: (object) => void staged.delete(keyOf(object)),
    commit(receivedAt) {
      const gone = [...objects].filter(([key]) => !staged.has(key));
      for (const [key, object] of gone) {
        objects.delete(key);
        guard(() => handlers.deleted(object, receivedAt));
      }
      for (const object of staged.values()) put(object, receivedAt);
      staged = new Map();
      guard(() => handlers.synced?.());
    },
    apply: put,
    remove(object, receivedAt) {
      if (objects.delete(keyOf(object))) guard(() => handlers.deleted(object, receivedAt));
    },
    clear() {
      // The kind itself went; that is no statement about its objects, which may be back with it.
      staged = new Map();
    },
  };
}

export function watchObjects({ context, kind, handlers, namespaces }: ObjectWatchOptions): ObjectWatch {
  const sinks = new Map<string, ReturnType<typeof createObjectSink>>();
  const watch = createKindWatch({
    context,
    kind,
    namespaces: namespaces ?? [],
    sinkOf(namespace) {
      const sink = sinks.get(namespace) ?? createObjectSink(handlers, context.log);
      sinks.set(namespace, sink);
      return sink;
    },
    onSight: () => {},
  });
  return {
    state() {
      const sight = watch.worst();
      const problem = watchProblem(kind, sight, () => context.discovery.servedVersions(kind.group, kind.kind));
      return { state: sight.state, ...(problem === undefined ? {} : { problem }) };
    },
    synced: () => ["live", "stalled"].includes(watch.worst().state),
    objects: () => [...sinks.values()].flatMap((sink) => [...sink.known()]),
    stop: () => watch.stop(),
  };
}
