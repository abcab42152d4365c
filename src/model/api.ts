/**
 * Talking to the API server, as the rooms that don't own the connection see it. Answers are data: an expected
 * refusal (403, 404, 409, 422, 429) is not thrown. Bodies are exact JSON; nothing is dropped or converted.
 */
import type { Json, JsonObject } from "./json.ts";
import type { KindRef, KubeObject } from "./resource.ts";

export interface ObjectRef {
  readonly kind: KindRef;
  /** Empty for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
  /** `status`, `scale`, … */
  readonly subresource?: string;
}

export interface ApiRefusal {
  readonly ok: false;
  /** HTTP status; 0 where no answer came. */
  readonly status: number;
  /** `NotFound`, `Conflict`, `Invalid`, `Forbidden`, `Expired`, … or `Unreachable`. */
  readonly reason: string;
  /** The server's sentence. May quote values: scrub it before it is shown for a sensitive kind. */
  readonly message: string;
  /** Milliseconds, from `Retry-After`. */
  readonly retryAfter?: number;
  readonly details?: Json;
}

export type ApiAnswer<Body = KubeObject> =
  | { readonly ok: true; readonly status: number; readonly body: Body; readonly warnings: readonly string[] }
  | ApiRefusal;

/** Whom a write acts as. Never empty: an empty name is refused before anything is sent. */
export interface Impersonation {
  readonly namespace: string;
  readonly serviceAccount: string;
}

export interface WriteOptions {
  readonly dryRun?: boolean;
  readonly impersonate?: Impersonation;
  /** Of an apply. */
  readonly force?: boolean;
}

/** What must hold of an object for it to be deleted; otherwise the answer is a 409. */
export interface Preconditions {
  readonly uid: string;
  readonly resourceVersion?: string;
}

export interface RemoveOptions extends WriteOptions {
  /** What becomes of its dependents. Without it each kind has its own answer, and that of Jobs is to orphan them. */
  readonly propagation?: "Background" | "Foreground" | "Orphan";
}

export type PatchBody =
  | { readonly type: "json"; readonly operations: readonly JsonObject[] }
  | { readonly type: "merge"; readonly body: JsonObject }
  | { readonly type: "apply"; readonly body: JsonObject };

/** Reads and writes of single objects. Every write carries the field manager `plumbline`. */
export interface ObjectApi {
  get(ref: ObjectRef): Promise<ApiAnswer>;
  create(ref: ObjectRef, body: JsonObject, options?: WriteOptions): Promise<ApiAnswer>;
  patch(ref: ObjectRef, patch: PatchBody, options?: WriteOptions): Promise<ApiAnswer>;
  remove(ref: ObjectRef, preconditions: Preconditions, options?: RemoveOptions): Promise<ApiAnswer>;
}
