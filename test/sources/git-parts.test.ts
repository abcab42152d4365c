import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/runtime/clock.ts";
import { digestOf, grantAccess, secretsIn } from "../../src/sources/git-credentials.ts";
import { gitErrors, problemOfGit, scrub } from "../../src/sources/git-errors.ts";
import { isRefName, parseListing, pickRef } from "../../src/sources/git-refs.ts";
import { followLink, isHostileName, parseTree, type Tree } from "../../src/sources/git-tree.ts";
import { parseGitUrl, type GitUrl } from "../../src/sources/git-url.ts";
import { Breath } from "../../src/runtime/breath.ts";

const url = (text: string): GitUrl => {
  const parsed = parseGitUrl(text, false);
  if ("code" in parsed) throw new Error(parsed.message);
  return parsed;
};
const buffers = (texts: Readonly<Record<string, string>>): Record<string, Buffer> =>
  Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, Buffer.from(value)]));

describe("what git says", () => {
  test.each([
    ["fatal: Authentication failed for 'https://h/x'", "source-auth-failed"],
    ["fatal: could not read Username for 'https://h': terminal prompts disabled", "source-auth-failed"],
    ["git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.", "source-auth-failed"],
    ["Host key verification failed.", "source-auth-failed"],
    ["fatal: unable to access 'https://h/x/': SSL certificate problem: self-signed", "source-unreachable"],
    ["fatal: unable to access 'https://h/x/': The requested URL returned error: 302", "source-url-refused"],
    ["fatal: repository 'https://h/x/' not found", "source-unreachable"],
    ["error: object 4b82: hasDotgit: contains '.git'\nfatal: fsck error in packed object", "source-path-refused"],
    ["error: Server does not allow request for unadvertised object 1111", "source-ref-not-found"],
    ["fatal: remote error: upload-pack: not our ref 1111", "source-ref-not-found"],
    ["fatal: transport 'ext' not allowed", "source-url-refused"],
    ["ssh: Could not resolve hostname h: Name or service not known", "source-unreachable"],
    ["fatal: unable to access 'https://h/x/': Operation too slow.", "source-timeout"],
    ["fatal: unable to access 'https://h/': Failed to connect to h port 443: Connection refused", "source-unreachable"],
  ])("%j is %s", (said, code) => {
    expect(problemOfGit(said, []).code).toBe(code);
  });

  test("every row can be reached", () => {
    for (const { message } of gitErrors) expect(message).toMatch(/^[^\n]+$/);
  });

  test("what no row knows is shown without credentials and userinfo (1A-10)", () => {
    const secret = buffers({ username: "ada", password: "CANARY/1" });
    const basic = Buffer.from("ada:CANARY/1").toString("base64");
    const said = `fatal: odd https://ada:CANARY%2F1@h/x CANARY/1 ${basic} Authorization: Basic xyz`;
    const { message } = problemOfGit(said, secretsIn(secret));
    expect(message).toContain("odd https://h/x");
    expect(message).not.toMatch(/CANARY|xyz/);
    expect(message).not.toContain(basic);
    expect(scrub("ssh://u:p@h/x", [])).toBe("ssh://h/x");
  });
});

