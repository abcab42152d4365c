/**
 * What Git says, at one revision. A snapshot is made whole, swapped whole, and read-only from then on.
 */
import type { Problem } from "./problem.ts";
import type { KubeObject, ResourceId } from "./resource.ts";

export interface Revision {
  /** Branch, tag, full ref name or commit, as it was asked for. */
  readonly ref: string;
  /** 40 or 64 hex digits. */
  readonly commit: string;
  /** RFC 3339, of the commit. */
  readonly committedAt?: string;
  readonly author?: string;
}

/** `main@sha1:4f2a1c…`, as a Baseline's status shows it. */
export function formatRevision(revision: Pick<Revision, "ref" | "commit">): string {
  return `${revision.ref}@${revision.commit.length === 64 ? "sha256" : "sha1"}:${revision.commit}`;
}

/** The inverse of {@link formatRevision}; undefined where the text is none. A ref may hold an `@`. */
export function parseRevision(text: string): Pick<Revision, "ref" | "commit"> | undefined {
  const match = /^(.*)@(?:sha1|sha256):([0-9a-f]{40}|[0-9a-f]{64})$/.exec(text);
  return match?.[1] === undefined || match[2] === undefined ? undefined : { ref: match[1], commit: match[2] };
}

/** Where an object was declared. */
export interface Provenance {
  /** Relative to the root of the tree, with forward slashes. */
  readonly file: string;
  /** 1-based line on which the document starts. */
  readonly line: number;
  /** 0-based place of the object among those of the file (List items counted). */
  readonly index: number;
}

/** One object as Git declares it: as rendered, with the namespace it will live in filled in, nothing else changed. */
export interface DesiredObject {
  readonly id: ResourceId;
  readonly apiVersion: string;
  /** Decoded at each look (`desired.ts`): take it once per use, and do not keep it. */
  readonly object: KubeObject;
  readonly source: Provenance;
  /** Hex digest: equal hash, equal content. Of the object's canonical JSON, and of where it was placed, if it was. */
  readonly hash: string;
  /** It states `spec.replicas`. */
  readonly replicated: boolean;
  /** Its metadata has the key `namespace`, be it empty. */
  readonly namespaced: boolean;
}

export interface Snapshot {
  readonly revision: Revision;
  readonly objects: readonly DesiredObject[];
  /** Bad documents. While there are any, nothing is said to be dropped from Git. */
  readonly problems: readonly Problem[];
  /** Milliseconds since the epoch at which the revision was fetched. */
  readonly fetchedAt: number;
}

/** Namespaced name of a Baseline, `shop/web`. */
export type BaselineKey = string & { readonly __brand: "BaselineKey" };

export function baselineKey(namespace: string, name: string): BaselineKey {
  return `${namespace}/${name}` as BaselineKey;
}

export function parseBaselineKey(key: BaselineKey): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf("/");
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
