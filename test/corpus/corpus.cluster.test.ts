/**
 * A sample of `npm run truth` for every run of the tests: each leg over the smaller corpora, with a fixed seed, and every
 * object of the large ones as a dry-run create. What the server refuses is counted and named.
 */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getString } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { describeWith } from "../support/describe-with.ts";
import { attribution } from "../truth/attribution.ts";
import { equivalence } from "../truth/equivalence.ts";
import { identity } from "../truth/identity.ts";
import type { LegContext } from "../truth/leg.ts";
import { mutation } from "../truth/mutation.ts";
import { objectLevel } from "../truth/object-level.ts";
import { printReport } from "../truth/report.ts";
import { setStage } from "../truth/stage.ts";
import { isWrong } from "../truth/tally.ts";
import { readCorpus, type Declared } from "./corpora.ts";
import { countingDifferences, openTruthServer, sentOf, tell, type Sent, type TruthServer } from "./truth-server.ts";

const small = ["online-boutique", "podinfo/deploy", "sock-shop", "voting-app", "ingress-nginx"];
const wide = ["kubernetes-examples", "argo-rollouts", "argo-cd", "strimzi", "gateway-api", "charts-rendered"];
const isDefinition = ({ object }: Declared): boolean => object.kind === "CustomResourceDefinition";

describeWith(["etcd", "kube-apiserver", "corpora"], "a sample of the truth", ({ corpora }) => {
  let plane: ControlPlane;
  let server: TruthServer;
  let context: LegContext;

  beforeAll(async () => {
    plane = await startControlPlane();
    server = await openTruthServer(plane);
    const declared = readCorpus(corpora, small);
    const progress = (): void => {};
    const stage = setStage(server, declared, { everyWay: true, progress });
    context = { plane, server, declared, seed: 4, count: 400, sample: 20, stage, progress };
  });
  afterAll(async () => {
    server?.close();
    await plane?.stop();
  });

  // In this order: the last one takes away what the others look at.
  test.each([identity, equivalence, mutation, attribution, objectLevel])("$name: $about", async (leg) => {
    const report = await leg.run(context);
    console.log(printReport(report, false));
    expect(report.cases.length).toBeGreaterThan(100);
    expect(report.cases.filter(isWrong)).toEqual([]);
  });
});

describeWith(["etcd", "kube-apiserver", "corpora"], "the large corpora", ({ corpora }) => {
  let plane: ControlPlane;
  let server: TruthServer;
  const made: Sent[] = [];

  beforeAll(async () => {
    plane = await startControlPlane();
    server = await openTruthServer(plane);
    for (const { file, object } of readCorpus(corpora, wide).filter(isDefinition))
      made.push(sentOf(file, object, await server.send("POST", server.pathOf(object, "collection") ?? "", object)));
    // A kind just made is served, and published, a moment later.
    await wait(5_000);
    await server.learn();
    await server.send("POST", "/api/v1/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "wide" },
    });
  });
  afterAll(async () => {
    server?.close();
    await plane?.stop();
  });

  function place(object: KubeObject): KubeObject {
    return server.isNamespaced(object) === true
      ? { ...object, metadata: { ...object.metadata, namespace: "wide" } }
      : object;
  }

  test("as dry-run creates: every object is in sync with what the server makes of it", {
    timeout: 300_000,
  }, async () => {
    const sent: Sent[] = [...made];
    for (const one of readCorpus(corpora, wide)) {
      if (isDefinition(one)) continue;
      const desired = place(one.object);
      if (server.pathOf(desired) === undefined) sent.push({ file: one.file, desired, refusal: "kind not served" });
      else sent.push(sentOf(one.file, desired, await server.dryRun(desired)));
    }
    const refused = sent.filter(({ live }) => live === undefined);
    const lines = refused.map(({ file, desired, refusal }) => `  ${file}: ${nameOf(desired)}: ${refusal ?? ""}`);
    console.log([`${sent.length - refused.length} objects, ${refused.length} refused`, ...lines].join("\n"));
    const wrong = sent.flatMap(({ file, desired, live }) => {
      if (live === undefined) return [];
      return tell(countingDifferences(server, desired, live)).map((line) => `${file}: ${nameOf(desired)}: ${line}`);
    });
    expect(sent.length - refused.length).toBeGreaterThan(3000);
    expect(wrong).toEqual([]);
  });
});

const nameOf = ({ kind, metadata }: KubeObject): string => `${kind} ${getString(metadata, "name") ?? ""}`;
