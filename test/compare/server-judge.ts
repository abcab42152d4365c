/** Judges an object as it stands on a real API server, with what other objects there say about it. */
import { noFacts } from "../../src/compare/facts.ts";
import { kindOf } from "../../src/compare/schema-index.ts";
import { formatJson, type Json } from "../../src/model/json.ts";
import type { LiveObject } from "../../src/model/live.ts";
import { formatPath } from "../../src/model/path.ts";
import { idOf, isKubeObject, kindRef, type KubeObject } from "../../src/model/resource.ts";
import { decide, type Decision } from "../../src/verdict/decide.ts";
import type { TruthServer } from "../corpus/truth-server.ts";
import { baseline, declared, liveOf, situation } from "../verdict/pair-fixture.ts";

export async function readObject(server: TruthServer, object: KubeObject): Promise<KubeObject> {
  const { body } = await server.send("GET", server.pathOf(object) ?? "");
  if (!isKubeObject(body)) throw new Error(`not there: ${formatJson(body)}`);
  return body;
}

/** As the operator keeps it: without status, with its ownership as text. */
export function asKept(object: KubeObject): LiveObject {
  const { managedFields, ...metadata } = object.metadata;
  const { status: _status, ...kept } = object;
  return liveOf({ ...kept, metadata } as KubeObject, {
    managedFields: managedFields === undefined ? "" : formatJson(managedFields as Json),
    resourceVersion: String(metadata["resourceVersion"]),
    uid: String(metadata["uid"]),
  });
}

export interface Seen {
  readonly desired: KubeObject;
  readonly live: KubeObject;
  /** The version seen before. */
  readonly before?: KubeObject;
  /** Other objects that are watched; a kind of which none is here is not. */
  readonly others?: readonly KubeObject[];
}

export function judgeOn(server: TruthServer, { desired, live, before, others = [] }: Seen): Decision {
  const schema = server.index.schemaFor(kindOf(desired));
  if (schema === undefined) throw new Error(`no schema for ${desired.kind}`);
  const known = before === undefined ? undefined : asKept(before);
  return decide(
    situation({
      baseline: baseline(),
      id: idOf(desired),
      version: kindRef(desired.apiVersion, desired.kind).version,
      desired: declared(desired),
      previous: declared(desired),
      live: { state: "present", live: asKept(live) },
      schema,
      tracked: true,
      facts: {
        ...noFacts,
        live: (id, version) => {
          const ofKind = others.filter((one) => one.kind === id.kind);
          if (ofKind.length === 0) return noFacts.live(id, version);
          const found = ofKind.find((one) => idOf(one).name === id.name && idOf(one).namespace === id.namespace);
          return found === undefined ? { state: "absent" } : { state: "present", live: asKept(found) };
        },
      },
      ...(known === undefined
        ? {}
        : { memory: { managedFields: known.managedFields, resourceVersion: known.resourceVersion } }),
    }),
  );
}

/** `added .spec.replicas` per change that counts. */
export const countingOf = ({ verdict }: Decision): readonly string[] =>
  verdict.kind === "drifted" ? verdict.changes.map(({ op, path }) => `${op} ${formatPath(path)}`) : [];
