/**
 * What a restart must not forget of putting back: that a heal made it worse, what was approved and what was not, what Git
 * dropped before anybody could write it down. The operator is killed each time; what was written is in the audit log.
 */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { getIn, getString, type Json, type JsonObject } from "../../src/model/json.ts";
import {
  approve,
  colourOf,
  enabled,
  healed,
  recordOf,
  untilColour,
  untilCounted,
  untilHealed,
  untilSaid,
  untilWaits,
} from "./heal-scene.ts";
import { eventually, untilLeads, type Operator } from "./operator.ts";
import { configMap, inNamespace, merge, setScene, yaml, type Scene } from "./scene.ts";

const namespace = "shop";
const deploymentPath = `/apis/apps/v1/namespaces/${namespace}/deployments/web`;
const web: JsonObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", annotations: enabled },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image: "web:1" }] } },
  },
};
/** What drifts of them asks for a person. */
const grave = { ...enabled, "plumbline.dev/severity": "critical" };
const asked = ["approved", "changed"].map((name) => configMap(name, { colour: "green" }, grave));
const crowd = Array.from({ length: 1_000 }, (_, at) => configMap(`c${at}`));
const pruned = configMap("pruned", { colour: "green" }, enabled);
const lost = configMap("lost", { colour: "green" }, enabled);
const kept = configMap("kept");

let scene: Scene;
let operator: Operator;
let since: string;

const restart = async (): Promise<void> => {
  operator = await scene.start();
  await operator.ready(60_000);
  await untilLeads(operator);
};
const imageOf = async (): Promise<string | undefined> => {
  const containers = getIn(await scene.send("GET", deploymentPath), "spec", "template", "spec", "containers");
  return getString((containers as readonly Json[])[0], "image");
};
const setImage = async (image: string): Promise<void> => {
  const spec = { template: { spec: { containers: [{ name: "web", image }] } } };
  const how = "application/strategic-merge-patch+json";
  await scene.send("PATCH", `${deploymentPath}?fieldManager=kubectl-edit`, { spec }, how);
};
/** As the controller of Deployments would say. */
const fares = async (well: boolean): Promise<void> => {
  const generation = getIn(await scene.send("GET", deploymentPath), "metadata", "generation") ?? 0;
  const condition = well
    ? { type: "Progressing", status: "True", reason: "NewReplicaSetAvailable", message: "" }
    : { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "web cannot start" };
  const ready = well ? 1 : 0;
  const replicas = { replicas: 1, updatedReplicas: 1, readyReplicas: ready, availableReplicas: ready };
  const status = { observedGeneration: generation, ...replicas, conditions: [condition] };
  await scene.send("PATCH", `${deploymentPath}/status?fieldManager=controller`, { status }, merge);
};
const isKnownToBeDegraded = (): Promise<unknown> =>
  eventually(
    "known to be degraded",
    async () =>
      (await operator.metric("plumbline_health_objects", { baseline: "shop", health: "degraded" })) === 1 || undefined,
    { within: 30_000 },
  );

beforeAll(async () => {
  scene = await setScene({
    audit: true,
    values: {
      "rbac.allowDelete": true,
      "leaderElection.leaseDuration": "4s",
      "leaderElection.renewDeadline": "3s",
      "leaderElection.retryPeriod": "500ms",
    },
  });
  await scene.namespace(namespace);
  scene.repository("shop").commit({ "all.yaml": yaml(web, ...asked) });
  scene.repository("crowd").commit({ "all.yaml": yaml(...crowd) });
  scene.repository("drop").commit({ "all.yaml": yaml(pruned, lost, kept) });
  for (const object of [...asked, ...crowd, pruned, lost, kept]) await scene.deploy([inNamespace(namespace, object)]);
  const apply = "application/apply-patch+yaml";
  await scene.send("PATCH", `${deploymentPath}?fieldManager=deployer`, inNamespace(namespace, web), apply);
  await fares(true);
  operator = await scene.start();
  await operator.ready(60_000);
  const target = { targetNamespace: namespace, mode: "Remediate" };
  await scene.declare("shop", "shop", { ...target, remediation: { limits: { maxPercent: 100 } } });
  await scene.declare("crowd", "crowd", { ...target, mode: "Observe" });
  const causes = ["live-edit", "deletion", "dropped-from-git"];
  await scene.declare("drop", "drop", { ...target, remediation: { prune: true, causes } });
  await untilCounted(scene, "shop", "inSync", 3);
  await untilCounted(scene, "crowd", "inSync", crowd.length);
  await untilCounted(scene, "drop", "inSync", 3);
});
afterAll(() => scene?.stop());
beforeEach(() => {
  since = new Date().toISOString();
});

test("a heal that made it worse: severity goes up, and not repeated by the next process either, until a person says so", async () => {
  const object = `Deployment ${namespace}/web`;
  await setImage("web:hotfix");
  await eventually("Git's way is put back", async () => (await imageOf()) === "web:1" || undefined);
  await untilHealed(scene, since, "patch web");
  await fares(false);
  await isKnownToBeDegraded();
  await setImage("web:hotfix");
  const said = await untilWaits(scene, object, "approval");
  expect(said).toMatchObject({
    worsened: true,
    message: expect.stringContaining("became degraded then (web cannot start)"),
  });
  // An image is high by itself.
  expect(getString((await recordOf(scene, object))?.body, "severity")).toBe("critical");

  await operator.stop("SIGKILL");
  await restart();
  // Another edit, which nobody has seen before.
  await setImage("web:hotfix-2");
  await untilSaid(scene, object, ({ waitingFor, message }) => {
    return waitingFor === "approval" && String(message).includes("health became worse when it was put back last");
  });
  await wait(2_000);
  expect([await imageOf(), healed(scene, since)]).toEqual(["web:hotfix-2", ["patch web"]]);
  await eventually(
    "the record tells of it",
    async () => JSON.stringify((await recordOf(scene, object))?.body).includes("web:hotfix-2") || undefined,
    { within: 30_000 },
  );
  await approve(scene, object);
  await eventually("approved, it is put back", async () => (await imageOf()) === "web:1" || undefined, {
    within: 90_000,
  });
  await untilHealed(scene, since, "patch web", "patch web");
  await fares(true);
});

