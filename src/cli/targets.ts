/** What a person calls an object: `deployment/web`, `deploy web api`, `baselines.plumbline.dev/shop`, as kubectl takes it. */
import { CliError } from "./cli-error.ts";

export interface Target {
  /** As it was said. */
  readonly kind: string;
  readonly name: string;
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

/** @throws CliError where it is no kind and name */
export function parseTarget(text: string): Target {
  const [kind = "", name = "", ...rest] = text.split("/");
  if (kind === "" || name === "" || rest.length > 0)
    throw new CliError(`${text}: a kind and a name are needed, such as deployment/web`);
  return { kind, name };
}

/** `deployment/web service/web`, or `deployment web api`. @throws CliError where they are neither */
export function parseTargets(words: readonly string[]): readonly Target[] {
  const [kind = "", ...names] = words;
  if (kind.includes("/") || names.length === 0) return words.map(parseTarget);
  return names.map((name) => {
    if (name.includes("/"))
      throw new CliError(`${kind} ${name}: give either kind/name each time, or one kind and names`);
    return { kind, name };
  });
}
