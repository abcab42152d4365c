/**
 * A process of our own that answers messages: for work that needs a heap for a moment. A thread would do the work as
 * well, but what its heap took stays with the process; a process gives everything back when it ends. It gets no
 * environment and no standard streams, ends with its parent, and may not take more memory than it is given.
 */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface CompanionOptions {
  /** The module it runs; it talks by `process.send` and the event `message`, in values that structured clone can carry. */
  readonly module: URL;
  /** Megabytes of its old generation; where they do not suffice it dies. */
  readonly memory: number;
  /** Of its young one. */
  readonly young: number;
  readonly onMessage: (message: unknown) => void;
  /** Once: it ended, for whatever reason, or never began. */
  readonly onEnd: () => void;
}

export interface Companion {
  send(message: object): void;
  /** Whether it keeps this process alive. */
  hold(): void;
  release(): void;
  /** At once, whatever it is at. */
  kill(): void;
}

export function startCompanion({ module, memory, young, onMessage, onEnd }: CompanionOptions): Companion {
  const child = fork(fileURLToPath(module), [], {
    serialization: "advanced",
    execArgv: [`--max-old-space-size=${memory}`, `--max-semi-space-size=${young}`],
    env: {},
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    onEnd();
  };
  child.on("message", onMessage);
  child.once("exit", end);
  // A message that does not arrive, because it is gone: that it is gone is told as well.
  child.on("error", end);
  return {
    send: (message) => void child.send(message, () => {}),
    hold() {
      child.ref();
      child.channel?.ref();
    },
    release() {
      child.unref();
      child.channel?.unref();
    },
    kill: () => void child.kill("SIGKILL"),
  };
}
