/**
 * `npm run demo`: Plumbline from its chart on a real control plane, and a short true story. `--once` ends with 0 or says
 * what went wrong; `--keep` leaves it running; `--context NAME` plays in the user's own cluster; `--json` is for tests.
 */
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { buildProgram } from "../../src/cli/program.ts";
import { operatorNamespace, setStage, type Stage } from "./stage.ts";
import { type Line, steps } from "./story.ts";

const { values: flags } = parseArgs({
  options: {
    keep: { type: "boolean", default: false },
    once: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    context: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (flags.help) {
  console.log("npm run demo -- [--once] [--keep] [--context NAME] [--json]");
  process.exit(0);
}

const say = (line: string): void => {
  if (!flags.json) console.log(line);
};
const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

async function statusTable(stage: Stage): Promise<string> {
  let text = "";
  const kubeconfig = ["--kubeconfig", stage.cluster.kubeconfigPath];
  const context = stage.cluster.context === undefined ? [] : ["--context", stage.cluster.context];
  await buildProgram({
    environment: {},
    write: (part) => void (text += part),
    writeError: (part) => void (text += part),
    isTerminal: false,
    exit: () => {},
  }).parseAsync(["node", "plumbline", "status", "-n", operatorNamespace, ...kubeconfig, ...context]);
  return text;
}

const told =
  /^plumbline_(baseline_objects|baseline_compliance_ratio|resource_drifted|drifts_total|remediations_total|source_ready)\b/;

async function metricsText(stage: Stage): Promise<string> {
  const lines = (await stage.operator.metrics()).split("\n").filter((line) => told.test(line) && !line.endsWith(" 0"));
  return lines.join("\n");
}

function tell(line: Line, number: number): void {
  say(`\n${String(number).padStart(2)}. ${line.done}\n    → ${line.said}`);
}

function thingsToTry(stage: Stage): string {
  const { cluster, operator } = stage;
  const kubeconfig =
    cluster.context === undefined
      ? `export KUBECONFIG=${cluster.kubeconfigPath}`
      : `kubectl config use-context ${cluster.context}`;
  return [
    "It goes on running. In another terminal:",
    `  ${kubeconfig}`,
    `  kubectl get baselines,drifts -n ${operatorNamespace}`,
    "  kubectl set image deployment/api api=hashicorp/http-echo:0.2.3 -n plumbline-demo-shop",
    "  kubectl annotate deployment/api plumbline.dev/remediate=enabled -n plumbline-demo-shop",
    `  curl ${operator.metricsUrl}`,
    "Ctrl-C ends it and removes everything.",
  ].join("\n");
}

async function play(stage: Stage): Promise<void> {
  const { took } = stage;
  say(`Plumbline in ${stage.cluster.name}`);
  say(
    `ready: cluster ${seconds(took.cluster)}, chart installed ${seconds(took.chart)}, operator ${seconds(took.operator)}`,
  );
  const lines: Line[] = [];
  for (const step of steps) {
    const line = await step(stage);
    lines.push(line);
    tell(line, lines.length);
  }
  // The status of a Baseline is written at most once in five seconds.
  await wait(5_500);
  const status = await statusTable(stage);
  const metrics = await metricsText(stage);
  say(`\nHow it stands (plumbline status):\n\n${status}`);
  say(`As Prometheus sees it:\n\n${metrics}\n`);
  if (flags.json) console.log(JSON.stringify({ took, lines, status, metrics }));
}

let stage: Stage | undefined;
let stopping = false;
const interrupted = new Promise<void>((resolve) => {
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => {
      stopping = true;
      resolve();
    });
});

try {
  say("Setting the stage (the first time, this builds a control plane: some minutes) …");
  stage = await setStage({ say, ...(flags.context === undefined ? {} : { context: flags.context }) });
  await Promise.race([play(stage), interrupted]);
  if (flags.keep && !stopping) {
    say(thingsToTry(stage));
    await interrupted;
  }
} catch (error) {
  process.exitCode = 1;
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  if (stage !== undefined)
    console.error(`\nThe operator's last lines:\n${stage.operator.log().split("\n").slice(-20).join("\n")}`);
} finally {
  await stage?.clear();
}
process.exit();
