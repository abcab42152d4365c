import { describe, expect, test } from "vitest";
import type { Change, Verdict } from "../../src/model/verdict.ts";
import { decide, type DecideInput, type Decision } from "../../src/verdict/decide.ts";
import { NOW, baseline, declared, deployment, liveOf, managedEntry, present, situation } from "./pair-fixture.ts";

const MINUTE = 60_000;
const git = deployment();
const edited = deployment({ replicas: 5 });
const newer = deployment({ replicas: 3 });
const marked = (annotations: Record<string, string>) => declared(deployment({}, { annotations }));

const dying = deployment({}, { deletionTimestamp: "2026-11-21T11:59:00Z", finalizers: ["example.com/hold"] });
const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "key", namespace: "shop" } };

function driftOf(changes: Partial<DecideInput>): Extract<Verdict, { kind: "drifted" }> {
  const { verdict } = decide(situation(changes));
  if (verdict.kind !== "drifted") throw new Error(`expected drifted, found ${verdict.kind}`);
  return verdict;
}

const pathsOf = (changes: readonly Change[]): readonly string[] => changes.map((change) => change.pointer);
const codes = (decision: Decision): readonly string[] => decision.warnings.map((warning) => warning.code);

describe("payloads", () => {
  test("a change carries values, pointer, owner, severity and cause", () => {
    const managedFields = JSON.stringify([managedEntry("kubectl-scale", { "f:spec": { "f:replicas": {} } })]);
    const [change] = driftOf({ live: present(edited, { managedFields }) }).changes;
    expect(change).toMatchObject({
      op: "changed",
      pointer: "/spec/replicas",
      desired: 2,
      live: 5,
      sensitive: false,
      severity: "medium",
      class: "workload",
      cause: "live-edit",
      owner: { manager: "kubectl-scale", operation: "Update", confidence: "exact", time: "2026-11-21T11:00:00Z" },
    });
  });

  test("grace counts from the fetch of the revision, and says when it ends", () => {
    const { verdict } = decide(situation({ desired: declared(newer), changedAt: NOW - MINUTE }));
    expect(verdict).toEqual({ kind: "pending", reason: "changed", until: NOW + 9 * MINUTE });
  });

  test("Git moved one path, somebody another: each has its own cause", () => {
    const verdict = driftOf({
      desired: declared(deployment({ replicas: 3 })),
      live: present(deployment({ paused: true })),
    });
    expect(Object.fromEntries(verdict.changes.map((one) => [one.pointer, one.cause]))).toEqual({
      "/spec/paused": "live-edit",
      "/spec/replicas": "rollout",
    });
    expect(verdict.cause).toBe("live-edit");
  });

  test("terminating says since when and what holds it", () => {
    expect(decide(situation({ live: present(dying) })).verdict).toMatchObject({
      since: "2026-11-21T11:59:00Z",
      finalizers: ["example.com/hold"],
      severity: "high",
      class: "workload",
    });
  });

  test("undeclared and gone: the Baseline may forget it", () => {
    expect(decide(situation({ desired: undefined, live: { state: "absent" } })).gone).toBe(true);
    expect(decide(situation({ live: { state: "absent" } })).gone).toBeUndefined();
  });

  test("a Secret's values are nowhere in a decision, on either side", () => {
    const declaredSecret = { ...secret, stringData: { password: "CANARY-GIT" } };
    const liveSecret = { ...secret, data: { password: btoa("CANARY-LIVE"), extra: btoa("CANARY-EXTRA") } };
    const decision = decide(
      situation({
        desired: declared(declaredSecret),
        previous: undefined,
        id: { group: "", kind: "Secret", namespace: "shop", name: "key" },
        live: present(liveSecret),
      }),
    );
    const shown = JSON.stringify(decision);
    expect(decision.verdict.kind).toBe("drifted");
    for (const canary of ["CANARY-GIT", btoa("CANARY-GIT"), btoa("CANARY-LIVE"), btoa("CANARY-EXTRA")])
      expect(shown).not.toContain(canary);
    expect(shown).toContain("<redacted>");
  });

  test("live switches are listed as suppressed; the detection switches are drift", () => {
    const decision = decide(
      situation({
        live: present(
          deployment(
            {},
            {
              annotations: {
                "plumbline.dev/remediate": "enabled",
                "plumbline.dev/pause-until": "2026-12-01T00:00:00Z",
                "plumbline.dev/pause-reason": "deploy freeze",
                "plumbline.dev/ignore": ".spec",
                "plumbline.dev/severity": "low",
              },
            },
          ),
        ),
      }),
    );
    expect(decision.suppressed.map((one) => [one.pointer, one.rule])).toEqual(
      expect.arrayContaining([
        ["/metadata/annotations/plumbline.dev~1remediate", "live-switches"],
        ["/metadata/annotations/plumbline.dev~1pause-until", "live-switches"],
        ["/metadata/annotations/plumbline.dev~1pause-reason", "live-switches"],
      ]),
    );
    expect(decision.verdict.kind === "drifted" && pathsOf(decision.verdict.changes)).toEqual([
      "/metadata/annotations/plumbline.dev~1ignore",
      "/metadata/annotations/plumbline.dev~1severity",
    ]);
  });

  test("an ignore in Git hides its path and nothing beside it", () => {
    const annotations = { "plumbline.dev/ignore": ".spec.replicas, /spec/template/spec/containers/0/image" };
    const live = deployment({ replicas: 9, paused: true }, { annotations });
    const verdict = driftOf({ desired: marked(annotations), live: present(live) });
    expect(pathsOf(verdict.changes)).toEqual(["/spec/paused"]);
  });
});

