/** What the API server makes of custom resources (defaults, nulls, empties, pruning) against what the comparison expects. */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { countingDifferences, openTruthServer, sentOf, tell, type TruthServer } from "../corpus/truth-server.ts";
import { describeWith } from "../support/describe-with.ts";
import { customDefinition, customObjects } from "./custom-objects.ts";

describeWith(["etcd", "kube-apiserver"], "custom resources on the API server", () => {
  let plane: ControlPlane;
  let server: TruthServer;

  beforeAll(async () => {
    plane = await startControlPlane();
    server = await openTruthServer(plane);
    await server.send("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", customDefinition);
    for (let tries = 0; tries < 60; tries += 1) {
      const { status } = await server.send("GET", "/apis/example.com/v1/samples");
      if (status === 200) break;
      await wait(250);
    }
    // Served on one path is not yet served on all: writes of a kind just made may be refused for a second.
    await wait(2000);
    await server.learn();
  });
  afterAll(async () => {
    server?.close();
    await plane?.stop();
  });

  test.each(customObjects)("%s", async (name, desired) => {
    const { live, refusal } = sentOf(name, desired, await server.dryRun(desired));
    expect(refusal).toBeUndefined();
    if (live !== undefined) expect(tell(countingDifferences(server, desired, live))).toEqual([]);
  });
});
