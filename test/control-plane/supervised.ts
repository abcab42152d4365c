/** The near end of supervisor.ts: starts it, hands it orders, and knows which components run. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Order, Report } from "./supervisor.ts";

const supervisorFile = fileURLToPath(new URL("supervisor.ts", import.meta.url));

export class Supervised {
  readonly #folder: string;
  readonly #child: ReturnType<typeof fork>;
  readonly #pids = new Map<string, number>();
  /** Why a component is not running, where it ran before. */
  readonly #ends = new Map<string, string>();
  readonly #waiting = new Set<() => void>();

  /** `folder` belongs to the supervisor from here on: it removes it. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#child = fork(supervisorFile, [folder], {
      // Its own group: a Ctrl-C meant for the tests must not reach it before they have stopped.
      detached: true,
      execArgv: ["--disable-warning=ExperimentalWarning"],
      env: { PATH: process.env["PATH"] ?? "" },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#child.on("message", (report: Report) => this.#hear(report));
    this.#child.on("exit", () => this.#clear());
    this.#child.unref();
    this.#child.channel?.unref();
  }

  start(component: string, command: string, args: readonly string[]): void {
    this.#ends.delete(component);
    this.#tell({ order: "start", component, command, args });
  }

  isRunning(component: string): boolean {
    return this.#pids.has(component);
  }

  pidOf(component: string): number | undefined {
    return this.#pids.get(component);
  }

  /** @throws with the end of its log, where the component has ended */
  assertAlive(component: string): void {
    const why = this.#ends.get(component);
    if (why !== undefined) throw new Error(`${component} ended (${why}):\n${this.log(component)}`);
  }

  signal(component: string, signal: NodeJS.Signals): void {
    this.#tell({ order: "signal", component, signal });
  }

  /** Resolves when the component does not run. */
  async ended(component: string): Promise<void> {
    while (this.isRunning(component)) await this.#next();
  }

  /** The last lines that a component wrote. */
  log(component: string, lines = 20): string {
    try {
      const text = readFileSync(path.join(this.#folder, `${component}.log`), "utf8");
      return text.trimEnd().split("\n").slice(-lines).join("\n");
    } catch {
      return "";
    }
  }

  /** Resolves when all components are gone and the folder is removed. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const left = once(this.#child, "exit");
    this.#child.ref();
    if (this.#child.connected) this.#child.send({ order: "stop" } satisfies Order);
    await left;
  }

  /** After the supervisor's end. Only where that was killed is there anything left to do. */
  #clear(): void {
    for (const [component, pid] of this.#pids) {
      this.#ends.set(component, "its supervisor is gone");
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // Gone already, which is what was wanted.
      }
    }
    this.#pids.clear();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
    this.#wake();
  }

  #hear(report: Report): void {
    if (report.report === "started") this.#pids.set(report.component, report.pid);
    else {
      this.#pids.delete(report.component);
      this.#ends.set(report.component, report.why);
    }
    this.#wake();
  }

  #tell(order: Order): void {
    if (!this.#child.connected) throw new Error("the control plane's supervisor is gone");
    this.#child.send(order);
  }

  /** The next report. Holds the process alive meanwhile. */
  async #next(): Promise<void> {
    this.#child.channel?.ref();
    await new Promise<void>((resolve) => this.#waiting.add(resolve));
    this.#child.channel?.unref();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}
