/** What was measured of Config Sync in this session, as peers of our rows; where it was not, what was before. Pure. */
import type { Request } from "./audit-count.ts";
import { kindOf, nameOf } from "./manifests.ts";
import { published } from "./peers.ts";
import { numberText, type Peer } from "./results.ts";
import type { Healing } from "./second/edits.ts";
import type { Spread } from "./spread.ts";

export interface ConfigSyncHeals {
  /** Milliseconds, drift to put back. */
  readonly spread: Spread;
  /** Never put back within the patience. */
  readonly missed: number;
  /** Milliseconds from the edit to the answer that tells it of the drift; P1 counts ours from the same moment. */
  readonly seen: Spread;
  /** To the API server about the objects per heal; under a churn with those that its events cost it. */
  readonly requests: number;
  /** Of them. */
  readonly dryRuns: number;
}

export interface ConfigSyncFigures {
  /** How many it was given, its Namespaces not counted. */
  readonly objects: number;
  /** Seconds from its first look at the source until it says that all is applied, where it had applied all before. */
  readonly start: number;
  readonly idle: ConfigSyncHeals;
  /** At 100 events a second. */
  readonly busy: ConfigSyncHeals;
  /** MB, the most, over start, heals and churn. */
  readonly peak: number;
}

export interface ConfigSyncPeers {
  /** How many it had, where it was run. */
  readonly objects?: number;
  readonly healP50: Peer;
  readonly healP99: Peer;
  readonly healBusyP50?: Peer;
  readonly healBusyP99: Peer;
  /** Per heal where nothing else happens, dry runs counted. */
  readonly requests: Peer;
  /** Objects a second. */
  readonly start?: Peer;
  readonly memory?: Peer;
  readonly detect?: Peer;
}

/** Milliseconds from each heal's edit to the answer of the first dry run of the object after it: by that it compares. */
export function seenAfter(healed: readonly Healing[], requests: readonly Request[]): readonly number[] {
  return healed.flatMap(({ at, known, took }) => {
    if (took === undefined) return [];
    const { resource } = kindOf(at);
    const first = requests.find(
      (request) =>
        request.isDryRun && request.resource === resource && request.name === nameOf(at) && request.at >= known,
    );
    return first === undefined ? [] : [first.at - known];
  });
}

export function configSyncPeers(figures: ConfigSyncFigures | undefined): ConfigSyncPeers {
  if (figures === undefined)
    return {
      healP50: published.configSyncHeal,
      healP99: published.configSyncHealP99,
      healBusyP99: published.configSyncHealBusyP99,
      requests: published.configSyncHealRequests,
    };
  const { objects, start, idle, busy, peak } = figures;
  const of = (value: number, missed = 0): Peer => ({
    name: `Config Sync of ${objects.toLocaleString("en")}${missed === 0 ? "" : `, ${missed} never`}`,
    value,
    from: "here",
  });
  return {
    objects,
    healP50: of(idle.spread.p50, idle.missed),
    healP99: of(idle.spread.p99, idle.missed),
    healBusyP50: of(busy.spread.p50, busy.missed),
    healBusyP99: of(busy.spread.p99, busy.missed),
    requests: {
      ...of(idle.requests),
      name: `Config Sync of ${objects.toLocaleString("en")}, with ${numberText(idle.dryRuns)} dry runs`,
    },
    start: of(objects / start),
    memory: of(peak),
    detect: of(idle.seen.p50, idle.missed),
  };
}
