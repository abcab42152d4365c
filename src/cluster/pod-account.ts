/**
 * The account of the Pod that runs us, as the kubelet lays it down: a token, an authority, a namespace, and two
 * variables that say where the API server is. All of it may be renewed at any time, so all of it is read each time.
 * Source: https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/#directly-accessing-the-rest-api
 */
import { readFile } from "node:fs/promises";
import { isIPv6 } from "node:net";
import type { Environment } from "../runtime/config.ts";
import type { Login } from "./credentials.ts";

const FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount";

/**
 * @param pathPrefix in front of the well-known folder, for tests
 * @throws where this is no Pod, or its account is not mounted
 */
export async function readPodAccount(
  environment: Environment,
  pathPrefix: string,
  as: string | undefined,
): Promise<Login> {
  const host = environment["KUBERNETES_SERVICE_HOST"];
  if (host === undefined || host === "") throw new Error("KUBERNETES_SERVICE_HOST is not set: this is no Pod");
  const port = environment["KUBERNETES_SERVICE_PORT"] ?? "443";
  const read = (name: string): Promise<string> => readFile(`${pathPrefix}${FOLDER}/${name}`, "utf8");
  const [token, ca, namespace] = await Promise.all([read("token"), read("ca.crt"), read("namespace").catch(() => "")]);
  const { origin } = new URL(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`);
  return {
    access: {
      origin,
      basePath: "",
      headers: {
        authorization: `Bearer ${token.trim()}`,
        ...(as === undefined ? {} : { "impersonate-user": as }),
      },
      tls: { ca },
    },
    namespace: namespace.trim() === "" ? undefined : namespace.trim(),
  };
}
