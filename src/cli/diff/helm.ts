/**
 * `--helm <chart>`: what the helm on this machine renders, for the cluster it is compared with: its version and the
 * kinds it serves, which charts ask for. Hooks are left out, for Helm runs them and they are no part of a release.
 * What it prints has no lines of its own in any file: its objects are named after the template that made them.
 * Source: https://helm.sh/docs/helm/helm_template/
 */
import { declaredAt } from "../../model/desired.ts";
import path from "node:path";
import { getString, parseJson } from "../../model/json.ts";
import { apiVersionOf, kindKey } from "../../model/resource.ts";
import type { Environment } from "../../runtime/config.ts";
import { readManifests } from "../../sources/yaml.ts";
import type { ClusterAccess, ClusterFlags } from "../cluster-access.ts";
import type { ReadObjects } from "./inputs.ts";
import { cliLimits } from "./parse-texts.ts";
import { runRenderer } from "./renderer.ts";

export interface HelmRequest extends ClusterFlags {
  /** A folder, an archive, or what else helm takes as a chart. */
  readonly helm: string;
  readonly helmBinary: string;
  readonly releaseName?: string;
  readonly values?: readonly string[];
  readonly namespace?: string;
}

/** What a chart may ask about its cluster. */
export interface Capabilities {
  /** `v1.36.1`. */
  readonly version?: string;
  /** `apps/v1` and `apps/v1/Deployment`. */
  readonly apiVersions: readonly string[];
}

export async function readCapabilities({ transport, discovery }: ClusterAccess): Promise<Capabilities> {
  const answer = await transport.request({ method: "GET", path: "/version", verb: "get" });
  const version = answer.status === 200 ? getString(parseJson(answer.text), "gitVersion") : undefined;
  const apiVersions = new Set<string>();
  for (const kind of discovery.kinds()) apiVersions.add(apiVersionOf(kind)).add(kindKey(kind));
  return { ...(version === undefined ? {} : { version }), apiVersions: [...apiVersions] };
}

/** The name most people install a chart under: `charts/web` and `web-1.2.0.tgz` are `web`. */
const defaultRelease = (chart: string): string => path.basename(chart).replace(/(-\d+\.\d+\.\d+[^/]*)?\.tgz$/, "");

function argumentsOf(request: HelmRequest, capabilities: Capabilities | undefined): readonly string[] {
  const option = (name: string, value: string | undefined): readonly string[] =>
    value === undefined || value === "" ? [] : [name, value];
  return [
    "template",
    request.releaseName ?? defaultRelease(request.helm),
    request.helm,
    "--include-crds",
    "--no-hooks",
    ...(request.values ?? []).flatMap((file) => option("--values", file)),
    ...option("--namespace", request.namespace),
    ...option("--kubeconfig", request.kubeconfig),
    ...option("--kube-context", request.context),
    ...option("--kube-version", capabilities?.version),
    ...option("--api-versions", capabilities?.apiVersions.join(",")),
  ];
}

const SOURCE = /^# Source: [^/\n]*\/(.+)$/;

/** Finds the template that a line of the output came from, as helm notes it above each document. */
function templatesOf(text: string): (line: number) => string | undefined {
  const notes: { readonly line: number; readonly file: string }[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const file = SOURCE.exec(line)?.[1];
    if (file !== undefined) notes.push({ line: index + 1, file });
  }
  return (line) => notes.findLast((note) => note.line <= line)?.file;
}

/**
 * @param capabilities of the cluster; without them helm takes its own
 * @throws CliError where helm is not there or fails
 */
export async function renderHelm(
  request: HelmRequest,
  environment: Environment,
  capabilities?: Capabilities,
): Promise<ReadObjects> {
  const text = await runRenderer({
    binary: request.helmBinary,
    args: argumentsOf(request, capabilities),
    what: `helm template ${request.helm}`,
    flag: "--helm-binary",
    environment,
  });
  const templateAt = templatesOf(text);
  const fileAt = (line: number | undefined): string => path.join(request.helm, templateAt(line ?? 1) ?? "");
  const { objects, problems } = readManifests(text, request.helm, cliLimits);
  return {
    objects: objects.map((one) => declaredAt(one, { ...one.source, file: fileAt(one.source.line), line: 1 })),
    problems: problems.map((problem) => ({ ...problem, file: fileAt(problem.line), line: 1 })),
    texts: new Map(),
  };
}
