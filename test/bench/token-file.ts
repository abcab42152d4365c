/**
 * A ServiceAccount's token in a file, replaced as the kubelet replaces it. Each token is bound to a Secret of its own;
 * some time after it was replaced that Secret goes, and from then on the server refuses it.
 */
import { renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { defaultNamespace } from "../e2e/operator.ts";
import type { World } from "./world.ts";

export interface TokenFile {
  readonly path: string;
  /** A new token; the one before stays good until `revoke`. */
  rotate(): Promise<void>;
  /** Every token but the newest is refused from now on. */
  revoke(): Promise<void>;
}

const ACCOUNT = "plumbline";
/** Seconds; the least that the server gives. */
const LIFE = 600;

export async function openTokenFile(world: World): Promise<TokenFile> {
  const { plane } = world;
  const file = path.join(plane.folder, "operator-token");
  const old: string[] = [];
  let current: string | undefined;
  let number = 0;

  /** Insists: the server may be on its way up. */
  const send = async (method: string, pathname: string, body?: unknown): Promise<string> => {
    for (let attempt = 0; ; attempt += 1) {
      const answer = await plane
        .request(method, pathname, body === undefined ? {} : { body })
        .catch((error: unknown) => ({ status: 0, text: String(error) }));
      if ((answer.status >= 200 && answer.status <= 299) || answer.status === 409) return answer.text;
      if (attempt > 100) throw new Error(`${method} ${pathname}: ${answer.status} ${answer.text}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
  const secrets = `/api/v1/namespaces/${defaultNamespace}/secrets`;

  const rotate = async (): Promise<void> => {
    number += 1;
    const name = `bench-token-${number}`;
    await send("POST", secrets, { apiVersion: "v1", kind: "Secret", metadata: { name } });
    const made = JSON.parse(
      await send("POST", `/api/v1/namespaces/${defaultNamespace}/serviceaccounts/${ACCOUNT}/token`, {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: { expirationSeconds: LIFE, boundObjectRef: { apiVersion: "v1", kind: "Secret", name } },
      }),
    ) as { status: { token: string } };
    writeFileSync(`${file}.new`, made.status.token, { mode: 0o600 });
    renameSync(`${file}.new`, file);
    if (current !== undefined) old.push(current);
    current = name;
  };

  await rotate();
  return {
    path: file,
    rotate,
    async revoke() {
      for (const name of old.splice(0)) await send("DELETE", `${secrets}/${name}`);
    },
  };
}
