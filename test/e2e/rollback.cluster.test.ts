/**
 * `plumbline rollback` on a real server: an earlier revision is healed to, also after a restart, and the ref counts again
 * by itself; and what the operator does by itself where a new revision is live and not healthy.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { getIn, getString, type JsonObject } from "../../src/model/json.ts";
import { plumbline, type Run } from "../cli/terminal.ts";
import type { Repository } from "../git-server/repository.ts";
import { defaultNamespace, eventually, type Operator } from "./operator.ts";
import {
  baselinePath,
  configMap,
  configMapPath,
  inNamespace,
  merge,
  setScene,
  untilCondition,
  yaml,
  type Scene,
} from "./scene.ts";

const namespace = "rolled";

let scene: Scene;
let operator: Operator;
let repository: Repository;

const deployment = (image: string): JsonObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", labels: { app: "web" } },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: "web" } },
    template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image }] } },
  },
});
const deploymentPath = `/apis/apps/v1/namespaces/${namespace}/deployments/web`;
const cli = (...args: readonly string[]): Promise<Run> =>
  plumbline([...args, "--kubeconfig", scene.plane.kubeconfigPath, "-n", defaultNamespace]);
const colour = async (): Promise<string | undefined> =>
  getString(await scene.send("GET", configMapPath(namespace, "web")), "data", "colour");
const image = async (): Promise<string | undefined> => {
  const containers = getIn(await scene.send("GET", deploymentPath), "spec", "template", "spec", "containers");
  return getString((containers as readonly JsonObject[])[0], "image");
};
const until = (what: string, wanted: () => Promise<void>): Promise<boolean> =>
  eventually(
    what,
    async () => {
      await wanted();
      return true;
    },
    { within: 60_000 },
  );
const atRevision = (name: string, commit: string) =>
  until(`${name} at ${commit}`, async () =>
    expect(getString(await scene.status(name), "source", "revision") ?? "").toContain(commit),
  );
const good = async (name: string): Promise<string> =>
  getString(await scene.status(name), "source", "goodRevision") ?? "";
const reasons = async (): Promise<readonly string[]> => (await scene.events()).map(({ reason }) => reason);

/** The deployer brings a revision, once Plumbline knows of it: before, it would be somebody's edit. */
const release = async (colours: string): Promise<string> => {
  const commit = repository.commit({ "web.yaml": yaml(configMap("web", { colour: colours })) });
  await scene.poke("shop");
  await atRevision("shop", commit);
  await scene.deploy([inNamespace(namespace, configMap("web", { colour: colours }))]);
  await until("it is good", async () => expect(await good("shop")).toContain(commit));
  return commit;
};

const remediation = {
  scope: "OptOut",
  causes: ["live-edit", "deletion"],
  approval: "Never",
  limits: { maxPercent: 100 },
};
let blue: string;
let green: string;

beforeAll(async () => {
  scene = await setScene({ audit: true });
  await scene.namespace(namespace);
  repository = scene.repository("shop");
  repository.commit({ "web.yaml": yaml(configMap("web", { colour: "none" })) });
  await scene.deploy([inNamespace(namespace, configMap("web", { colour: "none" }))]);
  operator = await scene.start();
  await scene.declare("shop", "shop", { targetNamespace: namespace, mode: "Remediate", remediation });
  blue = await release("blue");
  green = await release("green");
});
afterAll(() => scene?.stop());

test("by the command line: healed to, shown, told, kept over a restart, and over when it is cancelled", async () => {
  expect(await cli("rollback", "shop"), "it is good as it is").toMatchObject({
    status: 2,
    stderr: expect.stringContaining("is the last good one"),
  });
  expect(await cli("rollback", "shop", "--to", blue.slice(0, 10))).toMatchObject({ status: 2 });
  const dry = await cli("rollback", "shop", "--to", blue, "--dry-run");
  expect([dry.status, dry.stdout]).toEqual([0, expect.stringContaining(`is rolled back to ${blue} until`)]);
  expect(getIn(await scene.status("shop"), "rollback")).toBeUndefined();

  expect(await cli("rollback", "shop", "--to", blue, "--reason", "green is ugly")).toMatchObject({ status: 0 });
  await until("blue again", async () => expect(await colour()).toBe("blue"));
  await until("shown", async () =>
    expect(getIn(await scene.status("shop"), "rollback")).toMatchObject({
      revision: `main@sha1:${blue}`,
      instead: `main@sha1:${green}`,
      reason: "green is ugly",
      automatic: false,
    }),
  );
  await untilCondition(scene, "shop", "Ready", { status: "True", reason: "RolledBack", message: /green is ugly/ });
  await untilCondition(scene, "shop", "Compliant", { status: "True" });
  expect((await cli("status", "shop")).stdout).toContain(`/shop: rolled back to main@sha1:${blue} until`);
  await until("told", async () => expect(await reasons()).toContain("RolledBack"));
  const counted = (by: string) => operator.metric("plumbline_baseline_rolled_back", { baseline: "shop", by });
  expect([await counted("other"), await counted("plumbline")]).toEqual([1, 0]);

  await operator.stop("SIGKILL");
  await scene.edit(namespace, "web", { colour: "red" });
  operator = await scene.start();
  await until("blue once more", async () => expect(await colour()).toBe("blue"));
  expect((await reasons()).filter((reason) => reason === "RolledBack")).toHaveLength(1);

  // Git goes on, and is followed and not judged.
  const next = repository.commit({ "web.yaml": yaml(configMap("web", { colour: "white" })) });
  await scene.poke("shop");
  await until("followed", async () =>
    expect(getString(await scene.status("shop"), "rollback", "instead")).toBe(`main@sha1:${next}`),
  );
  expect(await colour()).toBe("blue");

  expect(await cli("rollback", "shop", "--cancel")).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("is not rolled back any more"),
  });
  await atRevision("shop", next);
  await until("told to be over", async () => expect(await reasons()).toContain("RollbackEnded"));
  expect(await counted("other")).toBe(0);
  expect(getIn(await scene.status("shop"), "rollback")).toBeUndefined();
  expect(await colour(), "Plumbline is no deployer: white is for the deployer to bring").toBe("blue");
  await scene.deploy([inNamespace(namespace, configMap("web", { colour: "white" }))]);
  await untilCondition(scene, "shop", "Compliant", { status: "True" });
});

