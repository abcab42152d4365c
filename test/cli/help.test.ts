/** What is written about the commands is true: every command is in docs/cli.md, and helps with examples. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { plumbline } from "./terminal.ts";

const page = readFileSync(fileURLToPath(new URL("../../docs/cli.md", import.meta.url)), "utf8");
const documented = [...page.matchAll(/^\| ((?:`[^`]+`(?:, )?)+) \|/gm)].flatMap((row) =>
  [...(row[1] ?? "").matchAll(/`([a-z]+)/g)].map((found) => found[1] ?? ""),
);
const table = [...new Set(documented.slice(0, documented.indexOf("version") + 1))];

async function commands(): Promise<readonly string[]> {
  const { stdout } = await plumbline(["--help"]);
  const [, list = ""] = stdout.split("Commands:\n");
  return [...list.matchAll(/^ {2}([a-z]+)/gm)].map((found) => found[1] ?? "");
}

test("docs/cli.md lists every command, and no other", async () => {
  expect(table.toSorted()).toEqual([...(await commands())].toSorted());
});

test.each(["diff", "explain", "check", "remediate", "approve", "pause", "resume", "adopt", "ignore", "rollback"])(
  "%s --help: examples, and what the exit status says",
  async (command) => {
    const { stdout, status } = await plumbline([command, "--help"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/\nExit status: 0 [^]*\nExamples:\n {2}plumbline /);
  },
);

test("remediate: -n is where the Baseline is", async () => {
  const { stdout } = await plumbline(["remediate", "--help"]);
  expect(stdout).toMatch(/-n, --namespace <name> +namespace of the Baseline/);
});

/** Flags of kubectl have kubectl's names and letters. */
test.each(["remediate", "approve", "pause", "resume", "adopt", "ignore", "status"])(
  "%s takes kubectl's flags",
  async (command) => {
    const { stdout } = await plumbline([command, "--help"]);
    for (const flag of ["-n, --namespace", "--context", "--kubeconfig", "--as", "--request-timeout"])
      expect(stdout).toContain(flag);
  },
);
