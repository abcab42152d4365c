/**
 * Webhooks and policies told from people, on a real API server and by the operator as its chart installs it: nothing
 * that admission sets is drift, everything that people set is, at its own path, and the audit log has so many dry runs
 * and not one more.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getIn, getString, type Json } from "../../src/model/json.ts";
import { describeWith } from "../support/describe-with.ts";
import { deployment, injectedShop, namespaceFile, startInjection } from "./injected-shop.ts";
import type { MutatingWebhook } from "./mutating-webhook.ts";
import { eventually, operatorAccount, startOperator, type Operator } from "./operator.ts";
import { changesOf, joined, startWorld, type World } from "./world.ts";

const web = "/apis/apps/v1/namespaces/shop/deployments/web";
const service = "/api/v1/namespaces/shop/services/front";
const configMap = (name: string): string => `/api/v1/namespaces/shop/configmaps/${name}`;
const sidecar = '.spec.template.spec.containers[name="proxy"]';

/** Quiet enough that what was set off has come to its end. Milliseconds. */
const CALM = 3_000;
const calm = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, CALM));

const pathsOf = (record: Json | undefined): readonly string[] =>
  changesOf(record).map((change) => `${getString(change, "op")} ${getString(change, "path")}`);

interface Scene {
  readonly world: World;
  readonly webhook: MutatingWebhook;
  readonly operator: Operator;
}

/** The shop is deployed through admission, declared as it was written, and judged by the operator of this mode. */
function playIn(mode: "remediate" | "report"): () => Scene {
  let scene: Scene | undefined;
  const stops: (() => unknown)[] = [];
  beforeAll(async () => {
    const world = await startWorld({ plane: { audit: true }, files: namespaceFile, values: { "rbac.mode": mode } });
    stops.push(() => world.stop());
    const webhook = await startInjection(world.plane);
    stops.unshift(() => webhook.stop());
    await world.apply(joined(injectedShop()));
    world.commit(injectedShop());
    const operator = await startOperator(world.plane);
    stops.unshift(() => operator.stop());
    await operator.ready();
    const git = { url: world.url, ref: { branch: "main" }, interval: "10m" };
    await world.createBaseline("shop", { source: { git }, gracePeriod: "0s" });
    scene = { world, webhook, operator };
  });
  afterAll(async () => {
    for (const stop of stops) await stop();
  });
  return () => {
    if (scene === undefined) throw new Error("it has not begun");
    return scene;
  };
}

/** Dry runs of the operator so far, as `create deployments` and what they are about. */
function dryRuns(world: World): readonly string[] {
  return world
    .audit()
    .filter(
      ({ user, stage, requestURI }) =>
        user.username === operatorAccount && stage === "ResponseComplete" && requestURI.includes("dryRun=All"),
    )
    .map(({ verb, objectRef, responseStatus }) => `${verb} ${objectRef?.resource} ${responseStatus?.code}`)
    .toSorted();
}

