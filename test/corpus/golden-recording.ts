/**
 * Records a golden case: plays its steps on a real API server and gives back the files that hold what the server then
 * answered. Writes nothing itself. Two recordings of one case on one version of the server are the same bytes.
 */
import { readdirSync, readFileSync } from "node:fs";
import { Agent } from "node:https";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { formatJson, getString } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { readManifests } from "../../src/sources/yaml.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { dryRuns, recordingOf, type GoldenCase } from "./golden-case.ts";
import { createStable, type Moment } from "./golden-normalise.ts";
import { GoldenPlayer, referenceOf, type Reference } from "./golden-player.ts";

/** File name → text, for each look. */
export type Recording = ReadonlyMap<string, string>;

const NOT_OBJECTS = new Set(["expected.yaml", "steps.yaml", "baseline.yaml"]);

const WRITES = ["apply", "create", "patch", "delete", "kubectl"];

/** Owners' times are whole seconds: two steps must not fall into one, or nobody could tell which came first. */
async function secondAfter(earlier: number): Promise<void> {
  const left = (Math.floor(earlier / 1000) + 1) * 1000 - Date.now();
  if (left > 0) await wait(left);
}

/** As `kubectl get` prints several objects. */
function listText(items: readonly KubeObject[]): string {
  return `${formatJson({ apiVersion: "v1", kind: "List", items }, 1)}\n`;
}

function textsOf({ folder }: GoldenCase): readonly (readonly [file: string, text: string])[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".yaml") && file !== "expected.yaml")
    .sort()
    .map((file) => [file, readFileSync(path.join(folder, file), "utf8")] as const);
}

/** Every object that a file of the case declares, each once. */
function watched(texts: readonly (readonly [string, string])[]): readonly Reference[] {
  const declared = texts
    .filter(([file]) => !NOT_OBJECTS.has(file))
    .flatMap(([file, text]) => readManifests(text, file).objects.map(({ object }) => referenceOf(object)));
  return [...new Map(declared.map((one) => [formatJson({ ...one }), one])).values()];
}

export async function recordCase(plane: ControlPlane, agent: Agent, golden: GoldenCase): Promise<Recording> {
  const player = new GoldenPlayer(plane, agent, golden);
  await player.prepare();
  const texts = textsOf(golden);
  const stable = createStable({ texts: texts.map(([, text]) => text).join("\n"), ca: plane.caData });
  const references = watched(texts);
  const recording = new Map<string, string>();
  const look = async (at: Moment, name?: string): Promise<void> => {
    const found = await Promise.all(references.map((reference) => player.read(reference)));
    const items = references.flatMap((reference, index) => {
      const raw = found[index];
      return raw === undefined ? [] : [stable.observe(formatJson({ ...reference }), raw, at)];
    });
    if (name !== undefined) recording.set(recordingOf(name), listText(items));
  };
  const by = new Map<string, number>();
  let wrote = 0;
  for (const [index, step] of golden.steps.entries()) {
    const manager = getString(step, "as");
    if (WRITES.some((verb) => verb in step)) {
      await secondAfter(wrote);
      if (manager !== undefined) by.set(manager, index);
    }
    await player.play(step);
    wrote = Date.now();
    // What controllers do meanwhile is waited for first, so that it is never seen half done.
    const next = golden.steps[index + 1];
    if (next !== undefined && "wait" in next) continue;
    await look({ step: index, by: new Map(by) }, getString(step, "look"));
    by.clear();
  }
  await look({ step: golden.steps.length - 1, by }, "end");
  if (player.answers.length > 0) {
    const items = player.answers.map((answer, at) => stable.observe(`dry run ${at}`, answer, { step: 0, by }));
    recording.set(dryRuns, listText(items));
  }
  return recording;
}

/** How many cases are played at once: most of a case is waiting for the server. */
const AT_ONCE = 16;

export interface Recorded {
  readonly version: string;
  readonly recordings: ReadonlyMap<string, Recording>;
  /** Cases that could not be played, with the reason. */
  readonly failures: ReadonlyMap<string, string>;
}

/** Starts the control planes that the cases need, records each case, and stops them. */
export async function recordAll(cases: readonly GoldenCase[]): Promise<Recorded> {
  const playable = cases.filter(({ handmade }) => handmade === undefined);
  const recordings = new Map<string, Recording>();
  const failures = new Map<string, string>();
  let version = "";
  const playAll = async (some: readonly GoldenCase[], controllerManager: boolean): Promise<void> => {
    if (some.length === 0) return;
    const plane = await startControlPlane({ controllerManager });
    const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
    version = plane.version;
    try {
      const queue = some.values();
      const work = async (): Promise<void> => {
        for (const golden of queue) {
          try {
            recordings.set(golden.name, await recordCase(plane, agent, golden));
          } catch (error) {
            failures.set(golden.name, error instanceof Error ? error.message : String(error));
          }
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
    } finally {
      agent.destroy();
      await plane.stop();
    }
  };
  await Promise.all([
    playAll(
      playable.filter(({ controllers }) => !controllers),
      false,
    ),
    playAll(
      playable.filter(({ controllers }) => controllers),
      true,
    ),
  ]);
  return { version, recordings, failures };
}
