/** Edits of who may do what, as somebody who wants more rights makes them. */
import { isArray, isObject, type Json } from "../../../src/model/json.ts";
import type { Spot } from "../spots.ts";
import type { EditRow } from "./edit.ts";

const called =
  (...names: readonly string[]) =>
  ({ type, value }: Spot): boolean =>
    names.some((name) => type.name.endsWith(`rbac.v1.${name}`)) && isObject(value);
const topList =
  (name: string) =>
  ({ path, value, parent }: Spot): boolean =>
    path.length === 1 &&
    path[0]?.type === "field" &&
    path[0].name === name &&
    isArray(value) &&
    parent?.name.includes(".rbac.") === true;
const listOf = ({ value }: Spot): readonly Json[] => (isArray(value) ? value : []);

export const roleEdits: readonly EditRow[] = [
  {
    name: "role: every verb",
    fits: called("PolicyRule"),
    make: ({ value }) => (isObject(value) ? { next: { ...value, verbs: ["*"] } } : undefined),
  },
  {
    name: "role: one more verb",
    fits: called("PolicyRule"),
    make: ({ value }) =>
      isObject(value) && isArray(value["verbs"])
        ? { next: { ...value, verbs: [...value["verbs"], "escalate"] } }
        : undefined,
  },
  {
    name: "role: secrets too",
    fits: called("PolicyRule"),
    make: ({ value }) =>
      isObject(value) && isArray(value["resources"])
        ? { next: { ...value, resources: [...value["resources"], "secrets"] } }
        : undefined,
  },
  {
    name: "role: a rule more",
    fits: topList("rules"),
    make: (spot) => ({ next: [...listOf(spot), { apiGroups: ["*"], resources: ["*"], verbs: ["*"] }] }),
  },
  {
    name: "binding: a subject more",
    fits: topList("subjects"),
    make: (spot) => ({
      next: [...listOf(spot), { kind: "User", name: "by-hand", apiGroup: "rbac.authorization.k8s.io" }],
    }),
  },
  {
    name: "binding: another subject",
    fits: called("Subject"),
    make: ({ value }) => (isObject(value) ? { next: { ...value, name: "by-hand" } } : undefined),
  },
];
