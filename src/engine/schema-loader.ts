/**
 * Schemas as the engine asks for them: at once where they are known, `loading` where a document is on its way, a
 * problem where it cannot be had. One request per group and version, whatever asks; a failure is tried again with
 * backoff. Custom resources take their schema from their definition, so nothing is judged before those are known.
 */
import { getString, type Json } from "../model/json.ts";
import { messageOf, type Problem } from "../model/problem.ts";
import { apiVersionOf, type KindRef, kindKey, kindRef, type KubeObject } from "../model/resource.ts";
import type { KindSchema } from "../model/schema.ts";
import { breathOf, inSlices } from "../runtime/breath.ts";
import { backoff, type Clock } from "../runtime/clock.ts";
import type { Log } from "../runtime/log.ts";
import type { KindsConcerned, SchemaPort } from "./ports.ts";

/** What turns documents and definitions into types. */
export interface SchemaIndexPort {
  /** In steps; the last one puts it in force. */
  addingOpenApi(groupVersion: string, document: Json): Generator<void, void>;
  addCrd(crd: KubeObject): void;
  removeCrd(name: string): void;
  schemaFor(kind: KindRef): KindSchema | undefined;
  /** Why a kind that a CRD defines has no schema. */
  problemFor(kind: KindRef): Problem | undefined;
}

export interface SchemaLoaderPorts {
  readonly index: SchemaIndexPort;
  /** Undefined where the server has no such document. */
  fetchDocument(groupVersion: string): Promise<Json | undefined>;
  scopeOf(kind: KindRef): "Namespaced" | "Cluster" | undefined;
  /** A schema arrived, changed or failed: of these kinds, or of any. */
  changed(kinds?: KindsConcerned): void;
  readonly clock: Clock;
  readonly log: Log;
}

export interface SchemaLoader extends SchemaPort {
  crdApplied(crd: KubeObject): void;
  crdDeleted(name: string): void;
  /** Every definition that exists has been applied, or we may not read them and go by the server's documents. */
  crdsSynced(): void;
  /** The server has other documents of these groups and versions: those in use are fetched again. */
  documentsChanged(groupVersions: readonly string[]): void;
}

type Held = { readonly state: "loading" | "loaded" } | { readonly state: "failed"; readonly problem: Problem };

/** Milliseconds. */
const FIRST_RETRY = 1_000;
const LAST_RETRY = 60_000;

export function createSchemaLoader(ports: SchemaLoaderPorts): SchemaLoader {
  const held = new Map<string, Held>();
  const attempts = new Map<string, number>();
  let crdsKnown = false;

  const retryLater = (groupVersion: string): void => {
    const attempt = attempts.get(groupVersion) ?? 0;
    attempts.set(groupVersion, attempt + 1);
    ports.clock.after(backoff(ports.clock, attempt, FIRST_RETRY, LAST_RETRY), () => void load(groupVersion));
  };

  const load = async (groupVersion: string): Promise<void> => {
    try {
      const document = await ports.fetchDocument(groupVersion);
      // The server lists the document a moment after it serves the kind, and not at all while it is unreachable.
      if (document === undefined) throw new Error("the API server has no document for it");
      await inSlices(breathOf(ports.clock), ports.index.addingOpenApi(groupVersion, document), () => true);
      held.set(groupVersion, { state: "loaded" });
      attempts.delete(groupVersion);
    } catch (error) {
      const why = messageOf(error);
      ports.log.warn({ groupVersion, why }, "schema cannot be read");
      // What was read before stays in force.
      if (held.get(groupVersion)?.state !== "loaded")
        held.set(groupVersion, {
          state: "failed",
          problem: { code: "schema-failed", message: `the schema of ${groupVersion} cannot be read: ${why}` },
        });
      retryLater(groupVersion);
    }
    const { group, version } = kindRef(groupVersion, "");
    ports.changed({ group, version });
  };

  return {
    scopeOf: (kind) => ports.scopeOf(kind),

    schemaFor(kind) {
      if (!crdsKnown) return "loading";
      const groupVersion = apiVersionOf(kind);
      const state = held.get(groupVersion);
      const known = ports.index.schemaFor(kind);
      if (known !== undefined) return known;
      if (state === undefined) {
        held.set(groupVersion, { state: "loading" });
        void load(groupVersion);
        return "loading";
      }
      if (state.state === "loading") return "loading";
      if (ports.scopeOf(kind) === undefined)
        return { code: "kind-not-served", message: `the API server does not serve ${kindKey(kind)}` };
      if (state.state === "failed") return state.problem;
      return (
        ports.index.problemFor(kind) ?? {
          code: "schema-failed",
          message: `the API server serves ${kindKey(kind)} without a schema`,
        }
      );
    },

    crdApplied(crd) {
      ports.index.addCrd(crd);
      // Before all of them are known nothing is judged, and there is nobody to tell.
      if (crdsKnown) ports.changed(kindOfCrd(crd));
    },

    crdDeleted(name) {
      ports.index.removeCrd(name);
      // A definition is named `plural.group`.
      ports.changed({ group: name.slice(name.indexOf(".") + 1) });
    },

    crdsSynced() {
      crdsKnown = true;
      ports.changed();
    },

    documentsChanged(groupVersions) {
      for (const groupVersion of groupVersions)
        if (held.has(groupVersion) && held.get(groupVersion)?.state !== "loading") void load(groupVersion);
    },
  };
}

function kindOfCrd(crd: KubeObject): KindsConcerned {
  const part = (...path: readonly string[]): string => getString(crd, "spec", ...path) ?? "";
  return { group: part("group"), kind: part("names", "kind") };
}
