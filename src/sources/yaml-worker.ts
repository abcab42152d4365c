/** A thread that reads manifests. It gets texts and gives objects back, in the order asked; it knows no files. */
import { parentPort } from "node:worker_threads";
import type { YamlLimits } from "./yaml-limits.ts";
import { readTexts, type ManifestTexts } from "./yaml.ts";

export interface WorkerRequest {
  readonly texts: readonly string[];
  readonly limits: YamlLimits;
}

export type WorkerAnswer = readonly ManifestTexts[];

parentPort?.on("message", (request: WorkerRequest) => {
  const answer: WorkerAnswer = request.texts.map((text) => readTexts(text, "", request.limits));
  parentPort?.postMessage(answer, []);
});
