/**
 * What one Baseline's snapshots declare, id by id. Told a snapshot, it finds out what that changes against the one before:
 * an object handed over again as the very same instance costs a comparison of pointers and nothing else. Objects that
 * share an id are nobody's: they are contested, and named. Knows no entry and judges nothing.
 */
import type { Problem } from "../model/problem.ts";
import { kindRef, type IdKey, type KindRef, type ResourceId } from "../model/resource.ts";
import type { DesiredObject } from "../model/snapshot.ts";
import { crdScope, duplicate, placeOne, type Scope } from "../verdict/place.ts";

/** What is declared under an id: one object, several that contest it, or nothing any more. */
export type Declared = DesiredObject | readonly DesiredObject[] | undefined;

export interface Placing {
  /** For objects of namespaced kinds that name none. */
  readonly targetNamespace: string;
  /** Undefined where the kind is not served (yet): CRDs among the objects are asked next. */
  scopeOf(kind: KindRef): Scope | undefined;
}

/** The object that an id stands for. */
export function single(declared: Declared): DesiredObject | undefined {
  return declared === undefined || isSeveral(declared) ? undefined : declared;
}

const isSeveral = (declared: DesiredObject | readonly DesiredObject[]): declared is readonly DesiredObject[] =>
  Array.isArray(declared);

/** As `idKey` makes it, and flat: tens of thousands are kept, and a text put together piece by piece keeps its pieces. */
const keyOf = ({ group, kind, namespace, name }: ResourceId): IdKey =>
  [group, kind, namespace, name].join("/") as IdKey;

/** Scopes of kinds as one snapshot was placed by. */
class Scopes {
  readonly targetNamespace: string;
  /** By API version, then kind. */
  readonly #known = new Map<string, Map<string, Scope | undefined>>();
  readonly #ask: (kind: KindRef) => Scope | undefined;

  constructor(targetNamespace: string, ask: (kind: KindRef) => Scope | undefined) {
    this.targetNamespace = targetNamespace;
    this.#ask = ask;
  }

  of({ apiVersion, id }: DesiredObject): Scope | undefined {
    return this.#of(apiVersion, id.kind);
  }

  #of(apiVersion: string, kind: string): Scope | undefined {
    let kinds = this.#known.get(apiVersion);
    if (kinds === undefined) this.#known.set(apiVersion, (kinds = new Map<string, Scope | undefined>()));
    if (!kinds.has(kind)) kinds.set(kind, this.#ask(kindRef(apiVersion, kind)));
    return kinds.get(kind);
  }

