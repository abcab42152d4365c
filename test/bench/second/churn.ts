/**
 * Changes that change no verdict, at a steady rate: status heartbeats of the world's objects, or renewals of Leases.
 * What the server cannot take in time is not made up for later: the rate that was reached is told.
 */
import { startPacing } from "./pacing.ts";
import { kindOf, objectPath, type Shape } from "../manifests.ts";
import { quantile } from "../spread.ts";
import { mergePatch, type Client } from "./client.ts";

export interface ChurnOrder {
  /** Events a second. */
  readonly rate: number;
  /** Whose objects; those without a status are passed over. */
  readonly ats: readonly number[];
  readonly leases?: boolean;
}

export interface Churned {
  readonly sent: number;
  readonly failed: number;
  readonly seconds: number;
  /** Events a second that the server made. */
  readonly rate: number;
  /** Of a write, milliseconds. */
  readonly writeP50: number;
}

export interface Churn {
  stop(): Promise<Churned>;
}

const TICK = 5;
const IN_FLIGHT = 128;
const LEASES = 100;
const leasesPath = "/apis/coordination.k8s.io/v1/namespaces/default/leases";

async function makeLeases(client: Client): Promise<void> {
  for (let at = 0; at < LEASES; at += 1)
    await client.insist({
      method: "POST",
      path: leasesPath,
      body: JSON.stringify({
        apiVersion: "coordination.k8s.io/v1",
        kind: "Lease",
        metadata: { name: `bench-${at}` },
        spec: { holderIdentity: "bench", leaseDurationSeconds: 40 },
      }),
      also: [409],
    });
}

/** The request that the n-th event is, n counted over all. */
function eventOf(order: ChurnOrder, beating: readonly number[], shape: Shape, n: number): readonly [string, string] {
  const tick = new Date(1_790_000_000_000 + n * 1000).toISOString().replace(".000", "");
  if (order.leases === true) {
    const renewTime = tick.replace("Z", ".000000Z");
    return [`${leasesPath}/bench-${n % LEASES}`, JSON.stringify({ spec: { renewTime } })];
  }
  const at = beating[n % beating.length] ?? 0;
  const body = (kindOf(at).heartbeat ?? "").replaceAll("@TICK@", kindOf(at).kind === "Ingress" ? String(n) : tick);
  return [`${objectPath(at, shape)}/status?fieldManager=controller`, body];
}

export async function startChurn(client: Client, shape: Shape, order: ChurnOrder): Promise<Churn> {
  if (order.leases === true) await makeLeases(client);
  const beating = order.ats.filter((at) => kindOf(at).heartbeat !== undefined);
  const started = performance.now();
  const took: number[] = [];
  let next = 0;
  let sent = 0;
  let failed = 0;

  const one = async (): Promise<void> => {
    const [path, body] = eventOf(order, beating, shape, next++);
    const begun = performance.now();
    const status = await client.send("PATCH", path, body, mergePatch).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status >= 200 && status <= 299) {
      sent += 1;
      took.push(performance.now() - begun);
    } else failed += 1;
  };
  const pacing = startPacing(order.rate, IN_FLIGHT, TICK, one);

  return {
    async stop() {
      const seconds = (performance.now() - started) / 1000;
      await pacing.stop();
      return { sent, failed, seconds, rate: sent / seconds, writeP50: quantile(took, 0.5) };
    },
  };
}
