/** `plumbline explain`: what decided each path of one object. */
import { afterAll, describe, expect, test } from "vitest";
import { configYaml, listOf, liveConfig, liveWeb, secretYaml, webYaml } from "./samples.ts";
import { createFolder, plumbline } from "./terminal.ts";

const folder = createFolder();
afterAll(() => folder.remove());
const web = folder.put("shop/web.yaml", `${webYaml}---\n${configYaml}`);

function edited(): string {
  const live = liveWeb();
  live.spec.replicas = 5;
  live.metadata.labels = { team: "by-hand" };
  Object.assign(live.spec, { revisionHistoryLimit: 10 });
  Object.assign(live.metadata, { annotations: { "deployment.kubernetes.io/revision": "3" } });
  return folder.put("live.json", listOf(live, liveConfig()));
}

const explain = (...args: readonly string[]) => plumbline(["explain", ...args, "-f", web, "--live", edited()]);

interface Report {
  readonly kind: string;
  readonly object: { readonly verdict: string };
  readonly paths: readonly {
    readonly path: string;
    readonly decidedBy: string;
    readonly rule?: string;
    readonly desired?: unknown;
    readonly live?: unknown;
  }[];
}

describe("what decided", () => {
  test("drift, a default and a rule, each with its reason", async () => {
    const run = await explain("deployment/web", "-n", "shop", "-o", "json");
    expect([run.stderr, run.status]).toEqual(["", 0]);
    const { kind, object, paths } = JSON.parse(run.stdout) as Report;
    expect([kind, object.verdict]).toEqual(["Explanation", "drifted"]);
    const decided = new Map(paths.map((one) => [one.path, one.rule ?? one.decidedBy]));
    expect(decided.get(".spec.replicas")).toBe("drift");
    expect(decided.get(".metadata.labels.team")).toBe("drift");
    expect(decided.get(".spec.revisionHistoryLimit")).toBe("default");
    expect(decided.get('.metadata.annotations["deployment.kubernetes.io/revision"]')).toBe("deployment-revision");
    expect(paths.some(({ decidedBy }) => decidedBy === "equal")).toBe(false);
  });

  test("--all: also what simply agrees", async () => {
    const run = await explain("deployment/web", "-n", "shop", "-o", "json", "--all");
    const { paths } = JSON.parse(run.stdout) as Report;
    const image = '.spec.template.spec.containers[name="web"].image';
    expect(paths.find(({ path }) => path === image)).toMatchObject({ decidedBy: "equal", live: "web:1.4" });
  });

  test("for a person: the verdict, a line per path, and how many of each", async () => {
    const { stdout } = await explain("deploy/web", "-n", "shop").then(() =>
      explain("Deployments.apps/web", "-n", "shop"),
    );
    expect(stdout).toMatch(/^Deployment shop\/web {2}drifted medium {2}.*web\.yaml:1\n\nDECIDED-BY +PATH +GIT +LIVE/);
    expect(stdout).toMatch(/^drift +\.spec\.replicas +2 +5 /m);
    expect(stdout).toMatch(/\n\d+ paths: .*\d+ equal.*\n$/);
  });

  test("an object that is in sync, and one that is not there", async () => {
    const run = await explain("configmap/settings", "-n", "shop");
    expect([run.status, run.stdout]).toEqual([0, expect.stringMatching(/^ConfigMap shop\/settings {2}in-sync /)]);
    const gone = await plumbline([
      "explain",
      "configmap/settings",
      "-f",
      web,
      "--live",
      folder.put("none.json", listOf()),
    ]);
    expect([gone.status, gone.stdout]).toEqual([
      0,
      expect.stringMatching(/^ConfigMap default\/settings {2}missing .*\n$/),
    ]);
  });

  test("no value of a Secret is shown", async () => {
    const secret = folder.put("secret.yaml", secretYaml);
    const live = { apiVersion: "v1", kind: "Secret", metadata: { name: "key", namespace: "default" }, type: "Opaque" };
    const dump = folder.put(
      "secret.json",
      listOf({ ...live, data: { password: btoa("canary-live"), more: btoa("canary-more") } }),
    );
    for (const output of ["text", "json", "yaml"]) {
      const run = await plumbline(["explain", "secret/key", "-f", secret, "--live", dump, "--all", "-o", output]);
      expect(run.stdout).toContain("data.password");
      for (const value of ["canary-git", "canary-live", "canary-more"]) {
        expect(run.stdout).not.toContain(value);
        expect(run.stdout).not.toContain(btoa(value));
      }
    }
  });
});

describe("what is wrong with the call: one line, 2", () => {
  test.each([
    ["nothing is called so", "deployment/other", /^plumbline: deployment\/other is not declared in what was read\n$/],
    ["no name", "deployment", /^plumbline: deployment: a kind and a name are needed, such as deployment\/web\n$/],
  ])("%s", async (_, target, message) => {
    const run = await explain(target);
    expect([run.status, run.stdout]).toEqual([2, ""]);
    expect(run.stderr).toMatch(message);
  });

  test("two are called so, and -n tells them apart", async () => {
    const both = ["one", "two"]
      .map((name) => configYaml.replace("{ name:", `{ namespace: ${name}, name:`))
      .join("---\n");
    const file = folder.put("both.yaml", both);
    const dump = folder.put("none.json", listOf());
    const run = await plumbline(["explain", "configmap/settings", "-f", file, "--live", dump]);
    expect([run.status, run.stderr]).toEqual([
      2,
      expect.stringMatching(/declared more than once: .*both\.yaml:1.*; -n/),
    ]);
    const one = await plumbline(["explain", "configmap/settings", "-f", file, "--live", dump, "-n", "two"]);
    expect([one.status, one.stdout]).toEqual([0, expect.stringMatching(/^ConfigMap two\/settings {2}missing/)]);
  });
});
