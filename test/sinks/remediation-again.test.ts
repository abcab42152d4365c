/** What is looked at or tried once more, and when: nothing is given up for good that a person or time may still put right. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { noFacts } from "../../src/compare/facts.ts";
import { getIn } from "../../src/model/json.ts";
import type { LiveView } from "../../src/model/live.ts";
import type { KubeObject, ResourceId } from "../../src/model/resource.ts";
import { trials } from "../../src/sinks/heal-attempts.ts";
import { openingPatience } from "../../src/sinks/remediation.ts";
import { configMap, openShop, type Shop } from "./heal-shop.ts";
import { refusal } from "./memory-api.ts";

let shop: Shop;
let id: ResourceId;

const paint = (colour: string) => (object: KubeObject) => ({ ...object, data: { colour } }) as KubeObject;
const colour = (of: ResourceId = id) => getIn(shop.live(of), "data", "colour");
const state = (of: ResourceId = id) => shop.healing.ledger.stateOf(shop.baseline().key, of);
const reasons = (): readonly string[] => shop.healing.told.map(({ reason }) => reason);
const writes = (): readonly string[] =>
  shop.api.writes().map(({ verb, ref }) => `${verb} ${ref.kind.kind} ${ref.name}`);

const open = (...options: Parameters<typeof openShop>): void => {
  shop = openShop(...options);
  id = shop.declare(configMap("web"));
};
const drift = async (): Promise<void> => {
  shop.put(id, paint("red"));
  await shop.watch(id);
};
/** Refused from now on, until the refusals are taken away. */
const refuse = (status = 403, message = 'admission webhook "w.example" denied the request: not today'): void => {
  shop.api.refusals.push((call) => (call.verb === "get" ? undefined : refusal(status, "Forbidden", message)));
};

beforeEach(() => open());
afterEach(() => shop.stop());

test("refused until it was given up: tried again after ten minutes, then less and less often, and told once", async () => {
  shop.settle({ retries: 1 });
  refuse();
  await drift();
  await shop.clock.advance(60_000);
  expect([writes().length, state()?.state]).toEqual([2, "failed"]);
  await shop.clock.advance(trials.base);
  expect([writes().length, state()?.state]).toEqual([3, "failed"]);
  await shop.clock.advance(trials.base);
  expect(writes()).toHaveLength(3);
  await shop.clock.advance(trials.base);
  expect(writes()).toHaveLength(4);
  await shop.clock.advance(24 * trials.cap);
  expect(writes().length).toBeLessThanOrEqual(4 + 25);
  expect(reasons()).toEqual(["RemediationFailed"]);
  shop.api.refusals.length = 0;
  await shop.clock.advance(trials.cap);
  expect(colour()).toBe("green");
});

test.each<readonly [string, () => void]>([
  ["the Baseline is to be checked now", () => shop.say({ requestedAt: "2026-11-22T12:00:00Z" })],
  ["the drift is approved", () => shop.healing.sink.approvalChanged(shop.baseline().key, id)],
])("given up, and then %s: tried at once", async (_, word) => {
  shop.settle({ retries: 0 });
  shop.healing.sink.stateChanged(shop.baseline().key);
  refuse();
  await drift();
  await shop.clock.advance(60_000);
  expect(state()?.state).toBe("failed");
  shop.api.refusals.length = 0;
  word();
  await shop.clock.advance(0);
  expect(colour()).toBe("green");
});

test("given up, and only the source fares otherwise: no reason to try at once", async () => {
  shop.settle({ retries: 0 });
  shop.healing.sink.stateChanged(shop.baseline().key);
  refuse();
  await drift();
  await shop.clock.advance(60_000);
  const [before] = shop.engine.states();
  if (before === undefined) throw new Error("no state");
  shop.engine.put({ ...before, source: { ...before.source, state: "failed" } });
  shop.healing.sink.stateChanged(shop.baseline().key);
  shop.engine.put(before);
  shop.healing.sink.stateChanged(shop.baseline().key);
  await shop.clock.advance(1_000);
  expect(writes()).toHaveLength(1);
});

