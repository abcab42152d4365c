/** `plumbline adopt` on files and a dump: the patch, the files it changes, and what it refuses. */
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { configYaml, liveConfig, liveSecret, liveWeb, listOf, secretYaml, webYaml } from "../samples.ts";
import { createFolder, plumbline, verdictsOf, type Run } from "../terminal.ts";

const folder = createFolder();
afterAll(() => folder.remove());
const text = `# the shop\n${webYaml.replace("replicas: 2", "replicas: 2 # on purpose")}---\n${configYaml}---\n${secretYaml}`;
let file = "";
beforeEach(() => {
  file = folder.put("shop/all.yaml", text);
});

function dump(edit: (live: ReturnType<typeof liveWeb>) => void, ...more: readonly object[]): string {
  const live = liveWeb();
  edit(live);
  return folder.put("live.json", listOf(live, ...(more.length === 0 ? [liveConfig(), liveSecret()] : more)));
}

const run = (what: string, live: string, ...args: readonly string[]): Promise<Run> =>
  plumbline(["adopt", what, "-n", "shop", "-f", file, "--live", live, ...args]);
const verdicts = async (live: string): Promise<readonly string[]> =>
  verdictsOf(await plumbline(["diff", "-n", "shop", "-f", file, "--live", live, "-o", "json"]));

const hotfix = (): string =>
  dump((live) => {
    live.spec.replicas = 5;
    live.metadata.labels = { team: "ops" };
    const [, web] = live.spec.template.spec.containers;
    web!.image = "web:1.5";
    web!.env = [
      { name: "A", value: "1" },
      { name: "NEW", value: "yes" },
      { name: "C", value: "3" },
    ];
    Object.assign(web!, { ports: [{ containerPort: 8080, protocol: "TCP" }] });
  });

test("a patch of the very lines: changed, added, removed, in the middle of lists", async () => {
  const live = hotfix();
  const { stdout, stderr, status } = await run("deployment/web", live);
  expect(status).toBe(0);
  const lines = stdout.split("\n").filter((line) => /^[-+](?![-+])/.test(line));
  expect(lines).toEqual([
    "+  labels:",
    "+    team: ops",
    "-  replicas: 2 # on purpose",
    "+  replicas: 5 # on purpose",
    "-          image: web:1.4",
    "+          image: web:1.5",
    "-            - name: B",
    '-              value: "2"',
    "+            - name: NEW",
    '+              value: "yes"',
    "+          ports:",
    // The protocol is the default, so it is left out.
    "+            - containerPort: 8080",
  ]);
  expect(stderr).toContain("Deployment shop/web: changed .spec.replicas is taken over");
  expect(readFileSync(file, "utf8")).toBe(text);
});

test("--write: the file is changed, and in sync; nothing else in it is", async () => {
  const live = hotfix();
  expect(await verdicts(live)).toEqual(["drifted", "in-sync", "in-sync"]);
  const { stdout, stderr, status } = await run("deployment/web", live, "--write");
  expect([status, stdout]).toEqual([0, ""]);
  expect(stderr).toContain(`changed ${file}\n`);
  expect(await verdicts(live)).toEqual(["in-sync", "in-sync", "in-sync"]);
  const written = readFileSync(file, "utf8");
  expect(written.startsWith("# the shop\n")).toBe(true);
  expect(written.endsWith(`---\n${configYaml}---\n${secretYaml}`)).toBe(true);
});

