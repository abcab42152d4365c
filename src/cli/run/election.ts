/** Who of several processes may write, by the settings: one that is told to ask nobody always may. */
import { randomBytes } from "node:crypto";
import type { Election, LeaseOptions } from "../../cluster/lease.ts";
import { startShardElection } from "../../cluster/shard-lease.ts";
import type { Config } from "../../runtime/config.ts";

const alone: Election = {
  isLeader: () => true,
  holder: () => "",
  transitions: () => 0,
  onChange: () => {},
  stop: () => Promise.resolve(),
};

export function startOwnElection(config: Config, context: Pick<LeaseOptions, "transport" | "clock" | "log">): Election {
  if (!config.leaderElect) return alone;
  return startShardElection({
    ...context,
    namespace: config.namespace,
    name: config.leaseName,
    shard: config.shard,
    identity: `${config.podName}_${randomBytes(4).toString("hex")}`,
    duration: config.leaderElectLeaseDuration,
    renewDeadline: config.leaderElectRenewDeadline,
    retryPeriod: config.leaderElectRetryPeriod,
  });
}
