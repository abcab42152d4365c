/**
 * The API server refuses what the rows of immutable fields say it does, and takes what they leave out; what is planned as
 * a recreation comes out in sync, and what can be patched is patched.
 */
import { setTimeout as wait } from "node:timers/promises";
import fastJsonPatch from "fast-json-patch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noFacts } from "../../src/compare/facts.ts";
import { kindOf } from "../../src/compare/schema-index.ts";
import { parsePath } from "../../src/compare/selector.ts";
import { formatJson, getIn, getString, isArray, parseJson, type Json, type JsonObject } from "../../src/model/json.ts";
import { idOf, isKubeObject, type KubeObject } from "../../src/model/resource.ts";
import { decide, type DecideInput } from "../../src/verdict/decide.ts";
import { planHeal } from "../../src/verdict/heal-plan.ts";
import { immutableRows } from "../../src/verdict/immutable-fields.ts";
import { immutableIn } from "../../src/verdict/immutable.ts";
import type { Operation } from "../../src/verdict/working-copy.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { openTruthServer, type Answer, type TruthServer } from "../corpus/truth-server.ts";
import { describeWith } from "../support/describe-with.ts";
import { proofs, type Proof } from "./immutable-proofs.ts";
import { baseline, builtIn, declared, liveOf, situation } from "./pair-fixture.ts";

const JSON_PATCH = "application/json-patch+json";
const CONFLICT = 409;
/** What the server says of a field that is set once and for all, as against a value that is none. */
const FOR_GOOD =
  /immutable|cannot change|[Ff]orbidden|may not change|may not be changed|cannot be unset|in tandem|is not allowed|as indicated by|must not update|set once/;

const strict = baseline({ compare: { addedFields: "Strict", ignore: [], sensitive: [] } });

function applied(object: KubeObject, operations: readonly Operation[]): KubeObject {
  const copy = parseJson(formatJson(object));
  return fastJsonPatch.applyPatch(copy, operations as unknown as fastJsonPatch.Operation[]).newDocument as KubeObject;
}

