/**
 * Nobody's bad input is another's trouble: many Baselines, and each bad one is told what is wrong, and where. The process
 * lives, and after every step the good Baseline still finds a hand edit.
 */
import { existsSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { getIn, type JsonObject } from "../../src/model/json.ts";
import type { Files, Repository } from "../git-server/repository.ts";
import { acceptedRows, documentRows, refusedRows, slugOf, storedRows, type SettingRow } from "./bad-rows.ts";
import { defaultNamespace, eventually, type Operator } from "./operator.ts";
import {
  baselinePath,
  configMap,
  configMapPath,
  findsAnEdit,
  inNamespace,
  merge,
  password,
  setScene,
  untilCondition,
  yaml,
  type Scene,
} from "./scene.ts";

let scene: Scene;
let operator: Operator;
let rows: Repository;

const definition = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/baselines.plumbline.dev";

const declareRow = (name: string, { git = {}, spec = {} }: SettingRow): Promise<void> => {
  const common = { url: scene.git.url("rows"), ref: { branch: "main" }, interval: "1h", secretRef: { name: "git" } };
  return scene.declare(name, "rows", { path: "list", source: { git: { ...common, ...git } }, ...spec });
};

beforeAll(async () => {
  scene = await setScene();
  for (const name of ["good", "rows", "turn"]) await scene.namespace(name);
  scene.repository("good").commit({ "canary.yaml": yaml(configMap("canary")) });
  const files = documentRows.flatMap(({ folder, files: bad }) => [
    [`${folder}/good.yaml`, yaml(configMap(`good-${folder}`))] as const,
    ...Object.entries(bad).map(([file, content]) => [`${folder}/${file}`, content] as const),
  ]);
  rows = scene.repository("rows");
  rows.commit(Object.fromEntries(files) as Files);
  await scene.deploy([
    inNamespace("good", configMap("canary")),
    ...documentRows.map(({ folder }) => inNamespace("rows", configMap(`good-${folder}`))),
  ]);
  for (const [name, data] of Object.entries({
    useless: { user: "ada", pass: "x" },
    both: { username: "ada", password, bearerToken: password, "ca.crt": scene.git.ca },
  }))
    await scene.send("POST", `/api/v1/namespaces/${defaultNamespace}/secrets`, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name },
      stringData: data,
    });
  await scene.declare("good", "good", { targetNamespace: "good" });
  operator = await scene.start();
  await operator.ready();
});
afterAll(() => scene?.stop());

afterEach(async () => {
  expect(operator.process.exitCode).toBeNull();
  await findsAnEdit(scene, operator, "good", "canary");
});

describe("what the server refuses, and what it drops", () => {
  const base = (spec: JsonObject): JsonObject => ({
    apiVersion: "plumbline.dev/v1alpha1",
    kind: "Baseline",
    metadata: { name: "refused", namespace: defaultNamespace },
    spec: {
      source: { git: { url: "https://git.example/x.git", ref: { branch: "main" }, ...(spec["git"] as JsonObject) } },
      ...(spec["spec"] as JsonObject),
    },
  });
  test.each(refusedRows)("kubectl apply: %s", async (_, spec, message) => {
    for (const validate of [[], ["--validate=false"]]) {
      // Without kubectl's own look the schema remains, and that has no word for unknown fields.
      if (validate.length > 0 && message.source.startsWith("unknown")) continue;
      const { code, stderr } = await scene.plane.kubectl(["apply", ...validate, "-f", "-"], JSON.stringify(base(spec)));
      expect(stderr).toMatch(message);
      expect(code).toBe(1);
    }
  });

  test("an unknown field that nobody asks about is pruned, and the Baseline judged", async () => {
    const body = base({ spec: { mood: "grim", targetNamespace: "rows", path: "list", suspend: true } });
    const { code } = await scene.plane.kubectl(["apply", "--validate=false", "-f", "-"], JSON.stringify(body));
    expect(code).toBe(0);
    const stored = await scene.send("GET", baselinePath("refused"));
    expect(getIn(stored, "spec", "path")).toBe("list");
    expect(getIn(stored, "spec", "mood")).toBeUndefined();
    await untilCondition(scene, "refused", "Ready", { status: "Unknown", reason: "Suspended" });
    await scene.send("DELETE", baselinePath("refused"));
  });
});

describe("settings that the schema lets through", () => {
  test.each(acceptedRows.map((row) => [row.name, row] as const))("%s", async (name, row) => {
    const baseline = slugOf(name);
    await declareRow(baseline, row);
    await untilCondition(scene, baseline, row.tells.type, row.tells);
    expect((await scene.conditions(baseline))["Ready"]).toMatchObject({ status: "False", reason: row.tells.reason });
    await eventually("an Event says so", async () => {
      const told = (await scene.events()).filter(
        ({ regarding }) => regarding === `Baseline ${defaultNamespace}/${baseline}`,
      );
      return (
        told.some(({ reason, note }) => /^(?:Source|Render)Failed$/.test(reason) && row.tells.message.test(note)) ||
        undefined
      );
    });
  });
});

