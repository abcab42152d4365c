/** Connections that break while answers are on their way, at random moments: whoever waits hears of it at once. */
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCredentials } from "../../src/cluster/credentials.ts";
import { createOpenApi } from "../../src/cluster/open-api.ts";
import { createTransport } from "../../src/cluster/transport.ts";
import { systemClock } from "../../src/runtime/clock.ts";
import { startCutProxy, type CutProxy } from "../bench/cut-proxy.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";

let plane: ControlPlane;
let proxy: CutProxy;

beforeAll(async () => {
  plane = await startControlPlane();
  proxy = await startCutProxy(plane.url);
});
afterAll(async () => {
  proxy?.stop();
  await plane?.stop();
});

const documents = ["v1", "apps/v1", "networking.k8s.io/v1"];
/** Milliseconds; the timeouts are thirty seconds and more. */
const AT_ONCE = 10_000;

test("two hundred rounds of three large answers each, and a break about every tenth of a second", {
  timeout: 400_000,
}, async () => {
  const file = plane.writeKubeconfig("broken", plane.adminToken);
  writeFileSync(file, readFileSync(file, "utf8").replaceAll(plane.url, proxy.url));
  const credentials = createCredentials({ source: { kind: "file", path: file }, clock: systemClock });
  const breaking = setInterval(() => proxy.cut(), 97);
  const waited: number[] = [];
  try {
    for (let round = 0; round < 200; round += 1) {
      const transport = createTransport({ credentials, clock: systemClock, version: "0" });
      const api = createOpenApi(transport);
      const began = performance.now();
      await Promise.all(documents.map((name) => api.fetchDocument(name)));
      const took = performance.now() - began;
      if (took > AT_ONCE) waited.push(Math.round(took));
      await transport.close();
      expect(waited, `round ${round}`).toEqual([]);
    }
  } finally {
    clearInterval(breaking);
  }
});
