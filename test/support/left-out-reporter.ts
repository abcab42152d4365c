/**
 * The last lines of a test run: each suite that was left out, with the reason, then the counts alone on a line. With
 * PLUMBLINE_REQUIRE_ALL=1 a suite left out fails the run, but for what no set-up can bring.
 */
import type { Reporter, TestModule, TestSuite } from "vitest/node";
import type { LeftOut } from "./describe-with.ts";

export interface LeftOutSuite extends LeftOut {
  readonly suite: string;
}

export interface Closing {
  readonly lines: readonly string[];
  readonly fails: boolean;
}

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** What to print, and whether the run fails for it. Pure. */
export function closing(leftOut: readonly LeftOutSuite[], counts: Counts, requireAll: boolean): Closing {
  const fails = requireAll && leftOut.some(({ optional }) => !optional);
  const skipped = counts.skipped === 0 ? "" : `, ${counts.skipped} skipped`;
  return {
    lines: [
      ...leftOut.map(({ suite, why }) => `left out: ${suite}: ${why}`),
      ...(fails ? ["PLUMBLINE_REQUIRE_ALL is set: nothing may be left out"] : []),
      `${counts.passed} passed, ${counts.failed} failed${skipped}`,
    ],
    fails,
  };
}

function leftOutSuites(modules: readonly TestModule[]): readonly LeftOutSuite[] {
  return modules.flatMap((module) =>
    [...module.children.allSuites()].flatMap((suite: TestSuite) => {
      const leftOut = suite.meta().leftOut;
      return leftOut === undefined ? [] : [{ ...leftOut, suite: `${module.relativeModuleId}: ${suite.fullName}` }];
    }),
  );
}

function count(modules: readonly TestModule[], unhandled: number): Counts {
  const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
  const of = (state: string): number => states.filter((found) => found === state).length;
  // A file that cannot be loaded, a failing hook and an error outside any test have no test to be counted by.
  const elsewhere = modules.filter((module) => module.errors().length > 0).length;
  const inSuites = modules.flatMap((module) => [...module.children.allSuites()]).filter((s) => s.errors().length > 0);
  return {
    passed: of("passed"),
    failed: of("failed") + elsewhere + inSuites.length + unhandled,
    skipped: of("skipped") + of("pending"),
  };
}

export class LeftOutReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = count(modules, errors.length);
    const { lines, fails } = closing(leftOutSuites(modules), counts, process.env["PLUMBLINE_REQUIRE_ALL"] === "1");
    process.stdout.write(`${lines.join("\n")}\n`);
    if (fails) process.exitCode = 1;
  }
}
