/**
 * One run at a time, across processes. The lock is SQLite's own on a file, which the operating system drops when its
 * holder dies, so a lock never goes stale and none has to be broken.
 */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    if (error instanceof Error && /locked|busy/.test(error.message)) return false;
    throw error;
  }
}

/** Does the work while holding the lock; `onWait` is called once where somebody else holds it. */
export async function withLock<Result>(file: string, onWait: () => void, work: () => Promise<Result>): Promise<Result> {
  mkdirSync(path.dirname(file), { recursive: true });
  const database = new DatabaseSync(file);
  try {
    for (let waited = false; !tryLock(database); waited = true) {
      if (!waited) onWait();
      await wait(200);
    }
    return await work();
  } finally {
    database.close();
  }
}
