/**
 * Plays the steps of a golden case on a real API server, each as the field manager it names, as the tool of that name
 * writes. A step that the server refuses is thrown, unless the case says that it is refused.
 */
import { readFileSync } from "node:fs";
import type { Agent } from "node:https";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import {
  formatJson,
  getIn,
  getString,
  isArray,
  isObject,
  parseJson,
  type Json,
  type JsonObject,
} from "../../src/model/json.ts";
import { parsePointer } from "../../src/model/path.ts";
import { apiVersionOf, idOf, kindRef, type KubeObject } from "../../src/model/resource.ts";
import { splitDocuments } from "../../src/sources/yaml-split.ts";
import { readManifests } from "../../src/sources/yaml.ts";
import { apiRequest, type RawAnswer, type RawRequest } from "../control-plane/api-request.ts";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import type { GoldenCase } from "./golden-case.ts";

export interface Reference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

interface Served {
  readonly plural: string;
  readonly namespaced: boolean;
}

const PATCHES: Readonly<Record<string, string>> = {
  strategic: "application/strategic-merge-patch+json",
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  apply: "application/apply-patch+yaml",
};

const groupPath = (apiVersion: string): string =>
  apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;

export function referenceOf(object: KubeObject): Reference {
  const { group, namespace, name } = idOf(object);
  const { version } = kindRef(object.apiVersion, object.kind);
  return { apiVersion: apiVersionOf({ group, version }), kind: object.kind, name, ...(namespace && { namespace }) };
}

function valueAt(value: Json | undefined, tokens: readonly string[]): Json | undefined {
  return tokens.reduce<Json | undefined>(
    (here, token) => (isArray(here) ? here[Number(token)] : getIn(here, token)),
    value,
  );
}

export class GoldenPlayer {
  readonly #plane: ControlPlane;
  readonly #golden: GoldenCase;
  readonly #agent: Agent;
  readonly #kinds = new Map<string, Served>();

  constructor(plane: ControlPlane, agent: Agent, golden: GoldenCase) {
    this.#plane = plane;
    this.#agent = agent;
    this.#golden = golden;
  }

  /** What dry runs were answered with, in order. */
  readonly answers: KubeObject[] = [];

  async prepare(): Promise<void> {
    const name = this.#golden.name;
    await this.#send("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    if (!this.#golden.controllers) return;
    await this.#until(`/api/v1/namespaces/${name}/serviceaccounts/default`, (found) => found !== undefined);
  }

  /** The path of the object, or of its collection; undefined where its kind is not served. */
  async pathOf(reference: Reference, what: "object" | "collection" = "object"): Promise<string | undefined> {
    const served = await this.#served(reference.apiVersion, reference.kind);
    if (served === undefined) return undefined;
    const namespace = served.namespaced ? `/namespaces/${reference.namespace ?? this.#golden.name}` : "";
    const collection = `${groupPath(reference.apiVersion)}${namespace}/${served.plural}`;
    return what === "collection" ? collection : `${collection}/${reference.name}`;
  }

  async read(reference: Reference): Promise<KubeObject | undefined> {
    const at = await this.pathOf(reference);
    if (at === undefined) return undefined;
    const { status, text } = await this.#request("GET", at);
    return status === 200 ? (parseJson(text) as KubeObject) : undefined;
  }

