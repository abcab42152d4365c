/**
 * The world that is measured: N objects on a control plane of their own and in a Git repository. Built once into a
 * folder (store and repository) and opened from there as often as wanted, each time in the very same state.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { exec } from "../../src/runtime/exec.ts";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.ts";
import { defaultNamespace, installChart, operatorAccount } from "../e2e/operator.ts";
import { giveEtcdRoom, keepEtcd, loadEtcd } from "./etcd.ts";
import { filePath, filesOf, fileText, type Shape, teamFolder } from "./manifests.ts";
import { type SecondProcess, startSecondProcess } from "./second/process.ts";

export interface Plan {
  readonly objects: number;
  readonly shape: Shape;
  /** The repository's first commit. */
  readonly commit: string;
}

export interface World extends Plan {
  readonly plane: ControlPlane;
  readonly auditLog: string;
  /** The work tree. */
  readonly repository: string;
  /** Makes edits and looks at what comes of them. */
  readonly editor: SecondProcess;
  /** Makes the noise, beside the editor. */
  readonly churner: SecondProcess;
  /** Of one who may do everything and whose requests are counted: the peer's. */
  peerKubeconfig(): Promise<string>;
  git(...args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

const peerNamespace = "bench-peer";
export const peerUser = `system:serviceaccount:${peerNamespace}:peer`;
const PARALLEL = 24;

/** Only those whose requests are counted are written down; the load's would be most of the log. */
const auditPolicy = JSON.stringify({
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [{ level: "Metadata", users: [operatorAccount, peerUser] }, { level: "None" }],
});

async function git(repository: string, args: readonly string[]): Promise<string> {
  const ran = await exec("git", ["-c", "user.name=bench", "-c", "user.email=bench@example.com", ...args], {
    cwd: repository,
    env: { PATH: process.env["PATH"] ?? "", HOME: repository, GIT_CONFIG_NOSYSTEM: "1" },
    timeout: 300_000,
    maxOutput: 64 << 20,
  });
  if (ran.code !== 0) throw new Error(`git ${args.join(" ")}: ${ran.stderr}`);
  return ran.stdout.toString("utf8").trim();
}

async function writeRepository(repository: string, objects: number, shape: Shape): Promise<string> {
  mkdirSync(repository, { recursive: true });
  for (let file = 0; file < filesOf(objects); file += 1) {
    const at = path.join(repository, filePath(file, shape));
    mkdirSync(path.dirname(at), { recursive: true });
    writeFileSync(at, fileText(file, objects, shape));
  }
  await git(repository, ["init", "-q", "-b", "main"]);
  await git(repository, ["config", "gc.auto", "0"]);
  await git(repository, ["add", "."]);
  await git(repository, ["commit", "-qm", "everything"]);
  // As a server has it: packed once, not for each who fetches.
  await git(repository, ["gc", "-q"]);
  return git(repository, ["rev-parse", "HEAD"]);
}

const accessOf = (plane: ControlPlane) => ({ url: plane.url, ca: plane.caData, token: plane.adminToken });

export interface BuildOptions {
  readonly folder: string;
  readonly objects: number;
  readonly shape: Shape;
  readonly say: (line: string) => void;
}

/** Objects on a server, manifests in a repository, both in the folder; nothing runs after that. */
export async function buildWorld({ folder, objects, shape, say }: BuildOptions): Promise<void> {
  mkdirSync(folder, { recursive: true });
  await giveEtcdRoom();
  const plane = await startControlPlane();
  const loader = startSecondProcess(accessOf(plane), shape);
  try {
    const seconds = await loader.run("load", { objects, parallel: PARALLEL });
    say(`${objects} objects made in ${seconds.toFixed(1)} s, ${Math.round(objects / seconds)} a second`);
    await keepEtcd(plane, path.join(folder, "etcd"));
  } finally {
    loader.stop();
    await plane.stop();
  }
  const repository = path.join(folder, "repository");
  rmSync(repository, { recursive: true, force: true });
  const commit = await writeRepository(repository, objects, shape);
  const plan: Plan = { objects, shape, commit };
  writeFileSync(path.join(folder, "world.json"), JSON.stringify(plan));
}

export interface OpenOptions {
  /** False: the server knows no WatchList, and everything is listed in pages. */
  readonly watchList?: boolean;
  /** Of the chart. */
  readonly values?: Readonly<Record<string, unknown>>;
}

function baseline(team: number, repository: string): unknown {
  return {
    apiVersion: "plumbline.dev/v1alpha1",
    kind: "Baseline",
    metadata: { name: teamFolder(team), namespace: defaultNamespace },
    spec: {
      source: { git: { url: `file://${repository}`, ref: { branch: "main" }, interval: "1h" } },
      path: teamFolder(team),
      // What a push declares otherwise is drift at once, not after ten minutes.
      gracePeriod: "0s",
      mode: "Remediate",
      remediation: { approval: "Never", limits: { maxPerMinute: 600, maxObjectsPerRevision: 10_000 } },
    },
  };
}

export const baselinePath = (team: number): string =>
  `/apis/plumbline.dev/v1alpha1/namespaces/${defaultNamespace}/baselines/${teamFolder(team)}`;

async function furnish(plane: ControlPlane, plan: Plan, repository: string, values: OpenOptions["values"]) {
  await installChart(plane, {
    values: { "sources.allowFileUrls": true, "rbac.mode": "remediate", replicaCount: 0, ...values },
  });
  const apply = async (items: readonly unknown[]): Promise<void> => {
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
    const { code, stderr } = await plane.kubectl(["apply", "-f", "-"], list);
    if (code !== 0) throw new Error(stderr);
  };
  const established = [
    "wait",
    "--for=condition=Established",
    "crd/baselines.plumbline.dev",
    "crd/drifts.plumbline.dev",
  ];
  const waited = await plane.kubectl(established);
  if (waited.code !== 0) throw new Error(waited.stderr);
  await apply([
    { apiVersion: "v1", kind: "Namespace", metadata: { name: peerNamespace } },
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "peer", namespace: peerNamespace } },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: "bench-peer" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
      subjects: [{ kind: "ServiceAccount", name: "peer", namespace: peerNamespace }],
    },
    ...Array.from({ length: plan.shape.baselines }, (_, team) => baseline(team, repository)),
  ]);
}

