/** Our CustomResourceDefinitions, as the real server understands them: what it takes, what it refuses and in which words. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formatJson, type Json, type JsonObject } from "../../src/model/json.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";

const crds = path.join(fileURLToPath(new URL("../..", import.meta.url)), "deploy/crds.yaml");

let plane: ControlPlane;
beforeAll(async () => {
  plane = await startControlPlane();
  expect(await plane.kubectl(["apply", "--server-side", "-f", crds])).toMatchObject({ code: 0 });
  const wait = ["wait", "crd", "--for=condition=Established", "--timeout=30s"];
  expect(await plane.kubectl([...wait, "baselines.plumbline.dev", "drifts.plumbline.dev"])).toMatchObject({ code: 0 });
  for (const name of ["baselines.plumbline.dev", "drifts.plumbline.dev"]) {
    const { stdout } = await plane.kubectl(["get", "crd", name, "-o", "jsonpath={.status.conditions}"]);
    expect(stdout).not.toContain("NonStructuralSchema");
  }
});
afterAll(() => plane?.stop());

const git = { url: "https://git.example/shop.git", ref: { branch: "main" } };

function baseline(spec: JsonObject, name = "shop"): JsonObject {
  return { apiVersion: "plumbline.dev/v1alpha1", kind: "Baseline", metadata: { name, namespace: "default" }, spec };
}

const withGit = (more: JsonObject): JsonObject => ({ source: { git: { ...git, ...more } } });
const withUrl = (url: string): JsonObject => withGit({ url });
const withRef = (ref: Json): JsonObject => withGit({ ref });
const withSpec = (more: JsonObject): JsonObject => ({ source: { git }, ...more });
const withIgnore = (row: JsonObject): JsonObject =>
  withSpec({ compare: { ignore: [{ target: {}, paths: [".spec.replicas"], reason: "because", ...row }] } });
const withWindow = (row: JsonObject): JsonObject =>
  withSpec({ remediation: { windows: [{ schedule: "0 2 * * *", duration: "4h", kind: "Allow", ...row }] } });

/** Creates without storing; the server's words, and "" where it says yes. */
async function refusal(object: JsonObject, plural = "baselines"): Promise<string> {
  const url = `/apis/plumbline.dev/v1alpha1/namespaces/default/${plural}?dryRun=All&fieldValidation=Strict`;
  const answer = await plane.request("POST", url, { body: formatJson(object) });
  return answer.status === 201 ? "" : (JSON.parse(answer.text) as { message: string }).message;
}

const accepted: readonly (readonly [string, JsonObject])[] = [
  ["the least there is", withSpec({})],
  ["https with a port", withUrl("https://git.example:8443/a/b.git")],
  ["ssh with a user", withUrl("ssh://git@git.example:2222/a/b.git")],
  ["scp-like", withUrl("git@git.example:a/b.git")],
  ["scp-like with an IPv6 address", withUrl("git@[2001:db8::1]:a/b.git")],
  ["file, for the operator decides", withUrl("file:///srv/git/shop.git")],
  ["a branch with slashes and dashes", withRef({ branch: "release/2026-11_x.y" })],
  ["a tag", withRef({ tag: "v1.4.0" })],
  ["a semver range", withRef({ semver: ">=1.4.0 <2.0.0 || 3.x" })],
  ["a SHA-1 commit", withRef({ commit: "4f2a1c".padEnd(40, "0") })],
  ["a SHA-256 commit", withRef({ commit: "4f2a1c".padEnd(64, "0") })],
  ["a full ref name", withRef({ name: "refs/pull/420/head" })],
  ["a compound interval", withGit({ interval: "1h30m" })],
  ["the shortest interval", withGit({ interval: "1s" })],
  ["a fractional timeout", withGit({ timeout: "1.5m" })],
  ["no grace at all", withSpec({ gracePeriod: "0s" })],
  ["a path", withSpec({ path: "./clusters/prod/" })],
  ["a path with dots that lead nowhere", withSpec({ path: "a..b/...c/.hidden" })],
  [
    "ignore by pointer with an end",
    withIgnore({ paths: ["/metadata/annotations/a~1b"], until: "2027-01-01T00:00:00Z" }),
  ],
  ["ignore until a time with an offset", withIgnore({ until: "2027-01-01T00:00:00.5+02:00" })],
  [
    "ignore for the core group and names with stars",
    withIgnore({ target: { group: "", name: "system:*", kind: "*" } }),
  ],
  ["a severity row without paths", withSpec({ severity: [{ target: { kind: "ConfigMap" }, severity: "high" }] })],
  ["minCompliance 0", withSpec({ minCompliance: 0 })],
  ["minCompliance 0.995", withSpec({ minCompliance: 0.995 })],
  ["a window", withWindow({ timeZone: "America/Argentina/Buenos_Aires" })],
  ["a window on weekdays by name", withWindow({ schedule: "*/15 2,4 * JAN-MAR MON-FRI" })],
  ["every cause", withSpec({ remediation: { causes: ["live-edit", "deletion", "rollout", "dropped-from-git"] } })],
  ["unmanaged by selector", withSpec({ unmanaged: { scope: "Selector", labelSelector: "app=shop" } })],
];

