/**
 * A real API server as the judge: objects are sent to it in the ways people send them, and what it gives back is what
 * the comparison is held against. Knows its schemas the way the operator does, from OpenAPI v3 and CRDs.
 */
import { Agent, request } from "node:https";
import { setTimeout as wait } from "node:timers/promises";
import { isAllocated } from "../../src/compare/allocated.ts";
import { diffObjects } from "../../src/compare/diff.ts";
import type { Difference } from "../../src/compare/difference.ts";
import { createSchemaIndex, kindOf, type SchemaIndex } from "../../src/compare/schema-index.ts";
import { formatJson, getIn, getString, isArray, isObject, parseJson, type Json } from "../../src/model/json.ts";
import { formatPath } from "../../src/model/path.ts";
import { isKubeObject, type KubeObject } from "../../src/model/resource.ts";
import type { ControlPlane } from "../control-plane/control-plane.ts";

export interface Answer {
  readonly status: number;
  readonly body: Json;
}

export interface Sent {
  readonly file: string;
  readonly desired: KubeObject;
  /** Undefined where the server refused it. */
  readonly live?: KubeObject;
  readonly refusal?: string;
}

export interface TruthServer {
  readonly index: SchemaIndex;
  /** The OpenAPI v3 documents by group version, as they came. */
  readonly documents: ReadonlyMap<string, Json>;
  send(method: string, path: string, body?: Json, contentType?: string): Promise<Answer>;
  /** Reads which kinds are served, and every document and CRD. */
  learn(): Promise<void>;
  /** The same, once objects of kinds that were just made can be found and written. */
  learnOf(objects: readonly KubeObject[]): Promise<void>;
  isNamespaced(object: KubeObject): boolean | undefined;
  /** Path of the object, or of its collection; undefined where its kind is not served. */
  pathOf(object: KubeObject, what?: "object" | "collection"): string | undefined;
  dryRun(object: KubeObject): Promise<Answer>;
  close(): void;
}

interface Served {
  readonly plural: string;
  readonly namespaced: boolean;
}

const BEHIND = 503;
/** Published last: by the aggregator, and by the extension server. */
const late = ["apis/apiregistration.k8s.io/v1", "apis/apiextensions.k8s.io/v1", "apis/apps/v1", "api/v1"];

function publishedWithin(paths: Json | undefined): boolean {
  return isObject(paths) && late.every((path) => Object.hasOwn(paths, path));
}

/**
 * The path of each group version's document. A server that has just started publishes them one after the other: waits
 * for the last.
 */
