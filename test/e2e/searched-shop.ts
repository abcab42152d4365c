/** What suites on `spec.unmanaged` share: a Baseline that has objects looked for, and what stands of it in the cluster. */
import { getString, type Json } from "../../src/model/json.ts";
import { eventually } from "./operator.ts";
import type { World } from "./world.ts";

export const configMap = (name: string, value: string, namespace = "shop"): string => `apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, namespace: ${namespace}}
data: {value: ${value}}
`;

/** Spec of a Baseline; nobody waits until Git was asked. */
export const searching = (world: World, more: Readonly<Record<string, Json>> = {}): Json => ({
  gracePeriod: "0s",
  unmanaged: { scope: "Namespaces" },
  source: { git: { url: world.url, ref: { branch: "main" }, interval: "10m" } },
  ...more,
});

/** `ConfigMap mine`: what a Baseline has Drift records of. */
export async function recorded(world: World, baseline = "shop"): Promise<readonly string[]> {
  return (await world.drifts())
    .filter((one) => getString(one, "baseline") === baseline)
    .map((one) => `${getString(one, "object", "kind")} ${getString(one, "object", "name")}`)
    .toSorted();
}

/** Until the Baseline's status counts so many. */
export async function untilUnmanaged(world: World, count: number): Promise<void> {
  await eventually(
    `${count} unmanaged`,
    async () => {
      const found = (await world.counts("shop"))["unmanaged"];
      if (found !== count) throw new Error(`it is ${String(found)}: ${(await recorded(world)).join(", ")}`);
      return true;
    },
    { within: 30_000, every: 100 },
  );
}