const oneRef = "exactly one of branch, tag, semver, commit, name must be set";
const scheme = "must be https://, ssh://, file:/// or scp-like (git@host:path)";
const credentials = "must not hold credentials; put them in a Secret and name it in secretRef";
const refName = "must be a valid Git ref name";

const refused: readonly (readonly [string, JsonObject, string])[] = [
  ["no source", {}, "spec.source: Required value"],
  ["no ref", { source: { git: { url: git.url } } }, "spec.source.git.ref: Required value"],
  ["an empty ref", withRef({}), oneRef],
  ["two refs", withRef({ branch: "main", tag: "v1" }), oneRef],
  ["five refs", withRef({ branch: "a", tag: "b", semver: "1", commit: "0".repeat(40), name: "refs/x" }), oneRef],
  ["an option for a URL", withUrl("--upload-pack=touch /tmp/x"), "must not start with '-'"],
  ["an option for a host", withUrl("ssh://-oProxyCommand=x/a.git"), "the host must not start with '-'"],
  ["an option for a host after a user", withUrl("ssh://git@-oProxyCommand=x/a"), "the host must not start with '-'"],
  ["an option for a scp-like host", withUrl("git@-oProxyCommand=x:a"), scheme],
  ["a transport helper", withUrl("ext::sh -c id"), scheme],
  ["a transport helper behind a user", withUrl("git@host::x"), scheme],
  ["plain http", withUrl("http://git.example/a.git"), scheme],
  ["the git protocol", withUrl("git://git.example/a.git"), scheme],
  ["a bare path", withUrl("/srv/git/a.git"), scheme],
  ["a file URL with a host", withUrl("file://host/a.git"), scheme],
  ["no host", withUrl("https:///a.git"), scheme],
  ["a password in an https URL", withUrl("https://me:token@git.example/a.git"), credentials],
  ["a token in an https URL", withUrl("https://token@git.example/a.git"), credentials],
  ["a password in a ssh URL", withUrl("ssh://git:pw@git.example/a.git"), credentials],
  ["a token in a query", withUrl("https://git.example/a.git?private_token=x"), "must not have a query or a fragment"],
  ["a line break in a URL", withUrl("https://git.example/a\n.git"), "white space or control characters"],
  ["a blank in a URL", withUrl("https://git.example/a b"), "white space or control characters"],
  ["a URL of 2049 characters", withUrl(`https://git.example/${"a".repeat(2029)}`), "Too long"],
  ["a branch that is an option", withRef({ branch: "--upload-pack=x" }), "must not start with '-'"],
  ["a branch with two dots", withRef({ branch: "a..b" }), refName],
  ["a branch with a blank", withRef({ branch: "a b" }), refName],
  ["a branch that ends in .lock", withRef({ branch: "a.lock" }), refName],
  ["a refspec for a branch", withRef({ branch: "main:refs/heads/x" }), refName],
  ["a tag with a caret", withRef({ tag: "v1^{}" }), refName],
  ["a short commit", withRef({ commit: "4f2a1c0" }), "spec.source.git.ref.commit in body should match"],
  ["a commit in capitals", withRef({ commit: "A".repeat(40) }), "spec.source.git.ref.commit in body should match"],
  ["a name that is no full ref", withRef({ name: "main" }), "spec.source.git.ref.name in body should match"],
  ["a semver range with a line break", withRef({ semver: "1.x\n" }), "spec.source.git.ref.semver in body should match"],
  ["a number for an interval", withGit({ interval: 60 }), "must be of type string"],
  ["an interval without unit", withGit({ interval: "60" }), "spec.source.git.interval in body should match"],
  ["a negative interval", withGit({ interval: "-1m" }), "spec.source.git.interval in body should match"],
  ["an interval of 0s", withGit({ interval: "0s" }), "must be between 1s and 24h"],
  ["an interval of a month", withGit({ interval: "720h" }), "must be between 1s and 24h"],
  ["an interval of days", withGit({ interval: "1d" }), "spec.source.git.interval in body should match"],
  ["a timeout of two hours", withGit({ timeout: "2h" }), "must be between 1s and 1h"],
  [
    "a Secret in another namespace",
    withGit({ secretRef: { name: "other/secret" } }),
    "secretRef.name in body should match",
  ],
  ["a Secret without name", withGit({ secretRef: { name: "" } }), "spec.source.git.secretRef.name"],
  ["an absolute path", withSpec({ path: "/etc" }), "must be relative to the root of the repository"],
  ["a path that climbs out", withSpec({ path: "a/../../b" }), "must not contain '..'"],
  ["a path that is two dots", withSpec({ path: ".." }), "must not contain '..'"],
  ["a path into .git", withSpec({ path: "a/.git/hooks" }), "must not lead into .git"],
  ["a path with a backslash", withSpec({ path: "a\\..\\b" }), "control characters or backslashes"],
  ["a path with a NUL", withSpec({ path: "a\u0000b" }), "control characters or backslashes"],
  ["an absolute exclude", withSpec({ exclude: ["/etc/*"] }), "spec.exclude[0] in body should match"],
  ["51 excludes", withSpec({ exclude: Array.from({ length: 51 }, () => "a") }), "must have at most 50 items"],
  ["an unknown renderer", withSpec({ render: { kind: "Jsonnet" } }), 'supported values: "Auto"'],
  ["a mode in small letters", withSpec({ mode: "remediate" }), 'supported values: "Observe"'],
  ["a grace of ten days", withSpec({ gracePeriod: "240h" }), "must be at most 168h"],
  ["a grace too great to count", withSpec({ gracePeriod: "999999h999999h999999h" }), "spec.gracePeriod"],
  ["a namespace with a slash", withSpec({ targetNamespace: "a/b" }), "spec.targetNamespace in body should match"],
  ["an empty ServiceAccount", withSpec({ serviceAccountName: "" }), "spec.serviceAccountName"],
  ["a blank ServiceAccount", withSpec({ serviceAccountName: " " }), "spec.serviceAccountName in body should match"],
  [
    "an ignore row without reason",
    withSpec({ compare: { ignore: [{ target: {}, paths: [".a"] }] } }),
    "reason: Required value",
  ],
  ["an ignore row without paths", withIgnore({ paths: [] }), "paths in body should have at least 1 items"],
  ["an ignore path that is neither", withIgnore({ paths: ["spec.replicas"] }), "paths[0] in body should match"],
  ["an ignore path that is everything", withIgnore({ paths: ["/"] }), "paths[0]"],
  ["until without a zone", withIgnore({ until: "2027-01-01T00:00:00" }), "until in body"],
  [
    "until on no day there is",
    withIgnore({ until: "2027-02-31T00:00:00Z" }),
    "until in body must be of type date-time",
  ],
  ["until as a day", withIgnore({ until: "2027-01-01" }), "until in body"],
  [
    "a severity there is not",
    withSpec({ severity: [{ target: {}, severity: "fatal" }] }),
    'supported values: "critical"',
  ],
  ["minCompliance 99", withSpec({ minCompliance: 99 }), "should be less than or equal to 1"],
  ["minCompliance as text", withSpec({ minCompliance: "0.99" }), "must be of type number"],
  ["a cause there is not", withSpec({ remediation: { causes: ["boredom"] } }), 'supported values: "live-edit"'],
  ["a cause twice", withSpec({ remediation: { causes: ["deletion", "deletion"] } }), "Duplicate value"],
  ["a window with four fields", withWindow({ schedule: "0 2 * *" }), "schedule in body should match"],
  ["a window without end", withWindow({ duration: "999h" }), "must be between 1m and 168h"],
  ["a time zone that is a path", withWindow({ timeZone: "../../etc/passwd" }), "timeZone in body should match"],
  ["an absurd limit", withSpec({ remediation: { limits: { maxPerMinute: 1e9 } } }), "less than or equal to 600"],
  ["a negative limit", withSpec({ remediation: { limits: { retries: -1 } } }), "greater than or equal to 0"],
  ["scope Selector without selector", withSpec({ unmanaged: { scope: "Selector" } }), "needs unmanaged.labelSelector"],
  ["an unknown field", withSpec({ mood: "Alert" }), 'unknown field "spec.mood"'],
];

