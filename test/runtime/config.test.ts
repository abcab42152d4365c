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
    ["a mode nobody knows", { rbacMode: "god" }, "--rbac-mode"],
    ["no number", { workers: "many" }, "--workers"],
    ["a boolean that is none", { leaderElect: "maybe" }, "--leader-elect"],
  ])("%s is refused, and named", (_, flags, named) => {
    expect(() => readConfig(flags, {})).toThrow(ConfigError);
    expect(() => readConfig(flags, {})).toThrow(named);
  });
});
