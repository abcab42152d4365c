/**
 * A process between a control plane and the test that started it. It starts, signals and watches the components on
 * the test's word, and when the test goes away, however it goes, it kills them and removes their folder.
 * It is started by control-plane.ts, with the folder as its only argument.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, rmSync } from "node:fs";
import path from "node:path";

export type Order =
  | { readonly order: "start"; readonly component: string; readonly command: string; readonly args: readonly string[] }
  | { readonly order: "signal"; readonly component: string; readonly signal: NodeJS.Signals }
  | { readonly order: "stop" };

export type Report =
  | { readonly report: "started"; readonly component: string; readonly pid: number }
  | { readonly report: "exited"; readonly component: string; readonly why: string };

const folder = process.argv[2] ?? "";
const running = new Map<string, ChildProcess>();
let leaving = false;

function tell(report: Report): void {
  if (process.connected) process.send?.(report);
}

function start(component: string, command: string, args: readonly string[]): void {
  const log = openSync(path.join(folder, `${component}.log`), "a");
  const child = spawn(command, args, { cwd: folder, env: { HOME: folder }, stdio: ["ignore", log, log] });
  closeSync(log);
  running.set(component, child);
  if (child.pid !== undefined) tell({ report: "started", component, pid: child.pid });
  const gone = (why: string): void => {
    if (running.get(component) !== child) return;
    running.delete(component);
    tell({ report: "exited", component, why });
    leaveWhenEmpty();
  };
  child.on("error", (error) => gone(error.message));
  child.on("exit", (code, signal) => gone(signal === null ? `exit code ${code}` : `signal ${signal}`));
}

function leave(): void {
  leaving = true;
  // No farewell: an API server whose etcd is gone takes long to leave, and nothing here is worth keeping.
  for (const child of running.values()) child.kill("SIGKILL");
  leaveWhenEmpty();
}

function leaveWhenEmpty(): void {
  if (!leaving || running.size > 0) return;
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  process.exit(0);
}

process.on("disconnect", leave);
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, leave);
process.on("message", (order: Order) => {
  if (order.order === "stop") leave();
  else if (leaving) return;
  else if (order.order === "start") start(order.component, order.command, order.args);
  else running.get(order.component)?.kill(order.signal);
});
