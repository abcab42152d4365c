/**
 * A shop whose cluster changes what is deployed, as clusters do: a webhook that injects a sidecar into Deployments,
 * annotates Services and stamps ConfigMaps, and a policy of the API server's own that labels ConfigMaps and rewrites one
 * of their values.
 */
import { formatJson, getIn, getString, getStrings, isArray, type JsonObject } from "../../src/model/json.ts";
import { formatPointer } from "../../src/model/path.ts";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { startMutatingWebhook, type MutatingWebhook, type Review } from "./mutating-webhook.ts";
import { eventually } from "./operator.ts";

export const sidecar: JsonObject = {
  name: "proxy",
  image: "proxy:1.0",
  env: [{ name: "LEVEL", value: "info" }],
  ports: [{ containerPort: 15001 }],
};

const text = (object: JsonObject): string => `${formatJson(object, 2)}\n`;
const metadata = (name: string, more: JsonObject = {}): JsonObject => ({ name, namespace: "shop", ...more });

export function deployment(replicas: number, image = "web:1.4"): JsonObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadata("web"),
    spec: {
      replicas,
      selector: { matchLabels: { app: "web" } },
      template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "web", image }] } },
    },
  };
}

const configMap = (name: string, data: JsonObject, more: JsonObject = {}): JsonObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: metadata(name, more),
  data,
});

const shop: JsonObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } };

export const namespaceFile = { "namespace.yaml": text(shop) };

/** What Git declares; nothing of what is injected is in it. */
export function injectedShop(web: JsonObject = deployment(2)): Readonly<Record<string, string>> {
  return {
    ...namespaceFile,
    "web.yaml": text(web),
    "settings.yaml": text(configMap("settings", { mode: "auto", color: "blue" })),
    "stamped.yaml": text(configMap("stamped", { color: "blue" }, { labels: { stamp: "wanted" } })),
    // A port of its own cannot be given twice, so this one can only be asked for in its place.
    "front.yaml": text({
      apiVersion: "v1",
      kind: "Service",
      metadata: metadata("front"),
      spec: { type: "NodePort", selector: { app: "web" }, ports: [{ port: 80, nodePort: 30_080 }] },
    }),
    // Nothing acts on this kind.
    "quota.yaml": text({
      apiVersion: "v1",
      kind: "LimitRange",
      metadata: metadata("limits"),
      spec: { limits: [{ type: "Pod", max: { cpu: "2" } }] },
    }),
  };
}

let stamps = 0;

function inject({ kind, object }: Review): readonly JsonObject[] {
  const annotate = (name: string, value: string): readonly JsonObject[] =>
    getIn(object, "metadata", "annotations") === undefined
      ? [{ op: "add", path: "/metadata/annotations", value: { [name]: value } }]
      : [{ op: "add", path: formatPointer(["metadata", "annotations", name]), value }];
  if (kind === "Deployment") {
    const containers = getIn(object, "spec", "template", "spec", "containers");
    const has = isArray(containers) && containers.some((one) => getString(one, "name") === sidecar["name"]);
    return has ? [] : [{ op: "add", path: "/spec/template/spec/containers/-", value: sidecar }];
  }
  if (kind === "Service") return annotate("example.com/owner", "platform");
  stamps += 1;
  const stamped = getStrings(object, "metadata", "labels")["stamp"] !== undefined;
  return stamped ? annotate("example.com/stamped-at", `t${stamps}`) : [];
}

const rule = (apiGroup: string, resource: string, operations: readonly string[]): JsonObject => ({
  apiGroups: [apiGroup],
  apiVersions: ["v1"],
  resources: [resource],
  operations,
});
const both = ["CREATE", "UPDATE"];
const inShop: JsonObject = { matchLabels: { "kubernetes.io/metadata.name": "shop" } };
const apiVersion = "admissionregistration.k8s.io/v1";

function policy(): readonly JsonObject[] {
  return [
    {
      apiVersion,
      kind: "MutatingAdmissionPolicy",
      metadata: { name: "costs" },
      spec: {
        matchConstraints: { namespaceSelector: inShop, resourceRules: [rule("", "configmaps", both)] },
        failurePolicy: "Fail",
        reinvocationPolicy: "Never",
        mutations: [
          {
            patchType: "ApplyConfiguration",
            applyConfiguration: { expression: 'Object{metadata: Object.metadata{labels: {"cost": "12"}}}' },
          },
          {
            patchType: "JSONPatch",
            jsonPatch: {
              expression:
                'has(object.data) && "mode" in object.data && object.data["mode"] == "auto" ? [JSONPatch{op: "replace", path: "/data/mode", value: "fixed"}] : []',
            },
          },
        ],
      },
    },
    {
      apiVersion,
      kind: "MutatingAdmissionPolicyBinding",
      metadata: { name: "costs" },
      spec: { policyName: "costs" },
    },
  ];
}

/** Puts the webhook and the policy in place; resolves when both act. The namespace must be there. */
export async function startInjection(plane: ControlPlane): Promise<MutatingWebhook> {
  const webhook = await startMutatingWebhook(inject);
  const send = async (pathname: string, body: JsonObject): Promise<string> => {
    const answer = await plane.request("POST", pathname, { body });
    if (answer.status >= 300) throw new Error(`POST ${pathname}: ${answer.status} ${answer.text}`);
    return answer.text;
  };
  const rules = [rule("apps", "deployments", both), rule("", "services", both), rule("", "configmaps", both)];
  const registered = `/apis/${apiVersion}`;
  await send(`${registered}/mutatingwebhookconfigurations`, {
    apiVersion,
    kind: "MutatingWebhookConfiguration",
    metadata: { name: "sidecars" },
    webhooks: [
      {
        name: "sidecars.example.com",
        clientConfig: webhook.clientConfig,
        rules,
        namespaceSelector: inShop,
        sideEffects: "None",
        admissionReviewVersions: ["v1"],
        failurePolicy: "Fail",
      },
    ],
  });
  const [costs, bound] = policy();
  await send(`${registered}/mutatingadmissionpolicies`, costs ?? {});
  await send(`${registered}/mutatingadmissionpolicybindings`, bound ?? {});
  await eventually("webhook and policy act", async () => {
    const answer = await send(
      "/api/v1/namespaces/shop/configmaps?dryRun=All",
      configMap("probe", { mode: "auto" }, { labels: { stamp: "wanted" } }),
    );
    return answer.includes("fixed") && answer.includes("stamped-at") ? true : undefined;
  });
  return webhook;
}
