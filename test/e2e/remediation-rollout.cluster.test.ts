/**
 * Heals that set off a rollout, with the real Deployment controller and Nodes on which Pods become ready: one that ends
 * well is no news, and one after which the Deployment is worse off than before is not repeated until somebody says so.
 */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getIn, getString, parseJson, type Json, type JsonObject } from "../../src/model/json.ts";
import { describeWith } from "../support/describe-with.ts";
import { startNodes, type Nodes } from "../control-plane/nodes.ts";
import { writesOf } from "./audit.ts";
import { evidenceLines } from "./evidence-lines.ts";
import { eventually, type Operator } from "./operator.ts";
import { setScene, yaml, type Scene } from "./scene.ts";

const namespace = "shop";
const path = (name: string): string => `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;

function deployment(name: string, image: string, pod: JsonObject = {}, more: JsonObject = {}): JsonObject {
  const labels = { app: name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace, annotations: { "plumbline.dev/remediate": "enabled" } },
    spec: {
      replicas: 2,
      ...more,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "web", image }], ...pod } },
    },
  };
}

const good = deployment("good", "registry.example/web:1");
/** No Node has the label: its Pods are never placed, and it is given up soon. */
const stuck = deployment(
  "stuck",
  "registry.example/web:1",
  { nodeSelector: { disk: "fast" } },
  { progressDeadlineSeconds: 5 },
);

describeWith(["etcd", "kube-apiserver", "kube-controller-manager", "kubectl", "helm", "kwok"], "rollouts", () => {
  let scene: Scene;
  let nodes: Nodes;
  let operator: Operator;

  const live = (name: string): Promise<JsonObject> => scene.send("GET", path(name));
  const isRolledOut = (object: Json): boolean =>
    getIn(object, "status", "observedGeneration") === getIn(object, "metadata", "generation") &&
    getIn(object, "status", "updatedReplicas") === 2 &&
    getIn(object, "status", "availableReplicas") === 2 &&
    getIn(object, "status", "replicas") === 2;
  const rolledOut = (name: string): Promise<unknown> =>
    eventually(`${name} is rolled out`, async () => isRolledOut(await live(name)) || undefined, { within: 60_000 });
  const imageOf = (object: Json): Json | undefined => {
    const containers = getIn(object, "spec", "template", "spec", "containers") as readonly Json[] | undefined;
    return getIn(containers?.[0], "image");
  };
  const patch = (name: string, operations: readonly JsonObject[]): Promise<JsonObject> =>
    scene.send(
      "PATCH",
      `${path(name)}?fieldManager=kubectl-edit`,
      operations as unknown as JsonObject,
      "application/json-patch+json",
    );
  const heals = (name: string, since: string): number =>
    writesOf(scene.plane, since).filter((write) => !write.own && write.name === name && write.code < 300).length;
  const record = async (name: string): Promise<JsonObject | undefined> =>
    (await scene.drifts()).find(({ object }) => object === `Deployment ${namespace}/${name}`)?.body;

  beforeAll(async () => {
    scene = await setScene({ audit: true, controllerManager: true });
    nodes = await startNodes(scene.plane);
    await scene.namespace(namespace);
    scene.repository("shop").commit({ "all.yaml": yaml(good, stuck) });
    for (const object of [good, stuck])
      await scene.send(
        "PATCH",
        `${path(getString(object, "metadata", "name") ?? "")}?fieldManager=deployer&force=true`,
        object,
        "application/apply-patch+yaml",
      );
    operator = await scene.start();
    await operator.ready(60_000);
    await scene.declare("shop", "shop", { mode: "Remediate" });
    await rolledOut("good");
    const inSync = () => operator.metric("plumbline_baseline_objects", { verdict: "in-sync" });
    await eventually("both in sync", async () => (await inSync()) === 2 || undefined, { within: 60_000 });
  });
  afterAll(async () => {
    await operator?.stop("SIGKILL");
    await nodes?.stop();
    await scene?.stop();
  });

  test("an image that somebody changed is put back, its rollout ends well, and nothing more is written", async () => {
    const since = new Date().toISOString();
    await patch("good", [
      { op: "replace", path: "/spec/template/spec/containers/0/image", value: "evil.example/web:6" },
    ]);
    await eventually(
      "the image is back",
      async () => imageOf(await live("good")) === "registry.example/web:1" || undefined,
    );
    await rolledOut("good");
    await wait(2_000);
    expect(heals("good", since)).toBe(1);
    // Again, a moment later: a rollout that ended well holds nothing up.
    await patch("good", [{ op: "replace", path: "/spec/replicas", value: 1 }]);
    await eventually("it is put back too", () => heals("good", since) === 2 || undefined, { within: 60_000 });
    await rolledOut("good");
    await wait(1_000);
    expect(heals("good", since)).toBe(2);
    expect((await scene.events()).filter(({ reason }) => /Waiting|Failed|Fight/.test(reason))).toEqual([]);
  });

  test("a heal after which the Deployment never comes up is not repeated when somebody repairs it by hand", async () => {
    const since = new Date().toISOString();
    const repair = () => patch("stuck", [{ op: "remove", path: "/spec/template/spec/nodeSelector" }]);
    // While it is paused somebody makes it work.
    const pause = (until: string | null): Promise<JsonObject> =>
      scene.send(
        "PATCH",
        path("stuck"),
        { metadata: { annotations: { "plumbline.dev/pause-until": until } } },
        "application/merge-patch+json",
      );
    await pause(new Date(Date.now() + 3_600_000).toISOString());
    await repair();
    await rolledOut("stuck");
    expect(heals("stuck", since)).toBe(0);
    await eventually("it is known to be healthy", async () => {
      const healthy = await operator.metric("plumbline_health_objects", { health: "healthy" });
      return healthy === 2 || undefined;
    });
    await pause(null);
    await eventually("Git's way is put back", () => heals("stuck", since) === 1 || undefined, { within: 60_000 });
    await eventually(
      "it is worse off",
      async () => (await operator.metric("plumbline_health_objects", { health: "degraded" })) === 1 || undefined,
      { within: 60_000 },
    );
    const worse = await eventually("it is told", async () =>
      (await scene.events()).find(({ reason }) => reason === "UnhealthyAfterRemediation"),
    );
    expect(worse.note).toContain("healthy before it was put back");
    const ends = evidenceLines(operator.log())
      .map((line) => parseJson(line))
      .filter((line) => getString(line, "kind") === "health");
    // Two that went well, before.
    expect(ends.map((line) => `${getString(line, "object", "name")} ${getString(line, "result")}`)).toEqual([
      "good healthy",
      "good healthy",
      "stuck degraded",
    ]);
    expect(ends[2]).toMatchObject({ worse: true, seconds: expect.any(Number) as number });
    await repair();
    const waits = await eventually(
      "it waits for a person",
      async () => {
        const found = await record("stuck");
        return getString(found, "remediation", "waitingFor") === "approval" ? found : undefined;
      },
      { within: 60_000 },
    );
    expect(getString(waits, "remediation", "message")).toContain("healthy before it was put back");
    expect(getString(waits, "remediation", "message")).not.toContain("30 minutes");
    expect(heals("stuck", since)).toBe(1);
  });
});