describe("a Baseline is taken", () => {
  test.each(accepted)("%s", async (_, spec) => {
    expect(await refusal(baseline(spec))).toBe("");
  });
});

describe("a Baseline is refused", () => {
  test.each(refused)("%s", async (_, spec, message) => {
    expect(await refusal(baseline(spec))).toContain(message);
  });

  test("a name of 64 characters", async () => {
    expect(await refusal(baseline(withSpec({}), "a".repeat(64)))).toContain("at most 63 characters");
  });
});

const drift = {
  apiVersion: "plumbline.dev/v1alpha1",
  kind: "Drift",
  metadata: { name: "shop-0123456789abcdef", namespace: "default" },
  baseline: "shop",
  object: { group: "apps", version: "v1", kind: "Deployment", namespace: "shop", name: "web", label: "shop/web" },
  verdict: "drifted",
  severity: "high",
  class: "workload",
  cause: "live-edit",
  who: "kubectl-edit",
  firstObserved: "2026-11-21T00:00:00Z",
  changesTotal: 2,
  changes: [
    {
      op: "changed",
      path: '.spec.template.spec.containers[name="web"].image',
      pointer: "/spec/template/spec/containers/0/image",
      desired: "web:1",
      live: "web:2",
      sensitive: false,
      severity: "high",
      class: "workload",
      cause: "live-edit",
      owner: { manager: "kubectl-edit", operation: "Update", subresource: "", confidence: "exact" },
    },
    {
      op: "added",
      path: ".spec.paused",
      pointer: "/spec/paused",
      desired: null,
      live: { deep: [1, "x", { y: 9007199254740993n }] },
      severity: "low",
      class: "workload",
      cause: "live-edit",
    },
  ],
} as const satisfies JsonObject;

