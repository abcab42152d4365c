/**
 * OpenAPI v3 documents, one per group and version, fetched when asked for and handed over: what is kept of one is the
 * hash that the server puts into its address, by which a change is noticed. Who reads it keeps what it needs of it.
 * Source: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3
 */
import { getIn, getString, isObject, type Json } from "../model/json.ts";
import { readBody } from "./api-status.ts";
import type { Transport } from "./transport.ts";

export interface OpenApi {
  /** The document of `v1`, `apps/v1`, …; undefined where there is none, or the server does not answer. */
  fetchDocument(groupVersion: string): Promise<Json | undefined>;
  /** Reads the index again. Gives the groups and versions whose document is another than what was handed out. */
  refresh(): Promise<readonly string[]>;
}

/** `v1` → `api/v1`, `apps/v1` → `apis/apps/v1`: as the index names them. */
function indexKey(groupVersion: string): string {
  return groupVersion.includes("/") ? `apis/${groupVersion}` : `api/${groupVersion}`;
}

export function createOpenApi(transport: Transport): OpenApi {
  let addresses: ReadonlyMap<string, string> | undefined;
  /** Addresses of the documents that were handed out. */
  const given = new Map<string, string>();
  const fetching = new Map<string, Promise<Json | undefined>>();

  const readIndex = async (): Promise<void> => {
    const response = await transport.request({ method: "GET", path: "/openapi/v3", verb: "get" });
    const paths = response.status === 200 ? getIn(readBody(response.text), "paths") : undefined;
    if (!isObject(paths)) return;
    addresses = new Map(
      Object.entries(paths).flatMap(([key, entry]): [string, string][] => {
        const address = getString(entry, "serverRelativeURL");
        return address === undefined ? [] : [[key, address]];
      }),
    );
  };

  const fetchOne = async (groupVersion: string): Promise<Json | undefined> => {
    if (addresses === undefined) await readIndex();
    let address = addresses?.get(indexKey(groupVersion));
    if (address === undefined && addresses !== undefined) {
      await readIndex();
      address = addresses?.get(indexKey(groupVersion));
    }
    if (address === undefined) return undefined;
    const url = new URL(address, "https://api-server");
    // Only a path of the API server's own: the index may come from an extension server.
    if (url.host !== "api-server" || !url.pathname.startsWith("/openapi/v3")) return undefined;
    const response = await transport.request({
      method: "GET",
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      verb: "get",
    });
    const document = response.status === 200 ? readBody(response.text) : undefined;
    if (document !== undefined) given.set(groupVersion, address);
    return document;
  };

  return {
    fetchDocument(groupVersion) {
      const under = fetching.get(groupVersion) ?? fetchOne(groupVersion).finally(() => fetching.delete(groupVersion));
      fetching.set(groupVersion, under);
      return under;
    },
    async refresh() {
      await readIndex();
      return [...given.keys()].filter((key) => given.get(key) !== addresses?.get(indexKey(key)));
    },
  };
}
