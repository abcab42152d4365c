/**
 * What there is to keep of a dry run's answer, and how it is read again. Pure; an answer may hold values of Secrets and
 * is never shown. Kept as text, the smaller form, for it is read only where something differs.
 */
import { says } from "../compare/learned.ts";
import { formatJson, parseJson } from "../model/json.ts";
import type { Learned } from "../model/learned.ts";
import type { KubeObject } from "../model/resource.ts";
import type { KindSchema } from "../model/schema.ts";

/** {@link Learned}, its objects as JSON. */
export interface Kept {
  readonly answer: string;
  readonly repeated?: string;
  readonly by: readonly string[];
}

/** Undefined where the answer says nothing that Git, with what we know of the server, does not say. */
export function learn(
  desired: KubeObject,
  schema: KindSchema,
  { answer, by }: Pick<Learned, "answer" | "by">,
): Kept | undefined {
  const { status: _status, metadata, ...rest } = answer;
  const { managedFields: _fields, ...marks } = metadata;
  const kept = { ...rest, metadata: marks } as KubeObject;
  return says(kept, desired, schema) ? { answer: formatJson(kept), by } : undefined;
}

export function recall({ answer, repeated, by }: Kept): Learned {
  const read = (text: string): KubeObject => parseJson(text) as KubeObject;
  return {
    by,
    get answer() {
      return read(answer);
    },
    ...(repeated !== undefined && {
      get repeated() {
        return read(repeated);
      },
    }),
  };
}
