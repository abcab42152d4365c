/** A server that opens a watch and then says nothing: how long what was seen is believed. */
import { createServer, type ServerResponse } from "node:http";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { createObjectApi } from "../../src/cluster/api.ts";
import { createCredentials } from "../../src/cluster/credentials.ts";
import { createDiscovery } from "../../src/cluster/discovery.ts";
import { createLiveWatches } from "../../src/cluster/live-watches.ts";
import { createTransport } from "../../src/cluster/transport.ts";
import { systemClock, type Clock } from "../../src/runtime/clock.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { configMap, configMapId, until } from "./connection.ts";

test("after two minutes without a bookmark nothing is believed any more, until the next one", async () => {
  let ahead = 0;
  const clock: Clock = {
    ...systemClock,
    monotonic: () => performance.now() + ahead,
    after: (_, call) => systemClock.after(20, call),
  };
  const open = new Set<ServerResponse>();
  const metadata = { name: "a", namespace: "default", resourceVersion: "5", uid: "u" };
  const line = (type: string, of: object): string =>
    `${JSON.stringify({ type, object: { apiVersion: "v1", kind: "ConfigMap", ...of } })}\n`;
  const listed = { metadata: { resourceVersion: "6", annotations: { "k8s.io/initial-events-end": "true" } } };
  const resources = [
    { resource: "configmaps", responseKind: { kind: "ConfigMap" }, scope: "Namespaced", verbs: ["list", "watch"] },
  ];
  const core = [{ metadata: { name: "" }, versions: [{ version: "v1", resources }] }];
  const server = createServer((incoming, response) => {
    if (incoming.url?.startsWith("/api/v1/configmaps") !== true) {
      const items = incoming.url === "/api" ? core : [];
      return void response.end(JSON.stringify({ kind: "APIGroupDiscoveryList", items }));
    }
    open.add(response);
    response.write(line("ADDED", { metadata }));
    response.write(line("BOOKMARK", listed));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const folder = mkdtempSync(path.join(tmpdir(), "plumbline-silence-"));
  const cluster = {
    server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    "insecure-skip-tls-verify": true,
  };
  const file = path.join(folder, "config");
  const contexts = [{ name: "c", context: { cluster: "c", user: "u" } }];
  const users = [{ name: "u", user: { token: "t" } }];
  writeFileSync(file, JSON.stringify({ clusters: [{ name: "c", cluster }], users, contexts, "current-context": "c" }));

  const credentials = createCredentials({ source: { kind: "file", path: file }, clock });
  const transport = createTransport({ credentials, clock, version: "0" });
  const discovery = createDiscovery({ transport, clock });
  await discovery.refresh();
  const api = createObjectApi({ transport, discovery });
  const healthOf = () => ({ state: "healthy" }) as const;
  const context = { transport, discovery, clock, log: silentLog };
  const watches = createLiveWatches({ ...context, api, healthOf, namespaces: [], secrets: true });
  const states: string[] = [];
  watches.onState(({ state }) => states.push(state));
  watches.onState(() => {
    throw new Error("a listener that breaks");
  });
  watches.ensure([configMap]);
  const view = () => watches.view(configMapId("a"), "v1");
  await until("seen", () => view().state === "present");

  ahead += 119_000;
  expect(view().state).toBe("present");
  ahead += 2_000;
  expect(view()).toMatchObject({ state: "unseen", problem: { code: "cluster-unreachable" } });
  await until("told", () => states.includes("stalled"));
  for (const response of open) response.write(line("BOOKMARK", { metadata: { resourceVersion: "7" } }));
  await until("heard again", () => view().state === "present");
  await until("told again", () => states.at(-1) === "live");
  expect(states).toEqual(["syncing", "live", "stalled", "live"]);

  watches.stop();
  discovery.stop();
  await transport.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});
