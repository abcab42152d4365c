/**
 * Puts every declared object on the server: each file in a namespace of its own, since many files declare the same
 * names. Each object is really deployed in one of three ways, in turn, and where all ways are asked for in the others as
 * a dry run before, under the managers of the real tools in turn.
 */
import { setTimeout as wait } from "node:timers/promises";
import { getString, type JsonObject } from "../../src/model/json.ts";
import { isKubeObject, type KubeObject } from "../../src/model/resource.ts";
import type { Declared } from "../corpus/corpora.ts";
import { sentOf, type Answer, type TruthServer } from "../corpus/truth-server.ts";
import { deploy, deployersOf, ways, type Deployer } from "./deployers.ts";
import { inParallel } from "./in-parallel.ts";

/** One answer of the server to one way of deploying. */
export interface Trial {
  readonly deployer: Deployer;
  readonly real: boolean;
  readonly live?: KubeObject;
  readonly refusal?: string;
}

/** A declared object and what the server said to it. */
export interface Staged {
  readonly file: string;
  /** As Git declares it, with the namespace it lives in. */
  readonly desired: KubeObject;
  readonly trials: readonly Trial[];
}

/** One that really stands on the server. */
export interface Standing {
  readonly file: string;
  readonly desired: KubeObject;
  /** The server's answer, managedFields and all. */
  readonly live: KubeObject;
  /** Of its API resource. */
  readonly path: string;
  readonly deployer: Deployer;
}

export const kindText = ({ apiVersion, kind }: KubeObject): string => `${apiVersion} ${kind}`;

export function objectText(object: KubeObject): string {
  const { namespace, name, generateName } = object.metadata;
  const own = typeof name === "string" ? name : `${typeof generateName === "string" ? generateName : ""}…`;
  return `${object.kind} ${typeof namespace === "string" ? `${namespace}/` : ""}${own}`;
}

/** Their names say what they are for; a second one cannot be called otherwise. */
const bound: ReadonlySet<string> = new Set(["CustomResourceDefinition", "APIService"]);
const late: ReadonlySet<string> = new Set([
  "ValidatingWebhookConfiguration",
  "MutatingWebhookConfiguration",
  "APIService",
]);

export interface Stage {
  /** Everything but what reaches into the API server itself. */
  readonly early: () => Promise<readonly Staged[]>;
  /** Webhooks and API services stand only while they are used: their backends are not there, and everybody would wait. */
  readonly withLate: <Result>(use: (staged: readonly Staged[]) => Promise<Result>) => Promise<Result>;
}

export function standingOf(server: TruthServer, staged: readonly Staged[]): readonly Standing[] {
  return staged.flatMap(({ file, desired, trials }) => {
    const real = trials.find((trial) => trial.real && trial.live !== undefined);
    const path = real?.live === undefined ? undefined : server.pathOf(real.live);
    if (real?.live === undefined || path === undefined) return [];
    return [{ file, desired, live: real.live, path, deployer: real.deployer }];
  });
}

export interface StageOptions {
  /** False: only the way that is really written. */
  readonly everyWay: boolean;
  readonly progress: (text: string) => void;
}

