/**
 * What the real API server makes of ownership: who owns what after a heal, that a deployer cannot drop what we own too,
 * and that it can after our entry was patched as planned. No operator: the requests are written out.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { letGo } from "../../src/compare/managed-fields-shares.ts";
import { getIn, getString, isArray, parseJson, type Json, type JsonObject } from "../../src/model/json.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";

const json = "application/json-patch+json";
const applied = "application/apply-patch+yaml";

let plane: ControlPlane;
let count = 0;
let name: string;

beforeAll(async () => {
  plane = await startControlPlane();
}, 120_000);
afterAll(() => plane?.stop());
beforeEach(() => {
  count += 1;
  name = `web-${count}`;
});

const pathOf = (kind: string): string =>
  kind === "Deployment"
    ? `/apis/apps/v1/namespaces/default/deployments/${name}`
    : `/api/v1/namespaces/default/configmaps/${name}`;

async function send(method: string, path: string, body: Json, contentType: string): Promise<JsonObject> {
  const answer = await plane.request(method, path, { body, contentType });
  if (answer.status >= 300) throw new Error(`${answer.status} ${answer.text}`);
  return parseJson(answer.text) as JsonObject;
}

const get = async (kind: string): Promise<JsonObject> =>
  parseJson((await plane.request("GET", pathOf(kind))).text) as JsonObject;

/** As a deployer by server-side apply. */
const deploy = (object: JsonObject, manager = "flux", force = true): Promise<JsonObject> =>
  send("PATCH", `${pathOf(String(object["kind"]))}?fieldManager=${manager}&force=${force}`, object, applied);
const edit = (kind: string, operations: readonly JsonObject[]): Promise<JsonObject> =>
  send("PATCH", `${pathOf(kind)}?fieldManager=kubectl-edit`, operations, json);
const heal = (kind: string, operations: readonly JsonObject[]): Promise<JsonObject> =>
  send("PATCH", `${pathOf(kind)}?fieldManager=plumbline`, operations, json);

async function handBack(declared: JsonObject): Promise<JsonObject> {
  const kind = String(declared["kind"]);
  const live = await get(kind);
  const plan = letGo(JSON.stringify(getIn(live, "metadata", "managedFields")), "plumbline", declared);
  if (plan === undefined) throw new Error("nothing to give back");
  const version = getString(live, "metadata", "resourceVersion") ?? "";
  return heal(kind, [{ op: "replace", path: "/metadata/resourceVersion", value: version }, ...plan.operations]);
}

const entriesOf = (object: JsonObject): readonly Json[] => {
  const found = getIn(object, "metadata", "managedFields");
  return isArray(found) ? found : [];
};
const owners = (object: JsonObject): readonly string[] =>
  entriesOf(object)
    .map((one) => `${getString(one, "manager") ?? ""} ${getString(one, "operation") ?? ""}`)
    .toSorted();
const ownedBy = (object: JsonObject, manager: string): Json | undefined =>
  getIn(
    entriesOf(object).find((one) => getString(one, "manager") === manager),
    "fieldsV1",
  );

const configMap = (data: JsonObject): JsonObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name },
  data,
});
const labelled = (): JsonObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, labels: { app: "web" } },
});
const probe = { httpGet: { path: "/healthz", port: 80 } };
function deployment(container: JsonObject = {}, pod: JsonObject = {}, spec: JsonObject = {}): JsonObject {
  const containers = [{ name: "web", image: "web:1", ...container }];
  const template = { metadata: { labels: { app: "web" } }, spec: { containers, ...pod } };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: { selector: { matchLabels: { app: "web" } }, template, ...spec },
  };
}
const container = "/spec/template/spec/containers/0";

