/** One row of the table of metrics (`families.ts`). */

export interface Family {
  readonly type: "counter" | "gauge" | "histogram";
  readonly labels: readonly string[];
  readonly help: string;
  /** `holder`: exported by the lease holder only, so that sums are true with a standby. `process`: by every replica. */
  readonly from: "holder" | "process";
  /** Upper bounds of a histogram, in its unit. */
  readonly buckets?: readonly number[];
}