test("it runs out by itself", async () => {
  expect(await cli("rollback", "shop", "--to", green, "--for", "30s")).toMatchObject({ status: 0 });
  await until("green", async () => expect(await colour()).toBe("green"));
  await atRevision("shop", green);
  await until("the ref counts", async () =>
    expect(getString(await scene.status("shop"), "source", "revision")).not.toContain(green),
  );
  await scene.deploy([inNamespace(namespace, configMap("web", { colour: "white" }))]);
  await untilCondition(scene, "shop", "Compliant", { status: "True" });
  expect(await colour()).toBe("white");
});

test("to a commit that is not there: it says so, and the ref stays in force", async () => {
  const before = getString(await scene.status("shop"), "source", "revision");
  expect(await cli("rollback", "shop", "--to", "1".repeat(40))).toMatchObject({ status: 0 });
  await untilCondition(scene, "shop", "Ready", {
    status: "True",
    reason: "RollbackFailed",
    message: /no such commit|no commit/,
  });
  await until("told", async () => expect(await reasons()).toContain("RollbackFailed"));
  expect(getString(await scene.status("shop"), "source", "revision")).toBe(before);
  await scene.edit(namespace, "web", { colour: "red" });
  await until("healed by the ref", async () => expect(await colour()).toBe("white"));
  expect(await cli("rollback", "shop", "--cancel")).toMatchObject({ status: 0 });
  await untilCondition(scene, "shop", "Ready", { status: "True", reason: "Judged" });
});

test("onUnhealthy: a revision that is live and degraded is rolled back, visibly, with an end, once", async () => {
  const shop = scene.repository("app");
  const commits: string[] = [];
  const commit = (name: string): string => {
    commits.push(shop.commit({ "web.yaml": yaml(deployment(name)) }));
    return commits.at(-1) ?? "";
  };
  const bring = async (name: string): Promise<void> => {
    const body = inNamespace(namespace, deployment(name));
    const asked = `${deploymentPath}?fieldManager=deployer&force=true`;
    await scene.send("PATCH", asked, body, "application/apply-patch+yaml");
  };
  /** As the controller of Deployments would. */
  const fares = async (well: boolean): Promise<void> => {
    const generation = getIn(await scene.send("GET", deploymentPath), "metadata", "generation");
    const condition = well
      ? { type: "Progressing", status: "True", reason: "NewReplicaSetAvailable", message: "" }
      : { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "web cannot start" };
    const replicas = { replicas: 1, updatedReplicas: 1, readyReplicas: well ? 1 : 0, availableReplicas: well ? 1 : 0 };
    const status = { observedGeneration: generation ?? 0, ...replicas, conditions: [condition] };
    await scene.send("PATCH", `${deploymentPath}/status?fieldManager=controller`, { status }, merge);
  };
  commit("web:1");
  await bring("web:1");
  await fares(true);
  await scene.declare("app", "app", {
    targetNamespace: namespace,
    mode: "Remediate",
    // Above what may lie between an image and how it fares.
    gracePeriod: "10s",
    remediation: { ...remediation, onUnhealthy: "Rollback" },
  });
  await until("good", async () => expect(await good("app")).toContain(commits[0]));
  const second = commit("web:2");
  await scene.poke("app");
  await atRevision("app", second);
  await bring("web:2");
  await fares(false);
  await until("rolled back", async () =>
    expect(getIn(await scene.status("app"), "rollback")).toMatchObject({
      revision: `main@sha1:${commits[0]}`,
      instead: `main@sha1:${commits[1]}`,
      reason: expect.stringMatching(/unhealthy at .*Deployment rolled\/web \(web cannot start\)/),
      automatic: true,
    }),
  );
  expect(await operator.metric("plumbline_baseline_rolled_back", { baseline: "app", by: "plumbline" })).toBe(1);
  await until("healed", async () => expect(await image()).toBe("web:1"));
  await fares(true);
  const marks = getIn(await scene.send("GET", baselinePath("app")), "metadata", "annotations");
  expect(marks).toMatchObject({
    "plumbline.dev/rollback-to": commits[0],
    "plumbline.dev/rollback-by": "onUnhealthy",
    "plumbline.dev/rolled-back-from": commits[1],
  });
  expect(Date.parse(getString(marks, "plumbline.dev/rollback-until") ?? "")).toBeGreaterThan(Date.now());

  // Ended by a person, and brought again: a person decided, so it is not done once more.
  expect(await cli("rollback", "app", "--cancel")).toMatchObject({ status: 0 });
  await atRevision("app", second);
  await bring("web:2");
  await fares(false);
  await untilCondition(scene, "app", "Compliant", { status: "True" });
  await until("known to be degraded", async () =>
    expect(await operator.metric("plumbline_health_objects", { baseline: "app", health: "degraded" })).toBe(1),
  );
  expect(getIn(await scene.status("app"), "rollback")).toBeUndefined();
  expect(await image()).toBe("web:2");
});
