/** A field nobody knows is named on standard error, with its very line, and changes neither the verdict nor the exit status. */
import { afterAll, expect, test } from "vitest";
import { listOf, liveWeb, webYaml } from "./samples.ts";
import { createFolder, plumbline, verdictsOf } from "./terminal.ts";

const folder = createFolder();
afterAll(() => folder.remove());

test("a field nobody knows", async () => {
  const lines = webYaml.split("\n");
  const at = lines.findIndex((line) => line.startsWith("  replicas:"));
  expect(at).toBeGreaterThan(0);
  const file = folder.put("web.yaml", lines.toSpliced(at + 1, 0, "  revisionHistoryLimits: 3").join("\n"));
  const live = folder.put("live.json", listOf(liveWeb()));
  const run = await plumbline(["diff", "-f", file, "--live", live, "-n", "shop", "-o", "json"]);
  expect(verdictsOf(run)).toEqual(["in-sync"]);
  expect(run.status).toBe(0);
  expect(run.stderr).toBe(
    `warning: ${file}:${at + 2}: Deployment shop/web: the server does not know .spec.revisionHistoryLimits and keeps nothing of it; did you mean revisionHistoryLimit?\n`,
  );
});
