/** The steady state costs the API server nothing: while nothing happens, no request but the lease's and watches renewed. */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWith } from "../support/describe-with.ts";
import { eventually, operatorAccount, startOperator, type Operator } from "./operator.ts";
import { hasLines, shopFiles, startWorld, type AuditEntry, type World } from "./world.ts";

/** Milliseconds. */
const quietFor = 20_000;

describeWith(["etcd", "kube-apiserver", "kubectl", "helm"], "in the steady state", () => {
  let world: World;
  let operator: Operator;

  beforeAll(async () => {
    world = await startWorld({ plane: { audit: true }, files: shopFiles() });
    operator = await startOperator(world.plane);
    await operator.ready();
    // Git is asked every second, finds nothing new, and that too is no affair of the API server's.
    const git = { url: world.url, ref: { branch: "main" }, interval: "1s" };
    await world.createBaseline("shop", { source: { git } });
    await world.patch("/api/v1/namespaces/shop/configmaps/web", { data: { THEME: "dark" } });
    await world.drifted("ConfigMap", "web", hasLines);
    await eventually("told in the status", async () =>
      (await world.counts("shop"))["drifted"] === 1 ? true : undefined,
    );
  });
  afterAll(async () => {
    await operator?.stop();
    await world?.stop();
  });

  /** Of the operator, received at or after a moment. */
  const requestsSince = (from: number): readonly AuditEntry[] =>
    world.audit().filter(({ user, stage, requestReceivedTimestamp }) => {
      const at = Date.parse(requestReceivedTimestamp);
      return user.username === operatorAccount && stage === "ResponseComplete" && at >= from;
    });
  const othersIn = (requests: readonly AuditEntry[]): readonly AuditEntry[] =>
    requests.filter(
      ({ verb, objectRef }) =>
        verb !== "watch" && !(objectRef?.resource === "leases" && ["get", "update"].includes(verb)),
    );

  test("no requests but renewals of the lease and of watches, even with drift standing", async () => {
    // What was set off has a few seconds more: an Event on the Baseline, a last look at discovery.
    await wait(8_000);
    await eventually("that is over", () => othersIn(requestsSince(Date.now() - 8_000)).length === 0 || undefined, {
      every: 500,
    });
    const from = Date.now();
    await wait(quietFor);
    const requests = requestsSince(from);
    const took = Date.now() - from;
    expect(othersIn(requests).map(({ verb, requestURI }) => `${verb} ${requestURI}`)).toEqual([]);
    const renewals = requests.filter(({ objectRef }) => objectRef?.resource === "leases");
    expect(renewals.length).toBeGreaterThan(0);
    // Every two seconds one look and one renewal.
    expect(renewals.length).toBeLessThanOrEqual((2 * took) / 2_000 + 2);
  });
});
