/**
 * `ObjectApi` over the transport: single objects, whole, as the server gives and takes them. Every write carries the
 * field manager; nothing is repeated that writes. A name that cannot be a path is refused before anything is sent.
 */
import { fieldManager } from "../model/annotations.ts";
import type {
  ApiAnswer,
  ApiRefusal,
  Impersonation,
  ObjectApi,
  ObjectRef,
  PatchBody,
  WriteOptions,
} from "../model/api.ts";
import { formatJson, type Json } from "../model/json.ts";
import { kindKey } from "../model/resource.ts";
import { collectionPath, isPathSegment, objectPath } from "./api-path.ts";
import { objectAnswer } from "./api-status.ts";
import type { Discovery } from "./discovery.ts";
import type { ApiRequest, Transport } from "./transport.ts";

const patchTypes: Readonly<Record<PatchBody["type"], string>> = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  // JSON is YAML, and older servers know no other name for it.
  apply: "application/apply-patch+yaml",
};

function refused(reason: string, message: string): ApiRefusal {
  return { ok: false, status: 0, reason, message };
}

/** Headers that make the server act as the service account; undefined where a part of its name is missing. */
function impersonation(as: Impersonation): Record<string, string> | undefined {
  if (!isPathSegment(as.namespace) || !isPathSegment(as.serviceAccount)) return undefined;
  return { "impersonate-user": `system:serviceaccount:${as.namespace}:${as.serviceAccount}` };
}

function bodyOf(patch: PatchBody): Json {
  return patch.type === "json" ? patch.operations : patch.body;
}

export interface ObjectApiOptions {
  readonly transport: Transport;
  readonly discovery: Discovery;
  /** Field manager of the writes; the operator's unless told. */
  readonly manager?: string;
}

export function createObjectApi({ transport, discovery, manager = fieldManager }: ObjectApiOptions): ObjectApi {
  const pathOf = async (ref: ObjectRef, of: "object" | "collection"): Promise<string | ApiRefusal> => {
    const resource = await discovery.find(ref.kind);
    if (resource === undefined) return refused("KindNotServed", `the API server does not serve ${kindKey(ref.kind)}`);
    const path =
      of === "object" || ref.subresource !== undefined
        ? objectPath(resource, ref)
        : collectionPath(resource, ref.namespace);
    const fits = of === "object" || resource.namespaced === (ref.namespace !== "");
    return path === undefined || !fits
      ? refused("Invalid", `no path can be made of ${resource.plural} "${ref.namespace}/${ref.name}"`)
      : path;
  };

  const write = async (
    ref: ObjectRef,
    of: "object" | "collection",
    request: Omit<ApiRequest, "path">,
    options: WriteOptions = {},
  ): Promise<ApiAnswer> => {
    const as = options.impersonate === undefined ? {} : impersonation(options.impersonate);
    if (as === undefined) return refused("Invalid", "impersonation needs a namespace and a service account");
    const path = await pathOf(ref, of);
    if (typeof path !== "string") return path;
    const query = { ...request.query, ...(options.dryRun === true ? { dryRun: "All" } : {}) };
    return objectAnswer(await transport.request({ ...request, path, query, headers: { ...request.headers, ...as } }));
  };

  return {
    async get(ref) {
      const path = await pathOf(ref, "object");
      if (typeof path !== "string") return path;
      return objectAnswer(await transport.request({ method: "GET", path, verb: "get" }));
    },

    create: (ref, body, options) =>
      write(
        ref,
        "collection",
        { method: "POST", body: formatJson(body), query: { fieldManager: manager }, verb: "create" },
        options,
      ),

    patch: (ref, patch, options) =>
      write(
        ref,
        "object",
        {
          method: "PATCH",
          body: formatJson(bodyOf(patch)),
          headers: { "content-type": patchTypes[patch.type] },
          query: {
            fieldManager: manager,
            ...(patch.type === "apply" ? { force: String(options?.force === true) } : {}),
          },
          verb: patch.type === "apply" ? "apply" : "patch",
        },
        options,
      ),

    remove: (ref, { uid, resourceVersion }, options) => {
      const { propagation, dryRun } = options ?? {};
      const body = {
        apiVersion: "v1",
        kind: "DeleteOptions",
        // With a body, what the query says is not read.
        ...(dryRun === true ? { dryRun: ["All"] } : {}),
        preconditions: { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
        ...(propagation === undefined ? {} : { propagationPolicy: propagation }),
      };
      return write(ref, "object", { method: "DELETE", body: formatJson(body), verb: "delete" }, options);
    },
  };
}
