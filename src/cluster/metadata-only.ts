/**
 * A transport whose listings and watches bring objects without content: labels, annotations, owners. The server makes
 * them so, and sends a fraction of the bytes.
 * Source: client-go's metadata client, https://pkg.go.dev/k8s.io/client-go/metadata
 */
import type { Transport } from "./transport.ts";

/** A list asked for under the name of its items is refused with 406. */
const accept = {
  list: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1",
  watch: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
} as const;

export function metadataOnly(transport: Transport): Transport {
  return {
    request: (request) => transport.request({ ...request, headers: { ...request.headers, accept: accept.list } }),
    stream: (request) => transport.stream({ ...request, headers: { ...request.headers, accept: accept.watch } }),
    close: () => transport.close(),
  };
}
