/**
 * Nothing in the golden cases is made up: played again on the server that they were recorded with, every case gives the
 * very bytes that are kept. Another server may answer otherwise, so there the suite is left out.
 */
import { beforeAll, expect, test } from "vitest";
import { serverVersion } from "../control-plane/versions.ts";
import { describeWith, leaveOut } from "../support/describe-with.ts";
import { goldenNames, readCase, recordedWith, textOf } from "./golden-case.ts";
import { recordAll, type Recorded } from "./golden-recording.ts";

const suite = "golden cases, played again";
const server = serverVersion(process.env["PLUMBLINE_SERVER"]);

if (server === recordedWith())
  describeWith(["etcd", "kube-apiserver", "kube-controller-manager", "kubectl"], suite, replay);
else leaveOut(suite, { why: `recorded with ${recordedWith()}, this is ${server}`, optional: true });

function replay(): void {
  const cases = goldenNames().map(readCase);
  let recorded: Recorded;
  beforeAll(async () => {
    recorded = await recordAll(cases);
  }, 300_000);

  test("every case can be played", () => {
    expect([...recorded.failures.values()]).toEqual([]);
  });

  test("the server answers what is recorded", () => {
    const others = cases.flatMap((golden) =>
      [...(recorded.recordings.get(golden.name) ?? [])]
        .filter(([file, text]) => textOf(golden, file) !== text)
        .map(([file]) => `${golden.name}/${file}`),
    );
    expect(others, "npm run golden, and read what git says has changed").toEqual([]);
  });
}
