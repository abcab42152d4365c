/**
 * What a person calls an object: `deployment/web`, `deploy web api`, `baselines.plumbline.dev/shop`, as kubectl takes it.
 * A Baseline is everywhere taken by its name, or with its namespace: `shop`, `platform/shop`, `baseline/platform/shop`.
 */
import { isPathSegment } from "../cluster/api-path.ts";
import { baselineKind } from "../sinks/events.ts";
import { CliError } from "./cli-error.ts";

export interface Target {
  /** As it was said. */
  readonly kind: string;
  readonly name: string;
  /** Where a Baseline was said to be. */
  readonly namespace?: string;
}

interface NamedKind {
  readonly group: string;
  readonly kind: string;
}

/** kubectl's short names of the built-in kinds, and ours. Source: `kubectl api-resources`. */
const shortNames: Readonly<Record<string, string>> = {
  bl: "baseline",
  cj: "cronjob",
  cm: "configmap",
  crd: "customresourcedefinition",
  deploy: "deployment",
  ds: "daemonset",
  ep: "endpoints",
  hpa: "horizontalpodautoscaler",
  ing: "ingress",
  limits: "limitrange",
  netpol: "networkpolicy",
  no: "node",
  ns: "namespace",
  pc: "priorityclass",
  pdb: "poddisruptionbudget",
  po: "pod",
  pv: "persistentvolume",
  pvc: "persistentvolumeclaim",
  quota: "resourcequota",
  rc: "replicationcontroller",
  rs: "replicaset",
  sa: "serviceaccount",
  sc: "storageclass",
  sts: "statefulset",
  svc: "service",
};

/** As kubectl takes a kind: `deployment`, `Deployments`, `deploy`, `deployments.apps`. */
export function namesKind(said: string, { group, kind }: NamedKind): boolean {
  const [first = "", ...rest] = said.toLowerCase().split(".");
  if (rest.length > 0 && rest.join(".") !== group) return false;
  const name = kind.toLowerCase();
  return [name, `${name}s`, `${name}es`, `${name.replace(/y$/, "")}ies`].includes(shortNames[first] ?? first);
}

export const namesBaselines = (said: string): boolean => namesKind(said, baselineKind);

export interface BaselineName {
  readonly namespace: string;
  readonly name: string;
}

/** `shop`, `platform/shop`, either with `baseline/` before it. @throws CliError where it is no name */
export function parseBaselineName(text: string): { readonly namespace?: string; readonly name: string } {
  const [first = "", ...rest] = text.split("/");
  const parts = rest.length > 0 && namesBaselines(first) ? rest : [first, ...rest];
  const [one = "", two] = parts;
  if (parts.length > 2 || !parts.every(isPathSegment))
    throw new CliError(`${text}: the name of a Baseline is needed, such as shop or platform/shop`);
  return two === undefined ? { name: one } : { namespace: one, name: two };
}

/** @param namespace of a Baseline that is named without. @throws CliError where it is no name */
export const readBaselineName = (text: string, namespace: string): BaselineName => ({
  namespace,
  ...parseBaselineName(text),
});

/** @throws CliError where it is no kind and name */
export function parseTarget(text: string): Target {
  const [kind = "", name = "", ...rest] = text.split("/");
  if (rest.length === 1 && namesBaselines(kind)) return { kind, ...parseBaselineName(text) };
  if (kind === "" || name === "" || rest.length > 0)
    throw new CliError(`${text}: a kind and a name are needed, such as deployment/web`);
  return { kind, name };
}

/** `deployment/web service/web`, or `deployment web api`. @throws CliError where they are neither */
export function parseTargets(words: readonly string[]): readonly Target[] {
  const [kind = "", ...names] = words;
  if (kind.includes("/") || names.length === 0) return words.map(parseTarget);
  return names.map((name) => {
    if (name.includes("/") && namesBaselines(kind)) return parseTarget(`${kind}/${name}`);
    if (name.includes("/"))
      throw new CliError(`${kind} ${name}: give either kind/name each time, or one kind and names`);
    return { kind, name };
  });
}
