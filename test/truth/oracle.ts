/**
 * What must be found after an edit, by the rules of drift semantics and from three things only: what Git's file says,
 * and what the server answered before the edit and after. Nothing of the comparison is used here.
 */
import { getIn, getString, isArray, isObject, type Json } from "../../src/model/json.ts";
import { formatPath, type Path } from "../../src/model/path.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { same, type Delta } from "./delta.ts";

/** What Git's file says at a path: a missing key of a list item is one it leaves to its default. */
export function statedAt(desired: KubeObject, path: Path): Json | undefined {
  let at: Json | undefined = withStringData(desired);
  for (const element of path) {
    if (at === undefined || at === null) return undefined;
    if (element.type === "field") at = isObject(at) && Object.hasOwn(at, element.name) ? at[element.name] : undefined;
    else if (!isArray(at)) return undefined;
    else if (element.type === "index") at = at[element.index];
    else if (element.type === "value") at = at.find((item) => same(item, element.value));
    else {
      const keys = Object.entries(element.keys);
      const known = (item: Json): boolean => isObject(item) && keys.some(([key]) => item[key] !== undefined);
      at = at.find(
        (item) =>
          known(item) && keys.every(([key, value]) => getIn(item, key) === undefined || same(getIn(item, key), value)),
      );
    }
  }
  return at === null ? undefined : at;
}

/** The server folds `stringData` into `data`. */
function withStringData(desired: KubeObject): Json {
  if (desired.kind !== "Secret" || !isObject(desired["stringData"])) return desired;
  return { ...desired, data: { ...(isObject(desired["data"]) ? desired["data"] : {}), ...desired["stringData"] } };
}

/** Differences that the semantics say are no drift, whoever looks: each with the sentence that says so. */
interface Excuse {
  readonly why: string;
  readonly when: (told: Told, at: Situation) => boolean;
}

export interface Situation {
  readonly desired: KubeObject;
  /** Compiled into the server. */
  readonly native: boolean;
  /** True where the name of who sent the edit is a controller's. */
  readonly byController: boolean;
  /** True where who sent the edit also deployed the object. */
  readonly byDeployer: boolean;
  /** Where an apply configuration ends: all of it is the applier's; the root where it was no apply. */
  readonly wrote: Path;
}

export interface Told {
  readonly op: "added" | "changed" | "removed";
  readonly path: Path;
  readonly delta: Delta;
}

/** The server picks one and lets anybody pick another: then it is the deployer's pick, or it counts. */
const picked: Readonly<Record<string, RegExp>> = {
  Service: /^\.spec\.(ports\[.*\]\.nodePort|healthCheckNodePort)$/,
};
const pulled = /\.(containers|initContainers)\[[^\]]*\]\.imagePullPolicy$|\.image\.pullPolicy$/;

const jobLabels = /^\.metadata\.labels(\.|\["batch\.kubernetes\.io\/)(controller-uid|job-name)("\])?$/;

export const excuses: readonly Excuse[] = [
  {
    why: "section 3: on custom resources what only controllers add does not count by default",
    when: (one, at) => one.op === "added" && !at.native && at.byController && !takesOver(one, at),
  },
  {
    why: "section 3: imagePullPolicy is sticky, so either default is in sync where nobody but the deployer chose it",
    when: ({ op, path, delta }, { byDeployer }) =>
      op === "added" && byDeployer && pulled.test(formatPath(path)) && delta.after !== "Never",
  },
  {
    why: "allocated where Git leaves it open, and chosen by nobody but the deployer",
    when: ({ op, path }, { desired, byDeployer }) =>
      op === "added" && byDeployer && (picked[desired.kind]?.test(formatPath(path)) ?? false),
  },
  {
    why: "admission, or the controller of storage classes, puts a claim that names no class into the default one",
    when: ({ path }, { desired, byController, byDeployer }) =>
      desired.kind === "PersistentVolumeClaim" &&
      formatPath(path) === ".spec.storageClassName" &&
      (byController || byDeployer),
  },
  {
    why: "a CA bundle that Git leaves empty is an injector's to fill in",
    when: ({ path, delta }, { desired }) =>
      formatPath(path).endsWith(".caBundle") && delta.after !== undefined && (statedAt(desired, path) ?? "") === "",
  },
  {
    why: "a Job without labels takes those of its template, and with them its own uid and name",
    when: ({ op, path, delta }, { desired }) =>
      op === "added" &&
      desired.kind === "Job" &&
      jobLabels.test(formatPath(path)) &&
      (delta.after === desired.metadata["name"] ||
        /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(String(delta.after))),
  },
  {
    why: "the rules of an aggregated ClusterRole are gathered by a controller",
    when: ({ path }, { desired }) =>
      desired.kind === "ClusterRole" && isObject(desired["aggregationRule"]) && formatPath(path).startsWith(".rules"),
  },
];

