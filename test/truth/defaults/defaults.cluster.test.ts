/**
 * The tables of defaults, zeros, empties and nulls against the everyday API server, exactly and in both directions: the
 * quick form of `npm run truth -- defaults`, which asks more and can ask other minors.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startControlPlane, type ControlPlane } from "../../control-plane/control-plane.ts";
import { minorOf } from "../../control-plane/versions.ts";
import { openTruthServer, type TruthServer } from "../../corpus/truth-server.ts";
import { describeWith } from "../../support/describe-with.ts";
import type { Case, LegReport, Refusal } from "../leg.ts";
import { runDefaults } from "./defaults-leg.ts";

const isField = ({ operator }: Case | Refusal): boolean => operator.startsWith("field = ");

describeWith(["etcd", "kube-apiserver"], "what the API server fills in, drops and keeps", () => {
  let plane: ControlPlane;
  let server: TruthServer;
  let report: LegReport;

  beforeAll(async () => {
    plane = await startControlPlane();
    server = await openTruthServer(plane);
    report = await runDefaults(server, minorOf(plane.version), { seed: 1, thorough: false });
  }, 300_000);
  afterAll(async () => {
    server?.close();
    await plane?.stop();
  });

  test("is what we say, in every kind and every field", () => {
    const wrong = report.cases.filter(({ found }) => found.length > 0);
    expect(wrong.map(({ kind, object, edit, found }) => `${kind} ${object}, ${edit}: ${found.join("; ")}`)).toEqual([]);
  });

  test("was asked of every object", () => {
    expect(report.refused.filter((one) => !isField(one)).map(({ object, reason }) => `${object}: ${reason}`)).toEqual(
      [],
    );
  });

  test("was answered for most fields, and for schemas made by chance", () => {
    expect(report.cases.filter(isField).length).toBeGreaterThan(2000);
    expect(report.cases.filter(({ operator }) => operator === "custom resource").length).toBeGreaterThan(200);
  });
});
