/**
 * Whatever drifts in a Secret, or where a Baseline says it is sensitive, and whatever the server answers: no value, no
 * beginning of a value and no coded form of one is in a line of evidence, nor in what is told beside it.
 */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { noFacts } from "../../../src/compare/facts.ts";
import { annotations } from "../../../src/model/annotations.ts";
import type { Baseline } from "../../../src/model/baseline.ts";
import { declare } from "../../../src/model/desired.ts";
import { idKey, type KubeObject, type ResourceId } from "../../../src/model/resource.ts";
import { decide, type DecideInput } from "../../../src/verdict/decide.ts";
import { evidenceLine } from "../../../src/sinks/evidence/line.ts";
import { schemaOf } from "../../compare/schemas.ts";
import { startHealing } from "../heal-world.ts";
import { refusal } from "../memory-api.ts";
import { baselineOf, judgementOf, stateOf } from "../sink-fixtures.ts";
import { createWorld } from "../sink-world.ts";

/** Letters that nothing else begins with. */
const anyValue = fc.string({ unit: fc.constantFrom(..."ŻQXŁ#ΩÑ7ß"), minLength: 6, maxLength: 24 });
const anyData = fc.dictionary(fc.constantFrom("token", "user", "tls.key"), anyValue, { minKeys: 1 });
type Data = Readonly<Record<string, string>>;

const base64 = (text: string): string => Buffer.from(text, "utf8").toString("base64");
const LONGEST_HINT = 4;

interface Case {
  readonly kind: "Secret" | "ConfigMap";
  readonly desired: Data;
  readonly live: Data | undefined;
  /** What the server makes of a write: undefined lets it through. */
  readonly answer: { readonly status: number; readonly reason: string } | undefined;
}

const anyCase: fc.Arbitrary<Case> = fc.record({
  kind: fc.constantFrom("Secret" as const, "ConfigMap" as const),
  desired: anyData,
  live: fc.option(anyData, { nil: undefined }),
  answer: fc.option(
    fc.constantFrom(
      { status: 422, reason: "Invalid" },
      { status: 403, reason: "Forbidden" },
      { status: 400, reason: "BadRequest" },
      { status: 409, reason: "Conflict" },
      { status: 500, reason: "InternalError" },
    ),
    { nil: undefined },
  ),
});

function objectOf(kind: Case["kind"], data: Data): KubeObject {
  const coded =
    kind === "Secret" ? Object.entries(data).map(([key, value]) => [key, base64(value)]) : Object.entries(data);
  const metadata = { name: "web", namespace: "shop", annotations: { [annotations.remediate]: "enabled" } };
  return { apiVersion: "v1", kind, metadata, data: Object.fromEntries(coded) };
}

/** Everything that was said of it. */
async function play({ kind, desired: wanted, live, answer }: Case): Promise<readonly string[]> {
  const world = createWorld();
  try {
    const id: ResourceId = { group: "", kind, namespace: "shop", name: "web" };
    const plain = baselineOf({ mode: "Remediate" });
    const baseline: Baseline = {
      ...plain,
      compare: { ...plain.compare, sensitive: [".data"] },
      remediation: { ...plain.remediation, retries: 1 },
    };
    world.engine.put(stateOf({ baseline }));
    const healing = startHealing(world);
    healing.approved = true;
    const desired = declare(objectOf(kind, wanted), { file: "a.yaml", line: 1, index: 0 });
    const quoted = [...Object.values(wanted), ...Object.values(live ?? {})].map((text) => `${text} ${base64(text)}`);
    if (answer !== undefined)
      world.api.refusals.push(({ verb }) =>
        verb === "get" ? undefined : refusal(answer.status, answer.reason, `data is invalid: ${quoted.join(", ")}`),
      );
    const stored = live === undefined ? undefined : world.api.put(objectOf(kind, live));
    const input: DecideInput = {
      baseline,
      id,
      version: "v1",
      desired,
      previous: desired,
      live:
        stored === undefined
          ? { state: "absent" }
          : {
              state: "present",
              live: {
                object: stored,
                uid: String(stored.metadata["uid"]),
                resourceVersion: String(stored.metadata["resourceVersion"]),
                managedFields: "",
                health: { state: "healthy" },
                receivedAt: world.clock.now(),
              },
            },
      schema: schemaOf(desired.object),
      facts: noFacts,
      seenLive: true,
      changedAt: 0,
      snapshotComplete: true,
      now: world.clock.now(),
    };
    world.engine.inputs.set(`${baseline.key} ${idKey(id)}`, input);
    const { verdict } = decide(input);
    const judgement = judgementOf(verdict, { id, desiredHash: desired.hash });
    healing.sink.transition(world.engine.judge(judgement, world.clock.now()));
    await world.clock.advance(120_000);
    const states = healing.ledger.stateOf(baseline.key, id);
    return [
      ...healing.evidence.map(evidenceLine),
      ...healing.told.map(({ note }) => note),
      JSON.stringify(states ?? null),
    ];
  } finally {
    await world.stop();
  }
}

test("no value, nor how it begins, plain or in base64", async () => {
  let lines = 0;
  await fc.assert(
    fc.asyncProperty(anyCase, async (one) => {
      const said = await play(one);
      lines += said.filter((line) => line.startsWith("{")).length;
      for (const value of [...Object.values(one.desired), ...Object.values(one.live ?? {})])
        for (const form of [value, base64(value)])
          for (const line of said) expect(line).not.toContain(form.slice(0, LONGEST_HINT));
    }),
    { numRuns: 100 },
  );
  // Something was said at all.
  expect(lines).toBeGreaterThan(100);
}, 60_000);
