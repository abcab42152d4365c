/**
 * The sink that gives ownership back. What a heal wrote belongs to us, and a deployer by server-side apply could never
 * drop it again; so once the watch shows that somebody else owns those fields too, one small patch of the managed fields
 * lets go of them. It goes by what the live objects say alone: no matter whether it was healed before a restart, or by
 * another replica. Off the hot path, as whom and only where a heal might write; it asks nobody and changes no value.
 */
import { accountName, actingAs, lacksAccount } from "../model/account.ts";
import type { ApiAnswer, ApiRefusal, ObjectApi } from "../model/api.ts";
import { fieldManager } from "../model/annotations.ts";
import type { EvidenceDoor } from "../model/evidence.ts";
import { getString } from "../model/json.ts";
import { formatId, idKey, parseIdKey, type IdKey, type KindRef, type ResourceId } from "../model/resource.ts";
import { formatRevision, type BaselineKey } from "../model/snapshot.ts";
import { breathOf, inSlices } from "../runtime/breath.ts";
import type { Rate } from "../runtime/rate.ts";
import type { DecideInput } from "../verdict/decide.ts";
import { handBackAsDrift, isCoOwned, planHandBack, type HandBackPlan } from "../verdict/hand-back.ts";
import type { OwnObjects } from "../verdict/remedy.ts";
import type { Keepers } from "./heal-circumstances.ts";
import { refusalBelieved, type HealRights } from "./heal-rights.ts";
import { missingPermission } from "./heal-result.ts";
import { refOf } from "./heal-send.ts";
import type { Announcement, EngineReader, PairReader, WritingSink } from "./ports.ts";
import { remedyOf } from "./remedy-of.ts";
import { steeringOf } from "./steering.ts";
import { createWriter, done, isTransient, later, retryAfter, type Outcome, type WriterDeps } from "./writer.ts";

/** Who owns what, as the watches know it; nothing is decoded for it. */
export interface OwnershipReader {
  isManagedBy(manager: string, id: ResourceId, version: string): boolean;
  /** Undefined for each object that is not. */
  managedBy(manager: string, kind?: KindRef): Iterable<ResourceId | undefined>;
}

export interface HandBackDeps extends WriterDeps {
  readonly api: Pick<ObjectApi, "patch">;
  readonly engine: EngineReader & PairReader;
  readonly live: OwnershipReader;
  readonly claimants: Keepers["claimants"];
  readonly rights: Pick<HealRights, "missing" | "refused">;
  readonly rate: Rate;
  readonly evidence: EvidenceDoor;
  readonly announce: (announcement: Announcement) => void;
  /** The chart's `remediation.liveOptIn`. */
  readonly liveOptIn: boolean;
  readonly own: OwnObjects;
  /** Baselines there write as the operator itself, where they name no account. */
  readonly platformNamespaces: readonly string[];
}

export interface HandBack extends WritingSink {
  /** The watch brought another version of an object. */
  changed(id: ResourceId, version: string): void;
  /** A kind came into sight, and with it what was healed before. */
  sighted(kind: KindRef): void;
}

/** Milliseconds for which an object is left alone after a change: a deployer's apply is often followed by more. */
const SETTLE = 1_000;
const LONGEST_WAIT = 3_600_000;
const MOVES = 3;

interface Order {
  readonly key: BaselineKey;
  readonly id: ResourceId;
  readonly input: DecideInput;
  readonly plan: HandBackPlan;
}