describe("facts of the server", () => {
  test("an edit takes a field from its applier, a heal takes it from the editor, and the applier comes back beside us", async () => {
    await deploy(configMap({ a: "1", b: "2" }));
    await edit("ConfigMap", [{ op: "replace", path: "/data/a", value: "x" }]);
    const healed = await heal("ConfigMap", [{ op: "replace", path: "/data/a", value: "1" }]);
    expect(owners(healed)).toEqual(["flux Apply", "plumbline Update"]);
    expect(ownedBy(healed, "flux")).toEqual({ "f:data": { "f:b": {} } });
    expect(ownedBy(healed, "plumbline")).toEqual({ "f:data": { "f:a": {} } });
    const again = await deploy(configMap({ a: "1", b: "2" }), "flux", false);
    expect(ownedBy(again, "flux")).toEqual({ "f:data": { "f:a": {}, "f:b": {} } });
    expect(ownedBy(again, "plumbline")).toEqual({ "f:data": { "f:a": {} } });
    // The reason for all of this: what we own too, its deployer cannot drop.
    const dropped = await deploy(configMap({ b: "2" }));
    expect(getIn(dropped, "data")).toEqual({ a: "1", b: "2" });
    expect(owners(dropped)).toEqual(["flux Apply", "plumbline Update"]);
  });

  test("before it applied the same again, an applier that changes the field is refused and told our name, unless it forces", async () => {
    await deploy(configMap({ a: "1" }));
    await edit("ConfigMap", [{ op: "replace", path: "/data/a", value: "x" }]);
    await heal("ConfigMap", [{ op: "replace", path: "/data/a", value: "1" }]);
    await expect(deploy(configMap({ a: "2" }), "flux", false)).rejects.toThrow(/conflict with \\"plumbline\\"/);
    const forced = await deploy(configMap({ a: "2" }));
    expect(owners(forced)).toEqual(["flux Apply"]);
  });

  test("a patch of managed fields alone is a new version and an event, and moves nobody's time", async () => {
    await deploy(configMap({ a: "1" }));
    await edit("ConfigMap", [{ op: "replace", path: "/data/a", value: "x" }]);
    await heal("ConfigMap", [{ op: "replace", path: "/data/a", value: "1" }]);
    const before = await deploy(configMap({ a: "1" }));
    const after = await handBack(configMap({ a: "1" }));
    expect(getString(after, "metadata", "resourceVersion")).not.toBe(getString(before, "metadata", "resourceVersion"));
    expect(entriesOf(after)).toEqual(entriesOf(before).filter((one) => getString(one, "manager") === "flux"));
  });

  test("whose owners lost all they had is tracked no more: a heal leaves no entry, and the next apply a stand-in", async () => {
    await deploy(configMap({ a: "1" }));
    expect(entriesOf(await edit("ConfigMap", [{ op: "remove", path: "/data" }]))).toEqual([]);
    expect(entriesOf(await heal("ConfigMap", [{ op: "add", path: "/data", value: { a: "1" } }]))).toEqual([]);
    const again = await deploy(configMap({ a: "1" }));
    expect(owners(again)).toEqual(["before-first-apply Update", "flux Apply"]);
  });

  test("a field that nobody owns is scaled without a trace", async () => {
    await deploy(deployment());
    const scale = { spec: { replicas: 5 } };
    await send("PATCH", `${pathOf("Deployment")}/scale?fieldManager=hpa`, scale, "application/merge-patch+json");
    expect(owners(await get("Deployment"))).toEqual(["flux Apply"]);
  });

  test("an entry at another place, or an object at another version, refuses the patch whole", async () => {
    await deploy(configMap({ a: "1" }));
    await edit("ConfigMap", [{ op: "replace", path: "/data/a", value: "x" }]);
    await heal("ConfigMap", [{ op: "replace", path: "/data/a", value: "1" }]);
    const live = await deploy(configMap({ a: "1" }));
    const patch = async (operations: readonly JsonObject[]): Promise<number> =>
      (
        await plane.request("PATCH", `${pathOf("ConfigMap")}?fieldManager=plumbline`, {
          body: operations,
          contentType: json,
        })
      ).status;
    const index = entriesOf(live).findIndex((one) => getString(one, "manager") === "flux");
    const version = {
      op: "replace",
      path: "/metadata/resourceVersion",
      value: getString(live, "metadata", "resourceVersion") ?? "",
    };
    const wrong = `/metadata/managedFields/${index}`;
    expect(
      await patch([
        version,
        { op: "test", path: `${wrong}/manager`, value: "plumbline" },
        { op: "remove", path: wrong },
      ]),
    ).toBe(422);
    expect(
      await patch([
        { ...version, value: "1" },
        { op: "remove", path: wrong },
      ]),
    ).toBe(409);
    expect(entriesOf(await get("ConfigMap"))).toEqual(entriesOf(live));
  });
});

