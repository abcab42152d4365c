/** The Grafana dashboard as the tests read it. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface Dashboard {
  readonly uid: string;
  readonly editable: boolean;
  readonly templating: { readonly list: readonly { readonly name: string; readonly query: unknown }[] };
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly description: string;
    readonly datasource: { readonly uid: string };
    readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

export interface Query {
  readonly title: string;
  readonly expr: string;
}

const file = fileURLToPath(new URL("../../charts/plumbline/files/dashboard.json", import.meta.url));

export function readDashboard(): Dashboard {
  return JSON.parse(readFileSync(file, "utf8")) as Dashboard;
}

/** Every query, with Grafana's variables filled in as "All" and a rate interval of so many seconds. */
export function dashboardQueries(dashboard: Dashboard, rateInterval = 60): readonly Query[] {
  return dashboard.panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({
      title,
      expr: expr
        .replaceAll("$__rate_interval", `${rateInterval}s`)
        .replaceAll(/\$(baseline_namespace|baseline)\b/g, ".*"),
    })),
  );
}