test("approved while nobody was there: written when it is back, once, and nothing that has changed since", async () => {
  for (const name of ["approved", "changed"]) await scene.edit(namespace, name, { colour: "red" });
  for (const name of ["approved", "changed"]) await untilWaits(scene, `ConfigMap ${namespace}/${name}`, "approval");
  await operator.stop("SIGKILL");
  for (const name of ["approved", "changed"]) await approve(scene, `ConfigMap ${namespace}/${name}`);
  await scene.edit(namespace, "changed", { colour: "blue" });
  await restart();
  await untilColour(scene, namespace, "approved", "green", 90_000);
  await wait(3_000);
  expect(await colourOf(scene, namespace, "changed")).toBe("blue");
  expect(healed(scene, since)).toEqual(["patch approved"]);
});

test("told to stop before it is the status's turn: what has settled is written, for the next process goes by it", async () => {
  const brief = configMap("brief");
  const repository = scene.repository("brief");
  const commit = (text: string, at: number): string =>
    repository.commit({ "all.yaml": yaml(brief), "README.md": text }, { at });
  const source = async (): Promise<Json | undefined> => getIn(await scene.status("brief"), "source");
  const isRead = (at: number): Promise<unknown> =>
    eventually(
      "the commit is read",
      async () =>
        (await operator.metric("plumbline_source_revision_timestamp_seconds", { baseline: "brief" })) === at ||
        undefined,
      { within: 30_000 },
    );
  let at = 1_800_000_001;
  commit("the first", at);
  await scene.deploy([inNamespace(namespace, brief)]);
  await scene.declare("brief", "brief", { targetNamespace: namespace });
  await untilCounted(scene, "brief", "inSync", 1);
  // Nothing turns, so that after each writing the status has seconds to wait; a slow machine may need more of them.
  const unwritten = await eventually("a commit is read, and the status has another one still", async () => {
    const commitRead = commit(`number ${(at += 1)}`, at);
    await scene.poke("brief");
    await isRead(at);
    return getString(await source(), "revision")?.endsWith(commitRead) === true ? undefined : commitRead;
  });
  const conditions = async (): Promise<readonly string[]> =>
    Object.entries(await scene.conditions("brief")).map(([type, { status, reason }]) => `${type} ${status} ${reason}`);
  const before = await conditions();
  await operator.stop("SIGTERM");
  for (const name of ["revision", "settledRevision"]) expect(getString(await source(), name)).toContain(unwritten);
  expect(await conditions()).toEqual(before);
  await restart();
});

test("killed before the records of what Git dropped were written: all of it is reported afterwards", async () => {
  // Not so many that the source is taken to have shrunk, and more than can be written down by the next status.
  const [gone, left] = [crowd.slice(0, 195), crowd.slice(195)];
  scene.repository("crowd").commit({ "all.yaml": yaml(...left) });
  await scene.poke("crowd");
  const recorded = async (): Promise<number> => (await scene.drifts("crowd")).length;
  await eventually("some are recorded", async () => (await recorded()) > 5 || undefined, { every: 10 });
  await wait(6_000);
  await operator.stop("SIGKILL");
  expect(await recorded()).toBeLessThan(gone.length);
  await restart();
  await untilCounted(scene, "crowd", "unmanaged", gone.length);
  await eventually("all are recorded", async () => (await recorded()) === gone.length || undefined, { within: 90_000 });
  expect(getIn(await scene.status("crowd"), "objects", "inSync")).toBe(left.length);
}, 240_000);

/** What this process has not seen declared is not its to delete, approved or not. */
const isLeft = async (name: string): Promise<void> => {
  const said = await untilSaid(scene, `ConfigMap ${namespace}/${name}`, ({ state }) => state === "not-allowed");
  expect(said["message"]).toContain("was not seen to declare this very");
  await wait(2_000);
  expect([await colourOf(scene, namespace, name), healed(scene, since)]).toEqual(["green", []]);
};

test("dropped from Git while nobody was there: reported, never deleted for what the settled revision alone says", async () => {
  await operator.stop("SIGKILL");
  scene.repository("drop").commit({ "all.yaml": yaml(pruned, kept) });
  await restart();
  await isLeft("lost");
});

test("dropped from Git and not deleted yet: still reported, never deleted for what a record alone says", async () => {
  const object = `ConfigMap ${namespace}/pruned`;
  const commit = scene.repository("drop").commit({ "all.yaml": yaml(kept) });
  await scene.poke("drop");
  await untilWaits(scene, object, "approval");
  // That this Baseline declared it is not in the settled revision any more.
  await eventually("it has settled", async () => {
    return getString(await scene.status("drop"), "source", "settledRevision")?.endsWith(commit) || undefined;
  });
  await operator.stop("SIGKILL");
  await approve(scene, object);
  await restart();
  await isLeft("pruned");
  await scene.send("DELETE", `/api/v1/namespaces/${namespace}/configmaps/pruned`);
  await eventually("its record goes with it", async () => (await recordOf(scene, object)) === undefined || undefined, {
    within: 30_000,
  });
});
