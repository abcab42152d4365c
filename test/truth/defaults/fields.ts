/**
 * What the server does with the zero, the empty and the null of every field, and whether it stores a value there at all,
 * against what our tables say. One field of one object at a time; where the server refuses it in one surrounding,
 * others are tried.
 */
import { formatJson, type Json } from "../../../src/model/json.ts";
import { isKubeObject, type KubeObject } from "../../../src/model/resource.ts";
import { serverMetadata } from "../../../src/model/server-fields.ts";
import type { Answer, TruthServer } from "../../corpus/truth-server.ts";
import { inParallel } from "../in-parallel.ts";
import { mismatchesOf, tellMismatch } from "./exact.ts";
import { hostsIn, probesOf, withField, withFieldAlone, type Grouping, type Host } from "./hosts.ts";

interface Probe {
  /** `core.Container.tty`, with its kind where they are told apart. */
  readonly field: string;
  readonly name: string;
  readonly value: Json;
  readonly hosts: readonly Host[];
}

export interface Probed {
  readonly field: string;
  readonly value: Json;
  /** Of the first surrounding. */
  readonly kind: string;
  /** What of the answer we have wrong; undefined where validation refuses the value in every surrounding: no such object can be applied. */
  readonly wrong: readonly string[] | undefined;
}

/** How many objects a field is tried in before it counts as refused; and in how many of them without its siblings. */
export interface Tries {
  readonly surroundings: number;
  readonly alone: number;
}
/** Set by the server at every write, or what the object is found by. */
const notAsked: ReadonlySet<string> = new Set(["name", "generateName", "namespace", ...serverMetadata]);
const notAskedOfRoot: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata", "status"]);

function isAsked(host: Host, field: string): boolean {
  if (host.tokens.length === 0) return !notAskedOfRoot.has(field);
  return host.tokens.length !== 1 || host.tokens[0] !== "metadata" || !notAsked.has(field);
}

function probesFor(hosts: ReadonlyMap<string, readonly Host[]>): readonly Probe[] {
  const probes: Probe[] = [];
  for (const [key, of] of hosts) {
    // The root's metadata and that of a template are one type; only what may be asked everywhere is asked.
    for (const name of of[0]?.struct.fields() ?? []) {
      const asked = of.filter((host) => isAsked(host, name));
      const node = asked[0]?.struct.field(name);
      if (node === undefined) continue;
      for (const value of probesOf(node)) probes.push({ field: `${key}.${name}`, name, value, hosts: asked });
    }
  }
  return probes;
}

function attempts({ hosts, name, value }: Probe, tries: Tries): readonly KubeObject[] {
  return [
    ...hosts.slice(0, tries.surroundings).map((host) => withField(host, name, value)),
    ...hosts.slice(0, tries.alone).map((host) => withFieldAlone(host, name, value)),
  ];
}

/** A few nulls make a handler of the server itself fail, and the connection with it: that is a refusal too. */
async function dryRun(server: TruthServer, object: KubeObject): Promise<Answer> {
  try {
    return await server.dryRun(object);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ECONNRESET") return { status: 500, body: null };
    throw error;
  }
}

interface Asking {
  readonly by: Grouping;
  readonly tries: Tries;
  /** Gets the fields that the server was seen to drop since their feature is off. */
  readonly gated: Set<string>;
}

async function ask(
  server: TruthServer,
  probe: Probe,
  { tries, gated }: Asking,
): Promise<readonly string[] | undefined> {
  for (const object of attempts(probe, tries)) {
    const answer = await dryRun(server, object);
    if (answer.status >= 300 || !isKubeObject(answer.body)) continue;
    return mismatchesOf(server.index, object, answer.body, gated).map(tellMismatch);
  }
  return undefined;
}

export async function checkFields(
  server: TruthServer,
  objects: readonly KubeObject[],
  asking: Asking,
): Promise<readonly Probed[]> {
  const probes = probesFor(hostsIn(server.index, objects, asking.by));
  return inParallel(probes, async (probe): Promise<Probed> => {
    const { field, value, hosts } = probe;
    const wrong = await ask(server, probe, asking);
    return { field, value, kind: hosts[0]?.object.kind ?? "", wrong };
  });
}

export function tellProbe({ field, value }: Probed): string {
  return `${field} = ${formatJson(value)}`;
}
