/** A command's way to the cluster: the kubeconfig as kubectl reads it, one transport, closed when the command ends. */
import type { Command } from "commander";
import { createObjectApi } from "../cluster/api.ts";
import { createCredentials, type Credentials } from "../cluster/credentials.ts";
import { createDiscovery, type Discovery } from "../cluster/discovery.ts";
import { createOpenApi, type OpenApi } from "../cluster/open-api.ts";
import { createTransport, type Transport } from "../cluster/transport.ts";
import type { ObjectApi } from "../model/api.ts";
import { systemClock } from "../runtime/clock.ts";
import { CliError, messageOf } from "./cli-error.ts";
import { readVersion } from "./version.ts";

export interface ClusterFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly as?: string;
}

export interface ClusterAccess {
  readonly credentials: Credentials;
  readonly transport: Transport;
  readonly discovery: Discovery;
  readonly openApi: OpenApi;
  readonly api: ObjectApi;
  close(): Promise<void>;
}

/** The flags of kubectl that choose a cluster and a user. */
export function withClusterFlags(command: Command): Command {
  return command
    .option("--kubeconfig <file>", "kubeconfig to use (default: KUBECONFIG, then ~/.kube/config)")
    .option("--context <name>", "context of the kubeconfig")
    .option("--as <user>", "act as this user");
}

/** @throws CliError where there is no cluster, or it does not answer */
export async function openCluster(flags: ClusterFlags): Promise<ClusterAccess> {
  const clock = systemClock;
  const context = flags.context === undefined ? {} : { context: flags.context };
  let credentials: Credentials;
  try {
    credentials = createCredentials({
      clock,
      source:
        flags.kubeconfig === undefined
          ? { kind: "default", ...context }
          : { kind: "file", path: flags.kubeconfig, ...context },
      ...(flags.as === undefined ? {} : { as: flags.as }),
    });
  } catch (error) {
    throw new CliError(`no cluster: ${messageOf(error)}`);
  }
  const transport = createTransport({ credentials, clock, version: readVersion() });
  const discovery = createDiscovery({ transport, clock });
  await discovery.refresh();
  if (!discovery.ready()) {
    const answer = await transport.request({ method: "GET", path: "/version", verb: "get", repeat: false });
    discovery.stop();
    await transport.close();
    const why = answer.status === 0 ? answer.text : `it answers ${answer.status}`;
    throw new CliError(`the API server cannot be asked what it serves: ${why}`);
  }
  return {
    credentials,
    transport,
    discovery,
    openApi: createOpenApi(transport),
    api: createObjectApi({ transport, discovery }),
    async close() {
      discovery.stop();
      await transport.close();
    },
  };
}
