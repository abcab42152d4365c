import { describe, expect, test } from "vitest";
import { sameEndpoints } from "../../src/compare/endpoint-subsets.ts";
import type { Json } from "../../src/model/json.ts";

const http = { name: "http", port: 80, protocol: "TCP" };
const admin = { name: "admin", port: 81, protocol: "TCP" };
const at = (last: number): Json => ({ ip: `192.0.2.${last}` });
const subset = (addresses: readonly Json[], ports: readonly Json[] = [http]): Json => ({ addresses, ports });

describe("the same endpoints", () => {
  const cases: readonly (readonly [string, readonly Json[], readonly Json[]])[] = [
    ["in another order", [subset([at(9)]), subset([at(1)])], [subset([at(1)]), subset([at(9)])]],
    ["merged into one subset", [subset([at(9)]), subset([at(1)])], [subset([at(1), at(9)])]],
    ["cut by port", [subset([at(1)], [http, admin])], [subset([at(1)], [http]), subset([at(1)], [admin])]],
    ["without ports", [{ addresses: [at(1)] }], [{ addresses: [at(1)], ports: [] }]],
    ["null for an empty list", [{ addresses: [at(1)], notReadyAddresses: null }], [{ addresses: [at(1)] }]],
  ];
  test.each(cases)("%s", (_, one, other) => {
    expect(sameEndpoints(one, other)).toBe(true);
    expect(sameEndpoints(other, one)).toBe(true);
  });
});

describe("other endpoints", () => {
  const cases: readonly (readonly [string, readonly Json[], readonly Json[]])[] = [
    ["one more address", [subset([at(1)])], [subset([at(1), at(2)])]],
    ["another address", [subset([at(1)])], [subset([at(2)])]],
    ["one more port", [subset([at(1)])], [subset([at(1)], [http, admin])]],
    ["no longer ready", [subset([at(1)])], [{ notReadyAddresses: [at(1)], ports: [http] }]],
    ["an address with a node", [subset([at(1)])], [subset([{ ip: "192.0.2.1", nodeName: "n" }])]],
    [
      "ports swapped between addresses",
      [subset([at(1)]), subset([at(2)], [admin])],
      [subset([at(2)]), subset([at(1)], [admin])],
    ],
    ["a field that nobody knows", [subset([at(1)])], [{ addresses: [at(1)], ports: [http], other: 1 }]],
    ["no list", [subset([at(1)])], [{ addresses: "x", ports: [http] }]],
    ["no object", [null], [null]],
    [
      "more than is looked at",
      [
        subset(
          Array.from({ length: 1_000 }, () => at(1)),
          Array.from({ length: 1_000 }, () => http),
        ),
      ],
      [subset([at(1)])],
    ],
  ];
  test.each(cases)("%s", (_, one, other) => {
    expect(sameEndpoints(one, other)).toBe(false);
    expect(sameEndpoints(other, one)).toBe(false);
  });
});
