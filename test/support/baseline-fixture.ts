/** A Baseline that says nothing of its own: every setting as its default is. */
import type { Baseline } from "../../src/model/baseline.ts";
import { baselineKey } from "../../src/model/snapshot.ts";

const minute = 60_000;

export function plainBaseline(changes: Partial<Baseline> = {}): Baseline {
  return {
    key: baselineKey("platform", "shop"),
    namespace: "platform",
    name: "shop",
    uid: "uid-of-shop",
    generation: 1,
    git: {
      url: "https://git.example/shop.git",
      ref: { kind: "branch", name: "main" },
      interval: minute,
      timeout: minute,
      submodules: false,
    },
    path: "",
    exclude: [],
    render: "Auto",
    mode: "Alert",
    gracePeriod: 10 * minute,
    compare: { addedFields: "TrustControllers", ignore: [], sensitive: [] },
    severity: [],
    remediation: {
      scope: "OptIn",
      causes: ["live-edit", "deletion"],
      approval: "HighRisk",
      maxPerMinute: 30,
      maxObjectsPerRevision: 100,
      retries: 5,
      maxPercent: 20,
      prune: false,
      recreate: false,
      onUnhealthy: "None",
      windows: [],
      allowProtected: [],
    },
    exempt: [],
    minCompliance: 0.99,
    suspend: false,
    ...changes,
  };
}
