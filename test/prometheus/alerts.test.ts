/** The alert rules and the dashboard as text: what they name exists, and what people follow leads somewhere. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { families } from "../../src/sinks/metrics/families.ts";
import { dashboardQueries, readDashboard } from "./dashboard.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}

const { groups } = parse(read("charts/plumbline/files/alerts.yaml")) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

/** Names that look like metrics of ours; labels and functions hold no such prefix. */
const metricsIn = (expr: string): readonly string[] => [
  ...new Set(expr.match(/\b(?:plumbline|rest_client|controller_runtime|workqueue|leader_election|process)_[a-z_]+/g)),
];
const exported = (name: string): boolean =>
  Object.hasOwn(families, name) || Object.hasOwn(families, name.replace(/_(bucket|sum|count)$/, ""));

describe.each(rules.map((rule) => [rule.alert, rule] as const))("%s", (name, rule) => {
  test("names metrics that Plumbline exports", () => {
    expect(metricsIn(rule.expr)).not.toEqual([]);
    expect(metricsIn(rule.expr).filter((metric) => !exported(metric))).toEqual([]);
  });

  test("has a part in the runbook, a summary and a description", () => {
    const part = read("docs/runbook.md")
      .split(/^## /m)
      .find((text) => text.startsWith(`${name}\n`));
    for (const heading of ["Meaning", "Look", "Do"]) expect(part).toContain(`\n**${heading}.**`);
    expect(Object.keys(rule.annotations)).toEqual(["summary", "description"]);
    expect(["critical", "warning", "info"]).toContain(rule.labels.severity);
  });

  test("leaves mode Observe out, where it is about a Baseline", () => {
    if (/baseline/.test(rule.expr)) expect(rule.expr).toMatch(/mode!?="Observe"/);
  });

  test("has a case that fires and one that stays silent", () => {
    const files = ["test/prometheus/drift.yaml", "test/prometheus/sight.yaml"].map((file) => parse(read(file)));
    const cases = (files as { tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[] }[])
      .flatMap((file) => file.tests.flatMap((one) => one.alert_rule_test))
      .filter((one) => one.alertname === name);
    expect(cases.some((one) => one.exp_alerts.length > 0)).toBe(true);
    expect(cases.some((one) => one.exp_alerts.length === 0)).toBe(true);
  });
});

test("the runbook has no part for an alert that is not there", () => {
  const parts = [...read("docs/runbook.md").matchAll(/^## (.+)$/gm)].map(([, title]) => title);
  expect(parts.toSorted()).toEqual(rules.map((rule) => rule.alert).toSorted());
});

test("the list of alerts in docs/prometheus.md is what the file says", () => {
  const listed = [
    ...read("docs/prometheus.md").matchAll(/^\| \[(\w+)\]\(runbook\.md#(\w+)\) \|.*\| (\w+) \| (\w+) \|$/gm),
  ];
  const row = (cells: readonly (string | undefined)[]): string => cells.join(" ");
  expect(listed.map((match) => row(match.slice(1))).toSorted()).toEqual(
    rules.map((rule) => row([rule.alert, rule.alert.toLowerCase(), rule.for, rule.labels.severity])).toSorted(),
  );
});

describe("docs/prometheus.md and docs/runbook.md", () => {
  test.each(["prometheus", "runbook"])("%s names metrics that Plumbline exports", (page) => {
    expect(metricsIn(read(`docs/${page}.md`)).filter((metric) => !exported(metric))).toEqual([]);
  });
});

describe("the dashboard", () => {
  const dashboard = readDashboard();

  test("has a uid that stays, a data source to choose, and cannot be edited in place", () => {
    expect(dashboard.uid).toBe("plumbline-overview");
    expect(dashboard.editable).toBe(false);
    expect(dashboard.templating.list[0]).toMatchObject({ name: "datasource", type: "datasource", query: "prometheus" });
  });

  test.each(dashboardQueries(dashboard).map(({ title, expr }) => [title, expr] as const))(
    "%s names metrics that Plumbline exports",
    (_, expr) => {
      expect(metricsIn(expr)).not.toEqual([]);
      expect(metricsIn(expr).filter((metric) => !exported(metric))).toEqual([]);
    },
  );

  test("says on every panel what it shows, on the chosen data source", () => {
    for (const panel of dashboard.panels) {
      expect(panel.description, panel.title).not.toBe("");
      expect(panel.datasource.uid).toBe("${datasource}");
    }
  });

  test("has no two panels in one place", () => {
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(dashboard.panels.map((panel) => panel.id)).size).toBe(dashboard.panels.length);
  });
});