  /** True where these place everything as those before did. */
  agrees(before: Scopes): boolean {
    if (this.targetNamespace !== before.targetNamespace) return false;
    for (const [apiVersion, kinds] of before.#known)
      for (const [kind, scope] of kinds) if (this.#of(apiVersion, kind) !== scope) return false;
    return true;
  }
}

interface Difference {
  readonly gone: readonly DesiredObject[];
  readonly come: readonly DesiredObject[];
}

export class Declarations {
  #objects: readonly DesiredObject[] = [];
  #scopes: Scopes | undefined;
  /** Scopes that CRDs among the objects give, by CRD. */
  readonly #definitions = new Map<DesiredObject, ReturnType<typeof crdScope>>();
  readonly #contested = new Map<IdKey, readonly DesiredObject[]>();

  /**
   * Takes a snapshot's objects in; answers with what is declared now under each id for which that may be another than
   * before. `current`: the object an id stands for so far.
   */
  *advance(
    objects: readonly DesiredObject[],
    placing: Placing,
    current: (id: IdKey) => DesiredObject | undefined = () => undefined,
  ): Generator<void, ReadonlyMap<IdKey, Declared>> {
    const before = this.#scopes;
    const difference = yield* this.#difference(objects);
    yield* this.#define(difference, objects);
    const scopes = new Scopes(placing.targetNamespace, this.#asking(placing));
    const agree = before === undefined || scopes.agrees(before);
    const { gone, come } = agree ? difference : { gone: this.#objects, come: objects };
    const touched = new Map<IdKey, Declared>();
    const declared = (id: IdKey): Declared =>
      touched.has(id) ? touched.get(id) : (this.#contested.get(id) ?? current(id));
    for (const object of gone) {
      if (before === undefined) break;
      const id = keyOf(placeOne(object, before.of(object), before.targetNamespace).id);
      touched.set(id, without(declared(id), object));
      yield;
    }
    for (const object of come) {
      const placed = placeOne(object, scopes.of(object), scopes.targetNamespace);
      const id = keyOf(placed.id);
      touched.set(id, withOne(declared(id), placed));
      yield;
    }
    for (const [id, now] of touched) {
      if (now !== undefined && isSeveral(now)) this.#contested.set(id, now);
      else this.#contested.delete(id);
    }
    this.#objects = objects;
    this.#scopes = scopes;
    return touched;
  }

  /** Ids declared more than once. */
  problems(): readonly Problem[] {
    return [...this.#contested.values()].flatMap((found) => {
      const [first, ...others] = found.toSorted(byPlace);
      return first === undefined ? [] : [duplicate(first, others)];
    });
  }

  /** Whether the kinds that were placed would be placed elsewhere now. */
  moved(placing: Placing): boolean {
    if (this.#scopes === undefined) return false;
    return !new Scopes(placing.targetNamespace, this.#asking(placing)).agrees(this.#scopes);
  }

  #asking(placing: Placing): (kind: KindRef) => Scope | undefined {
    const defined = new Map<string, Scope>();
    // Where two define one kind, the order in which they were heard of is no reason.
    for (const [, found] of [...this.#definitions].toSorted(([one], [other]) => byPlace(one, other)))
      if (found !== undefined) defined.set(found.kind, found.scope);
    return (kind) => placing.scopeOf(kind) ?? defined.get(`${kind.group}/${kind.kind}`);
  }

  *#define({ gone, come }: Difference, objects: readonly DesiredObject[]): Generator<void, void> {
    for (const object of gone) if (isDefinition(object) && !objects.includes(object)) this.#definitions.delete(object);
    for (const object of come) {
      if (!isDefinition(object)) continue;
      this.#definitions.set(object, crdScope(object));
      yield;
    }
  }

  /** By instance. What stands between a common head and a common tail is counted. */
  *#difference(objects: readonly DesiredObject[]): Generator<void, Difference> {
    const before = this.#objects;
    const shorter = Math.min(before.length, objects.length);
    let head = 0;
    while (head < shorter && before[head] === objects[head]) head += 1;
    let tail = 0;
    while (tail < shorter - head && before.at(-1 - tail) === objects.at(-1 - tail)) tail += 1;
    const come: DesiredObject[] = [];
    const counts = new Map<DesiredObject, number>();
    for (let at = head; at < before.length - tail; at += 1) {
      const object = before[at];
      if (object !== undefined) counts.set(object, (counts.get(object) ?? 0) + 1);
      yield;
    }
    for (let at = head; at < objects.length - tail; at += 1) {
      const object = objects[at];
      if (object === undefined) continue;
      const left = counts.get(object) ?? 0;
      if (left === 0) come.push(object);
      else if (left === 1) counts.delete(object);
      else counts.set(object, left - 1);
      yield;
    }
    const gone = [...counts].flatMap(([object, count]) => Array.from({ length: count }, () => object));
    return { gone, come };
  }
}

const isDefinition = ({ id }: DesiredObject): boolean => id.kind === "CustomResourceDefinition";

function withOne(declared: Declared, placed: DesiredObject): Declared {
  if (declared === undefined) return placed;
  return isSeveral(declared) ? [...declared, placed] : [declared, placed];
}

/** Placing keeps where an object was declared, so that is what it is known by. */
function without(declared: Declared, object: DesiredObject): Declared {
  if (declared === undefined || !isSeveral(declared)) return undefined;
  const at = declared.findIndex(({ source }) => source === object.source);
  const left = at < 0 ? declared : declared.toSpliced(at, 1);
  return left.length > 1 ? left : left[0];
}

function byPlace({ source: one }: DesiredObject, { source: other }: DesiredObject): number {
  if (one.file !== other.file) return one.file < other.file ? -1 : 1;
  return one.line - other.line || one.index - other.index;
}
