/**
 * What people, Git and the Baseline want, and what follows from it: may this object be written, in this way, at this
 * moment? Written from the contract (docs/annotations.md, docs/remediation.md) and from nothing of src, so that it can
 * disagree with it.
 */
import { kinds, sameContent, type Content, type KindName } from "./remediation-model-objects.ts";

export type Marks = Readonly<Record<string, string>>;

export const remediate = "plumbline.dev/remediate";
export const pauseUntil = "plumbline.dev/pause-until";

export type Cause = "live-edit" | "deletion" | "recreation" | "rollout" | "dropped-from-git";

export interface Settings {
  readonly mode: "Observe" | "Alert" | "Remediate";
  readonly scope: "OptIn" | "OptOut";
  readonly approval: "Never" | "HighRisk" | "Always";
  readonly causes: readonly Cause[];
  readonly prune: boolean;
  readonly suspend: boolean;
  /** Annotations of the Baseline. */
  readonly marks: Marks;
}

export interface Declared {
  readonly content: Content;
  readonly marks: Marks;
}

export interface Thing {
  readonly kind: KindName;
  readonly namespace: string;
  /** Undefined: Git does not declare it now. */
  readonly git: Declared | undefined;
  /** What Git said last. */
  readonly lastGit: Declared;
  /** Git dropped it before the present process began, which can't know what was said last. */
  readonly forgotten: boolean;
  /** Undefined: it was not there when somebody last looked. */
  readonly live: Declared | undefined;
  /** What Git said each time live may have matched it last; more than one where nobody can know. */
  readonly matched: readonly Declared[];
  /** It is certain that Plumbline saw live match what Git says now. */
  readonly sure: boolean;
  /** A person let this very drift be put back. */
  readonly approved: boolean;
  /** Made again by somebody after it was deleted, and not in sync since. */
  readonly recreated: boolean;
  /** How often people touched it: enough for a fight where they leave no name. */
  readonly edits: number;
}

export interface State {
  readonly settings: Settings;
  /** Milliseconds by which the operator's clock is ahead of everybody else's. */
  readonly ahead: number;
  /** `remediate` on each namespace. */
  readonly namespaces: Readonly<Record<string, string | undefined>>;
  readonly things: Readonly<Record<string, Thing>>;
}

export type Verb = "create" | "patch" | "delete";

export const sameDeclared = (one: Declared, other: Declared): boolean =>
  sameContent(one.content, other.content) && sameContent(one.marks, other.marks);

/** What Git says of the marks, live says the same. Marks that only live has are switches, no drift. */
export function isInSync(live: Declared | undefined, git: Declared): boolean {
  if (live === undefined || !sameContent(live.content, git.content)) return false;
  return Object.entries(git.marks).every(([name, value]) => live.marks[name] === value);
}

const isOff = (value: string | undefined): boolean => value !== undefined && value !== "enabled";

/** Until when it is paused: nobody knows where it cannot be read. */
function pausedUntil(marks: Marks): number {
  const text = marks[pauseUntil];
  if (text === undefined) return 0;
  const time = Date.parse(text);
  return Number.isNaN(time) ? Number.POSITIVE_INFINITY : time;
}

/** Annotations of the live object that say something Git does not. */
function onlyLive(live: Marks, git: Marks): Marks {
  return Object.fromEntries(Object.entries(live).filter(([name, value]) => git[name] !== value));
}

function switchedOff(state: State, thing: Thing, verb: Verb): string | undefined {
  const git = (thing.git ?? thing.lastGit).marks;
  const live = onlyLive(thing.live?.marks ?? {}, git);
  const namespace = state.namespaces[thing.namespace];
  const { scope, marks } = state.settings;
  if (isOff(git[remediate])) return "disabled in Git";
  if (isOff(live[remediate])) return "disabled on the live object";
  if (git[remediate] === "enabled") return undefined;
  if (live[remediate] === "enabled" && verb === "patch") return undefined;
  if (isOff(namespace)) return "disabled on the namespace";
  if (namespace === "enabled") return undefined;
  if (isOff(marks[remediate])) return "disabled on the Baseline";
  return scope === "OptOut" ? undefined : "nobody opted in";
}

function paused(state: State, thing: Thing, at: number): boolean {
  const git = (thing.git ?? thing.lastGit).marks;
  const live = onlyLive(thing.live?.marks ?? {}, git);
  return [git, live, state.settings.marks].some((marks) => pausedUntil(marks) > at);
}

function uncaused({ causes, prune }: Settings, thing: Thing, verb: Verb): string | undefined {
  const listed = (...wanted: readonly Cause[]): boolean => wanted.some((cause) => causes.includes(cause));
  const { git, matched } = thing;
  if (verb === "delete") {
    if (git !== undefined) return "Git declares it";
    if (!prune) return "prune is off";
    if (thing.forgotten) return "Git dropped it before a restart";
    return listed("dropped-from-git") ? undefined : "dropped-from-git is not listed";
  }
  if (git === undefined) return "Git does not declare it";
  if (!listed("rollout") && !matched.some((one) => sameDeclared(one, git))) return "the deployer goes first";
  if (verb === "create") return listed("deletion", "rollout") ? undefined : "deletion is not listed";
  return listed("live-edit", "rollout", ...(thing.recreated ? (["recreation"] as const) : []))
    ? undefined
    : "live-edit is not listed";
}

/** Only annotations differ: of low risk on whatever object. */
const isMarksOnly = ({ git, live }: Thing): boolean =>
  git !== undefined && live !== undefined && sameContent(live.content, git.content);

/** Why it may not be written so; undefined where it may. `name`: of a thing, or of whatever else there is. */
export function refusal(state: State, name: string, verb: Verb, at: number): string | undefined {
  const thing = state.things[name];
  const { settings } = state;
  if (thing === undefined) return "nobody ever declared it";
  if (settings.mode !== "Remediate") return `mode ${settings.mode}`;
  if (settings.suspend) return "suspended";
  const off = switchedOff(state, thing, verb) ?? uncaused(settings, thing, verb);
  if (off !== undefined) return off;
  if (paused(state, thing, at + state.ahead)) return "paused";
  const { approval } = settings;
  const risky = verb === "delete" || (kinds[thing.kind].risky && !isMarksOnly(thing));
  const asks = approval === "Always" || (approval === "HighRisk" && risky);
  return asks && !thing.approved ? "not approved" : undefined;
}

/** It has to be in sync soon, whatever comes, if nobody does anything. */
export function mustHeal(state: State, name: string, at: number): boolean {
  const thing = state.things[name];
  // That a pause is over is noticed by a timer, whatever was done to the clock meanwhile.
  if (thing?.git === undefined || !thing.sure || paused(state, thing, at)) return false;
  const { causes } = state.settings;
  if (thing.recreated && !causes.includes("recreation")) return false;
  const verb = thing.live === undefined ? "create" : "patch";
  if (verb === "patch" && !causes.includes("live-edit")) return false;
  if (verb === "create" && !causes.includes("deletion")) return false;
  return refusal(state, name, verb, at) === undefined;
}