describe("a Drift", () => {
  test("keeps every value as it is: null, nested, and integers no double can hold", async () => {
    expect(await plane.kubectl(["create", "-f", "-"], formatJson(drift))).toMatchObject({ code: 0 });
    const url = `/apis/plumbline.dev/v1alpha1/namespaces/default/drifts/${drift.metadata.name}`;
    const { text } = await plane.request("GET", url);
    expect(text).toContain('"desired":null');
    expect(text).toContain('"y":9007199254740993');
  });

  test("shows its columns", async () => {
    const { stdout } = await plane.kubectl(["get", "drifts"]);
    const [head = "", row = ""] = stdout.split("\n");
    expect(head.split(/\s{2,}/)).toEqual(
      ["NAME", "KIND", "OBJECT", "VERDICT", "SEVERITY", "CAUSE", "WHO", "SINCE"].concat(head.endsWith(" ") ? [""] : []),
    );
    expect(row).toMatch(
      /^shop-0123456789abcdef\s+Deployment\s+shop\/web\s+drifted\s+high\s+live-edit\s+kubectl-edit\s+\S+/,
    );
  });

  test("is refused with a verdict that never stands", async () => {
    expect(await refusal({ ...drift, verdict: "pending" }, "drifts")).toContain("supported values");
  });

  test("is refused with 51 changes", async () => {
    const changes = Array.from({ length: 51 }, () => ({ ...drift.changes[0] }));
    expect(await refusal({ ...drift, changes }, "drifts")).toContain("must have at most 50 items");
  });
});

