/** Until when a pause lasts, and who set one. */
import { describe, expect, test } from "vitest";
import { formatSpan, formatTime, othersWhoPause, pauseEnd } from "../../src/cli/pausing.ts";
import { plumbline } from "./terminal.ts";

const now = Date.parse("2026-11-21T12:00:00.250Z");

test.each([
  [{ for: "2h" }, "2026-11-21T14:00:01Z"],
  [{ for: "1h30m" }, "2026-11-21T13:30:01Z"],
  [{ for: "720h" }, "2026-12-21T12:00:01Z"],
  [{ until: "2027-03-01T00:00:00+01:00" }, "2027-02-28T23:00:00Z"],
])("%o ends at %s", (flags, expected) => {
  expect(formatTime(pauseEnd(flags, now))).toBe(expected);
});

test.each([
  ["neither", {}, "give one of --for"],
  ["both", { for: "1h", until: "2027-01-01T00:00:00Z" }, "give one of --for"],
  ["no unit", { for: "2" }, "--for 2: a duration such as"],
  ["days", { for: "2d" }, "--for 2d: a duration such as"],
  ["nothing", { for: "0s" }, "--for 0s: a duration such as"],
  ["a sign", { for: "-1h" }, "--for -1h: a duration such as"],
  ["too long", { for: "721h" }, "longer than 30 days"],
  ["a day only", { until: "2027-01-01" }, "--until 2027-01-01: a time such as"],
  ["no such day", { until: "2027-02-32T00:00:00Z" }, "a time such as"],
  ["a day that no calendar has", { until: "2027-02-30T00:00:00Z" }, "a time such as"],
  ["an hour that no day has", { until: "2027-02-03T24:00:00Z" }, "a time such as"],
  ["the past", { until: "2026-11-21T12:00:00Z" }, "has passed"],
])("%s is refused", (_, flags, message) => {
  expect(() => pauseEnd(flags, now)).toThrow(message);
});

test.each([
  [1, "1m"],
  [90 * 60_000, "1h 30m"],
  [2 * 3_600_000, "2h"],
  [3_600_750, "1h"],
  [600_999, "10m"],
  [601_000, "11m"],
  [26 * 3_600_000, "1d 2h"],
  [30 * 86_400_000 - 1, "30d"],
])("%i ms is %s", (milliseconds, expected) => {
  expect(formatSpan(milliseconds)).toBe(expected);
});

test("who set a pause: all managers of the annotation but ours", () => {
  const holding = (manager: string, name: string) => ({
    manager,
    operation: "Apply",
    fieldsV1: { "f:metadata": { "f:annotations": { [`f:${name}`]: {} } } },
  });
  const managedFields = [
    holding("flux", "plumbline.dev/pause-until"),
    holding("plumbline-cli", "plumbline.dev/pause-until"),
    holding("kubectl", "other"),
  ];
  expect(othersWhoPause({ metadata: { managedFields } })).toEqual(["flux"]);
});

describe("the words of the command: one line, 2, before any cluster is asked", () => {
  const environment = { KUBECONFIG: "/nowhere/config" };
  test.each([
    ["no end", ["pause", "deployment/web"], /give one of --for 2h and --until/],
    ["a bad end", ["pause", "deployment/web", "--for", "tomorrow"], /--for tomorrow: a duration such as 30m/],
    ["no object", ["pause", "deployment", "--for", "1h"], /deployment: a kind and a name are needed/],
    ["no object to resume", ["resume", "deployment"], /deployment: a kind and a name are needed/],
    ["nothing to approve", ["approve"], /nothing to approve: name a drift/],
    ["all of nothing", ["approve", "--all"], /name it with --baseline/],
    ["two at once", ["approve", "deployment/web", "--source", "shop"], /give one of/],
  ])("%s", async (_, args, message) => {
    const run = await plumbline(args, { environment });
    expect([run.status, run.stdout]).toEqual([2, ""]);
    expect(run.stderr).toMatch(message);
    expect(run.stderr.trimEnd()).not.toContain("\n");
  });
});
