/**
 * Who did it, as the API server records it: objects deployed and edited with the very commands people type, and what the
 * verdict says of each change. The table is held against the server, not against what documentation promises.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { formatJson, isArray } from "../../src/model/json.ts";
import { formatPath } from "../../src/model/path.ts";
import type { KubeObject } from "../../src/model/resource.ts";
import type { Change } from "../../src/model/verdict.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { openTruthServer, type TruthServer } from "../corpus/truth-server.ts";
import { describeWith } from "../support/describe-with.ts";
import { attributionCases } from "./attribution-cases.ts";
import type { Step } from "./attribution-commands.ts";
import { judgeOn, readObject } from "./server-judge.ts";

/** `changed .spec.replicas: kubectl Update of scale, exact, no time`. */
function tell({ op, path, owner }: Change): string {
  const way = owner.subresource === "" ? owner.operation : `${owner.operation} of ${owner.subresource}`;
  const who = owner.manager === "" ? "nobody" : `${owner.manager} ${way}`;
  const previous = owner.previous === undefined ? "" : `, before ${owner.previous.manager}`;
  return `${op} ${formatPath(path)}: ${who}, ${owner.confidence}${owner.time === undefined ? ", no time" : ""}${previous}`;
}

describeWith(["etcd", "kube-apiserver", "kubectl"], "who did it, on the API server", () => {
  let plane: ControlPlane;
  let server: TruthServer;

  beforeAll(async () => {
    plane = await startControlPlane();
    server = await openTruthServer(plane);
  });
  afterAll(async () => {
    server?.close();
    await plane?.stop();
  });

  async function run(step: Step, object: KubeObject): Promise<void> {
    if ("kubectl" in step) {
      const input = step.object === undefined ? undefined : formatJson(step.object(object));
      const { code, stderr } = await plane.kubectl(step.kubectl, input, step.env);
      if (code !== 0) throw new Error(`kubectl ${step.kubectl.join(" ")}: ${stderr}`);
      return;
    }
    const at = step.version === undefined ? object : { ...object, apiVersion: step.version };
    const target = step.method === "POST" ? server.pathOf(at, "collection") : server.pathOf(at);
    const query = step.manager === undefined ? "" : `?fieldManager=${step.manager}`;
    const type = isArray(step.body) ? "application/json-patch+json" : "application/merge-patch+json";
    const answer = await server.send(
      step.method,
      `${target}${query}`,
      step.body ?? object,
      step.method === "POST" ? undefined : type,
    );
    if (answer.status >= 300) throw new Error(`${step.method}: ${answer.status} ${formatJson(answer.body)}`);
  }

  test.each(attributionCases.map((one, at) => [one.name, one, `who-${at}`] as const))("%s", async (_, one, name) => {
    const object = one.object(name);
    const started = Math.floor(Date.now() / 1000) * 1000;
    for (const step of one.deployed) await run(step, object);
    const before = await readObject(server, object);
    for (const step of one.edited(name)) await run(step, object);
    const after = await readObject(server, object);
    const { verdict } = judgeOn(server, { desired: object, live: after, before });
    const changes = verdict.kind === "drifted" ? verdict.changes : [];
    expect(changes.map(tell)).toEqual(one.expected);
    expect(verdict.kind === "drifted" && verdict.ownershipWiped).toBe(one.wiped === true);
    for (const { owner } of changes) {
      if (owner.time === undefined) continue;
      expect(Date.parse(owner.time)).toBeGreaterThanOrEqual(started);
      expect(Date.parse(owner.time)).toBeLessThanOrEqual(Date.now());
    }
    const versions = [before, after].map((each) => String(each.metadata["resourceVersion"]));
    for (const { owner } of changes)
      if (owner.previous !== undefined) expect([owner.previous.after, owner.previous.before]).toEqual(versions);
  });
});
