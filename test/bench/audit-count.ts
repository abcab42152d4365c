/** Requests by user, as the API server's audit log has them, from a mark on. Reads only. */
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import type { AuditEntry } from "../e2e/world.ts";

export interface Mark {
  /** Bytes of the log that came before. */
  readonly offset: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface Request {
  readonly verb: string;
  /** `deployments`, `deployments/status`, or the path of what is no resource. */
  readonly resource: string;
  readonly group: string;
  readonly name: string;
  readonly code: number;
  readonly isDryRun: boolean;
  /** Milliseconds since the epoch: when the server had come to that stage of it, for all but a watch its answer. */
  readonly at: number;
}

const ownGroups = new Set(["plumbline.dev", "events.k8s.io", "coordination.k8s.io", "authorization.k8s.io"]);
export const isLease = ({ resource }: Request): boolean => resource === "leases";
/** To what is Plumbline's own: its Lease, records, statuses of Baselines, Events, reviews of access. */
export const isOwn = ({ group }: Request): boolean => ownGroups.has(group);
export const isWrite = ({ verb }: Request): boolean => ["create", "update", "patch", "delete"].includes(verb);

export const markAudit = (log: string): Mark => ({ offset: statSync(log).size, at: Date.now() });

function readFrom(log: string, offset: number): string {
  const file = openSync(log, "r");
  try {
    const chunks: Buffer[] = [];
    const size = fstatSync(file).size;
    for (let at = offset; at < size; ) {
      const chunk = Buffer.alloc(Math.min(16 << 20, size - at));
      const read = readSync(file, chunk, 0, chunk.length, at);
      if (read === 0) break;
      chunks.push(chunk.subarray(0, read));
      at += read;
    }
    return Buffer.concat(chunks).toString("utf8");
  } finally {
    closeSync(file);
  }
}

type Entry = AuditEntry & { readonly auditID: string; readonly stageTimestamp: string };

/** Of RFC 3339 with microseconds, of which a Date keeps none. */
function momentOf(timestamp: string): number {
  const parts = /^(.+\.\d{3})(\d{3})Z$/.exec(timestamp);
  return parts === null ? Date.parse(timestamp) : Date.parse(`${parts[1]}Z`) + Number(parts[2]) / 1000;
}

/** Requests of a user received since; a watch counts when it is opened, not when it ends. */
export function requestsSince(log: string, mark: Mark, user: string): readonly Request[] {
  const seen = new Set<string>();
  const requests: Request[] = [];
  for (const line of readFrom(log, mark.offset).split("\n")) {
    if (!line.startsWith("{") || !line.endsWith("}") || !line.includes(user)) continue;
    const entry = JSON.parse(line) as Entry;
    if (entry.user.username !== user || seen.has(entry.auditID)) continue;
    if (Date.parse(entry.requestReceivedTimestamp) < mark.at) continue;
    seen.add(entry.auditID);
    const { resource, subresource, apiGroup, name } = entry.objectRef ?? {};
    requests.push({
      verb: entry.verb,
      resource:
        resource === undefined
          ? (entry.requestURI.split("?")[0] ?? "")
          : `${resource}${subresource === undefined ? "" : `/${subresource}`}`,
      group: apiGroup ?? "",
      name: name ?? "",
      code: entry.responseStatus?.code ?? 0,
      isDryRun: entry.requestURI.includes("dryRun=All"),
      at: momentOf(entry.stageTimestamp),
    });
  }
  return requests;
}

/** `12 patch drifts, 3 watch configmaps`, most frequent first. */
export function requestsText(requests: readonly Request[]): string {
  const groups = [...Map.groupBy(requests, ({ verb, resource }) => `${verb} ${resource}`)];
  const sorted = groups.toSorted(([, one], [, other]) => other.length - one.length);
  return sorted.map(([what, all]) => `${all.length} ${what}`).join(", ") || "none";
}
