/**
 * `plumbline check`: whether what files declare can be seen, and put back, and whether the operator can do its own
 * work. Asks for access reviews only; reads no object and writes nothing.
 * Source: https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
 */
import { Command, Option } from "commander";
import { createSubjectAccess, type AccessAnswer, type AccessQuestion } from "../cluster/subject-access.ts";
import type { Impersonation } from "../model/api.ts";
import type { Json } from "../model/json.ts";
import { printableLine } from "../model/printable.ts";
import { formatProblem } from "../model/problem.ts";
import { kindKey, kindRef, type KindRef } from "../model/resource.ts";
import { placeObjects } from "../verdict/place.ts";
import { CliError } from "./cli-error.ts";
import { type ClusterAccess, openCluster, servedScope, withClusterFlags } from "./cluster-access.ts";
import { type DesiredFlags, namesDesired, readDeclared, withDesiredFlags } from "./diff/declared.ts";
import { type DesiredOptions, standardInput } from "./diff/inputs.ts";
import { formatJsonText } from "./output/json-text.ts";
import { formatTable } from "./output/table.ts";
import { formatYaml } from "./output/yaml-text.ts";
import type { Terminal } from "./terminal.ts";

interface CheckFlags extends DesiredFlags {
  readonly serviceAccount?: string;
  readonly remediate?: boolean;
  readonly output: "text" | "json" | "yaml";
}

/** Something that must be possible: these verbs on a kind, in a namespace or, where it is "", in all. */
interface Need {
  readonly kind: KindRef;
  readonly namespace: string;
  readonly subresource?: string;
  readonly verbs: readonly string[];
  readonly why: string;
}

interface Checked extends Need {
  readonly denied: readonly { readonly verb: string; readonly message: string }[];
}

/** @param kind `Baseline`, or a part of it such as `Baseline/status` */
function own(apiVersion: string, kind: string, verbs: string, why: string): Need {
  const [name = "", subresource] = kind.split("/");
  const need = { kind: kindRef(apiVersion, name), namespace: "", verbs: verbs.split(" "), why };
  return subresource === undefined ? need : { ...need, subresource };
}

/** What the operator needs besides what it compares. */
const ownNeeds: readonly Need[] = [
  own("plumbline.dev/v1alpha1", "Baseline", "get list watch", "finds its Baselines"),
  own("plumbline.dev/v1alpha1", "Baseline/status", "patch", "writes their status"),
  own("plumbline.dev/v1alpha1", "Drift", "get list watch create patch update delete", "records drift"),
  own("events.k8s.io/v1", "Event", "create patch", "tells of drift"),
  own("apiextensions.k8s.io/v1", "CustomResourceDefinition", "get list watch", "reads the schemas of custom resources"),
];

/** `namespace/name`. @throws CliError where it is none */
function readServiceAccount(text: string): Impersonation {
  const match = /^([^/]+)\/([^/]+)$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined)
    throw new CliError(
      `--service-account ${text}: a namespace and a name are needed, such as plumbline-system/plumbline`,
    );
  return { namespace: match[1], serviceAccount: match[2] };
}

/** One need per declared kind and namespace. */
async function declaredNeeds(flags: CheckFlags, terminal: Terminal, cluster: ClusterAccess): Promise<readonly Need[]> {
  if (!namesDesired(flags)) return [];
  const reading: DesiredOptions = {
    readStandardInput: standardInput(),
    environment: terminal.environment,
    revision: flags.revision,
  };
  const read = await readDeclared(flags, reading, async () => cluster);
  const { objects, problems } = placeObjects(read.objects, {
    targetNamespace: flags.namespace ?? cluster.credentials.namespace,
    scopeOf: (kind) => servedScope(cluster, kind),
  });
  for (const problem of [...read.problems, ...problems])
    terminal.writeError(`${printableLine(formatProblem(problem))}\n`);
  // A person reads each object once; the operator watches.
  const seeing = flags.serviceAccount === undefined ? ["get"] : ["get", "list", "watch"];
  const verbs = flags.remediate === true ? [...seeing, "create", "patch"] : seeing;
  const needs = new Map<string, Need>();
  for (const { object, id } of objects) {
    const kind = kindRef(object.apiVersion, object.kind);
    needs.set(`${kindKey(kind)} ${id.namespace}`, { kind, namespace: id.namespace, verbs, why: "declared" });
  }
  return [...needs.values()];
}

