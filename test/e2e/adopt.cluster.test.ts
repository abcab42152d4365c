/**
 * Hotfixes made with kubectl on a real API server, taken over into a real repository: the patch is applied with git, what
 * is then rendered is compared with the server again, and it is in sync. Plain files, and kustomize with the real binary.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { exec } from "../../src/runtime/exec.ts";
import { createFolder, plumbline, verdictsOf, type Run } from "../cli/terminal.ts";
import { ensureBinaries } from "../control-plane/binaries.ts";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.ts";

const folder = createFolder();
let plane: ControlPlane;
let kustomize: string;

const webYaml = `# The shop's front.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: { app: web } # selected on
spec:
  replicas: 2
  selector:
    matchLabels: { app: web }
  template:
    metadata:
      labels: { app: web }
    spec:
      containers:
        # The server itself.
        - name: web
          image: web:1.4 # pinned
          env:
            - name: MODE
              value: calm
            - { name: LEVEL, value: "3" }
          command: ["run", "fast"]
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  selector: { app: web }
  ports:
    - port: 80
      targetPort: 8080
`;
const configYaml = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  mode: calm\n  text: |\n    one\n    two\n`;

async function git(...args: readonly string[]): Promise<string> {
  const identity = {
    GIT_AUTHOR_NAME: "Ada",
    GIT_AUTHOR_EMAIL: "a@b",
    GIT_COMMITTER_NAME: "Ada",
    GIT_COMMITTER_EMAIL: "a@b",
  };
  const env = { PATH: process.env["PATH"] ?? "", HOME: folder.root, GIT_CONFIG_NOSYSTEM: "1", ...identity };
  const ran = await exec("git", args, { cwd: folder.root, env, timeout: 30_000, maxOutput: 1 << 20 });
  if (ran.code !== 0) throw new Error(`git ${args.join(" ")}: ${ran.stderr}`);
  return ran.stdout.toString("utf8");
}
async function kubectl(args: readonly string[], input?: string): Promise<void> {
  const ran = await plane.kubectl(["-n", "shop", ...args], input);
  if (ran.code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${ran.stderr}`);
}
const cli = (...args: readonly string[]): Promise<Run> =>
  plumbline([...args, "-n", "shop", "--kubeconfig", plane.kubeconfigPath, "--kustomize-binary", kustomize]);
const verdicts = async (...sides: readonly string[]): Promise<readonly string[]> =>
  verdictsOf(await cli("diff", ...sides, "-o", "json"));

/** Applies a printed patch as a person would, and tells which lines came and went. */
async function apply({ stdout, stderr, status }: Run): Promise<readonly string[]> {
  expect([status, stderr]).toEqual([0, expect.stringContaining("is taken over")]);
  const patch = folder.put("../adopted.patch", stdout);
  await git("apply", "--check", patch);
  await git("apply", patch);
  return stdout.split("\n").filter((line) => /^[-+](?![-+])/.test(line));
}

beforeAll(async () => {
  plane = await startControlPlane();
  ({ kustomize } = await ensureBinaries(["kustomize"]));
  await plane.kubectl(["create", "namespace", "shop"]);
  folder.put("plain/web.yaml", webYaml);
  folder.put("plain/config.yaml", configYaml);
  folder.put("base/kustomization.yaml", "resources:\n  - web.yaml\n");
  folder.put(
    "base/web.yaml",
    webYaml.replaceAll("name: web\n", "name: front\n").replace("{ name: web }", "{ name: front }"),
  );
  folder.put(
    "prod/kustomization.yaml",
    '# production\nresources: [../base]\nnamePrefix: prod-\nnamespace: shop\nimages:\n  - { name: web, newTag: "1.5" }\n',
  );
  await git("init", "--quiet");
  await git("add", ".");
  await git("commit", "--quiet", "-m", "first");
});
afterAll(async () => {
  await plane?.stop();
  folder.remove();
});
beforeEach(async () => {
  await git("reset", "--quiet", "--hard");
  await git("clean", "--quiet", "-fd");
  // What was set by hand, no apply of a client takes back.
  await kubectl(["delete", "deployments,configmaps", "--all"]);
  await kubectl(["delete", "services", "--all"]);
});

