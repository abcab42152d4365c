/** A cluster in which a Baseline has searched what nobody declares, and what scenarios of that do with it. */
import type { Baseline } from "../../../src/model/baseline.ts";
import type { JsonObject } from "../../../src/model/json.ts";
import type { KubeObject } from "../../../src/model/resource.ts";
import type { BaselineKey } from "../../../src/model/snapshot.ts";
import type { LeaveReason } from "../../../src/model/verdict.ts";
import { baseline, configMap } from "./samples.ts";
import { World, type WorldOptions } from "./world.ts";

export const web = configMap("web", { color: "blue" });
export const hand = configMap("hand", { made: "by hand" });
export const handName = "ConfigMap shop/hand";

/** Searched at once: nobody waits until Git was asked. */
export const searched = (more: Partial<Baseline> = {}, name = "shop"): Baseline =>
  baseline(name, { unmanaged: { scope: "Namespaces" }, gracePeriod: 0, ...more });

export const withMetadata = (object: KubeObject, more: JsonObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, ...more },
});

export class SearchedWorld extends World {
  constructor(options: Partial<WorldOptions> = {}) {
    super({ baselines: [searched()], ...options });
  }

  /** In sync, with everything that is searched listed. */
  static async open(options: Partial<WorldOptions> = {}): Promise<SearchedWorld> {
    const world = new SearchedWorld(options);
    await world.start();
    return world;
  }

  async start(): Promise<void> {
    await this.commit([web]);
    await this.deploy();
    await this.rest();
  }

  /** What is found is looked at, judged and told one after the other. */
  async rest(): Promise<void> {
    for (let round = 0; round < 4; round += 1) await this.settle();
  }

  async write(object: KubeObject): Promise<void> {
    await this.edit(object);
    await this.rest();
  }

  async declare(...objects: readonly KubeObject[]): Promise<void> {
    await this.commit(objects);
    await this.rest();
  }

  verdictOf(name: string, key: BaselineKey = this.key): string | undefined {
    return this.verdicts(key)[name];
  }

  /** Why objects left, in order. */
  left(): readonly (LeaveReason | undefined)[] {
    return this.transitions.flatMap(({ after, left }) => (after === undefined ? [left] : []));
  }
}
