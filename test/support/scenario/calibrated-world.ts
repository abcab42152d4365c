/** A cluster with a webhook, an operator that may ask, and what scenarios of calibration do with them. */
import { expect } from "vitest";
import type { DryRunAnswer } from "../../../src/model/dry-run.ts";
import type { KubeObject } from "../../../src/model/resource.ts";
import { FakeAdmission, webhook } from "./admission.ts";
import { baseline, configMap } from "./samples.ts";
import { World, type WorldOptions } from "./world.ts";

export const mutatorKind = "admissionregistration.k8s.io/v1/MutatingWebhookConfiguration";
export const web = configMap("web", { color: "blue" });
export const webName = "ConfigMap shop/web";

export interface Given extends Partial<WorldOptions> {
  /** One that labels every ConfigMap, unless told. */
  readonly webhooks?: readonly KubeObject[];
  readonly perSecond?: number;
  /** False: the operator may not ask. */
  readonly asks?: boolean;
}

export const labelled = (labels: Readonly<Record<string, string>>, object = web): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, labels },
});

export const refusal = (why: "no-right" | "unanswered" | "refused"): DryRunAnswer => ({
  ok: false,
  why,
  message: "because",
});

export class CalibratedWorld {
  readonly admission: FakeAdmission;
  readonly world: World;

  private constructor(admission: FakeAdmission, world: World) {
    this.admission = admission;
    this.world = world;
  }

  static async open({ webhooks = [webhook()], perSecond = 100, asks = true, ...options }: Given = {}) {
    const admission = new FakeAdmission(perSecond);
    const calibration = asks ? { calibration: admission } : {};
    const scene = new CalibratedWorld(admission, new World({ baselines: [baseline()], ...calibration, ...options }));
    const { world } = scene;
    world.live.serve(mutatorKind, "Cluster");
    for (const one of webhooks) world.live.write(one);
    world.engine.discoveryChanged();
    await scene.settle();
    return scene;
  }

  /** An answer and what follows from it take more than one round. */
  async settle(): Promise<void> {
    for (let round = 0; round < 5; round += 1) await this.world.settle();
  }

  /** Deploys what Git declares, as it is after admission. */
  async deployed(...objects: readonly KubeObject[]): Promise<void> {
    await this.world.commit(objects);
    for (const object of objects) await this.write(this.admission.admit(object));
  }

  async write(object: KubeObject): Promise<void> {
    await this.world.edit(object);
    await this.settle();
  }

  async tick(milliseconds: number): Promise<void> {
    await this.world.tick(milliseconds);
    await this.settle();
  }

  expect(verdict: string): void {
    expect(this.world.verdicts()).toMatchObject({ [webName]: verdict });
  }

  /** `added /metadata/labels/mine`, of {@link web}. */
  changes(): readonly string[] {
    const verdict = this.world.judgement(web)?.verdict;
    return verdict?.kind === "drifted" ? verdict.changes.map(({ op, pointer }) => `${op} ${pointer}`) : [];
  }

  async stop(): Promise<void> {
    this.admission.release();
    await this.world.stop();
  }
}