describe("an unknown field", () => {
  const object = JSON.stringify(baseline(withSpec({ mood: "Alert" }), "strict"));

  test("is refused by kubectl apply", async () => {
    const applied = await plane.kubectl(["apply", "-f", "-"], object);
    expect(applied.code).toBe(1);
    expect(applied.stderr).toContain('unknown field "spec.mood"');
  });

  test("is pruned where the client does not ask for strictness", async () => {
    const url = "/apis/plumbline.dev/v1alpha1/namespaces/default/baselines?fieldValidation=Ignore";
    const created = await plane.request("POST", url, { body: object, contentType: "application/json" });
    expect(created.status).toBe(201);
    expect(JSON.parse(created.text)).not.toHaveProperty("spec.mood");
  });
});

describe("kubectl", () => {
  test.each([
    ["baseline", "A Baseline says what ought to be true"],
    ["baseline.spec.source.git.url", "Credentials go into a Secret, never into the URL"],
    ["baseline.spec.compare.ignore", "Paths that never count"],
    ["bl.status.objects", "They add up to the total"],
    ["drift", "one object that is not as its Baseline declares it"],
    ["drift.changes.owner", "A manager is not a person"],
  ])("explain %s reads", async (what, text) => {
    const { stdout } = await plane.kubectl(["explain", what]);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(text);
  });

  test("waits for Ready, and shows the columns, once the status says so", async () => {
    expect(await plane.kubectl(["apply", "-f", "-"], JSON.stringify(baseline(withSpec({}), "waited")))).toMatchObject({
      code: 0,
    });
    const soon = await plane.kubectl(["wait", "bl/waited", "--for=condition=Ready", "--timeout=1s"]);
    expect(soon).toMatchObject({ code: 1 });
    const at = "2026-11-21T00:00:00Z";
    const condition = (type: string, status: string) => ({
      type,
      status,
      reason: "Judged",
      message: "42 objects judged",
      lastTransitionTime: at,
      observedGeneration: 1,
    });
    const status = {
      observedGeneration: 1,
      conditions: [condition("Ready", "True"), condition("Compliant", "False")],
      mode: "Alert",
      source: { revision: `main@sha1:${"0".repeat(40)}`, fetchedAt: at },
      objects: { total: 42, inSync: 41, drifted: 1, pending: 0, missing: 0, unknown: 0 },
      compliance: { ratio: "0.976", severity: "high" },
      worst: [
        {
          group: "apps",
          kind: "Deployment",
          namespace: "shop",
          name: "web",
          verdict: "drifted",
          severity: "high",
          since: at,
        },
      ],
    };
    const url = "/apis/plumbline.dev/v1alpha1/namespaces/default/baselines/waited/status?fieldValidation=Strict";
    const patched = await plane.request("PATCH", url, {
      body: { status },
      contentType: "application/merge-patch+json",
    });
    expect(patched.status, patched.text).toBe(200);
    expect(await plane.kubectl(["wait", "bl/waited", "--for=condition=Ready", "--timeout=10s"])).toMatchObject({
      code: 0,
    });
    const { stdout } = await plane.kubectl(["get", "bl", "waited"]);
    expect(stdout).toMatch(/^NAME\s+READY\s+COMPLIANT\s+DRIFTED\s+REVISION\s+MODE\s+AGE\s*\n/);
    expect(stdout).toMatch(/waited\s+True\s+False\s+1\s+main@sha1:0{40}\s+Alert\s+\S+/);
    const wide = await plane.kubectl(["get", "plumbline", "-o", "wide"]);
    expect(wide.stdout).toMatch(/OBJECTS\s+PENDING\s+MISSING\s+UNKNOWN\s+SOURCE\s+MESSAGE/);
  });

  test("cannot write a status through the spec", async () => {
    const object = { ...baseline(withSpec({}), "forged"), status: { objects: { total: 1 } } };
    expect(await plane.kubectl(["create", "-f", "-"], JSON.stringify(object))).toMatchObject({ code: 0 });
    const { stdout } = await plane.kubectl(["get", "bl", "forged", "-o", "json"]);
    expect(JSON.parse(stdout)).not.toHaveProperty("status");
  });
});
