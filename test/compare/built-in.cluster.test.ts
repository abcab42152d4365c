/**
 * The tables of defaults, zeros and empties against the API server itself: each object is sent as a dry-run create,
 * and what comes back is in sync with what was sent, apart from what the server allocates.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { countingDifferences, openTruthServer, sentOf, tell, type TruthServer } from "../corpus/truth-server.ts";
import { describeWith } from "../support/describe-with.ts";
import { builtInObjects } from "./built-in-objects.ts";

describeWith(["etcd", "kube-apiserver"], "built-in kinds on the API server", () => {
  let plane: ControlPlane;
  let server: TruthServer;

  beforeAll(async () => {
    plane = await startControlPlane();
    server = await openTruthServer(plane);
    const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: "default" } };
    await server.send("POST", "/api/v1/namespaces/default/serviceaccounts", account);
  });
  afterAll(async () => {
    server?.close();
    await plane?.stop();
  });

  test.each(builtInObjects)("%s", async (name, desired) => {
    const { live, refusal } = sentOf(name, desired, await server.dryRun(desired));
    expect(refusal).toBeUndefined();
    if (live !== undefined) expect(tell(countingDifferences(server, desired, live))).toEqual([]);
  });
});
