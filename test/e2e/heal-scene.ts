/** What tests of putting back ask of a scene: what a record says of it, who approves, and what was written. Decides nothing. */
import { expect } from "vitest";
import { getIn, getString, isObject, type Json, type JsonObject } from "../../src/model/json.ts";
import { writesOf } from "./audit.ts";
import { defaultNamespace, eventually } from "./operator.ts";
import { configMapPath, merge, type DriftRecord, type Scene } from "./scene.ts";

export const enabled = { "plumbline.dev/remediate": "enabled" };

/** The record of an object, `ConfigMap shop/web`. */
export async function recordOf(scene: Scene, object: string, baseline?: string): Promise<DriftRecord | undefined> {
  return (await scene.drifts(baseline)).find((record) => record.object === object);
}

/** What the record says of putting it back; undefined where there is no record. */
export async function remediationOf(scene: Scene, object: string, baseline?: string): Promise<JsonObject | undefined> {
  const record = await recordOf(scene, object, baseline);
  if (record === undefined) return undefined;
  const found = getIn(record.body, "remediation");
  return isObject(found) ? found : {};
}

/** A record is written again only after a while, and what waits is looked at again within a minute. */
export function untilSaid(
  scene: Scene,
  object: string,
  fits: (remediation: JsonObject) => boolean,
  baseline?: string,
  within = 90_000,
): Promise<JsonObject> {
  let last: JsonObject | undefined;
  return eventually(
    `what the record of ${object} says`,
    async () => {
      last = await remediationOf(scene, object, baseline);
      if (last === undefined || !fits(last)) throw new Error(`it says ${JSON.stringify(last)}`);
      return last;
    },
    { within, every: 100 },
  );
}

export const untilWaits = (
  scene: Scene,
  object: string,
  reason: string,
  baseline?: string,
  within?: number,
): Promise<JsonObject> => untilSaid(scene, object, ({ waitingFor }) => waitingFor === reason, baseline, within);

/** As a person does: the record gets the hash that it shows. */
export async function approve(scene: Scene, object: string): Promise<string> {
  const record = await recordOf(scene, object);
  const hash = getString(record?.body, "contentHash") ?? "";
  const name = getString(record?.body, "metadata", "name") ?? "";
  const path = `/apis/plumbline.dev/v1alpha1/namespaces/${defaultNamespace}/drifts/${name}`;
  await scene.send("PATCH", path, { metadata: { annotations: { "plumbline.dev/approve": hash } } }, merge);
  return hash;
}

/** `patch web`, of everything that is not Plumbline's own and that the server accepted, in the order of words. */
export const healed = (scene: Scene, since: string): readonly string[] =>
  writesOf(scene.plane, since)
    .filter(({ own, code }) => !own && code < 300)
    .map(({ verb, name }) => `${verb} ${name}`)
    .toSorted();

/** That {@link healed} says this: the audit log has a write a moment after everybody sees it. */
export const untilHealed = (scene: Scene, since: string, ...wanted: readonly string[]): Promise<true> =>
  eventually(`${wanted.join(", ")} in the audit log`, () => {
    expect(healed(scene, since)).toEqual(wanted);
    return true;
  });

export async function colourOf(scene: Scene, namespace: string, name: string): Promise<Json | undefined> {
  const { status, text } = await scene.plane.request("GET", configMapPath(namespace, name));
  return status === 404 ? undefined : getIn(JSON.parse(text) as Json, "data", "colour");
}

/** Undefined: it is gone. */
export const untilColour = (
  scene: Scene,
  namespace: string,
  name: string,
  colour: string | undefined,
  within = 60_000,
) =>
  eventually(
    `${namespace}/${name} is ${colour ?? "gone"}`,
    async () => (await colourOf(scene, namespace, name)) === colour || undefined,
    { within },
  );

/** How many objects of a Baseline have a verdict, by its status. */
export const untilCounted = (scene: Scene, baseline: string, verdict: string, wanted: number) =>
  eventually(
    `${wanted} of ${baseline} ${verdict}`,
    async () => getIn(await scene.status(baseline), "objects", verdict) === wanted || undefined,
    { within: 60_000 },
  );

/** A ServiceAccount beside the operator, with these verbs on the ConfigMaps of a namespace. */
export async function grantAccount(
  scene: Scene,
  name: string,
  namespace: string,
  verbs: readonly string[],
): Promise<void> {
  const head = { apiVersion: "rbac.authorization.k8s.io/v1", metadata: { name } };
  const rights = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}`;
  await scene.send("POST", `/api/v1/namespaces/${defaultNamespace}/serviceaccounts`, {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name },
  });
  await scene.send("POST", `${rights}/roles`, { ...head, kind: "Role", rules: [rule(verbs)] });
  await scene.send("POST", `${rights}/rolebindings`, {
    ...head,
    kind: "RoleBinding",
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name },
    subjects: [{ kind: "ServiceAccount", name, namespace: defaultNamespace }],
  });
}

const rule = (verbs: readonly string[]): JsonObject => ({
  apiGroups: [""],
  resources: ["configmaps"],
  verbs: [...verbs],
});

/** Other verbs for an account of {@link grantAccount}. */
export async function regrant(scene: Scene, name: string, namespace: string, verbs: readonly string[]): Promise<void> {
  const path = `/apis/rbac.authorization.k8s.io/v1/namespaces/${namespace}/roles/${name}`;
  await scene.send("PATCH", path, { rules: [rule(verbs)] }, merge);
}
