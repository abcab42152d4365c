/**
 * The story the demo tells, step by step. Each step does to the cluster what people and controllers do, waits for what
 * Plumbline makes of it, and gives back what was measured. Edits are plain requests under the field manager that
 * kubectl would use, so that their moment is known; times are of one clock, for everything runs on this machine.
 */
import { eventually } from "../e2e/operator.ts";
import { appNamespace, operatorNamespace, type Stage } from "./stage.ts";

export interface Line {
  readonly id: string;
  /** What was done. */
  readonly done: string;
  /** What Plumbline said of it. */
  readonly said: string;
  readonly measured: Readonly<Record<string, string | number>>;
}

export interface DriftRecord {
  readonly verdict: string;
  readonly severity: string;
  readonly firstObserved: string;
  readonly object: { readonly kind: string; readonly name: string };
  readonly changes?: readonly {
    readonly op: string;
    readonly path: string;
    readonly severity: string;
    readonly class: string;
    readonly owner?: { readonly manager?: string; readonly time?: string };
  }[];
}

const baselinePath = `/apis/plumbline.dev/v1alpha1/namespaces/${operatorNamespace}/baselines`;
const driftsPath = `/apis/plumbline.dev/v1alpha1/namespaces/${operatorNamespace}/drifts`;
const webPath = `/apis/apps/v1/namespaces/${appNamespace}/deployments/web`;
const bindingPath = `/apis/rbac.authorization.k8s.io/v1/namespaces/${appNamespace}/rolebindings/config-reader`;

const mergePatch = "application/merge-patch+json";
const jsonPatch = "application/json-patch+json";
const strategicPatch = "application/strategic-merge-patch+json";

const count = (text: string): Record<string, number> =>
  Object.fromEntries(
    [...text.matchAll(/^plumbline_baseline_objects\{.*verdict="([a-z-]+)".*\} (\d+)$/gm)].map((match) => [
      match[1],
      Number(match[2]),
    ]),
  );

/** How many objects are what, as the metrics say it now. */
const counts = async ({ operator }: Stage): Promise<Record<string, number>> => count(await operator.metrics());

async function drifts({ cluster }: Stage): Promise<readonly DriftRecord[]> {
  return ((await cluster.request("GET", driftsPath)) as { items: readonly DriftRecord[] }).items;
}

/** The record of one object with a change at such a path; waits until it is there. */
async function recordOf(
  stage: Stage,
  name: string,
  path: string,
): Promise<{ record: DriftRecord; change: NonNullable<DriftRecord["changes"]>[number] }> {
  // A record is written at most once in ten seconds, so a second change on one object can take that long to show in it.
  return eventually(
    `a Drift record of ${name} at ${path}`,
    async () => {
      const record = (await drifts(stage)).find((one) => one.object.name === name);
      const change = record?.changes?.find((one) => one.path.includes(path));
      return record === undefined || change === undefined ? undefined : { record, change };
    },
    { within: 45_000, every: 10 },
  );
}

/** Milliseconds from sending until the verdict, by the operator's own stamp. */
const since = (sent: number, record: DriftRecord): number => Math.max(0, Date.parse(record.firstObserved) - sent);

const round = (milliseconds: number): number => Math.round(milliseconds);

export async function declare(stage: Stage): Promise<Line> {
  const { cluster, repository } = stage;
  const sent = Date.now();
  await cluster.request("POST", baselinePath, {
    body: {
      apiVersion: "plumbline.dev/v1alpha1",
      kind: "Baseline",
      metadata: { name: "shop", namespace: operatorNamespace },
      spec: {
        source: { git: { url: `file://${repository.folder}`, ref: { branch: "main" }, interval: "30s" } },
        mode: "Alert",
        remediation: { approval: "Never" },
      },
    },
  });
  const found = await eventually("12 objects pending", async () => {
    const now = await counts(stage);
    return now["pending"] === 12 ? now : undefined;
  });
  const took = Date.now() - sent;
  return {
    id: "declared",
    done: "A Baseline names the Git repository; nothing is deployed yet",
    said: `${found["pending"]} objects pending, ${took} ms after it was made (clone, render, judge)`,
    measured: { pending: found["pending"] ?? 0, drifted: found["drifted"] ?? 0, milliseconds: took },
  };
}

