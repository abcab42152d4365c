/**
 * Which objects a row of a Baseline concerns: kinds, names with `*`, label selectors as kubectl reads them. A row is
 * matched against what Git declares, never against live labels, so that no edit in the cluster moves an object under
 * another rule. Linear time whatever the text.
 */
import type { Target } from "../model/baseline.ts";
import { getStrings } from "../model/json.ts";
import { idOf, type KubeObject } from "../model/resource.ts";
import type { Parsed } from "./selector.ts";

type Labels = Readonly<Record<string, string>>;

interface Requirement {
  readonly key: string;
  readonly operator: "in" | "notin" | "exists" | "absent";
  readonly values: readonly string[];
}

export interface LabelSelector {
  readonly requirements: readonly Requirement[];
}

const LABEL_KEY = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?\/)?[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?$/;
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[-\w.]*[A-Za-z0-9])?)?$/;
const SET = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/;
const EQUALS = /^([^=!\s]+)\s*(==|=|!=)\s*(\S*)$/;

/** `tier=web,env in (prod,stage),!canary`. Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/ */
export function parseLabelSelector(text: string): Parsed<LabelSelector> {
  const requirements: Requirement[] = [];
  for (const part of splitRequirements(text)) {
    const requirement = readRequirement(part);
    if (requirement === undefined || !LABEL_KEY.test(requirement.key) || !requirement.values.every(isLabelValue))
      return { ok: false, message: `${JSON.stringify(part)} is no label requirement` };
    requirements.push(requirement);
  }
  return { ok: true, value: { requirements } };
}

const isLabelValue = (value: string): boolean => value.length <= 63 && LABEL_VALUE.test(value);

function splitRequirements(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "(") depth++;
    else if (text[at] === ")") depth--;
    else if (text[at] === "," && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  const trimmed = parts.map((part) => part.trim());
  return trimmed.length === 1 && trimmed[0] === "" ? [] : trimmed;
}

function readRequirement(text: string): Requirement | undefined {
  const set = SET.exec(text);
  if (set !== null) {
    const [, key = "", operator, list = ""] = set;
    const values = list.split(",").map((value) => value.trim());
    return { key, operator: operator === "in" ? "in" : "notin", values };
  }
  const equals = EQUALS.exec(text);
  if (equals !== null) {
    const [, key = "", operator, value = ""] = equals;
    return { key, operator: operator === "!=" ? "notin" : "in", values: [value] };
  }
  return text.startsWith("!")
    ? { key: text.slice(1).trim(), operator: "absent", values: [] }
    : { key: text, operator: "exists", values: [] };
}

export function matchesLabels(selector: LabelSelector, labels: Labels): boolean {
  return selector.requirements.every(({ key, operator, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    switch (operator) {
      case "exists":
        return value !== undefined;
      case "absent":
        return value === undefined;
      case "in":
        return value !== undefined && values.includes(value);
      case "notin":
        return value === undefined || !values.includes(value);
    }
  });
}

/** `*` stands for any run of characters, also none. Each part is looked for once, from left to right. */
export function matchesGlob(pattern: string, text: string): boolean {
  const [first = "", ...others] = pattern.split("*");
  const last = others.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(first) || !text.endsWith(last) || text.length < first.length + last.length) return false;
  let at = first.length;
  const end = text.length - last.length;
  for (const part of others) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

export interface TargetMatcher {
  matches(object: KubeObject): boolean;
}

/** Reads a row's target once. `core` as a group means the core group, as people write it (argo-cd#2322). */
export function readTarget(target: Target): Parsed<TargetMatcher> {
  const selector = target.labelSelector === undefined ? undefined : parseLabelSelector(target.labelSelector);
  if (selector?.ok === false) return selector;
  const parts: readonly (readonly [string | undefined, "group" | "kind" | "name" | "namespace"])[] = [
    [target.group === "core" ? "" : target.group, "group"],
    [target.kind, "kind"],
    [target.name, "name"],
    [target.namespace, "namespace"],
  ];
  const matches = (object: KubeObject): boolean => {
    const id = idOf(object);
    if (!parts.every(([pattern, part]) => pattern === undefined || matchesGlob(pattern, id[part]))) return false;
    return selector === undefined || matchesLabels(selector.value, getStrings(object, "metadata", "labels"));
  };
  return { ok: true, value: { matches } };
}
