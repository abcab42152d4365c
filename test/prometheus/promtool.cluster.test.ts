/** The real promtool on the alerts, on their tests, and on every query of the dashboard. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { exec } from "../../src/runtime/exec.ts";
import { getIn, type Json, type JsonObject } from "../../src/model/json.ts";
import { find, openHelm, render, type Helm } from "../chart/helm.ts";
import { describeWith } from "../support/describe-with.ts";
import { dashboardQueries, readDashboard } from "./dashboard.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

describeWith(["promtool"], "promtool", ({ promtool }) => {
  let helm: Helm;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "plumbline-promtool-"));
    helm = await openHelm();
  });
  afterAll(() => {
    helm?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (...args: string[]): Promise<{ code: number | null; said: string }> => {
    const options = { cwd: root, env: {}, timeout: 60_000, maxOutput: 1 << 20 };
    const { code, stdout, stderr } = await exec(promtool, args, options);
    return { code, said: `${stdout.toString("utf8")}${stderr}` };
  };

  test("takes the rules", async () => {
    expect(await run("check", "rules", "charts/plumbline/files/alerts.yaml")).toMatchObject({ code: 0 });
  });

  test.each(["drift", "sight"])(
    "%s.yaml: every alert fires when it should, and not when it should not",
    async (name) => {
      const { code, said } = await run("test", "rules", `test/prometheus/${name}.yaml`);
      expect(code, said).toBe(0);
    },
  );

  test("takes every query of the dashboard", async () => {
    const queries = dashboardQueries(readDashboard());
    const rules = queries.map(({ expr }, at) => ({ record: `dashboard:query:${at}`, expr }));
    const file = path.join(folder, "dashboard.yaml");
    writeFileSync(file, stringify({ groups: [{ name: "dashboard", rules }] }));
    const { code, said } = await run("check", "rules", file);
    expect(code, said).toBe(0);
  });

  test("takes what the chart renders, with overrides", async () => {
    const overrides = {
      PlumblineAbsent: { enabled: false },
      PlumblineSourceStale: { for: "2h", severity: "info" },
    };
    const prometheusRule = {
      enabled: true,
      runbookUrl: "https://wiki.example/runbook",
      alertLabels: { team: "a" },
      overrides,
    };
    const objects = await render(helm, { prometheusRule }, ["--api-versions", "monitoring.coreos.com/v1"]);
    const spec = getIn(find(objects, "PrometheusRule", "plumbline"), "spec");
    const file = path.join(folder, "rendered.yaml");
    writeFileSync(file, stringify(spec));
    const { code, said } = await run("check", "rules", file);
    expect(code, said).toBe(0);
    expect(said).toContain("9 rules found");
    expect(JSON.stringify(spec)).not.toContain("PlumblineAbsent");
    const groups = getIn(spec, "groups") as unknown as { rules: { alert: string }[] }[];
    expect(groups.flatMap((group) => group.rules).find((rule) => rule.alert === "PlumblineSourceStale")).toMatchObject({
      for: "2h",
      labels: { severity: "info", team: "a" },
      annotations: {
        runbook_url: "https://wiki.example/runbook#plumblinesourcestale",
        summary: expect.stringContaining("cannot fetch"),
      },
    });
    expect(
      groups.flatMap((group) => group.rules).find((rule) => rule.alert === "PlumblineCriticalDrift"),
    ).toMatchObject({
      for: "1m",
      labels: { severity: "critical", team: "a" },
    });
  });

  interface Rule {
    readonly alert: string;
    readonly expr: string;
    readonly for: string;
    readonly labels: { readonly severity: string };
  }
  const shipped = (
    parse(readFileSync(path.join(root, "charts/plumbline/files/alerts.yaml"), "utf8")) as {
      groups: { rules: Rule[] }[];
    }
  ).groups.flatMap(({ rules }) => rules);
  const rendered = async (overrides: Json): Promise<readonly Rule[]> => {
    const prometheusRule = { enabled: true, renderMode: "alwaysRender", overrides };
    const spec = getIn(find(await render(helm, { prometheusRule }), "PrometheusRule", "plumbline"), "spec");
    return (spec as unknown as { groups: { rules: Rule[] }[] }).groups.flatMap(({ rules }) => rules);
  };

  test("the values change `for`, severity and the expression with its threshold of every alert", async () => {
    const mine = { for: "7m", severity: "info", expr: "plumbline_watch_streams > 3" };
    const found = await rendered(Object.fromEntries(shipped.map(({ alert }) => [alert, mine])));
    expect(
      found.map((rule) => ({ alert: rule.alert, for: rule.for, expr: rule.expr, is: rule.labels.severity })),
    ).toEqual(shipped.map(({ alert }) => ({ alert, for: "7m", expr: mine.expr, is: "info" })));
  });

  test.each(shipped.map(({ alert }) => alert))("the values switch off %s alone", async (name) => {
    const found = await rendered({ [name]: { enabled: false } });
    expect(found).toHaveLength(shipped.length - 1);
    expect(found.map(({ alert }) => alert)).not.toContain(name);
  });

  test("docs/prometheus.md: Prometheus takes the scrape configuration and the queries, the chart takes the values", async () => {
    const page = readFileSync(path.join(root, "docs/prometheus.md"), "utf8");
    const blocks = (language: string): readonly string[] =>
      [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, kind, text]) =>
        kind === language && text !== undefined ? [text] : [],
      );
    const [config = "", values = ""] = blocks("yaml");
    copyFileSync(path.join(root, "charts/plumbline/files/alerts.yaml"), path.join(folder, "alerts.yaml"));
    // Debian's build knows no Kubernetes: the rest of the configuration is checked as it stands.
    const { scrape_configs: scrapes, ...whole } = parse(config) as { scrape_configs: JsonObject[] };
    const known = scrapes.map(({ kubernetes_sd_configs: found, ...rest }) => {
      expect(found).toEqual([{ role: "endpointslice", namespaces: { names: ["plumbline-system"] } }]);
      return { ...rest, static_configs: [{ targets: ["plumbline-metrics:8080"] }] };
    });
    writeFileSync(path.join(folder, "prometheus.yaml"), stringify({ ...whole, scrape_configs: known }));
    const checked = await run("check", "config", path.join(folder, "prometheus.yaml"));
    expect(checked.code, checked.said).toBe(0);
    expect(checked.said).toContain("10 rules found");

    const queries = (blocks("promql")[0] ?? "").split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    expect(queries).toHaveLength(4);
    const rules = queries.map((expr, at) => ({ record: `page:query:${at}`, expr }));
    writeFileSync(path.join(folder, "page.yaml"), stringify({ groups: [{ name: "page", rules }] }));
    expect(await run("check", "rules", path.join(folder, "page.yaml"))).toMatchObject({ code: 0 });

    const api = ["--api-versions", "monitoring.coreos.com/v1"];
    expect(find(await render(helm, parse(values) as Json, api), "PrometheusRule", "plumbline")).toBeDefined();
  });
});