  async play(step: JsonObject): Promise<void> {
    const file = getString(step, "apply") ?? getString(step, "create");
    if (getString(step, "kubectl") !== undefined) await this.#kubectl(step);
    else if (getString(step, "patch") !== undefined) await this.#patch(step);
    else if (getString(step, "delete") !== undefined) await this.#delete(step);
    else if (getString(step, "wait") !== undefined) await this.#waitFor(step);
    else if (getString(step, "dry-run") !== undefined) await this.#dryRun(step);
    else if (file !== undefined) for (const part of this.#parts(file)) await this.#put(step, part);
    else if (getString(step, "look") === undefined) throw new Error(`${this.#golden.name}: ${formatJson(step)}`);
  }

  /** Each document of a file as text, so that it is the server that reads the YAML. */
  #parts(file: string): readonly { readonly text: string; readonly reference: Reference }[] {
    const text = readFileSync(path.join(this.#golden.folder, file), "utf8");
    return splitDocuments(text).flatMap((part) => {
      const [object] = readManifests(part.text, file).objects.map((one) => one.object);
      return object === undefined ? [] : [{ text: part.text, reference: referenceOf(object) }];
    });
  }

  async #put(step: JsonObject, { text, reference }: { text: string; reference: Reference }): Promise<void> {
    const manager = getString(step, "as") ?? "";
    const method = "apply" in step ? "PATCH" : "POST";
    const at = await this.pathOf(reference, method === "POST" ? "collection" : "object");
    if (at === undefined) throw new Error(`${this.#golden.name}: ${reference.kind} is not served`);
    const force = method === "PATCH" ? "&force=true" : "";
    const type = method === "PATCH" ? PATCHES["apply"] : "application/yaml";
    await this.#sendChecked(step, method, `${at}?fieldManager=${manager}${force}`, text, type);
    if (reference.kind === "CustomResourceDefinition") await this.#established(reference);
  }

  /** Asks until the answer has what the case waits for: a policy takes a moment to be in force. */
  async #dryRun(step: JsonObject): Promise<void> {
    const tokens = parsePointer(getString(step, "has") ?? "") ?? [];
    for (const { text, reference } of this.#parts(getString(step, "dry-run") ?? "")) {
      const at = `${(await this.pathOf(reference, "collection")) ?? "/none"}?dryRun=All`;
      for (let tries = 0; ; tries += 1) {
        const answer = await this.#send("POST", at, text, "application/yaml");
        const body = parseJson(answer.text);
        if (answer.status < 300 && valueAt(body, tokens) !== undefined) {
          this.answers.push(body as KubeObject);
          break;
        }
        if (tries > 300) throw new Error(`${this.#golden.name}: ${answer.status} ${answer.text.slice(0, 1000)}`);
        await wait(100);
      }
    }
  }

