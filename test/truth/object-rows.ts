/** What can happen to a whole object, as rows: each is really done to one that stands, and then judged. */
import { getIn, getString } from "../../src/model/json.ts";
import type { LiveView } from "../../src/model/live.ts";
import { formatPath } from "../../src/model/path.ts";
import { isKubeObject, type KubeObject } from "../../src/model/resource.ts";
import { decide, type DecideInput } from "../../src/verdict/decide.ts";
import type { TruthServer } from "../corpus/truth-server.ts";
import { deploy } from "./deployers.ts";
import { liveAs, question } from "./judge.ts";
import type { Standing } from "./stage.ts";

export interface Outcome {
  readonly expected: readonly string[];
  readonly found: readonly string[];
}

export interface ObjectRow {
  readonly name: string;
  /** Undefined where the server would not let it happen. */
  readonly run: (server: TruthServer, standing: Standing) => Promise<Outcome | undefined>;
}

const merge = "application/merge-patch+json";
const FORGED = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  name: "forged",
  uid: "00000000-0000-4000-8000-000000000000",
};

/** As the operator looks once more before it says that something is gone. */
export async function lookAt(server: TruthServer, path: string): Promise<LiveView> {
  const { status, body } = await server.send("GET", path);
  if (status === 404) return { state: "absent" };
  if (isKubeObject(body) && status === 200) return { state: "present", live: liveAs(body) };
  const message = getString(body, "message") ?? `status ${status}`;
  return { state: "unseen", problem: { code: status === 403 ? "forbidden" : "cluster-unreachable", message } };
}

/** The verdict in a line, with what it must carry. */
export function verdictLine(input: DecideInput): string {
  const { verdict } = decide(input);
  switch (verdict.kind) {
    case "drifted":
      return `drifted ${verdict.changes.map(({ op, path }) => `${op} ${formatPath(path)}`).join(", ")}`;
    case "missing":
    case "unmanaged":
      return `${verdict.kind} ${verdict.cause}`;
    case "terminating":
      return `terminating, held by ${verdict.finalizers.join(", ")}`;
    case "unknown":
      return `unknown ${verdict.problem.code}`;
    default:
      return verdict.kind;
  }
}

async function judged(
  server: TruthServer,
  { desired, live, path }: Standing,
  changes: Partial<DecideInput> = {},
): Promise<string> {
  const view = await lookAt(server, path);
  return verdictLine({ ...question(server, desired, live), live: view, ...changes });
}

const outcome = (expected: string, found: string): Outcome => ({ expected: [expected], found: [found] });

async function patch(
  server: TruthServer,
  { path }: Standing,
  metadata: { readonly [key: string]: readonly unknown[] },
): Promise<KubeObject | undefined> {
  const { status, body } = await server.send(
    "PATCH",
    `${path}?fieldManager=kubectl-edit`,
    { metadata } as never,
    merge,
  );
  return status < 300 && isKubeObject(body) ? body : undefined;
}

/** True where the server let it go at once. */
async function remove(server: TruthServer, { path }: Standing): Promise<boolean> {
  const query = "?propagationPolicy=Background&gracePeriodSeconds=0";
  const { status } = await server.send("DELETE", `${path}${query}`);
  return status < 300 && (await server.send("GET", path)).status === 404;
}

const finalizersOf = ({ live }: Standing): readonly unknown[] => {
  const found = live.metadata["finalizers"];
  return Array.isArray(found) ? found : [];
};

/** A Job that deletes itself once it has run, or a hook that its tool deletes: nobody misses it. */
function mayGo({ desired }: Standing): boolean {
  const isBrief = desired.kind === "Job" && getIn(desired, "spec", "ttlSecondsAfterFinished") !== undefined;
  const marks = getIn(desired.metadata, "annotations");
  const policies = ["helm.sh/hook-delete-policy", "argocd.argoproj.io/hook-delete-policy"];
  return isBrief || policies.some((name) => /succeeded|failed/i.test(getString(marks, name) ?? ""));
}

export const objectRows: readonly ObjectRow[] = [
  {
    name: "untouched",
    run: async (server, one) => outcome("in-sync", await judged(server, one)),
  },
  {
    name: "forged owner",
    run: async (server, one) => {
      if ((await patch(server, one, { ownerReferences: [FORGED] })) === undefined) return undefined;
      const found = await judged(server, one);
      return outcome(`drifted added .metadata.ownerReferences[uid="${FORGED.uid}"]`, found);
    },
  },
  {
    name: "dropped from Git, under a forged owner",
    run: async (server, one) =>
      outcome("unmanaged dropped-from-git", await judged(server, one, { desired: undefined })),
  },
  {
    name: "dropped from Git, and not all of Git could be read",
    run: async (server, one) =>
      outcome("unknown render-failed", await judged(server, one, { desired: undefined, snapshotComplete: false })),
  },
  {
    name: "owner taken away again",
    run: async (server, one) => {
      if ((await patch(server, one, { ownerReferences: [] })) === undefined) return undefined;
      return outcome("in-sync", await judged(server, one));
    },
  },
  {
    name: "deleted, held by a finalizer",
    run: async (server, one) => {
      const held = [...finalizersOf(one), "example.com/hold"];
      if ((await patch(server, one, { finalizers: held })) === undefined) return undefined;
      await remove(server, one);
      return outcome(`terminating, held by ${held.join(", ")}`, await judged(server, one));
    },
  },
  {
    name: "deleted, no longer declared, still held",
    run: async (server, one) => {
      const held = [...finalizersOf(one), "example.com/hold"];
      return outcome(`terminating, held by ${held.join(", ")}`, await judged(server, one, { desired: undefined }));
    },
  },
  {
    name: "gone",
    run: async (server, one) => {
      await patch(server, one, { finalizers: [] });
      return outcome(mayGo(one) ? "excluded" : "missing deletion", await judged(server, one));
    },
  },
  {
    name: "declared a moment ago, never seen",
    run: async (server, one) => {
      const input = question(server, one.desired, one.live);
      const found = await judged(server, one, { seenLive: false, changedAt: input.now });
      return outcome("pending", found);
    },
  },
  {
    name: "gone, and no longer declared",
    run: async (server, one) => outcome("in-sync", await judged(server, one, { desired: undefined })),
  },
  {
    name: "deployed again under another uid",
    run: async (server, one) => {
      const { status, body } = await deploy(server, one.desired, one.deployer, false);
      if (status >= 300 || !isKubeObject(body)) return undefined;
      const isNew = body.metadata["uid"] !== one.live.metadata["uid"];
      return outcome("in-sync", isNew ? await judged(server, one) : "the same uid");
    },
  },
];