interface Story {
  readonly before: () => JsonObject;
  /** What a person does. */
  readonly edit: readonly JsonObject[];
  /** The heal. */
  readonly heal: readonly JsonObject[];
  /** What the deployer applies in the end. */
  readonly after: () => JsonObject;
  /** What then stands at the place; undefined: nothing. */
  readonly at: readonly string[];
}

const stories: readonly (readonly [string, Story])[] = [
  [
    "a scalar",
    {
      before: () => deployment({}, {}, { minReadySeconds: 5 }),
      edit: [{ op: "replace", path: "/spec/minReadySeconds", value: 9 }],
      heal: [{ op: "replace", path: "/spec/minReadySeconds", value: 5 }],
      after: () => deployment(),
      at: ["spec", "minReadySeconds"],
    },
  ],
  [
    "the entry of a map",
    {
      before: () => configMap({ a: "1", b: "2" }),
      edit: [{ op: "remove", path: "/data/a" }],
      heal: [{ op: "add", path: "/data/a", value: "1" }],
      after: () => configMap({ b: "2" }),
      at: ["data", "a"],
    },
  ],
  [
    "a whole map",
    {
      before: () => ({ ...labelled(), data: { a: "1" } }),
      edit: [{ op: "remove", path: "/data" }],
      heal: [{ op: "add", path: "/data", value: { a: "1" } }],
      after: labelled,
      at: ["data"],
    },
  ],
  [
    "the item of a keyed list",
    {
      before: () =>
        deployment({
          env: [
            { name: "A", value: "1" },
            { name: "B", value: "2" },
          ],
        }),
      edit: [{ op: "remove", path: `${container}/env/0` }],
      heal: [{ op: "add", path: `${container}/env/0`, value: { name: "A", value: "1" } }],
      after: () => deployment({ env: [{ name: "B", value: "2" }] }),
      at: ["spec", "template", "spec", "containers", "0", "env", "1"],
    },
  ],
  [
    "a container with all its defaults",
    {
      before: () => {
        const one = deployment();
        const template = getIn(one, "spec", "template") as JsonObject;
        const containers = [
          { name: "web", image: "web:1" },
          { name: "side", image: "side:1" },
        ];
        return { ...one, spec: { ...(one["spec"] as JsonObject), template: { ...template, spec: { containers } } } };
      },
      edit: [{ op: "remove", path: "/spec/template/spec/containers/1" }],
      heal: [{ op: "add", path: "/spec/template/spec/containers/1", value: { name: "side", image: "side:1" } }],
      after: () => deployment(),
      at: ["spec", "template", "spec", "containers", "1"],
    },
  ],
  [
    "a probe, of which the server fills in most",
    {
      before: () => deployment({ livenessProbe: probe }),
      edit: [{ op: "remove", path: `${container}/livenessProbe` }],
      heal: [{ op: "add", path: `${container}/livenessProbe`, value: probe }],
      after: () => deployment(),
      at: ["spec", "template", "spec", "containers", "0", "livenessProbe"],
    },
  ],
];

const at = (object: JsonObject, path: readonly string[]): Json | undefined =>
  path.reduce<Json | undefined>(
    (value, key) => (isArray(value) ? value[Number(key)] : getIn(value, key)),
    object as Json,
  );

