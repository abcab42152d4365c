/** Fetches discovery documents, aggregated or one by one, and keeps what was known of a group that fails. */
import type { Json } from "../model/json.ts";
import { groupVersionPath } from "./api-path.ts";
import { readBody } from "./api-status.ts";
import {
  groupVersionKey,
  isAggregated,
  parseAggregated,
  parseCoreVersions,
  parseGroupList,
  parseResourceList,
  type GroupVersionInfo,
} from "./discovery-document.ts";
import type { Transport } from "./transport.ts";

export interface DiscoveryReader {
  /** Undefined where the server did not answer: nothing can be said. */
  read(before: ReadonlyMap<string, GroupVersionInfo>): Promise<ReadonlyMap<string, GroupVersionInfo> | undefined>;
}

const roots = ["/api", "/apis"] as const;

/** v2 since Kubernetes 1.30, v2beta1 since 1.26, the plain form always. */
const accepted = [
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
  "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList",
  "application/json",
].join(",");

interface Held {
  readonly etag?: string;
  readonly document: Json;
}

export function createDiscoveryReader(transport: Transport): DiscoveryReader {
  const held = new Map<string, Held>();

  const fetchRoot = async (path: string): Promise<Json | undefined> => {
    const old = held.get(path);
    const response = await transport.request({
      method: "GET",
      path,
      verb: "get",
      headers: { accept: accepted, ...(old?.etag === undefined ? {} : { "if-none-match": old.etag }) },
    });
    if (response.status === 304) return old?.document;
    const document = response.status === 200 ? readBody(response.text) : undefined;
    if (document === undefined) return undefined;
    // The plain form's ETag, where there is one, says nothing of the documents below it.
    if (isAggregated(document))
      held.set(path, { ...(response.etag === undefined ? {} : { etag: response.etag }), document });
    return document;
  };

  const fetchOne = async (
    of: { readonly group: string; readonly version: string },
    before: ReadonlyMap<string, GroupVersionInfo>,
  ): Promise<GroupVersionInfo> => {
    const path = groupVersionPath(of);
    const old = before.get(groupVersionKey(of))?.resources ?? [];
    if (path === undefined) return { ...of, resources: old, stale: true };
    const response = await transport.request({ method: "GET", path, verb: "get" });
    const document = response.status === 200 ? readBody(response.text) : undefined;
    if (document === undefined) return { ...of, resources: old, stale: true };
    return { ...of, resources: parseResourceList(document, of), stale: false };
  };

  return {
    async read(before) {
      const documents = await Promise.all(roots.map(fetchRoot));
      const found: GroupVersionInfo[] = [];
      for (const [index, document] of documents.entries()) {
        if (document === undefined) return undefined;
        if (isAggregated(document)) {
          found.push(...parseAggregated(document));
          continue;
        }
        const versions = roots[index] === "/api" ? parseCoreVersions(document) : parseGroupList(document);
        found.push(...(await Promise.all(versions.map((of) => fetchOne(of, before)))));
      }
      const groups = new Map<string, GroupVersionInfo>();
      for (const one of found) {
        const key = groupVersionKey(one);
        // A stale entry may come without its resources: then what was known stays.
        const known = before.get(key)?.resources ?? [];
        groups.set(key, one.stale && one.resources.length === 0 ? { ...one, resources: known } : one);
      }
      return groups;
    },
  };
}
