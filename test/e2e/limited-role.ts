/** The operator's ClusterRole with fewer rights than the chart gives it. */
import { getIn, isArray, isObject, type Json } from "../../src/model/json.ts";
import type { World } from "./world.ts";

const pathname = "/apis/rbac.authorization.k8s.io/v1/clusterroles/plumbline";

/** The rules of one API group are for these resources from now on. */
export async function limitRole(world: World, group: string, resources: readonly string[]): Promise<void> {
  const found = getIn(await world.get(pathname), "rules");
  const rules = (isArray(found) ? found : []).map((rule): Json => {
    const groups = getIn(rule, "apiGroups");
    return isObject(rule) && isArray(groups) && groups.includes(group) ? { ...rule, resources } : rule;
  });
  // As helm, so that its next upgrade finds nobody else's hand in it.
  const metadata = { name: "plumbline" };
  const body = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata, rules };
  const contentType = "application/apply-patch+yaml";
  const asked = `${pathname}?fieldManager=helm&force=true`;
  const { status, text } = await world.plane.request("PATCH", asked, { body, contentType });
  if (status !== 200) throw new Error(text);
}
