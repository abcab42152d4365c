/**
 * Whether a tenant's ServiceAccount may see an object, remembered: the operator's watches see more than a tenant may,
 * so before anything of a kind and namespace is shown, a SubjectAccessReview (get) must pass, asked again every five
 * minutes. Until the first answer nothing is shown; while it is asked again the last answer counts.
 */
import type { Impersonation } from "../model/api.ts";
import type { Problem } from "../model/problem.ts";
import type { KindRef } from "../model/resource.ts";
import type { Clock } from "../runtime/clock.ts";
import type { SubjectAccess } from "./subject-access.ts";

/** Milliseconds. */
const ASK_AGAIN = 300_000;

export interface TenantSight {
  maySee(as: Impersonation, kind: KindRef, namespace: string): true | Problem | "asking";
}

interface Answer {
  readonly seen: true | Problem | "asking";
  /** Monotonic milliseconds. */
  readonly askedAt: number;
}

/** @param changed called when an answer is another than before */
export function createTenantSight(
  access: SubjectAccess,
  clock: Clock,
  changed: (as: Impersonation) => void,
): TenantSight {
  const answers = new Map<string, Answer>();

  const ask = async (key: string, as: Impersonation, kind: KindRef, namespace: string): Promise<void> => {
    const before = answers.get(key)?.seen ?? "asking";
    answers.set(key, { seen: before, askedAt: clock.monotonic() });
    const answer = await access.canI({ verb: "get", kind, namespace, as });
    const seen = answer.allowed ? true : answer.problem;
    answers.set(key, { seen, askedAt: clock.monotonic() });
    if (JSON.stringify(seen) !== JSON.stringify(before)) changed(as);
  };

  return {
    maySee(as, kind, namespace) {
      const key = [as.namespace, as.serviceAccount, kind.group, kind.kind, namespace].join("/");
      const known = answers.get(key);
      if (known === undefined || clock.monotonic() - known.askedAt > ASK_AGAIN) void ask(key, as, kind, namespace);
      return known?.seen ?? "asking";
    },
  };
}
