/**
 * One declared object, kept as its JSON text: tens of thousands are declared, and few are looked at together. What is
 * asked of all of them (id, version, hash) is beside the text. `object` is decoded at each look: take it once per use,
 * and do not keep it.
 */
import { digestOf } from "./canonical.ts";
import { formatJson, getIn, parseJson } from "./json.ts";
import { idOf, type KubeObject, type ResourceId } from "./resource.ts";
import type { DesiredObject, Provenance } from "./snapshot.ts";

/** What a declared object is made from; plain data, so that it can come from another process. */
export interface DeclaredText {
  readonly id: ResourceId;
  readonly apiVersion: string;
  /** The object as JSON. */
  readonly text: string;
  readonly source: Provenance;
  readonly hash: string;
  /** It states `spec.replicas`. */
  readonly replicated: boolean;
  /** Its metadata has the key `namespace`, be it empty. */
  readonly namespaced: boolean;
}

class Declared implements DesiredObject {
  readonly id: ResourceId;
  readonly apiVersion: string;
  readonly source: Provenance;
  readonly hash: string;
  readonly replicated: boolean;
  readonly namespaced: boolean;
  readonly #text: string;
  /** Where it lives, when that is not what the text says; "" for nowhere. */
  readonly #namespace: string | undefined;

  constructor(from: DeclaredText, namespace?: string) {
    this.id = from.id;
    this.apiVersion = from.apiVersion;
    this.source = from.source;
    this.hash = from.hash;
    this.replicated = from.replicated;
    this.namespaced = from.namespaced;
    this.#text = from.text;
    this.#namespace = namespace;
  }

  get object(): KubeObject {
    const object = parseJson(this.#text) as KubeObject;
    if (this.#namespace === undefined) return object;
    const { namespace: _stated, ...rest } = object.metadata;
    return { ...object, metadata: this.#namespace === "" ? rest : { ...rest, namespace: this.#namespace } };
  }

  with(change: Partial<Pick<DeclaredText, "source" | "id" | "hash">>, namespace = this.#namespace): Declared {
    const { id, apiVersion, source, hash, replicated, namespaced } = this;
    return new Declared(
      { id, apiVersion, text: this.#text, source, hash, replicated, namespaced, ...change },
      namespace,
    );
  }
}

/** The text of {@link formatJson}, in half the time where no integer is beyond a double: JSON itself refuses those. */
function pack(object: KubeObject): string {
  try {
    return JSON.stringify(object);
  } catch {
    return formatJson(object);
  }
}

export function textOf(object: KubeObject, source: Provenance): DeclaredText {
  return {
    id: idOf(object),
    apiVersion: object.apiVersion,
    text: pack(object),
    source,
    hash: digestOf(object),
    replicated: getIn(object, "spec", "replicas") !== undefined,
    namespaced: Object.hasOwn(object.metadata, "namespace"),
  };
}

export function fromText(text: DeclaredText): DesiredObject {
  return new Declared(text);
}

/** An object as Git declares it. */
export function declare(object: KubeObject, source: Provenance): DesiredObject {
  return new Declared(textOf(object, source));
}

const asDeclared = (one: DesiredObject): Declared =>
  one instanceof Declared ? one : new Declared(textOf(one.object, one.source));

/** The earlier of two where nothing tells them apart: who knows it need not look again. */
export function sameOr(earlier: DesiredObject | undefined, now: DesiredObject): DesiredObject {
  const [was, is] = [earlier?.source, now.source];
  const same = earlier?.hash === now.hash && was?.line === is.line && was.index === is.index && was.file === is.file;
  return same && earlier !== undefined ? earlier : now;
}

/** The same object, found elsewhere. */
export function declaredAt(declared: DesiredObject, source: Provenance): DesiredObject {
  return asDeclared(declared).with({ source });
}

/**
 * The same object where it will live: in `namespace`, or in none where that is "". Its hash says what was written and
 * where it went, so it is another than that of an object that names the namespace itself.
 */
export function placedIn(declared: DesiredObject, namespace: string): DesiredObject {
  const id = { ...declared.id, namespace };
  return asDeclared(declared).with({ id, hash: digestOf([declared.hash, namespace]) }, namespace);
}