describe("documents", () => {
  test.each(documentRows.map((row) => [row.name, row] as const))("%s", async (_, { folder, tells, whole }) => {
    await scene.declare(`doc-${folder}`, "rows", { path: folder, targetNamespace: "rows" });
    await untilCondition(scene, `doc-${folder}`, tells.type, tells);
    expect((await scene.conditions(`doc-${folder}`))["Compliant"]?.status).not.toBe("True");
    if (whole !== true) await findsAnEdit(scene, operator, "rows", `good-${folder}`);
  });
});

test("more bad documents than a condition holds: the log has every one", async () => {
  const files = Array.from({ length: 25 }, (_, at) => [`bad-${at}.yaml`, "- 1\n"] as const);
  scene.repository("legion").commit({ ...Object.fromEntries(files), "good.yaml": yaml(configMap("canary")) });
  await scene.declare("legion", "legion", { targetNamespace: "rows" });
  await untilCondition(scene, "legion", "Rendered", { status: "False", message: /^25 documents .*; and 15 more$/ });
  for (const [file] of files) expect(operator.log()).toContain(`${file}:1: expected an object, found a list`);
});

describe("settings that were stored before the schema forbade them", () => {
  let schema: JsonObject;
  beforeAll(async () => {
    const versions = getIn(await scene.send("GET", definition), "spec", "versions");
    schema = { spec: { versions: versions ?? null } };
    const loose = structuredClone(versions) as unknown as {
      schema: { openAPIV3Schema: { properties: Record<string, unknown>; "x-kubernetes-validations"?: unknown } };
    }[];
    for (const version of loose) {
      version.schema.openAPIV3Schema.properties["spec"] = { "x-kubernetes-preserve-unknown-fields": true };
      delete version.schema.openAPIV3Schema["x-kubernetes-validations"];
    }
    await scene.send("PATCH", definition, { spec: { versions: loose } } as unknown as JsonObject, merge);
    await eventually("the looser schema is in force", async () => {
      await scene.declare("loose", "rows", { path: 9, suspend: true });
      return true;
    });
  });

  test.each(storedRows.map((row) => [row.name, row] as const))("%s", async (name, row) => {
    const baseline = slugOf(name);
    await declareRow(baseline, row);
    await untilCondition(scene, baseline, row.tells.type, row.tells);
    await untilCondition(scene, baseline, "Stalled", { status: "True" });
  });

  test("absurd numbers are read the safest way, told, and what they steer goes on", async () => {
    await scene.deploy([inNamespace("rows", configMap("good-tabs"))]);
    await scene.declare("absurd", "rows", {
      path: "tabs",
      targetNamespace: "rows",
      source: {
        git: {
          url: scene.git.url("rows"),
          ref: { branch: "main" },
          interval: "1h9z",
          timeout: "-5m",
          secretRef: { name: "git" },
        },
      },
      gracePeriod: "-1s",
      minCompliance: 1e300,
      mode: "REMEDIATE",
      remediation: { scope: "OptOut", limits: { retries: -1, maxPerMinute: 1e18 }, causes: ["boredom"] },
      exclude: "everything",
      compare: { ignore: [{ target: 7, paths: [".data"] }, null] },
    });
    await untilCondition(scene, "absurd", "Rendered", { status: "False", message: /tabs\/bad\.yaml:3/ });
    await scene.edit("rows", "good-tabs", { colour: "absurd" });
    await eventually("its drift is recorded", async () =>
      (await scene.drifts("absurd")).length === 1 ? true : undefined,
    );
    // The mode cannot be read, so nothing is written.
    expect(getIn(await scene.status("absurd"), "mode")).toBe("Observe");
    expect(operator.log()).toContain("spec.gracePeriod cannot be used");
    await scene.edit("rows", "good-tabs", { colour: "green" });
  });

  test("a Baseline that turns bad and good again announces and counts nothing twice", async () => {
    await scene.deploy([inNamespace("turn", configMap("canary"))]);
    await scene.declare("turn", "good", { targetNamespace: "turn" });
    await untilCondition(scene, "turn", "Ready", { status: "True" });
    await scene.edit("turn", "canary", { colour: "blue" });
    const [record] = await eventually("its drift is recorded", async () => {
      const found = await scene.drifts("turn");
      return found.length === 1 ? found : undefined;
    });
    const about = async (): Promise<number> =>
      (await scene.events())
        .filter(({ regarding, reason }) => regarding === "ConfigMap turn/canary" && reason === "Drifted")
        .reduce((sum, { count }) => sum + count, 0);
    await eventually("the Event is there", async () => ((await about()) === 1 ? true : undefined));
    await scene.declare("turn", "good", { targetNamespace: "turn", path: "../.." });
    await untilCondition(scene, "turn", "Stalled", { status: "True", reason: "InvalidBaseline" });
    expect(await scene.drifts("turn")).toHaveLength(1);
    await scene.declare("turn", "good", { targetNamespace: "turn", path: "." });
    await untilCondition(scene, "turn", "Ready", { status: "True" });
    const again = await scene.drifts("turn");
    expect(again.map(({ body }) => body["firstObserved"])).toEqual([record?.body["firstObserved"]]);
    expect((await operator.metric("plumbline_drifts_total", { baseline: "turn" })) ?? 0).toBeLessThanOrEqual(1);
    expect(await about()).toBe(1);
    await scene.edit("turn", "canary", { colour: "green" });
    await eventually("its record goes", async () => ((await scene.drifts("turn")).length === 0 ? true : undefined));
  });

  test("back under the strict schema, what is stored stays and harms nobody", async () => {
    await scene.send("PATCH", definition, schema, merge);
    await eventually("the strict schema is in force", async () => {
      const { code } = await scene.plane.kubectl(
        ["apply", "-f", "-"],
        JSON.stringify({
          apiVersion: "plumbline.dev/v1alpha1",
          kind: "Baseline",
          metadata: { name: "probe", namespace: defaultNamespace },
          spec: { mode: "x" },
        }),
      );
      return code === 1 ? true : undefined;
    });
    const kept = await scene.send("GET", baselinePath("absurd"));
    expect(getIn(kept, "spec", "gracePeriod")).toBe("-1s");
  });
});

