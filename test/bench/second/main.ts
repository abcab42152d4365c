/**
 * The second process: makes the load and has its own eyes on it, so that what is measured shares neither an event loop
 * nor a clock reading with what measures. Started by process.ts; the first message says where the API server is, each
 * one after that is a task.
 */
import { load, type LoadOrder } from "./load.ts";
import { openClient, type Access, type Client } from "./client.ts";
import { startChurn, type Churn, type Churned, type ChurnOrder } from "./churn.ts";
import { detect, heal, openEyes, type Detection, type Eyes, type Healing } from "./edits.ts";
import { act, startUnrest, type Unrest, type Unrested, type UnrestOrder } from "./unrest.ts";
import { objectPath, type Shape } from "../manifests.ts";
import { wallNow } from "../wall-clock.ts";

export interface Hello {
  readonly access: Access;
  readonly shape: Shape;
}

export interface Order {
  readonly id: number;
  readonly task: keyof Tasks;
  readonly argument: unknown;
}

export type Report =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string };

interface Rounds {
  readonly ats: readonly number[];
  readonly warm: number;
}

export interface Inflicted {
  readonly at: number;
  /** Milliseconds since the epoch, when the server had said yes. */
  readonly answered: number;
}

/** Each a function of its argument, which must survive JSON, as must what it resolves with. */
export interface Tasks {
  load(order: LoadOrder): Promise<number>;
  detect(rounds: Rounds): Promise<readonly Detection[]>;
  heal(rounds: Rounds): Promise<readonly Healing[]>;
  /** The same to each object, in turn, insisting where the server is away. */
  inflict(order: {
    readonly ats: readonly number[];
    readonly deed: "edit" | "revert" | "delete" | "recreate";
  }): Promise<readonly Inflicted[]>;
  annotate(order: {
    readonly ats: readonly number[];
    readonly annotations: Readonly<Record<string, string | null>>;
  }): Promise<void>;
  churn(order: ChurnOrder): Promise<void>;
  calm(nothing: null): Promise<Churned>;
  unrest(order: UnrestOrder): Promise<void>;
  rest(nothing: null): Promise<Unrested>;
  /** Milliseconds of each of so many GETs, one after another. */
  calibrate(times: number): Promise<readonly number[]>;
}

function createTasks({ access, shape }: Hello): Tasks {
  const client: Client = openClient(access);
  let eyes: Promise<Eyes> | undefined;
  let churn: Churn | undefined;
  let unrest: Unrest | undefined;
  const open = (): Promise<Eyes> => (eyes ??= openEyes(client));
  return {
    load: (order) => load(client, shape, order),
    detect: async (rounds) => detect(client, await open(), shape, rounds),
    heal: async (rounds) => heal(client, await open(), shape, rounds),
    async inflict({ ats, deed }) {
      const done: Inflicted[] = [];
      for (const at of ats) {
        await act(client, shape, at, deed);
        done.push({ at, answered: wallNow() });
      }
      return done;
    },
    async annotate({ ats, annotations }) {
      for (const at of ats)
        await client.expect(
          "PATCH",
          `${objectPath(at, shape)}?fieldManager=owner`,
          JSON.stringify({ metadata: { annotations } }),
          "application/merge-patch+json",
        );
    },
    async churn(order) {
      churn = await startChurn(client, shape, order);
    },
    async calm() {
      if (churn === undefined) throw new Error("nothing churns");
      return churn.stop();
    },
    unrest: (order) => {
      unrest = startUnrest(client, shape, order);
      return Promise.resolve();
    },
    async rest() {
      if (unrest === undefined) throw new Error("nobody is at it");
      return unrest.stop();
    },
    async calibrate(times) {
      const took: number[] = [];
      for (let round = 0; round < times; round += 1) {
        const begun = performance.now();
        await client.expect("GET", "/api/v1/namespaces/default");
        took.push(performance.now() - begun);
      }
      return took;
    },
  };
}

let tasks: Tasks | undefined;
process.on("message", (message: Hello | Order) => {
  if (!("task" in message)) {
    tasks = createTasks(message);
    return;
  }
  const { id, task, argument } = message;
  const run = tasks?.[task] as ((argument: unknown) => Promise<unknown>) | undefined;
  void (run?.(argument) ?? Promise.reject(new Error("no hello yet"))).then(
    (result) => process.send?.({ id, result } satisfies Report),
    (error: unknown) => process.send?.({ id, error: String(error) } satisfies Report),
  );
});
process.on("disconnect", () => process.exit(0));
