/**
 * Dry runs on the real API server: both forms answer with what Git declares and nothing of what runs, under the
 * object's own name; nothing is stored; and each refusal is told for what it is, without the server's words.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDryRun } from "../../src/cluster/dry-run.ts";
import type { Impersonation } from "../../src/model/api.ts";
import type { DryRunAnswer, DryRunForm } from "../../src/model/dry-run.ts";
import { formatJson, getString, getStrings, type JsonObject } from "../../src/model/json.ts";
import { idOf, kindRef, type KubeObject } from "../../src/model/resource.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { describeWith } from "../support/describe-with.ts";
import { connect, until, type Connection } from "./connection.ts";

const namespace = "default";
const mark = "by-hand";
const containers = [{ name: "web", image: "web:1" }];
const pods = { metadata: { labels: { app: "web" } }, spec: { containers } };
const selector = { matchLabels: { app: "web" } };

interface Case {
  readonly object: KubeObject;
  /** Merged into what runs, beside a label, an annotation and a finalizer; holds {@link mark}. */
  readonly hand?: JsonObject;
  /** What is answered: "" for the object, else a part of the refusal. */
  readonly create: string;
  readonly update: string;
}

const of = (apiVersion: string, kind: string, name: string, rest: JsonObject, isGlobal = false): KubeObject => ({
  apiVersion,
  kind,
  metadata: isGlobal ? { name } : { name, namespace },
  ...rest,
});

const widgets = {
  group: "example.com",
  scope: "Namespaced",
  names: { plural: "widgets", kind: "Widget" },
  versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }],
};

const cases: readonly Case[] = [
  {
    object: of("apps/v1", "Deployment", "web.shop", { spec: { replicas: 2, selector, template: pods } }),
    hand: { spec: { template: { metadata: { annotations: { note: mark } } } } },
    create: "",
    update: "",
  },
  {
    object: of("v1", "ConfigMap", "settings", { data: { color: "blue" } }),
    hand: { data: { more: mark } },
    create: "",
    update: "",
  },
  { object: of("v1", "ConfigMap", "empty", {}), hand: { data: { more: mark } }, create: "", update: "" },
  { object: of("v1", "Secret", "key", { stringData: { key: "secret" } }), create: "", update: "" },
  {
    object: of("v1", "Service", "front", { spec: { selector: { app: "web" }, ports: [{ port: 80 }] } }),
    hand: { spec: { selector: { tier: mark } } },
    create: "",
    update: "",
  },
  {
    object: of("v1", "Service", "fixed", { spec: { type: "NodePort", ports: [{ port: 80, nodePort: 30_081 }] } }),
    create: "over spec.ports[0].nodePort",
    update: "",
  },
  { object: of("v1", "Namespace", "shop", {}, true), create: "", update: "" },
  {
    object: of("rbac.authorization.k8s.io/v1", "ClusterRole", "shop:viewer", { rules: [] }, true),
    create: "",
    update: "",
  },
  {
    object: of("apiextensions.k8s.io/v1", "CustomResourceDefinition", "widgets.example.com", { spec: widgets }, true),
    create: "over metadata.name",
    update: "",
  },
  {
    object: of("batch/v1", "CronJob", `nightly-${"x".repeat(44)}`, {
      spec: {
        schedule: "0 2 * * *",
        jobTemplate: { spec: { template: { spec: { restartPolicy: "Never", containers } } } },
      },
    }),
    create: "",
    update: "",
  },
  {
    // Its template never changes: what the server put there cannot be left out of an update.
    object: of("batch/v1", "Job", "once", { spec: { template: { spec: { restartPolicy: "Never", containers } } } }),
    create: "",
    update: "422 Invalid over spec.",
  },
];

const labelsOf = (object: KubeObject) => getStrings(object, "spec", "template", "metadata", "labels");

