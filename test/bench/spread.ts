/** How a handful of measurements is spread. Pure. */

export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly times: number;
}

/** The value below which a share lies: nearest rank, so that it is one of those measured. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export function spreadOf(values: readonly number[]): Spread {
  return {
    p50: quantile(values, 0.5),
    p99: quantile(values, 0.99),
    max: quantile(values, 1),
    times: values.length,
  };
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** `p50 1.2, p99 3.4, max 5.6 ms (100 times)`. */
export function spreadText({ p50, p99, max, times }: Spread, unit = "ms"): string {
  return `p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}, max ${max.toFixed(1)} ${unit} (${times} times)`;
}