describe("healed, applied again, given back, dropped: it goes", () => {
  test.each(stories)("%s", async (_, story) => {
    const kind = String(story.before()["kind"]);
    await deploy(story.before());
    await edit(kind, story.edit);
    await heal(kind, story.heal);
    await deploy(story.before());
    const given = await handBack(story.before());
    expect(ownedBy(given, "plumbline")).toBeUndefined();
    const dropped = await deploy(story.after());
    expect(at(dropped, story.at)).toBeUndefined();
    expect(owners(dropped)).toEqual(["flux Apply"]);
  });

  test.each(stories)("and without giving it back it stays, or the deployer is refused: %s", async (_, story) => {
    const kind = String(story.before()["kind"]);
    await deploy(story.before());
    await edit(kind, story.edit);
    await heal(kind, story.heal);
    await deploy(story.before());
    const end = await deploy(story.after()).catch((error: unknown) => String(error));
    expect(typeof end === "string" ? end : at(end, story.at)).toBeDefined();
  });
});

test("made anew by us, applied again, given back: all of it is the deployer's, to change and to drop", async () => {
  const whole = (): JsonObject =>
    deployment(
      { livenessProbe: probe, ports: [{ containerPort: 80 }] },
      { securityContext: { runAsNonRoot: true } },
      { replicas: 2 },
    );
  const body = whole();
  await send("POST", "/apis/apps/v1/namespaces/default/deployments?fieldManager=plumbline", body, "application/json");
  const before = await deploy(whole(), "kubectl", false);
  expect(owners(before)).toEqual(["kubectl Apply", "plumbline Update"]);
  expect(owners(await handBack(whole()))).toEqual(["kubectl Apply"]);
  const after = await deploy(
    deployment({ image: "web:2" }, { terminationGracePeriodSeconds: 60 }, { replicas: 3 }),
    "kubectl",
    false,
  );
  expect(owners(after)).toEqual(["kubectl Apply"]);
  const [one] = getIn(after, "spec", "template", "spec", "containers") as readonly Json[];
  expect(getIn(one, "livenessProbe")).toBeUndefined();
  expect(getIn(one, "ports")).toBeUndefined();
  expect(getIn(one, "image")).toBe("web:2");
  expect(getIn(after, "spec", "template", "spec", "securityContext")).toEqual({});
});

test("what another field manager scaled stays its own: neither a heal nor giving back touches it", async () => {
  const declared = deployment({ env: [{ name: "A", value: "1" }] }, {}, { replicas: 2 });
  await deploy(declared);
  const scale = { spec: { replicas: 5 } };
  await send("PATCH", `${pathOf("Deployment")}/scale?fieldManager=hpa`, scale, "application/merge-patch+json");
  await edit("Deployment", [{ op: "replace", path: `${container}/env/0/value`, value: "x" }]);
  await heal("Deployment", [{ op: "replace", path: `${container}/env/0/value`, value: "1" }]);
  const { replicas: _, ...spec } = declared["spec"] as JsonObject;
  await deploy({ ...declared, spec });
  const given = await handBack({ ...declared, spec });
  expect(owners(given)).toEqual(["flux Apply", "hpa Update"]);
  expect(ownedBy(given, "hpa")).toEqual({ "f:spec": { "f:replicas": {} } });
  expect(getIn(given, "spec", "replicas")).toBe(5);
});

test("a deployer on the client's side never owns beside us, and drops what it likes by what it applied last", async () => {
  const manifest = (data: JsonObject): string => JSON.stringify(configMap(data));
  const kubectl = async (data: JsonObject): Promise<void> => {
    const ran = await plane.kubectl(["apply", "-f", "-"], manifest(data));
    expect(ran.stderr).toBe("");
  };
  await kubectl({ a: "1", b: "2" });
  await edit("ConfigMap", [{ op: "replace", path: "/data/a", value: "x" }]);
  await heal("ConfigMap", [{ op: "replace", path: "/data/a", value: "1" }]);
  await kubectl({ a: "1", b: "2" });
  const live = await get("ConfigMap");
  expect(letGo(JSON.stringify(entriesOf(live)), "plumbline", configMap({ a: "1", b: "2" }))).toBeUndefined();
  await kubectl({ b: "2" });
  expect(getIn(await get("ConfigMap"), "data")).toEqual({ b: "2" });
  expect(owners(await get("ConfigMap"))).toEqual(["kubectl-client-side-apply Update"]);
});
