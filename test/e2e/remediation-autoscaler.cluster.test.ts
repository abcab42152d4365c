/**
 * An autoscaler that comes, or goes, while the operator cannot hear of it: the watch of HorizontalPodAutoscalers is broken
 * and cannot be taken up again, all others go on. The real controller scales; nothing of that is drift, and nothing is
 * put back, before it is known whether somebody stands behind it. Counted in the API server's audit log.
 */
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { getIn, getString, type Json, type JsonObject } from "../../src/model/json.ts";
import { isWatch, startFaultProxy, status, type Asked, type FaultProxy } from "../cluster/fault-proxy.ts";
import { describeWith } from "../support/describe-with.ts";
import { enabled, healed, untilCounted } from "./heal-scene.ts";
import { eventually, moveClock, type Operator } from "./operator.ts";
import { startRelayed } from "./relayed-operator.ts";
import { inNamespace, setScene, yaml, type Scene } from "./scene.ts";

const namespace = "shop";
const names = ["web", "slept", "image"];
const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
const autoscalers = `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`;

const deployment = (name: string): JsonObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, annotations: enabled },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "web", image: "example/web:1" }] } },
  },
});
/** It needs no metrics to bring its target up to the least it may have. */
const autoscaler = (name: string): JsonObject => ({
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name, namespace },
  spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name }, minReplicas: 3, maxReplicas: 9 },
});
const isOfAutoscalers = (asked: Asked): boolean => isWatch(asked) && asked.url.includes("/horizontalpodautoscalers");

const needs = ["etcd", "kube-apiserver", "kube-controller-manager", "kubectl", "helm"] as const;

describeWith(needs, "autoscalers that cannot be heard of", () => {
  let scene: Scene;
  let proxy: FaultProxy;
  let operator: Operator;
  let deaf = false;
  let since: string;

  beforeAll(async () => {
    scene = await setScene({
      audit: true,
      controllerManager: true,
      controllerManagerArgs: ["--horizontal-pod-autoscaler-sync-period=1s"],
    });
    proxy = await startFaultProxy(scene.plane);
    await scene.namespace(namespace);
    scene.repository("shop").commit({ "all.yaml": yaml(...names.map(deployment)) });
    for (const name of names)
      await scene.send(
        "PATCH",
        `${deployments}/${name}?fieldManager=deployer`,
        inNamespace(namespace, deployment(name)),
        "application/apply-patch+yaml",
      );
    const clock = fileURLToPath(new URL("moved-clock.ts", import.meta.url));
    operator = await startRelayed(scene.plane, proxy.url, {
      nodeFlags: ["--import", clock],
      args: ["--leader-elect=false"],
    });
    await operator.ready(60_000);
    await scene.declare("shop", "shop", { targetNamespace: namespace, mode: "Remediate" });
    await untilCounted(scene, "shop", "inSync", names.length);
    const body = status(503, "ServiceUnavailable");
    proxy.fault({ when: (asked) => deaf && isOfAutoscalers(asked), times: Infinity, status: 503, body });
  });
  afterAll(async () => {
    await operator?.stop("SIGKILL");
    await proxy?.stop();
    await scene?.stop();
  });
  beforeEach(() => {
    since = new Date().toISOString();
  });

  const replicasOf = async (name: string): Promise<Json | undefined> =>
    getIn(await scene.send("GET", `${deployments}/${name}`), "spec", "replicas");
  const untilReplicas = (name: string, wanted: number): Promise<true> =>
    eventually(`${name} has ${wanted}`, async () => ((await replicasOf(name)) === wanted ? true : undefined), {
      within: 40_000,
    });
  const goDeaf = (): void => {
    deaf = true;
    proxy.cutWatches(isOfAutoscalers);
  };
  const hearAgain = async (): Promise<void> => {
    const before = proxy.asked.filter(isOfAutoscalers).length;
    deaf = false;
    await eventually("it is watched again", () => proxy.asked.filter(isOfAutoscalers).length > before || undefined, {
      within: 40_000,
    });
  };
  /** Nothing was told, counted or written of it. */
  const isUntouched = async (name: string, replicas: number): Promise<void> => {
    expect(await replicasOf(name)).toBe(replicas);
    expect(healed(scene, since)).toEqual([]);
    expect((await scene.drifts()).map(({ object }) => object)).toEqual([]);
    const told = (await scene.events()).filter(({ regarding }) => regarding.endsWith(`/${name}`));
    expect(told).toEqual([]);
  };

  test("one that is made meanwhile: what it scales is neither drift nor put back, then or later", async () => {
    goDeaf();
    await scene.send("POST", autoscalers, autoscaler("web"));
    await untilReplicas("web", 3);
    await wait(3_000);
    await isUntouched("web", 3);
    await hearAgain();
    await wait(2_000);
    await isUntouched("web", 3);
    await untilCounted(scene, "shop", "inSync", names.length);
  });

  test("while nobody knows, what a person edits beside it is found; the autoscaler's number is not written back with it", async () => {
    goDeaf();
    await scene.send("POST", autoscalers, autoscaler("image"));
    await untilReplicas("image", 3);
    const edit = { spec: { template: { spec: { containers: [{ name: "web", image: "evil.example/web:6" }] } } } };
    const how = "application/strategic-merge-patch+json";
    await scene.send("PATCH", `${deployments}/image?fieldManager=kubectl-edit`, edit, how);
    await eventually(
      "the edit is found",
      async () =>
        (await scene.drifts()).some(({ paths }) => paths.some((path) => path.endsWith(".image"))) || undefined,
    );
    await hearAgain();
    await eventually(
      "the image is put back",
      async () => {
        const found = await scene.send("GET", `${deployments}/image`);
        const [container] = getIn(found, "spec", "template", "spec", "containers") as readonly Json[];
        return getString(container, "image") === "example/web:1" ? true : undefined;
      },
      { within: 30_000 },
    );
    await wait(2_000);
    expect([await replicasOf("image"), healed(scene, since)]).toEqual([3, ["patch image"]]);
  });

  test("one that is deleted meanwhile: the number is Git's again, once it is known that nobody stands behind it", async () => {
    goDeaf();
    await scene.send("DELETE", `${autoscalers}/web`);
    await wait(2_000);
    expect([await replicasOf("web"), healed(scene, since)]).toEqual([3, []]);
    await hearAgain();
    await untilReplicas("web", 2);
    await wait(2_000);
    expect(healed(scene, since)).toEqual(["patch web"]);
  });

  test("one that is made when the operator has slept for ten minutes", async () => {
    await moveClock(operator);
    await scene.send("POST", autoscalers, autoscaler("slept"));
    await untilReplicas("slept", 3);
    await wait(5_000);
    expect([await replicasOf("slept"), healed(scene, since)]).toEqual([3, []]);
    expect((await scene.events()).filter(({ regarding }) => regarding.endsWith("/slept"))).toEqual([]);
  });
});
