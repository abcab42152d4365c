/**
 * A suite that needs more than Node. Where something is missing the suite is left out, and left-out-reporter.ts
 * names it and says why in the last lines of the run.
 */
import { describe, test } from "vitest";
import { requirement, type RequirementName } from "../control-plane/requirements.ts";

export interface LeftOut {
  readonly why: string;
  /** True: a run that requires all may still go without it. */
  readonly optional: boolean;
}

declare module "vitest" {
  interface TaskMeta {
    leftOut?: LeftOut;
  }
}

/** The suite's body gets the path of each thing it needs. */
export function describeWith<Name extends RequirementName>(
  needs: readonly Name[],
  name: string,
  body: (paths: Readonly<Record<Name, string>>) => void,
): void {
  const paths: Partial<Record<Name, string>> = {};
  const missing: LeftOut[] = [];
  for (const need of needs) {
    const found = requirement(need);
    if (found.ok) paths[need] = found.path;
    else missing.push(found);
  }
  if (missing.length === 0) describe(name, () => body(paths as Record<Name, string>));
  else
    leaveOut(name, {
      why: missing.map(({ why }) => why).join(", "),
      optional: missing.every(({ optional }) => optional),
    });
}

/** A suite left out for a reason of its own. */
export function leaveOut(name: string, leftOut: LeftOut): void {
  describe(name, { meta: { leftOut } }, () => {
    test.skip(`left out: ${leftOut.why}`, () => {});
  });
}
