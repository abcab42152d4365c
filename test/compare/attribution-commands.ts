/** What people type at a Deployment, and what the API server records of it; the same after every way of deploying. */
import type { Json } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";

export type Step =
  | {
      readonly kubectl: readonly string[];
      /** Standard input. */
      readonly object?: (declared: KubeObject) => KubeObject;
      readonly env?: Readonly<Record<string, string>>;
    }
  | {
      readonly method: "POST" | "PATCH";
      /** A list is a JSON patch, an object a merge patch; nothing: the object itself. */
      readonly body?: Json;
      readonly manager?: string;
      /** Another version to write at. */
      readonly version?: string;
    };

export const kubectl =
  (...args: readonly string[]) =>
  (name: string): Step => ({ kubectl: args.map((arg) => arg.replace("$name", name)) });

export const web = '.spec.template.spec.containers[name="web"]';

interface Command {
  readonly says: string;
  readonly step: (name: string) => Step;
  readonly expected: readonly string[];
}

export const commands: readonly Command[] = [
  {
    says: "kubectl scale",
    step: kubectl("scale", "deployment/$name", "--replicas=5"),
    expected: ["changed .spec.replicas: kubectl Update of scale, exact, no time"],
  },
  {
    says: "kubectl set image",
    step: kubectl("set", "image", "deployment/$name", "web=web:9"),
    expected: [`changed ${web}.image: kubectl-set Update, exact`],
  },
  {
    says: "kubectl set env",
    step: kubectl("set", "env", "deployment/$name", "-c=web", "KEY=value"),
    expected: [`added ${web}.env[name="KEY"]: kubectl-set Update, exact`],
  },
  {
    says: "kubectl set resources",
    step: kubectl("set", "resources", "deployment/$name", "-c=web", "--limits=cpu=1"),
    expected: [`added ${web}.resources.limits.cpu: kubectl-set Update, exact`],
  },
  {
    says: "kubectl label, a new one",
    step: kubectl("label", "deployment/$name", "example.com/team=blue"),
    expected: ['added .metadata.labels["example.com/team"]: kubectl-label Update, exact'],
  },
  {
    says: "kubectl label --overwrite",
    step: kubectl("label", "--overwrite", "deployment/$name", "tier=back"),
    expected: ["changed .metadata.labels.tier: kubectl-label Update, exact"],
  },
  {
    says: "kubectl annotate",
    step: kubectl("annotate", "deployment/$name", "note=x"),
    expected: ["added .metadata.annotations.note: kubectl-annotate Update, exact"],
  },
  {
    says: "kubectl patch",
    step: kubectl("patch", "deployment/$name", "-p", '{"spec":{"minReadySeconds":7}}'),
    expected: ["added .spec.minReadySeconds: kubectl-patch Update, exact"],
  },
  {
    says: "kubectl patch over a default",
    step: kubectl("patch", "deployment/$name", "-p", '{"spec":{"revisionHistoryLimit":3}}'),
    expected: ["added .spec.revisionHistoryLimit: kubectl-patch Update, exact"],
  },
  {
    says: "kubectl edit",
    step: (name) => ({
      kubectl: ["edit", `deployment/${name}`],
      env: { KUBE_EDITOR: "sed -i 's/image: web:1/image: web:7/'" },
    }),
    expected: [`changed ${web}.image: kubectl-edit Update, exact`],
  },
  {
    says: "kubectl rollout restart",
    step: kubectl("rollout", "restart", "deployment/$name"),
    expected: [
      'added .spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]: kubectl-rollout Update, exact',
    ],
  },
  {
    says: "kubectl rollout pause",
    step: kubectl("rollout", "pause", "deployment/$name"),
    expected: ["added .spec.paused: kubectl-rollout Update, exact"],
  },
  {
    says: "a container more, by kubectl patch",
    step: kubectl(
      "patch",
      "deployment/$name",
      "-p",
      '{"spec":{"template":{"spec":{"containers":[{"name":"spy","image":"spy:1"}]}}}}',
    ),
    expected: ['added .spec.template.spec.containers[name="spy"]: kubectl-patch Update, exact'],
  },
  {
    says: "an argument, in a list that is one whole thing",
    step: kubectl(
      "patch",
      "deployment/$name",
      "-p",
      '{"spec":{"template":{"spec":{"containers":[{"name":"web","args":["-a","-z"]}]}}}}',
    ),
    expected: [`changed ${web}.args[1]: kubectl-patch Update, ancestor`],
  },
  {
    says: "a finalizer",
    step: kubectl("patch", "deployment/$name", "-p", '{"metadata":{"finalizers":["example.com/hold"]}}'),
    expected: ['added .metadata.finalizers[="example.com/hold"]: kubectl-patch Update, exact'],
  },
  {
    says: "kubectl replace by another tool's name",
    step: () => ({ method: "PATCH", body: { spec: { paused: true } }, manager: "acme-portal" }),
    expected: ["added .spec.paused: acme-portal Update, exact"],
  },
];