  async #patch(step: JsonObject): Promise<void> {
    const at = (await this.pathOf(this.#find(getString(step, "patch") ?? ""))) ?? "/none";
    const type = getString(step, "type") ?? "strategic";
    const sub = getString(step, "subresource");
    const force = type === "apply" ? "&force=true" : "";
    const target = `${at}${sub === undefined ? "" : `/${sub}`}?fieldManager=${getString(step, "as") ?? ""}${force}`;
    await this.#sendChecked(step, "PATCH", target, step["with"] ?? null, PATCHES[type]);
  }

  async #delete(step: JsonObject): Promise<void> {
    const at = (await this.pathOf(this.#find(getString(step, "delete") ?? ""))) ?? "/none";
    await this.#sendChecked(step, "DELETE", `${at}?propagationPolicy=Background`);
    if (step["lingers"] !== true) await this.#until(at, (found) => found === undefined);
  }

  async #kubectl(step: JsonObject): Promise<void> {
    const input = getString(step, "input");
    const args = (getString(step, "kubectl") ?? "").split(" ");
    const text = input === undefined ? undefined : readFileSync(path.join(this.#golden.folder, input), "utf8");
    const { code, stderr } = await this.#plane.kubectl(["-n", this.#golden.name, ...args], text);
    if ((code !== 0) !== (step["refused"] === true))
      throw new Error(`${this.#golden.name}: kubectl ${args.join(" ")}: ${stderr}`);
  }

  async #waitFor(step: JsonObject): Promise<void> {
    const at = (await this.pathOf(this.#find(getString(step, "wait") ?? ""))) ?? "/none";
    const tokens = parsePointer(getString(step, "has") ?? "") ?? [];
    await this.#until(at, (found) => {
      if (step["gone"] === true) return found === undefined;
      return valueAt(found, tokens) !== undefined;
    });
  }

  /** `Deployment/web` of the case's files, or `apps/v1/Deployment/web`, or with a namespace `v1/Secret/other/name`. */
  #find(text: string): Reference {
    return findReference(text, this.#declared());
  }

  #declared(): readonly Reference[] {
    return this.#golden.steps
      .flatMap((step) => ["apply", "create", "input"].flatMap((key) => getString(step, key) ?? []))
      .flatMap((file) => this.#parts(file).map((part) => part.reference));
  }

  async #established(reference: Reference): Promise<void> {
    const at = (await this.pathOf(reference)) ?? "/none";
    await this.#until(at, (crd) => {
      const conditions = getIn(crd, "status", "conditions");
      const holds = (isArray(conditions) ? conditions : []).some(
        (one) => getString(one, "type") === "Established" && getString(one, "status") === "True",
      );
      return holds;
    });
    const crd = await this.read(reference);
    const versions = getIn(crd, "spec", "versions");
    const version = (isArray(versions) ? versions : []).find((one) => getIn(one, "served") === true);
    const groupVersion = `${getString(crd, "spec", "group") ?? ""}/${getString(version, "name") ?? ""}`;
    const plural = getString(crd, "spec", "names", "plural") ?? "";
    await this.#until(`${groupPath(groupVersion)}/${plural}`, (found) => found !== undefined);
  }

  async #served(apiVersion: string, kind: string): Promise<Served | undefined> {
    const known = this.#kinds.get(`${apiVersion} ${kind}`);
    if (known !== undefined) return known;
    const { status, text } = await this.#request("GET", groupPath(apiVersion));
    const resources = status === 200 ? getIn(parseJson(text), "resources") : undefined;
    const found = (isArray(resources) ? resources : []).find(
      (one) => getString(one, "kind") === kind && !(getString(one, "name") ?? "/").includes("/"),
    );
    if (found === undefined) return undefined;
    const served = { plural: getString(found, "name") ?? "", namespaced: getIn(found, "namespaced") === true };
    this.#kinds.set(`${apiVersion} ${kind}`, served);
    return served;
  }

  async #until(at: string, holds: (found: JsonObject | undefined) => boolean): Promise<void> {
    const deadline = performance.now() + 45_000;
    for (;;) {
      const { status, text } = await this.#request("GET", at);
      const body = status === 200 ? parseJson(text) : undefined;
      if (holds(isObject(body) ? body : undefined)) return;
      if (performance.now() > deadline) throw new Error(`${this.#golden.name}: waited too long for ${at}: ${text}`);
      await wait(50);
    }
  }

  #request(method: string, at: string, body: Pick<RawRequest, "body" | "contentType"> = {}): Promise<RawAnswer> {
    const { url, caData: ca, adminToken: token } = this.#plane;
    return apiRequest({ url: `${url}${at}`, ca, token, method, agent: this.#agent, ...body });
  }

  async #send(method: string, at: string, body?: Json, contentType = "application/json") {
    const text = body === undefined || typeof body === "string" ? body : formatJson(body);
    for (let tries = 0; ; tries += 1) {
      const options = { contentType, ...(text === undefined ? {} : { body: text }) };
      const answer = await this.#request(method, at, options);
      // A kind that has just been defined is not served everywhere at once.
      if (tries > 20 || (answer.status !== 503 && answer.status !== 429)) return answer;
      await wait(100);
    }
  }

  async #sendChecked(
    step: JsonObject,
    ...args: readonly [method: string, at: string, body?: Json, contentType?: string]
  ): Promise<void> {
    const { status, text } = await this.#send(...args);
    if (status >= 300 !== (step["refused"] === true))
      throw new Error(`${this.#golden.name}: ${formatJson(step).slice(0, 200)}: ${status} ${text.slice(0, 1000)}`);
  }
}

/** The parts of a reference, or the declared object of that kind and name. */
function findReference(text: string, declared: readonly Reference[]): Reference {
  const parts = text.split("/");
  if (parts.length === 2) {
    const found = declared.find(({ kind, name }) => kind === parts[0] && name === parts[1]);
    if (found === undefined) throw new Error(`no file of the case declares ${text}`);
    return found;
  }
  const name = parts.pop() ?? "";
  const kindAt = parts.findIndex((part) => /^[A-Z]/.test(part));
  const namespace = parts[kindAt + 1];
  return {
    apiVersion: parts.slice(0, kindAt).join("/"),
    kind: parts[kindAt] ?? "",
    name,
    ...(namespace === undefined ? {} : { namespace }),
  };
}
