/**
 * A mutating admission webhook on loopback, as an injector of a real cluster is one: HTTPS, AdmissionReview in, JSON
 * Patch out. It keeps what it was asked, so that tests can tell dry runs from writes.
 */
import type { IncomingMessage } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { formatJson, getIn, getString, isObject, parseJson, type Json, type JsonObject } from "../../src/model/json.ts";
import { makeCertificate } from "../git-server/certificate.ts";

export interface Review {
  readonly kind: string;
  readonly name: string;
  readonly operation: string;
  readonly dryRun: boolean;
  readonly object: JsonObject;
}

export interface MutatingWebhook {
  /** For `clientConfig`. */
  readonly clientConfig: { readonly url: string; readonly caBundle: string };
  readonly reviews: readonly Review[];
  stop(): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function readReview(request: Json | undefined): Review {
  const object = getIn(request, "object");
  return {
    kind: getString(request, "kind", "kind") ?? "",
    name: getString(request, "name") ?? getString(object, "metadata", "name") ?? "",
    operation: getString(request, "operation") ?? "",
    dryRun: getIn(request, "dryRun") === true,
    object: isObject(object) ? object : {},
  };
}

/** @param mutate the operations to answer with; none: the object stays as it is */
export async function startMutatingWebhook(
  mutate: (review: Review) => readonly JsonObject[],
): Promise<MutatingWebhook> {
  const { cert, key } = makeCertificate();
  const reviews: Review[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ cert, key }, (request, response) => {
    void bodyOf(request).then((text) => {
      const asked = getIn(parseJson(text), "request");
      const review = readReview(asked);
      reviews.push(review);
      const operations = mutate(review);
      const patch =
        operations.length === 0
          ? {}
          : { patchType: "JSONPatch", patch: Buffer.from(formatJson(operations)).toString("base64") };
      const answer = { uid: getString(asked, "uid") ?? "", allowed: true, ...patch };
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(formatJson({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: answer }));
    });
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    clientConfig: { url: `https://127.0.0.1:${port}/mutate`, caBundle: Buffer.from(cert).toString("base64") },
    reviews,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
