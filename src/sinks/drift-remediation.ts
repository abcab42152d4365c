/** What a Drift record says of putting its object back: what would be written, what it waits for, what came of it. Pure. */
import type { Mode } from "../model/baseline.ts";
import type { DriftFields } from "../model/drift-schema.ts";
import { printableLine } from "../model/printable.ts";
import type { ShownPlan } from "../verdict/shown-plan.ts";
import type { RemediationState } from "./ports.ts";

const maxOperations = 50;
const maxContested = 20;

const time = (at: number): string => new Date(at).toISOString();

type RemediationFields = NonNullable<DriftFields["remediation"]>;

function stateFields(state: RemediationState): RemediationFields {
  return {
    state: state.state,
    attempts: state.attempts,
    ...(state.lastResult === undefined ? {} : { lastResult: state.lastResult }),
    ...(state.lastAttemptAt === undefined ? {} : { lastAttemptAt: time(state.lastAttemptAt) }),
    ...(state.waitingFor === undefined ? {} : { waitingFor: state.waitingFor }),
    ...(state.waitsUntil === undefined ? {} : { waitsUntil: time(state.waitsUntil) }),
    ...(state.message === undefined ? {} : { message: printableLine(state.message, 1024) }),
    ...(state.worsened === true ? { worsened: true } : {}),
    ...(state.owed === undefined ? {} : { owed: state.owed }),
    ...(state.contested === undefined
      ? {}
      : {
          contested: {
            managers: state.contested.managers.slice(0, maxContested).map((name) => printableLine(name, 253)),
            paths: state.contested.paths.slice(0, maxContested).map((path) => printableLine(path, 2048)),
          },
        }),
  };
}

function planFields(plan: ShownPlan): NonNullable<RemediationFields["plan"]> {
  const pointers = (all: readonly string[]): string[] =>
    all.slice(0, maxOperations).map((one) => printableLine(one, 2048));
  return {
    kind: plan.kind,
    ...(plan.total === 0
      ? {}
      : {
          operations: plan.operations
            .slice(0, maxOperations)
            .map(({ op, path }) => ({ op, path: printableLine(path, 2048) })),
          operationsTotal: plan.total,
        }),
    ...(plan.immutable.length === 0 ? {} : { immutable: pointers(plan.immutable) }),
    ...(plan.destroys === undefined ? {} : { destroys: printableLine(plan.destroys, 1024) }),
  };
}

export interface RemediationInput {
  readonly mode: Mode;
  readonly remediation: RemediationState | undefined;
  /** What would be written, where anything would. */
  readonly plan: ShownPlan | undefined;
}

/** A plan is shown where it may come to be carried out: in mode Remediate, and where nothing says that it never is. */
export function remediationFields({ mode, remediation, plan }: RemediationInput): RemediationFields | undefined {
  const isShown = mode === "Remediate" && remediation?.state !== "not-allowed";
  const planned = isShown && plan !== undefined ? { plan: planFields(plan) } : {};
  if (remediation === undefined) return "plan" in planned ? planned : undefined;
  return { ...stateFields(remediation), ...planned };
}
