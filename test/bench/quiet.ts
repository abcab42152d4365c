/** Until a process has said all it had to say: what it still asks of the server belongs to what was done before. */
import { setTimeout as wait } from "node:timers/promises";
import { markAudit, type Request, requestsSince } from "./audit-count.ts";
import type { World } from "./world.ts";

/** Milliseconds without a request that counts. */
const QUIET = 3_000;
/** Events and records are sent at a rate: hundreds of heals are told over minutes. */
const PATIENCE = 300_000;

/** @throws where it does not come to rest */
export async function untilQuiet(
  world: Pick<World, "auditLog">,
  user: string,
  counts: (request: Request) => boolean,
): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const mark = markAudit(world.auditLog);
    await wait(QUIET);
    if (!requestsSince(world.auditLog, mark, user).some(counts)) return;
    if (performance.now() > deadline) throw new Error(`${user} does not come to rest`);
  }
}
