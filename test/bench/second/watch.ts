/**
 * The second process's own watch of one collection, as thin as can be: it is the clock by which the operator is
 * measured. Begins at the present, resumes where it was cut, and never tells an event twice.
 */
import { get } from "node:https";
import { isObject, getString, parseJson, type Json } from "../../../src/model/json.ts";
import { wallNow } from "../wall-clock.ts";
import type { Client } from "./client.ts";

/** @param at when the line was there, milliseconds since the epoch */
export type OnEvent = (type: "ADDED" | "MODIFIED" | "DELETED", object: Json, at: number) => void;

export interface Watch {
  stop(): void;
}

async function present(client: Client, path: string): Promise<string> {
  const { text } = await client.expect("GET", `${path}?limit=1`);
  return getString(parseJson(text), "metadata", "resourceVersion") ?? "0";
}

/** Resolves when the server has accepted the watch. */
export async function watch(client: Client, path: string, onEvent: OnEvent): Promise<Watch> {
  let version = await present(client, path);
  const stopping = new AbortController();
  let end: () => void = () => {};

  const hear = (line: string, at: number): void => {
    const event = parseJson(line);
    if (!isObject(event)) return;
    const { type, object } = event;
    if (type === "ERROR") version = "";
    else version = getString(object, "metadata", "resourceVersion") ?? version;
    if ((type === "ADDED" || type === "MODIFIED" || type === "DELETED") && object !== undefined)
      onEvent(type, object, at);
  };

  /** One stream, from its opening to its end. */
  const stream = (opened: () => void): Promise<void> =>
    new Promise((resolve) => {
      const query = `watch=1&allowWatchBookmarks=true&resourceVersion=${version}`;
      const request = get(
        `${client.access.url}${path}?${query}`,
        { ca: client.access.ca, headers: { authorization: `Bearer ${client.access.token}` }, agent: false },
        (answer) => {
          opened();
          answer.setEncoding("utf8");
          let rest = "";
          answer.on("data", (chunk: string) => {
            const at = wallNow();
            const lines = (rest + chunk).split("\n");
            rest = lines.pop() ?? "";
            for (const line of lines) hear(line, at);
          });
          answer.on("close", resolve);
          answer.on("error", () => resolve());
        },
      );
      request.on("error", () => resolve());
      end = () => request.destroy();
    });

  await new Promise<void>((opened) => {
    void (async () => {
      while (!stopping.signal.aborted) {
        await stream(opened);
        if (stopping.signal.aborted) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
        if (version === "") version = await present(client, path).catch(() => "");
      }
    })();
  });
  return {
    stop() {
      stopping.abort();
      end();
    },
  };
}
