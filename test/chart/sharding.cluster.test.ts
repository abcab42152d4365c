/** What the chart renders where the Baselines are spread over several Pods, by the real helm and without a cluster. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getIn, isArray, type Json, type JsonObject } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { find, kindsOf, openHelm, render, type Helm } from "./helm.ts";

let helm: Helm;
let standard: readonly KubeObject[];
beforeAll(async () => {
  helm = await openHelm();
  standard = await render(helm);
});
afterAll(() => helm?.close());

describe("sharding.count above 1", () => {
  const sharded = { sharding: { count: 3, standby: 1 }, podDisruptionBudget: { enabled: true } };
  const set = async (values: JsonObject = sharded): Promise<KubeObject | undefined> =>
    find(await render(helm, values), "StatefulSet", "plumbline");
  const argsOf = (of: readonly KubeObject[], kind: string): readonly Json[] => {
    const containers = getIn(find(of, kind, "plumbline"), "spec", "template", "spec", "containers");
    const args = isArray(containers) ? getIn(containers[0], "args") : undefined;
    return isArray(args) ? args : [];
  };

  test("a StatefulSet takes the Deployment's place, with a Pod per shard and as many to stand by", async () => {
    const objects = await render(helm, sharded);
    expect(kindsOf(objects)).not.toContain("Deployment");
    expect(getIn(await set(), "spec")).toMatchObject({ replicas: 6, podManagementPolicy: "Parallel" });
    expect(getIn(await set({ sharding: { count: 2 } }), "spec", "replicas")).toBe(2);
  });

  test("the Pod is the Deployment's, but for the number that its name ends with", async () => {
    const objects = await render(helm, sharded);
    const args = argsOf(objects, "StatefulSet");
    const own = ["--shard=$(PLUMBLINE_POD_NAME)/3"];
    expect(args.filter((arg) => !own.includes(String(arg)))).toEqual(argsOf(standard, "Deployment"));
    expect(args).toEqual(expect.arrayContaining(own));
    const template = (of: readonly KubeObject[], kind: string): Json | undefined =>
      getIn(find(of, kind, "plumbline"), "spec", "template");
    const without = (json: Json | undefined): string => JSON.stringify(json).replace(`"${own[0]}",`, "");
    expect(without(template(objects, "StatefulSet"))).toBe(without(template(standard, "Deployment")));
  });

  test("its rights, its budget and its monitor know of it", async () => {
    const objects = await render(helm, sharded);
    expect(JSON.stringify(find(objects, "Role", "plumbline"))).toContain(
      '"resourceNames":["plumbline","plumbline-shard-0","plumbline-shard-1","plumbline-shard-2"]',
    );
    expect(getIn(find(objects, "PodDisruptionBudget", "plumbline"), "spec")).toMatchObject({ maxUnavailable: 1 });
    const labels = getIn(await set(), "spec", "template", "metadata", "labels");
    for (const [kind, name, at] of [
      ["Service", "plumbline-metrics", ["selector"]],
      ["NetworkPolicy", "plumbline", ["podSelector", "matchLabels"]],
      ["PodDisruptionBudget", "plumbline", ["selector", "matchLabels"]],
    ] as const)
      expect(labels).toMatchObject(getIn(find(objects, kind, name), "spec", ...at) as JsonObject);
    expect(getIn(await set(), "spec", "serviceName")).toBe("plumbline-metrics");
  });

  test("without leader election it is refused", async () => {
    await expect(set({ ...sharded, leaderElection: { enabled: false } })).rejects.toThrow(
      "needs leaderElection.enabled",
    );
  });

  test("the times of the lease become flags", async () => {
    const times = { leaseDuration: "30s", renewDeadline: "20s", retryPeriod: "5s" };
    expect(argsOf(await render(helm, { leaderElection: times }), "Deployment")).toEqual(
      expect.arrayContaining([
        "--leader-elect-lease-duration=30s",
        "--leader-elect-renew-deadline=20s",
        "--leader-elect-retry-period=5s",
      ]),
    );
  });
});