describe("annotations", () => {
  const invalid = async (name: string): Promise<readonly string[]> =>
    (await scene.events()).flatMap(({ reason, regarding, note, count }) =>
      reason === "InvalidAnnotation" && regarding === `ConfigMap rows/${name}` ? Array<string>(count).fill(note) : [],
    );
  test("in Git: told once, and nothing is switched off by them", async () => {
    const marks = {
      "plumbline.dev/severity": "urgent",
      "plumbline.dev/detect": "off",
      "plumbline.dev/ignore": ".data[",
      "plumbline.dev/remediate": "perhaps",
    };
    const object = configMap("marked", { colour: "green" }, marks);
    scene.repository("marks").commit({ "marked.yaml": yaml(object), "plain.yaml": yaml(configMap("plain")) });
    await scene.deploy([inNamespace("rows", object), inNamespace("rows", configMap("plain"))]);
    const healing = { mode: "Remediate", remediation: { scope: "OptOut" } };
    await scene.declare("marks", "marks", { targetNamespace: "rows", ...healing });
    await eventually("the Event is there", async () => ((await invalid("marked")).length > 0 ? true : undefined));
    await scene.edit("rows", "marked", { colour: "red" });
    await eventually(
      "it is found, and not healed: `perhaps` is no yes",
      async () =>
        (await scene.drifts("marks")).some(
          ({ object: name, body }) =>
            name === "ConfigMap rows/marked" && getIn(body, "remediation", "waitingFor") === "opt-out",
        ) || undefined,
    );
    await scene.poke("marks");
    const told = await invalid("marked");
    expect(told).toHaveLength(1);
    for (const [name, value] of Object.entries(marks)) expect(told[0]).toContain(`${name}: ${JSON.stringify(value)}`);
  });

  test("live: told once, detected all the same, not healed", async () => {
    const annotations = { "plumbline.dev/remediate": "maybe", "plumbline.dev/pause-until": "tomorrow" };
    const edited = { metadata: { annotations }, data: { colour: "red" } };
    await scene.send("PATCH", configMapPath("rows", "plain"), edited, merge);
    await eventually("the Event is there", async () => ((await invalid("plain")).length > 0 ? true : undefined));
    await eventually(
      "its drift is recorded",
      async () => (await scene.drifts("marks")).some(({ object }) => object === "ConfigMap rows/plain") || undefined,
    );
    expect(await invalid("plain")).toHaveLength(1);
    expect(getIn(await scene.send("GET", configMapPath("rows", "plain")), "data", "colour")).toBe("red");
  });
});

test("nothing was run, and no password is anywhere that it could be read", async () => {
  expect(existsSync("/tmp/plumbline-pwned")).toBe(false);
  expect(operator.log()).not.toContain(password);
  expect(await operator.metrics()).not.toContain(password);
  expect(JSON.stringify([await scene.events(), await scene.drifts()])).not.toContain(password);
  const baselines = getIn(await scene.send("GET", "/apis/plumbline.dev/v1alpha1/baselines"), "items");
  for (const baseline of baselines as JsonObject[])
    expect(JSON.stringify(baseline["status"] ?? {})).not.toContain(password);
  expect(operator.log()).not.toMatch(/"level":(?:50|60|"error"|"fatal")/);
});

test("an operator that cannot start as it is told ends, and says why", async () => {
  const taken = new URL(operator.metricsUrl).host;
  const second = await scene.start({
    podName: "plumbline-1",
    args: ["--health-address=127.0.0.1:0", `--metrics-address=${taken}`],
  });
  const code = await eventually("it ends", async () => second.process.exitCode ?? undefined);
  expect(code).toBe(2);
  expect(second.log()).toContain("EADDRINUSE");
});
