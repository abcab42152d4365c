/** The cluster room wired up against some API server, as main.ts wires it, and ways to wait for what it comes to. */
import { createObjectApi } from "../../src/cluster/api.ts";
import { createCredentials, type Credentials } from "../../src/cluster/credentials.ts";
import { awaitDiscovery, createDiscovery, type Discovery } from "../../src/cluster/discovery.ts";
import { createLiveWatches, type LiveWatches } from "../../src/cluster/live-watches.ts";
import { createTransport, type RequestObservation, type Transport } from "../../src/cluster/transport.ts";
import type { ObjectApi } from "../../src/model/api.ts";
import type { ResourceId } from "../../src/model/resource.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { silentLog } from "../../src/runtime/log.ts";

export interface Change {
  readonly id: ResourceId;
  readonly version: string;
  readonly receivedAt: number;
}

export interface Connection {
  readonly credentials: Credentials;
  readonly transport: Transport;
  readonly discovery: Discovery;
  readonly api: ObjectApi;
  readonly watches: LiveWatches;
  /** Requests that ended, oldest first. */
  readonly requests: RequestObservation[];
  /** What `onChange` told, oldest first. */
  readonly changes: Change[];
  close(): Promise<void>;
}

export interface ConnectOptions {
  readonly namespaces?: readonly string[];
  readonly secrets?: boolean;
  /** Milliseconds. */
  readonly watchSilence?: number;
  /** Milliseconds until a missing right is asked for again. */
  readonly recheck?: number;
}

export async function connect(kubeconfigPath: string, options: ConnectOptions = {}): Promise<Connection> {
  const clock = systemClock;
  const requests: RequestObservation[] = [];
  const changes: Change[] = [];
  const credentials = createCredentials({ source: { kind: "file", path: kubeconfigPath }, clock });
  const transport = createTransport({
    credentials,
    clock,
    version: "0.0.0",
    observe: (one) => requests.push(one),
    ...(options.watchSilence === undefined ? {} : { watchSilence: options.watchSilence }),
  });
  const discovery = createDiscovery({ transport, clock });
  await awaitDiscovery(discovery, clock);
  const api = createObjectApi({ transport, discovery });
  const watches = createLiveWatches({
    transport,
    discovery,
    clock,
    log: silentLog,
    api,
    healthOf: () => ({ state: "healthy" }),
    namespaces: options.namespaces ?? [],
    secrets: options.secrets ?? true,
    ...(options.recheck === undefined ? {} : { recheck: options.recheck }),
  });
  watches.onChange((id, version, receivedAt) => changes.push({ id, version, receivedAt }));
  return {
    credentials,
    transport,
    discovery,
    api,
    watches,
    requests,
    changes,
    async close() {
      watches.stop();
      discovery.stop();
      await transport.close();
    },
  };
}

/** Resolves once the condition holds; a minute without it is a failure that says what was waited for. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, within = 60_000): Promise<void> {
  const deadline = performance.now() + within;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

export const configMap = { group: "", version: "v1", kind: "ConfigMap" } as const;
export const secret = { group: "", version: "v1", kind: "Secret" } as const;
export const clusterRole = { group: "rbac.authorization.k8s.io", version: "v1", kind: "ClusterRole" } as const;

export function configMapId(name: string, namespace = "default"): ResourceId {
  return { group: "", kind: "ConfigMap", namespace, name };
}
