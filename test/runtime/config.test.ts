import { describe, expect, test } from "vitest";
import { ConfigError, readConfig } from "../../src/runtime/config.ts";

describe("settings: a flag beats its variable beats the default", () => {
  test.each([
    ["nothing given: the default", {}, {}, ":8080"],
    ["variable given: the variable", {}, { PLUMBLINE_METRICS_ADDRESS: ":9090" }, ":9090"],
    ["both given: the flag", { metricsAddress: "127.0.0.1:1" }, { PLUMBLINE_METRICS_ADDRESS: ":9090" }, "127.0.0.1:1"],
    ["empty variable: the default", {}, { PLUMBLINE_METRICS_ADDRESS: "" }, ":8080"],
  ])("%s", (_, flags, environment, expected) => {
    expect(readConfig(flags, environment).metricsAddress).toBe(expected);
  });

  test("lists are split at commas and trimmed", () => {
    expect(readConfig({ platformNamespaces: "a, b,,c" }, {}).platformNamespaces).toEqual(["a", "b", "c"]);
  });

  test("the operator's own namespace is a platform namespace unless others are named", () => {
    expect(readConfig({ namespace: "ops" }, {}).platformNamespaces).toEqual(["ops"]);
  });

  test("true and false are read from text", () => {
    expect(readConfig({}, { PLUMBLINE_LEADER_ELECT: "false" }).leaderElect).toBe(false);
  });

  test.each([
    ["an address without a port", { metricsAddress: "localhost" }, "--metrics-address (PLUMBLINE_METRICS_ADDRESS)"],
    ["evidence to a file of no certain place", { evidenceFile: "evidence.jsonl" }, "--evidence-file"],
    ["a mode nobody knows", { rbacMode: "god" }, "--rbac-mode"],
    ["no number", { workers: "many" }, "--workers"],
    ["a boolean that is none", { leaderElect: "maybe" }, "--leader-elect"],
    ["no duration", { leaderElectLeaseDuration: "15" }, "--leader-elect-lease-duration"],
    ["a lease no longer than its deadline", { leaderElectLeaseDuration: "10s" }, "--leader-elect-lease-duration"],
    ["a deadline no longer than 1.2 retries", { leaderElectRenewDeadline: "2.4s" }, "--leader-elect-renew-deadline"],
    ["no time between attempts", { leaderElectRetryPeriod: "0s" }, "--leader-elect-retry-period"],
    ["a shard that is no fraction", { shard: "1" }, "--shard"],
    ["no shards at all", { shard: "0/0" }, "--shard"],
    ["more shards than there may be", { shard: "0/65" }, "--shard"],
    ["shards that do not ask who leads", { shard: "0/2", leaderElect: "false" }, "--leader-elect"],
  ])("%s is refused, and named", (_, flags, named) => {
    expect(() => readConfig(flags, {})).toThrow(ConfigError);
    expect(() => readConfig(flags, {})).toThrow(named);
  });

  test("the times of a lease are client-go's unless told", () => {
    const times = (flags: Record<string, unknown>): readonly number[] => {
      const config = readConfig(flags, {});
      return [config.leaderElectLeaseDuration, config.leaderElectRenewDeadline, config.leaderElectRetryPeriod];
    };
    expect(times({})).toEqual([15_000, 10_000, 2_000]);
    expect(
      times({
        leaderElectLeaseDuration: "1m30s",
        leaderElectRenewDeadline: "2.5s",
        leaderElectRetryPeriod: "500ms",
      }),
    ).toEqual([90_000, 2_500, 500]);
  });

  test.each([
    ["1/3", { index: 1, count: 3 }],
    ["plumbline-2/3", { index: 2, count: 3 }],
    // A Pod after the first n stands by for the shard it comes to.
    ["my-plumbline-4/3", { index: 1, count: 3 }],
    ["0/1", { index: 0, count: 1 }],
  ])("shard %s", (shard, expected) => {
    expect(readConfig({ shard }, {}).shard).toEqual(expected);
  });
});