test("its namespace is gone and waits for somebody: it waits too, and is made as soon as the namespace is", async () => {
  let home: LiveView = { state: "absent" };
  shop.facts = { ...noFacts, live: () => home };
  shop.vanish(id);
  await shop.watch(id);
  await shop.clock.advance(600_000);
  expect([writes(), state()?.waitingFor, state()?.message]).toEqual([[], "rollout", "there is no namespace shop yet"]);
  const space = shop.declare({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
  home = { state: "unseen", problem: { code: "not-synced", message: "" } };
  await shop.watch(space);
  expect(writes()).toEqual(["create ConfigMap web"]);
});

test("its namespace went when nobody saw it: not given up while the server says that there is none", async () => {
  shop.settle({ retries: 1 });
  shop.api.refusals.push((call) =>
    call.verb === "create" ? refusal(404, "NotFound", 'namespaces "shop" not found') : undefined,
  );
  shop.vanish(id);
  await shop.watch(id);
  await shop.clock.advance(300_000);
  shop.api.refusals.length = 0;
  await shop.clock.advance(61_000);
  expect(colour()).toBe("green");
});

test.each<readonly [string, () => void, string | undefined]>([
  ["the Baseline is paused", () => shop.say({ pauseUntil: Number.POSITIVE_INFINITY }), "pause"],
  ["the approval is taken back", () => void (shop.healing.approved = false), "approval"],
  ["the mode is another", () => shop.say({ mode: "Alert" }), undefined],
])("while the server rehearses, %s: nothing is written", async (_, happens, waitingFor) => {
  shop.settle({ approval: "Always" });
  shop.healing.approved = true;
  shop.api.refusals.push((call) => {
    if (call.options?.dryRun === true) happens();
    return undefined;
  });
  const role = shop.declare({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "Role",
    metadata: { name: "reader", namespace: "shop" },
    rules: [],
  });
  shop.vanish(role);
  await shop.watch(role);
  await shop.clock.advance(1_000);
  expect(shop.api.dryRuns()).toHaveLength(1);
  expect([writes(), state(role)?.waitingFor]).toEqual([[], waitingFor]);
});

test("a start: nothing is written before all is judged, but what cannot be judged is not waited for", async () => {
  const outline = shop.engine.outline.bind(shop.engine);
  let judged = false;
  shop.engine.outline = (key) => {
    const found = outline(key);
    return found === undefined ? undefined : { ...found, judged };
  };
  await drift();
  await shop.clock.advance(5_000);
  expect(writes()).toEqual([]);
  judged = true;
  await shop.clock.advance(1_000);
  expect(colour()).toBe("green");
  judged = false;
  await drift();
  await shop.clock.advance(openingPatience);
  expect(colour()).toBe("green");
});

test("a write that lost a race is none: it takes nothing from what is allowed within a minute", async () => {
  shop.settle({ maxPerMinute: 1 });
  let races = 3;
  shop.api.refusals.push((call) =>
    call.verb === "patch" && races-- > 0 ? refusal(409, "Conflict", "the object has been modified") : undefined,
  );
  await drift();
  for (let round = 0; round < 3; round += 1) {
    shop.put(id, (object) => ({ ...object, status: { round } }) as KubeObject);
    await shop.watch(id);
    await shop.clock.advance(1_000);
  }
  expect([colour(), shop.healing.results]).toEqual(["green", ["conflict", "conflict", "conflict", "applied"]]);
});

test("a tenant's Baseline that names no account writes nothing, and says once what it lacks", async () => {
  await shop.stop();
  open({ platformNamespaces: ["platform"] });
  await drift();
  await shop.clock.advance(300_000);
  expect([writes(), state()?.waitingFor, reasons()]).toEqual([[], "permission", ["PermissionMissing"]]);
  expect(state()?.message).toContain("spec.serviceAccountName");
  shop.say({ serviceAccountName: "deployer" });
  await shop.clock.advance(0);
  expect(colour()).toBe("green");
  expect(shop.api.writes().at(-1)?.options?.impersonate).toEqual({ namespace: "shop", serviceAccount: "deployer" });
});

test("while it is written down that it is owed, the Baseline is paused: nothing is deleted, and nothing is owed", async () => {
  await shop.stop();
  open({
    recordNow() {
      shop.say({ pauseUntil: Number.POSITIVE_INFINITY });
      return Promise.resolve(true);
    },
  });
  shop.settle({ recreate: true, approval: "Never" });
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" };
  const binding = shop.declare({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "reader", namespace: "shop" },
    roleRef,
  });
  shop.put(binding, (object) => ({ ...object, roleRef: { ...roleRef, name: "writer" } }) as KubeObject);
  await shop.watch(binding);
  await shop.clock.advance(1_000);
  expect([writes(), state(binding)?.waitingFor, state(binding)?.owed]).toEqual([[], "pause", undefined]);
});
