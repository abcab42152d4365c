/** The near end of main.ts: starts a second process and hands it tasks. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Shape } from "../manifests.ts";
import type { Access } from "./client.ts";
import type { Hello, Order, Report, Tasks } from "./main.ts";

export interface SecondProcess {
  /** @throws what the task threw, or where the process is gone */
  run<Task extends keyof Tasks>(
    task: Task,
    argument: Parameters<Tasks[Task]>[0],
  ): Promise<Awaited<ReturnType<Tasks[Task]>>>;
  stop(): void;
}

export function startSecondProcess(access: Access, shape: Shape): SecondProcess {
  const child = fork(fileURLToPath(new URL("main.ts", import.meta.url)), {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const waiting = new Map<number, (report: Report) => void>();
  let next = 0;
  child.on("message", (report: Report) => {
    waiting.get(report.id)?.(report);
    waiting.delete(report.id);
  });
  child.on("exit", (code) => {
    for (const [id, settle] of waiting) settle({ id, error: `the second process ended with ${code}` });
    waiting.clear();
  });
  child.send({ access, shape } satisfies Hello);
  return {
    run: (task, argument) =>
      new Promise((resolve, reject) => {
        const id = next++;
        waiting.set(id, (report) => {
          if ("error" in report) reject(new Error(report.error));
          else resolve(report.result as Awaited<ReturnType<Tasks[typeof task]>>);
        });
        child.send({ id, task, argument } satisfies Order);
      }),
    stop: () => void child.kill("SIGKILL"),
  };
}
