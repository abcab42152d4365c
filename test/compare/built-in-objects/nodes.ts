/** Nodes, and what is told about them and others. */
import { make, type Row } from "./make.ts";

export const nodeObjects: readonly Row[] = [
  [
    "Event: least",
    make("v1", "Event", {
      involvedObject: { kind: "Pod", name: "p", namespace: "default" },
      source: { component: "" },
      count: 0,
      type: "",
    }),
  ],
  [
    "Event: series",
    make("v1", "Event", {
      involvedObject: { apiVersion: "v1", kind: "Pod", name: "p", namespace: "default" },
      reason: "r",
      message: "m",
      type: "Normal",
      source: { component: "c", host: "h" },
      eventTime: "2024-01-01T00:00:00.000000Z",
      reportingComponent: "a.example.com/b",
      reportingInstance: "i",
      action: "a",
      series: { count: 2, lastObservedTime: "2024-01-01T00:00:00.000000Z" },
      related: { kind: "Node", name: "n" },
    }),
  ],
  [
    "events Event: least",
    make("events.k8s.io/v1", "Event", {
      regarding: { kind: "Pod", name: "p", namespace: "default" },
      reason: "r",
      note: "n",
      type: "Normal",
      eventTime: "2024-01-01T00:00:00.000000Z",
      reportingController: "a.example.com/b",
      reportingInstance: "i",
      action: "a",
      series: { count: 2, lastObservedTime: "2024-01-01T00:00:00.000000Z" },
      deprecatedSource: {},
    }),
  ],
  ["Node: least", make("v1", "Node", {})],
  [
    "Node: taints",
    make("v1", "Node", {
      spec: {
        taints: [{ key: "a", effect: "NoSchedule", value: "" }],
        podCIDR: "10.1.0.0/24",
        podCIDRs: ["10.1.0.0/24"],
        unschedulable: false,
        providerID: "p",
      },
    }),
  ],
  ["Node: one CIDR", make("v1", "Node", { spec: { podCIDR: "10.1.0.0/24" } })],
  ["Node: CIDRs", make("v1", "Node", { spec: { podCIDRs: ["10.1.0.0/24"], configSource: {} } })],
];
