/** A TCP relay before the API server whose connections can be cut and held off. Looks at no byte of what passes. */
import { connect, createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

export interface CutProxy {
  /** Where the API server seems to be. */
  readonly url: string;
  /** Breaks every connection. */
  cut(): void;
  /** Breaks every connection and accepts no other until released. */
  hold(): void;
  release(): void;
  stop(): void;
}

export async function startCutProxy(url: string): Promise<CutProxy> {
  const port = Number(new URL(url).port);
  const open = new Set<Socket>();
  let isHeld = false;
  const server = createServer((near) => {
    if (isHeld) {
      near.destroy();
      return;
    }
    const far = connect({ port, host: "127.0.0.1", noDelay: true });
    near.setNoDelay(true);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = (): void => {
    for (const socket of open) socket.destroy();
  };
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    hold() {
      isHeld = true;
      cut();
    },
    release() {
      isHeld = false;
    },
    stop() {
      isHeld = true;
      cut();
      server.close();
    },
  };
}
