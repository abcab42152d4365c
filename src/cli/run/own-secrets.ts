/** The few Secrets the operator reads for itself, by name: the key of its hashes, and Git credentials. */
import { randomBytes } from "node:crypto";
import type { ApiAnswer, ObjectApi } from "../../model/api.ts";
import { getStrings } from "../../model/json.ts";
import type { Problem } from "../../model/problem.ts";
import { kindRef } from "../../model/resource.ts";
import { type Clock, sleep } from "../../runtime/clock.ts";
import type { Config } from "../../runtime/config.ts";
import type { Log } from "../../runtime/log.ts";

const isPassing = (status: number): boolean => status === 0 || status === 429 || status >= 500;

const secretKind = kindRef("v1", "Secret");

/** Fewer bytes than this are no key. */
const SHORTEST_KEY = 16;

/** Milliseconds between questions while the API server is not there to answer. */
const AGAIN = 1_000;

export interface HashKeyDeps {
  readonly api: Pick<ObjectApi, "get">;
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

/**
 * The key of content hashes: from the Secret made at install, so that replicas and restarts agree; else a random one.
 * An API server that does not answer is waited for: a random key would make every approval void.
 */
export async function readHashKey({ api, config, log, clock, signal }: HashKeyDeps): Promise<Uint8Array> {
  const ask = (): Promise<ApiAnswer> =>
    api.get({ kind: secretKind, namespace: config.namespace, name: config.keySecret });
  let answer = await ask();
  while (!answer.ok && isPassing(answer.status) && !signal.aborted) {
    await sleep(clock, AGAIN, signal);
    answer = await ask();
  }
  const key = answer.ok ? Buffer.from(getStrings(answer.body, "data")["key"] ?? "", "base64") : Buffer.alloc(0);
  if (key.length >= SHORTEST_KEY) return key;
  const why = answer.ok ? `it holds no key of at least ${SHORTEST_KEY} bytes` : answer.message;
  log.warn({ secret: `${config.namespace}/${config.keySecret}`, why }, "no key: approvals will not survive a restart");
  return randomBytes(32);
}

/** Data of a Secret in the Baseline's own namespace. */
export async function readSourceSecret(
  api: Pick<ObjectApi, "get">,
  namespace: string,
  name: string,
): Promise<Readonly<Record<string, Buffer>> | Problem> {
  const answer = await api.get({ kind: secretKind, namespace, name });
  if (answer.ok) {
    const entries = Object.entries(getStrings(answer.body, "data"));
    return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, "base64")]));
  }
  const what = answer.status === 404 ? "is not there" : `cannot be read: ${answer.message}`;
  return { code: "source-secret-missing", message: `Secret ${namespace}/${name} ${what}` };
}
