/**
 * What the operator wrote, read from the API server's audit log piece by piece, and held against every state that the
 * world may have had for the operator at that moment. It asks nobody but the log.
 */
import { closeSync, openSync, readSync } from "node:fs";
import { kinds } from "./remediation-model-objects.ts";
import { refusal, type State, type Verb } from "./remediation-model-state.ts";
import { operatorAccount } from "./operator.ts";
import type { AuditEntry } from "./world.ts";

export interface Written {
  readonly verb: Verb;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  /** Milliseconds since the epoch at which the server received it. */
  readonly at: number;
  readonly subresource: string;
  /** The server said so. Otherwise its caller was gone before it was done, and it may have been done all the same. */
  readonly sure: boolean;
}

const verbs: Readonly<Record<string, Verb>> = {
  create: "create",
  update: "patch",
  patch: "patch",
  delete: "delete",
  deletecollection: "delete",
};
/** What is Plumbline's own: records, statuses, Events, Leases, and questions that change nothing. */
const ownGroups = new Set(["plumbline.dev", "events.k8s.io", "coordination.k8s.io", "authorization.k8s.io"]);

/** Writes that were let through, or may have been, since the last call, to what is not Plumbline's own; dry runs left out. */
export function followWrites(file: string): () => readonly Written[] {
  let offset = 0;
  let rest = "";
  const readMore = (): string => {
    const handle = openSync(file, "r");
    try {
      const buffer = Buffer.alloc(1 << 20);
      let text = "";
      for (;;) {
        const bytes = readSync(handle, buffer, 0, buffer.length, offset);
        if (bytes === 0) return text;
        offset += bytes;
        text += buffer.toString("latin1", 0, bytes);
      }
    } finally {
      closeSync(handle);
    }
  };
  return () => {
    const lines = `${rest}${readMore()}`.split("\n");
    rest = lines.pop() ?? "";
    return lines.flatMap((line) => {
      // Most lines are somebody else's: they are not worth parsing.
      if (!line.includes(operatorAccount) || line.includes('"verb":"watch"') || line.includes('"verb":"get"'))
        return [];
      const { verb, user, stage, requestURI, objectRef, responseStatus, requestReceivedTimestamp } = JSON.parse(
        line,
      ) as AuditEntry;
      const known = verbs[verb];
      if (known === undefined || stage !== "ResponseComplete" || user.username !== operatorAccount) return [];
      const { code = 0 } = responseStatus ?? {};
      // A failure of the server's own says nothing of the write: 504, "context canceled", is what it logs where the
      // connection was cut, and etcd may have had the transaction before.
      if (requestURI.includes("dryRun=All") || (code >= 300 && code < 500)) return [];
      if (ownGroups.has(objectRef?.apiGroup ?? "")) return [];
      const { resource = "", namespace = "", name = "", subresource = "" } = objectRef ?? {};
      const at = Date.parse(requestReceivedTimestamp);
      return [{ verb: known, resource, namespace, name, subresource, at, sure: code < 300 }];
    });
  };
}

interface Period {
  readonly state: State;
  readonly from: number;
  until: number;
}

/** Milliseconds that a request may have been under way when the operator learnt better. */
const UNDER_WAY = 300;

/** States of the world in the order in which they came about, with what overlaps where nobody can tell which counted. */
export class Timeline {
  readonly #periods: Period[];

  constructor(first: State) {
    this.#periods = [{ state: first, from: 0, until: Number.POSITIVE_INFINITY }];
  }

  get now(): State {
    return this.#periods.at(-1)?.state as State;
  }

  /** @param from when the change was asked for @param until when the operator surely knew of it */
  change(state: State, from: number, until: number): void {
    for (const period of this.#periods) period.until = Math.min(period.until, until);
    this.#periods.push({ state, from, until: Number.POSITIVE_INFINITY });
  }

  /** Why no state of that moment allowed it; undefined where one did. */
  objection({ verb, namespace, name, resource, at, subresource }: Written): string | undefined {
    if (subresource !== "") return `it wrote to ${subresource}`;
    const refusals = new Set<string>();
    for (const { state, from, until } of this.#periods.toReversed()) {
      if (from > at + 1 || until + UNDER_WAY < at) continue;
      const thing = state.things[name];
      const isIt = thing?.namespace === namespace && kinds[thing.kind].resource === resource;
      const why = isIt ? refusal(state, name, verb, at) : "nobody ever declared it";
      if (why === undefined) return undefined;
      refusals.add(why);
    }
    return `${verb} ${resource} ${namespace}/${name} at ${new Date(at).toISOString()}: ${[...refusals].join(", ")}`;
  }
}
