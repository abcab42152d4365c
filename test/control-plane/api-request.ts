/** One HTTPS request to the API server, with nothing in between. For set-up and checks, not what is under test. */
import { request, type Agent } from "node:https";

export interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

export interface RawRequest {
  readonly url: string;
  readonly ca: string;
  readonly token: string;
  readonly method?: string;
  readonly body?: string;
  readonly contentType?: string;
  /** Keeps connections for many requests; without one each request has its own. */
  readonly agent?: Agent;
}

/** @throws where no answer came */
export function apiRequest(wanted: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string> = { authorization: `Bearer ${wanted.token}`, accept: "application/json" };
    if (wanted.body !== undefined) headers["content-type"] = wanted.contentType ?? "application/json";
    const sent = request(
      wanted.url,
      { method: wanted.method ?? "GET", ca: wanted.ca, headers, agent: wanted.agent ?? false, timeout: 30_000 },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () =>
          resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
        );
        answer.on("error", reject);
      },
    );
    sent.on("timeout", () => sent.destroy(new Error("no answer within 30 s")));
    sent.on("error", reject);
    sent.end(wanted.body);
  });
}
