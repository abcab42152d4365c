/** A TCP proxy in front of an API server that can swallow what its open connections carry, without closing them. */
import { createServer, connect, type AddressInfo, type Socket } from "node:net";
import { writeFileSync } from "node:fs";
import path from "node:path";
import type { ControlPlane } from "../control-plane/control-plane.ts";

export interface BlackHole {
  readonly kubeconfigPath: string;
  /** Connections that are open now carry nothing from now on; new ones work. */
  swallow(): void;
  stop(): Promise<void>;
}

export async function startBlackHole(plane: ControlPlane): Promise<BlackHole> {
  const pairs = new Set<{ readonly near: Socket; readonly far: Socket }>();
  const server = createServer((near) => {
    const far = connect(Number(new URL(plane.url).port), "127.0.0.1");
    const pair = { near, far };
    pairs.add(pair);
    near.pipe(far);
    far.pipe(near);
    for (const socket of [near, far]) {
      socket.on("error", () => {});
      socket.on("close", () => {
        near.destroy();
        far.destroy();
        pairs.delete(pair);
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const kubeconfigPath = path.join(plane.folder, `kubeconfig-hole-${port}`);
  const cluster = { server: `https://127.0.0.1:${port}`, "certificate-authority": plane.caFile };
  const contexts = [{ name: "c", context: { cluster: "c", user: "u" } }];
  const users = [{ name: "u", user: { token: plane.adminToken } }];
  const config = { clusters: [{ name: "c", cluster }], users, contexts, "current-context": "c" };
  writeFileSync(kubeconfigPath, JSON.stringify(config), { mode: 0o600 });
  return {
    kubeconfigPath,
    swallow() {
      for (const { near, far } of pairs) {
        near.unpipe(far);
        far.unpipe(near);
        near.resume();
        far.resume();
      }
    },
    async stop() {
      for (const { near } of pairs) near.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
