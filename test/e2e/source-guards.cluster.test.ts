/**
 * Disasters in Git, with everything switched on that could write and delete: half of the files gone, the path gone, history
 * rewritten. Detection goes on, nothing is written, as the API server's own log has it; approved, it acts.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { getIn, getString, type JsonObject } from "../../src/model/json.ts";
import type { Files, Repository } from "../git-server/repository.ts";
import { writesOf, type Write } from "./audit.ts";
import { plumbline } from "../cli/terminal.ts";
import { defaultNamespace, eventually, untilLeads, type Operator } from "./operator.ts";
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

const namespace = "guarded";
const names = Array.from({ length: 10 }, (_, at) => `c${at}`);

let scene: Scene;
let operator: Operator;
let repository: Repository;
let since: string;

const files = (kept: readonly string[], colour = "green"): Files =>
  Object.fromEntries(kept.map((name) => [`prod/${name}.yaml`, yaml(configMap(name, { colour }))]));
const live = async (name: string): Promise<string | undefined> => {
  const answer = await scene.plane.request("GET", configMapPath(namespace, name));
  return answer.status === 404 ? undefined : getString(JSON.parse(answer.text) as JsonObject, "data", "colour");
};
const alive = async (): Promise<readonly (string | undefined)[]> => Promise.all(names.map(live));
/** To anything that is not Plumbline's own. */
const written = (): readonly Write[] => writesOf(scene.plane, since).filter(({ own }) => !own);
const poked = async (commit: string): Promise<void> => {
  await scene.poke("shop");
  await eventually(`judged at ${commit}`, async () =>
    getString(await scene.status("shop"), "source", "revision")?.endsWith(commit) === true ? true : undefined,
  );
};
const guarded = (reason: string, commit: string) =>
  eventually(`guarded: ${reason}`, async () => {
    const guard = getIn(await scene.status("shop"), "source", "guard");
    return getString(guard, "reason") === reason && getString(guard, "commit") === commit ? guard : undefined;
  });
const approve = (commit: string): Promise<JsonObject> =>
  scene.send("PATCH", baselinePath("shop"), { metadata: { annotations: { "plumbline.dev/approve": commit } } }, merge);