describe("ownership wiped", () => {
  const entry = JSON.stringify([managedEntry("kubectl", { "f:spec": { "f:replicas": {} } })]);

  test("entries before, none now: said, and one step worse", () => {
    const verdict = driftOf({ live: present(edited), memory: { managedFields: entry } });
    expect(verdict.ownershipWiped).toBe(true);
    expect(verdict.severity).toBe("high");
  });

  test("none now, read from a server: said", () => {
    expect(driftOf({ live: present(edited), tracked: true }).ownershipWiped).toBe(true);
  });

  test("none now, of an object applied without fields of its own: not said, for it never had one", () => {
    const bare = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", labels: {} } };
    const live = { ...bare, metadata: { name: "shop", labels: { a: "b" } }, spec: { finalizers: ["kubernetes"] } };
    const verdict = driftOf({ desired: declared(bare), previous: undefined, live: present(live), tracked: true });
    expect(verdict.ownershipWiped).toBe(false);
  });

  test("none now, read from a dump that hides them: not said", () => {
    expect(driftOf({ live: present(edited) }).ownershipWiped).toBe(false);
  });

  test("entries now: not said", () => {
    const live = present(edited, { managedFields: entry });
    expect(driftOf({ live, memory: { managedFields: entry }, tracked: true }).ownershipWiped).toBe(false);
  });
});

describe("health after the change", () => {
  const sick = { live: present(edited, { health: { state: "degraded" as const } }) };

  test("degraded after healthy: one step worse", () => {
    expect(driftOf({ ...sick, memory: { managedFields: "", health: "healthy" } }).severity).toBe("high");
  });

  test("degraded before too: as it is", () => {
    expect(driftOf({ ...sick, memory: { managedFields: "", health: "degraded" } }).severity).toBe("medium");
  });

  test("rolling out after healthy: as it is", () => {
    const live = present(edited, { health: { state: "progressing" } });
    expect(driftOf({ live, memory: { managedFields: "", health: "healthy" } }).severity).toBe("medium");
  });
});

describe("annotations nobody can read", () => {
  test.each([
    ["detect", { "plumbline.dev/detect": "off" }],
    ["ignore", { "plumbline.dev/ignore": ".spec..replicas" }],
    ["severity", { "plumbline.dev/severity": "bad" }],
    ["remediate", { "plumbline.dev/remediate": "yes" }],
    ["pause-until", { "plumbline.dev/pause-until": "tomorrow" }],
  ] as const)("%s in Git: a warning, and the object is judged", (_, annotations) => {
    const live = deployment({ replicas: 5 }, { annotations });
    const decision = decide(situation({ desired: marked(annotations), live: present(live) }));
    expect(codes(decision)).toEqual(["invalid-annotation"]);
    expect(decision.verdict.kind).toBe("drifted");
  });

  test("a switch on live that nobody can read: a warning", () => {
    const live = deployment({}, { annotations: { "plumbline.dev/remediate": "yes" } });
    const decision = decide(situation({ live: present(live) }));
    expect(codes(decision)).toEqual(["invalid-annotation"]);
    expect(decision.warnings[0]?.object).toBe("Deployment shop/web");
    expect(decision.verdict.kind).toBe("in-sync");
  });

  test("an exemption that is over is reported", () => {
    const decision = decide(
      situation({ baseline: baseline({ exempt: [{ namespaceSelector: "", reason: "a lab", until: NOW - 1 }] }) }),
    );
    expect(codes(decision)).toEqual(["expired-rule"]);
  });
});

test("nothing throws on JSON that is no object of its kind", () => {
  for (const broken of [
    { spec: null },
    { spec: [] },
    { spec: { template: 3 } },
    { metadata: { name: "web", annotations: [] } },
  ]) {
    const object = { ...git, ...broken } as typeof git;
    expect(() =>
      decide(situation({ live: { state: "present", live: liveOf(object, { managedFields: "[{]" }) } })),
    ).not.toThrow();
    expect(() => decide(situation({ desired: declared(object) }))).not.toThrow();
  }
});
