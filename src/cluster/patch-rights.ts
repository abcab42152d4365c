/**
 * Whether an account may patch one object, remembered for five minutes: asked of the API server (SubjectAccessReview,
 * or for ourselves SelfSubjectAccessReview) by the object's name, for a role may name it. Until the first answer it is
 * being asked; while it is asked again the last answer counts. Where nobody can tell, that is a yes: an object too many
 * waits, none is fought over.
 */
import type { Impersonation } from "../model/api.ts";
import { idKey, type ResourceId } from "../model/resource.ts";
import type { Clock } from "../runtime/clock.ts";
import type { SubjectAccess } from "./subject-access.ts";

/** Milliseconds. */
const LASTS = 300_000;
/** Milliseconds, where there was no answer. */
const LASTS_UNTOLD = 10_000;
/** So many answers are kept at most; the oldest give way. */
const MOST = 10_000;

export interface PatchRights {
  /** Undefined: ourselves. Answers at once, and has it asked where need be. */
  mayPatch(as: Impersonation | undefined, id: ResourceId): boolean | "asking";
}

interface Answer {
  readonly may: boolean | "asking";
  /** Monotonic milliseconds. */
  readonly until: number;
}

export function createPatchRights(
  access: SubjectAccess,
  clock: Pick<Clock, "monotonic">,
  most: number = MOST,
): PatchRights {
  const answers = new Map<string, Answer>();

  const keep = (key: string, may: Answer["may"], lasts: number): void => {
    // Put at the end: the first one is the oldest.
    answers.delete(key);
    answers.set(key, { may, until: clock.monotonic() + lasts });
    const [oldest] = answers.keys();
    if (answers.size > most && oldest !== undefined) answers.delete(oldest);
  };

  const ask = async (key: string, as: Impersonation | undefined, id: ResourceId): Promise<void> => {
    keep(key, answers.get(key)?.may ?? "asking", LASTS);
    const { group, kind, namespace, name } = id;
    const question = { verb: "patch", kind: { group, kind }, namespace, name };
    const answer = await access.canI(as === undefined ? question : { ...question, as });
    const told = answer.allowed || answer.untold !== true;
    keep(key, answer.allowed || !told, told ? LASTS : LASTS_UNTOLD);
  };

  return {
    mayPatch(as, id) {
      const key = `${as === undefined ? "" : `${as.namespace}/${as.serviceAccount}`} ${idKey(id)}`;
      const known = answers.get(key);
      if (known === undefined || known.until < clock.monotonic()) void ask(key, as, id);
      return known?.may ?? "asking";
    },
  };
}
