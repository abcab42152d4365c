/** Requests of the second process to the API server, over a few connections that stay. */
import { Agent } from "node:https";
import { apiRequest, type RawAnswer } from "../../control-plane/api-request.ts";

export interface Access {
  readonly url: string;
  readonly ca: string;
  readonly token: string;
}

export interface Client {
  readonly access: Access;
  /** @throws where no answer came */
  send(method: string, path: string, body?: string, contentType?: string): Promise<RawAnswer>;
  /** @throws where none came, or one that is no success */
  expect(method: string, path: string, body?: string, contentType?: string): Promise<RawAnswer>;
  /** Again and again for a minute, where the server is gone or says no; these codes are as good as success. */
  insist(request: Insistence): Promise<void>;
  close(): void;
}

export interface Insistence {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly also?: readonly number[];
}

export const jsonPatch = "application/json-patch+json";
export const mergePatch = "application/merge-patch+json";

const PATIENCE = 60_000;

export function openClient(access: Access, sockets = 32): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: sockets });
  const send: Client["send"] = (method, path, body, contentType) =>
    apiRequest({
      url: `${access.url}${path}`,
      ca: access.ca,
      token: access.token,
      method,
      agent,
      ...(body === undefined ? {} : { body }),
      ...(contentType === undefined ? {} : { contentType }),
    });
  const expect: Client["expect"] = async (method, path, body, contentType) => {
    const answer = await send(method, path, body, contentType);
    if (answer.status > 299) throw new Error(`${method} ${path}: ${answer.status} ${answer.text.slice(0, 400)}`);
    return answer;
  };
  return {
    access,
    send,
    expect,
    async insist({ method, path, body, contentType, also = [] }) {
      const deadline = performance.now() + PATIENCE;
      for (;;) {
        const said = await send(method, path, body, contentType).then(
          ({ status, text }) => (status <= 299 || also.includes(status) ? undefined : `${status} ${text}`),
          String,
        );
        if (said === undefined) return;
        if (performance.now() > deadline) throw new Error(`${method} ${path}: ${said.slice(0, 400)}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    close: () => agent.destroy(),
  };
}