export function setStage(
  server: TruthServer,
  declared: readonly Declared[],
  { everyWay, progress }: StageOptions,
): Stage {
  const namespaces = new Map<string, string>();
  const taken = new Set<string>();
  const turns = new Map<string, number>();
  const isDefinition = ({ object }: Declared): boolean => object.kind === "CustomResourceDefinition";

  async function makeNamespace(file: string): Promise<string> {
    const known = namespaces.get(file);
    if (known !== undefined) return known;
    const name = `t-${namespaces.size}`;
    namespaces.set(file, name);
    const metadata: JsonObject = { name };
    await server.send("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata });
    return name;
  }

  /** Undefined where another file declares it already, and it cannot be called otherwise. */
  function place(object: KubeObject, namespace: string): KubeObject | undefined {
    if (server.isNamespaced(object) === true) return { ...object, metadata: { ...object.metadata, namespace } };
    const { namespace: _none, ...metadata } = object.metadata;
    const name = getString(metadata, "name");
    if (name === undefined) return { ...object, metadata };
    let free = name;
    const isTaken = (): boolean => taken.has(`${object.kind} ${free}`);
    if (isTaken() && bound.has(object.kind)) return undefined;
    for (let at = 2; isTaken(); at += 1) free = `${name}-${at}`;
    taken.add(`${object.kind} ${free}`);
    return { ...object, metadata: { ...metadata, name: free } };
  }

  function trial(deployer: Deployer, real: boolean, answer: Answer): Trial {
    if (answer.status < 300 && isKubeObject(answer.body)) return { deployer, real, live: answer.body };
    return { deployer, real, refusal: sentOf("", { apiVersion: "", kind: "", metadata: {} }, answer).refusal ?? "" };
  }

  async function stageOne({ file, object }: Declared, namespace: string): Promise<Staged> {
    const placed = place(object, namespace);
    const desired = placed ?? object;
    const turn = turns.get(object.kind) ?? 0;
    turns.set(object.kind, turn + 1);
    // Every third object of a kind for real in each way, every manager in its turn.
    const chosen = ways.map((way) => {
      const all = deployersOf(way);
      return all[Math.floor(turn / ways.length) % all.length] as Deployer;
    });
    const real = turn % ways.length;
    const refusal = placed === undefined ? "another file declares it" : "kind not served";
    if (placed === undefined || server.pathOf(desired) === undefined)
      return { file, desired, trials: chosen.map((deployer) => ({ deployer, real: false, refusal })) };
    const trials: Trial[] = [];
    for (const [index, deployer] of chosen.entries())
      if (everyWay && index !== real)
        trials.push(trial(deployer, false, await deploy(server, desired, deployer, true)));
    const deployer = chosen[real] as Deployer;
    return {
      file,
      desired,
      trials: [...trials, trial(deployer, true, await deploy(server, desired, deployer, false))],
    };
  }

  async function stageAll(all: readonly Declared[], what: string): Promise<readonly Staged[]> {
    const placed: (readonly [Declared, string])[] = [];
    for (const one of all) placed.push([one, await makeNamespace(one.file)]);
    let done = 0;
    return inParallel(placed, async ([one, namespace]) => {
      const staged = await stageOne(one, namespace);
      done += 1;
      if (done % 500 === 0) progress(`staged ${done} of ${all.length} ${what}`);
      return staged;
    });
  }

  async function early(): Promise<readonly Staged[]> {
    const definitions = await stageAll(declared.filter(isDefinition), "definitions");
    if (definitions.length > 0) {
      // A kind just made is served, and published, a moment later; not on all paths at once.
      await wait(5_000);
      await server.learn();
    }
    const others = declared.filter((one) => !isDefinition(one) && !late.has(one.object.kind));
    const staged = [...definitions, ...(await stageAll(others, "objects"))];
    return inParallel(staged, async (one) =>
      isDefinition({ file: one.file, object: one.desired }) ? reread(one) : one,
    );
  }

  /** The server writes to a definition after it was made; what stands is what counts. */
  async function reread(staged: Staged): Promise<Staged> {
    const trials = await inParallel(staged.trials, async (one) => {
      if (!one.real || one.live === undefined) return one;
      return trial(one.deployer, true, await server.send("GET", server.pathOf(one.live) ?? "/none"));
    });
    return { ...staged, trials };
  }

  let standing: Promise<readonly Staged[]> | undefined;
  const stand = (): Promise<readonly Staged[]> => (standing ??= early());
  return {
    early: stand,
    withLate: async (use) => {
      await stand();
      const staged = await stageAll(
        declared.filter(({ object }) => late.has(object.kind)),
        "webhooks and API services",
      );
      try {
        return await use(staged);
      } finally {
        for (const { path, desired } of standingOf(server, staged)) {
          await server.send("DELETE", path);
          taken.delete(`${desired.kind} ${getString(desired.metadata, "name") ?? ""}`);
        }
      }
    },
  };
}
