/**
 * Annotations that a person sets or takes away by the command line, with a field manager of its own, so that no heal or
 * apply of the operator takes them for its own. Where `isSame` is given, only an object that still is what the person
 * was shown is written, however often others write it meanwhile.
 */
import type { ApiRefusal, ObjectRef } from "../model/api.ts";
import type { KubeObject } from "../model/resource.ts";
import { getString } from "../model/json.ts";
import { CliError } from "./cli-error.ts";
import type { ClusterAccess } from "./cluster-access.ts";

const TRIES = 5;

const nameOf = ({ kind, namespace, name }: ObjectRef): string =>
  `${kind.kind} ${namespace === "" ? name : `${namespace}/${name}`}`;

function failed(ref: ObjectRef, verb: string, { status, message }: ApiRefusal): CliError {
  if (status === 404) return new CliError(`${nameOf(ref)} is not there`);
  return new CliError(`${nameOf(ref)} cannot be ${verb}: ${message}`);
}

/** @throws CliError where it is not there, or cannot be read */
export async function readObject(cluster: ClusterAccess, ref: ObjectRef): Promise<KubeObject> {
  const answer = await cluster.api.get(ref);
  if (!answer.ok) throw failed(ref, "read", answer);
  return answer.body;
}

export interface Annotating {
  readonly ref: ObjectRef;
  /** As the person was shown it. */
  readonly shown: KubeObject;
  /** Null takes one away. */
  readonly annotations: Readonly<Record<string, string | null>>;
  /** Whether what is there now is what was shown; without it, any version will do as long as it is the same object. */
  readonly isSame?: (now: KubeObject) => boolean;
}

/** @throws CliError where it cannot be written, or is no longer what was shown */
export async function annotate(cluster: ClusterAccess, asked: Annotating): Promise<KubeObject> {
  const { ref, annotations, isSame } = asked;
  let { shown } = asked;
  const uid = getString(shown.metadata, "uid") ?? "";
  for (let tries = 1; ; tries += 1) {
    const guard = isSame === undefined ? { uid } : { uid, resourceVersion: shown.metadata["resourceVersion"] ?? null };
    const body = { metadata: { ...guard, annotations } };
    const answer = await cluster.api.patch(ref, { type: "merge", body });
    if (answer.ok) return answer.body;
    if (answer.status !== 409 || tries === TRIES) throw failed(ref, "annotated", answer);
    shown = await readObject(cluster, ref);
    if (getString(shown.metadata, "uid") !== uid || isSame?.(shown) === false)
      throw new CliError(`${nameOf(ref)} changed meanwhile: nothing was written; look at it again`);
  }
}