export async function deploy(stage: Stage): Promise<Line> {
  const { cluster, repository } = stage;
  // A namespace has to be there before what lives in it.
  for (const target of [`${repository.folder}/namespace.yaml`, repository.folder]) {
    const applied = await cluster.kubectl(["apply", "-f", target]);
    if (applied.code !== 0) throw new Error(applied.stderr);
  }
  const stored = Date.now();
  const now = await eventually("everything in sync", async () => {
    const found = await counts(stage);
    return found["in-sync"] === 12 ? found : undefined;
  });
  const took = Date.now() - stored;
  return {
    id: "deployed",
    done: "kubectl apply -f",
    said: `${now["in-sync"]} in sync, ${took} ms after kubectl ended; every default the server filled in is no drift`,
    measured: { inSync: now["in-sync"] ?? 0, milliseconds: took },
  };
}

export async function autoscale(stage: Stage): Promise<Line> {
  const replicas = await eventually(
    "the autoscaler scaling web to two",
    async () => {
      const { spec } = (await stage.cluster.request("GET", webPath)) as { spec: { replicas: number } };
      return spec.replicas === 2 ? spec.replicas : undefined;
    },
    { within: 60_000, every: 100 },
  );
  // Long enough for the event to have been judged many times over.
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const now = await counts(stage);
  const total = await stage.operator.metric("plumbline_drifts_total");
  if (now["in-sync"] !== 12 || (total ?? 0) !== 0)
    throw new Error(`an autoscaler is no drift: ${JSON.stringify(now)}, ${total} drifts`);
  return {
    id: "autoscaled",
    done: `The HorizontalPodAutoscaler scales Deployment web from 1 to ${replicas}`,
    said: "no drift: inside its bounds, and web is its target",
    measured: { replicas, inSync: now["in-sync"] ?? 0, drifts: total ?? 0 },
  };
}

export async function editImage(stage: Stage): Promise<Line> {
  const sent = Date.now();
  await stage.cluster.request("PATCH", `${webPath}?fieldManager=kubectl-edit`, {
    contentType: jsonPatch,
    body: [{ op: "replace", path: "/spec/template/spec/containers/0/image", value: "nginx:1.29" }],
  });
  const { record, change } = await recordOf(stage, "web", ".image");
  return {
    id: "image",
    done: "Somebody edits the image of Deployment web",
    said: `${record.severity}: ${change.path} by ${change.owner?.manager} at ${change.owner?.time}; judged ${since(sent, record)} ms after the edit was sent`,
    measured: {
      milliseconds: since(sent, record),
      manager: change.owner?.manager ?? "",
      severity: record.severity,
      op: change.op,
    },
  };
}

export async function addEnvironment(stage: Stage): Promise<Line> {
  const apiPath = `/apis/apps/v1/namespaces/${appNamespace}/deployments/api`;
  const sent = Date.now();
  const env = [{ name: "DEBUG", value: "1" }];
  await stage.cluster.request("PATCH", `${apiPath}?fieldManager=kubectl-edit`, {
    contentType: strategicPatch,
    body: { spec: { template: { spec: { containers: [{ name: "api", env }] } } } },
  });
  const { record, change } = await recordOf(stage, "api", ".env");
  return {
    id: "environment",
    done: "Somebody adds an environment variable to Deployment api",
    said: `${record.severity}: ${change.path} ${change.op} by ${change.owner?.manager}; judged after ${since(sent, record)} ms (most tools miss what is added)`,
    measured: { milliseconds: since(sent, record), manager: change.owner?.manager ?? "", op: change.op },
  };
}

