/**
 * Many texts to manifests: in processes where there is much to read, so that a large tree takes less time than one
 * would need to parse it; the order of the texts is kept.
 */
import os from "node:os";
import { systemClock } from "../../runtime/clock.ts";
import { createManifestParser } from "../../sources/manifest-parser.ts";
import { type YamlLimits, yamlLimits } from "../../sources/yaml-limits.ts";
import { type Manifests, readManifests } from "../../sources/yaml.ts";

/** A person's own files may be larger than what an operator reads from anybody. */
export const cliLimits: YamlLimits = { ...yamlLimits, maxText: 512 * 1024 * 1024 };

export interface NamedText {
  /** As its objects give it as their file. */
  readonly name: string;
  readonly text: string;
}

/** Below this, starting processes takes longer than reading. UTF-16 units. */
const MUCH = 1024 * 1024;
/** One text of this size would fill the memory that one may have. */
const HUGE = 16 * 1024 * 1024;
/** Heap of one process, bytes. */
const MEMORY = 2 * 1024 * 1024 * 1024;
/** Milliseconds for one batch. */
const TIMEOUT = 600_000;

export async function parseTexts(texts: readonly NamedText[]): Promise<readonly Manifests[]> {
  const elsewhere = texts.flatMap(({ name, text }, at) =>
    text.length < HUGE ? [{ key: String(at), text, file: name }] : [],
  );
  const workers = Math.min(4, os.availableParallelism());
  const much = elsewhere.reduce((sum, { text }) => sum + text.length, 0) >= MUCH;
  if (!much || workers < 2) return texts.map(({ name, text }) => readManifests(text, name, cliLimits));
  const parser = createManifestParser({
    clock: systemClock,
    limits: cliLimits,
    workers,
    timeout: TIMEOUT,
    memoryBytes: MEMORY,
  });
  try {
    const parsed = await parser.parse(elsewhere);
    return texts.map(({ name, text }, at) => parsed.get(String(at)) ?? readManifests(text, name, cliLimits));
  } finally {
    await parser.stop();
  }
}
