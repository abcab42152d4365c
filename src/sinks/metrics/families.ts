/**
 * Every metric Plumbline exports, as data: name, type, labels, help and who exports it. docs/metrics.md is made from
 * this table. A metric whose feature is not there is not here: an absent series is honest, a zero would be a lie.
 * Source: docs/metrics.md.
 */
import type { Family } from "./family.ts";
import { runtimeFamilies } from "./runtime-families.ts";

const baseline = ["baseline_namespace", "baseline"] as const;
const resource = ["resource_group", "resource_kind", "resource_namespace", "resource_name"] as const;

const latency = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const requests = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const fetches = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
const repairs = [0.1, 0.25, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400, 604_800];

export const families = {
  // what is declared, and what is not as declared
  plumbline_baseline_info: {
    type: "gauge",
    labels: [...baseline, "mode", "source", "path"],
    help: "Always 1. A Baseline, with its mode, the host and path of its repository (no credentials) and the folder it reads.",
    from: "holder",
  },
  plumbline_baseline_objects: {
    type: "gauge",
    labels: [...baseline, "verdict"],
    help: "Objects a Baseline considers, by verdict; every verdict is there, zero included, and they add up to all objects.",
    from: "holder",
  },
  plumbline_baseline_compliance_ratio: {
    type: "gauge",
    labels: baseline,
    help: "In-sync objects divided by in-sync, drifted, missing, terminating and unknown ones; Secrets that may not be read are left out. Absent while nothing is judged.",
    from: "holder",
  },
  plumbline_baseline_coverage_ratio: {
    type: "gauge",
    labels: baseline,
    help: "Declared objects divided by those and the ones found where spec.unmanaged looks that Git never declared. Absent where nothing is looked for, and until all of it was looked through.",
    from: "holder",
  },
  plumbline_baseline_compliance_target_ratio: {
    type: "gauge",
    labels: baseline,
    help: "The compliance a Baseline aims at, its spec.minCompliance.",
    from: "holder",
  },
  plumbline_resource_drifted: {
    type: "gauge",
    labels: [...baseline, ...resource, "verdict", "severity", "class", "cause", "mode"],
    help: "Always 1. One series per object that is not as declared; it goes when the object is. Capped, worst first.",
    from: "holder",
  },
  plumbline_resource_drifted_since_timestamp_seconds: {
    type: "gauge",
    labels: [...baseline, ...resource],
    help: "When an object was first seen not to be as declared, in seconds since the epoch. Of the same objects as plumbline_resource_drifted; survives restarts.",
    from: "holder",
  },
  plumbline_drifts_total: {
    type: "counter",
    labels: [...baseline, "severity", "class", "cause"],
    help: "Times an object ceased to be as declared. Drift that was already known before a restart is not counted again.",
    from: "holder",
  },
  plumbline_drift_oldest_timestamp_seconds: {
    type: "gauge",
    labels: [...baseline, "severity"],
    help: "When the oldest standing drift of a severity was first observed, in seconds since the epoch. Absent where none stands.",
    from: "holder",
  },
  plumbline_suppressed_changes: {
    type: "gauge",
    labels: [...baseline, "rule"],
    help: "Differences that stand and do not count, by the rule that says so: a noise rule, server allocation, controller-owned, annotation or baseline-ignore. Absent where a rule hides nothing.",
    from: "holder",
  },
  plumbline_health_objects: {
    type: "gauge",
    labels: [...baseline, "health"],
    help: "Declared objects by health: healthy, progressing, degraded, suspended or unknown.",
    from: "holder",
  },
  plumbline_verdict_latency_seconds: {
    type: "histogram",
    labels: [],
    help: "From the arrival of a watch event to the recording of the verdict it led to.",
    from: "process",
    buckets: latency,
  },
  plumbline_calibrations_total: {
    type: "counter",
    labels: ["result"],
    help: "Dry runs that asked what admission makes of a declared object: learned, nothing (it changes nothing), refused, failed (no answer).",
    from: "process",
  },
  plumbline_time_to_reconcile_seconds: {
    type: "histogram",
    labels: [...baseline, "by", "severity"],
    help: "From the first observation of drift to the object being as declared again; by tells whether Plumbline or someone else put it back.",
    from: "holder",
    buckets: repairs,
  },
  // putting back
  plumbline_remediations_total: {
    type: "counter",
    labels: [...baseline, "result"],
    help: "Writes meant to put an object back, by result: applied, noop (nothing changed), conflict (it moved meanwhile), denied (not permitted, or refused by validation or admission) or failed.",
    from: "holder",
  },
  plumbline_remediations_waiting: {
    type: "gauge",
    labels: [...baseline, "reason"],
    help: "Objects that Plumbline would put back but for the reason named; every reason is there, zero included.",
    from: "holder",
  },
  plumbline_remediation_fights_total: {
    type: "counter",
    labels: [...baseline, "manager"],
    help: "Times somebody moved a path back so often after it was put back that Plumbline stood down; manager is the other side, `unknown` where nobody is on record, `other` beyond twenty. The paths are in the Event and the Drift record.",
    from: "holder",
  },
  plumbline_remediation_breakers: {
    type: "gauge",
    labels: [...baseline, "state"],
    help: "Objects in a fight: open (nothing is written) or half-open (one write is allowed, and peace is waited for); both are there, zero included.",
    from: "holder",
  },
  plumbline_baseline_guarded: {
    type: "gauge",
    labels: [...baseline, "reason"],
    help: "1 where nothing is written for the revision of a Baseline until somebody approves of its commit: it is Shrunk, or Rewritten (it does not descend from the one before); both are there, zero included.",
    from: "holder",
  },
  plumbline_baseline_rolled_back: {
    type: "gauge",
    labels: [...baseline, "by"],
    help: "1 while an earlier revision is in force instead of the one that the ref names; by tells whether Plumbline asked for it (onUnhealthy) or someone else. Both are there, zero included.",
    from: "holder",
  },
  plumbline_ledger_records_total: {
    type: "counter",
    labels: ["kind"],
    help: "Records of evidence, by kind.",
    from: "process",
  },
  plumbline_ledger_completeness_ratio: {
    type: "gauge",
    labels: [],
    help: "Records of evidence that were kept, divided by all; 1 where none is lost. Absent while there is none.",
    from: "process",
  },
  // the two streams
  plumbline_source_ready: {
    type: "gauge",
    labels: baseline,
    help: "1 where the last fetch and render of the source succeeded, else 0. Absent until the first attempt has ended, and while the Baseline is suspended.",
    from: "process",
  },
  plumbline_source_last_success_timestamp_seconds: {
    type: "gauge",
    labels: baseline,
    help: "When the source was last fetched and rendered without error, in seconds since the epoch.",
    from: "process",
  },
  plumbline_source_revision_timestamp_seconds: {
    type: "gauge",
    labels: baseline,
    help: "Commit time of the revision in force, in seconds since the epoch.",
    from: "process",
  },
  plumbline_source_fetches_total: {
    type: "counter",
    labels: [...baseline, "result"],
    help: "Attempts to bring a source up to date, by result: success or error.",
    from: "process",
  },
  plumbline_source_fetch_duration_seconds: {
    type: "histogram",
    labels: [],
    help: "How long it took to ask for the revision of a source and, where it moved, to fetch it.",
    from: "process",
    buckets: fetches,
  },
  plumbline_render_duration_seconds: {
    type: "histogram",
    labels: [],
    help: "How long it took to turn one revision of a source into objects.",
    from: "process",
    buckets: fetches,
  },
  plumbline_watch_streams: {
    type: "gauge",
    labels: ["state"],
    help: "Watches on the API server by state: live, syncing, stalled, forbidden or absent (the kind is not served).",
    from: "process",
  },
  plumbline_watch_relists_total: {
    type: "counter",
    labels: ["resource_group", "resource_kind"],
    help: "Times all objects of a kind had to be listed again because the watch could not be resumed.",
    from: "process",
  },
  plumbline_watch_last_event_timestamp_seconds: {
    type: "gauge",
    labels: ["resource_group", "resource_kind"],
    help: "When the watch of a kind last brought anything, bookmarks included, in seconds since the epoch.",
    from: "process",
  },
  plumbline_telemetry_completeness_ratio: {
    type: "gauge",
    labels: [],
    help: "Live watches and ready sources divided by those expected. Below 1, something is not seen. Absent while nothing is expected.",
    from: "process",
  },
  // ourselves
  plumbline_metrics_series_dropped_total: {
    type: "counter",
    labels: ["metric"],
    help: "Series left out of a scrape because a metric was at its cap.",
    from: "process",
  },
  plumbline_build_info: {
    type: "gauge",
    labels: ["version", "node_version"],
    help: "Always 1. The version of Plumbline and of the runtime it runs on.",
    from: "process",
  },
  plumbline_shard_info: {
    type: "gauge",
    labels: ["shard", "shards"],
    help: "Always 1. Which part of the Baselines a process is for, from 0, and into how many they are spread; 0 of 1 where they are not.",
    from: "process",
  },
  plumbline_shards: {
    type: "gauge",
    labels: [],
    help: "Into how many shards the Baselines are spread, as this process was told.",
    from: "process",
  },
  rest_client_requests_total: {
    type: "counter",
    labels: ["code", "method", "host"],
    help: "Requests to the API server by status code, method and host.",
    from: "process",
  },
  rest_client_request_duration_seconds: {
    type: "histogram",
    labels: ["verb"],
    help: "How long requests to the API server took, by verb; watches are left out.",
    from: "process",
    buckets: requests,
  },
  leader_election_master_status: {
    type: "gauge",
    labels: ["name"],
    help: "1 where this process holds the lease of that name, else 0.",
    from: "process",
  },
  ...runtimeFamilies,
} as const satisfies Readonly<Record<string, Family>>;

export type FamilyName = keyof typeof families;

type OfType<Type extends Family["type"]> = {
  readonly [Name in FamilyName]: (typeof families)[Name]["type"] extends Type ? Name : never;
}[FamilyName];

export type CounterName = OfType<"counter">;
export type GaugeName = OfType<"gauge">;
export type HistogramName = OfType<"histogram">;

/** Exactly the labels of one family. */
export type LabelsOf<Name extends FamilyName> = Readonly<Record<(typeof families)[Name]["labels"][number], string>>;
