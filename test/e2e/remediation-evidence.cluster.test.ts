/**
 * What the records of evidence say, held against what the API server itself has on record: each write has its line with
 * who asked, the plan and the versions before and after; what is of high risk is rehearsed first, and what its rehearsal
 * is refused is not written; and no line holds a value.
 */
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { getIn, getString, type Json, type JsonObject } from "../../src/model/json.ts";
import { evidenceLines } from "./evidence-lines.ts";
import { approve, enabled, healed, untilColour, untilCounted, untilSaid, untilWaits } from "./heal-scene.ts";
import { defaultNamespace, eventually, operatorAccount, type Operator } from "./operator.ts";
import { configMap, configMapPath, inNamespace, merge, setScene, yaml, type Scene } from "./scene.ts";

const namespace = "shop";
const canary = "canary-93b1";
const grave = { ...enabled, "plumbline.dev/severity": "critical" };
const objects = [
  ...["edited", "lost", "theirs"].map((name) => configMap(name, { colour: "green" }, enabled)),
  ...["risky", "forbidden"].map((name) => configMap(name, { colour: "green" }, grave)),
];

let scene: Scene;
let operator: Operator;
let since: string;
let revision: string;

/** Of one object, oldest first. */
const evidence = (name: string): readonly JsonObject[] =>
  evidenceLines(operator.log())
    .map((line) => JSON.parse(line) as JsonObject)
    .filter(
      (line) =>
        getString(line, "object", "name") === name && Date.parse(getString(line, "at") ?? "") >= Date.parse(since),
    );
const attempts = (name: string): readonly JsonObject[] => evidence(name).filter(({ kind }) => kind === "attempt");

/** Who had asked for what was decided to be done. */
const decided = (name: string): string | undefined =>
  getString(
    evidence(name).find(({ kind, result }) => kind === "decision" && result === "do"),
    "asked",
  );

interface Asked {
  readonly verb: string;
  readonly dry: boolean;
  readonly code: number;
}
/** Requests of the operator to write an object, rehearsals too, in order. */
const asked = (name: string): readonly Asked[] =>
  readFileSync(scene.plane.auditLogPath ?? "", "utf8")
    .split("\n")
    .filter((line) => line.startsWith("{") && line.endsWith("}"))
    .map((line) => JSON.parse(line) as JsonObject)
    .filter(
      (line) =>
        line["stage"] === "ResponseComplete" &&
        getString(line, "user", "username") === operatorAccount &&
        ["create", "patch", "delete"].includes(getString(line, "verb") ?? "") &&
        getString(line, "objectRef", "resource") === "configmaps" &&
        getString(line, "objectRef", "name") === name &&
        Date.parse(getString(line, "requestReceivedTimestamp") ?? "") >= Date.parse(since),
    )
    .map((line) => ({
      verb: getString(line, "verb") ?? "",
      dry: (getString(line, "requestURI") ?? "").includes("dryRun=All"),
      code: Number(getIn(line, "responseStatus", "code")),
    }));
const live = (name: string): Promise<JsonObject> => scene.send("GET", configMapPath(namespace, name));
const versionOf = (object: Json): string => getString(object, "metadata", "resourceVersion") ?? "";
/** The version that it left. */
const red = async (name: string): Promise<string> => {
  const path = `${configMapPath(namespace, name)}?fieldManager=kubectl-edit`;
  return versionOf(await scene.send("PATCH", path, { data: { colour: canary } }, merge));
};
const inSync = (): Promise<unknown> => untilCounted(scene, "shop", "inSync", objects.length);

beforeAll(async () => {
  scene = await setScene({ audit: true });
  await scene.namespace(namespace);
  revision = `main@sha1:${scene.repository("shop").commit({ "all.yaml": yaml(...objects) })}`;
  await scene.deploy(objects.map((object) => inNamespace(namespace, object)));
  operator = await scene.start();
  await operator.ready(60_000);
  const remediation = { limits: { maxPercent: 100, retries: 1 } };
  await scene.declare("shop", "shop", { targetNamespace: namespace, mode: "Remediate", remediation });
  await inSync();
});
afterAll(() => scene?.stop());
beforeEach(() => {
  since = new Date().toISOString();
});

test("a change and a deletion: one line for each write, with what it was written over and what came of it", async () => {
  const before = await red("edited");
  await untilColour(scene, namespace, "edited", "green");
  await scene.send("DELETE", configMapPath(namespace, "lost"));
  await untilColour(scene, namespace, "lost", "green");
  for (const name of ["edited", "lost"])
    for (const wanted of ["attempt", "health", "resolved"])
      await eventually(`${wanted} ${name}`, () => evidence(name).some(({ kind }) => kind === wanted) || undefined);
  expect(healed(scene, since)).toEqual(["create lost", "patch edited"]);
  const common = { baseline: `${defaultNamespace}/shop`, revision, result: "applied" };
  expect(attempts("edited")).toEqual([
    expect.objectContaining({
      ...common,
      plan: { kind: "patch", operations: ["replace /data/colour"], total: 1 },
      before,
      after: versionOf(await live("edited")),
      asked: "git annotation",
      contentHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      desiredHash: expect.stringMatching(/^[0-9a-f]{64}$/),
    }),
  ]);
  const lost = await live("lost");
  expect(attempts("lost")).toEqual([
    expect.objectContaining({ ...common, plan: expect.objectContaining({ kind: "create" }), after: versionOf(lost) }),
  ]);
  for (const name of ["edited", "lost"]) {
    // The watch may be faster than the answer.
    expect(
      evidence(name)
        .map(({ kind, result }) => `${kind} ${result}`)
        .toSorted(),
    ).toEqual(["attempt applied", "decision do", "health healthy", "resolved plumbline"]);
    expect(decided(name)).toBe("git annotation");
    expect(getString(attempts(name)[0], "object", "kind")).toBe("ConfigMap");
  }
  expect(await operator.metric("plumbline_remediations_total", { result: "applied" })).toBe(2);
  expect(await operator.metric("plumbline_time_to_reconcile_seconds_count", { by: "plumbline" })).toBe(2);
});

