/**
 * Whether a tenant's ServiceAccount may see an object, remembered: the operator's watches see more than a tenant may,
 * so before anything of a kind and namespace is shown, a SubjectAccessReview (get) must pass, asked again every five
 * minutes. Until the first answer nothing is shown; while it is asked again the last answer counts. What was refused is
 * looked at again by itself, so that a right that is granted later is seen.
 */
import type { Impersonation } from "../model/api.ts";
import type { Problem } from "../model/problem.ts";
import type { Clock, Timer } from "../runtime/clock.ts";
import type { AccessQuestion, SubjectAccess } from "./subject-access.ts";

/** Milliseconds. */
const ASK_AGAIN = 300_000;
/** Milliseconds, where the last answer was none: nobody could tell. */
const ASK_AGAIN_SOON = 10_000;

export interface TenantSight {
  /** Answers at once, and has it asked where need be; `changed` follows where the answer turns out to be another. */
  maySee(as: Impersonation, kind: AccessQuestion["kind"], namespace: string): true | Problem | "asking";
}

type Seen = true | Problem | "asking";

interface Answer {
  readonly seen: Seen;
  /** Monotonic milliseconds. */
  readonly askedAt: number;
}

/** Milliseconds for which an answer counts. */
function lastsFor(seen: Seen): number {
  if (seen === true || seen === "asking") return ASK_AGAIN;
  return seen.code === "forbidden" ? ASK_AGAIN : ASK_AGAIN_SOON;
}

/** @param changed called when an answer is another than before, or a refusal is to be asked about again */
export function createTenantSight(
  access: SubjectAccess,
  clock: Clock,
  changed: (as: Impersonation) => void,
): TenantSight {
  const answers = new Map<string, Answer>();
  /** Per ServiceAccount: when what it was refused is looked at again. */
  const looks = new Map<string, { readonly due: number; readonly timer: Timer }>();

  const lookAgain = (as: Impersonation, milliseconds: number): void => {
    const who = `${as.namespace}/${as.serviceAccount}`;
    const due = clock.monotonic() + milliseconds;
    const planned = looks.get(who);
    if (planned !== undefined && planned.due <= due) return;
    planned?.timer.cancel();
    const look = (): void => {
      looks.delete(who);
      changed(as);
    };
    // Later than it lasts, or the look would find it fresh.
    looks.set(who, { due, timer: clock.after(milliseconds + 100, look) });
  };

  const ask = async (
    key: string,
    as: Impersonation,
    { group, kind }: AccessQuestion["kind"],
    namespace: string,
  ): Promise<void> => {
    const before = answers.get(key)?.seen ?? "asking";
    answers.set(key, { seen: before, askedAt: clock.monotonic() });
    const answer = await access.canI({ verb: "get", kind: { group, kind }, namespace, as });
    const seen = answer.allowed ? true : answer.problem;
    answers.set(key, { seen, askedAt: clock.monotonic() });
    if (JSON.stringify(seen) !== JSON.stringify(before)) changed(as);
    if (seen !== true) lookAgain(as, lastsFor(seen));
  };

  return {
    maySee(as, kind, namespace) {
      const key = [as.namespace, as.serviceAccount, kind.group, kind.kind, namespace].join("/");
      const known = answers.get(key);
      if (known === undefined || clock.monotonic() - known.askedAt > lastsFor(known.seen))
        void ask(key, as, kind, namespace);
      return known?.seen ?? "asking";
    },
  };
}
