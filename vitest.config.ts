import { defineConfig } from "vitest/config";
import { LeftOutReporter } from "./test/support/left-out-reporter.ts";

/** Four kinds of tests: `unit` and `scenario` need nothing but Node; `corpus` reads data; `cluster` starts a real control plane. */
export default defineConfig({
  test: {
    reporters: ["default", new LeftOutReporter()],
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/corpus/**", "test/scenarios/**", "test/**/*.cluster.test.ts"],
        },
      },
      {
        test: {
          name: "corpus",
          include: ["test/corpus/**/*.test.ts"],
          exclude: ["test/**/*.cluster.test.ts"],
          testTimeout: 120_000,
        },
      },
      { test: { name: "scenario", include: ["test/scenarios/**/*.test.ts"] } },
      {
        test: {
          name: "cluster",
          include: ["test/**/*.cluster.test.ts"],
          globalSetup: ["test/control-plane/global-setup.ts"],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          pool: "forks",
          maxWorkers: 2,
        },
      },
    ],
  },
});