export function createHandBack(deps: HandBackDeps): HandBack {
  const { api, engine, live, rights, clock, log } = deps;
  const breath = breathOf(clock);
  const writer = createWriter(deps, { name: "hand-back", workers: 1, work: (key) => work(key as IdKey) });
  /** What somebody else owns too, or may, and cannot be given back for now: looked at again when a Baseline changes. */
  const held = new Set<IdKey>();
  const settingsSeen = new Map<BaselineKey, string>();
  /** Rights whose lack was told. */
  const told = new Set<string>();

  const hold = (key: IdKey): Outcome => {
    held.add(key);
    return done;
  };

  async function work(text: IdKey): Promise<Outcome> {
    held.delete(text);
    const id = parseIdKey(text);
    const key = engine.declaring(id).find((one) => engine.outline(one)?.baseline.mode === "Remediate");
    const outline = key === undefined ? undefined : engine.outline(key);
    // Perhaps not yet: at the start objects are seen before Git is.
    if (key === undefined || outline?.source.state !== "ready") return hold(text);
    const input = engine.inputOf(key, id);
    if (input === undefined) return hold(text);
    // The next version of it comes by the watch.
    if (input.live.state !== "present" || !isCoOwned(input.live.live)) return done;
    const { claimants, asking } = deps.claimants(key, id);
    if (asking) return later(SETTLE);
    const remedy = remedyOf({
      input,
      verdict: handBackAsDrift(input.baseline),
      liveOptIn: deps.liveOptIn,
      lacksAccount: lacksAccount(input.baseline, deps.platformNamespaces),
      missing: rights.missing(key, id, "patch"),
      // What was healed was approved with all that comes of it.
      approved: true,
      held: undefined,
      otherClaimants: claimants,
      guard: outline.source.guard,
      own: deps.own,
    });
    if (remedy.do !== "heal") {
      held.add(text);
      // What was refused is believed for a minute: what changes meanwhile is looked at again after that, once.
      if (remedy.do === "wait" && remedy.reason === "permission") return later(refusalBelieved);
      const until = remedy.do === "wait" ? remedy.until : undefined;
      return until === undefined ? done : later(Math.min(LONGEST_WAIT, Math.max(SETTLE, until - clock.now())));
    }
    const plan = planHandBack(input);
    // Either it drifts, and its end is told; or what is shared is nothing of Git's, and nobody will ever drop it.
    if (plan === undefined) return hold(text);
    const wait = deps.rate.take(text);
    return wait > 0 ? later(wait) : handBack({ key, id, input, plan });
  }

  async function handBack(order: Order): Promise<Outcome> {
    const { id, input, plan } = order;
    const ref = refOf({ id, version: input.version });
    const answer = await api.patch(ref, { type: "json", operations: plan.operations }, actingAs(input.baseline));
    record(order, answer);
    if (answer.ok) {
      log.info({ baseline: order.key, object: idKey(id), fields: plan.fields }, "ownership given back");
      return done;
    }
    return conclude(order, answer);
  }

  const conclude = ({ key, id, input, plan }: Order, refusal: ApiRefusal): Outcome => {
    // Somebody else wrote meanwhile, be it a status that the watch does not tell of: looked at again. Where our entry
    // only moved its place the answer is a 422, and so is what a policy says, which more of it does not change.
    const isMoved = refusal.status === 422 && writer.retries(idKey(id)) < MOVES;
    if (isMoved || refusal.status === 409 || isTransient(refusal)) return retryAfter(refusal);
    if (refusal.status === 404) return done;
    const missing = refusal.status === 403 ? missingPermission(refusal.message) : undefined;
    if (missing === undefined) {
      log.info({ baseline: key, object: idKey(id), status: refusal.status }, "ownership cannot be given back");
      return done;
    }
    rights.refused(key, id, "patch", missing);
    const name = `${key} ${missing}`;
    if (told.has(name)) return hold(idKey(id));
    told.add(name);
    const { version } = input;
    const note = `ownership of what was put back on ${formatId(id)} cannot be given back: may not ${missing}`;
    deps.announce({ reason: "PermissionMissing", baseline: key, id, version, uid: plan.uid, at: clock.now(), note });
    return hold(idKey(id));
  };

  const record = ({ key, id, input, plan }: Order, answer: ApiAnswer): void => {
    const as = accountName(input.baseline);
    const revision = engine.outline(key)?.source.revision;
    const [, ...operations] = plan.operations;
    deps.evidence.record({
      kind: "handed-back",
      at: clock.now(),
      baseline: key,
      id,
      uid: plan.uid,
      ...(revision === undefined ? {} : { revision: formatRevision(revision) }),
      result: answer.ok ? "applied" : answer.status === 409 ? "conflict" : answer.status === 403 ? "denied" : "failed",
      reason: `others own ${plan.fields === 1 ? "1 field" : `${plan.fields} fields`} of what was put back`,
      plan: {
        kind: "patch",
        operations: operations.filter(({ op }) => op !== "test").map(({ op, path }) => `${String(op)} ${String(path)}`),
      },
      before: plan.resourceVersion,
      ...(answer.ok ? { after: getString(answer.body, "metadata", "resourceVersion") ?? "" } : {}),
      ...(as === undefined ? {} : { as }),
    });
  };

  const lookAt = (id: ResourceId): void => writer.addAfter(idKey(id), SETTLE);

  function* managed(kind: KindRef | undefined): Generator<void, void> {
    for (const id of live.managedBy(fieldManager, kind)) {
      if (id !== undefined) lookAt(id);
      yield;
    }
  }
  /** Few of all there are: the many are gone through in slices. */
  const lookThrough = (kind?: KindRef): void => void inSlices(breath, managed(kind), deps.isLeader);

  return {
    name: "hand-back",
    changed(id, version) {
      if (!deps.isLeader()) return;
      if (live.isManagedBy(fieldManager, id, version)) lookAt(id);
      else if (held.size > 0) held.delete(idKey(id));
    },
    sighted(kind) {
      if (deps.isLeader()) lookThrough(kind);
    },
    transition({ id, after }) {
      if (after?.verdict.kind === "in-sync" && held.has(idKey(id))) lookAt(id);
    },
    stateChanged(key) {
      const outline = engine.outline(key);
      if (outline === undefined || held.size === 0) return;
      const settings = steeringOf(outline);
      if (settingsSeen.get(key) === settings) return;
      settingsSeen.set(key, settings);
      for (const one of held) writer.addAfter(one, SETTLE);
    },
    removed(key) {
      settingsSeen.delete(key);
      for (const name of told) if (name.startsWith(`${key} `)) told.delete(name);
    },
    leading() {
      lookThrough();
    },
    run: (signal) => writer.run(signal),
  };
}
