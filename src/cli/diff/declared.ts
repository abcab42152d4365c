/** What a command takes as desired: files, trees of Git, and what renderers make. The flags, and how they are read. */
import type { Command } from "commander";
import { formatId } from "../../model/resource.ts";
import type { DesiredObject } from "../../model/snapshot.ts";
import { CliError } from "../cli-error.ts";
import type { ClusterAccess, ClusterFlags } from "../cluster-access.ts";
import { readCapabilities, renderHelm } from "./helm.ts";
import { namesKind, parseTarget } from "../targets.ts";
import { type DesiredOptions, type ReadObjects, readDesired } from "./inputs.ts";
import { buildKustomize } from "./kustomize.ts";

export interface DesiredFlags extends ClusterFlags {
  readonly filename?: readonly string[];
  readonly kustomize?: string;
  readonly kustomizeBinary: string;
  readonly helm?: string;
  readonly helmBinary: string;
  readonly releaseName?: string;
  readonly values?: readonly string[];
  readonly revision?: string;
  readonly namespace?: string;
}

/** A flag that takes one value each time it is given. */
export const oneMore = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** @param namespace what `-n` says of this command */
export function withDesiredFlags(command: Command, namespace = "namespace of objects that name none"): Command {
  return command
    .option(
      "-f, --filename <path>",
      "file, folder, URL of a Git tree, or - for standard input; may be repeated",
      oneMore,
    )
    .option("-k, --kustomize <dir>", "what kustomize builds from this folder")
    .option("--kustomize-binary <path>", "kustomize to use", "kustomize")
    .option("--helm <chart>", "what helm renders from this chart, without its hooks")
    .option("--values <file>", "values for the chart; may be repeated", oneMore)
    .option("--release-name <name>", "release that the chart is rendered as (default: the chart's own name)")
    .option("--helm-binary <path>", "helm to use", "helm")
    .option("--revision <ref>", "branch, tag or commit of the Git tree (default: its HEAD)")
    .option("-n, --namespace <name>", namespace);
}

/** True where a flag names something to read. */
export function namesDesired({ filename = [], kustomize, helm }: DesiredFlags): boolean {
  return filename.length > 0 || kustomize !== undefined || helm !== undefined;
}

/**
 * @param open the cluster, for a chart that asks about it; undefined where files are compared with files
 * @throws CliError where nothing is named, or what is named is not there or cannot be rendered
 */
export async function readDeclared(
  flags: DesiredFlags,
  options: DesiredOptions,
  open: (() => Promise<ClusterAccess>) | undefined,
): Promise<ReadObjects> {
  const { filename = [], kustomize, helm } = flags;
  if (!namesDesired(flags)) throw new CliError("nothing to compare: give -f, --kustomize or --helm");
  const read: ReadObjects[] = [await readDesired(filename, options)];
  if (kustomize !== undefined) read.push(await buildKustomize(kustomize, flags.kustomizeBinary, options.environment));
  if (helm !== undefined) {
    const capabilities = open === undefined ? undefined : await readCapabilities(await open());
    read.push(await renderHelm({ ...flags, helm }, options.environment, capabilities));
  }
  return {
    objects: read.flatMap(({ objects }) => objects),
    problems: read.flatMap(({ problems }) => problems),
    texts: read[0]?.texts ?? new Map(),
  };
}

const placesOf = (objects: readonly DesiredObject[]): string =>
  objects.map(({ id, source }) => `${formatId(id)} (${source.file}:${source.line})`).join(", ");

/**
 * The one declared object that is called so. @param read where what is declared twice is found, which is not placed
 * @throws CliError where nothing, or more than one thing, is called so
 */
export function chooseDeclared(
  target: string,
  flags: Pick<DesiredFlags, "namespace">,
  { declared, read }: { readonly declared: readonly DesiredObject[]; readonly read: ReadObjects },
): DesiredObject {
  const { kind, name, namespace: said } = parseTarget(target);
  const namespace = said ?? flags.namespace;
  const isNamed = ({ id }: DesiredObject): boolean => id.name === name && namesKind(kind, id);
  const named = declared.filter(isNamed);
  const isThere = (one: DesiredObject): boolean => one.id.namespace === namespace;
  const found = said !== undefined || (named.length > 1 && namespace !== undefined) ? named.filter(isThere) : named;
  const [first, second] = found;
  if (first === undefined) {
    const again = read.objects.filter((one) => isNamed(one) && (one.id.namespace === "" || isThere(one)));
    if (again.length > 1)
      throw new CliError(`${target} is declared more than once: ${placesOf(again)}; only one of them can count`);
    throw new CliError(`${target} is not declared in what was read`);
  }
  if (second !== undefined)
    throw new CliError(`${target} is declared more than once: ${placesOf(found)}; -n tells them apart`);
  return first;
}