describe("--path", () => {
  test("only what it names, and what that encloses", async () => {
    const live = hotfix();
    const { stdout } = await run("deployment/web", live, "--path", ".spec.replicas", "--path", "/metadata/labels");
    expect(stdout.split("\n").filter((line) => /^[-+](?![-+])/.test(line))).toEqual([
      "+  labels:",
      "+    team: ops",
      "-  replicas: 2 # on purpose",
      "+  replicas: 5 # on purpose",
    ]);
  });

  test.each([
    ["nothing differs there", ".spec.paused", /does not differ at \.spec\.paused; it differs at .*\.spec\.replicas/],
    ["no path", ".spec[", /--path \.spec\[: ".spec\[" is no path/],
  ])("%s", async (_, path, message) => {
    const { stdout, stderr, status } = await run("deployment/web", hotfix(), "--path", path);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  });
});

test("as declared already: nothing, 0", async () => {
  const found = await run(
    "deployment/web",
    dump(() => {}),
  );
  expect(found).toEqual({ status: 0, stdout: "", stderr: "Deployment shop/web is as declared: nothing to adopt\n" });
});

test("a flag takes one value, as kubectl's do, and leaves what follows it alone", async () => {
  const live = hotfix();
  const common = ["-n", "shop", "--live", live];
  for (const args of [
    ["-f", file, "deployment/web"],
    ["-f", file, "--path", ".spec.replicas", "deployment/web"],
  ])
    expect(await plumbline(["adopt", ...common, ...args])).toMatchObject({
      status: 0,
      stderr: expect.stringContaining("is taken over"),
    });
  const two = await plumbline(["diff", ...common, "-f", file, file]);
  expect([two.status, two.stdout]).toEqual([2, ""]);
  expect(two.stderr).toMatch(/too many arguments/);
});

test("gone from the cluster, or not declared: said, 2", async () => {
  const live = folder.put("none.json", listOf());
  expect((await run("deployment/web", live)).stderr).toMatch(/shop\/web \(.*all\.yaml:2\) is not in the cluster/);
  expect((await run("deployment/other", live)).stderr).toMatch(/deployment\/other is not declared/);
});

test("bytes that are no UTF-8: the file is named and stays; diff reads it as before", async () => {
  const bytes = Buffer.from(text.replace("# the shop", "# caf\u00e9"), "latin1");
  writeFileSync(file, bytes);
  const live = hotfix();
  expect(await verdicts(live)).toEqual(["drifted", "in-sync", "in-sync"]);
  for (const args of [[], ["--write"]]) {
    const adopted = await run("deployment/web", live, ...args);
    const common = ["-n", "shop", "-f", file, "--live", live, ...args];
    const ignored = await plumbline(["ignore", "deployment/web", ".spec.replicas", ...common]);
    for (const { stdout, stderr, status } of [adopted, ignored]) {
      expect([status, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(/all\.yaml: not UTF-8/);
    }
  }
  expect(readFileSync(file)).toEqual(bytes);
});

test("what could not be read of the live side is no reason to remove anything from Git", async () => {
  const { stderr, status } = await run("deployment/web", folder.put("broken.json", "{"));
  expect(status).toBe(2);
  expect(stderr).toMatch(/shop\/web \(.*all\.yaml:2\) was not found, and not all of the live objects could be read/);
  expect(stderr).not.toContain("remove it");
});

test("declared in two files: said so, with both places", async () => {
  const other = folder.put("other.yaml", webYaml);
  const { stderr, status } = await run("deployment/web", hotfix(), "-f", other);
  expect(status).toBe(2);
  expect(stderr.trimEnd().split("\n").at(-1)).toMatch(
    /^plumbline: deployment\/web is declared more than once: .*all\.yaml:2\), .*other\.yaml:1\); only one/,
  );
});

test("--expand is named only where it helps", async () => {
  file = folder.put("shop/all.yaml", webYaml.replace("  replicas: 2", "  ? replicas\n  : 2"));
  const { stderr, status } = await run("deployment/web", hotfix(), "--path", ".spec.replicas");
  expect([status, stderr]).toEqual([2, expect.stringContaining("cannot be edited here: ")]);
  expect(stderr).not.toContain("--expand");
});

test("a comment that cannot stay is told with its line", async () => {
  const content = webYaml.replace("            - name: C", "            - name: C # three");
  file = folder.put("shop/all.yaml", content);
  const live = dump((one) => one.spec.template.spec.containers[1]!.env?.pop());
  const { stdout, stderr, status } = await run("deployment/web", live);
  expect(status).toBe(0);
  expect(stdout).toContain("-            - name: C # three\n");
  const line = content.split("\n").findIndex((one) => one.includes("# three")) + 1;
  expect(stderr.endsWith(`warning: ${file}:${line}: the comment on this line is lost\n`)).toBe(true);
});

test("what a terminal would obey is escaped on one, and stays what it is in a pipe", async () => {
  const content = webYaml.replace("replicas: 2", "replicas: 2 # \u001b[2J \u202e").replaceAll("\n", "\r\n");
  file = folder.put("shop/all.yaml", content);
  const live = dump((one) => (one.spec.replicas = 5));
  const args = ["adopt", "deployment/web", "-n", "shop", "-f", file, "--live", live];
  const piped = await plumbline(args);
  const shown = await plumbline(args, { isTerminal: true });
  expect(piped.stdout).toContain("+  replicas: 5 # \u001b[2J \u202e\r\n");
  expect(shown.stdout).toBe(piped.stdout.replaceAll("\u202e", "\\u202e").replaceAll("\u001b", "\\u001b"));
  expect([piped.stderr, shown.stderr]).toEqual([
    expect.not.stringContaining("warning"),
    expect.stringContaining("warning: control characters of the file are escaped here"),
  ]);
});

/** The line of a key, brought to the top. */
function early(yaml: string, key: string): string {
  const lines = yaml.split("\n");
  const line = lines.find((one) => one.startsWith(key)) ?? "";
  return [line, ...lines.filter((one) => one !== line)].join("\n");
}

describe("values of a Secret", () => {
  const secret = (): string =>
    dump(() => {}, liveConfig(), {
      ...liveSecret("canary-live"),
      metadata: { name: "key", namespace: "shop", labels: { a: "b" } },
    });

  test("are refused, with what to do instead, and never shown", async () => {
    const { stdout, stderr, status } = await run("secret/key", secret(), "--path", ".data");
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/Secret shop\/key: \.data\.password: values of a Secret are never printed; bring them/);
  });

  test("what else differs can be taken over without them", async () => {
    file = folder.put(
      "shop/all.yaml",
      secretYaml.replace("stringData:\n", "type: Opaque\n# 1\n# 2\nstringData: # here\n"),
    );
    const { stdout, stderr, status } = await run("secret/key", secret());
    expect(status).toBe(0);
    expect(stdout).toContain("-metadata: { name: key }\n+metadata: { name: key, labels: { a: b } }");
    expect(stderr).toContain("warning: Secret shop/key: .data.password left out");
    for (const value of ["canary", btoa("canary-live"), btoa("canary-git")])
      expect(stdout + stderr).not.toContain(value);
  });

  test.each([
    ["of its own", "secret/key", secretYaml],
    ["of the document before", "configmap/settings", `${secretYaml}---\n${early(configYaml, "metadata")}`],
    [
      "in braces, of the document behind",
      "configmap/settings",
      `${configYaml}---\n${early(secretYaml.replace("\n  password: canary-git", " { password: canary-git }"), "stringData")}`,
    ],
    [
      "behind an anchor",
      "configmap/settings",
      `a: &a { password: canary-git }\n${secretYaml.replace("\n  password: canary-git", " *a")}---\n${early(configYaml, "metadata")}`,
    ],
  ])("nor are they on the lines around: %s; --write tells nobody", async (_, what, content) => {
    file = folder.put("shop/all.yaml", content);
    const live = dump(() => {}, liveConfig({ mode: "wild", "0": "zero" }, { labels: { team: "ops" } }), {
      ...liveSecret("canary-git"),
      metadata: { name: "key", namespace: "shop", labels: { a: "b" } },
    });
    const { stdout, stderr, status } = await run(what, live);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/all\.yaml: a patch would show values of a Secret on the lines around; --write/);
    const written = await run(what, live, "--write");
    expect([written.status, written.stdout]).toEqual([0, ""]);
    expect(stderr + written.stderr).not.toContain("canary");
  });
});

test("what an anchor shares: told with file and line, and --expand writes it out", async () => {
  file = folder.put(
    "shop/all.yaml",
    webYaml
      .replace("selector: { matchLabels: { app: web } }", "selector: { matchLabels: &l { app: web } }")
      .replace("metadata:\n  name: web", "metadata:\n  name: web\n  labels: *l")
      .replace("metadata:\n  name: web\n  labels: *l\nspec:\n", "spec:\n")
      .replace("kind: Deployment\n", "kind: Deployment\n")
      .concat("metadata:\n  name: web\n  labels: *l\n"),
  );
  const live = dump((one) => (one.metadata.labels = { app: "web", team: "ops" }));
  const refused = await run("deployment/web", live);
  expect([refused.status, refused.stdout]).toEqual([2, ""]);
  expect(refused.stderr).toMatch(
    /all\.yaml:\d+: Deployment shop\/web cannot be edited here: it comes from the anchor &l; --expand/,
  );
  const done = await run("deployment/web", live, "--expand", "--write");
  expect(done.status).toBe(0);
  expect(await verdicts(live)).toContain("in-sync");
});
