/**
 * What in the cluster may change an object on its way in: the mutating webhooks and the bound mutating policies that
 * are configured, read from their objects. It says "may": conditions in CEL, versions, names and exceptions are not looked
 * at, so that nothing which acts is ever overlooked; the price is a dry run too many. Asks nobody.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/,
 * https://kubernetes.io/docs/reference/access-authn-authz/mutating-admission-policy/
 */
import { digestOf } from "../model/canonical.ts";
import { getIn, getString, getStrings, isArray, isObject, type Json } from "../model/json.ts";
import type { KindRef, KubeObject } from "../model/resource.ts";

const group = "admissionregistration.k8s.io";
const versions = ["v1", "v1beta1", "v1alpha1"] as const;

/** Kinds to watch, each at the first of these versions that is served. */
export const mutatorKinds: readonly (readonly KindRef[])[] = [
  [{ group, version: "v1", kind: "MutatingWebhookConfiguration" }],
  versions.map((version) => ({ group, version, kind: "MutatingAdmissionPolicy" })),
  versions.map((version) => ({ group, version, kind: "MutatingAdmissionPolicyBinding" })),
];

export const isMutator = (id: { readonly group: string; readonly kind: string }): boolean =>
  id.group === group && mutatorKinds.some(([first]) => first?.kind === id.kind);

type Labels = Readonly<Record<string, string>>;

interface Rule {
  readonly groups: readonly string[];
  readonly resources: readonly string[];
  readonly operations: readonly string[];
}

interface Match {
  readonly rules: readonly Rule[];
  readonly namespaces: Json | undefined;
  readonly objects: Json | undefined;
}

export interface Mutator {
  /** `MutatingWebhookConfiguration sidecars`. */
  readonly name: string;
  readonly matches: readonly Match[];
  /** Changes whenever what it does may have changed. */
  readonly print: string;
}

export interface Subject {
  readonly group: string;
  /** As in paths: `deployments`. */
  readonly plural: string;
  /** Undefined: cluster-scoped, or not known. */
  readonly namespaceLabels: Labels | undefined;
  readonly labels: Labels;
}

/** What may act on one object. */
export interface Acting {
  readonly by: readonly string[];
  readonly create: boolean;
  readonly update: boolean;
  readonly print: string;
}

const strings = (value: Json | undefined): readonly string[] =>
  isArray(value) ? value.filter((item) => typeof item === "string") : [];

const readRules = (value: Json | undefined): readonly Rule[] =>
  (isArray(value) ? value : []).map((rule) => ({
    groups: strings(getIn(rule, "apiGroups")),
    resources: strings(getIn(rule, "resources")),
    operations: strings(getIn(rule, "operations")),
  }));

function readWebhook(webhook: Json): Match {
  return {
    rules: readRules(getIn(webhook, "rules")),
    namespaces: getIn(webhook, "namespaceSelector"),
    objects: getIn(webhook, "objectSelector"),
  };
}

/** A policy acts where both it and one of its bindings match; the binding alone is not asked, which is the wider. */
function readPolicy(policy: KubeObject): Match {
  const match = getIn(policy, "spec", "matchConstraints");
  return {
    rules: readRules(getIn(match, "resourceRules")),
    namespaces: getIn(match, "namespaceSelector"),
    objects: getIn(match, "objectSelector"),
  };
}

/** What a certificate manager turns says nothing about what a webhook does. */
function withoutBundle(webhook: Json): Json {
  if (!isObject(webhook) || !isObject(webhook["clientConfig"])) return webhook;
  const { caBundle: _, ...clientConfig } = webhook["clientConfig"];
  return { ...webhook, clientConfig };
}

const nameOf = (object: KubeObject): string => getString(object.metadata, "name") ?? "";

/** @param objects all of {@link mutatorKinds}, in any order */
export function readMutators(objects: readonly KubeObject[]): readonly Mutator[] {
  const bindings = objects.filter(({ kind }) => kind === "MutatingAdmissionPolicyBinding");
  return objects.flatMap((object): readonly Mutator[] => {
    const name = `${object.kind} ${nameOf(object)}`;
    if (object.kind === "MutatingWebhookConfiguration") {
      const webhooks = isArray(object["webhooks"]) ? object["webhooks"] : [];
      return [{ name, matches: webhooks.map(readWebhook), print: digestOf([name, webhooks.map(withoutBundle)]) }];
    }
    if (object.kind !== "MutatingAdmissionPolicy") return [];
    const bound = bindings.filter((binding) => getString(binding, "spec", "policyName") === nameOf(object));
    if (bound.length === 0) return [];
    const specs = [object, ...bound].map((one) => one["spec"] ?? null);
    return [{ name, matches: [readPolicy(object)], print: digestOf([name, specs]) }];
  });
}

/** An absent or unreadable selector selects everything. */
function selects(selector: Json | undefined, labels: Labels): boolean {
  const wanted = Object.entries(getStrings(selector, "matchLabels"));
  if (!wanted.every(([key, value]) => labels[key] === value)) return false;
  const expressions = getIn(selector, "matchExpressions");
  return (isArray(expressions) ? expressions : []).every((expression) => {
    const value = labels[getString(expression, "key") ?? ""];
    const values = strings(getIn(expression, "values"));
    switch (getString(expression, "operator")) {
      case "In":
        return value !== undefined && values.includes(value);
      case "NotIn":
        return value === undefined || !values.includes(value);
      case "Exists":
        return value !== undefined;
      case "DoesNotExist":
        return value === undefined;
      default:
        return true;
    }
  });
}

function concerns(rule: Rule, subject: Subject): boolean {
  const isGroup = rule.groups.includes("*") || rule.groups.includes(subject.group);
  return isGroup && rule.resources.some((name) => name === "*" || name === "*/*" || name === subject.plural);
}

function rulesFor({ rules, namespaces, objects }: Match, subject: Subject): readonly Rule[] {
  if (subject.namespaceLabels !== undefined && !selects(namespaces, subject.namespaceLabels)) return [];
  return selects(objects, subject.labels) ? rules.filter((rule) => concerns(rule, subject)) : [];
}

/** Undefined where nothing may change the object. */
export function actingOn(mutators: readonly Mutator[], subject: Subject): Acting | undefined {
  const found = mutators.map((mutator) => ({
    mutator,
    operations: mutator.matches.flatMap((match) => rulesFor(match, subject)).flatMap(({ operations }) => operations),
  }));
  const acting = found.filter(({ operations }) => does(operations, "CREATE") || does(operations, "UPDATE"));
  if (acting.length === 0) return undefined;
  return {
    by: acting.map(({ mutator }) => mutator.name),
    create: acting.some(({ operations }) => does(operations, "CREATE")),
    update: acting.some(({ operations }) => does(operations, "UPDATE")),
    print: acting.map(({ mutator }) => mutator.print).join("\n"),
  };
}

const does = (operations: readonly string[], operation: string): boolean =>
  operations.includes("*") || operations.includes(operation);
