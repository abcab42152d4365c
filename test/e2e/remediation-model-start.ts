/** How each run of the model-based test begins, and the settings under which everything may be put back. */
import { kinds, type KindName } from "./remediation-model-objects.ts";
import { remediate, type Declared, type Settings, type State, type Thing } from "./remediation-model-state.ts";

/** Kind, half of the run's namespaces, and what Git says of `remediate`. */
type Row = readonly [kind: KindName, half: "a" | "b", mark?: "enabled" | "disabled"];

/** What people and commits play with. */
const played: Readonly<Record<string, Row>> = {
  c0: ["ConfigMap", "a", "enabled"],
  c1: ["ConfigMap", "a"],
  c2: ["ConfigMap", "a", "enabled"],
  d0: ["Deployment", "a", "enabled"],
  s0: ["Service", "a", "enabled"],
  k0: ["Secret", "a", "enabled"],
  n0: ["NetworkPolicy", "a", "enabled"],
  c3: ["ConfigMap", "b", "enabled"],
  c4: ["ConfigMap", "b", "disabled"],
  d1: ["Deployment", "b"],
  n1: ["NetworkPolicy", "b"],
};

/** Nobody touches them: a commit that drops two of all is then no disaster, and whoever writes them is wrong. */
const still: Readonly<Record<string, Row>> = Object.fromEntries(
  Array.from({ length: 8 }, (_, at) => [`f${at}`, ["ConfigMap", at % 2 === 0 ? "a" : "b"] as Row]),
);

export const playedNames: readonly string[] = Object.keys(played);
export const kindOf = (name: string): KindName => played[name]?.[0] ?? "ConfigMap";
export const deploymentNames: readonly string[] = playedNames.filter((name) => played[name]?.[0] === "Deployment");

export const begin: Settings = {
  mode: "Remediate",
  scope: "OptIn",
  approval: "HighRisk",
  causes: ["live-edit", "deletion"],
  prune: false,
  suspend: false,
  marks: {},
};

export const open: Settings = {
  ...begin,
  scope: "OptOut",
  approval: "Never",
  causes: ["live-edit", "deletion", "recreation"],
};

export function first(run: string, ahead: number): State {
  const things = Object.entries({ ...played, ...still }).map(([name, [kind, half, mark]]): [string, Thing] => {
    const git: Declared = {
      content: kinds[kind].initial,
      marks: mark === undefined ? {} : { [remediate]: mark },
    };
    const common = { kind, namespace: `${run}-${half}`, git, lastGit: git, live: git, matched: [git] };
    return [name, { ...common, sure: true, forgotten: false, approved: false, recreated: false, edits: 0 }];
  });
  return {
    settings: begin,
    ahead,
    namespaces: { [`${run}-a`]: undefined, [`${run}-b`]: undefined },
    things: Object.fromEntries(things),
  };
}

export const namesIn = ({ things }: State): readonly string[] => Object.keys(things);
