/**
 * What the operator may do in each profile, asked of the real API server as the operator's own ServiceAccount. Rows
 * are questions; each profile has its answers.
 */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { formatJson, getIn, type JsonObject } from "../../src/model/json.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { openHelm, releaseNamespace, render, type Helm } from "./helm.ts";

const profiles = {
  detect: { rbac: { mode: "detect" } },
  report: {},
  remediate: { rbac: { mode: "remediate" } },
  "remediate with everything": {
    rbac: { mode: "remediate", secrets: "full", allowDelete: true, guarded: true },
    tenancy: { impersonate: true },
    sources: { secretNamespaces: ["shop"] },
  },
  "secrets: metadata": { rbac: { secrets: "metadata" } },
  "secretNamespaces: [shop]": { sources: { secretNamespaces: ["shop"] } },
} as const satisfies Readonly<Record<string, JsonObject>>;

type Profile = keyof typeof profiles;
const names = Object.keys(profiles) as readonly Profile[];

const all = "*";
const writers = ["remediate", "remediate with everything"] as const;
const everything = ["remediate with everything"] as const;

/** verb, resource, namespace ("" for all), and who may. */
const questions: readonly (readonly [string, string, string, readonly Profile[] | typeof all])[] = [
  ["list", "deployments.apps", "", all],
  ["watch", "configmaps", "", all],
  ["get", "nodes", "", all],
  ["watch", "clusterroles.rbac.authorization.k8s.io", "", all],
  ["list", "customresourcedefinitions.apiextensions.k8s.io", "", all],
  ["watch", "certificates.cert-manager.io", "", all],
  ["list", "httproutes.gateway.networking.k8s.io", "", all],
  ["list", "widgets.nobody.example", "", []],
  // Reading that is no reading.
  ["get", "nodes/proxy", "", []],
  ["get", "pods/exec", "", []],
  ["get", "pods/log", "", []],
  ["get", "services/proxy", "", []],
  ["create", "pods/exec", "", []],
  // Secrets.
  ["list", "secrets", "", ["remediate with everything", "secrets: metadata"]],
  ["get", "secrets", "shop", ["remediate with everything", "secrets: metadata", "secretNamespaces: [shop]"]],
  ["get", "secrets", "kube-system", ["remediate with everything", "secrets: metadata"]],
  ["list", "secrets", "shop", ["remediate with everything", "secrets: metadata"]],
  ["get", "secrets/plumbline-key", releaseNamespace, all],
  ["get", "secrets/other", releaseNamespace, ["remediate with everything", "secrets: metadata"]],
  ["patch", "secrets", "shop", everything],
  // Its own things.
  ["watch", "baselines.plumbline.dev", "", all],
  // By annotations, for remediation.onUnhealthy; nobody changes what it is told to do.
  ["patch", "baselines.plumbline.dev", "", writers],
  ["update", "baselines.plumbline.dev", "", []],
  ["patch", "baselines.plumbline.dev/status", "", all],
  ["create", "drifts.plumbline.dev", "", all],
  ["delete", "drifts.plumbline.dev", "", all],
  ["create", "events.events.k8s.io", "shop", all],
  ["create", "leases.coordination.k8s.io", releaseNamespace, all],
  ["update", "leases.coordination.k8s.io/plumbline", releaseNamespace, all],
  ["update", "leases.coordination.k8s.io/other", releaseNamespace, []],
  ["create", "leases.coordination.k8s.io", "kube-system", []],
  ["create", "subjectaccessreviews.authorization.k8s.io", "", all],
  [
    "create",
    "policyreports.wgpolicyk8s.io",
    "shop",
    ["report", "remediate", "remediate with everything", "secrets: metadata", "secretNamespaces: [shop]"],
  ],
  // Writing what is compared.
  ["patch", "deployments.apps", "shop", writers],
  ["create", "configmaps", "shop", writers],
  ["patch", "certificates.cert-manager.io", "shop", writers],
  ["update", "deployments.apps", "shop", []],
  ["delete", "deployments.apps", "shop", everything],
  ["deletecollection", "deployments.apps", "shop", []],
  ["patch", "nodes", "", []],
  ["patch", "rolebindings.rbac.authorization.k8s.io", "shop", everything],
  ["patch", "validatingwebhookconfigurations.admissionregistration.k8s.io", "", everything],
  ["escalate", "clusterroles.rbac.authorization.k8s.io", "", []],
  ["bind", "clusterroles.rbac.authorization.k8s.io", "", []],
  ["impersonate", "serviceaccounts", "shop", everything],
  ["impersonate", "users", "", []],
  ["create", "serviceaccounts/token", "shop", []],
  ["create", "pods/ephemeralcontainers", "shop", []],
];

