/**
 * OpenAPI v3 documents, one per group and version, fetched when asked for and handed over: what is kept of one is the
 * hash that the server puts into its address, by which a change is noticed. Who reads it keeps what it needs of it.
 *
 * A document is up to 2 MB, two thirds of it paths nobody asks for: it is cut up as it comes, its types are parsed one
 * by one, its paths not at all. Few are fetched at once, so that a start does not hold a dozen of them.
 * Source: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3
 */
import { getIn, getString, isObject, type Json, parseJson } from "../model/json.ts";
import { readBody } from "./api-status.ts";
import { createJsonCutter } from "./json-cutter.ts";
import { loopTurns } from "./loop-turns.ts";
import type { Transport } from "./transport.ts";

export interface OpenApi {
  /** The document of `v1`, `apps/v1`, … without its paths; undefined where there is none, or the server does not answer. */
  fetchDocument(groupVersion: string): Promise<Json | undefined>;
  /** Reads the index again. Gives the groups and versions whose document is another than what was handed out. */
  refresh(): Promise<readonly string[]>;
}

/** Documents on their way at once: while one is read, the server makes the next. */
const AT_ONCE = 2;

/** Puts a document together from its bytes: the schemas in `components.schemas`, the rest as it is. */
function createDocumentReader() {
  const cutter = createJsonCutter([
    { path: ["paths"], parts: "drop" },
    { path: ["components", "schemas"], parts: "keep" },
  ]);
  const schemas = new Map<string, Json>();
  return {
    /** @throws SyntaxError where a schema is no JSON */
    async take(chunk: Buffer): Promise<void> {
      for (const { key, bytes } of cutter.push(chunk)) {
        if (loopTurns.isOver()) await loopTurns.next();
        schemas.set(key, parseJson(bytes.toString("utf8")));
      }
    },
    /** Undefined where it did not come whole, or is none. */
    document(): Json | undefined {
      try {
        const rest = parseJson(cutter.rest());
        const components = getIn(rest, "components");
        if (!isObject(rest)) return undefined;
        if (!isObject(components)) return rest;
        return { ...rest, components: { ...components, schemas: Object.fromEntries(schemas) } };
      } catch {
        return undefined;
      }
    },
  };
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
  const waiting: (() => void)[] = [];
  let underWay = 0;

  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (underWay >= AT_ONCE) await new Promise<void>((resolve) => void waiting.push(resolve));
    else underWay += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) underWay -= 1;
      else next();
    }
  };

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
    const reader = createDocumentReader();
    const response = await transport.request({
      method: "GET",
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      verb: "get",
      take: (chunk) => reader.take(chunk),
    });
    const document = response.status === 200 ? reader.document() : undefined;
    if (document !== undefined) given.set(groupVersion, address);
    return document;
  };

  return {
    fetchDocument(groupVersion) {
      const under =
        fetching.get(groupVersion) ?? inTurn(() => fetchOne(groupVersion)).finally(() => fetching.delete(groupVersion));
      fetching.set(groupVersion, under);
      return under;
    },
    async refresh() {
      await readIndex();
      return [...given.keys()].filter((key) => given.get(key) !== addresses?.get(indexKey(key)));
    },
  };
}
