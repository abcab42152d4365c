import { describe, expect, test } from "vitest";
import { meaningOfAddress } from "../../src/compare/address-text.ts";
import { diffObjects } from "../../src/compare/diff.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { formatPath } from "../../src/model/path.ts";
import { object, schemaOf } from "./schemas.ts";

describe("one address in several spellings", () => {
  test.each([
    ["2001:DB8:0::9", "2001:db8::9"],
    ["2001:0db8:0000:0000:0000:0000:0000:0009", "2001:db8::9"],
    ["::ffff:192.0.2.1", "::ffff:c000:201"],
    ["2001:DB8::/32", "2001:db8:0::/32"],
    ["0::", "::"],
  ])("%s = %s", (one, other) => {
    expect(meaningOfAddress(one)).toBeDefined();
    expect(meaningOfAddress(one)).toBe(meaningOfAddress(other));
  });
});

describe("other addresses", () => {
  test.each([
    ["2001:db8::9", "2001:db8::90"],
    ["10.0.0.0/8", "10.0.0.0/9"],
    ["10.0.0.5/8", "10.0.0.0/8"],
    ["192.0.2.1", "192.0.2.1/32"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::1", "::2"],
  ])("%s, %s", (one, other) => {
    expect(meaningOfAddress(one)).toBeDefined();
    expect(meaningOfAddress(one)).not.toBe(meaningOfAddress(other));
  });
});

describe("no address, only text", () => {
  test.each([
    "",
    "None",
    "example.com",
    "010.0.0.1",
    "10.0.0",
    "10.0.0.256",
    "0x0a.0.0.1",
    "167772161",
    "fe80::1%eth0",
    "::1/129",
    "10.0.0.0/33",
    "10.0.0.0/08",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    " 10.0.0.1",
    "1:2:3",
    "[::1]",
    ":".repeat(100_000),
  ])("%s", (text) => {
    expect(meaningOfAddress(text)).toBeUndefined();
  });
});

describe("in an object", () => {
  const found = (desired: JsonObject, live: JsonObject, kind = "Service", apiVersion = "v1"): readonly string[] => {
    const one = object(apiVersion, kind, { spec: desired });
    const { differences } = diffObjects({
      desired: one,
      live: object(apiVersion, kind, { spec: live }),
      schema: schemaOf(one),
    });
    return differences.map(({ op, path }) => `${op} ${formatPath(path)}`);
  };
  const base = {
    ports: [{ port: 80, targetPort: 80, protocol: "TCP" }],
    type: "ClusterIP",
    sessionAffinity: "None",
    internalTrafficPolicy: "Cluster",
  };

  test("the same address says nothing", () => {
    expect(found({ ...base, externalIPs: ["2001:DB8:0::9"] }, { ...base, externalIPs: ["2001:db8::9"] })).toEqual([]);
  });
  test("another address counts", () => {
    expect(found({ ...base, externalIPs: ["2001:db8::9"] }, { ...base, externalIPs: ["2001:db8::8"] })).toEqual([
      "changed .spec.externalIPs[0]",
    ]);
  });
  test("a range of a NetworkPolicy", () => {
    const policy = (cidr: string): JsonObject => ({
      podSelector: {},
      policyTypes: ["Ingress"],
      ingress: [{ from: [{ ipBlock: { cidr } }] }],
    });
    const api = "networking.k8s.io/v1";
    expect(found(policy("2001:DB8::/48"), policy("2001:db8::/48"), "NetworkPolicy", api)).toEqual([]);
    expect(found(policy("2001:db8::/48"), policy("2001:db8::/47"), "NetworkPolicy", api)).toEqual([
      "changed .spec.ingress[0].from[0].ipBlock.cidr",
    ]);
  });
  test("a name that holds an address stays text", () => {
    expect(found({ ...base, externalName: "2001:DB8::9" }, { ...base, externalName: "2001:db8::9" })).toEqual([
      "changed .spec.externalName",
    ]);
  });
});
