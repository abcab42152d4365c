/**
 * A Git repository to serve or to read: a bare one and a way to put commits into it. Everything is pinned (names,
 * configuration), nothing of the user's Git settings counts.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";

export type Files = Readonly<
  Record<string, string | Buffer | { readonly link: string } | { readonly submodule: string }>
>;

export interface CommitOptions {
  readonly branch?: string;
  readonly message?: string;
  readonly author?: string;
  /** Unix seconds. */
  readonly at?: number;
  /** Without a parent: what a force-push of another history leaves. */
  readonly orphan?: boolean;
}

export interface Repository {
  /** The bare repository. */
  readonly dir: string;
  /** The whole tree of a new commit; resolves to its id. */
  commit(files: Files, options?: CommitOptions): string;
  /** A commit of a tree that `git add` would refuse: entries of `git mktree` style, mode, type, id, name. */
  commitTree(entries: readonly string[], branch?: string): string;
  blob(content: string | Buffer): string;
  tag(name: string, commit: string, annotated?: boolean): void;
  /** Standard output, trimmed. */
  git(args: readonly string[], input?: string | Buffer): string;
  remove(): void;
}

const identity = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "Ada Lovelace",
  GIT_AUTHOR_EMAIL: "ada@example.com",
  GIT_COMMITTER_NAME: "Ada Lovelace",
  GIT_COMMITTER_EMAIL: "ada@example.com",
};

export function createRepository(dir: string): Repository {
  mkdirSync(dir, { recursive: true });
  let clock = 1_790_000_000;

  const run = (args: readonly string[], input?: string | Buffer): string => {
    const result = spawnSync("git", args, {
      cwd: dir,
      input: input ?? "",
      maxBuffer: 256 * 1024 * 1024,
      env: { PATH: process.env["PATH"] ?? "", HOME: dir, ...identity },
    });
    if (result.status !== 0) throw new Error(`git ${args.join(" ")}: ${String(result.stderr)}`);
    return result.stdout.toString().trim();
  };

  run(["init", "--quiet", "--bare", "--initial-branch=main", "."]);
  run(["config", "http.receivepack", "true"]);
  run(["config", "core.fsync", "none"]);

  const data = (content: string | Buffer): Buffer => {
    const bytes = Buffer.from(content);
    return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from("\n")]);
  };

  const parentOf = (branch: string): string => {
    const parent = run(["for-each-ref", "--format=%(objectname)", branch]);
    return parent === "" ? "" : `from ${parent}\n`;
  };

  const blob = (content: string | Buffer): string => run(["hash-object", "-w", "--stdin"], content);

  return {
    dir,
    blob,
    git: (args, input) => run(args, input),
    commit(files, options = {}) {
      const branch = `refs/heads/${options.branch ?? "main"}`;
      clock += 60;
      const when = `${options.at ?? clock} +0000`;
      const stream: Buffer[] = [
        Buffer.from(
          `reset ${branch}\n${options.orphan === true ? "" : parentOf(branch)}\ncommit ${branch}\n` +
            `author ${options.author ?? "Ada Lovelace"} <ada@example.com> ${when}\n` +
            `committer Ada Lovelace <ada@example.com> ${when}\n${data(options.message ?? "change").toString()}deleteall\n`,
        ),
      ];
      for (const [file, content] of Object.entries(files)) {
        if (typeof content === "object" && "submodule" in content)
          stream.push(Buffer.from(`M 160000 ${content.submodule} ${file}\n`));
        else if (typeof content === "object" && "link" in content)
          stream.push(Buffer.from(`M 120000 inline ${file}\n`), data(content.link));
        else stream.push(Buffer.from(`M 100644 inline ${file}\n`), data(content));
      }
      run(["fast-import", "--quiet", "--force"], Buffer.concat(stream));
      return run(["rev-parse", branch]);
    },
    commitTree(entries, branch = "main") {
      const content = Buffer.concat(
        entries.map((entry) => {
          const [mode = "", , id = "", ...name] = entry.split(/[ \t]/);
          return Buffer.concat([Buffer.from(`${mode.replace(/^0/, "")} ${name.join(" ")}\0`), Buffer.from(id, "hex")]);
        }),
      );
      const tree = run(["hash-object", "-t", "tree", "-w", "--stdin", "--literally"], content);
      const commit = run(["commit-tree", tree], "hostile");
      run(["update-ref", `refs/heads/${branch}`, commit]);
      return commit;
    },
    tag(name, commit, annotated = false) {
      run(annotated ? ["tag", "-a", "-m", name, name, commit] : ["tag", name, commit]);
    },
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
