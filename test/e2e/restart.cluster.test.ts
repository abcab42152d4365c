/**
 * What a restart must not do: announce or count anything twice, forget what it waits for, or leave the lease behind.
 * And what a second replica must not do: write, or export what the leader exports.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getIn, getString, isArray, type Json } from "../../src/model/json.ts";
import { describeWith } from "../support/describe-with.ts";
import { earlyInTheMinute } from "./minute.ts";
import {
  defaultNamespace,
  eventually,
  startOperator,
  untilLeads,
  type Operator,
  type StartOptions,
} from "./operator.ts";
import { hasLines, shopFiles, startWorld, type World } from "./world.ts";

const configMap = (name: string, value = "one", annotation = ""): string => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  namespace: shop
  annotations: {${annotation}}
data: {value: "${value}"}
`;

const files: Record<string, string> = {
  ...shopFiles(),
  "secret.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: token, namespace: shop}\nstringData: {a: b}\n",
  "waiting.yaml": configMap("waiting", "one", '"plumbline.dev/remediate": enabled'),
};
for (const name of ["edited", "gone", "dropped", "late", "meanwhile", "mended", "after"])
  files[`${name}.yaml`] = configMap(name);

const lease = `/apis/coordination.k8s.io/v1/namespaces/${defaultNamespace}/leases/plumbline`;
const configMapPath = (name: string): string => `/api/v1/namespaces/shop/configmaps/${name}`;

/**
 * How long what was done wrong would take to show: Events of a Baseline are gathered for two seconds. A record may be
 * written anew by then before the lines in Git are known again; ten seconds later it has them.
 */
const settle = () => new Promise((resolve) => setTimeout(resolve, 3_000));

/** `Drifted web`, of a line of what was told. */
const subjectOf = (line: unknown): string => (JSON.parse(String(line)) as string[]).slice(0, 2).join(" ");

