/** What a Pod that states limits for itself requests; each case was asked of the API server by built-in-objects. */
import { expect, test } from "vitest";
import { podLevelResources } from "../../../src/compare/defaults/pod-resources.ts";
import type { Json, JsonObject } from "../../../src/model/json.ts";

const asking = (requests: JsonObject, more: JsonObject = {}): JsonObject => ({
  name: "c",
  resources: { requests },
  ...more,
});

type Row = readonly [name: string, spec: JsonObject, requests: Json | undefined];

const rows: readonly Row[] = [
  ["no resources of its own", { containers: [asking({ cpu: 1 })] }, undefined],
  ["requests only", { resources: { requests: { cpu: 1 } }, containers: [] }, undefined],
  [
    "limits",
    { resources: { limits: { cpu: "1000m", memory: "1Gi" } }, containers: [] },
    { cpu: "1000m", memory: "1Gi" },
  ],
  [
    "what it states stays",
    { resources: { limits: { cpu: 2, memory: "2Gi" }, requests: { cpu: "1500m" } }, containers: [] },
    { cpu: "1500m", memory: "2Gi" },
  ],
  [
    "containers together",
    { resources: { limits: { cpu: 2 } }, containers: [asking({ cpu: "250m" }), asking({ cpu: 1 })] },
    { cpu: "1250m" },
  ],
  [
    "a container's limit is its request",
    { resources: { limits: { cpu: 2 } }, containers: [{ name: "c", resources: { limits: { cpu: "0.0005" } } }] },
    { cpu: "1m" },
  ],
  [
    "the largest init container",
    { resources: { limits: { cpu: 4 } }, containers: [asking({ cpu: "250m" })], initContainers: [asking({ cpu: 3 })] },
    { cpu: "3" },
  ],
  [
    "an init container beside the sidecars before it",
    {
      resources: { limits: { cpu: 4 } },
      containers: [asking({ cpu: "100m" })],
      initContainers: [asking({ cpu: "50m" }, { restartPolicy: "Always" }), asking({ cpu: 1 })],
    },
    { cpu: "1050m" },
  ],
  [
    "huge pages are those of the limit",
    { resources: { limits: { "hugepages-2Mi": "4Mi" } }, containers: [asking({ "hugepages-2Mi": "2Mi" })] },
    { "hugepages-2Mi": "4Mi" },
  ],
  ["what no Pod has", { resources: { limits: { "example.com/gpu": 1 } }, containers: [] }, undefined],
  [
    "broken content",
    { resources: { limits: { cpu: 1 } }, containers: [null, { resources: "x" }, asking({ cpu: "x" })] },
    { cpu: 1 },
  ],
];

test.each(rows)("%s", (_, spec, requests) => {
  const made = podLevelResources(spec) as JsonObject | undefined;
  expect(made?.["requests"]).toEqual(requests);
});
