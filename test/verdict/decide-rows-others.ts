/** Situations of an object that Git does not declare, that is left out, or that cannot be judged: the truth table, second part. */
import type { Problem } from "../../src/model/problem.ts";
import type { DecideInput } from "../../src/verdict/decide.ts";
import { NOW, baseline, declared, deployment, facts, present } from "./pair-fixture.ts";

const edited = deployment({ replicas: 5 });
const forbidden: Problem = { code: "forbidden", message: "may not list deployments.apps" };
const marked = (annotations: Record<string, string>) => declared(deployment({}, { annotations }));

const dying = deployment({}, { deletionTimestamp: "2026-11-21T11:59:00Z", finalizers: ["example.com/hold"] });
const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "key", namespace: "shop" } };

export const otherRows: readonly (readonly [string, Partial<DecideInput>, string])[] = [
  // not declared
  ["dropped from Git + live: unmanaged", { desired: undefined }, "unmanaged dropped-from-git"],
  [
    "dropped from Git + live edited: unmanaged",
    { desired: undefined, live: present(edited) },
    "unmanaged dropped-from-git",
  ],
  [
    "dropped from Git + live with a forged owner: unmanaged",
    {
      desired: undefined,
      live: present(deployment({}, { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "x", uid: "y" }] })),
    },
    "unmanaged dropped-from-git",
  ],
  ["dropped from Git + terminating: terminating", { desired: undefined, live: present(dying) }, "terminating"],
  [
    "dropped from Git + snapshot with bad documents: unknown",
    { desired: undefined, snapshotComplete: false },
    "unknown render-failed",
  ],
  [
    "dropped from Git + not seen: unknown",
    { desired: undefined, live: { state: "unseen", problem: forbidden } },
    "unknown forbidden",
  ],
  ["dropped from Git + gone: in sync", { desired: undefined, live: { state: "absent" } }, "in-sync"],
  // left out
  [
    "detect disabled in Git: excluded",
    { desired: marked({ "plumbline.dev/detect": "disabled" }), live: present(edited) },
    "excluded detect-disabled",
  ],
  [
    "detect disabled in Git + not seen: excluded",
    {
      desired: marked({ "plumbline.dev/detect": "disabled" }),
      live: { state: "unseen", problem: forbidden },
    },
    "excluded detect-disabled",
  ],
  [
    "detect disabled on live only: drifted",
    {
      live: present(deployment({}, { annotations: { "plumbline.dev/detect": "disabled" } })),
    },
    "drifted live-edit",
  ],
  [
    "detect misspelt in Git: judged",
    {
      desired: marked({ "plumbline.dev/detect": "disable" }),
      live: present(deployment({ replicas: 5 }, { annotations: { "plumbline.dev/detect": "disable" } })),
    },
    "drifted live-edit",
  ],
  [
    "namespace exempt by label: excluded",
    {
      live: present(edited),
      baseline: baseline({ exempt: [{ namespaceSelector: "tier=lab", reason: "a lab" }] }),
      facts: facts({ namespaceLabels: () => ({ tier: "lab" }) }),
    },
    "excluded exempt",
  ],
  [
    "namespace exempt by name, not seen: excluded",
    {
      live: present(edited),
      baseline: baseline({ exempt: [{ namespaceSelector: "kubernetes.io/metadata.name=shop", reason: "a lab" }] }),
    },
    "excluded exempt",
  ],
  [
    "exempt another namespace: judged",
    {
      live: present(edited),
      baseline: baseline({ exempt: [{ namespaceSelector: "tier=lab", reason: "a lab" }] }),
      facts: facts({ namespaceLabels: () => ({ tier: "prod" }) }),
    },
    "drifted live-edit",
  ],
  [
    "exemption over: judged",
    {
      live: present(edited),
      baseline: baseline({ exempt: [{ namespaceSelector: "tier=lab", reason: "a lab", until: NOW }] }),
      facts: facts({ namespaceLabels: () => ({ tier: "lab" }) }),
    },
    "drifted live-edit",
  ],
  [
    "exemption nobody can read: judged",
    {
      live: present(edited),
      baseline: baseline({ exempt: [{ namespaceSelector: "tier in", reason: "a lab" }] }),
    },
    "drifted live-edit",
  ],
  // not to be judged
  [
    "not synced: unknown",
    { live: { state: "unseen", problem: { code: "not-synced", message: "syncing" } } },
    "unknown not-synced",
  ],
  ["forbidden: unknown, never missing", { live: { state: "unseen", problem: forbidden } }, "unknown forbidden"],
  [
    "Secret that may not be read: unknown, a reason of its own",
    {
      desired: declared(secret),
      previous: undefined,
      id: { group: "", kind: "Secret", namespace: "shop", name: "key" },
      live: { state: "unseen", problem: forbidden },
    },
    "unknown secrets-not-granted",
  ],
  [
    "a kind called Secret of another group, forbidden: unknown, forbidden",
    {
      id: { group: "vault.example", kind: "Secret", namespace: "shop", name: "key" },
      live: { state: "unseen", problem: forbidden },
    },
    "unknown forbidden",
  ],
  [
    "kind not served + absent: unknown, never missing",
    {
      live: { state: "absent" },
      schema: { code: "kind-not-served", message: "the server serves no such kind" },
    },
    "unknown kind-not-served",
  ],
  [
    "version not served: unknown",
    { schema: { code: "version-not-served", message: "served as apps/v2" } },
    "unknown version-not-served",
  ],
  [
    "schema failed + live: unknown",
    { schema: { code: "schema-failed", message: "no document" } },
    "unknown schema-failed",
  ],
  [
    "schema failed + absent and seen before: missing",
    {
      live: { state: "absent" },
      schema: { code: "schema-failed", message: "no document" },
    },
    "missing deletion",
  ],
];
