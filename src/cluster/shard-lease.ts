/**
 * Who may write where the Baselines are spread over several processes. Two leases are held at once. The installation's
 * own names the layout (`3 shards`) and is held by all processes of that layout together; the shard's names the one
 * process that writes for it. A process of another layout, one that is not sharded among them, finds the first one
 * taken: while a change of layout rolls out, no Baseline ever has two writers.
 */
import { type Election, type LeaseOptions, startElection } from "./lease.ts";

export interface ShardLeaseOptions extends Omit<LeaseOptions, "shared"> {
  /** Of the installation. */
  readonly name: string;
  readonly shard: { readonly index: number; readonly count: number };
}

/** `plumbline-shard-0`; the installation's own where there is but one. The chart's Role names the same. */
export function leaseNameOf(name: string, shard: ShardLeaseOptions["shard"]): string {
  return shard.count === 1 ? name : `${name}-shard-${shard.index}`;
}

/** Not the name of any Pod: those are lower case words with an underscore. */
const layoutOf = (count: number): string => `${count} shards`;

/** The lease of an unsharded installation, or both of a shard's: it leads while it holds both. */
export function startShardElection({ shard, ...options }: ShardLeaseOptions): Election {
  if (shard.count === 1) return startElection(options);
  const layout = startElection({ ...options, identity: layoutOf(shard.count), shared: true });
  const own = startElection({ ...options, name: leaseNameOf(options.name, shard) });
  return both(layout, own);
}

function both(layout: Election, own: Election): Election {
  const isLeader = (): boolean => layout.isLeader() && own.isLeader();
  const listeners = new Set<(leader: boolean) => void>();
  let told = false;
  const tell = (): void => {
    const leader = isLeader();
    if (leader === told) return;
    told = leader;
    for (const listener of listeners) listener(leader);
  };
  layout.onChange(tell);
  own.onChange(tell);
  return {
    isLeader,
    holder: () => own.holder(),
    transitions: () => own.transitions(),
    onChange: (listener) => void listeners.add(listener),
    // The shard's own first: who stands by takes it at once, the layout staying as it is.
    async stop() {
      await own.stop();
      await layout.stop();
    },
  };
}
