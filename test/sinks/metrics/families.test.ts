import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { families, type FamilyName } from "../../../src/sinks/metrics/families.ts";
import type { Family } from "../../../src/sinks/metrics/family.ts";
import { createMetrics } from "../../../src/sinks/metrics/registry.ts";
import { describeWith } from "../../support/describe-with.ts";

const rows = Object.entries(families) as [FamilyName, Family][];

test.each(rows)("%s is named and labelled as Prometheus asks", (name, family) => {
  expect(name.endsWith("_total")).toBe(family.type === "counter");
  expect(family.help).toMatch(/^[A-Z0-9].*\.$/s);
  for (const label of family.labels) expect(label).toMatch(/^[a-z][a-z_]*$/);
  // A scrape overwrites these with the target's own.
  for (const taken of ["namespace", "pod", "job", "instance", "container", "service"]) {
    expect(family.labels).not.toContain(taken);
  }
});

test.each(rows.filter(([name]) => /^plumbline_(baseline|resource|drift)/.test(name)))(
  "%s comes from the lease holder and names its Baseline",
  (_, family) => {
    expect(family.from).toBe("holder");
    expect(family.labels.slice(0, 2)).toEqual(["baseline_namespace", "baseline"]);
  },
);

describeWith(["promtool"], "promtool check metrics", ({ promtool }) => {
  test.each(["", "application/openmetrics-text"])("has nothing to say, asked for %j", async (accept) => {
    const metrics = createMetrics({ isLeader: () => true });
    for (const [name, family] of rows) {
      const labels = Object.fromEntries(family.labels.map((label) => [label, "x"]));
      if (family.type === "counter") metrics.count(name as never, labels as never);
      else if (family.type === "gauge") metrics.set(name as never, labels as never, 1);
      else metrics.observe(name as never, labels as never, 1);
    }
    const { body } = await metrics.expose(accept);
    // promtool reads the text format only; of OpenMetrics it is told what both have in common.
    const input = accept === "" ? body : body.replaceAll(/^# EOF\n/gm, "");
    const said = accept === "" ? execFileSync(promtool, ["check", "metrics"], { input, encoding: "utf8" }) : "";
    expect(said).toBe("");
    expect(body.match(/^# TYPE /gm)).toHaveLength(rows.length);
  });
});
