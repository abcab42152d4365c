import { describe, expect, test } from "vitest";
import { exec } from "../../src/runtime/exec.ts";

const bounds = { cwd: "/", env: { PATH: "/usr/bin:/bin" }, timeout: 5_000, maxOutput: 1_000 };

describe("a child process", () => {
  test("that ends: its code and both outputs", async () => {
    const result = await exec("sh", ["-c", "cat; echo err >&2; exit 3"], { ...bounds, input: "in" });
    expect(result).toMatchObject({ end: "exited", code: 3, stderr: "err\n" });
    expect(result.stdout.toString()).toBe("in");
  });

  test("that does not exist: not-started, with why", async () => {
    const result = await exec("/nonexistent/tool", [], bounds);
    expect(result.end).toBe("not-started");
    expect(result.error).toContain("ENOENT");
  });

  test("that stays too long is killed with its children", async () => {
    const result = await exec("sh", ["-c", "sleep 60 & sleep 60"], { ...bounds, timeout: 100 });
    expect(result.end).toBe("timeout");
  });

  test("that says too much is killed", async () => {
    const result = await exec("yes", [], bounds);
    expect(result.end).toBe("output-limit");
    expect(result.stdout.length).toBeLessThanOrEqual(1_000 + 65_536);
  });

  test("that is aborted, before and during", async () => {
    const aborted = AbortSignal.abort();
    expect((await exec("sleep", ["60"], { ...bounds, signal: aborted })).end).toBe("aborted");
    const controller = new AbortController();
    const running = exec("sleep", ["60"], { ...bounds, signal: controller.signal });
    controller.abort();
    expect((await running).end).toBe("aborted");
  });

  test("sees only the environment it is given", async () => {
    const result = await exec("env", [], { ...bounds, env: { PATH: "/usr/bin:/bin", ONLY: "this" } });
    expect(
      result.stdout
        .toString()
        .split("\n")
        .filter((line) => line !== "" && !/^(PATH|PWD|_|SHLVL)=/.test(line)),
    ).toEqual(["ONLY=this"]);
  });

  test("a shell's words are arguments, not commands", async () => {
    const result = await exec("printf", ["%s", "$(id); `id`"], bounds);
    expect(result.stdout.toString()).toBe("$(id); `id`");
  });
});
