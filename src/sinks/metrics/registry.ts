/**
 * The one place that knows the metrics client. Holds the values of every family of `families.ts` and prints them, in
 * the Prometheus text format or as OpenMetrics. State gauges are computed by collectors at scrape, so a series lives
 * exactly as long as what it speaks of. A process that does not hold the lease leaves the holder's families out.
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import {
  families,
  type CounterName,
  type FamilyName,
  type GaugeName,
  type HistogramName,
  type LabelsOf,
} from "./families.ts";
import type { Family } from "./family.ts";

export interface Exposition {
  readonly type: string;
  readonly body: string;
}

/** One series of a gauge, for a collector. */
export type Sample<Name extends GaugeName> = readonly [labels: LabelsOf<Name>, value: number];

export interface Metrics {
  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by?: number): void;
  observe<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, value: number): void;
  set<Name extends GaugeName>(name: Name, labels: LabelsOf<Name>, value: number): void;
  /** At each scrape the gauge has exactly the series that `samples` gives then. */
  collect<Name extends GaugeName>(name: Name, samples: () => Iterable<Sample<Name>>): void;
  /** Called before each scrape. */
  beforeScrape(call: () => void): void;
  /** Removes every counter and histogram series of a Baseline that is gone. */
  forgetBaseline(namespace: string, name: string): void;
  /** @param accept the request's `Accept` header */
  expose(accept: string): Promise<Exposition>;
}

export interface MetricsOptions {
  readonly isLeader: () => boolean;
}

const OPEN_METRICS = "application/openmetrics-text";

type Held = Counter | Gauge | Histogram;

const labelNames = (family: Family): string[] => [...family.labels];

function create(name: string, family: Family, registry: Registry): Held {
  const common = { name, help: family.help, labelNames: labelNames(family), registers: [registry] };
  switch (family.type) {
    case "counter":
      return new Counter(common);
    case "gauge":
      return new Gauge(common);
    case "histogram":
      return new Histogram({ ...common, buckets: [...(family.buckets ?? [])] });
  }
}

/** True where the client would rather have OpenMetrics than the plain text format. */
export function wantsOpenMetrics(accept: string): boolean {
  return accept.split(",").some((part) => {
    const [type = "", ...parameters] = part.split(";").map((piece) => piece.trim());
    return type === OPEN_METRICS && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}

/**
 * The text format turned into OpenMetrics 1.0: counters are declared without `_total`, no blank lines, an end mark.
 * Source: https://prometheus.io/docs/specs/om/open_metrics_spec/. The client's own switch renames the counters for good.
 */
export function toOpenMetrics(text: string): string {
  const lines = text.split("\n").filter((line) => line !== "");
  const counters = new Set(lines.flatMap((line) => /^# TYPE (\S+)_total counter$/.exec(line)?.[1] ?? []));
  const renamed = lines.map((line) => {
    const match = /^# (HELP|TYPE) (\S+)_total (.*)$/.exec(line);
    return match?.[2] !== undefined && counters.has(match[2]) ? `# ${match[1]} ${match[2]} ${match[3]}` : line;
  });
  return `${renamed.join("\n")}\n# EOF\n`;
}

export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  const held = new Map<FamilyName, Held>();
  const collectors = new Map<GaugeName, () => Iterable<Sample<GaugeName>>>();
  const before: (() => void)[] = [];
  /** Label sets of counters and histograms by Baseline, so that they can be removed with it. */
  const ofBaseline = new Map<string, Map<string, { readonly metric: Held; readonly labels: Record<string, string> }>>();

  for (const name of Object.keys(families) as FamilyName[]) {
    const metric = create(name, families[name], registry);
    // Without labels the client starts at zero, which nobody has measured.
    if (metric instanceof Gauge && families[name].labels.length === 0) metric.remove();
    held.set(name, metric);
  }

  const find = (name: FamilyName): Held => {
    const metric = held.get(name);
    if (metric === undefined) throw new Error(`no such metric: ${name}`);
    return metric;
  };
  const remember = (name: FamilyName, metric: Held, labels: Readonly<Record<string, string>>): void => {
    const { baseline_namespace: namespace, baseline } = labels;
    if (namespace === undefined || baseline === undefined) return;
    const key = `${namespace}/${baseline}`;
    let known = ofBaseline.get(key);
    if (known === undefined) ofBaseline.set(key, (known = new Map()));
    const series = `${name} ${JSON.stringify(Object.entries(labels).sort())}`;
    if (!known.has(series)) known.set(series, { metric, labels: { ...labels } });
  };

  const gather = (): void => {
    for (const call of before) call();
    for (const [name, samples] of collectors) {
      const gauge = find(name) as Gauge;
      gauge.reset();
      // Without labels a reset leaves a zero behind; nothing to say must mean no series.
      if (families[name].labels.length === 0) gauge.remove();
      if (families[name].from === "holder" && !options.isLeader()) continue;
      for (const [labels, value] of samples()) gauge.set({ ...labels }, value);
    }
  };

  return {
    count(name, labels, by = 1) {
      const counter = find(name) as Counter;
      remember(name, counter, labels);
      counter.inc({ ...labels }, by);
    },
    observe(name, labels, value) {
      const histogram = find(name) as Histogram;
      remember(name, histogram, labels);
      histogram.observe({ ...labels }, value);
    },
    set(name, labels, value) {
      (find(name) as Gauge).set({ ...labels }, value);
    },
    collect(name, samples) {
      collectors.set(name, samples as unknown as () => Iterable<Sample<GaugeName>>);
    },
    beforeScrape(call) {
      before.push(call);
    },
    forgetBaseline(namespace, name) {
      const key = `${namespace}/${name}`;
      for (const { metric, labels } of ofBaseline.get(key)?.values() ?? []) metric.remove(labels);
      ofBaseline.delete(key);
    },
    async expose(accept) {
      gather();
      const leader = options.isLeader();
      const names = [...held.keys()].filter((name) => leader || families[name].from === "process");
      const texts = await Promise.all(names.map((name) => registry.getSingleMetricAsString(name)));
      // A family without a series is left out: its bare HELP and TYPE tell nobody anything.
      const body = texts.filter((text) => /^[^#\n]/m.test(text)).join("\n");
      return wantsOpenMetrics(accept)
        ? { type: Registry.OPENMETRICS_CONTENT_TYPE, body: toOpenMetrics(body) }
        : { type: Registry.PROMETHEUS_CONTENT_TYPE, body: `${body}\n` };
    },
  };
}