interface Question {
  readonly verb: string;
  readonly resource: string;
  readonly namespace: string;
}

/** `leases.coordination.k8s.io/plumbline`: a name where the part before the slash is no Pod-like parent of a subresource. */
const subresources = new Set(["proxy", "exec", "log", "status", "token", "ephemeralcontainers"]);

let plane: ControlPlane;
let helm: Helm;
beforeAll(async () => {
  [plane, helm] = await Promise.all([startControlPlane({ controllerManager: true }), openHelm()]);
  for (const namespace of [releaseNamespace, "shop"])
    expect(await plane.kubectl(["create", "namespace", namespace])).toMatchObject({ code: 0 });
});
afterAll(async () => {
  helm?.close();
  await plane?.stop();
});

const rightsKinds = /^(ServiceAccount|ClusterRole|ClusterRoleBinding|Role|RoleBinding)$/;

async function ask(question: Question, token: string): Promise<boolean> {
  const [full = "", after = ""] = question.resource.split("/");
  const dot = full.indexOf(".");
  const resource = dot < 0 ? full : full.slice(0, dot);
  const group = dot < 0 ? "" : full.slice(dot + 1);
  const part = after === "" ? {} : subresources.has(after) ? { subresource: after } : { name: after };
  const resourceAttributes = { verb: question.verb, namespace: question.namespace, group, resource, ...part };
  const body = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", spec: { resourceAttributes } };
  const answer = await plane.request("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", { body, token });
  return getIn(JSON.parse(answer.text), "status", "allowed") === true;
}

describe.each(names)("profile %s", (profile) => {
  let token: string;
  beforeAll(async () => {
    const objects = (await render(helm, profiles[profile])).filter((object) => rightsKinds.test(object.kind));
    const list = formatJson({ apiVersion: "v1", kind: "List", items: objects });
    // Prune, so that no profile inherits from the one before it.
    await plane.kubectl(["delete", "clusterroles,clusterrolebindings", "-l", "app.kubernetes.io/part-of=plumbline"]);
    await plane.kubectl(["delete", "roles,rolebindings", "-A", "-l", "app.kubernetes.io/part-of=plumbline"]);
    expect(await plane.kubectl(["apply", "-f", "-"], list)).toMatchObject({ code: 0 });
    token = await plane.tokenFor(releaseNamespace, "plumbline");
    // The authorizer works from a watch of its own: wait until it has the last thing that was made.
    const last = { verb: "get", resource: "secrets/plumbline-key", namespace: releaseNamespace };
    await vi.waitFor(async () => expect(await ask(last, token)).toBe(true), { timeout: 20_000 });
  });

  test.each(questions.map((question) => [question.slice(0, 3).join(" "), question] as const))(
    "%s",
    async (_, [verb, resource, namespace, who]) => {
      const expected = who === all || who.includes(profile);
      await expect.poll(() => ask({ verb, resource, namespace }, token), { timeout: 30_000 }).toBe(expected);
    },
  );
});

describe("rights of one's own", () => {
  test("a labelled ClusterRole is read with", async () => {
    const role = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "widgets", labels: { "plumbline.dev/aggregate-to-read": "true" } },
      rules: [{ apiGroups: ["nobody.example"], resources: ["widgets"], verbs: ["get", "list", "watch"] }],
    };
    expect(await plane.kubectl(["apply", "-f", "-"], formatJson(role))).toMatchObject({ code: 0 });
    const token = await plane.tokenFor(releaseNamespace, "plumbline");
    const question = { verb: "list", resource: "widgets.nobody.example", namespace: "" };
    await expect.poll(() => ask(question, token), { timeout: 20_000 }).toBe(true);
  });

  test("what the API server lists as the operator's rules holds no wildcard over groups or verbs", async () => {
    const token = await plane.tokenFor(releaseNamespace, "plumbline");
    const body = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", spec: { namespace: "shop" } };
    const url = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
    const answer = await plane.request("POST", url, { body, token });
    const rules = getIn(JSON.parse(answer.text), "status", "resourceRules") as readonly JsonObject[];
    expect(rules.length).toBeGreaterThan(20);
    for (const rule of rules) {
      expect(rule["apiGroups"]).not.toContain("*");
      expect(rule["verbs"]).not.toContain("*");
    }
  });
});