/** With one item of a list that is merged as a whole, or with a whole list or map, an editor takes over what Git states in it. */
function takesOver({ path }: Told, { desired, wrote }: Situation): boolean {
  const first = path.findIndex((element) => element.type === "index");
  if (first >= 0 && statedAt(desired, path.slice(0, first)) !== undefined) return true;
  const stated = wrote.length > 0 && wrote.length < path.length ? statedAt(desired, wrote) : undefined;
  return isArray(stated) || (isObject(stated) && Object.keys(stated).length > 0);
}

/**
 * A delta as Git sees it. Undefined where a default went and the server did not fill it in again: there it has none; but
 * inside a list or map that Git leaves to its default, what went is missing.
 */
export function told(delta: Delta, desired: KubeObject): Told | undefined {
  const { path, before, after, inside } = delta;
  const stated = before !== undefined && statedAt(desired, path) !== undefined;
  if (after === undefined) {
    const missing = inside.some((length) => statedAt(desired, path.slice(0, length)) === undefined);
    return stated || missing ? { op: "removed", path, delta } : undefined;
  }
  return { op: stated ? "changed" : "added", path, delta };
}

export const lineOf = ({ op, path }: Pick<Told, "op" | "path">): string => `${op} ${formatPath(path)}`;

/** True where one path is, or encloses, the other. */
export function touches(one: Path, other: Path): boolean {
  const [shorter, longer] = one.length <= other.length ? [one, other] : [other, one];
  return formatPath(longer.slice(0, shorter.length)) === formatPath(shorter);
}

const lostNodes: ReadonlySet<string> = new Set(["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]);

/** Lists that are no default, but the server's own: where Git leaves them out there is no list to look into. */
const allocatedLists: readonly {
  readonly kind: string;
  readonly path: readonly string[];
  /** What the server puts there by itself, in whatever order or number it stands. */
  readonly isOrdinary: (item: Json) => boolean;
}[] = [
  {
    kind: "Pod",
    path: ["spec", "tolerations"],
    isOrdinary: (item) => lostNodes.has(getString(item, "key") ?? "") && getIn(item, "tolerationSeconds") === 300,
  },
  { kind: "Service", path: ["spec", "ipFamilies"], isOrdinary: () => false },
];

/** Told as one. */
function whole(deltas: readonly Delta[], { desired }: Situation, answer: KubeObject): readonly Delta[] {
  let told = deltas;
  for (const { kind, path: names, isOrdinary } of allocatedLists) {
    const path: Path = names.map((name) => ({ type: "field", name }));
    if (desired.kind !== kind || statedAt(desired, path) !== undefined) continue;
    const others = told.filter((delta) => !touches(delta.path, path));
    const after = getIn(answer, ...names);
    const isMoved = others.length < told.length && isArray(after) && !after.every(isOrdinary);
    told = isMoved ? [...others, { path, tokens: names, inside: [], after }] : others;
  }
  return told;
}

/**
 * @param refills asked for what appeared beside or below the edit itself: true where the server fills it in by itself,
 * so that it follows from the edit and is not drift of its own; `just` so where it is part of what was edited
 */
export async function expectedOf(
  { deltas, answer, sites }: { deltas: readonly Delta[]; answer: KubeObject; sites: readonly Path[] },
  situation: Situation,
  refills: (delta: Delta, just: boolean) => Promise<boolean>,
): Promise<readonly Told[]> {
  const expected: Told[] = [];
  for (const delta of whole(deltas, situation, answer)) {
    const one = told(delta, situation.desired);
    if (one === undefined || excuses.some((excuse) => excuse.when(one, situation))) continue;
    const itself = sites.some((site) => formatPath(site) === formatPath(delta.path));
    const part = sites.some((site) => touches(site, delta.path));
    const around = part && sites.some((site) => delta.path.length < site.length && touches(site, delta.path));
    if (one.op === "added" && !itself && !around && (await refills(delta, part))) continue;
    expected.push(one);
  }
  return expected;
}