export async function publishedDocuments(
  read: (path: string) => Promise<Json>,
): Promise<readonly (readonly [groupVersion: string, path: string])[]> {
  let paths: Json | undefined;
  for (let tries = 0; tries < 60 && !publishedWithin(paths); tries += 1) {
    if (tries > 0) await wait(500);
    paths = getIn(await read("/openapi/v3"), "paths");
  }
  return Object.entries(isObject(paths) ? paths : {}).flatMap(([path, entry]) => {
    if (!/^apis?\/(.+\/)?v[0-9][a-z0-9]*$/.test(path)) return [];
    return [[path.replace(/^apis?\//, ""), getString(entry, "serverRelativeURL") ?? ""] as const];
  });
}

function groupPath(groupVersion: string): string {
  return groupVersion.includes("/") ? `/apis/${groupVersion}` : `/api/${groupVersion}`;
}

export async function openTruthServer(plane: ControlPlane): Promise<TruthServer> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8, ca: plane.caData });
  const index = createSchemaIndex();
  const served = new Map<string, Served>();
  const documents = new Map<string, Json>();

  function attempt(method: string, path: string, body: Json | undefined, contentType: string): Promise<Answer> {
    const text = body === undefined ? undefined : formatJson(body);
    return new Promise((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${plane.adminToken}`,
        "content-type": contentType,
        accept: "application/json",
        // Of a DELETE with a body Node says nothing of the length by itself, and the server reads none.
        ...(text === undefined ? {} : { "content-length": String(Buffer.byteLength(text)) }),
      };
      const sent = request(`${plane.url}${path}`, { method, headers, agent }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", reject);
        answer.on("end", () => {
          const said = Buffer.concat(chunks).toString("utf8");
          resolve({ status: answer.statusCode ?? 0, body: said.startsWith("{") ? parseJson(said) : said });
        });
      });
      sent.on("error", reject);
      sent.end(text);
    });
  }

  async function send(method: string, path: string, body?: Json, contentType = "application/json"): Promise<Answer> {
    const answer = await attempt(method, path, body, contentType);
    if (answer.status !== BEHIND) return answer;
    await wait(500);
    return attempt(method, path, body, contentType);
  }

  async function learnKinds(groupVersion: string): Promise<void> {
    const { body } = await send("GET", groupPath(groupVersion));
    const resources = getIn(body, "resources");
    for (const resource of isArray(resources) ? resources : []) {
      const plural = getString(resource, "name") ?? "";
      if (plural.includes("/")) continue;
      const namespaced = getIn(resource, "namespaced") === true;
      served.set(`${groupVersion}/${getString(resource, "kind") ?? ""}`, { plural, namespaced });
    }
  }

  async function learnAllKinds(): Promise<void> {
    await learnKinds("v1");
    const groups = getIn((await send("GET", "/apis")).body, "groups");
    for (const group of isArray(groups) ? groups : []) {
      const versions = getIn(group, "versions");
      for (const version of isArray(versions) ? versions : []) {
        await learnKinds(getString(version, "groupVersion") ?? "");
      }
    }
  }

  async function learn(): Promise<void> {
    const read = async (path: string): Promise<Json> => (await send("GET", path)).body;
    for (const [groupVersion, path] of await publishedDocuments(read)) {
      const document = await read(path);
      documents.set(groupVersion, document);
      index.addOpenApi(groupVersion, document);
    }
    // A new kind is served a moment before its document is published.
    await learnAllKinds();
    const crds = await send("GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions");
    const items = getIn(crds.body, "items");
    for (const item of isArray(items) ? items : []) {
      if (isObject(item) && isObject(item["metadata"])) index.addCrd(item as KubeObject);
    }
  }

  function pathOf(object: KubeObject, what: "object" | "collection" = "object"): string | undefined {
    const kind = served.get(`${object.apiVersion}/${object.kind}`);
    if (kind === undefined) return undefined;
    const namespace = kind.namespaced ? `/namespaces/${getString(object.metadata, "namespace") ?? "default"}` : "";
    const collection = `${groupPath(object.apiVersion)}${namespace}/${kind.plural}`;
    return what === "collection" ? collection : `${collection}/${getString(object.metadata, "name") ?? ""}`;
  }

  /** A definition is in force on one path before it is on all of them. */
  async function isWritten(object: KubeObject): Promise<boolean> {
    if (pathOf(object) === undefined) return false;
    const { status } = await server.dryRun(object);
    return status !== 404 && status !== 429 && status < 500;
  }

  async function learnOf(objects: readonly KubeObject[]): Promise<void> {
    const left = new Set(objects);
    for (let tries = 0; tries < 240 && left.size > 0; tries += 1) {
      if (tries > 0) await wait(250);
      await learnAllKinds();
      for (const object of left) if (await isWritten(object)) left.delete(object);
    }
    const [late] = left;
    if (late !== undefined) throw new Error(`${late.apiVersion} ${late.kind} is not served`);
    await learn();
  }

  const server: TruthServer = {
    index,
    documents,
    send,
    learn,
    learnOf,
    isNamespaced: (object) => served.get(`${object.apiVersion}/${object.kind}`)?.namespaced,
    pathOf,
    dryRun: (object) => send("POST", `${pathOf(object, "collection") ?? "/none"}?dryRun=All`, object),
    close: () => agent.destroy(),
  };
  await learn();
  return server;
}

/** What the comparison still finds when what the server allocates is set aside. */
export function countingDifferences(server: TruthServer, desired: KubeObject, live: KubeObject): readonly Difference[] {
  const schema = server.index.schemaFor(kindOf(desired));
  if (schema === undefined) throw new Error(`no schema for ${desired.apiVersion} ${desired.kind}`);
  const { differences } = diffObjects({ desired, live, schema });
  return differences.filter((difference) => isAllocated(difference, desired, live, schema) === undefined);
}

/** `added .spec.replicas: <default> -> 2` per difference: what a failed expectation shows. */
export function tell(differences: readonly Difference[]): readonly string[] {
  return differences.map(({ op, path, desired, defaulted, live }) => {
    const show = (value: Json | undefined): string =>
      value === undefined ? "nothing" : formatJson(value).slice(0, 120);
    return `${op} ${formatPath(path)}: ${show(desired ?? defaulted)} -> ${show(live)}`;
  });
}

/** The answer as an object, or why there is none. */
export function sentOf(file: string, desired: KubeObject, answer: Answer): Sent {
  if (answer.status < 300 && isKubeObject(answer.body)) return { file, desired, live: answer.body };
  return { file, desired, refusal: `${answer.status} ${getString(answer.body, "message") ?? ""}`.slice(0, 200) };
}