/** Objects whose record says that they wait for somebody to approve. */
const waiting = async (): Promise<readonly string[]> =>
  (await scene.drifts("shop"))
    .filter(({ body }) => getString(body, "remediation", "waitingFor") === "approval")
    .map(({ object }) => object.replace(/^.*\//, ""))
    .toSorted();
const untilWaiting = (expected: readonly string[]) =>
  eventually(`waiting for approval: ${expected.join(" ")}`, async () => {
    expect(await waiting()).toEqual(expected.toSorted());
    return true;
  });
const untilInSync = () =>
  eventually("all in sync, and nothing else", async () => {
    const { drifted, missing, unmanaged, pending } = getIn(await scene.status("shop"), "objects") as JsonObject;
    expect({ drifted, missing, unmanaged, pending }).toEqual({ drifted: 0, missing: 0, unmanaged: 0, pending: 0 });
    return true;
  });

beforeAll(async () => {
  scene = await setScene({ audit: true, values: { "rbac.allowDelete": true } });
  repository = scene.repository("shop");
  await scene.namespace(namespace);
  repository.commit(files(names));
  await scene.deploy(names.map((name) => inNamespace(namespace, configMap(name))));
  operator = await scene.start();
  await scene.declare("shop", "shop", {
    path: "prod",
    targetNamespace: namespace,
    mode: "Remediate",
    remediation: {
      scope: "OptOut",
      causes: ["live-edit", "deletion", "rollout", "dropped-from-git"],
      approval: "Never",
      prune: true,
      limits: { maxPercent: 100, maxPerMinute: 600 },
    },
  });
  await untilCondition(scene, "shop", "Compliant", { status: "True" });
});
afterAll(() => scene?.stop());

/** As it was, by the deployer; whatever was written before counts no more. */
beforeEach(async () => {
  const commit = repository.commit(files(names));
  await poked(commit);
  await scene.deploy(names.map((name) => inNamespace(namespace, configMap(name))));
  await eventually("no drift", async () => (await scene.drifts("shop")).length === 0 || undefined);
  await approve(commit);
  await eventually(
    "no guard",
    async () => getIn(await scene.status("shop"), "source", "guard") === undefined || undefined,
  );
  await untilInSync();
  // What was healed before is the deployer's again; giving it back is a write as well.
  await eventually("nothing is Plumbline's", async () => {
    const list = await scene.send("GET", configMapPath(namespace, ""));
    return JSON.stringify(list["items"]).includes(`"manager":"plumbline"`) ? undefined : true;
  });
  since = new Date().toISOString();
});

test("half of the files are gone: all of it is reported, nothing is deleted or written, also after a restart; approved, it is", async () => {
  const [first = "", ...others] = names;
  const kept = names.slice(0, 4);
  const commit = repository.commit(files(kept));
  await poked(commit);
  expect(await guarded("Shrunk", commit)).toMatchObject({ message: expect.stringContaining("6 of 10 objects") });
  await untilCondition(scene, "shop", "SourceReady", { status: "True", reason: "Guarded" });
  const counted = (reason: string) => operator.metric("plumbline_baseline_guarded", { baseline: "shop", reason });
  expect([await counted("Shrunk"), await counted("Rewritten")]).toEqual([1, 0]);
  const told = await plumbline(["status", "shop", "--kubeconfig", scene.plane.kubeconfigPath, "-n", defaultNamespace]);
  expect(told.stdout).toContain(`until the Baseline is annotated plumbline.dev/approve: ${commit}`);
  await scene.edit(namespace, first, { colour: "red" });
  await untilWaiting([first, ...others.slice(3)]);
  expect((await scene.drifts("shop")).filter(({ verdict }) => verdict === "unmanaged")).toHaveLength(6);
  const announced = async (): Promise<number> =>
    (await scene.events()).filter(({ reason }) => reason === "SourceGuarded").length;
  await eventually("it is announced", async () => (await announced()) > 0 || undefined);
  expect(await announced()).toBe(1);

  await operator.stop("SIGKILL");
  operator = await scene.start();
  await operator.ready();
  await untilLeads(operator, 45_000);
  await scene.edit(namespace, "c1", { colour: "red" });
  await untilWaiting([first, "c1", ...others.slice(3)]);
  await guarded("Shrunk", commit);

  await approve(commit.slice(0, 12));
  await approve(`${commit.slice(0, -1)}0`.replace(/(.)$/, (last) => (commit.endsWith("0") ? "1" : last)));
  await scene.edit(namespace, "c2", { colour: "red" });
  await untilWaiting([first, "c1", "c2", ...others.slice(3)]);
  expect(written()).toEqual([]);
  expect(await alive()).not.toContain(undefined);

  await approve(commit);
  await untilInSync();
  expect(await counted("Shrunk")).toBe(0);
  expect(await alive()).toEqual([...kept.map(() => "green"), ...names.slice(4).map(() => undefined)]);
  expect(
    written()
      .map(({ verb, resource }) => `${verb} ${resource}`)
      .toSorted(),
  ).toEqual([
    ...Array.from({ length: 6 }, () => "delete configmaps"),
    ...Array.from({ length: 3 }, () => "patch configmaps"),
  ]);
});

test("half of the files are gone, and come back: nobody has to approve", async () => {
  const commit = repository.commit(files(names.slice(0, 3)));
  await poked(commit);
  await guarded("Shrunk", commit);
  await scene.edit(namespace, "c0", { colour: "red" });
  await untilWaiting(["c0", ...names.slice(3)]);
  expect(written()).toEqual([]);
  await poked(repository.commit(files(names)));
  await untilInSync();
  expect(getIn(await scene.status("shop"), "source", "guard")).toBeUndefined();
  expect(written()).toMatchObject([{ verb: "patch", name: "c0" }]);
});

test("the path is gone: what was known is judged on, and nothing is written until it is back", async () => {
  repository.commit({ "elsewhere/c0.yaml": yaml(configMap("c0")) });
  await scene.poke("shop");
  await untilCondition(scene, "shop", "Ready", { status: "False", reason: "SourcePathNotFound" });
  await scene.edit(namespace, "c0", { colour: "red" });
  await eventually("the edit is found", async () => (await scene.drifts("shop")).length === 1 || undefined);
  expect((await scene.drifts("shop")).map(({ object, verdict }) => `${object} ${verdict}`)).toEqual([
    `ConfigMap ${namespace}/c0 drifted`,
  ]);
  expect(written()).toEqual([]);
  await poked(repository.commit(files(names)));
  await untilInSync();
  expect(written()).toMatchObject([{ verb: "patch", name: "c0" }]);
});

test("history is rewritten: followed and judged, and nothing is written until the very commit is approved", async () => {
  const commit = repository.commit(files(names, "black"), { orphan: true });
  await poked(commit);
  await guarded("Rewritten", commit);
  await untilWaiting(names);
  const next = repository.commit(files(names, "white"));
  await poked(next);
  await guarded("Rewritten", next);
  await approve(commit);
  await scene.edit(namespace, "c9", { colour: "red" });
  await untilWaiting(names);
  expect(written()).toEqual([]);
  expect(new Set(await alive())).toEqual(new Set(["green", "red"]));
  await approve(next);
  await untilInSync();
  expect(new Set(await alive())).toEqual(new Set(["white"]));
});