describe("access", () => {
  test("a header is bound to its origin, the host to its addresses, and nothing is on disk but what must", async () => {
    const dir = mkdtempSync(path.join(tmpdir(), "plumbline-access-"));
    try {
      const secret = buffers({ username: "ada", password: "CANARY", "ca.crt": "PEM" });
      const { env, release } = await grantAccess(
        url("https://git.example:8443/x"),
        secret,
        ["10.0.0.1", "fd00::1"],
        dir,
      );
      const config = Object.fromEntries(
        [0, 1, 2].map((i) => [env[`GIT_CONFIG_KEY_${i}`], env[`GIT_CONFIG_VALUE_${i}`]]),
      );
      const file = config["http.sslCAInfo"] ?? "";
      expect(config).toEqual({
        "http.curloptResolve": "git.example:8443:10.0.0.1,[fd00::1]",
        "http.https://git.example:8443/.extraHeader": `Authorization: Basic ${Buffer.from("ada:CANARY").toString("base64")}`,
        "http.sslCAInfo": expect.stringContaining(dir),
      });
      expect(readFileSync(file, "utf8")).toBe("PEM");
      expect(statSync(file).mode & 0o777).toBe(0o600);
      await release();
      expect(() => statSync(file)).toThrow(/ENOENT/);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  test("ssh: strict, one key, one known host, one address", async () => {
    const dir = mkdtempSync(path.join(tmpdir(), "plumbline-access-"));
    try {
      const secret = buffers({ identity: "KEY", known_hosts: "h ssh-ed25519 AAAA" });
      const { env } = await grantAccess(url("ssh://git@h.example:2222/x"), secret, ["10.0.0.1"], dir);
      const command = env["GIT_SSH_COMMAND"] ?? "";
      for (const option of [
        "StrictHostKeyChecking=yes",
        "IdentitiesOnly=yes",
        "HostName=10.0.0.1",
        "HostKeyAlias=[h.example]:2222",
      ])
        expect(command).toContain(`-o '${option}'`);
      expect(command).not.toContain("KEY\n");
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  test("a digest tells any two Secrets apart", () => {
    const all = [{}, { a: "" }, { a: "b" }, { ab: "" }, { a: "b", c: "d" }, { a: "bc", d: "" }].map((s) =>
      digestOf(buffers(s as Record<string, string>)),
    );
    expect(new Set(all).size).toBe(all.length);
  });
});

describe("refs", () => {
  test.each(["main", "feature/x-1", "v1.0.0", "refs/pull/7/head"])("%j is a name", (name) => {
    expect(isRefName(name)).toBe(true);
  });
  test.each([
    "",
    "-x",
    "/x",
    "x/",
    "a..b",
    "a b",
    "a~1",
    "a^{}",
    "a:b",
    "a?",
    "a*",
    "a[b",
    "a\\b",
    "@",
    "a@{1}",
    ".a",
    "a/.b",
    "a.lock",
    "a.",
    "a\u202eb",
  ])("%j is none", (name) => {
    expect(isRefName(name)).toBe(false);
  });

  test("only the very name counts, and a tag gives what it points to", () => {
    const [one, two, three] = ["1".repeat(40), "2".repeat(40), "3".repeat(40)];
    const listing = parseListing(
      `${one}\trefs/heads/x/refs/heads/main\n${two}\trefs/tags/v1\n${three}\trefs/tags/v1^{}\njunk\n`,
    );
    expect(pickRef({ kind: "branch", name: "main" }, listing)).toMatchObject({ code: "source-ref-not-found" });
    expect(pickRef({ kind: "tag", name: "v1" }, listing)).toEqual({ ref: "v1", commit: three });
  });
});

describe("trees", () => {
  test.each(["..", ".", "", ".git", ".GIT", ".Git ", ".git.", "git~1", ".g\u200cit", "a\\b", "a\u0001", "..."])(
    "the name %j is hostile (1A-15)",
    (name) => {
      expect(isHostileName(name)).toBe(true);
    },
  );
  test.each([".gitignore", ".github", "a.b", "ünïcode", "a b", "-x"])("the name %j is not", (name) => {
    expect(isHostileName(name)).toBe(false);
  });

  const id = "1".repeat(40);
  const treeOf = async (...lines: readonly string[]): Promise<Tree> => {
    const tree = await parseTree(lines.map((line) => `${line}\0`).join(""), 100, new Breath(systemClock));
    if ("code" in tree) throw new Error(tree.message);
    return tree;
  };

  test.each([
    ["d/a.yaml", "d/.git"],
    ["d/a.yaml", "d/git~1"],
    [".git/a.yaml"],
    ["a/../b.yaml"],
    ["a.yaml", "b\\c.yaml"],
  ])("a tree with such a name in it is refused whole: %j %j", async (...files) => {
    const output = files.map((file) => `100644 blob ${id}\t${file}\0`).join("");
    expect(await parseTree(output, 100, new Breath(systemClock))).toMatchObject({ code: "source-path-refused" });
  });

  test.each([
    ["real.yaml", "d/real.yaml"],
    ["../top.yaml", "top.yaml"],
    ["./../d/real.yaml", "d/real.yaml"],
    ["other", "top.yaml"],
    ["../../etc/passwd", "outside"],
    ["/etc/passwd", "outside"],
    ["../sub/x", "missing"],
    ["../sub", "outside"],
    ["loop", "missing"],
    ["..", "folder"],
    ["../into/real.yaml", "outside"],
    ["", "missing"],
  ])("a link to %j leads to %s (1B-16, 1B-17)", async (text, expected) => {
    const tree = await treeOf(
      `100644 blob ${id}\td/real.yaml`,
      `100644 blob ${id}\ttop.yaml`,
      `160000 commit ${id}\tsub`,
      `120000 blob ${"a".repeat(40)}\td/link`,
      `120000 blob ${"b".repeat(40)}\td/other`,
      `120000 blob ${"c".repeat(40)}\td/loop`,
      `120000 blob ${"d".repeat(40)}\tinto`,
    );
    const texts = new Map([
      ["a".repeat(40), text],
      ["b".repeat(40), "../top.yaml"],
      ["c".repeat(40), "loop"],
      ["d".repeat(40), "d"],
    ]);
    const { to } = followLink(tree, tree.get("d/link")!, (blob) => texts.get(blob));
    expect(typeof to === "string" ? to : to.path).toBe(expected);
  });
});
