/**
 * Ports for servers that must come back on the same one after a crash. They are taken below the range that the
 * system hands out for outgoing connections, so that none of those sits on the port meanwhile.
 */
import { randomInt } from "node:crypto";
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";

/** A file per port that some test has: a server binds its own only seconds after it was chosen, and leaves it in a restart. */
const claims = path.join(tmpdir(), `plumbline-ports-${userInfo().username}`);
/** Milliseconds after which a claim is nobody's: longer than any suite takes. */
const CLAIMED_FOR = 2 * 3_600_000;
/**
 * The first port and the last. Below lies 10080, the highest that `fetch` refuses to ask
 * ("bad port", https://fetch.spec.whatwg.org/#port-blocking); above lie Linux' ephemeral ports.
 */
const [FIRST, LAST] = [10_081, 32_000];

function claim(port: number): boolean {
  const file = path.join(claims, String(port));
  mkdirSync(claims, { recursive: true });
  if (Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()) > CLAIMED_FOR)
    rmSync(file, { force: true });
  try {
    writeFileSync(file, "", { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** A port of 127.0.0.1 that nobody listens on now, and that no other test of this machine is given. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(FIRST, LAST + 1);
    if (claim(port) && (await isFree(port))) return port;
  }
  throw new Error(`no free port found between ${FIRST} and ${LAST}`);
}
