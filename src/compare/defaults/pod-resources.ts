/**
 * The requests of a whole Pod that states limits for itself: of CPU and memory what its containers request together,
 * else, and for huge pages always, the limit.
 * Source: https://kubernetes.io/docs/tasks/configure-pod-container/assign-pod-level-resources/; proven on the API server.
 */
import { isArray, isObject, type Json, type JsonObject } from "../../model/json.ts";
import { formatQuantity, parseQuantity, roundUpToMilli } from "../quantity.ts";
import { isFilled, merged } from "./row.ts";

/** Milli units per resource; nothing finer is stored. */
type Amounts = ReadonlyMap<string, bigint>;

const overcommitted: ReadonlySet<string> = new Set(["cpu", "memory"]);
const MILLI = -3;
const none: Amounts = new Map();

function milliOf(value: Json): bigint | undefined {
  const quantity = parseQuantity(value);
  if (quantity === undefined) return undefined;
  const { digits, exponent } = roundUpToMilli(quantity);
  return digits * 10n ** BigInt(exponent - MILLI);
}

function combine(one: Amounts, other: Amounts, choose: (left: bigint, right: bigint) => bigint): Amounts {
  const all = new Map(one);
  for (const [name, amount] of other) {
    const known = all.get(name);
    all.set(name, known === undefined ? amount : choose(known, amount));
  }
  return all;
}

const sum = (one: Amounts, other: Amounts): Amounts => combine(one, other, (left, right) => left + right);
const most = (one: Amounts, other: Amounts): Amounts =>
  combine(one, other, (left, right) => (left > right ? left : right));

/** A request that a container of a Pod does not state is its limit. */
function requestsOf(container: JsonObject): Amounts {
  const { resources } = container;
  if (!isObject(resources)) return none;
  const found = new Map<string, bigint>();
  for (const [name, value] of Object.entries(merged(resources["requests"], resources["limits"]) ?? {})) {
    const amount = overcommitted.has(name) ? milliOf(value) : undefined;
    if (amount !== undefined) found.set(name, amount);
  }
  return found;
}

function containersIn(spec: JsonObject, field: string): readonly JsonObject[] {
  const list = spec[field];
  return isArray(list) ? list.filter(isObject) : [];
}

/** All containers at once, or the largest init container beside the sidecars that run by then, whichever is more. */
function requestsOfContainers(spec: JsonObject): Amounts {
  let together = containersIn(spec, "containers").map(requestsOf).reduce(sum, none);
  let sidecars = none;
  let largest = none;
  for (const container of containersIn(spec, "initContainers")) {
    const requests = requestsOf(container);
    if (container["restartPolicy"] === "Always") {
      together = sum(together, requests);
      sidecars = sum(sidecars, requests);
      largest = most(largest, sidecars);
    } else largest = most(largest, sum(requests, sidecars));
  }
  return most(together, largest);
}

/** As the server writes it: `3`, not `3000m`. */
function textOf(milli: bigint): string {
  const text = `${milli}m`;
  const quantity = parseQuantity(text);
  return quantity === undefined ? text : formatQuantity(quantity);
}

function isOfPods(name: string): boolean {
  return overcommitted.has(name) || name.startsWith("hugepages-");
}

/** The Pod's own resources with the requests that the server fills in; undefined where it fills in none. */
export function podLevelResources(spec: JsonObject): Json | undefined {
  const { resources } = spec;
  if (!isObject(resources) || !isObject(resources["limits"]) || !isFilled(resources["limits"])) return undefined;
  const limits = Object.fromEntries(Object.entries(resources["limits"]).filter(([name]) => isOfPods(name)));
  const ofContainers = Object.fromEntries([...requestsOfContainers(spec)].map(([name, at]) => [name, textOf(at)]));
  const requests = merged(resources["requests"], ofContainers, limits);
  return requests === undefined ? undefined : { ...resources, requests };
}
