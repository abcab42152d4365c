/**
 * One set of connections per channel, for as long as the certificates they were made with are those on disk. When
 * certificates turn, new ones are made; the old ones carry what they carry to its end. Opens none by itself.
 */
import type { Access } from "./credentials.ts";
import type { Channel } from "./transport.ts";

interface Closable {
  /** Once what is under way has ended. */
  close(): Promise<void>;
  /** Now. */
  destroy(): Promise<void>;
}

export interface ConnectionSets<Connections extends Closable> {
  of(channel: Channel, access: Access): Connections;
  /** Of the API server last asked; "" before. */
  host(): string;
  destroy(): Promise<void>;
}

export function createConnectionSets<Connections extends Closable>(
  make: (channel: Channel, access: Access) => Connections,
): ConnectionSets<Connections> {
  let current: { readonly access: Access; readonly print: string } | undefined;
  let host = "";
  const byChannel = new Map<Channel, Connections>();
  const retired = new Set<Connections>();

  const retire = (): void => {
    for (const old of byChannel.values()) {
      retired.add(old);
      void old.close().finally(() => retired.delete(old));
    }
    byChannel.clear();
  };

  const turnTo = (access: Access): void => {
    // A token that was renewed is no reason for new connections.
    const print = JSON.stringify([access.origin, access.tls, access.proxy]);
    if (current !== undefined && current.print !== print) retire();
    current = { access, print };
    host = new URL(access.origin).host;
  };

  return {
    of(channel, access) {
      if (current?.access !== access) turnTo(access);
      const connections = byChannel.get(channel) ?? make(channel, access);
      byChannel.set(channel, connections);
      return connections;
    },
    host: () => host,
    async destroy() {
      const all = [...byChannel.values(), ...retired];
      byChannel.clear();
      await Promise.all(all.map((connections) => connections.destroy()));
    },
  };
}
