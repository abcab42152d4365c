/**
 * The comparison held against real manifests on a real API server: whatever the way an object was sent, what the
 * server gives back is in sync with the file, apart from what the server allocates. What it refuses is counted and named.
 */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getString, type JsonObject } from "../../src/model/json.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { describeWith } from "../support/describe-with.ts";
import { readCorpus, type Declared } from "./corpora.ts";
import { handEdits } from "./hand-edits.ts";
import {
  countingDifferences,
  openTruthServer,
  sentOf,
  tell,
  type Answer,
  type Sent,
  type TruthServer,
} from "./truth-server.ts";

const applications = ["online-boutique", "podinfo/deploy/webapp", "sock-shop", "voting-app", "ingress-nginx"];
const operators = ["argo-cd", "gateway-api/config/crd/standard", "gateway-api/examples/standard"];
const wide = ["kubernetes-examples", "argo-rollouts", "strimzi", "charts-rendered"];

/** Every object in one namespace of its own, as `kubectl apply -n` does. */
function place(server: TruthServer, object: KubeObject, namespace: string): KubeObject {
  if (server.isNamespaced(object) !== true) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}

function report(sent: readonly Sent[], what: string): void {
  const refused = sent.filter(({ live }) => live === undefined);
  const lines = refused.map(({ file, desired, refusal }) => {
    return `  ${file}: ${desired.kind} ${getString(desired.metadata, "name") ?? ""}: ${refusal ?? ""}`;
  });
  console.log([`${what}: ${sent.length - refused.length} objects, ${refused.length} refused`, ...lines].join("\n"));
}

function falseDifferences(server: TruthServer, sent: readonly Sent[]): readonly string[] {
  return sent.flatMap(({ file, desired, live }) => {
    if (live === undefined) return [];
    const name = `${file}: ${desired.kind} ${getString(desired.metadata, "name") ?? ""}`;
    return tell(countingDifferences(server, desired, live)).map((line) => `${name}: ${line}`);
  });
}

describeWith(["etcd", "kube-apiserver", "kubectl", "corpora"], "corpora on the API server", ({ corpora }) => {
  let plane: ControlPlane;
  let server: TruthServer;
  /** CRDs, made for good; a second one of the same name is refused. */
  const made: Sent[] = [];

  async function makeNamespace(name: string): Promise<void> {
    await server.send("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    const account: JsonObject = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default" } };
    await server.send("POST", `/api/v1/namespaces/${name}/serviceaccounts`, account);
  }

  async function sendAll(
    declared: readonly Declared[],
    namespace: string,
    send: (object: KubeObject) => Promise<Answer>,
  ): Promise<readonly Sent[]> {
    const sent: Sent[] = [];
    for (const { file, object } of declared) {
      const desired = place(server, object, namespace);
      if (server.pathOf(desired) === undefined) {
        sent.push({ file, desired, refusal: "kind not served" });
        continue;
      }
      sent.push(sentOf(file, desired, await send(desired)));
    }
    return sent;
  }

  const apply = (object: KubeObject) =>
    server.send(
      "PATCH",
      `${server.pathOf(object) ?? ""}?fieldManager=corpus&force=true`,
      object,
      "application/apply-patch+yaml",
    );
  const create = (object: KubeObject) => server.send("POST", server.pathOf(object, "collection") ?? "", object);

  /** As `kubectl apply` does client-side: a merge with what is there, and a note of what was applied. */
  async function kubectlApply(object: KubeObject): Promise<Answer> {
    const { code, stderr } = await plane.kubectl(["apply", "--validate=false", "-f", "-"], JSON.stringify(object));
    if (code !== 0) return { status: 422, body: { message: stderr } };
    return server.send("GET", server.pathOf(object) ?? "");
  }

  beforeAll(async () => {
    plane = await startControlPlane();
    server = await openTruthServer(plane);
    const crds = readCorpus(corpora, [...operators, ...wide]).filter(
      ({ object }) => object.kind === "CustomResourceDefinition",
    );
    for (const { file, object } of crds) made.push(sentOf(file, object, await create(object)));
    await wait(5000);
    await server.learn();
  });
  afterAll(async () => {
    server?.close();
    await plane?.stop();
  });

  describe("applications and operators", () => {
    // CRDs are made once, for all; they are held in the wide run.
    const declared = readCorpus(corpora, [...applications, ...operators]).filter(
      ({ object }) => object.kind !== "CustomResourceDefinition" && object.kind !== "Namespace",
    );
    const ways = [
      ["server-side apply", "by-apply", apply],
      ["plain create", "by-create", create],
      ["client-side apply", "by-kubectl", kubectlApply],
    ] as const;

    test.each(ways)("in sync after %s", async (way, namespace, send) => {
      await makeNamespace(namespace);
      const sent = await sendAll(declared, namespace, async (object) => {
        // Cluster-scoped objects stand but once; each way starts from nothing.
        if (server.isNamespaced(object) === false) await server.send("DELETE", server.pathOf(object) ?? "");
        return send(object);
      });
      report(sent, way);
      // Node ports are taken but once in the whole cluster.
      for (const { desired } of sent) {
        if (desired.kind === "Service") await server.send("DELETE", server.pathOf(desired) ?? "");
      }
      expect(sent.filter(({ live }) => live !== undefined).length).toBeGreaterThan(100);
      expect(falseDifferences(server, sent)).toEqual([]);
    });

    test("hand edits come out, each at its path, and nothing else", async () => {
      await makeNamespace("edited");
      const sent = await sendAll(declared, "edited", create);
      const wrong: string[] = [];
      let edits = 0;
      for (const { desired, live } of sent) {
        if (live === undefined || server.isNamespaced(desired) !== true) continue;
        for (const edit of handEdits(desired)) {
          const path = `${server.pathOf(desired) ?? ""}?dryRun=All`;
          const answer = await server.send("PATCH", path, edit.patch, edit.contentType);
          const { live: edited } = sentOf("", desired, answer);
          if (edited === undefined) continue;
          edits += 1;
          const found = tell(countingDifferences(server, desired, edited)).map((line) =>
            line.slice(0, line.indexOf(": ")),
          );
          if (found.join() !== edit.expected.join()) {
            wrong.push(`${desired.kind} ${getString(desired.metadata, "name") ?? ""}: ${edit.name}: ${found.join()}`);
          }
        }
      }
      console.log(`hand edits: ${edits}, wrong: ${wrong.length}`);
      expect(wrong).toEqual([]);
      expect(edits).toBeGreaterThan(200);
    });
  });

  test("wide: every object of the other corpora, as a dry-run create", { timeout: 300_000 }, async () => {
    await makeNamespace("wide");
    // Webhooks made before have no backend, and would refuse what they are asked about.
    for (const kind of ["validating", "mutating"]) {
      await server.send("DELETE", `/apis/admissionregistration.k8s.io/v1/${kind}webhookconfigurations`);
    }
    const declared = readCorpus(corpora, wide).filter(({ object }) => object.kind !== "CustomResourceDefinition");
    const own = [...made, ...(await sendAll(declared, "wide", (object) => server.dryRun(object)))];
    report(own, "wide");
    expect(own.filter(({ live }) => live !== undefined).length).toBeGreaterThan(3000);
    expect(falseDifferences(server, own)).toEqual([]);
  });
});
