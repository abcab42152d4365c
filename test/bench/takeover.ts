/**
 * How long nobody writes when the leader goes, by the API server's audit log: from the signal until the standby has the
 * lease, and from the lease until its first write of drift that came meanwhile. With the default lease. Prints figures,
 * asserts nothing: `node test/bench/takeover.ts [rounds]`. Server, etcd and both replicas share this machine.
 */
import { getIn } from "../../src/model/json.ts";
import { tokenId, writesOf, type Write } from "../e2e/audit.ts";
import { eventually, type Operator } from "../e2e/operator.ts";
import { configMap, configMapPath, inNamespace, setScene, yaml } from "../e2e/scene.ts";

const rounds = Number(process.argv[2] ?? 3);
const objects = Array.from({ length: 200 }, (_, at) =>
  configMap(`app-${at}`, { colour: "green" }, { "plumbline.dev/remediate": "enabled" }),
);

const scene = await setScene({ audit: true });
try {
  await scene.namespace("shop");
  scene.repository("shop").commit({ "all.yaml": yaml(...objects) });
  await scene.deploy(objects.map((object) => inNamespace("shop", object)));
  await scene.declare("shop", "shop", { targetNamespace: "shop", mode: "Remediate" });
  let pods = 0;
  const start = async (): Promise<{ readonly operator: Operator; readonly token: string }> => {
    const podName = `plumbline-${pods++}`;
    const operator = await scene.start({ podName, freshPorts: true });
    await operator.ready();
    await eventually("all is judged", async () => (await operator.metric("plumbline_source_ready")) === 1 || undefined);
    return { operator, token: tokenId(scene.plane, podName) };
  };
  const leads = (one: Operator): Promise<unknown> =>
    eventually("it leads", async () => (await one.metric("leader_election_master_status")) === 1 || undefined, {
      within: 60_000,
    });
  let leader = await start();
  await leads(leader.operator);
  let edits = 0;
  for (const signal of ["SIGKILL", "SIGTERM"] as const) {
    const rows: { readonly lease: number; readonly write: number }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const standby = await start();
      // Somewhere between two renewals.
      await new Promise((resolve) => setTimeout(resolve, 1_000 + (round / rounds) * 2_000));
      const at = new Date();
      const gone = leader.operator.stop(signal);
      if (signal === "SIGTERM") await gone;
      const name = `app-${edits++}`;
      await scene.edit("shop", name, { colour: "red" }, `person-${edits}`);
      await leads(standby.operator);
      await eventually("it is put back", async () => {
        const found = await scene.send("GET", configMapPath("shop", name));
        return getIn(found, "data", "colour") === "green" || undefined;
      });
      await gone;
      const first = (concerns: (write: Write) => boolean): number => {
        const found = writesOf(scene.plane, at.toISOString()).find(
          (write) => write.by === standby.token && write.code < 300 && concerns(write),
        );
        return Date.parse(found?.at ?? "");
      };
      const lease = first(({ verb, resource }) => verb === "update" && resource === "leases");
      rows.push({ lease: lease - at.getTime(), write: first(({ own }) => !own) - lease });
      leader = standby;
    }
    const list = (figures: readonly number[]): string => figures.map((one) => `${Math.round(one)} ms`).join(", ");
    console.log(`takeover ${signal}: signal → lease ${list(rows.map(({ lease }) => lease))}`);
    console.log(
      `takeover ${signal}: lease → first write of a drift that came meanwhile ${list(rows.map(({ write }) => write))}`,
    );
  }
} finally {
  await scene.stop();
}
