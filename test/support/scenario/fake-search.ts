/** What a cluster in memory serves and holds, behind the engine's `SearchPort`. */
import type { SearchPort, ServedKind } from "../../../src/engine/ports.ts";
import type { Baseline } from "../../../src/model/baseline.ts";
import type { LiveView } from "../../../src/model/live.ts";
import { formatId, idOf, type KindRef, type ResourceId } from "../../../src/model/resource.ts";
import type { FakeLive } from "./fake-live.ts";

export class FakeSearch implements SearchPort {
  readonly #live: FakeLive;
  /** Those that the cluster does not serve are left out. */
  readonly served: Omit<ServedKind, "namespaced">[] = [
    { group: "", kind: "ConfigMap", versions: ["v1"] },
    { group: "", kind: "Secret", versions: ["v1"] },
    { group: "", kind: "Namespace", versions: ["v1"] },
    { group: "", kind: "Pod", versions: ["v1"] },
    { group: "", kind: "PersistentVolumeClaim", versions: ["v1"] },
    { group: "", kind: "Event", versions: ["v1"] },
    { group: "apps", kind: "Deployment", versions: ["v1"] },
    { group: "apps", kind: "ReplicaSet", versions: ["v1"] },
    { group: "apps", kind: "StatefulSet", versions: ["v1"] },
    { group: "example.com", kind: "Widget", versions: ["v1", "v1beta1"] },
    { group: "rbac.authorization.k8s.io", kind: "ClusterRole", versions: ["v1"] },
  ];
  /** What Baselines of other processes declare, by `ConfigMap shop/web`. */
  readonly elsewhere = new Map<string, readonly Baseline[]>();
  isElsewhereKnown = true;
  /** How many names were passed over, and how many objects were looked at. */
  named = 0;
  glimpsed = 0;

  constructor(live: FakeLive) {
    this.#live = live;
  }

  kinds(): readonly ServedKind[] {
    return this.served.flatMap(({ group, kind, versions }): ServedKind[] => {
      const scopes = versions.flatMap((version) => this.#live.scopeOf({ group, version, kind }) ?? []);
      return scopes[0] === undefined ? [] : [{ group, kind, versions, namespaced: scopes[0] === "Namespaced" }];
    });
  }

  *names(kind: KindRef): Iterable<readonly [string, string]> {
    for (const { object } of this.#live.list(kind)) {
      const { namespace, name } = idOf(object);
      this.named += 1;
      yield [namespace, name];
    }
  }

  glimpse(id: ResourceId, version: string): LiveView {
    this.glimpsed += 1;
    return this.#live.view(id, version);
  }

  declaredElsewhere(id: ResourceId): readonly Baseline[] | "asking" {
    return this.isElsewhereKnown ? (this.elsewhere.get(formatId(id)) ?? []) : "asking";
  }
}
