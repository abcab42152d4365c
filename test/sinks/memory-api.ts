/**
 * An API server of a map, for what the sinks themselves decide: merge and apply patches, uids, versions that move only
 * when content does. What the real server thinks of it is for the cluster tests.
 */
import fastJsonPatch, { type Operation } from "fast-json-patch";
import type {
  ApiAnswer,
  ApiRefusal,
  ObjectApi,
  ObjectRef,
  PatchBody,
  Preconditions,
  RemoveOptions,
  WriteOptions,
} from "../../src/model/api.ts";
import { canonicalJson } from "../../src/model/canonical.ts";
import { getString, type JsonObject } from "../../src/model/json.ts";
import { apiVersionOf, type KubeObject } from "../../src/model/resource.ts";

export interface Call {
  readonly verb: "get" | "create" | "patch" | "remove";
  readonly ref: ObjectRef;
  readonly body?: JsonObject;
  readonly patch?: PatchBody;
  readonly options?: WriteOptions & RemoveOptions;
  readonly preconditions?: Preconditions;
}

export const refusal = (status: number, reason: string, message = ""): ApiRefusal => ({
  ok: false,
  status,
  reason,
  message,
});

const keyOf = (ref: ObjectRef): string => `${ref.kind.group}/${ref.kind.kind}/${ref.namespace}/${ref.name}`;

export class MemoryApi implements ObjectApi {
  readonly objects = new Map<string, KubeObject>();
  readonly calls: Call[] = [];
  /** Answers to give instead, first come first served; a function sees the call. */
  readonly refusals: (ApiRefusal | ((call: Call) => ApiRefusal | undefined))[] = [];
  #version = 100;

  /** Those that store something. */
  writes(kind?: string): readonly Call[] {
    return this.#changing(kind).filter(({ options }) => options?.dryRun !== true);
  }

  dryRuns(kind?: string): readonly Call[] {
    return this.#changing(kind).filter(({ options }) => options?.dryRun === true);
  }

  #changing(kind: string | undefined): readonly Call[] {
    return this.calls.filter(({ verb, ref }) => verb !== "get" && (kind === undefined || ref.kind.kind === kind));
  }

  all(kind: string): readonly KubeObject[] {
    return [...this.objects.values()].filter((object) => object.kind === kind);
  }

  find(ref: Omit<ObjectRef, "subresource">): KubeObject | undefined {
    return this.objects.get(keyOf(ref));
  }

  put(object: KubeObject): KubeObject {
    const { group, version } = { group: object.apiVersion.split("/").at(-2) ?? "", version: "v1" };
    const namespace = getString(object.metadata, "namespace") ?? "";
    const name = getString(object.metadata, "name") ?? "";
    return this.#store({ kind: { group, version, kind: object.kind }, namespace, name }, object);
  }

  async get(ref: ObjectRef): Promise<ApiAnswer> {
    const refused = this.#called({ verb: "get", ref });
    if (refused !== undefined) return refused;
    return this.#answer(this.find(ref));
  }

  async create(ref: ObjectRef, body: JsonObject, options?: WriteOptions): Promise<ApiAnswer> {
    const refused = this.#called({ verb: "create", ref, body, ...(options === undefined ? {} : { options }) });
    if (refused !== undefined) return refused;
    if (this.objects.has(keyOf(ref))) return refusal(409, "AlreadyExists");
    if (options?.dryRun === true) return this.#answer(body as KubeObject);
    return this.#answer(this.#store(ref, body as KubeObject));
  }

  async patch(ref: ObjectRef, patch: PatchBody, options?: WriteOptions): Promise<ApiAnswer> {
    const refused = this.#called({ verb: "patch", ref, patch, ...(options === undefined ? {} : { options }) });
    if (refused !== undefined) return refused;
    const before = this.find(ref);
    if (options?.dryRun === true) return this.#answer(before);
    if (patch.type === "apply") {
      const metadata = patch.body["metadata"] as JsonObject;
      if (before !== undefined && metadata["uid"] !== undefined && metadata["uid"] !== before.metadata["uid"]) {
        return refusal(409, "Conflict", "uid mismatch");
      }
      if (before === undefined && ref.subresource !== undefined) return refusal(404, "NotFound");
      const merged = { ...before, ...patch.body, metadata: { ...before?.metadata, ...metadata } } as KubeObject;
      return this.#answer(this.#store(ref, merged));
    }
    if (before === undefined) return refusal(404, "NotFound");
    if (patch.type === "merge") return this.#answer(this.#store(ref, { ...before, ...patch.body } as KubeObject));
    const copy = structuredClone(before) as KubeObject;
    const patched = fastJsonPatch.applyPatch(copy, patch.operations as unknown as Operation[]).newDocument;
    if (patched.metadata["resourceVersion"] !== before.metadata["resourceVersion"]) return refusal(409, "Conflict");
    return this.#answer(this.#store(ref, patched));
  }

  async remove(ref: ObjectRef, preconditions: Preconditions, options?: RemoveOptions): Promise<ApiAnswer> {
    const refused = this.#called({
      verb: "remove",
      ref,
      preconditions,
      ...(options === undefined ? {} : { options }),
    });
    if (refused !== undefined) return refused;
    const before = this.find(ref);
    if (before === undefined) return refusal(404, "NotFound");
    const { uid, resourceVersion } = before.metadata;
    if (uid !== preconditions.uid) return refusal(409, "Conflict");
    if (preconditions.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion)
      return refusal(409, "Conflict");
    if (options?.dryRun === true) return this.#answer(before);
    if (before.metadata["finalizers"] === undefined) this.objects.delete(keyOf(ref));
    else this.#store(ref, { ...before, metadata: { ...before.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } });
    return this.#answer(before);
  }

  #called(call: Call): ApiRefusal | undefined {
    this.calls.push(call);
    const [first] = this.refusals;
    if (first === undefined) return undefined;
    if (typeof first === "function") return first(call);
    this.refusals.shift();
    return first;
  }

  #answer(body: KubeObject | undefined): ApiAnswer {
    return body === undefined ? refusal(404, "NotFound") : { ok: true, status: 200, body, warnings: [] };
  }

  #store(ref: ObjectRef, body: KubeObject): KubeObject {
    const before = this.find(ref);
    const { resourceVersion: _version, uid: _uid, ...metadata } = body.metadata;
    const plain = { ...body, apiVersion: apiVersionOf(ref.kind), metadata };
    const { resourceVersion, uid, ...old } = before?.metadata ?? {};
    const same = before !== undefined && canonicalJson({ ...before, metadata: old }) === canonicalJson(plain);
    if (!same) this.#version += 1;
    const stored = {
      ...plain,
      metadata: {
        ...metadata,
        uid: uid ?? body.metadata["uid"] ?? `uid-${this.#version}`,
        resourceVersion: same ? (resourceVersion ?? "") : String(this.#version),
      },
    } as KubeObject;
    this.objects.set(keyOf(ref), stored);
    return stored;
  }
}
