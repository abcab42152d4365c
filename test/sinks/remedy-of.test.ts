/** What one reading of both sides says to the decision whether to act. */
import { describe, expect, test } from "vitest";
import { noFacts, type Facts } from "../../src/compare/facts.ts";
import type { RemediationSettings } from "../../src/model/baseline.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { remedyOf, type Circumstances } from "../../src/sinks/remedy-of.ts";
import { decide, type DecideInput } from "../../src/verdict/decide.ts";
import { noOwnObjects } from "../../src/verdict/remedy.ts";
import { declared, deployment, present, situation } from "../verdict/pair-fixture.ts";
import { rules } from "../verdict/remedy-fixture.ts";

const annotated = (annotations: JsonObject, others: JsonObject = {}) => deployment({}, { annotations, ...others });
const on = { "plumbline.dev/remediate": "enabled" };

function gist(input: Partial<DecideInput>, changes: Partial<Circumstances> = {}): string {
  const whole = situation({ baseline: rules({}), ...input });
  const remedy = remedyOf({
    input: whole,
    verdict: decide(whole).verdict,
    liveOptIn: true,
    missing: undefined,
    approved: false,
    held: undefined,
    otherClaimants: [],
    own: noOwnObjects,
    ...changes,
  });
  return remedy.do === "heal" ? `heal for ${remedy.asked}` : `${remedy.do} ${remedy.reason}`;
}

describe("dropped from Git: its last word on the object counts", () => {
  const pruning: Partial<RemediationSettings> = { prune: true, causes: ["dropped-from-git"] };
  const dropped = (git: JsonObject, live: JsonObject = git, settings = pruning): Partial<DecideInput> => ({
    baseline: rules(settings),
    desired: undefined,
    lastDeclared: declared(annotated(git)),
    live: present(annotated(live)),
  });

  test("it had opted in", () => expect(gist(dropped(on))).toBe("heal for git annotation"));
  test("it had not", () => expect(gist(dropped({}))).toBe("never not-opted-in"));
  test("only live opts in", () => expect(gist(dropped({}, on))).toBe("never not-opted-in"));
  test("it was to be kept", () =>
    expect(gist(dropped({ ...on, "plumbline.dev/prune": "disabled" }, on))).toBe("wait opt-out"));
  test("it was to be kept by another tool", () =>
    expect(gist(dropped({ ...on, "helm.sh/resource-policy": "keep" }, on))).toBe("wait opt-out"));
  test("live keeps it for another tool", () =>
    expect(gist(dropped(on, { "argocd.argoproj.io/sync-options": "Prune=false" }))).toBe("wait opt-out"));
  test.each([
    ["opted out since it was last in sync", on, { "plumbline.dev/remediate": "disabled" }, "wait opt-out"],
    ["to be kept since it was last in sync", on, { ...on, "plumbline.dev/prune": "disabled" }, "wait opt-out"],
    ["opted in since it was last in sync", {}, on, "heal for git annotation"],
  ])("%s, by a commit that nobody deployed", (_, before, last, expected) => {
    expect(gist({ ...dropped(last, before), previous: declared(annotated(before)) })).toBe(expected);
  });
  test.each([
    ["nothing", undefined],
    ["only what it was when last in sync, as after a restart", declared(annotated(on))],
  ])("of what Git said is known: %s", (_, previous) => {
    const known = { ...dropped(on, on, { ...pruning, scope: "OptOut" }), lastDeclared: undefined, previous };
    expect(gist(known)).toBe("never not-claimed");
    const asked = previous === undefined ? "scope OptOut" : "git annotation";
    expect(gist(known, { claimed: true })).toBe(`heal for ${asked}`);
  });
  test.each([
    ["the very object that was as declared", "same", "heal for git annotation"],
    ["made anew since, by whomever", "another", "never not-claimed"],
  ])("%s", (_, uid, expected) => {
    const live = present(annotated(on));
    if (live.state !== "present") throw new Error("there is none");
    const memory = { managedFields: "", uid: uid === "same" ? live.live.uid : "another" };
    expect(gist({ ...dropped(on), live, memory })).toBe(expected);
  });
  test("its finalizers would act", () => {
    const live = present(annotated(on, { finalizers: ["acme.io/bucket"] }));
    expect(gist({ ...dropped(on), live })).toBe("wait approval");
    expect(gist({ ...dropped(on), live }, { approved: true })).toBe("heal for git annotation, approval");
  });
});

describe("its namespace", () => {
  const edited = (facts: Partial<Facts>): Partial<DecideInput> => ({
    desired: declared(annotated(on)),
    previous: declared(annotated(on)),
    live: present(deployment({ replicas: 9 }, { annotations: on })),
    facts: { ...noFacts, ...facts },
  });
  const namespace = (metadata: JsonObject): Partial<Facts> => ({
    live: (id) =>
      id.kind === "Namespace" && id.name === "shop"
        ? present({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", ...metadata } })
        : { state: "absent" },
  });

  test("stays", () => expect(gist(edited(namespace({})))).toBe("heal for git annotation"));
  test("is not seen", () => expect(gist(edited({}))).toBe("heal for git annotation"));
  test("goes", () =>
    expect(gist(edited(namespace({ deletionTimestamp: "2026-11-21T11:59:00Z" })))).toBe("never namespace-terminating"));
});

describe("autoscalers that are not seen", () => {
  const edited = (spec: JsonObject, autoscalersSeen: () => boolean): Partial<DecideInput> => ({
    desired: declared(annotated(on)),
    previous: declared(annotated(on)),
    live: present(deployment(spec, { annotations: on })),
    facts: { ...noFacts, autoscalersSeen },
  });

  test("replicas wait for them", () => expect(gist(edited({ replicas: 9 }, () => false))).toBe("wait rollout"));
  test("replicas, once they are seen", () =>
    expect(gist(edited({ replicas: 9 }, () => true))).toBe("heal for git annotation"));
  test("nothing else asks for them", () => {
    const never = (): boolean => {
      throw new Error("asked");
    };
    expect(gist(edited({ paused: true }, never))).toBe("heal for git annotation");
  });
});
