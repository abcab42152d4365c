/** A command's way to the cluster: the kubeconfig as kubectl reads it, one transport, closed when the command ends. */
import { existsSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Command } from "commander";
import { createObjectApi } from "../cluster/api.ts";
import { createCredentials, type Credentials } from "../cluster/credentials.ts";
import { createDiscovery, type Discovery } from "../cluster/discovery.ts";
import { createOpenApi, type OpenApi } from "../cluster/open-api.ts";
import { type ApiRequest, createTransport, type Transport } from "../cluster/transport.ts";
import { commandFieldManager } from "../model/annotations.ts";
import type { ObjectApi } from "../model/api.ts";
import { parseDuration } from "../model/duration.ts";
import { messageOf } from "../model/problem.ts";
import type { KindRef } from "../model/resource.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import { readEnvironment } from "../runtime/config.ts";
import { CliError } from "./cli-error.ts";
import { readVersion } from "./version.ts";

export interface ClusterFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly as?: string;
  readonly requestTimeout?: string;
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
    .option("--as <user>", "act as this user")
    .option("--request-timeout <time>", "how long one request may take, such as 30s; 0 means no limit", "0");
}

/** As kubectl reads it: a Go duration, or whole seconds. Milliseconds; 0: no limit of ours. */
function readTimeout(text: string): number {
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1_000 : parseDuration(text);
  if (milliseconds === undefined) throw new CliError(`--request-timeout ${text}: a time such as 30s or 1m is needed`);
  return milliseconds;
}

/** A whole request, with its repetitions, ends after so many milliseconds. */
function limited(transport: Transport, timeout: number, clock: Clock): Transport {
  if (timeout === 0) return transport;
  return {
    ...transport,
    async request(request: ApiRequest) {
      const abort = new AbortController();
      const timer = clock.after(timeout, () => abort.abort());
      const answer = await transport.request({ ...request, signal: abort.signal });
      timer.cancel();
      return answer.status === 0 && abort.signal.aborted
        ? { ...answer, text: "no answer within --request-timeout" }
        : answer;
    },
  };
}

/** Undefined where the cluster does not serve the kind. */
export function servedScope({ discovery }: ClusterAccess, kind: KindRef): "Namespaced" | "Cluster" | undefined {
  const resource = discovery.resourceOf(kind);
  if (resource === undefined) return undefined;
  return resource.namespaced ? "Namespaced" : "Cluster";
}

const POD_TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/** Without any of these the client library falls back to localhost, where nobody serves Kubernetes. */
function isConfigured(flags: ClusterFlags): boolean {
  if (flags.kubeconfig !== undefined) return true;
  const named = readEnvironment()["KUBECONFIG"];
  if (named !== undefined && named !== "") return true;
  return [path.join(os.homedir(), ".kube", "config"), POD_TOKEN].some((file) => existsSync(file));
}

/**
 * @param hint what to do instead, for the error
 * @throws CliError where there is no cluster, or it does not answer
 */
export async function openCluster(flags: ClusterFlags, hint?: string): Promise<ClusterAccess> {
  const clock = systemClock;
  const context = flags.context === undefined ? {} : { context: flags.context };
  const fail = (why: string): CliError => new CliError(`no cluster: ${why}${hint === undefined ? "" : `; ${hint}`}`);
  const timeout = readTimeout(flags.requestTimeout ?? "0");
  if (!isConfigured(flags)) throw fail("no kubeconfig names one (--kubeconfig, KUBECONFIG, ~/.kube/config)");
  let credentials: Credentials;
  let origin: string;
  try {
    credentials = createCredentials({
      clock,
      source:
        flags.kubeconfig === undefined
          ? { kind: "default", ...context }
          : { kind: "file", path: flags.kubeconfig, ...context },
      ...(flags.as === undefined ? {} : { as: flags.as }),
    });
    ({ origin } = await credentials.access());
  } catch (error) {
    throw fail(messageOf(error));
  }
  const transport = limited(createTransport({ credentials, clock, version: readVersion() }), timeout, clock);
  const discovery = createDiscovery({ transport, clock });
  const close = async (): Promise<void> => {
    discovery.stop();
    await transport.close();
  };
  await discovery.refresh();
  if (!discovery.ready()) {
    const answer = await transport.request({ method: "GET", path: "/version", verb: "get", repeat: false });
    await close();
    throw fail(
      `${origin} cannot be asked what it serves: ${answer.status === 0 ? answer.text : `it answers ${answer.status}`}`,
    );
  }
  return {
    credentials,
    transport,
    discovery,
    openApi: createOpenApi(transport),
    api: createObjectApi({ transport, discovery, manager: commandFieldManager }),
    close,
  };
}
