/** Objects that a server makes for itself (the priority level `exempt`) cannot be created; replacing them is asked instead. */
import { getString, isObject } from "../../../src/model/json.ts";
import { isKubeObject, type KubeObject } from "../../../src/model/resource.ts";
import type { Answer, TruthServer } from "../../corpus/truth-server.ts";

const EXISTS = 409;

/** The answer as it is, or to a dry-run replacement where the object stands already. */
export async function replaceOf(server: TruthServer, object: KubeObject, answer: Answer): Promise<Answer> {
  const path = server.pathOf(object);
  if (answer.status !== EXISTS || path === undefined) return answer;
  const { body } = await server.send("GET", path);
  if (!isKubeObject(body) || !isObject(body.metadata)) return answer;
  const metadata = { ...object.metadata, resourceVersion: getString(body.metadata, "resourceVersion") ?? "" };
  return server.send("PUT", `${path}?dryRun=All`, { ...object, metadata });
}