export async function addSubject(stage: Stage): Promise<Line> {
  const sent = Date.now();
  await stage.cluster.request("PATCH", `${bindingPath}?fieldManager=kubectl-edit`, {
    contentType: jsonPatch,
    body: [
      {
        op: "add",
        path: "/subjects/-",
        value: { kind: "User", name: "mallory", apiGroup: "rbac.authorization.k8s.io" },
      },
    ],
  });
  const { record, change } = await recordOf(stage, "config-reader", ".subjects");
  return {
    id: "subject",
    done: "Somebody adds a subject to RoleBinding config-reader",
    said: `${record.severity}, class ${change.class}: ${change.path} by ${change.owner?.manager}; judged after ${since(sent, record)} ms`,
    measured: { milliseconds: since(sent, record), severity: record.severity, class: change.class },
  };
}

export async function commitAndDeploy(stage: Stage): Promise<Line> {
  const { cluster, repository } = stage;
  await repository.commit("Dark theme", "config.yaml", (text) => text.replace("THEME: light", "THEME: dark"));
  const asked = Date.now();
  const body = { metadata: { annotations: { "plumbline.dev/requested-at": new Date(asked).toISOString() } } };
  await cluster.request("PATCH", `${baselinePath}/shop`, { contentType: mergePatch, body });
  await eventually("one object pending", async () => ((await counts(stage))["pending"] === 1 ? true : undefined));
  const pendingAfter = Date.now() - asked;
  const applied = await cluster.kubectl(["apply", "-f", `${repository.folder}/config.yaml`]);
  if (applied.code !== 0) throw new Error(applied.stderr);
  const stored = Date.now();
  await eventually("none pending", async () => ((await counts(stage))["pending"] === 0 ? true : undefined));
  const settledAfter = Date.now() - stored;
  return {
    id: "commit",
    done: "A commit changes a ConfigMap; then it is deployed",
    said: `pending ${pendingAfter} ms after being told, no drift; in sync ${settledAfter} ms after kubectl apply`,
    measured: { pendingMilliseconds: pendingAfter, settledMilliseconds: settledAfter },
  };
}

export async function optIn(stage: Stage): Promise<Line> {
  const { cluster } = stage;
  await cluster.request("PATCH", `${baselinePath}/shop`, {
    contentType: mergePatch,
    body: { spec: { mode: "Remediate" } },
  });
  await eventually("mode Remediate", async () =>
    (await stage.operator.metric("plumbline_baseline_info", { mode: "Remediate" })) === 1 ? true : undefined,
  );
  const sent = performance.now();
  const body = { metadata: { annotations: { "plumbline.dev/remediate": "enabled" } } };
  await cluster.request("PATCH", `${webPath}?fieldManager=kubectl-annotate`, { contentType: mergePatch, body });
  await eventually(
    "the image put back",
    async () => {
      const web = (await cluster.request("GET", webPath)) as {
        spec: { template: { spec: { containers: { image: string }[] } } };
      };
      return web.spec.template.spec.containers[0]?.image === "nginx:1.28" ? true : undefined;
    },
    { every: 1 },
  );
  const took = performance.now() - sent;
  await eventually("web in sync again", async () => ((await counts(stage))["drifted"] === 2 ? true : undefined));
  await eventually("its record gone", async () => !(await drifts(stage)).some(({ object }) => object.name === "web"));
  const applied = await eventually("the write counted", () =>
    stage.operator.metric("plumbline_remediations_total", { result: "applied" }),
  );
  return {
    id: "healed",
    done: "Mode Remediate, and an annotation opts Deployment web in",
    said: `put back ${round(took)} ms after the annotation was sent, in ${applied} write; what nobody opted in stays as it is, reported`,
    measured: { milliseconds: round(took), writes: applied },
  };
}

export const steps: readonly ((stage: Stage) => Promise<Line>)[] = [
  declare,
  deploy,
  autoscale,
  editImage,
  addEnvironment,
  addSubject,
  commitAndDeploy,
  optIn,
];
