/** Makes the world's objects, many at a time. */
import { bodyOf, collectionPath, namespaceNames, type Shape } from "../manifests.ts";
import type { Client } from "./client.ts";

export interface LoadOrder {
  readonly objects: number;
  readonly parallel: number;
}

const ALREADY = 409;

export async function load(client: Client, shape: Shape, { objects, parallel }: LoadOrder): Promise<number> {
  const started = performance.now();
  for (const name of namespaceNames(shape))
    await client.insist({
      method: "POST",
      path: "/api/v1/namespaces",
      body: JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name } }),
      also: [ALREADY],
    });
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let at = next++; at < objects; at = next++)
      await client.insist({
        method: "POST",
        path: `${collectionPath(at, shape)}?fieldManager=deployer`,
        body: bodyOf(at, shape),
        also: [ALREADY],
      });
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return (performance.now() - started) / 1000;
}
