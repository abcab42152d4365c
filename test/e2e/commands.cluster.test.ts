/**
 * What a person tells the operator by the command line, with a real operator that hears it: what waits for a yes is
 * foreseen, approved and then written; what is paused is not, until it is resumed.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { annotate } from "../../src/cli/annotate.ts";
import { openCluster } from "../../src/cli/cluster-access.ts";
import { getIn, getString, isArray, type Json, type JsonObject } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { driftKind } from "../../src/sinks/drift-body.ts";
import { plumbline, type Run, type RunOptions } from "../cli/terminal.ts";
import { defaultNamespace, eventually } from "./operator.ts";
import {
  baselinePath,
  configMap,
  configMapPath,
  inNamespace,
  merge,
  password,
  setScene,
  yaml,
  type Scene,
} from "./scene.ts";

const namespace = "shop";
const names = ["a0", "a1", "a2", "b0", "b1", "c0", "p0", "p1", "p2", "d0"];
const enabled = { "plumbline.dev/remediate": "enabled" };
const all: readonly JsonObject[] = names.map((name) => configMap(name, { colour: "green" }, enabled));

let scene: Scene;
let home = "";
let manifests = "";

const cli = (args: readonly string[], options: RunOptions = {}): Promise<Run> =>
  plumbline([...args, "--kubeconfig", scene.plane.kubeconfigPath], {
    environment: { PATH: process.env["PATH"], HOME: home },
    ...options,
  });
const live = (name: string): Promise<JsonObject> => scene.send("GET", configMapPath(namespace, name));
const colourOf = async (name: string): Promise<Json | undefined> => getIn(await live(name), "data", "colour");
let edits = 0;
const edit = (name: string, colour: string, extra?: string): Promise<void> =>
  scene.edit(namespace, name, { colour, ...(extra === undefined ? {} : { extra }) }, `person-${(edits += 1)}`);
const record = async (name: string): Promise<KubeObject | undefined> =>
  (await scene.drifts()).find(({ object }) => object === `ConfigMap ${namespace}/${name}`)?.body as
    | KubeObject
    | undefined;
const untilWaits = (name: string, reason: string): Promise<KubeObject> =>
  eventually(
    `${name} waits for ${reason}`,
    async () => {
      const found = await record(name);
      expect(getString(found, "remediation", "waitingFor")).toBe(reason);
      return found as KubeObject;
    },
    { within: 45_000, every: 200 },
  );
const untilGreen = (name: string): Promise<true> =>
  eventually(`${name} is green`, async () => ((await colourOf(name)) === "green" ? true : undefined), {
    within: 90_000,
  });
const declare = (approval: string): Promise<void> =>
  scene.declare("shop", "shop", { targetNamespace: namespace, mode: "Remediate", remediation: { approval } });
const system = ["-n", defaultNamespace] as const;

beforeAll(async () => {
  scene = await setScene();
  await scene.namespace(namespace);
  const text = yaml(...all);
  scene.repository("shop").commit({ "all.yaml": text, "kustomize/ignored.txt": "no manifest" });
  await scene.deploy(all.map((object) => inNamespace(namespace, object)));
  home = mkdtempSync(path.join(tmpdir(), "plumbline-home-"));
  manifests = path.join(home, "all.yaml");
  writeFileSync(manifests, text);
  // The person's own way to Git.
  writeFileSync(path.join(home, "ca.crt"), scene.git.ca);
  const basic = Buffer.from(`ada:${password}`).toString("base64");
  writeFileSync(
    path.join(home, ".gitconfig"),
    `[http]\n\tsslCAInfo = ${path.join(home, "ca.crt")}\n\textraHeader = Authorization: Basic ${basic}\n`,
  );
  await scene.start();
  await declare("Always");
  await eventually(
    "everything is judged",
    async () => {
      expect(getIn(await scene.status("shop"), "objects")).toMatchObject({ inSync: names.length });
      return true;
    },
    { within: 60_000 },
  );
});
afterAll(async () => {
  await scene?.stop();
  if (home !== "") rmSync(home, { recursive: true, force: true });
});

describe("remediate --dry-run", () => {
  test("what waits for approval: foreseen, tried, and not written", async () => {
    await edit("d0", "red");
    await untilWaits("d0", "approval");
    const before = await live("d0");
    const run = await cli(["remediate", "--dry-run", "shop", ...system, "-f", manifests]);
    expect(run.stderr).toBe("");
    expect(run.stdout).toMatch(
      /^ConfigMap shop\/d0 {2}drifted medium {2}Baseline .*\/shop\n {2}waits for approval: .*\n/,
    );
    expect(run.stdout).toContain('  patch, accepted by a dry run as you\n    replace /data/colour "red" -> "green"\n');
    expect(run.stdout).toMatch(/\n0 would be written now, 1 wait, 0 are left alone; nothing was written\n$/);
    expect(run.status).toBe(1);
    expect(getIn(await live("d0"), "metadata", "resourceVersion")).toBe(getIn(before, "metadata", "resourceVersion"));
  });

  test("read from the Baseline's own Git, the same, for programs", async () => {
    const run = await cli(["remediate", "--dry-run", "shop", "configmap/d0", ...system, "-o", "json"]);
    expect(run.stderr).toBe("");
    const { objects } = JSON.parse(run.stdout) as { objects: readonly JsonObject[] };
    expect(objects).toMatchObject([
      {
        kind: "ConfigMap",
        name: "d0",
        verdict: "drifted",
        decision: { do: "wait", reason: "approval" },
        plan: { kind: "patch", operations: [{ op: "replace", path: "/data/colour", from: "red", to: "green" }] },
        dryRun: { result: "accepted" },
      },
    ]);
    expect(run.status).toBe(1);
  });

  test("an opt-out that stands now counts, whatever the record says", async () => {
    const marks = { metadata: { annotations: { "plumbline.dev/pause-until": "2999-01-01T00:00:00Z" } } };
    await scene.send("PATCH", configMapPath(namespace, "d0"), marks, merge);
    const run = await cli(["remediate", "--dry-run", "shop", "configmap/d0", ...system, "-f", manifests]);
    expect(run.stdout).toMatch(/waits for pause: paused.*, until 2999-01-01T00:00:00\.000Z/);
    expect((await cli(["resume", "configmap/d0", "-n", namespace])).status).toBe(0);
  });

  test("nothing stands of those asked about: 0", async () => {
    const run = await cli(["remediate", "--dry-run", "shop", "configmap/c0", ...system, "-f", manifests]);
    expect(run).toMatchObject({ status: 0, stderr: "" });
    expect(run.stdout).toBe("0 would be written now, 0 wait, 0 are left alone; nothing was written\n");
  });

  test("as the Baseline's account: a right that lacks is named; with it, the plan is accepted; what is gone is made", async () => {
    const team = [configMap("t0", { colour: "green" }, enabled), configMap("t1", { colour: "green" }, enabled)];
    await scene.namespace("team");
    scene.repository("team").commit({ "all.yaml": yaml(...team) });
    await scene.deploy(team.map((object) => inNamespace("team", object)));
    const kubectl = async (...args: readonly string[]): Promise<void> => {
      const ran = await scene.plane.kubectl(args);
      expect([args.join(" "), ran.code]).toEqual([args.join(" "), 0]);
    };
    const role = (name: string, ...verbs: readonly string[]): Promise<void> =>
      kubectl("create", "role", name, "-n", "team", "--resource=configmaps", ...verbs.map((verb) => `--verb=${verb}`));
    const bind = (name: string): Promise<void> =>
      kubectl(
        "create",
        "rolebinding",
        name,
        "-n",
        "team",
        `--role=${name}`,
        `--serviceaccount=${defaultNamespace}:deployer`,
      );
    await kubectl("create", "serviceaccount", "deployer", "-n", defaultNamespace);
    await role("seeing", "get", "list", "watch");
    await bind("seeing");
    const remediation = { approval: "Always" };
    await scene.declare("team", "team", {
      targetNamespace: "team",
      mode: "Remediate",
      serviceAccountName: "deployer",
      remediation,
    });
    await eventually(
      "it is judged",
      async () => {
        expect(getIn(await scene.status("team"), "objects")).toMatchObject({ inSync: 2 });
        return true;
      },
      { within: 60_000 },
    );
    await scene.edit("team", "t0", { colour: "red" });
    await kubectl("delete", "configmap", "t1", "-n", "team");
    await eventually("both are recorded", async () => ((await scene.drifts("team")).length === 2 ? true : undefined), {
      within: 45_000,
    });
    const file = path.join(home, "team.yaml");
    writeFileSync(file, yaml(...team));
    const foreseen = () => cli(["remediate", "--dry-run", "team", ...system, "-f", file]);
    const lacking = await foreseen();
    expect(lacking.stderr).toBe("");
    expect(lacking.stdout).toContain("  waits for permission: may not patch configmaps in team");
    expect(lacking.stdout).toContain("  waits for permission: may not create configmaps in team");
    expect(lacking.stdout).toMatch(
      / {2}patch, REFUSED by a dry run as plumbline-system\/deployer: not permitted: patch configmaps in team\n/,
    );
    await role("writing", "patch", "create", "update");
    await bind("writing");
    await eventually(
      "the rights are in force",
      async () => {
        const { stdout } = await foreseen();
        expect(stdout).toContain("  patch, accepted by a dry run as plumbline-system/deployer\n");
        expect(stdout).toContain("  create, accepted by a dry run as plumbline-system/deployer\n");
        expect(stdout.match(/ {2}waits for approval: /g)).toHaveLength(2);
        return true;
      },
      { within: 45_000 },
    );
    // Who may not act as the account is told so, and everything else.
    const own = "baselines.plumbline.dev,drifts.plumbline.dev";
    await kubectl("create", "clusterrole", "look", "--verb=get,list", `--resource=${own},namespaces,configmaps`);
    await kubectl("create", "serviceaccount", "looker", "-n", "default");
    await kubectl("create", "clusterrolebinding", "look", "--clusterrole=look", "--serviceaccount=default:looker");
    const looker = scene.plane.writeKubeconfig("looker", await scene.plane.tokenFor("default", "looker"));
    await eventually(
      "the rights of the other are in force",
      async () => {
        const found = await plumbline([
          "remediate",
          "--dry-run",
          "team",
          ...system,
          "-f",
          file,
          "--kubeconfig",
          looker,
        ]);
        expect(found.stdout).toContain("not tried by a dry run: you may not act as plumbline-system/deployer");
        expect(found.status).toBe(1);
        return true;
      },
      { within: 45_000 },
    );
    const account = "system:serviceaccount:default:looker";
    const acting = await cli(["remediate", "--dry-run", "team", ...system, "-f", file, "--as", account]);
    expect(acting.stdout).toContain(`not tried by a dry run: --as has it act as ${account} already`);
  });

  test("it writes nothing itself: refused without --dry-run; --now asks the operator", async () => {
    expect(await cli(["remediate", "shop", ...system])).toMatchObject({ status: 2, stdout: "" });
    const asked = await cli(["remediate", "--now", "shop", ...system]);
    expect([asked.stderr, asked.status]).toEqual(["", 0]);
    const at = getString(
      await scene.send("GET", baselinePath("shop")),
      "metadata",
      "annotations",
      "plumbline.dev/requested-at",
    );
    await eventually(
      "it was handled",
      async () => {
        expect((await scene.status("shop"))["lastHandledRequestAt"]).toBe(at);
        return true;
      },
      { within: 30_000 },
    );
  });
});

describe("approve", () => {
  test("one: shown, approved by its content, written", async () => {
    await edit("a0", "red");
    await untilWaits("a0", "approval");
    const looked = await cli(["approve", "configmap/a0", "-n", namespace, "--dry-run"]);
    expect(looked.stdout).toContain('changed .data.colour: "green" -> "red" by person-');
    expect(looked.stdout).toContain("would patch it:\n  replace /data/colour\n");
    expect(looked.stdout).toMatch(/waits for approval: .*\nConfigMap shop\/a0 would be approved/);
    expect(await colourOf("a0")).toBe("red");
    const run = await cli(["approve", "configmap/a0", "-n", namespace]);
    expect([run.stderr, run.status]).toEqual(["", 0]);
    expect(run.stdout).toMatch(/ConfigMap shop\/a0 approved \([0-9a-f]{64}\)\n$/);
    await untilGreen("a0");
    // What nobody said yes to waits on.
    expect(await colourOf("d0")).toBe("red");
  });

  test("all of a Baseline: listed; refused where nobody can be asked; no is no; yes is yes", async () => {
    await edit("a1", "red");
    await edit("a2", "red");
    await untilWaits("a1", "approval");
    await untilWaits("a2", "approval");
    // It was paused meanwhile.
    await untilWaits("d0", "approval");
    const args = ["approve", "--all", "--baseline", "shop", ...system];
    const alone = await cli(args);
    expect(alone.status).toBe(2);
    expect(alone.stdout).toMatch(/ConfigMap shop\/a1[^]*ConfigMap shop\/a2[^]*ConfigMap shop\/d0/);
    expect(alone.stderr).toMatch(/no terminal to ask at: give --yes/);
    const questions: string[] = [];
    const answer = (text: string) => async (question: string) => {
      questions.push(question);
      return text;
    };
    const refused = await cli(args, { ask: answer("n") });
    expect([refused.status, refused.stderr]).toEqual([1, ""]);
    expect(questions[0]).toMatch(/^Approve these 3 of Baseline .*\/shop\? \[y\/N\] $/);
    expect(await record("a1").then((one) => getIn(one?.metadata, "annotations"))).toBeUndefined();
    const approved = await cli(args, { ask: answer("y") });
    expect([approved.stderr, approved.status]).toEqual(["", 0]);
    await Promise.all(["a1", "a2", "d0"].map(untilGreen));
    expect((await cli(args)).stdout).toMatch(/^nothing of Baseline .* waits for approval\n$/);
  });

  test("a drift that changes makes its approval void, also where the annotation outlives the change", async () => {
    expect((await cli(["pause", "configmap/b0", "-n", namespace, "--for", "1h"])).status).toBe(0);
    await edit("b0", "red");
    const first = await untilWaits("b0", "pause");
    const run = await cli(["approve", "configmap/b0", "-n", namespace]);
    expect(run.stderr).toMatch(/warning: ConfigMap shop\/b0 does not wait for approval but for pause\n/);
    await edit("b0", "red", "and more");
    const second = await eventually(
      "the record tells of the new drift",
      async () => {
        const found = await record("b0");
        expect(getString(found, "contentHash")).not.toBe(getString(first, "contentHash"));
        return found as KubeObject;
      },
      { within: 45_000 },
    );
    // The operator's writes leave it alone: it is the person's.
    const marks = getIn(second.metadata, "annotations");
    expect(marks).toEqual({ "plumbline.dev/approve": getString(first, "contentHash") });
    const owners = getIn(second.metadata, "managedFields");
    const holders = (isArray(owners) ? owners : [])
      .filter((entry) => getIn(entry, "fieldsV1", "f:metadata", "f:annotations") !== undefined)
      .map((entry) => getString(entry, "manager"));
    expect(holders).toEqual(["plumbline-cli"]);
    expect((await cli(["resume", "configmap/b0", "-n", namespace])).status).toBe(0);
    await untilWaits("b0", "approval");
    expect(await colourOf("b0")).toBe("red");
  });

  test("only what was shown: a record that tells of something else meanwhile is not annotated; one that was only touched is", async () => {
    await edit("b1", "red");
    const shown = await untilWaits("b1", "approval");
    const name = getString(shown.metadata, "name") ?? "";
    const at = `/apis/plumbline.dev/v1alpha1/namespaces/${defaultNamespace}/drifts/${name}`;
    await scene.send("PATCH", at, { metadata: { annotations: { touched: "yes" } } }, merge);
    const cluster = await openCluster({ kubeconfig: scene.plane.kubeconfigPath });
    try {
      const asked = (mark: string) => ({
        ref: { kind: driftKind, namespace: defaultNamespace, name },
        shown,
        annotations: { mark },
        isSame: (now: Json) => getString(now, "contentHash") === getString(shown, "contentHash"),
      });
      const done = await annotate(cluster, asked("one"));
      expect(getIn(done.metadata, "annotations")).toEqual({ touched: "yes", mark: "one" });
      await edit("b1", "blue");
      await eventually(
        "the record tells of it",
        async () => {
          expect(getString(await record("b1"), "contentHash")).not.toBe(getString(shown, "contentHash"));
          return true;
        },
        { within: 45_000 },
      );
      await expect(annotate(cluster, asked("two"))).rejects.toThrow(/changed meanwhile: nothing was written/);
      expect(getIn((await record("b1"))?.metadata, "annotations", "mark")).toBe("one");
    } finally {
      await cluster.close();
    }
  });

  test("what has not drifted, and a Baseline whose source waits for nobody: said, 2", async () => {
    const none = await cli(["approve", "configmap/c0", "-n", namespace]);
    expect([none.status, none.stderr]).toEqual([
      2,
      expect.stringMatching(/configmap\/c0 in shop is not known to have drifted/),
    ]);
    const source = await cli(["approve", "--source", "shop", ...system]);
    expect([source.status, source.stderr]).toEqual([
      2,
      expect.stringMatching(/has no revision that waits for approval/),
    ]);
  });

  test("a revision that waits: its commit, and no other", async () => {
    const guard = { reason: "Shrunk", commit: "a".repeat(40), message: "9 of 10 objects are gone" };
    const pathOfGuard = `${baselinePath("guarded")}`;
    await scene.declare("guarded", "none", { mode: "Observe", suspend: true });
    await eventually("its status is written by us last", async () => {
      await scene.send("PATCH", `${pathOfGuard}/status`, { status: { source: { guard } } }, merge);
      return true;
    });
    const run = await cli(["approve", "--source", "guarded", ...system]);
    expect([run.stderr, run.status]).toEqual(["", 0]);
    expect(run.stdout).toContain(`Shrunk ${guard.commit}: 9 of 10 objects are gone`);
    const marks = getIn(await scene.send("GET", pathOfGuard), "metadata", "annotations");
    expect(marks).toEqual({ "plumbline.dev/approve": guard.commit });
  });
});

describe("pause and resume", () => {
  beforeAll(() => declare("Never"));

  test("an object: not written until it is resumed; found and told as before", async () => {
    const run = await cli(["pause", "configmap/p0", "-n", namespace, "--for", "2h", "--reason", "incident 42"]);
    expect([run.stderr, run.status]).toEqual(["", 0]);
    expect(run.stdout).toMatch(/^ConfigMap shop\/p0 is paused until 20\d\d-.*Z \(for 2h( 1m)?\)\n$/);
    await edit("p0", "red");
    const waits = await untilWaits("p0", "pause");
    expect(getString(waits, "remediation", "message")).toContain("incident 42");
    expect(await colourOf("p0")).toBe("red");
    const again = await cli(["pause", "configmap/p0", "-n", namespace, "--for", "3h"]);
    expect(again.stdout).toMatch(/\(for 3h( 1m)?\), instead of until 20/);
    expect((await cli(["resume", "configmap/p0", "-n", namespace])).stdout).toBe(
      "ConfigMap shop/p0 is not paused any more\n",
    );
    await untilGreen("p0");
    expect((await cli(["resume", "configmap/p0", "-n", namespace])).stdout).toBe("ConfigMap shop/p0 was not paused\n");
  });

  test("it ends by itself, at the time that was said", async () => {
    const run = await cli(["pause", "cm", "p1", "-n", namespace, "--for", "3s"]);
    expect(run.status).toBe(0);
    await edit("p1", "red");
    await untilGreen("p1");
    const until = getString(await live("p1"), "metadata", "annotations", "plumbline.dev/pause-until") ?? "";
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(until));
  });

  test("a Baseline: nothing of it is written", async () => {
    const run = await cli(["pause", "baseline", "shop", ...system, "--for", "1h"]);
    expect([run.stderr, run.status]).toEqual(["", 0]);
    await eventually("the operator knows", async () => {
      expect(getString(await scene.status("shop"), "remediation", "pausedUntil")).toBeDefined();
      return true;
    });
    await edit("p2", "red");
    await untilWaits("p2", "pause");
    expect(await colourOf("p2")).toBe("red");
    expect((await cli(["resume", "baseline/shop", ...system])).status).toBe(0);
    await untilGreen("p2");
  });

  test("what is not there: each named, the others paused; no kind of that name", async () => {
    const run = await cli(["pause", "configmap", "nobody", "c0", "-n", namespace, "--for", "1h"]);
    expect(run.status).toBe(2);
    expect(run.stderr).toBe("plumbline: ConfigMap shop/nobody is not there\n");
    expect(run.stdout).toMatch(/^ConfigMap shop\/c0 is paused until/);
    expect((await cli(["resume", "gizmo/x"])).stderr).toMatch(/gizmo\/x: the cluster serves no kind gizmo/);
  });
});
