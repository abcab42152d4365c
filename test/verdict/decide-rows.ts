/** Situations of an object that Git declares, and what each is called: the truth table of verdicts, first part. */
import type { JsonObject } from "../../src/model/json.ts";
import { idOf, type KubeObject } from "../../src/model/resource.ts";
import type { DecideInput } from "../../src/verdict/decide.ts";
import { NOW, baseline, declared, deployment, present } from "./pair-fixture.ts";

const MINUTE = 60_000;
const git = deployment();
const edited = deployment({ replicas: 5 });
const newer = deployment({ replicas: 3 });

const dying = deployment({}, { deletionTimestamp: "2026-11-21T11:59:00Z", finalizers: ["example.com/hold"] });

const job = (spec: JsonObject, annotations: JsonObject = {}): KubeObject => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "once", namespace: "shop", annotations },
  spec,
});
const gone = (object: KubeObject): Partial<DecideInput> => ({
  id: idOf(object),
  desired: declared(object),
  previous: declared(object),
  live: { state: "absent" },
});

export const declaredRows: readonly (readonly [string, Partial<DecideInput>, string])[] = [
  // declared and there
  ["declared + live as Git says: in sync", {}, "in-sync"],
  ["declared + live edited: drifted", { live: present(edited) }, "drifted live-edit"],
  [
    "declared + live edited, nothing remembered: drifted",
    { live: present(edited), previous: undefined },
    "drifted live-edit",
  ],
  ["declared + terminating: terminating", { live: present(dying) }, "terminating"],
  // Git moved
  [
    "Git moved + live as before + within grace: pending",
    { desired: declared(newer), changedAt: NOW - MINUTE },
    "pending changed",
  ],
  [
    "Git moved + live as before + last moment of grace: pending",
    { desired: declared(newer), changedAt: NOW - 10 * MINUTE + 1 },
    "pending changed",
  ],
  [
    "Git moved + live as before + grace over: drifted by rollout",
    { desired: declared(newer), changedAt: NOW - 10 * MINUTE },
    "drifted rollout",
  ],
  [
    "Git moved + live moved too + within grace: drifted at once",
    { desired: declared(newer), changedAt: NOW - MINUTE, live: present(edited) },
    "drifted live-edit",
  ],
  [
    "Git moved + live moved along: in sync",
    { desired: declared(newer), changedAt: NOW - MINUTE, live: present(newer) },
    "in-sync",
  ],
  [
    "Git moved + nothing remembered + live differs: drifted",
    { desired: declared(newer), previous: undefined, changedAt: NOW - MINUTE },
    "drifted live-edit",
  ],
  [
    "Git moved + no grace at all: drifted",
    { desired: declared(newer), changedAt: NOW, baseline: baseline({ gracePeriod: 0 }) },
    "drifted rollout",
  ],
  [
    "Git dropped a field + live keeps it + within grace: pending",
    {
      desired: declared(git),
      previous: declared(deployment({ paused: true })),
      live: present(deployment({ paused: true })),
      changedAt: NOW,
    },
    "pending changed",
  ],
  [
    "Git dropped a field + live keeps it + grace over: drifted, dropped from Git",
    {
      desired: declared(git),
      previous: declared(deployment({ paused: true })),
      live: present(deployment({ paused: true })),
    },
    "drifted dropped-from-git",
  ],
  [
    "Git dropped a field + somebody changed it live: drifted by hand",
    {
      desired: declared(git),
      previous: declared(deployment({ replicas: 3, minReadySeconds: 3 })),
      live: present(deployment({ minReadySeconds: 9 })),
      changedAt: NOW,
    },
    "drifted live-edit",
  ],
  // where it comes from
  [
    "declared + made anew with other content: drifted by recreation",
    { live: present(edited, { uid: "u-2" }), memory: { managedFields: "", uid: "u-1" } },
    "drifted recreation",
  ],
  [
    "declared + made anew with the same content: in sync",
    { live: present(git, { uid: "u-2" }), memory: { managedFields: "", uid: "u-1" } },
    "in-sync",
  ],
  [
    "declared + edited, and the same object as before: drifted by hand",
    { live: present(edited), memory: { managedFields: "", uid: "u-1" } },
    "drifted live-edit",
  ],
  [
    "declared + edited, read from a dump without uid: drifted by hand",
    { live: present(edited, { uid: "" }), memory: { managedFields: "", uid: "u-1" } },
    "drifted live-edit",
  ],
  [
    "Git moved + made anew as before + grace over: drifted by rollout",
    { desired: declared(newer), live: present(git, { uid: "u-2" }), memory: { managedFields: "", uid: "u-1" } },
    "drifted rollout",
  ],
  [
    "another render says something else where live differs: the render is the cause",
    { live: present(edited), otherRender: declared(deployment({ replicas: 7 })) },
    "drifted non-deterministic-render",
  ],
  [
    "another render says what live says: the render is the cause",
    { live: present(edited), otherRender: declared(edited) },
    "drifted non-deterministic-render",
  ],
  [
    "another render has a field that this one lacks, and live has it: the render is the cause",
    { live: present(deployment({ paused: true })), otherRender: declared(deployment({ paused: true })) },
    "drifted non-deterministic-render",
  ],
  [
    "another render differs elsewhere: drifted by hand",
    { live: present(edited), otherRender: declared(deployment({ minReadySeconds: 7 })) },
    "drifted live-edit",
  ],
  // declared and not there
  ["declared + no live, synced, seen before: missing", { live: { state: "absent" } }, "missing deletion"],
  [
    "declared + no live, seen before, Git moved within grace: missing at once",
    { live: { state: "absent" }, desired: declared(newer), changedAt: NOW },
    "missing deletion",
  ],
  [
    "declared + no live, never seen, within grace: pending",
    { live: { state: "absent" }, seenLive: false, previous: undefined, changedAt: NOW - MINUTE },
    "pending new",
  ],
  [
    "declared + no live, never seen, grace over: missing",
    { live: { state: "absent" }, seenLive: false, previous: undefined },
    "missing rollout",
  ],
  [
    "a Job that deletes itself when it has run, not there: excluded",
    gone(job({ ttlSecondsAfterFinished: 60 })),
    "excluded job-ttl",
  ],
  ["a Job that stays, not there: missing", gone(job({})), "missing deletion"],
  [
    "a Job that deletes itself, never seen, within grace: pending",
    { ...gone(job({ ttlSecondsAfterFinished: 60 })), seenLive: false, previous: undefined, changedAt: NOW },
    "pending new",
  ],
  [
    "a hook that its tool deletes, not there: excluded",
    gone(
      job({}, { "helm.sh/hook": "post-install", "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded" }),
    ),
    "excluded tool-hook",
  ],
  [
    "a hook that stays until the next one, not there: missing",
    gone(job({}, { "helm.sh/hook": "post-install", "helm.sh/hook-delete-policy": "before-hook-creation" })),
    "missing deletion",
  ],
  ["a test hook, not there: excluded", gone(job({}, { "helm.sh/hook": "test" })), "excluded tool-hook"],
  [
    "a hook of two moments, one of which comes, not there: missing",
    gone(job({}, { "helm.sh/hook": "pre-install,pre-delete" })),
    "missing deletion",
  ],
  [
    "an Argo CD hook that is deleted, not there: excluded",
    gone(job({}, { "argocd.argoproj.io/hook": "PostSync", "argocd.argoproj.io/hook-delete-policy": "HookSucceeded" })),
    "excluded tool-hook",
  ],
  [
    "an Argo CD hook that stays, not there: missing",
    gone(job({}, { "argocd.argoproj.io/hook": "PostSync" })),
    "missing deletion",
  ],
];
