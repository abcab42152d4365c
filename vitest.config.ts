import { defineConfig } from "vitest/config";
import { LeftOutReporter } from "./test/support/left-out-reporter.ts";

/**
 * Five kinds of tests, fastest first. `unit` and `scenario` need nothing but Node and are what `npm run check` runs; `local`
 * uses git, threads and processes of this machine; `corpus` and `cluster` start a real control plane.
 */
const cluster = {
  globalSetup: "test/control-plane/global-setup.ts",
  testTimeout: 120_000,
  hookTimeout: 180_000,
  pool: "forks",
  // Suites mostly wait for the world; a third one fills the pauses of the other two.
  maxWorkers: 3,
  // After everything that is quick to say no.
  sequence: { groupOrder: 1 },
} as const;

export default defineConfig({
  test: {
    reporters: ["default", new LeftOutReporter()],
    projects: [
      {
        test: {
          name: "unit",
          // Pure tests share a module graph: importing it anew for each file took a third of the time.
          isolate: false,
          include: ["test/**/*.test.ts"],
          exclude: [
            // Of the corpora only what needs none, and no server: the golden cases.
            "test/corpus/!(golden).test.ts",
            "test/scenarios/**",
            "test/**/*.cluster.test.ts",
            "test/**/*.local.test.ts",
          ],
        },
      },
      { test: { name: "scenario", isolate: false, include: ["test/scenarios/**/*.test.ts"] } },
      { test: { name: "local", include: ["test/**/*.local.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 } },
      {
        test: {
          name: "corpus",
          include: ["test/corpus/**/*.test.ts"],
          exclude: ["test/corpus/golden.test.ts"],
          ...cluster,
        },
      },
      { test: { name: "cluster", include: ["test/**/*.cluster.test.ts"], exclude: ["test/corpus/**"], ...cluster } },
    ],
  },
});
