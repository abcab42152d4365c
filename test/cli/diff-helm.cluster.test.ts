/** `--helm` with the real binary; the last test on a real API server. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { ensureBinaries } from "../control-plane/binaries.ts";
import { startControlPlane } from "../control-plane/control-plane.ts";
import { configYaml, listOf, liveConfig, liveWeb, webYaml } from "./samples.ts";
import { createFolder, plumbline, reportOf, verdictsOf } from "./terminal.ts";

const folder = createFolder();
let helm: string;

const hook = `apiVersion: batch/v1
kind: Job
metadata: { name: migrate, annotations: { helm.sh/hook: pre-upgrade } }
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: c, image: a }] } } }
`;
const asked = `apiVersion: v1
kind: ConfigMap
metadata: { name: {{ .Release.Name }}-asked }
data:
  minor: {{ .Capabilities.KubeVersion.Minor | quote }}
  leases: {{ .Capabilities.APIVersions.Has "coordination.k8s.io/v1/Lease" | quote }}
`;

function putChart(name: string, templates: Readonly<Record<string, string>>): string {
  folder.put(`${name}/Chart.yaml`, `apiVersion: v2\nname: ${name}\nversion: 0.1.0\n`);
  folder.put(`${name}/values.yaml`, "replicas: 2\n");
  for (const [file, text] of Object.entries(templates)) folder.put(`${name}/templates/${file}`, text);
  return folder.at(name);
}

beforeAll(async () => {
  ({ helm } = await ensureBinaries(["helm"]));
});
afterAll(() => folder.remove());

const diff = (chart: string, ...more: readonly string[]) =>
  plumbline(["diff", "--helm", chart, "--helm-binary", helm, "-n", "shop", "-o", "json", ...more]);

const web = () =>
  putChart("web", {
    "web.yaml": webYaml.replace("replicas: 2", "replicas: {{ .Values.replicas }}"),
    "config.yaml": configYaml,
    "hook.yaml": hook,
  });
const dump = () => folder.put("live.json", listOf(liveWeb(), liveConfig()));

test("what it renders is judged, without its hooks, and named after the template", async () => {
  const values = folder.put("prod.yaml", "replicas: 5\n");
  const run = await diff(web(), "--live", dump(), "--values", values);
  expect([run.stderr, run.status]).toEqual(["", 1]);
  expect(reportOf(run).objects.map(({ kind, source, verdict }) => [kind, source?.file, verdict])).toEqual([
    ["ConfigMap", folder.at("web/templates/config.yaml"), "in-sync"],
    ["Deployment", folder.at("web/templates/web.yaml"), "drifted"],
  ]);
  expect(reportOf(run).objects[1]?.changes).toMatchObject([{ pointer: "/spec/replicas", desired: 5, live: 2 }]);
});

test("values of the chart, and files beside it", async () => {
  const file = folder.put("plain/more.yaml", configYaml.replace("name: settings", "name: more"));
  const run = await diff(web(), "--live", dump(), "-f", file);
  expect([run.status, verdictsOf(run)]).toEqual([1, ["missing", "in-sync", "in-sync"]]);
});

test("what it says when it fails is one line, and 2", async () => {
  const run = await diff(
    putChart("broken", { "a.yaml": "{{ required `a size is needed` .Values.size }}" }),
    "--live",
    dump(),
  );
  expect([run.status, run.stdout]).toEqual([2, ""]);
  expect(run.stderr).toMatch(/^plumbline: helm template .*broken: .*a size is needed.*\n$/);
});

test("a chart is told the cluster's version and kinds", async () => {
  const plane = await startControlPlane();
  try {
    const chart = putChart("asking", { "asked.yaml": asked });
    const data = `{"minor":"${plane.version.split(".")[1] ?? ""}","leases":"true"}`;
    await plane.kubectl(["create", "namespace", "shop"]);
    await plane.kubectl(
      ["apply", "-n", "shop", "-f", "-"],
      `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"web-asked"},"data":${data}}`,
    );
    const run = await diff(chart, "--kubeconfig", plane.kubeconfigPath, "--release-name", "web");
    expect([run.stderr, run.status, verdictsOf(run)]).toEqual(["", 0, ["in-sync"]]);
  } finally {
    await plane.stop();
  }
});