describe("plain files", () => {
  beforeEach(() => kubectl(["apply", "-f", folder.at("plain")]));

  test("what kubectl changed, set, added and took away: the very lines; in sync", async () => {
    expect(await verdicts("-f", folder.at("plain"))).toEqual(["in-sync", "in-sync", "in-sync"]);
    await kubectl(["set", "image", "deployment/web", "web=web:1.6"]);
    await kubectl(["scale", "deployment/web", "--replicas=5"]);
    await kubectl(["set", "env", "deployment/web", "MODE-", "EXTRA=yes"]);
    await kubectl(["label", "deployment/web", "team=ops"]);
    await kubectl(["set", "resources", "deployment/web", "--requests=cpu=100m"]);
    const lines = await apply(await cli("adopt", "deployment/web", "-f", folder.at("plain")));
    expect(lines).toEqual([
      "-  labels: { app: web } # selected on",
      "+  labels: { app: web, team: ops } # selected on",
      "-  replicas: 2",
      "+  replicas: 5",
      "-          image: web:1.4 # pinned",
      "+          image: web:1.6 # pinned",
      "-            - name: MODE",
      "-              value: calm",
      "+            - name: EXTRA",
      '+              value: "yes"',
      "+          resources:",
      "+            requests:",
      "+              cpu: 100m",
    ]);
    expect(await verdicts("-f", folder.at("plain"))).toEqual(["in-sync", "in-sync", "in-sync"]);
  });

  test("a port by hand, and a line of a text: each in its own file", async () => {
    const port = [
      { op: "add", path: "/spec/ports/0/name", value: "http" },
      { op: "add", path: "/spec/ports/-", value: { name: "admin", port: 81 } },
    ];
    await kubectl(["patch", "service/web", "--type=json", "-p", JSON.stringify(port)]);
    await kubectl([
      "patch",
      "configmap/settings",
      "--type=merge",
      "-p",
      JSON.stringify({ data: { text: "one\n2\n", more: "yes" } }),
    ]);
    const service = await apply(await cli("adopt", "service/web", "-f", folder.at("plain")));
    expect(service.filter((line) => /nodePort|clusterIP|protocol/.test(line))).toEqual([]);
    const config = await apply(await cli("adopt", "configmap/settings", "-f", folder.at("plain")));
    expect(config).toEqual(["-    two", "+    2", '+  more: "yes"']);
    expect(await verdicts("-f", folder.at("plain"))).toEqual(["in-sync", "in-sync", "in-sync"]);
    expect((await git("diff", "--name-only")).split("\n").filter(Boolean)).toEqual([
      "plain/config.yaml",
      "plain/web.yaml",
    ]);
  });

  test("only a part, written to the file", async () => {
    await kubectl(["scale", "deployment/web", "--replicas=4"]);
    await kubectl(["set", "image", "deployment/web", "web=web:1.7"]);
    const run = await cli("adopt", "deployment/web", "-f", folder.at("plain"), "--path", ".spec.replicas", "--write");
    expect(run.status).toBe(0);
    expect((await git("diff", "--unified=0")).split("\n").filter((line) => /^[-+](?![-+])/.test(line))).toEqual([
      "-  replicas: 2",
      "+  replicas: 4",
    ]);
    expect(await verdicts("-f", folder.at("plain"))).toContain("drifted");
  });

  test("ignore, by the annotation: deployed, it is in sync, and the rest still counts", async () => {
    const run = await cli("ignore", "deployment/web", ".spec.replicas", "-f", folder.at("plain"), "--write");
    expect(run.status).toBe(0);
    await kubectl(["apply", "-f", folder.at("plain")]);
    await kubectl(["scale", "deployment/web", "--replicas=9"]);
    expect(await verdicts("-f", folder.at("plain"))).toEqual(["in-sync", "in-sync", "in-sync"]);
    await kubectl(["set", "image", "deployment/web", "web=web:1.8"]);
    expect(await verdicts("-f", folder.at("plain"))).toContain("drifted");
  });
});

describe("kustomize", () => {
  const build = async (): Promise<void> => {
    const ran = await exec(kustomize, ["build", folder.at("prod")], {
      cwd: folder.root,
      env: {},
      timeout: 30_000,
      maxOutput: 1 << 20,
    });
    await kubectl(["apply", "-f", "-"], ran.stdout.toString("utf8"));
  };
  beforeEach(build);

  test("a patch file, and the line that names it; built again, in sync", async () => {
    expect(await verdicts("-k", folder.at("prod"))).toEqual(["in-sync", "in-sync"]);
    await kubectl(["scale", "deployment/prod-front", "--replicas=6"]);
    await kubectl(["set", "env", "deployment/prod-front", "MODE-", "EXTRA=yes"]);
    await kubectl(["annotate", "deployment/prod-front", "example.com/a=b"]);
    const lines = await apply(await cli("adopt", "deployment/prod-front", "-k", folder.at("prod")));
    // Patches run before the prefix is put on.
    expect(lines.slice(-7)).toEqual([
      "+patches:",
      "+  - path: adopted-deployment-prod-front.yaml",
      "+    target:",
      "+      group: apps",
      "+      version: v1",
      "+      kind: Deployment",
      "+      name: front",
    ]);
    expect(readFileSync(folder.at("prod/kustomization.yaml"), "utf8").startsWith("# production\n")).toBe(true);
    expect(await verdicts("-k", folder.at("prod"))).toEqual(["in-sync", "in-sync"]);
    // A second one stands beside the first.
    await kubectl(["scale", "deployment/prod-front", "--replicas=7"]);
    await apply(await cli("adopt", "deployment/prod-front", "-k", folder.at("prod")));
    expect(await verdicts("-k", folder.at("prod"))).toEqual(["in-sync", "in-sync"]);
  });

  test("what a transformer behind patches sets is told, and nothing is changed", async () => {
    await kubectl(["set", "image", "deployment/prod-front", "front=web:2.0"]);
    const run = await cli("adopt", "deployment/prod-front", "-k", folder.at("prod"), "--write");
    expect([run.status, run.stdout]).toEqual([2, ""]);
    expect(run.stderr).toMatch(
      /image is set by .*prod behind its patches \(images, replicas, labels …\): change it there/,
    );
    expect(await git("status", "--porcelain")).toBe("");
  });

  test("ignore: the annotation by a patch", async () => {
    const run = await cli("ignore", "deployment/prod-front", ".spec.replicas", "-k", folder.at("prod"), "--write");
    expect(run.status).toBe(0);
    await build();
    await kubectl(["scale", "deployment/prod-front", "--replicas=9"]);
    expect(await verdicts("-k", folder.at("prod"))).toEqual(["in-sync", "in-sync"]);
  });
});