describeWith(["etcd", "kube-apiserver"], "dry runs", () => {
  let plane: ControlPlane;
  let connection: Connection;
  let ask: ReturnType<typeof createDryRun>;

  beforeAll(async () => {
    plane = await startControlPlane();
    connection = await connect(plane.kubeconfigPath);
    ask = createDryRun(connection.api);
  });
  afterAll(async () => {
    await connection?.close();
    await plane?.stop();
  });

  const refOf = (object: KubeObject) => {
    const id = idOf(object);
    return { kind: kindRef(object.apiVersion, object.kind), namespace: id.namespace, name: id.name };
  };
  const must = async (answer: ReturnType<Connection["api"]["get"]>): Promise<KubeObject> => {
    const got = await answer;
    if (!got.ok) throw new Error(got.message);
    return got.body;
  };
  const question = (object: KubeObject, live: KubeObject, form: DryRunForm, impersonate?: Impersonation) => ({
    form,
    id: idOf(object),
    version: kindRef(object.apiVersion, object.kind).version,
    desired: object,
    live,
    ...(impersonate === undefined ? {} : { impersonate }),
  });
  const tell = (answer: DryRunAnswer): string => (answer.ok ? "" : answer.message);

  /** Deployed, then edited by hand. */
  async function run({ object, hand = {} }: Pick<Case, "object" | "hand">): Promise<KubeObject> {
    const ref = refOf(object);
    await must(connection.api.create(ref, object));
    const marks = { labels: { edited: mark }, annotations: { edited: mark }, finalizers: [`example.com/${mark}`] };
    return must(connection.api.patch(ref, { type: "merge", body: { ...hand, metadata: marks } }));
  }

  /** Without what the server's own controllers move meanwhile: the conditions of a new definition. */
  const declaredPart = ({ status: _status, metadata, ...rest }: KubeObject): JsonObject => {
    const { resourceVersion: _version, managedFields: _fields, ...kept } = metadata;
    return { ...rest, metadata: kept };
  };

  describe("answer with what Git declares, and nothing of what runs", () => {
    test.each(cases.map((one) => [`${one.object.kind} ${String(one.object.metadata["name"])}`, one] as const))(
      "%s",
      async (_, { object, hand, create, update }) => {
        const live = await run({ object, ...(hand === undefined ? {} : { hand }) });
        expect(formatJson(live)).toContain(mark);
        for (const [form, expected] of [["create", create] as const, ["update", update] as const]) {
          const answer = await ask(question(object, live, form));
          if (expected === "") expect(tell(answer)).toBe("");
          else expect(tell(answer)).toContain(expected);
          if (!answer.ok) continue;
          expect(getString(answer.object, "metadata", "name")).toBe(getString(object, "metadata", "name"));
          const { managedFields: _fields, ...metadata } = answer.object.metadata;
          expect(formatJson({ ...answer.object, metadata }), form).not.toContain(mark);
        }
        expect(declaredPart(await must(connection.api.get(refOf(object))))).toEqual(declaredPart(live));
      },
    );

    test("what repeats the other name says the object's own", async () => {
      const object = of("batch/v1", "Job", "named", {
        spec: { template: { spec: { restartPolicy: "Never", containers } } },
      });
      const answer = await ask(question(object, object, "create"));
      expect(answer.ok && labelsOf(answer.object)["job-name"]).toBe("named");
      const place = of("v1", "Namespace", "another", {}, true);
      const made = await ask(question(place, place, "create"));
      expect(made.ok && getStrings(made.object.metadata, "labels")["kubernetes.io/metadata.name"]).toBe("another");
    });

    test("nothing is stored of a creation", async () => {
      for (const pathname of ["/apis/apps/v1/deployments", "/api/v1/configmaps", "/api/v1/namespaces"]) {
        const { text } = await plane.request("GET", pathname);
        expect(text).not.toMatch(/"name":\s*"[^"]*-[0-9a-f]{10}"/);
      }
      expect((await plane.request("GET", "/api/v1/namespaces/another")).status).toBe(404);
    });
  });

  describe("tell a refusal for what it is", () => {
    const config = (name: string, data: JsonObject): KubeObject => of("v1", "ConfigMap", name, { data });

    test("a missing right names the verb and the kind", async () => {
      const object = of("apps/v1", "Deployment", "x", { spec: { selector, template: pods } });
      const as = { namespace, serviceAccount: "nobody" };
      expect(await ask(question(object, object, "create", as))).toEqual({
        ok: false,
        why: "no-right",
        message: "not permitted: create deployments.apps",
      });
      expect(await ask(question(object, object, "update", as))).toMatchObject({
        why: "no-right",
        message: "not permitted: patch deployments.apps",
      });
    });

    test("an invalid object names its fields and no value", async () => {
      const object = of("v1", "Service", "CANARY", { spec: { ports: [{ port: 99_999 }] } });
      const answer = await ask(question(object, object, "create"));
      expect(answer).toMatchObject({ ok: false, why: "refused" });
      expect(tell(answer)).toContain("over metadata.name, spec.ports[0].port");
      expect(tell(answer)).not.toMatch(/CANARY|99999/);
    });

    test("a quota is named", async () => {
      const quota = of("v1", "ResourceQuota", "small", { spec: { hard: { "count/configmaps": "1" } } });
      const status = { hard: { "count/configmaps": "1" }, used: { "count/configmaps": "1" } };
      await must(connection.api.create(refOf(quota), quota));
      await must(connection.api.patch({ ...refOf(quota), subresource: "status" }, { type: "merge", body: { status } }));
      const object = config("more", {});
      await until("the quota holds", async () => {
        const answer = await ask(question(object, object, "create"));
        return !answer.ok && answer.why === "refused" && answer.message.endsWith("over quota small");
      });
      await plane.request("DELETE", `/api/v1/namespaces/${namespace}/resourcequotas/small`);
    });

    test("a policy is named, and its words are not repeated", async () => {
      const group = "admissionregistration.k8s.io/v1";
      const rules = [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }];
      const deny = of(
        group,
        "ValidatingAdmissionPolicy",
        "deny",
        {
          spec: {
            matchConstraints: { resourceRules: rules },
            validations: [{ expression: '!has(object.data) || !("deny" in object.data)', message: "CANARY" }],
          },
        },
        true,
      );
      const binding = of(
        group,
        "ValidatingAdmissionPolicyBinding",
        "deny",
        {
          spec: { policyName: "deny", validationActions: ["Deny"] },
        },
        true,
      );
      await must(connection.api.create(refOf(deny), deny));
      await must(connection.api.create(refOf(binding), binding));
      const object = config("denied", { deny: "yes" });
      await until("the policy acts", async () => {
        const answer = await ask(question(object, object, "create"));
        return !answer.ok && answer.message.endsWith("by admission policy deny") && !answer.message.includes("CANARY");
      });
    });

    test("a webhook that does not answer may answer another time", async () => {
      const webhook = of(
        "admissionregistration.k8s.io/v1",
        "MutatingWebhookConfiguration",
        "away",
        {
          webhooks: [
            {
              name: "away.example.com",
              clientConfig: { url: "https://127.0.0.1:1/mutate" },
              rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["limitranges"] }],
              sideEffects: "None",
              admissionReviewVersions: ["v1"],
              failurePolicy: "Fail",
            },
          ],
        },
        true,
      );
      await must(connection.api.create(refOf(webhook), webhook));
      const object = of("v1", "LimitRange", "limits", { spec: { limits: [] } });
      await until("the webhook is asked", async () => {
        const answer = await ask(question(object, object, "create"));
        return (
          !answer.ok && answer.why === "unanswered" && answer.message.endsWith("by admission webhook away.example.com")
        );
      });
    });
  });
});