describeWith(["etcd", "kube-apiserver", "kube-controller-manager"], "immutable fields on the API server", () => {
  let plane: ControlPlane;
  let server: TruthServer;
  let minor = 0;

  beforeAll(async () => {
    plane = await startControlPlane({ controllerManager: true });
    server = await openTruthServer(plane);
    minor = Number.parseInt(getString((await server.send("GET", "/version")).body, "minor") ?? "", 10);
    await until("the default account", () => at("/api/v1/namespaces/default/serviceaccounts/default"));
  });
  afterAll(async () => {
    server?.close();
    await plane?.stop();
  });

  async function until<Value>(what: string, look: () => Promise<Value | undefined>): Promise<Value> {
    for (let tries = 0; tries < 900; tries += 1) {
      const found = await look();
      if (found !== undefined) return found;
      await wait(100);
    }
    throw new Error(`${what} never came`);
  }
  const at = async (path: string): Promise<KubeObject | undefined> => {
    const { status, body } = await server.send("GET", path);
    return status === 200 && isKubeObject(body) ? body : undefined;
  };
  const pathOf = (object: KubeObject): string => {
    const path = server.pathOf(object);
    if (path === undefined) throw new Error(`${object.apiVersion} ${object.kind} is not served`);
    return path;
  };
  const messageOf = ({ body }: Answer): string => getString(body, "message") ?? "";

  async function make(object: KubeObject): Promise<KubeObject> {
    const answer = await server.send("POST", server.pathOf(object, "collection") ?? "", object);
    expect([answer.status, messageOf(answer)], object.kind).toEqual([201, ""]);
    if (!isKubeObject(answer.body)) throw new Error("no object came back");
    // A kind is fixed once it is served, and a suspended Job open once its controller says that it is.
    const condition = getIn(object, "spec", "suspend") === true ? "Suspended" : "Established";
    if (condition === "Established" && object.kind !== "CustomResourceDefinition") return answer.body;
    return until(`${object.kind} ${condition}`, async () => {
      const now = await at(pathOf(object));
      const conditions = getIn(now, "status", "conditions");
      // A definition is said not to be established before it is.
      const holds = (one: Json): boolean => getString(one, "type") === condition && getString(one, "status") === "True";
      return isArray(conditions) && conditions.some(holds) ? now : undefined;
    });
  }

  /** Controllers write too: a patch that one of them beat is sent again. */
  const patch = (object: KubeObject, operations: readonly Operation[]): Promise<Answer> =>
    server.send("PATCH", `${pathOf(object)}?dryRun=All&fieldManager=plumbline`, operations, JSON_PATCH);

  describe("is refused, or is not", () => {
    test.each(proofs.map((proof): [string, Proof] => [proof.title, proof]))("%s", async (_, proof) => {
      if (minor < (proof.since ?? 0)) return;
      const live = await make(proof.object);
      const answer = await patch(live, proof.change);
      const desired = applied(live, proof.change);
      const said = immutableIn(idOf(live), proof.change, () => ({ desired, live }), builtIn);
      const message = messageOf(answer);
      if (proof.refused) {
        expect([answer.status, message]).toEqual([422, expect.stringMatching(FOR_GOOD)]);
        expect(said?.pointers).toContain(proof.change[0]?.path);
      } else {
        expect([answer.status, message]).toEqual([200, ""]);
        expect(said).toBeUndefined();
      }
      await server.send("DELETE", pathOf(live));
    });

    test("every path of every row is proven, and every exception", () => {
      const within = (text: string, path: string): boolean => {
        const parsed = parsePath(text);
        const tokens = path.split("/").slice(1);
        return (
          parsed.ok &&
          parsed.value.steps.every((step, depth) => {
            const token = tokens[depth];
            if (step.type === "any") return token !== undefined;
            return step.type === "field" ? step.name === token : step.type === "index" && String(step.index) === token;
          })
        );
      };
      const isProven = (group: string, kind: string, text: string, refused: boolean): boolean =>
        proofs.some(({ object, change, refused: isRefused }) => {
          const id = idOf(object);
          if (id.group !== group || id.kind !== kind || isRefused !== refused) return false;
          return change.some(({ path }) => within(text, path));
        });
      const missing = immutableRows.flatMap(({ group, kind, paths, except = [] }) => [
        ...paths.filter((text) => !isProven(group, kind, text, true)).map((text) => `${kind} ${text}`),
        ...except.filter((text) => !isProven(group, kind, text, false)).map((text) => `${kind} but ${text}`),
      ]);
      expect(missing).toEqual(notProven);
    });
  });

  function inputOf(desired: KubeObject, live: KubeObject | undefined): DecideInput {
    const schema = server.index.schemaFor(kindOf(desired));
    if (schema === undefined) throw new Error(`no schema of ${desired.kind}`);
    const seen = {
      uid: getString(live?.metadata, "uid") ?? "",
      resourceVersion: getString(live?.metadata, "resourceVersion") ?? "",
      managedFields: formatJson(live?.metadata["managedFields"] ?? []),
    };
    return situation({
      id: idOf(desired),
      version: kindOf(desired).version,
      baseline: strict,
      desired: declared(desired),
      previous: declared(desired),
      live:
        live === undefined ? { state: "absent" } : { state: "present", live: { ...liveOf(live, seen), object: live } },
      schema,
      facts: noFacts,
    });
  }

  /** Each kind with a label of its own: an orphan is taken by whoever selects it. */
  const workload = (kind: string, spec: JsonObject): KubeObject => {
    const app = { app: kind.toLowerCase() };
    const containers = [{ name: "web", image: "web:1.4" }];
    return {
      apiVersion: "apps/v1",
      kind,
      metadata: { name: `mixed-${kind.toLowerCase()}`, namespace: "default" },
      spec: {
        selector: { matchLabels: app },
        template: { metadata: { labels: { ...app, tier: "web" } }, spec: { containers } },
        ...spec,
      },
    };
  };
  const text = (value: string): string => Buffer.from(value).toString("base64");
  const named = (apiVersion: string, kind: string, rest: JsonObject, namespaced = true): KubeObject => ({
    apiVersion,
    kind,
    metadata: { name: `mixed-${kind.toLowerCase()}`, ...(namespaced ? { namespace: "default" } : {}) },
    ...rest,
  });
  const rbac = "rbac.authorization.k8s.io";
  const role = (name: string): JsonObject => ({ roleRef: { apiGroup: rbac, kind: "ClusterRole", name } });
  const subjects = [{ kind: "User", apiGroup: rbac, name: "ada" }];
  const service = (spec: JsonObject): KubeObject =>
    named("v1", "Service", { spec: { selector: { app: "web" }, ports: [{ name: "http", port: 80 }], ...spec } });

  /** What Git says, and what somebody made instead: something that cannot be changed, and something that can. */
  const mixed: readonly (readonly [string, KubeObject, KubeObject])[] = [
    [
      "a Deployment",
      workload("Deployment", { replicas: 2 }),
      workload("Deployment", { replicas: 3, selector: { matchLabels: { tier: "web" } } }),
    ],
    [
      "a DaemonSet",
      workload("DaemonSet", {}),
      workload("DaemonSet", { minReadySeconds: 3, selector: { matchLabels: { tier: "web" } } }),
    ],
    [
      "a ConfigMap sealed by hand",
      named("v1", "ConfigMap", { data: { a: "1" } }),
      named("v1", "ConfigMap", { data: { a: "2", b: "3" }, immutable: true }),
    ],
    [
      "a Secret of another type",
      named("v1", "Secret", { type: "Opaque", stringData: { a: "right" } }),
      named("v1", "Secret", { type: "a.b/c", data: { a: text("wrong") } }),
    ],
    [
      "a RoleBinding",
      named(`${rbac}/v1`, "RoleBinding", { ...role("view"), subjects }),
      named(`${rbac}/v1`, "RoleBinding", { ...role("admin"), subjects: [{ ...subjects[0], name: "mallory" }] }),
    ],
    ["a Service", service({ clusterIP: "None" }), service({ selector: { app: "other" } })],
    [
      "a Job",
      named("batch/v1", "Job", {
        spec: {
          parallelism: 1,
          template: { spec: { restartPolicy: "Never", containers: [{ name: "a", image: "a:1" }] } },
        },
      }),
      named("batch/v1", "Job", {
        spec: {
          parallelism: 2,
          template: { spec: { restartPolicy: "Never", containers: [{ name: "a", image: "evil:1" }] } },
        },
      }),
    ],
    [
      "a StorageClass",
      named("storage.k8s.io/v1", "StorageClass", { provisioner: "a.b/c" }, false),
      named("storage.k8s.io/v1", "StorageClass", { provisioner: "a.b/d", allowVolumeExpansion: true }, false),
    ],
    [
      "a PriorityClass",
      named("scheduling.k8s.io/v1", "PriorityClass", { value: 10, description: "low" }, false),
      named("scheduling.k8s.io/v1", "PriorityClass", { value: 1_000_000, description: "high" }, false),
    ],
  ];

  /** Deletes as planned and makes it anew, as the plan says. What a controller wrote meanwhile is planned anew. */
  async function carryOut(desired: KubeObject, live: KubeObject): Promise<KubeObject> {
    const plan = planHeal(inputOf(desired, live));
    if (plan?.kind !== "recreate") throw new Error(`a ${plan?.kind ?? "nothing"} is planned`);
    const refused = await patch(live, plan.operations);
    if (refused.status === CONFLICT) return carryOut(desired, await calm(live));
    expect([refused.status, messageOf(refused)]).toEqual([422, expect.stringMatching(FOR_GOOD)]);
    const { uid, resourceVersion } = plan;
    const gone = await server.send("DELETE", pathOf(live), {
      kind: "DeleteOptions",
      apiVersion: "v1",
      preconditions: { uid, resourceVersion },
      propagationPolicy: plan.cascade,
    });
    if (gone.status === CONFLICT) return carryOut(desired, await calm(live));
    expect([gone.status, messageOf(gone)]).toEqual([gone.status < 300 ? gone.status : 200, ""]);
    await until("its end", async () => ((await at(pathOf(live))) === undefined ? true : undefined));
    const answer = await server.send("POST", server.pathOf(live, "collection") ?? "", plan.body);
    expect([answer.status, messageOf(answer)]).toEqual([201, ""]);
    if (!isKubeObject(answer.body)) throw new Error("no object came back");
    return answer.body;
  }

  /** Nobody's controller writes to it between the look and the delete. */
  const calm = async (object: KubeObject): Promise<KubeObject> => {
    let before: Json = null;
    return until("a calm object", async () => {
      const now = await at(pathOf(object));
      const version = getString(now?.metadata, "resourceVersion") ?? null;
      const isCalm = version === before;
      before = version;
      if (!isCalm) await wait(500);
      return isCalm ? now : undefined;
    });
  };

  test.each(mixed)(
    "%s that is wrong in what can be changed and in what cannot is remade, and in sync",
    async (_, desired, wrong) => {
      await make(wrong);
      const live = await calm(wrong);
      expect(decide(inputOf(desired, live)).verdict.kind).toBe("drifted");
      const remade = await carryOut(desired, live);
      expect(remade.metadata["uid"]).not.toBe(live.metadata["uid"]);
      const after = decide(inputOf(desired, await calm(desired)));
      expect(after.verdict).toEqual({ kind: "in-sync" });
    },
  );

  test("the StatefulSet whose claim templates moved is remade, and its Pods never notice", async () => {
    const spec = { serviceName: "web", replicas: 2, podManagementPolicy: "Parallel" };
    const claims = (name: string): JsonObject => ({
      volumeClaimTemplates: [
        { metadata: { name }, spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } },
      ],
    });
    const desired = workload("StatefulSet", { ...spec, ...claims("data"), minReadySeconds: 1 });
    const wrong = workload("StatefulSet", {
      ...spec,
      ...claims("data"),
      podManagementPolicy: "OrderedReady",
      replicas: 1,
    });
    await make(wrong);
    const podPath = "/api/v1/namespaces/default/pods/mixed-statefulset-0";
    const pod = await until("its Pod", () => at(podPath));
    const live = await calm(wrong);
    const plan = planHeal(inputOf(desired, live));
    expect(plan).toMatchObject({ kind: "recreate", cascade: "Orphan", immutable: ["/spec/podManagementPolicy"] });
    const remade = await carryOut(desired, live);
    const adopted = await until("its Pod, adopted", async () => {
      const now = await at(podPath);
      const owners = now?.metadata["ownerReferences"];
      const owner = isArray(owners) ? owners[0] : undefined;
      return getString(owner, "uid") === remade.metadata["uid"] ? now : undefined;
    });
    expect(adopted.metadata["uid"]).toBe(pod.metadata["uid"]);
    expect(adopted.metadata["deletionTimestamp"]).toBeUndefined();
    expect(decide(inputOf(desired, await calm(desired))).verdict.kind).toBe("in-sync");
  });

  test("a custom resource whose schema says that a field is set once is remade, and patched where it may come and go", async () => {
    const rule = [{ rule: "self == oldSelf", message: "set once" }];
    const properties = {
      engine: { type: "string", "x-kubernetes-validations": rule },
      disk: { type: "object", additionalProperties: { type: "string" }, "x-kubernetes-validations": rule },
      size: { type: "integer" },
    };
    const openAPIV3Schema = { type: "object", properties: { spec: { type: "object", properties } } };
    const version = { name: "v1", served: true, storage: true, schema: { openAPIV3Schema } };
    await make({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "databases.frozen.example" },
      spec: {
        group: "frozen.example",
        scope: "Namespaced",
        names: { plural: "databases", singular: "database", kind: "Database", listKind: "DatabaseList" },
        versions: [version],
      },
    });
    const database = (spec: JsonObject): KubeObject => named("frozen.example/v1", "Database", { spec });
    await server.learnOf([database({ size: 1 })]);
    const desired = database({ engine: "a", disk: { class: "fast" }, size: 1 });
    await make(database({ engine: "b", disk: { class: "slow", zone: "z" }, size: 2 }));
    const live = await calm(desired);
    const plan = planHeal(inputOf(desired, live));
    expect(plan).toMatchObject({ immutable: ["/spec/disk/zone", "/spec/disk/class", "/spec/engine"] });
    await carryOut(desired, live);
    const now = await calm(desired);
    expect(decide(inputOf(desired, now)).verdict).toEqual({ kind: "in-sync" });
    const less = planHeal(inputOf(database({ disk: { class: "fast" }, size: 1 }), now));
    if (less?.kind !== "patch") throw new Error(`a ${less?.kind ?? "nothing"} is planned`);
    expect((await patch(now, less.operations)).status).toBe(200);
  });

  test("a Service whose port, the key of its list, was edited by hand is healed by one patch", async () => {
    const desired = service({
      ports: [
        { name: "http", port: 80, targetPort: 8080 },
        { name: "admin", port: 90 },
      ],
    });
    await server.send("DELETE", pathOf(desired));
    const made = await make(desired);
    const edited = applied(made, [{ op: "replace", path: "/spec/ports/0/port", value: 81 }]);
    const live = (await server.send("PUT", `${pathOf(made)}?fieldManager=kubectl-edit`, edited)).body;
    if (!isKubeObject(live)) throw new Error("the edit was refused");
    const plan = planHeal(inputOf(desired, live));
    if (plan?.kind !== "patch") throw new Error(`a ${plan?.kind ?? "nothing"} is planned`);
    const answer = await server.send("PATCH", `${pathOf(made)}?fieldManager=plumbline`, plan.operations, JSON_PATCH);
    expect([answer.status, messageOf(answer)]).toEqual([200, ""]);
    if (!isKubeObject(answer.body)) throw new Error("no object came back");
    expect(decide(inputOf(desired, answer.body)).verdict).toEqual({ kind: "in-sync" });
    const raced = await server.send("PATCH", `${pathOf(made)}?fieldManager=plumbline`, plan.operations, JSON_PATCH);
    expect(raced.status).toBe(409);
  });

  test("what Git dropped is deleted at the very version that was judged, and at no other", async () => {
    const object = await make(
      named("v1", "ConfigMap", { data: { a: "1" }, metadata: { name: "dropped", namespace: "default" } }),
    );
    const plan = planHeal({ ...inputOf(object, object), desired: undefined });
    if (plan?.kind !== "delete") throw new Error(`a ${plan?.kind ?? "nothing"} is planned`);
    const remove = (of: { uid: string; resourceVersion: string }): Promise<Answer> =>
      server.send("DELETE", pathOf(object), {
        kind: "DeleteOptions",
        apiVersion: "v1",
        preconditions: { uid: of.uid, resourceVersion: of.resourceVersion },
        propagationPolicy: "Background",
      });
    const edited = applied(object, [{ op: "replace", path: "/data/a", value: "2" }]);
    const now = (await server.send("PUT", pathOf(object), edited)).body;
    if (!isKubeObject(now)) throw new Error("the edit was refused");
    expect((await remove(plan)).status).toBe(409);
    const again = planHeal({ ...inputOf(now, now), desired: undefined });
    expect((await remove(again?.kind === "delete" ? again : plan)).status).toBe(200);
    expect(await at(pathOf(object))).toBeUndefined();
  });
});

/** What may grow, or be set, once a claim is bound and its driver agrees: no driver is here to try it with. */
const notProven: readonly string[] = [
  "PersistentVolumeClaim but .spec.resources",
  "PersistentVolumeClaim but .spec.volumeAttributesClassName",
  "PersistentVolume but .spec.volumeAttributesClassName",
];
