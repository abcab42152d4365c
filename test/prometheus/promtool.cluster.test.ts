/** The real promtool on the alerts, on their tests, and on every query of the dashboard. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { exec } from "../../src/runtime/exec.ts";
import { getIn } from "../../src/model/json.ts";
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
    expect(said).toContain("5 rules found");
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
});
