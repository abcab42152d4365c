/** Baselines and Drift records of the cluster, as the command line reads them. */
import { getIn, getString, isArray, type Json, parseJson } from "../model/json.ts";
import { isKubeObject, type KubeObject } from "../model/resource.ts";
import { CliError } from "./cli-error.ts";
import type { ClusterAccess } from "./cluster-access.ts";

type Plural = "baselines" | "drifts";

function tryJson(body: string): Json | undefined {
  try {
    return parseJson(body);
  } catch {
    return undefined;
  }
}

interface Refused {
  readonly status: number;
  readonly message: string;
}

async function request(cluster: ClusterAccess, plural: Plural, namespace: string | undefined): Promise<Json | Refused> {
  const scope = namespace === undefined ? "" : `namespaces/${encodeURIComponent(namespace)}/`;
  const path = `/apis/plumbline.dev/v1alpha1/${scope}${plural}`;
  const answer = await cluster.transport.request({ method: "GET", path, verb: "list" });
  if (answer.status === 404) throw new CliError("the cluster does not know Baselines: install Plumbline first");
  if (answer.status === 200) return parseJson(answer.text);
  return { status: answer.status, message: getString(tryJson(answer.text), "message") ?? answer.text };
}

const isRefused = (answer: Json | Refused): answer is Refused =>
  getIn(answer as Json, "items") === undefined && typeof getIn(answer as Json, "status") === "number";

const objectsIn = (list: Json): readonly KubeObject[] => {
  const items = getIn(list, "items");
  const head = { apiVersion: "plumbline.dev/v1alpha1", kind: (getString(list, "kind") ?? "").replace(/List$/, "") };
  return (isArray(items) ? items : []).flatMap((item): readonly KubeObject[] => {
    const object = { ...head, ...(item as object) } as Json;
    return isKubeObject(object) ? [object] : [];
  });
};

/** @param namespace undefined: of every namespace. @throws CliError where they cannot be listed */
export async function listOwn(
  cluster: ClusterAccess,
  plural: Plural,
  namespace: string | undefined,
): Promise<readonly KubeObject[]> {
  const answer = await request(cluster, plural, namespace);
  if (isRefused(answer)) throw new CliError(`${plural} cannot be listed: ${answer.message}`);
  return objectsIn(answer);
}

export interface WidelyListed {
  readonly objects: readonly KubeObject[];
  /** False where only one namespace may be looked into. */
  readonly isAll: boolean;
}

/** Of every namespace, or, for who may not look there, of one. @throws CliError where not even those can be listed */
export async function listOwnWidely(cluster: ClusterAccess, plural: Plural, namespace: string): Promise<WidelyListed> {
  const answer = await request(cluster, plural, undefined);
  if (!isRefused(answer)) return { objects: objectsIn(answer), isAll: true };
  if (answer.status !== 403) throw new CliError(`${plural} cannot be listed: ${answer.message}`);
  return { objects: await listOwn(cluster, plural, namespace), isAll: false };
}
