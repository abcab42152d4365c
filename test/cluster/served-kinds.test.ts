/** What can be searched of what discovery says. */
import { expect, test } from "vitest";
import type { ResourceInfo } from "../../src/cluster/api-path.ts";
import { servedKinds } from "../../src/cluster/served-kinds.ts";

const all = ["get", "list", "watch", "create"];
const resource = (group: string, version: string, kind: string, verbs = all, namespaced = true): ResourceInfo => ({
  group,
  version,
  kind,
  plural: `${kind.toLowerCase()}s`,
  namespaced,
  verbs,
});

function served(...resources: readonly ResourceInfo[]) {
  return servedKinds({
    kinds: () => resources,
    servedVersions: (group, kind) =>
      resources.filter((one) => one.group === group && one.kind === kind).map(({ version }) => version),
  });
}

test("each kind once, the preferred version first", () => {
  expect(served(resource("a", "v2", "X"), resource("a", "v1", "X"), resource("b", "v1", "X"))).toEqual([
    { group: "a", kind: "X", namespaced: true, versions: ["v2", "v1"] },
    { group: "b", kind: "X", namespaced: true, versions: ["v1"] },
  ]);
});

test("not what cannot be listed and watched, nor a version at which it cannot", () => {
  expect(
    served(
      resource("metrics.k8s.io", "v1beta1", "PodMetrics", ["get", "list"]),
      resource("authorization.k8s.io", "v1", "SubjectAccessReview", ["create"], false),
      resource("a", "v2", "X", ["get", "list"]),
      resource("a", "v1", "X"),
    ),
  ).toEqual([{ group: "a", kind: "X", namespaced: true, versions: ["v1"] }]);
});
