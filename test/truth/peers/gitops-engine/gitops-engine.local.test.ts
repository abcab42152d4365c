/** The engine answers, in both of its ways and in the order asked. How often it is right is measured, not tested. */
import { expect, test } from "vitest";
import type { JsonObject } from "../../../../src/model/json.ts";
import type { KubeObject } from "../../../../src/model/resource.ts";
import { describeWith } from "../../../support/describe-with.ts";
import type { Answer } from "../answer.ts";
import { askGitopsEngine, type Question } from "./gitops-engine.ts";

const openApi = JSON.stringify({
  swagger: "2.0",
  info: { title: "one kind", version: "1" },
  paths: {},
  definitions: {
    "io.k8s.api.core.v1.ConfigMap": {
      type: "object",
      "x-kubernetes-group-version-kind": [{ group: "", version: "v1", kind: "ConfigMap" }],
    },
  },
});
const map = (data: JsonObject): KubeObject => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "m" }, data });
const unknown = (size: number): KubeObject => ({ ...map({}), apiVersion: "none.test/v1", kind: "None", size });

const rows: readonly (readonly [string, Question, Answer])[] = [
  ["the same", { desired: map({ a: "1" }), live: map({ a: "1" }) }, "same"],
  ["another value", { desired: map({ a: "1" }), live: map({ a: "2" }) }, "differs"],
  ["a kind of a definition, another value", { desired: unknown(1), live: unknown(2) }, "differs"],
  ["merged, another value", { desired: map({ a: "1" }), live: map({ a: "2" }), manager: "me" }, "differs"],
  ["merged, of a kind without types", { desired: unknown(1), live: unknown(1), manager: "me" }, "failed"],
];

describeWith(["go"], "Argo CD's diff engine", () => {
  test("answers in the order of the questions", async () => {
    const told = await askGitopsEngine(
      openApi,
      rows.map(([, question]) => question),
    );
    expect(told).toEqual({ answers: rows.map(([, , answer]) => answer) });
  }, 550_000);
});