test("what somebody else puts right is told as theirs, and nothing was written", async () => {
  const until = new Date(Date.now() + 3_600_000).toISOString();
  const pause = (value: string | null): Promise<JsonObject> =>
    scene.send(
      "PATCH",
      configMapPath(namespace, "theirs"),
      { metadata: { annotations: { "plumbline.dev/pause-until": value } } },
      merge,
    );
  await pause(until);
  await red("theirs");
  await untilWaits(scene, `ConfigMap ${namespace}/theirs`, "pause");
  await scene.edit(namespace, "theirs", { colour: "green" });
  await eventually("it is resolved", () => evidence("theirs").some(({ kind }) => kind === "resolved") || undefined);
  await pause(null);
  expect(evidence("theirs").map(({ kind, result }) => `${kind} ${result}`)).toEqual([
    "decision wait pause",
    "resolved other",
  ]);
  expect(asked("theirs")).toEqual([]);
  expect(await operator.metric("plumbline_time_to_reconcile_seconds_count", { by: "other" })).toBe(1);
});

test("of high risk: a person is asked, then the server tries it, then it is written", async () => {
  const object = `ConfigMap ${namespace}/risky`;
  await red("risky");
  await untilWaits(scene, object, "approval");
  expect(asked("risky")).toEqual([]);
  const hash = await approve(scene, object);
  await untilColour(scene, namespace, "risky", "green", 90_000);
  // Written when it is answered: the audit log has its line before that.
  await eventually("it is on record", () => attempts("risky").length > 0 || undefined);
  expect(asked("risky")).toEqual([
    { verb: "patch", dry: true, code: 200 },
    { verb: "patch", dry: false, code: 200 },
  ]);
  // By whoever the API server has on record for the annotation.
  const who = expect.stringMatching(/^git annotation, approval by \S+ at \d{4}-\d\d-\d\dT[\d:]+Z$/) as string;
  expect(attempts("risky")).toEqual([expect.objectContaining({ contentHash: hash, result: "applied", asked: who })]);
  expect(decided("risky")).toEqual(who);
  await inSync();
});

test("its rehearsal is refused: nothing is written, the policy is named, and it is given up until somebody has it checked", async () => {
  const object = `ConfigMap ${namespace}/forbidden`;
  const policies = "/apis/admissionregistration.k8s.io/v1";
  const head = { apiVersion: "admissionregistration.k8s.io/v1", metadata: { name: "hands-off" } };
  await scene.send("POST", `${policies}/validatingadmissionpolicies`, {
    ...head,
    kind: "ValidatingAdmissionPolicy",
    spec: {
      failurePolicy: "Fail",
      matchConstraints: {
        resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["configmaps"] }],
      },
      matchConditions: [{ name: "ours", expression: `request.userInfo.username == '${operatorAccount}'` }],
      validations: [{ expression: "object.metadata.name != 'forbidden'", message: "not this one" }],
    },
  });
  await scene.send("POST", `${policies}/validatingadmissionpolicybindings`, {
    ...head,
    kind: "ValidatingAdmissionPolicyBinding",
    spec: { policyName: "hands-off", validationActions: ["Deny"] },
  });
  const token = await scene.plane.tokenFor(defaultNamespace, "plumbline");
  const probe = async (): Promise<number> => {
    const asked = { contentType: merge, token, body: { data: { probe: "x" } } };
    const path = `${configMapPath(namespace, "forbidden")}?dryRun=All`;
    return (await scene.plane.request("PATCH", path, asked)).status;
  };
  await eventually("the policy is in force", async () => (await probe()) === 422 || undefined);
  since = new Date().toISOString();
  await red("forbidden");
  await untilWaits(scene, object, "approval");
  await approve(scene, object);
  const said = await untilSaid(scene, object, ({ state }) => state === "failed");
  expect(said["message"]).toContain("hands-off");
  await wait(3_000);
  expect(asked("forbidden").map(({ verb, dry, code }) => `${verb} ${dry} ${code}`)).toEqual(
    Array(2).fill("patch true 422"),
  );
  expect(attempts("forbidden")).toEqual([]);
  expect(evidence("forbidden").map(({ kind, result }) => `${kind} ${result}`)).toContain("decision refused dry-run");
  expect(healed(scene, since)).toEqual([]);
  // Nothing of the object or of Git tells that the policy is another day's: a person does.
  await scene.send("DELETE", `${policies}/validatingadmissionpolicybindings/hands-off`);
  await eventually("the policy is gone", async () => (await probe()) === 200 || undefined);
  await scene.poke("shop");
  await untilColour(scene, namespace, "forbidden", "green");
});

test("no line of all that holds a value", () => {
  const lines = evidenceLines(operator.log());
  expect(lines.length).toBeGreaterThan(8);
  expect(lines.filter((line) => line.includes(canary) || line.includes("green"))).toEqual([]);
});