describeWith(["etcd", "kube-apiserver", "kubectl", "helm"], "restarts", () => {
  let world: World;
  let operator: Operator;
  let standby: Operator | undefined;

  const start = async (options: StartOptions = {}): Promise<Operator> => {
    const started = await startOperator(world.plane, options);
    await started.ready();
    return started;
  };
  const edit = (name: string, value = "two"): Promise<void> =>
    world.patch(configMapPath(name), { data: { value } }, "kubectl-edit");
  const counts = (expected: Readonly<Record<string, number>>) =>
    eventually(`counts of ${JSON.stringify(expected)}`, async () => {
      const found = await world.counts("shop");
      return Object.entries(expected).every(([verdict, count]) => found[verdict] === count) ? found : undefined;
    });

  /** What Plumbline told so far, and since when each drift stands. */
  const told = async (): Promise<{ readonly events: readonly unknown[]; readonly drifts: readonly unknown[] }> => {
    const all = await world.items("/apis/events.k8s.io/v1/events");
    const events = all
      .filter((one) => getString(one, "reportingController") === "plumbline.dev/operator")
      .map((one) => [
        getString(one, "reason"),
        getString(one, "regarding", "name"),
        getString(one, "note"),
        getString(one, "metadata", "name"),
        getIn(one, "series") ?? null,
      ]);
    const drifts = (await world.drifts()).map((one) => [
      ...["verdict", "cause", "firstObserved", "lastChanged"].map((key) => getString(one, key)),
      getString(one, "object", "name"),
      getString(one, "metadata", "uid"),
      getIn(one, "changes") ?? null,
      getString(one, "remediation", "waitingFor") ?? null,
    ]);
    const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).toSorted();
    return { events: sorted(events), drifts: sorted(drifts) };
  };
  const newsSince = async (before: readonly unknown[]): Promise<readonly string[]> =>
    (await told()).events
      .filter((event) => !before.includes(event))
      .map(subjectOf)
      .toSorted();
  /** Events come last, and those of a Baseline are gathered. */
  const untilTold = (before: readonly unknown[], wanted: readonly string[]): Promise<unknown> =>
    eventually(`Events ${wanted.join(", ")}`, async () => {
      expect(await newsSince(before)).toEqual(wanted.toSorted());
      return true;
    });
  /** The metrics have so many of each verdict. */
  const untilExported = (one: Operator, wanted: Readonly<Record<string, number>>): Promise<unknown> =>
    eventually(`metrics of ${JSON.stringify(wanted)}`, async () => {
      for (const [verdict, count] of Object.entries(wanted))
        expect(await one.metric("plumbline_baseline_objects", { verdict })).toBe(count);
      return true;
    });
  const pendingOf = async (): Promise<Json> => {
    const found = getIn(await world.baseline("shop"), "status", "source", "pending");
    return isArray(found) ? found : [];
  };
  /** Writes of one process: each has a token of its own, which the audit log names. */
  const writesOf = (podName: string): readonly string[] => {
    const config = readFileSync(path.join(world.plane.folder, `${podName}.kubeconfig`), "utf8");
    const token = (JSON.parse(config) as { users: { user: { token: string } }[] }).users[0]?.user.token ?? "";
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { jti: string };
    return world
      .audit()
      .filter(
        ({ user, verb }) =>
          user.extra?.["authentication.kubernetes.io/credential-id"]?.includes(`JTI=${claims.jti}`) === true &&
          ["create", "update", "patch", "delete"].includes(verb),
      )
      .map(({ verb, objectRef }) => `${verb} ${objectRef?.resource}`);
  };

  beforeAll(async () => {
    world = await startWorld({ plane: { audit: true }, files });
    operator = await start();
    const git = { url: world.url, ref: { branch: "main" }, interval: "10m" };
    // Half of it drifts at once, and each is to be put back for itself.
    const remediation = { limits: { maxPercent: 100 } };
    await world.createBaseline("shop", { mode: "Remediate", source: { git }, remediation });
    await counts({ unknown: 1, drifted: 0, pending: 0 });
    delete files["dropped.yaml"];
    files["late.yaml"] = configMap("late", "two");
    await world.checkNow("shop", world.commit(files));
    await edit("edited");
    await edit("mended");
    await edit("waiting");
    await world.kubectl("delete", "configmap", "gone", "-n", "shop");
    await counts({ unknown: 1, drifted: 3, pending: 1, missing: 1, unmanaged: 1 });
    for (const name of ["edited", "mended", "waiting"]) await world.drifted("ConfigMap", name, hasLines);
    await world.drifted("ConfigMap", "waiting", (one) => getString(one, "remediation", "waitingFor") === "permission");
    expect(await operator.metric("plumbline_drifts_total")).toBe(5);
    const drifted = ["dropped", "edited", "mended", "waiting", "shop"].map((name) => `Drifted ${name}`);
    const lacking = ["waiting", "shop", "shop"].map((name) => `PermissionMissing ${name}`);
    await untilTold([], [...drifted, ...lacking, "Missing gone", "Missing shop"]);
    await settle();
  });
  afterAll(async () => {
    await standby?.stop();
    await operator?.stop();
    await world?.stop();
  });

  test("SIGTERM: the lease is released, the next one leads at once, and nothing is told or counted twice", async () => {
    const before = await told();
    const waiting = await pendingOf();
    expect(waiting).toHaveLength(1);
    expect(await operator.stop("SIGTERM")).toBe(0);
    expect(getString(await world.get(lease), "spec", "holderIdentity") ?? "").toBe("");
    operator = await start();
    // It does not wait for a lease to run out, which takes fifteen seconds.
    await untilLeads(operator, 10_000);
    await untilExported(operator, { drifted: 3, unmanaged: 1, pending: 1 });
    const permissions = () => operator.metric("plumbline_remediations_waiting", { reason: "permission" });
    await eventually("it waits for the permission", async () => (await permissions()) === 1 || undefined);
    await settle();
    await eventually("it is told as before", async () => {
      expect(await told()).toEqual(before);
      return true;
    });
    expect(await operator.metric("plumbline_drifts_total")).toBeUndefined();
    // Neither forgotten nor given more time.
    expect(await pendingOf()).toEqual(waiting);
  });

  test("SIGKILL: what happened while nobody looked is told and counted once, and nothing else is", async () => {
    const before = await told();
    await operator.stop("SIGKILL");
    await edit("meanwhile");
    await edit("mended", "one");
    operator = await start();
    // Until the lease of the dead has run out it looks on.
    await untilLeads(operator);
    await world.drifted("ConfigMap", "meanwhile");
    await world.noDrift("ConfigMap", "mended");
    const wanted = ["DriftResolved mended", "DriftResolved shop", "Drifted meanwhile", "Drifted shop"];
    await untilTold(before.events, wanted);
    await settle();
    expect(await newsSince(before.events)).toEqual(wanted);
    const after = await told();
    expect(before.events.filter((event) => !after.events.includes(event))).toEqual([]);
    expect(await operator.metric("plumbline_drifts_total")).toBe(1);
    expect(await operator.metric("plumbline_time_to_reconcile_seconds_count", { by: "other" })).toBe(1);
    expect(await operator.metric("plumbline_baseline_objects", { verdict: "pending" })).toBe(1);
    expect(await operator.metric("plumbline_baseline_objects", { verdict: "unmanaged" })).toBe(1);
  });

  test("two replicas: only the leader writes and exports what is of the whole", async () => {
    standby = await start({ podName: "plumbline-1", freshPorts: true });
    const streams = async (one: Operator | undefined) => one?.metric("plumbline_watch_streams", { state: "live" });
    await eventually("the standby sees what the leader sees", async () =>
      (await streams(standby)) === (await streams(operator)) ? true : undefined,
    );
    const before = await told();
    await earlyInTheMinute();
    await edit("after");
    await world.drifted("ConfigMap", "after");
    await world.event("Drifted", "after");
    await eventually("the standby judged it too", async () =>
      ((await standby?.metric("plumbline_verdict_latency_seconds_count")) ?? 0) > 0 ? true : undefined,
    );
    await settle();
    expect(writesOf("plumbline-1")).toEqual([]);
    expect(writesOf("plumbline-0")).toContain("patch drifts");
    const page = await standby.metrics();
    expect(page).not.toMatch(/^plumbline_(baseline|resource|drift|remediations|health)/m);
    expect(page).toMatch(/^plumbline_watch_streams/m);
    expect(page).toMatch(/^leader_election_master_status\{[^}]*\} 0$/m);
    const news = await newsSince(before.events);
    expect(news.filter((line) => !line.endsWith(" shop"))).toEqual(["Drifted after"]);
    expect(await operator.metric("plumbline_drifts_total")).toBe(2);
  });

  test("the leader is told to go: the standby takes over and says nothing again", async () => {
    // What the one that goes would still have summed up on the Baseline goes with it.
    const ofObjects = async () => {
      const { events, drifts } = await told();
      return { drifts, events: events.filter((event) => !subjectOf(event).endsWith(" shop")) };
    };
    // The very line in Git is looked up once it is told that something drifted.
    await eventually("every line is known", async () => (await world.drifts()).every(hasLines) || undefined);
    const before = await ofObjects();
    expect(await operator.stop("SIGTERM")).toBe(0);
    const next = standby;
    if (next === undefined) throw new Error("no standby");
    await untilLeads(next);
    await untilExported(next, { pending: 1, unmanaged: 1 });
    await settle();
    await eventually("it is told as before", async () => {
      expect(await ofObjects()).toEqual(before);
      return true;
    });
    expect(await next.metric("plumbline_drifts_total")).toBeUndefined();
    await edit("after", "one");
    await world.noDrift("ConfigMap", "after");
    await world.event("DriftResolved", "after");
  });
});
