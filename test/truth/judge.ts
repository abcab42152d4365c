/** The whole judgement, as the operator makes it, on one pair: `decide` with the evidence it has in production. */
import { declare } from "../../src/model/desired.ts";
import { noFacts } from "../../src/compare/facts.ts";
import { kindOf } from "../../src/compare/schema-index.ts";
import { formatJson, getString, isObject, type Json } from "../../src/model/json.ts";
import type { LiveObject } from "../../src/model/live.ts";
import { formatPath, type Path } from "../../src/model/path.ts";
import { idOf, kindRef, type KubeObject } from "../../src/model/resource.ts";
import type { DesiredObject } from "../../src/model/snapshot.ts";
import type { Owner, Verdict } from "../../src/model/verdict.ts";
import { decide, type DecideInput } from "../../src/verdict/decide.ts";
import type { TruthServer } from "../corpus/truth-server.ts";
import { plainBaseline } from "../support/baseline-fixture.ts";

const baseline = plainBaseline();
/** Milliseconds since the epoch; Git moved long before, so that no grace is left. */
const NOW = Date.parse("2100-01-01T00:00:00Z");

export function declaredAs(object: KubeObject): DesiredObject {
  return declare(object, { file: "truth.yaml", line: 1, index: 0 });
}

/** A live object as the watch cache keeps it. */
export function liveAs(answer: KubeObject): LiveObject {
  const { status: _status, metadata, ...rest } = answer;
  const { managedFields, ...marks } = metadata;
  return {
    object: { ...rest, metadata: marks } as KubeObject,
    uid: getString(metadata, "uid") ?? "",
    resourceVersion: getString(metadata, "resourceVersion") ?? "",
    managedFields: managedFields === undefined ? "" : formatJson(managedFields),
    health: { state: "unknown" },
    receivedAt: 0,
  };
}

/** What `decide` is asked of a declared object that is there; change what the case is about. */
export function question(server: TruthServer, desired: KubeObject, live: KubeObject): DecideInput {
  const declared = declaredAs(desired);
  const kind = kindOf(desired);
  // A definition has the schemas of versions that it no longer serves; the operator asks discovery first.
  const schema = server.pathOf(desired) === undefined ? undefined : server.index.schemaFor(kind);
  return {
    baseline,
    id: idOf(live),
    version: kindRef(desired.apiVersion, desired.kind).version,
    desired: declared,
    previous: declared,
    live: { state: "present", live: liveAs(live) },
    schema: schema ?? { code: "kind-not-served", message: `no schema for ${kind.kind}` },
    facts: noFacts,
    seenLive: true,
    changedAt: 0,
    snapshotComplete: true,
    now: NOW,
    tracked: true,
  };
}

export interface FoundChange {
  readonly line: string;
  readonly path: Path;
  readonly owner: Owner;
  /** Only the order of a list differs. */
  readonly isOrder: boolean;
}

export interface Judged {
  readonly verdict: Verdict;
  readonly changes: readonly FoundChange[];
  /** `changed .spec.replicas` per change; the verdict itself where it is neither `in-sync` nor `drifted`. */
  readonly lines: readonly string[];
}

/** @param before the object as it was seen before, where it was */
export function judge(server: TruthServer, desired: KubeObject, live: KubeObject, before?: KubeObject): Judged {
  const seen = before === undefined ? undefined : liveAs(before);
  const input = question(server, desired, live);
  const { verdict } = decide({
    ...input,
    ...(seen === undefined
      ? {}
      : { memory: { managedFields: seen.managedFields, resourceVersion: seen.resourceVersion } }),
  });
  if (verdict.kind === "in-sync") return { verdict, changes: [], lines: [] };
  if (verdict.kind !== "drifted") return { verdict, changes: [], lines: [`verdict ${verdict.kind}`] };
  const changes = verdict.changes.map(
    ({ op, path, owner, note }): FoundChange => ({
      line: `${op} ${formatPath(path)}`,
      path,
      owner,
      isOrder: note === "the order differs",
    }),
  );
  return { verdict, changes, lines: changes.map(({ line }) => line) };
}

/** Short enough for a line of a report. */
export function show(value: Json | undefined): string {
  if (value === undefined) return "nothing";
  const text = formatJson(isObject(value) && value["metadata"] !== undefined ? { ...value, metadata: "…" } : value);
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
