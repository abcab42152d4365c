/**
 * Who we are to the API server: the one door to client-node, used for reading a kubeconfig and for its ways to log in
 * (token, projected token, client certificate, exec, OIDC). Never sends a request, never logs what it reads.
 *
 * client-node is loaded when a kubeconfig is first read (18 MB and 70 ms, bundled); a Pod's own account needs none of it.
 * A token, certificate or authority that was renewed on disk is seen within {@link FRESH} ms; a 401, or certificates
 * that were not accepted, make everything be read again at once.
 */
import { readFile } from "node:fs/promises";
import type { KubeConfig } from "@kubernetes/client-node";
import type { Clock } from "../runtime/clock.ts";
import { type Environment, readEnvironment } from "../runtime/config.ts";
import { readPodAccount } from "./pod-account.ts";

export interface TlsSettings {
  readonly ca?: Buffer | string;
  readonly cert?: Buffer | string;
  readonly key?: Buffer | string;
  readonly rejectUnauthorized?: boolean;
  readonly servername?: string;
}

/** What a request needs, as of now. */
export interface Access {
  /** `https://10.0.0.1:443`. */
  readonly origin: string;
  /** Path in front of every path, for API servers behind a proxy; mostly "". */
  readonly basePath: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsSettings;
  /** URL of an HTTP proxy. */
  readonly proxy?: string;
}

export interface Credentials {
  /**
   * The same value, until something changed.
   * @throws where the kubeconfig cannot be read, names no such context or cluster, or an exec plugin fails
   */
  access(): Promise<Access>;
  /** The server refused what `access` gave: read it all again. */
  invalidate(): void;
  /** Namespace of the context, or of the Pod; "default" where none is named, and before the first `access`. */
  readonly namespace: string;
}

export type CredentialSource =
  | { readonly kind: "in-cluster" /** In front of the well-known paths, for tests. */; readonly pathPrefix?: string }
  | { readonly kind: "file"; readonly path: string; readonly context?: string }
  /** `KUBECONFIG`, then `~/.kube/config`, then the Pod's own account: as kubectl looks. */
  | { readonly kind: "default"; readonly context?: string };

export interface CredentialOptions {
  readonly source: CredentialSource;
  /** Acts as this user (`--as`). */
  readonly as?: string;
  readonly clock: Clock;
  /** The process's own unless told: says where the API server is. */
  readonly environment?: Environment;
}

/** What is read in one go. */
export interface Login {
  readonly access: Access;
  readonly namespace: string | undefined;
}

/** Milliseconds for which what was read is used; client-go reads a projected token again after 60 s. */
const FRESH = 30_000;

type KubeconfigSource = Exclude<CredentialSource, { readonly kind: "in-cluster" }>;

async function load(source: KubeconfigSource): Promise<KubeConfig> {
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  if (source.kind === "file") config.loadFromFile(source.path);
  else config.loadFromDefault();
  if (source.context !== undefined) {
    if (config.getContextObject(source.context) === null) throw new Error(`no context "${source.context}"`);
    config.setCurrentContext(source.context);
  }
  if (config.getCurrentCluster() === null) throw new Error("the kubeconfig names no cluster");
  return config;
}

/** What `applyToHTTPSOptions` fills in, as far as it concerns us. */
interface Filled {
  headers?: Record<string, string>;
  auth?: string;
  ca?: Buffer | string;
  cert?: Buffer | string;
  key?: Buffer | string;
  rejectUnauthorized?: boolean;
  servername?: string;
}

function tlsOf(filled: Filled): TlsSettings {
  return {
    ...(filled.ca === undefined ? {} : { ca: filled.ca }),
    ...(filled.cert === undefined ? {} : { cert: filled.cert }),
    ...(filled.key === undefined ? {} : { key: filled.key }),
    ...(filled.rejectUnauthorized === undefined ? {} : { rejectUnauthorized: filled.rejectUnauthorized }),
    ...(filled.servername === undefined ? {} : { servername: filled.servername }),
  };
}

async function readAccess(config: KubeConfig, as: string | undefined): Promise<Access> {
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error("the kubeconfig names no cluster");
  const filled: Filled = {};
  await config.applyToHTTPSOptions(filled);
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(filled.headers ?? {})) headers[name.toLowerCase()] = value;
  if (filled.auth !== undefined) headers["authorization"] = `Basic ${Buffer.from(filled.auth).toString("base64")}`;
  // client-node keeps a file's token for 60 s; reading it ourselves makes FRESH the only age there is.
  const tokenFile = config.getCurrentUser()?.authProvider?.config?.tokenFile as string | undefined;
  if (tokenFile !== undefined) headers["authorization"] = `Bearer ${(await readFile(tokenFile, "utf8")).trim()}`;
  if (as !== undefined) headers["impersonate-user"] = as;
  const server = new URL(cluster.server);
  return {
    origin: server.origin,
    basePath: server.pathname.replace(/\/+$/, ""),
    headers,
    tls: tlsOf(filled),
    ...(cluster.proxyUrl === undefined ? {} : { proxy: cluster.proxyUrl }),
  };
}

/** Reads a kubeconfig each time anew, but keeps the loaded one while its text is the same: it holds what exec said. */
function kubeconfigReader(source: KubeconfigSource, as: string | undefined): (anew: boolean) => Promise<Login> {
  let config: KubeConfig | undefined;
  let text = "";
  return async (anew) => {
    const again = await load(source);
    const textNow = again.exportConfig();
    if (config === undefined || anew || textNow !== text) config = again;
    text = textNow;
    const access = await readAccess(config, as);
    return { access, namespace: config.getContextObject(config.getCurrentContext())?.namespace };
  };
}

export function createCredentials(options: CredentialOptions): Credentials {
  const { source, clock, as } = options;
  const readLogin =
    source.kind === "in-cluster"
      ? () => readPodAccount(options.environment ?? readEnvironment(), source.pathPrefix ?? "", as)
      : kubeconfigReader(source, as);
  let held: { readonly login: Login; readonly at: number; readonly print: string } | undefined;
  let isRefused = false;
  let reading: Promise<Access> | undefined;

  const read = async (): Promise<Access> => {
    const anew = isRefused;
    isRefused = false;
    const login = await readLogin(anew);
    const print = JSON.stringify(login);
    held = { login: held?.print === print ? held.login : login, at: clock.monotonic(), print };
    return held.login.access;
  };

  return {
    access() {
      if (!isRefused && held !== undefined && clock.monotonic() - held.at < FRESH)
        return Promise.resolve(held.login.access);
      reading ??= read().finally(() => {
        reading = undefined;
      });
      return reading;
    },
    invalidate() {
      isRefused = true;
    },
    get namespace() {
      return held?.login.namespace ?? "default";
    },
  };
}
