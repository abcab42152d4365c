/**
 * A mutating webhook that changes each of our writes: the write goes through and never leads to what Git says. It is
 * tried as often as the Baseline says and no more, the one who does it is named, and then there is peace.
 */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getIn, getString, type JsonObject } from "../../src/model/json.ts";
import { writesOf } from "./audit.ts";
import { startMutatingWebhook, type MutatingWebhook } from "./mutating-webhook.ts";
import { eventually, type Operator } from "./operator.ts";
import { configMap, configMapPath, inNamespace, setScene, yaml, type Scene } from "./scene.ts";

const namespace = "shop";
const enabled = { "plumbline.dev/remediate": "enabled" };
const objects = ["restless", "stubborn", "stamped"].map((name) => configMap(name, { colour: "green" }, enabled));

let scene: Scene;
let operator: Operator;
let webhook: MutatingWebhook;
let turns = 0;
let stamps = 0;

const paint = (value: string): JsonObject => ({ op: "replace", path: "/data/colour", value });

beforeAll(async () => {
  scene = await setScene({ audit: true });
  await scene.namespace(namespace);
  scene.repository("shop").commit({ "all.yaml": yaml(...objects) });
  await scene.deploy(objects.map((object) => inNamespace(namespace, object)));
  operator = await scene.start();
  await operator.ready(60_000);
  await scene.declare("shop", "shop", {
    targetNamespace: namespace,
    mode: "Remediate",
    remediation: { limits: { retries: 2 } },
  });
  await eventually(
    "in sync",
    async () =>
      (await operator.metric("plumbline_baseline_objects", { verdict: "in-sync" })) === objects.length || undefined,
    { within: 60_000 },
  );
  webhook = await startMutatingWebhook(({ name, dryRun }) => {
    if (name === "stubborn") return [paint("red")];
    if (name === "stamped") return [{ op: "add", path: `/data/stamp-${(stamps += 1)}`, value: "now" }];
    if (name !== "restless") return [];
    if (!dryRun) turns += 1;
    return [paint(`red-${turns}`)];
  });
  await scene.send("POST", "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations", {
    apiVersion: "admissionregistration.k8s.io/v1",
    kind: "MutatingWebhookConfiguration",
    metadata: { name: "painter" },
    webhooks: [
      {
        name: "painter.example.com",
        clientConfig: webhook.clientConfig,
        admissionReviewVersions: ["v1"],
        sideEffects: "None",
        reinvocationPolicy: "Never",
        rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE", "UPDATE"], resources: ["configmaps"] }],
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
      },
    ],
  });
  // The server takes a new webhook up after a moment; of this object nobody says anything in Git.
  await scene.deploy([inNamespace(namespace, configMap("probe"))]);
  await eventually("the webhook is at work", async () => {
    await scene.edit(namespace, "probe", { turn: `${webhook.reviews.length} ${Date.now()}` });
    return webhook.reviews.length > 0 || undefined;
  });
});
afterAll(async () => {
  await scene?.stop();
  await webhook?.stop();
});

/** Writes to one object that were let through. */
const heals = (name: string, since: string): number =>
  writesOf(scene.plane, since).filter((write) => !write.own && write.name === name && write.code < 300).length;

test("one that writes something new each time: tried as often as allowed, then told, then left alone", async () => {
  const since = new Date().toISOString();
  await scene.edit(namespace, "restless", { colour: "red" });
  const told = await eventually(
    "it is told that it cannot be put back",
    async () =>
      (await scene.events()).find(
        ({ reason, regarding }) => reason === "RemediationFailed" && regarding === `ConfigMap ${namespace}/restless`,
      ),
    { within: 60_000 },
  );
  expect(told.note).toContain("painter");
  expect(heals("restless", since)).toBeLessThanOrEqual(3);
  const before = heals("restless", since);
  await wait(8_000);
  expect(heals("restless", since)).toBe(before);
  // A record is written at most once in ten seconds.
  await eventually(
    "its record says so",
    async () => {
      const drift = (await scene.drifts()).find(({ object }) => object === `ConfigMap ${namespace}/restless`);
      expect(getString(drift?.body, "remediation", "state")).toBe("failed");
      expect(getString(drift?.body, "remediation", "message")).toContain("painter");
      return true;
    },
    { within: 30_000 },
  );
});

test("one that always writes the same: tried no more often, and left alone", async () => {
  const since = new Date().toISOString();
  await scene.edit(namespace, "stubborn", { colour: "red" });
  await wait(5_000);
  const before = heals("stubborn", since);
  expect(before).toBeLessThanOrEqual(3);
  await wait(8_000);
  expect(heals("stubborn", since)).toBe(before);
  expect(getIn(await scene.send("GET", configMapPath(namespace, "stubborn")), "data", "colour")).toBe("red");
});

test("one that adds another key to each write: each is a drift of its own, and there is an end all the same", async () => {
  const since = new Date().toISOString();
  // The first stamp comes with it.
  await scene.edit(namespace, "stamped", { colour: "red" });
  const told = await eventually(
    "it is told that it cannot be put back",
    async () =>
      (await scene.events()).find(
        ({ reason, regarding }) => reason === "RemediationFailed" && regarding === `ConfigMap ${namespace}/stamped`,
      ),
    { within: 60_000 },
  );
  expect(told.note).toContain("painter");
  expect(told.note).toContain("each write brought something else with it");
  const before = heals("stamped", since);
  expect(before).toBe(3);
  await wait(15_000);
  expect(heals("stamped", since)).toBe(before);
});
