/**
 * Custom resources as the API server stores them, against what the comparison expects: schemas and objects made by
 * chance, sent as dry-run creates and compared exactly.
 */
import { setTimeout as wait } from "node:timers/promises";
import { getString, type Json, type JsonObject } from "../../../src/model/json.ts";
import { isKubeObject, type KubeObject } from "../../../src/model/resource.ts";
import type { TruthServer } from "../../corpus/truth-server.ts";
import { inParallel } from "../in-parallel.ts";
import { chanceOf, seedOf, type Chance } from "../random.ts";
import { mismatchesOf, tellMismatch } from "./exact.ts";
import { draw, type Drawn } from "./random-schema.ts";

const GROUP = "defaults.example.com";
const FIELDS = 12;

interface Made {
  readonly definition: KubeObject;
  readonly kind: string;
  readonly root: readonly (readonly [string, Drawn])[];
}

export interface CustomCase {
  readonly object: KubeObject;
  readonly schema: Json;
  readonly wrong: readonly string[];
}

export interface CustomCount {
  readonly schemas: number;
  readonly refusedSchemas: readonly string[];
  readonly cases: readonly CustomCase[];
  readonly refused: number;
}

function makeDefinition(chance: Chance, number: number): Made {
  const kind = `Drawn${number}`;
  const plural = `${kind.toLowerCase()}s`;
  const root = Array.from({ length: FIELDS }, (_, index) => [`f${index}`, draw(chance)] as const);
  const spec: JsonObject = {
    type: "object",
    properties: Object.fromEntries(root.map(([name, { schema }]) => [name, schema])),
    ...(chance.number(2) === 0 && { default: {} }),
  };
  const schema: JsonObject = {
    type: "object",
    properties: { spec },
    ...(chance.number(4) === 0 && { "x-kubernetes-preserve-unknown-fields": true }),
  };
  const versions = [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }];
  const definition: KubeObject = {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${GROUP}` },
    spec: { group: GROUP, names: { plural, kind }, scope: "Namespaced", versions },
  };
  return { definition, kind, root };
}

/** One object per field and try: a refusal then says nothing about the others. */
function makeObjects({ kind, root }: Made, chance: Chance, perField: number): readonly (readonly [KubeObject, Json])[] {
  const base = { apiVersion: `${GROUP}/v1`, kind, metadata: { name: "it" } };
  const made: (readonly [KubeObject, Json])[] = [
    [base, null],
    [{ ...base, spec: {} }, null],
    [{ ...base, spec: null }, null],
    [{ ...base, unknown: { a: null }, spec: { unknown: {} } }, null],
  ];
  for (const [name, drawn] of root) {
    for (let count = 0; count < perField; count += 1) {
      const value = chance.number(8) === 0 ? null : drawn.value(chance, true);
      made.push([{ ...base, spec: { [name]: value } }, drawn.schema]);
    }
  }
  return made;
}

async function untilServed(server: TruthServer, kind: string): Promise<void> {
  const path = `/apis/${GROUP}/v1/${kind.toLowerCase()}s`;
  for (let tries = 0; tries < 120; tries += 1) {
    if ((await server.send("GET", path)).status === 200) return;
    await wait(250);
  }
  throw new Error(`${kind} is not served`);
}

/** @param count how many definitions; @param perField how many objects for each of their fields */
export async function checkCustom(
  server: TruthServer,
  seed: number,
  { count, perField }: { readonly count: number; readonly perField: number },
): Promise<CustomCount> {
  const refusedSchemas: string[] = [];
  const standing: Made[] = [];
  for (let number = 0; number < count; number += 1) {
    const made = makeDefinition(chanceOf(seedOf(seed, `definition ${number}`)), number);
    const answer = await server.send(
      "POST",
      "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
      made.definition,
    );
    if (answer.status < 300) standing.push(made);
    else refusedSchemas.push(getString(answer.body, "message") ?? "");
  }
  for (const { kind } of standing) await untilServed(server, kind);
  // Served on one path is not yet served on all: writes of a kind just made may be refused for a second.
  await wait(2000);
  await server.learn();
  const objects = standing.flatMap((made) =>
    makeObjects(made, chanceOf(seedOf(seed, `objects of ${made.kind}`)), perField),
  );
  let refused = 0;
  const answered = await inParallel(objects, async ([object, schema]): Promise<CustomCase | undefined> => {
    const { status, body } = await server.dryRun(object);
    if (status >= 300 || !isKubeObject(body)) {
      refused += 1;
      return undefined;
    }
    return { object, schema, wrong: mismatchesOf(server.index, object, body).map(tellMismatch) };
  });
  const cases = answered.filter((one) => one !== undefined);
  for (const { definition } of standing) {
    await server.send(
      "DELETE",
      `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${getString(definition.metadata, "name") ?? ""}`,
    );
  }
  return { schemas: standing.length, refusedSchemas, cases, refused };
}
