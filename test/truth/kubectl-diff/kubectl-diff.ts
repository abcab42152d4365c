/**
 * What `kubectl diff` says of many objects: which of them differ. It is asked in batches, since it is a process per
 * call; where it gives up on a batch, the halves are asked, down to the one object that it cannot answer for.
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { formatJson, getString } from "../../../src/model/json.ts";
import type { KubeObject } from "../../../src/model/resource.ts";
import { readManifests } from "../../../src/sources/yaml.ts";
import type { ControlPlane } from "../../control-plane/control-plane.ts";
import type { Answer } from "../peers/answer.ts";

/** Client-side, or server-side as the given manager. */
export interface Mode {
  readonly name: "kubectl diff" | "kubectl diff --server-side";
  readonly flags: readonly string[];
}

export const clientSide: Mode = { name: "kubectl diff", flags: [] };

export function serverSide(manager: string): Mode {
  const flags = ["--server-side", "--force-conflicts", `--field-manager=${manager}`];
  return { name: "kubectl diff --server-side", flags };
}

const BATCH = 40;

export function keyOf(object: KubeObject): string {
  const { name, namespace } = object.metadata;
  return [object.apiVersion, object.kind, String(namespace ?? ""), String(name ?? "")].join(" ");
}

/** Objects of the files in a folder, by key, each as its text. */
function readTexts(folder: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const file of existsSync(folder) ? readdirSync(folder) : []) {
    const text = readFileSync(path.join(folder, file), "utf8");
    for (const { object } of readManifests(text, file).objects) texts.set(keyOf(object), text);
  }
  return texts;
}

/** What kubectl's external diff was given is copied here, side by side. */
function makeTool(folder: string): string {
  const script = path.join(folder, "keep.sh");
  const out = path.join(folder, "out");
  writeFileSync(script, `#!/bin/sh\nmkdir -p '${out}'\ncp -r "$1" '${out}/live'\ncp -r "$2" '${out}/merged'\n`);
  chmodSync(script, 0o755);
  return script;
}

export async function askKubectl(
  plane: ControlPlane,
  mode: Mode,
  objects: readonly KubeObject[],
): Promise<ReadonlyMap<string, Answer>> {
  const folder = path.join(plane.folder, "kubectl-diff");
  const file = path.join(folder, "objects.json");
  const answers = new Map<string, Answer>();
  mkdirSync(folder, { recursive: true });
  const tool = makeTool(folder);

  async function ask(batch: readonly KubeObject[]): Promise<void> {
    rmSync(path.join(folder, "out"), { recursive: true, force: true });
    writeFileSync(file, formatJson({ apiVersion: "v1", kind: "List", items: batch }));
    const { code } = await plane.kubectl(["diff", ...mode.flags, "-f", file], undefined, {
      KUBECTL_EXTERNAL_DIFF: tool,
    });
    if (code !== 0 && code !== 1) {
      const half = Math.ceil(batch.length / 2);
      if (batch.length === 1) for (const object of batch) answers.set(keyOf(object), "failed");
      else for (const part of [batch.slice(0, half), batch.slice(half)]) await ask(part);
      return;
    }
    const live = readTexts(path.join(folder, "out", "live"));
    const merged = readTexts(path.join(folder, "out", "merged"));
    for (const object of batch) {
      const key = keyOf(object);
      answers.set(key, live.get(key) === merged.get(key) ? "same" : "differs");
    }
  }

  for (let at = 0; at < objects.length; at += BATCH) await ask(objects.slice(at, at + BATCH));
  return answers;
}

/** A name is needed, and what is not known by the server is nothing to ask about. */
export function canAsk(object: KubeObject): boolean {
  return getString(object.metadata, "name") !== undefined;
}