describeWith(["etcd", "kube-apiserver", "kubectl", "helm"], "calibration", () => {
  describe("in rbac.mode remediate", () => {
    const scene = playIn("remediate");

    const inSync = (count: number): Promise<unknown> =>
      eventually(`${count} in sync`, async () =>
        (await scene().world.counts("shop"))["inSync"] === count ? true : undefined,
      );
    const exactly = (kind: string, name: string, ...paths: readonly string[]): Promise<Json> =>
      scene().world.drifted(kind, name, (record) => JSON.stringify(pathsOf(record)) === JSON.stringify(paths));

    test("what is injected is really there", async () => {
      expect(getIn(await scene().world.get(web), "spec", "template", "spec", "containers")).toHaveLength(2);
      expect(getString(await scene().world.get(configMap("settings")), "data", "mode")).toBe("fixed");
      expect(getString(await scene().world.get(configMap("settings")), "metadata", "labels", "cost")).toBe("12");
      expect(getString(await scene().world.get(service), "metadata", "annotations", "example.com/owner")).toBe(
        "platform",
      );
    });

    test("nothing that admission sets is drift, at one dry run for each object it changed", async () => {
      await inSync(6);
      expect(await scene().world.drifts()).toEqual([]);
      expect(dryRuns(scene().world)).toEqual([
        "create configmaps 201",
        // The time it was stamped at is another at each write: that takes a second look to know.
        "create configmaps 201",
        "create configmaps 201",
        "create deployments 201",
        // Its port is taken, by itself.
        "create services 422",
        "patch services 200",
      ]);
      expect(await scene().world.events("Drifted", "web")).toEqual([]);
      expect(await scene().operator.metric("plumbline_calibrations_total", { result: "learned" })).toBe(5);
      expect(
        await scene().operator.metric("plumbline_suppressed_changes", { rule: "learned-default" }),
      ).toBeGreaterThan(4);
    });

    test("the dry runs left nothing behind", async () => {
      const names = async (pathname: string) =>
        (await scene().world.items(pathname)).map((one) => getString(one, "metadata", "name")).toSorted();
      expect(await names("/api/v1/namespaces/shop/configmaps")).toEqual(["settings", "stamped"]);
      expect(await names("/apis/apps/v1/namespaces/shop/deployments")).toEqual(["web"]);
      expect(await names("/api/v1/namespaces/shop/services")).toEqual(["front"]);
      expect(scene().webhook.reviews.some(({ dryRun }) => dryRun)).toBe(true);
    });

    test("a hand edit beside what was injected is found at exactly its path", async () => {
      const before = dryRuns(scene().world).length;
      await scene().world.patch(web, { spec: { replicas: 5 } });
      await exactly("Deployment", "web", "changed .spec.replicas");
      await scene().world.patch(web, { spec: { replicas: 2 } });
      await scene().world.noDrift("Deployment", "web");
      await scene().world.patch(configMap("settings"), { metadata: { labels: { mine: "x" } } });
      await exactly("ConfigMap", "settings", "added .metadata.labels.mine");
      await scene().world.patch(configMap("settings"), { metadata: { labels: { mine: null } } });
      await scene().world.noDrift("ConfigMap", "settings");
      expect(dryRuns(scene().world)).toHaveLength(before);
    });

    test("a container added by hand beside the injected one is found, and only it", async () => {
      await scene().world.patch(web, [
        { op: "add", path: "/spec/template/spec/containers/-", value: { name: "miner", image: "miner:1" } },
      ]);
      await exactly("Deployment", "web", 'added .spec.template.spec.containers[name="miner"]');
      await scene().world.patch(web, [{ op: "remove", path: "/spec/template/spec/containers/2" }]);
      await scene().world.noDrift("Deployment", "web");
    });

    test("an edit of what was injected is found at its path, with what admission sets; one more dry run", async () => {
      const before = dryRuns(scene().world).length;
      const image = "/spec/template/spec/containers/1/image";
      await scene().world.patch(web, [{ op: "replace", path: image, value: "proxy:evil" }]);
      const record = await exactly("Deployment", "web", `added ${sidecar}.image`);
      expect(getIn(changesOf(record)[0], "defaulted")).toBe("proxy:1.0");
      expect(getIn(changesOf(record)[0], "live")).toBe("proxy:evil");
      await scene().world.patch(web, [{ op: "replace", path: image, value: "proxy:1.0" }]);
      await scene().world.noDrift("Deployment", "web");
      await scene().world.patch(web, [{ op: "replace", path: image, value: "proxy:evil" }]);
      await exactly("Deployment", "web", `added ${sidecar}.image`);
      expect(dryRuns(scene().world)).toHaveLength(before + 1);
    });

    test("a heal puts back what admission sets", async () => {
      await scene().world.patch("/apis/plumbline.dev/v1alpha1/namespaces/plumbline-system/baselines/shop", {
        spec: { mode: "Remediate", remediation: { scope: "OptOut", approval: "Never" } },
      });
      await scene().world.noDrift("Deployment", "web");
      expect(getIn(await scene().world.get(web), "spec", "template", "spec", "containers")).toMatchObject([
        { name: "web", image: "web:1.4" },
        { name: "proxy", image: "proxy:1.0" },
      ]);
      await scene().world.patch("/apis/plumbline.dev/v1alpha1/namespaces/plumbline-system/baselines/shop", {
        spec: { mode: "Alert" },
      });
      await eventually("nothing is put back any more", () =>
        scene().operator.metric("plumbline_baseline_info", { baseline: "shop", mode: "Alert" }),
      );
    });

    test("a value that Git states and admission rewrites: admission's is no drift, another is", async () => {
      await scene().world.patch(configMap("settings"), { data: { mode: "off" } });
      const record = await exactly("ConfigMap", "settings", "changed .data.mode");
      expect(getIn(changesOf(record)[0], "desired")).toBe("auto");
      await scene().world.patch(configMap("settings"), { data: { mode: "auto" } });
      await scene().world.noDrift("ConfigMap", "settings");
    });

    test("of a new revision, only what differs in it is asked for, once", async () => {
      const before = dryRuns(scene().world).length;
      const next = injectedShop(deployment(3, "web:1.5"));
      const commit = scene().world.commit(next);
      await scene().world.checkNow("shop", commit);
      await scene().world.apply(next["web.yaml"] ?? "");
      // The status may be that of before: of this revision it is true only once the server was asked.
      await eventually("asked", () => dryRuns(scene().world).length > before);
      await inSync(6);
      await scene().world.noDrift("Deployment", "web");
      expect(dryRuns(scene().world)).toHaveLength(before + 1);
    });

    test("in the steady state nobody is asked anything", async () => {
      await calm();
      const before = dryRuns(scene().world).length;
      for (let write = 0; write < 5; write += 1)
        await scene().world.patch("/api/v1/namespaces/shop/limitranges/limits", {
          metadata: { labels: { write: `${write}` } },
        });
      await scene().world.drifted("LimitRange", "limits");
      await calm();
      expect(dryRuns(scene().world)).toHaveLength(before);
    });
  });

  describe("in rbac.mode report", () => {
    const scene = playIn("report");

    test("nothing is dry-run, and what admission adds is reported as what it is, a difference", async () => {
      const record = await scene().world.drifted("Deployment", "web");
      expect(pathsOf(record)).toEqual([`added ${sidecar}`]);
      expect(pathsOf(await scene().world.drifted("ConfigMap", "settings"))).toEqual([
        "changed .data.mode",
        "added .metadata.labels.cost",
      ]);
      await calm();
      expect(dryRuns(scene().world)).toEqual([]);
      expect(await scene().operator.metric("plumbline_calibrations_total")).toBeUndefined();
    });
  });
});