async function check(
  needs: readonly Need[],
  canI: (question: AccessQuestion) => Promise<AccessAnswer>,
): Promise<readonly Checked[]> {
  const checked: Checked[] = [];
  for (const need of needs) {
    const answers = await Promise.all(
      need.verbs.map(async (verb) => ({ verb, answer: await canI({ ...need, verb }) })),
    );
    const denied = answers.flatMap(({ verb, answer }) =>
      answer.allowed ? [] : [{ verb, message: answer.problem.message }],
    );
    checked.push({ ...need, denied });
  }
  return checked;
}

function nameOf({ kind, subresource }: Need): string {
  const group = kind.group === "" ? "" : `.${kind.group}`;
  return `${kind.kind}${group}${subresource === undefined ? "" : `/${subresource}`}`;
}

function formatChecked(checked: readonly Checked[]): string {
  const rows = checked.map((one) => {
    const denied = one.denied.map(({ verb }) => verb);
    const allowed = one.verbs.filter((verb) => !denied.includes(verb));
    return [nameOf(one), one.namespace === "" ? "*" : one.namespace, allowed.join(","), denied.join(","), one.why];
  });
  return formatTable(["KIND", "NAMESPACE", "ALLOWED", "DENIED", "WHY"], rows);
}

/** A document for programs: what was asked, and what was refused. */
function reportOf(checked: readonly Checked[]): Json {
  const checks = checked.map(({ kind, namespace, subresource, verbs, why, denied }) => ({
    ...kind,
    namespace,
    ...(subresource === undefined ? {} : { subresource }),
    verbs,
    why,
    denied: denied.map((one) => ({ ...one })),
  }));
  return { apiVersion: "plumbline.dev/v1alpha1", kind: "CheckReport", checks };
}

const after = `
Exit status: 0 all of it is allowed; 1 some of it is not; 2 an error.

Examples:
  plumbline check -f deploy/ -n shop
  plumbline check -f deploy/ -n shop --remediate --service-account plumbline-system/plumbline
`;

export function checkCommand(terminal: Terminal): Command {
  return withDesiredFlags(
    withClusterFlags(
      new Command("check").description("Whether what is declared can be seen, and put back. Nothing is written."),
    ),
  )
    .option("--service-account <namespace/name>", "ask for this ServiceAccount, such as the operator's (default: you)")
    .option("--remediate", "also whether it could be put back")
    .addOption(new Option("-o, --output <format>", "output format").choices(["text", "json", "yaml"]).default("text"))
    .addHelpText("after", after)
    .action(async (flags: CheckFlags) => {
      const as = flags.serviceAccount === undefined ? undefined : readServiceAccount(flags.serviceAccount);
      const cluster = await openCluster(flags);
      try {
        const needs = [...(await declaredNeeds(flags, terminal, cluster)), ...(as === undefined ? [] : ownNeeds)];
        if (needs.length === 0)
          throw new CliError("nothing to check: give -f, --kustomize, --helm or --service-account");
        const { canI } = createSubjectAccess(cluster);
        const checked = await check(needs, (question) => canI(as === undefined ? question : { ...question, as }));
        if (flags.output === "json") terminal.write(formatJsonText(reportOf(checked)));
        else if (flags.output === "yaml") terminal.write(formatYaml(reportOf(checked)));
        else terminal.write(formatChecked(checked));
        const messages = new Set(checked.flatMap(({ denied }) => denied.map(({ message }) => message)));
        for (const message of messages) terminal.writeError(`${printableLine(message)}\n`);
        terminal.exit(messages.size === 0 ? 0 : 1);
      } finally {
        await cluster.close();
      }
    });
}
