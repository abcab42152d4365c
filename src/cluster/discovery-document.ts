/**
 * Discovery documents to kinds. Pure; odd entries are left out, never fatal: the documents of extension servers vary.
 * Sources: APIGroupDiscoveryList (apidiscovery.k8s.io/v2), APIGroupList, APIVersions, APIResourceList.
 */
import { getIn, getString, isArray, type Json } from "../model/json.ts";
import type { ResourceInfo } from "./api-path.ts";

export interface GroupVersionInfo {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly resources: readonly ResourceInfo[];
  /** The server could not reach the one that serves it: `resources` may be old, or empty. */
  readonly stale: boolean;
}

export function groupVersionKey(one: { readonly group: string; readonly version: string }): string {
  return `${one.group}/${one.version}`;
}

function items(value: Json | undefined, key: string): readonly Json[] {
  const found = getIn(value, key);
  return isArray(found) ? found : [];
}

function strings(value: Json | undefined, key: string): readonly string[] {
  return items(value, key).filter((entry) => typeof entry === "string");
}

export function isAggregated(document: Json | undefined): boolean {
  return getString(document, "kind") === "APIGroupDiscoveryList";
}

/** The aggregated form: preferred versions come first in each group. */
export function parseAggregated(document: Json): readonly GroupVersionInfo[] {
  return items(document, "items").flatMap((group) => {
    const name = getString(group, "metadata", "name") ?? "";
    return items(group, "versions").flatMap((entry) => {
      const version = getString(entry, "version");
      if (version === undefined) return [];
      const resources = items(entry, "resources").flatMap((resource) => {
        const plural = getString(resource, "resource");
        const kind = getString(resource, "responseKind", "kind");
        if (plural === undefined || kind === undefined || kind === "") return [];
        const namespaced = getString(resource, "scope") === "Namespaced";
        return [{ group: name, version, kind, plural, namespaced, verbs: strings(resource, "verbs") }];
      });
      return [{ group: name, version, resources, stale: getString(entry, "freshness") === "Stale" }];
    });
  });
}

/** `/api`: versions of the core group. */
export function parseCoreVersions(document: Json): readonly { readonly group: string; readonly version: string }[] {
  return strings(document, "versions").map((version) => ({ group: "", version }));
}

/** `/apis` in its old form, preferred versions first in each group. */
export function parseGroupList(document: Json): readonly { readonly group: string; readonly version: string }[] {
  return items(document, "groups").flatMap((entry) => {
    const group = getString(entry, "name");
    if (group === undefined) return [];
    const preferred = getString(entry, "preferredVersion", "version");
    const versions = items(entry, "versions").flatMap((one) => getString(one, "version") ?? []);
    return [...versions.filter((one) => one === preferred), ...versions.filter((one) => one !== preferred)].map(
      (version) => ({ group, version }),
    );
  });
}

/** `/api/v1`, `/apis/apps/v1`. Subresources (a slash in the name) are left out. */
export function parseResourceList(
  document: Json,
  of: { readonly group: string; readonly version: string },
): readonly ResourceInfo[] {
  return items(document, "resources").flatMap((resource) => {
    const plural = getString(resource, "name");
    const kind = getString(resource, "kind");
    if (plural === undefined || kind === undefined || plural.includes("/")) return [];
    const namespaced = getIn(resource, "namespaced") === true;
    return [{ group: of.group, version: of.version, kind, plural, namespaced, verbs: strings(resource, "verbs") }];
  });
}