/** @throws where the folder holds no world */
export function readPlan(folder: string): Plan {
  return JSON.parse(readFileSync(path.join(folder, "world.json"), "utf8")) as Plan;
}

/** @throws where the folder holds no world */
export async function openWorld(folder: string, options: OpenOptions = {}): Promise<World> {
  const plan = readPlan(folder);
  const repository = path.resolve(folder, "repository");
  await git(repository, ["reset", "-q", "--hard", plan.commit]);
  await giveEtcdRoom();
  const policy = path.join(folder, "audit-policy.json");
  writeFileSync(policy, auditPolicy);
  const plane = await startControlPlane({
    audit: true,
    unsafeNoFsync: false,
    apiServerArgs: [`--audit-policy-file=${policy}`, "--audit-log-maxsize=100000"],
    ...(options.watchList === false ? { featureGates: { WatchList: false } } : {}),
  });
  try {
    await loadEtcd(plane, path.join(folder, "etcd"));
    await furnish(plane, plan, repository, options.values);
    const auditLog = plane.auditLogPath ?? "";
    if (!existsSync(auditLog)) writeFileSync(auditLog, "");
    const editor = startSecondProcess(accessOf(plane), plan.shape);
    const churner = startSecondProcess(accessOf(plane), plan.shape);
    return {
      ...plan,
      plane,
      auditLog,
      repository,
      editor,
      churner,
      peerKubeconfig: async () => plane.writeKubeconfig("peer.kubeconfig", await plane.tokenFor(peerNamespace, "peer")),
      git: (...args) => git(repository, args),
      async stop() {
        editor.stop();
        churner.stop();
        await plane.stop();
      },
    };
  } catch (error) {
    await plane.stop();
    throw error;
  }
}
