/**
 * From the custom resource to the Baseline the rest of the house uses: defaults filled in. The defaults are here and
 * nowhere else. What got past validation malformed is read the safest way: towards seeing more and writing less.
 */
import { annotations } from "./annotations.ts";
import { readExemptions, readIgnoreRows, readSeverityRows } from "./baseline-rows.ts";
import { modeInForce, readRemediation, readSwitches, remediationDefaults } from "./baseline-remediation.ts";
import type { Baseline, GitRef, GitSettings, Mode, UnmanagedScope } from "./baseline.ts";
import { getIn, getString, getStrings, isObject } from "./json.ts";
import type { Problem } from "./problem.ts";
import type { KubeObject } from "./resource.ts";
import { setBy } from "./set-by.ts";
import { createSettingReader, type SettingReader } from "./setting-reader.ts";
import { baselineKey } from "./snapshot.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

export const baselineDefaults = {
  interval: MINUTE,
  timeout: MINUTE,
  gracePeriod: 10 * MINUTE,
  mode: "Alert",
  addedFields: "TrustControllers",
  minCompliance: 0.99,
  ...remediationDefaults,
} as const;

export type ResolvedBaseline =
  | { readonly baseline: Baseline; readonly problems: readonly Problem[] }
  /** It cannot be judged at all. */
  | { readonly problem: Problem };

export function resolveBaseline(object: KubeObject): ResolvedBaseline {
  const namespace = getString(object.metadata, "namespace") ?? "";
  const name = getString(object.metadata, "name") ?? "";
  const label = `Baseline ${namespace}/${name}`;
  const refuse = (message: string): ResolvedBaseline => ({
    problem: { code: "invalid-baseline", message, object: label },
  });
  if (namespace === "" || name === "") return refuse("it has no namespace or no name");
  const reader = createSettingReader(object, label);
  const git = readGit(reader);
  if (typeof git === "string") return refuse(git);
  const path = readPath(reader);
  if (path === undefined) return refuse("spec.path leads out of the repository");
  // Without the account it names, a Baseline would be judged and healed with the operator's own rights.
  const account = reader.value("spec.serviceAccountName");
  if (account !== undefined && (typeof account !== "string" || account.trim() === ""))
    return refuse("spec.serviceAccountName is empty");
  const targetNamespace = reader.text("spec.targetNamespace");
  const unmanaged = readUnmanaged(reader);
  const marks = getStrings(object.metadata, "annotations");
  const requestedAt = marks[annotations.requestedAt];
  const approvedBy = setBy(object, annotations.approve);
  const generation = getIn(object.metadata, "generation");
  const baseline: Baseline = {
    key: baselineKey(namespace, name),
    namespace,
    name,
    uid: getString(object.metadata, "uid") ?? "",
    generation: typeof generation === "number" ? generation : 0,
    git,
    path,
    exclude: reader.texts("spec.exclude"),
    render: reader.choice("spec.render.kind", ["Auto", "Plain", "Kustomize", "Helm"], same("Auto")),
    ...(targetNamespace === undefined ? {} : { targetNamespace }),
    ...(account === undefined ? {} : { serviceAccountName: account }),
    mode: readMode(reader),
    gracePeriod: reader.duration("spec.gracePeriod", baselineDefaults.gracePeriod, { least: 0, most: 168 * HOUR }),
    compare: {
      addedFields: reader.choice("spec.compare.addedFields", ["Strict", "TrustControllers", "Ignore"], {
        absent: baselineDefaults.addedFields,
        malformed: "Strict",
      }),
      ignore: readIgnoreRows(reader),
      sensitive: reader.texts("spec.compare.sensitive"),
    },
    severity: readSeverityRows(reader),
    remediation: readRemediation(reader),
    exempt: readExemptions(reader),
    ...(unmanaged === undefined ? {} : { unmanaged }),
    minCompliance: reader.number("spec.minCompliance", {
      least: 0,
      most: 1,
      absent: baselineDefaults.minCompliance,
      malformed: 1,
    }),
    suspend: reader.flag("spec.suspend", { absent: false, malformed: true }),
    ...(requestedAt === undefined ? {} : { requestedAt }),
    ...readSwitches(marks, reader),
    ...(approvedBy === undefined ? {} : { approvedBy }),
  };
  return { baseline, problems: reader.problems };
}

const same = <T>(value: T): { readonly absent: T; readonly malformed: T } => ({ absent: value, malformed: value });

function readGit(reader: SettingReader): GitSettings | string {
  const url = reader.value("spec.source.git.url");
  if (typeof url !== "string" || url === "") return "spec.source.git.url is missing";
  const ref = readRef(reader);
  if (ref === undefined) return "spec.source.git.ref must hold exactly one of branch, tag, semver, commit, name";
  // A named Secret that cannot be read as a name must not turn into an anonymous fetch.
  const secret = reader.value("spec.source.git.secretRef");
  const secretName = getString(secret, "name");
  if (secret !== undefined && (secretName === undefined || secretName === ""))
    return "spec.source.git.secretRef.name is missing";
  return {
    url,
    ref,
    interval: reader.duration("spec.source.git.interval", baselineDefaults.interval, {
      least: SECOND,
      most: 24 * HOUR,
    }),
    timeout: reader.duration("spec.source.git.timeout", baselineDefaults.timeout, { least: SECOND, most: HOUR }),
    ...(secretName === undefined ? {} : { secretName }),
    submodules: reader.flag("spec.source.git.submodules", same(false)),
  };
}

function readRef(reader: SettingReader): GitRef | undefined {
  const ref = reader.value("spec.source.git.ref");
  if (!isObject(ref)) return undefined;
  const set = Object.entries(ref).filter(([, value]) => value !== null);
  const [kind, value] = set[0] ?? [];
  if (set.length !== 1 || typeof value !== "string" || value === "") return undefined;
  switch (kind) {
    case "branch":
    case "tag":
    case "name":
      return { kind, name: value };
    case "semver":
      return { kind, range: value };
    case "commit":
      return { kind, commit: value };
    default:
      return undefined;
  }
}

/** `./a//b/` → `a/b`, `.` → ``; undefined where it would leave the tree. */
function readPath(reader: SettingReader): string | undefined {
  const found = reader.value("spec.path");
  if (found === undefined) return "";
  if (typeof found !== "string" || found.startsWith("/") || found.includes("\\")) return undefined;
  const parts = found.split("/").filter((part) => part !== "" && part !== ".");
  return parts.includes("..") || parts.includes(".git") ? undefined : parts.join("/");
}

/** A selector that selects everything would claim the whole cluster: nobody means that by leaving it out. */
function readUnmanaged(reader: SettingReader): UnmanagedScope | undefined {
  const scope = reader.choice("spec.unmanaged.scope", ["None", "Namespaces", "Selector"], same("None"));
  if (scope === "None") return undefined;
  if (scope === "Namespaces") return { scope };
  const labelSelector = reader.text("spec.unmanaged.labelSelector")?.trim() ?? "";
  if (labelSelector !== "") return { scope, labelSelector };
  reader.complain(
    "spec.unmanaged.labelSelector",
    "scope Selector needs one that selects something; nothing is searched",
  );
  return undefined;
}

function readMode(reader: SettingReader): Mode {
  const mode = reader.choice("spec.mode", ["Observe", "Alert", "Remediate"], {
    absent: baselineDefaults.mode,
    malformed: "Observe",
  });
  return modeInForce(mode, reader);
}
