/** Rows that hold only in some minors of the server, and fields that only some store. */
import { describe, expect, test } from "vitest";
import { gatedField, gatedFields } from "../../../src/compare/defaults/gated.ts";
import { holdsIn, isBefore, type DefaultRow } from "../../../src/compare/defaults/row.ts";
import { defaultedDesired, defaultRows } from "../../../src/compare/defaults.ts";
import { getIn, type Json } from "../../../src/model/json.ts";
import { object, schemaOf } from "../schemas.ts";

const row = (limits: Partial<DefaultRow>): DefaultRow => ({ type: "t", field: "f", value: 1, ...limits });

describe("rows", () => {
  test.each<readonly [DefaultRow, string | undefined, boolean]>([
    [row({}), "1.34", true],
    [row({ since: "1.37" }), "1.36", false],
    [row({ since: "1.37" }), "1.37", true],
    [row({ since: "1.37" }), undefined, true],
    [row({ until: "1.36" }), "1.35", true],
    [row({ until: "1.36" }), "1.36", false],
  ])("%o on %s: %s", (limited, server, holds) => {
    expect(holdsIn(limited, server)).toBe(holds);
  });

  test("minors are numbers", () => {
    expect(isBefore("1.9", "1.10")).toBe(true);
    expect(isBefore("1.36", "1.36")).toBe(false);
  });

  test.each([
    ["1.36", undefined],
    ["1.37", 1],
  ])("a StatefulSet on %s", (server, maxUnavailable) => {
    const desired = object("apps/v1", "StatefulSet", { spec: { template: {} } });
    const filled = defaultedDesired(desired, { ...schemaOf(desired), server });
    expect(getIn(filled, "spec", "updateStrategy", "rollingUpdate", "maxUnavailable")).toBe(maxUnavailable);
  });
});

describe("gated fields", () => {
  test.each<readonly [string, string, Json, string | undefined, boolean]>([
    ["core.Lifecycle", "stopSignal", "SIGTERM", "1.36", true],
    ["core.Lifecycle", "stopSignal", "SIGTERM", undefined, true],
    ["core.Lifecycle", "preStop", {}, "1.36", false],
    ["resource.Device", "taints", [], "1.35", true],
    ["resource.Device", "taints", [], "1.36", false],
    ["resource.Device", "taints", [], undefined, false],
    ["core.PersistentVolumeClaimSpec", "dataSourceRef", { name: "a", namespace: "b" }, "1.36", true],
    ["core.PersistentVolumeClaimSpec", "dataSourceRef", { name: "a" }, "1.36", false],
    ["core.Container", "restartPolicy", "Never", "1.34", true],
    ["core.Container", "restartPolicy", "Always", "1.34", false],
  ])("%s.%s = %o on %s: dropped %s", (type, field, value, server, dropped) => {
    expect(gatedField({ type, field, value }, server) !== undefined).toBe(dropped);
  });

  test("each is listed once", () => {
    const names = gatedFields.map(({ type, field }) => `${type}.${field}`);
    expect(names).toEqual([...new Set(names)]);
  });

  test("a row that needs a newer server is about a field that older ones drop", () => {
    const newer = defaultRows.filter(({ since }) => since !== undefined);
    for (const { type, field, since = "" } of newer) {
      expect(gatedField({ type, field, value: 0 }, "1.34")?.since).toBe(since);
    }
  });
});
