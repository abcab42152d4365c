/**
 * The image, really built, and run as the chart's Deployment says: its arguments, uid 65532, a read-only root, a token
 * of its ServiceAccount. It renders with its own kustomize, clones with its own git, against the real API server.
 */
import { spawnSync, type ChildProcess } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getIn, type Json } from "../../src/model/json.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { freePort } from "../control-plane/ports.ts";
import { describeWith, leaveOut } from "../support/describe-with.ts";
import { chart, find, openHelm, releaseNamespace, render, root, type Helm } from "../chart/helm.ts";
import { openContainer, serviceAccountFolder, type Container } from "./container.ts";

const tag = "plumbline/plumbline:test";

const suite = (body: () => void): void => {
  // Mounting needs root; a container engine's daemon would have it on our behalf.
  if (process.getuid?.() === 0) describeWith(["buildah", "debootstrap", "helm"], "the image", body);
  else leaveOut("the image", { why: "only root may make and mount images here", optional: false });
};

suite(() => {
  let container: Container;
  beforeAll(() => {
    const args = ["deploy/image/build.ts", "--local-bases", "--tag", tag];
    const built = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8", maxBuffer: 1 << 26 });
    if (built.status !== 0) throw new Error(`${built.stdout}\n${built.stderr}`.slice(-4000));
    container = openContainer(tag);
  }, 900_000);
  afterAll(() => container?.close());

  describe("holds", () => {
    const folders = ["bin", "sbin", "usr/bin", "usr/sbin", "usr/local/bin", "usr/local/sbin"];
    const programs = (): readonly string[] =>
      folders
        .map((folder) => path.join(container.root, folder))
        .filter((folder) => existsSync(folder))
        .flatMap((folder) => readdirSync(folder));

    test("git, ssh, kustomize, helm and node", () => {
      expect(programs()).toEqual(expect.arrayContaining(["git", "ssh", "kustomize", "helm", "node"]));
    });

    test.each(["npm", "npx", "gcc", "cc", "ld", "make", "go", "python3", "curl", "wget", "kubectl", "sudo"])(
      "no %s",
      (name) => expect(programs()).not.toContain(name),
    );

    test("at most 600 MB, bases made here included", () => {
      console.log(`the image has ${Math.round(container.size / 1e6)} MB`);
      expect(container.size).toBeLessThan(600e6);
    });

    test("its bill of materials, with every part it is made of", () => {
      const text = readFileSync(path.join(container.root, "usr/share/plumbline/sbom.cdx.json"), "utf8");
      const bill = JSON.parse(text) as { bomFormat: string; components: { purl: string; version: string }[] };
      expect(bill.bomFormat).toBe("CycloneDX");
      const purls = bill.components.map(({ purl }) => purl);
      const lock = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8")) as Json;
      const undici = getIn(lock, "packages", "node_modules/undici", "version");
      expect(purls).toContain(`pkg:npm/undici@${String(undici)}`);
      expect(purls).toContain("pkg:golang/sigs.k8s.io/kustomize/kustomize/v5@v5.8.1");
      expect(purls).toContain("pkg:golang/helm.sh/helm/v4@v4.3.1");
      expect(purls.some((purl) => purl.startsWith("pkg:deb/debian/git@"))).toBe(true);
      expect(purls.filter((purl) => /pkg:npm\/(vitest|typescript|rolldown)@/.test(purl))).toEqual([]);
    });

    test("no setuid file that uid 65532 may run to become root with no-new-privileges off", () => {
      // The chart forbids privilege escalation; the image must not rely on it for its own programs.
      const own = spawnSync(
        "find",
        [path.join(container.root, "app"), path.join(container.root, "usr/local"), "-perm", "/6000"],
        { encoding: "utf8" },
      );
      expect(own.stdout).toBe("");
    });
  });

  describe("runs", () => {
    test("as a user that is not root, without a shell", () => {
      expect(container.config.User).toBe("65532:65532");
      expect(container.config.Entrypoint[0]).toBe("/usr/local/bin/node");
    });

    test.each([
      ["git", ["/usr/bin/git", "--version"], /git version 2/],
      ["ssh", ["/usr/bin/ssh", "-V"], /OpenSSH/],
      ["kustomize", ["/usr/local/bin/kustomize", "version"], /v5\.8\.1/],
      ["helm", ["/usr/local/bin/helm", "version", "--short"], /v4\.3\.1/],
      ["plumbline", ["/usr/local/bin/node", "/app/plumbline.js", "version"], /0\.1\.0/],
    ])("%s, on a read-only root", (_, command, said) => {
      const { code, stdout, stderr } = container.run(command);
      expect({ code, said: `${stdout}${stderr}` }).toEqual({ code: 0, said: expect.stringMatching(said) });
    });

    test("on a root that is read-only indeed", () => {
      const script = "require('fs').writeFileSync('/app/x','')";
      expect(container.run(["/usr/local/bin/node", "-e", script]).stderr).toMatch(/EROFS|EACCES/);
    });
  });

  describe("operates", () => {
    let plane: ControlPlane;
    let helm: Helm;
    let operator: ChildProcess;
    let log = "";
    let repository: string;
    let account: string;
    let ports: { metrics: number; health: number };

    beforeAll(async () => {
      [plane, helm] = await Promise.all([startControlPlane({ controllerManager: true }), openHelm()]);
      ports = { metrics: await freePort(), health: await freePort() };
      const kubeconfig = plane.kubeconfigPath;
      const values = {
        sources: { allowFileUrls: true },
        metrics: { port: ports.metrics },
        health: { port: ports.health },
      };
      const install = ["install", "plumbline", chart, "-n", releaseNamespace, "--create-namespace", "-f", "-"];
      expect(await helm.run(install, { kubeconfig, input: JSON.stringify(values) })).toMatchObject({ code: 0 });
      repository = mkdtempSync(path.join(tmpdir(), "plumbline-repository-"));
      cpSync(path.join(root, "deploy/examples/shop/kustomize"), repository, { recursive: true });
      const git = (...args: readonly string[]): void => {
        const who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
        const { status, stderr } = spawnSync("git", [...who, ...args], { cwd: repository, encoding: "utf8" });
        if (status !== 0) throw new Error(stderr);
      };
      git("init", "--quiet", "--initial-branch=main");
      git("add", ".");
      git("commit", "--quiet", "--message", "The shop");
      spawnSync("chmod", ["-R", "a+rX", repository]);
      spawnSync("chown", ["-R", "65532:65532", repository]);
      const applied = await plane.kubectl(["apply", "-k", path.join(repository, "prod")]);
      expect(applied).toMatchObject({ code: 0 });

      const token = await plane.tokenFor(releaseNamespace, "plumbline");
      account = serviceAccountFolder({ token, ca: plane.caData, namespace: releaseNamespace });
      const deployment = find(await render(helm, values), "Deployment", "plumbline");
      const containers = getIn(deployment, "spec", "template", "spec", "containers") as unknown as {
        args: string[];
        env: { name: string; value?: string }[];
      }[];
      const { args = [], env = [] } = containers[0] ?? {};
      const { hostname, port } = new URL(plane.url);
      operator = container.start([...container.config.Entrypoint, ...args], {
        env: {
          ...Object.fromEntries(env.map(({ name, value }) => [name, value ?? "plumbline-0"])),
          KUBERNETES_SERVICE_HOST: hostname,
          KUBERNETES_SERVICE_PORT: port,
        },
        mounts: { "/run/secrets/kubernetes.io/serviceaccount": account, "/run/repository": repository },
      });
      for (const stream of [operator.stdout, operator.stderr])
        stream?.on("data", (chunk: Buffer) => {
          log = (log + chunk.toString("utf8")).slice(-20_000);
        });
    }, 180_000);
    afterAll(async () => {
      operator?.kill("SIGKILL");
      helm?.close();
      await plane?.stop();
      for (const folder of [repository, account])
        if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    });

    const page = async (where: "metrics" | "health", what: string): Promise<string> => {
      try {
        const answer = await fetch(`http://127.0.0.1:${ports[where]}${what}`);
        return `${answer.status} ${await answer.text()}`;
      } catch (error) {
        return String(error);
      }
    };

    test("gets ready", async () => {
      await expect.poll(() => page("health", "/readyz"), { timeout: 60_000, message: log }).toMatch(/^200 /);
    });

    test("judges a kustomized Baseline from a clone: all in sync", async () => {
      const baseline = {
        apiVersion: "plumbline.dev/v1alpha1",
        kind: "Baseline",
        metadata: { name: "shop", namespace: releaseNamespace },
        spec: {
          source: { git: { url: "file:///run/repository", ref: { branch: "main" }, interval: "2s" } },
          path: "prod",
        },
      };
      expect(await plane.kubectl(["apply", "-f", "-"], JSON.stringify(baseline))).toMatchObject({ code: 0 });
      const wait = ["-n", releaseNamespace, "wait", "baseline/shop", "--for=condition=Ready", "--timeout=60s"];
      const waited = await plane.kubectl(wait);
      expect(waited.code, `${waited.stderr}\n${log}`).toBe(0);
      const { stdout } = await plane.kubectl(["-n", releaseNamespace, "get", "baseline", "shop", "-o", "json"]);
      const objects = getIn(JSON.parse(stdout) as Json, "status", "objects");
      expect(objects).toMatchObject({
        drifted: 0,
        missing: 0,
        unknown: 0,
        pending: 0,
        inSync: getIn(objects, "total"),
      });
    });

    test("sees an edit, and says so in a metric and a record", async () => {
      const patch = ["-n", "shop", "set", "image", "deployment/web", "web=nginx:evil"];
      expect(await plane.kubectl(patch)).toMatchObject({ code: 0 });
      await expect
        .poll(() => page("metrics", "/metrics"), { timeout: 30_000 })
        .toMatch(/plumbline_resource_drifted\{[^}]*resource_name="web"[^}]*\} 1/);
      const drifts = ["-n", releaseNamespace, "get", "drifts"];
      await expect
        .poll(async () => (await plane.kubectl(drifts)).stdout, { timeout: 30_000 })
        .toMatch(/Deployment\s+shop\/web\s+drifted/);
    });

    test("stops when told, and in time", async () => {
      const gone = new Promise<number | null>((resolve) => operator.once("close", (code) => resolve(code)));
      // The process we started is the namespace's keeper; the operator is its child.
      const children = readFileSync(`/proc/${operator.pid}/task/${operator.pid}/children`, "utf8").trim().split(" ");
      for (const child of children) process.kill(Number(child), "SIGTERM");
      expect(await gone).toBe(0);
    });
  });
});
