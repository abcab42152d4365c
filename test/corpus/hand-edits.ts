/** Edits as people make them by hand, and the one path at which each must be found. */
import { getIn, getString, isArray, isObject, type Json } from "../../src/model/json.ts";
import { formatPath, type PathElement } from "../../src/model/path.ts";
import type { KubeObject } from "../../src/model/resource.ts";

export interface HandEdit {
  readonly name: string;
  readonly contentType: string;
  readonly patch: Json;
  /** `added .metadata.labels.by-hand`: operation and path, in path order. */
  readonly expected: readonly string[];
}

const merge = "application/merge-patch+json";
const json = "application/json-patch+json";
const fields = (...names: readonly string[]): readonly PathElement[] => names.map((name) => ({ type: "field", name }));
const keyed = (keys: Readonly<Record<string, Json>>): PathElement => ({ type: "key", keys });

function told(op: string, ...path: readonly PathElement[]): readonly string[] {
  return [`${op} ${formatPath(path)}`];
}

function workloadEdits(object: KubeObject): readonly HandEdit[] {
  const containers = getIn(object, "spec", "template", "spec", "containers");
  const first = isArray(containers) ? containers[0] : undefined;
  if (!isArray(containers) || !isObject(first)) return [];
  const container = [
    ...fields("spec", "template", "spec", "containers"),
    keyed({ name: getString(first, "name") ?? "" }),
  ];
  const at = "/spec/template/spec/containers/0";
  const edits: HandEdit[] = [
    {
      name: "image",
      contentType: json,
      patch: [{ op: "replace", path: `${at}/image`, value: "by/hand:1" }],
      expected: told("changed", ...container, ...fields("image")),
    },
    {
      name: "container",
      contentType: json,
      patch: [{ op: "add", path: "/spec/template/spec/containers/-", value: { name: "by-hand", image: "a:1" } }],
      expected: told("added", ...container.slice(0, -1), keyed({ name: "by-hand" })),
    },
  ];
  const env = first["env"];
  edits.push({
    name: "env",
    contentType: json,
    patch: [
      isArray(env)
        ? { op: "add", path: `${at}/env/-`, value: { name: "BY_HAND", value: "1" } }
        : { op: "add", path: `${at}/env`, value: [{ name: "BY_HAND", value: "1" }] },
    ],
    expected: told("added", ...container, ...fields("env"), keyed({ name: "BY_HAND" })),
  });
  if (isArray(env) && isObject(env[0]) && env.length > 1) {
    edits.push({
      name: "env removed",
      contentType: json,
      patch: [{ op: "remove", path: `${at}/env/0` }],
      expected: told("removed", ...container, ...fields("env"), keyed({ name: getString(env[0], "name") ?? "" })),
    });
  }
  if (first["securityContext"] === undefined) {
    edits.push({
      name: "privileged",
      contentType: json,
      patch: [{ op: "add", path: `${at}/securityContext`, value: { privileged: true } }],
      expected: told("added", ...container, ...fields("securityContext")),
    });
  }
  if (getIn(object, "spec", "template", "spec", "dnsPolicy") === undefined) {
    edits.push({
      name: "a field Git leaves to its default",
      contentType: merge,
      patch: { spec: { template: { spec: { dnsPolicy: "Default" } } } },
      expected: told("added", ...fields("spec", "template", "spec", "dnsPolicy")),
    });
  }
  if (object.kind === "Deployment" && getIn(object, "spec", "replicas") !== 7) {
    const op = getIn(object, "spec", "replicas") === undefined ? "added" : "changed";
    edits.push({
      name: "replicas",
      contentType: merge,
      patch: { spec: { replicas: 7 } },
      expected: told(op, ...fields("spec", "replicas")),
    });
  }
  return edits;
}

function serviceEdits(object: KubeObject): readonly HandEdit[] {
  const type = getString(object, "spec", "type");
  const edits: HandEdit[] = [];
  if (isObject(getIn(object, "spec", "selector"))) {
    edits.push({
      name: "selector",
      contentType: merge,
      patch: { spec: { selector: { "by-hand": "x" } } },
      expected: told("added", ...fields("spec", "selector", "by-hand")),
    });
  }
  if ((type === undefined || type === "ClusterIP") && getIn(object, "spec", "clusterIP") !== "None") {
    edits.push({
      name: "type",
      contentType: merge,
      patch: { spec: { type: "NodePort" } },
      expected: told(type === undefined ? "added" : "changed", ...fields("spec", "type")),
    });
  }
  return edits;
}

function dataEdits(object: KubeObject): readonly HandEdit[] {
  const data = object["data"];
  const secret = object.kind === "Secret";
  const edits: HandEdit[] = [
    {
      name: "data added",
      contentType: merge,
      patch: { data: { "by-hand": secret ? "eA==" : "x" } },
      expected: told("added", ...fields("data", "by-hand")),
    },
  ];
  const key = isObject(data) ? Object.keys(data)[0] : undefined;
  if (key !== undefined) {
    edits.push({
      name: "data removed",
      contentType: merge,
      patch: { data: { [key]: null } },
      expected: told("removed", ...fields("data", key)),
    });
  }
  return edits;
}

function bindingEdits(object: KubeObject): readonly HandEdit[] {
  const subjects = object["subjects"];
  if (!isArray(subjects)) return [];
  return [
    {
      name: "subject",
      contentType: json,
      patch: [
        {
          op: "add",
          path: "/subjects/-",
          value: { kind: "User", name: "by-hand", apiGroup: "rbac.authorization.k8s.io" },
        },
      ],
      expected: told("changed", ...fields("subjects")),
    },
  ];
}

/** What a person might do to this object; the server may refuse some of it. */
export function handEdits(object: KubeObject): readonly HandEdit[] {
  const label: HandEdit = {
    name: "label",
    contentType: merge,
    patch: { metadata: { labels: { "by-hand": "x" } } },
    expected: told("added", ...fields("metadata", "labels", "by-hand")),
  };
  const annotation: HandEdit = {
    name: "annotation",
    contentType: merge,
    patch: { metadata: { annotations: { "example.com/by-hand": "x" } } },
    expected: told("added", ...fields("metadata", "annotations", "example.com/by-hand")),
  };
  const own: Readonly<Record<string, (object: KubeObject) => readonly HandEdit[]>> = {
    Deployment: workloadEdits,
    StatefulSet: workloadEdits,
    DaemonSet: workloadEdits,
    Service: serviceEdits,
    ConfigMap: dataEdits,
    Secret: dataEdits,
    RoleBinding: bindingEdits,
  };
  return [label, annotation, ...(own[object.kind]?.(object) ?? [])];
}
