/** What the API server makes of custom resources (defaults, nulls, empties, pruning) against what the comparison expects. */
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
    await server.learnOf(customObjects.slice(0, 1).map(([, object]) => object));
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
