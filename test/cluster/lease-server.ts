/** A place for Leases as the API server keeps them: versions, conflicts, and a line that can be cut. */
import { getString, isObject, parseJson, type JsonObject } from "../../src/model/json.ts";
import { sleep, type Clock } from "../../src/runtime/clock.ts";
import type { ApiRequest, ApiResponse, Transport } from "../../src/cluster/transport.ts";

export interface LeaseServer {
  /** A way to the server for one process; `cut` ends it: nothing is answered from then on. */
  connect(): { readonly transport: Transport; cut(): void };
  holder(name: string): string | undefined;
}

/** @param latency milliseconds that a request takes to get there, and as long again its answer */
export function createLeaseServer(clock?: Clock, latency = 0): LeaseServer {
  const leases = new Map<string, JsonObject>();
  let version = 0;

  const store = (name: string, lease: JsonObject): ApiResponse => {
    version += 1;
    const metadata = isObject(lease["metadata"]) ? lease["metadata"] : {};
    const stored = { ...lease, metadata: { ...metadata, name, resourceVersion: String(version) } };
    leases.set(name, stored);
    return { status: 200, text: JSON.stringify(stored), warnings: [] };
  };

  const answer = ({ method, path, body }: ApiRequest): ApiResponse => {
    const refused = (status: number): ApiResponse => ({ status, text: "{}", warnings: [] });
    const sent = parseJson(body ?? "{}");
    if (!isObject(sent)) return refused(400);
    const name =
      method === "POST" ? (getString(sent, "metadata", "name") ?? "") : path.slice(path.lastIndexOf("/") + 1);
    const known = leases.get(name);
    if (method === "POST") return known === undefined ? store(name, sent) : refused(409);
    if (known === undefined) return refused(404);
    if (method === "GET") return { status: 200, text: JSON.stringify(known), warnings: [] };
    const version = (lease: JsonObject): string | undefined => getString(lease, "metadata", "resourceVersion");
    return version(sent) === version(known) ? store(name, sent) : refused(409);
  };

  return {
    connect() {
      let open = true;
      const transport: Transport = {
        async request(request) {
          const travel = async (): Promise<void> => {
            if (clock !== undefined && latency > 0) await sleep(clock, latency);
          };
          await travel();
          if (!open) return new Promise(() => {});
          const response = answer(request);
          await travel();
          return open ? response : new Promise(() => {});
        },
        stream: () => new Promise(() => {}),
        close: () => Promise.resolve(),
      };
      return { transport, cut: () => void (open = false) };
    },
    holder: (name) => getString(leases.get(name), "spec", "holderIdentity"),
  };
}
