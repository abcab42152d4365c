/** Which ref a Baseline means, and which commit a listing of refs gives for it. Pure. */
import semver from "semver";
import type { GitRef } from "../model/baseline.ts";
import type { Problem } from "../model/problem.ts";

export interface Resolved {
  /** As shown: branch, tag, full ref name or commit. */
  readonly ref: string;
  readonly commit: string;
}

const OID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Source: git-check-ref-format(1). */
export function isRefName(name: string): boolean {
  return (
    name.length > 0 &&
    name.length <= 512 &&
    !name.startsWith("-") &&
    !name.startsWith("/") &&
    !name.endsWith("/") &&
    !name.endsWith(".") &&
    name !== "@" &&
    !/[\p{Cc}\p{Cf} ~^:?*[\\]/u.test(name) &&
    !name.includes("..") &&
    !name.includes("//") &&
    !name.includes("@{") &&
    name.split("/").every((part) => !part.startsWith(".") && !part.endsWith(".lock"))
  );
}

/** As shown to people where no listing has been asked yet. */
export function refText(ref: GitRef): string {
  switch (ref.kind) {
    case "branch":
    case "tag":
    case "name":
      return ref.name;
    case "semver":
      return ref.range;
    case "commit":
      return ref.commit;
  }
}

function refuse(message: string): Problem {
  return { code: "source-ref-refused", message };
}

/** Why a ref cannot be asked for; undefined where it can. */
export function checkRef(ref: GitRef): Problem | undefined {
  switch (ref.kind) {
    case "branch":
    case "tag":
      return isRefName(ref.name) ? undefined : refuse(`the ${ref.kind} is no name that git allows`);
    case "name":
      return isRefName(ref.name) && ref.name.startsWith("refs/")
        ? undefined
        : refuse("the ref is no full name such as refs/heads/main");
    case "semver":
      return ref.range.length <= 256 && semver.validRange(ref.range) !== null
        ? undefined
        : refuse("the semver range cannot be read");
    case "commit":
      return OID.test(ref.commit) ? undefined : refuse("the commit is not 40 or 64 hex digits");
  }
}

/** Patterns for ls-remote; a tag is asked for with what it points to. */
export function listingPatterns(ref: Exclude<GitRef, { kind: "commit" }>): readonly string[] {
  switch (ref.kind) {
    case "branch":
      return [`refs/heads/${ref.name}`];
    case "tag":
      return [`refs/tags/${ref.name}`, `refs/tags/${ref.name}^{}`];
    case "name":
      return [ref.name, `${ref.name}^{}`];
    case "semver":
      return ["refs/tags/*"];
  }
}

/** The output of ls-remote, name to commit; an annotated tag gives the commit it points to. */
export function parseListing(output: string): ReadonlyMap<string, string> {
  const commits = new Map<string, string>();
  const peeled = new Map<string, string>();
  for (const line of output.split("\n")) {
    const [oid = "", name = ""] = line.split("\t");
    if (!OID.test(oid) || name === "") continue;
    if (name.endsWith("^{}")) peeled.set(name.slice(0, -3), oid);
    else commits.set(name, oid);
  }
  for (const [name, oid] of peeled) commits.set(name, oid);
  return commits;
}

/** The commit a ref stands for, in a listing made with {@link listingPatterns}. */
export function pickRef(
  ref: Exclude<GitRef, { kind: "commit" }>,
  listing: ReadonlyMap<string, string>,
): Resolved | Problem {
  if (ref.kind === "semver") return pickVersion(ref.range, listing);
  // ls-remote matches any path that ends so; only the very name counts.
  const commit = listing.get(listingPatterns(ref)[0] ?? "");
  if (commit !== undefined) return { ref: ref.name, commit };
  return {
    code: "source-ref-not-found",
    message: `the repository has no ${ref.kind === "name" ? "ref" : ref.kind} ${ref.name}`,
  };
}

function pickVersion(range: string, listing: ReadonlyMap<string, string>): Resolved | Problem {
  let best: { readonly version: string; readonly tag: string; readonly commit: string } | undefined;
  for (const [name, commit] of listing) {
    const tag = name.startsWith("refs/tags/") ? name.slice("refs/tags/".length) : undefined;
    const version = tag === undefined ? null : semver.valid(tag);
    if (tag === undefined || version === null || !semver.satisfies(version, range)) continue;
    if (best === undefined || semver.gt(version, best.version)) best = { version, tag, commit };
  }
  if (best !== undefined) return { ref: best.tag, commit: best.commit };
  return { code: "source-ref-not-found", message: `the repository has no tag within ${range}` };
}
