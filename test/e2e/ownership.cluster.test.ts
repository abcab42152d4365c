/**
 * Ownership left clean: a person edits, Plumbline puts it back, the deployer applies, the deployer drops the field, and
 * it goes. For each kind of deployer there is, and with every write of Plumbline counted in the API server's audit log.
 */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getIn, getString, isArray, type Json, type JsonObject } from "../../src/model/json.ts";
import { describeWith } from "../support/describe-with.ts";
import { writesOf } from "./audit.ts";
import { eventually, startOperator, type Operator } from "./operator.ts";
import { startWorld, type World } from "./world.ts";

/** How an object comes into the cluster: a field manager, and what kubectl is told. */
interface Deployer {
  readonly name: string;
  readonly manager: string;
  readonly flags: readonly string[];
  readonly serverSide: boolean;
}

const serverSide = ["--server-side"];
const client: Deployer = { name: "client", manager: "kubectl-client-side-apply", flags: [], serverSide: false };
const flux: Deployer = {
  name: "flux",
  manager: "kustomize-controller",
  flags: [...serverSide, "--force-conflicts", "--field-manager=kustomize-controller"],
  serverSide: true,
};
const deployers: readonly Deployer[] = [
  client,
  { name: "server", manager: "kubectl", flags: serverSide, serverSide: true },
  flux,
  {
    name: "argocd",
    manager: "argocd-controller",
    flags: [...serverSide, "--force-conflicts", "--field-manager=argocd-controller"],
    serverSide: true,
  },
];

const namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
const enabled = { "plumbline.dev/remediate": "enabled" };
const head = (name: string, annotations: JsonObject = enabled): JsonObject => ({
  metadata: { name, namespace: "shop", annotations },
});
const configMap = (name: string, data: JsonObject, annotations?: JsonObject): JsonObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  ...head(name, annotations),
  data,
});

interface Shape {
  readonly container?: JsonObject;
  readonly spec?: JsonObject;
}

function deployment(name: string, { container = {}, spec = {} }: Shape = {}): JsonObject {
  const template = {
    metadata: { labels: { app: name } },
    spec: { containers: [{ name: "web", image: "web:1", ...container }] },
  };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    ...head(name),
    spec: { selector: { matchLabels: { app: name } }, template, ...spec },
  };
}

const full: Shape = {
  container: {
    env: [
      { name: "A", value: "1" },
      { name: "B", value: "2" },
    ],
    livenessProbe: { httpGet: { path: "/healthz", port: 80 } },
  },
  spec: { minReadySeconds: 5 },
};
const bare: Shape = { container: { env: [{ name: "B", value: "2" }] } };

/** Of which the server allocates more than is declared. */
const service = (name: string): JsonObject => ({
  apiVersion: "v1",
  kind: "Service",
  ...head(name),
  spec: { type: "NodePort", selector: { app: name }, ports: [{ name: "http", port: 80 }] },
});

/** What each deployer brings: a map's entry, fields of a workload, and two objects that will be deleted. */
const before = ({ name }: Deployer): readonly JsonObject[] => [
  configMap(`map-${name}`, { a: "1", b: "2" }),
  deployment(`app-${name}`, full),
  configMap(`gone-${name}`, { a: "1", b: "2" }),
  service(`port-${name}`),
];
const after = ({ name }: Deployer): readonly JsonObject[] => [
  configMap(`map-${name}`, { b: "2" }),
  deployment(`app-${name}`, bare),
  configMap(`gone-${name}`, { b: "2" }),
  service(`port-${name}`),
];

const stream = (objects: readonly JsonObject[]): string => objects.map((one) => JSON.stringify(one)).join("\n---\n");
const configMapPath = (name: string): string => `/api/v1/namespaces/shop/configmaps/${name}`;
const servicePath = (name: string): string => `/api/v1/namespaces/shop/services/${name}`;
const deploymentPath = (name: string): string => `/apis/apps/v1/namespaces/shop/deployments/${name}`;
const scaled = deploymentPath("scaled");
const container = "/spec/template/spec/containers/0";
const others: readonly JsonObject[] = [
  configMap("restarted", { a: "1" }),
  configMap("paused", { a: "1" }),
  configMap("sentinel", { a: "1" }),
  deployment("scaled", full),
  {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    ...head("scaled"),
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "scaled" },
      minReplicas: 1,
      maxReplicas: 9,
    },
  },
];

const entriesOf = (object: Json | undefined): readonly Json[] => {
  const found = getIn(object, "metadata", "managedFields");
  return isArray(found) ? found : [];
};
/** Whoever owns something, less the controllers with their statuses. */
const ownersOf = (object: Json | undefined): readonly string[] => {
  const managers = entriesOf(object).map((one) => getString(one, "manager") ?? "");
  return [...new Set(managers)].filter((manager) => manager !== "kube-controller-manager").toSorted();
};

describeWith(["etcd", "kube-apiserver", "kube-controller-manager", "kubectl", "helm"], "ownership left clean", () => {
  let world: World;
  let operator: Operator;
  let since: string;
  let declared: readonly JsonObject[];

  const deploy = async ({ flags }: Deployer, objects: readonly JsonObject[]): Promise<void> => {
    const { code, stderr } = await world.plane.kubectl(["apply", ...flags, "-f", "-"], stream(objects));
    expect(code, stderr).toBe(0);
  };
  const files = (): Record<string, string> => ({ "namespace.yaml": namespace, "all.yaml": stream(declared) });
  const untilInSync = (): Promise<boolean> =>
    eventually("everything is in sync", async () => {
      const counts = await world.counts("shop");
      return counts["total"] === declared.length + 1 && counts["inSync"] === counts["total"] ? true : undefined;
    });
  const data = async (name: string): Promise<Json | undefined> => getIn(await world.get(configMapPath(name)), "data");
  const untilData = (name: string, wanted: JsonObject): Promise<boolean> =>
    eventually(`${name} is put back`, async () => {
      expect(await data(name)).toEqual(wanted);
      return true;
    });
  const untilOwnedBy = (path: string, ...managers: readonly string[]): Promise<Json | undefined> =>
    eventually(`${path} is owned by ${managers.join(" and ")}`, async () => {
      const found = await world.get(path);
      expect(ownersOf(found)).toEqual(managers);
      return found;
    });
  const pathsOf = ({ name }: Deployer): readonly string[] => [
    configMapPath(`map-${name}`),
    deploymentPath(`app-${name}`),
    configMapPath(`gone-${name}`),
    servicePath(`port-${name}`),
  ];
  const edit = (name: string): Promise<void> => world.patch(configMapPath(name), { data: { a: "edited" } });

  /** Writes to what is not Plumbline's own, since this was called last; what came too late wrote nothing. */
  const written = (): readonly string[] => {
    const found = writesOf(world.plane, since).filter(({ own, code }) => !own && code !== 409);
    since = new Date().toISOString();
    return found.map(({ verb, name, code }) => `${verb} ${name}${code < 300 ? "" : ` ${code}`}`).toSorted();
  };

  beforeAll(async () => {
    world = await startWorld({
      plane: { audit: true, controllerManager: true },
      files: { "namespace.yaml": namespace },
      values: { "rbac.mode": "remediate" },
    });
    for (const deployer of deployers) await deploy(deployer, before(deployer));
    // As it goes where an autoscaler comes in later: declared once, scaled, and then left to it.
    await deploy(flux, [deployment("scaled", { ...full, spec: { ...full.spec, replicas: 2 } })]);
    await world.patch(`${scaled}/scale`, { spec: { replicas: 5 } }, "autoscaler");
    await deploy(flux, others);
    declared = [...deployers.flatMap(before), ...others];
    world.commit(files());
    operator = await startOperator(world.plane);
    await operator.ready();
    const remediation = { scope: "OptIn", approval: "Never" };
    await world.createBaseline("shop", { mode: "Remediate", gracePeriod: "10m", remediation });
    await untilInSync();
    since = new Date().toISOString();
  }, 180_000);
  afterAll(async () => {
    await operator?.stop();
    await world?.stop();
  });

  test.each(deployers)("a person edits what $name deployed: put back, and ours", async (deployer) => {
    const { name } = deployer;
    const whole = getIn(await world.get(deploymentPath(`app-${name}`)), "spec");
    await edit(`map-${name}`);
    await world.patch(deploymentPath(`app-${name}`), [
      { op: "replace", path: "/spec/minReadySeconds", value: 9 },
      { op: "remove", path: `${container}/env/0` },
      { op: "remove", path: `${container}/livenessProbe` },
    ]);
    await world.kubectl("delete", `configmap/gone-${name}`, `service/port-${name}`, "-n", "shop");
    await untilData(`map-${name}`, { a: "1", b: "2" });
    await untilData(`gone-${name}`, { a: "1", b: "2" });
    await eventually(`app-${name} is put back`, async () => {
      expect(getIn(await world.get(deploymentPath(`app-${name}`)), "spec")).toEqual(whole);
      return true;
    });
    for (const path of pathsOf(deployer))
      await eventually(`${path} is ours`, async () => {
        expect(ownersOf(await world.get(path))).toContain("plumbline");
        return true;
      });
    await untilInSync();
    expect(written()).toEqual([`create gone-${name}`, `create port-${name}`, `patch app-${name}`, `patch map-${name}`]);
  });

  test("nobody applied again: all of it stays ours, and nothing is written", async () => {
    await wait(3_000);
    expect(written()).toEqual([]);
  });

  test.each(deployers.filter((one) => one.serverSide))("$name applies again: all is its own", async (deployer) => {
    await deploy(deployer, before(deployer));
    for (const path of pathsOf(deployer)) await untilOwnedBy(path, deployer.manager);
    const { name } = deployer;
    expect(written()).toEqual(["app", "gone", "map", "port"].map((one) => `patch ${one}-${name}`));
    await untilInSync();
  });

  test("a deployer on the client's side applies again: it never owns beside us, and nothing is written", async () => {
    await deploy(client, before(client));
    await wait(3_000);
    expect(ownersOf(await world.get(configMapPath("map-client")))).toEqual([client.manager, "plumbline"]);
    expect(written()).toEqual([]);
  });

  test("each deployer drops what was put back: it goes", async () => {
    declared = [...deployers.flatMap(after), ...others];
    await world.checkNow("shop", world.commit(files()));
    for (const deployer of deployers) {
      const { name } = deployer;
      await deploy(deployer, after(deployer));
      expect(await data(`map-${name}`), name).toEqual({ b: "2" });
      expect(await data(`gone-${name}`), name).toEqual({ b: "2" });
      const spec = getIn(await world.get(deploymentPath(`app-${name}`)), "spec");
      expect(getIn(spec, "minReadySeconds"), name).toBeUndefined();
      const [web] = getIn(spec, "template", "spec", "containers") as readonly Json[];
      expect(getIn(web, "livenessProbe"), name).toBeUndefined();
      expect(getIn(web, "env"), name).toEqual([{ name: "B", value: "2" }]);
    }
    await untilInSync();
    expect(written()).toEqual([]);
    expect(await world.drifts()).toEqual([]);
  });

  test("put back before a crash: given back by the process that comes after it", async () => {
    await edit("restarted");
    await untilData("restarted", { a: "1" });
    await operator.stop("SIGKILL");
    await deploy(flux, [configMap("restarted", { a: "1" })]);
    expect(ownersOf(await world.get(configMapPath("restarted")))).toEqual(["kustomize-controller", "plumbline"]);
    operator = await startOperator(world.plane);
    await operator.ready();
    await eventually(
      "given back",
      async () => {
        expect(ownersOf(await world.get(configMapPath("restarted")))).toEqual(["kustomize-controller"]);
        return true;
      },
      { within: 60_000 },
    );
    await untilInSync();
    expect(written()).toEqual(["patch restarted", "patch restarted"]);
  });

  test("paused since: nothing is given back before the pause is over", async () => {
    await edit("paused");
    await edit("sentinel");
    await untilData("paused", { a: "1" });
    await untilData("sentinel", { a: "1" });
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await world.patch(configMapPath("paused"), { metadata: { annotations: { "plumbline.dev/pause-until": until } } });
    await deploy(flux, [configMap("paused", { a: "1" })]);
    await deploy(flux, [configMap("sentinel", { a: "1" })]);
    await untilOwnedBy(configMapPath("sentinel"), "kustomize-controller");
    await wait(1_000);
    expect(ownersOf(await world.get(configMapPath("paused")))).toContain("plumbline");
    expect(written()).toEqual(["patch paused", "patch sentinel", "patch sentinel"]);
    await world.patch(configMapPath("paused"), { metadata: { annotations: { "plumbline.dev/pause-until": null } } });
    await untilOwnedBy(configMapPath("paused"), "kustomize-controller");
    expect(written()).toEqual(["patch paused"]);
  });

  test("what an autoscaler scaled is its own, before a heal and after it was given back", async () => {
    await world.patch(scaled, [
      { op: "replace", path: `${container}/env/0/value`, value: "edited" },
      { op: "replace", path: "/spec/minReadySeconds", value: 9 },
    ]);
    const healed = await eventually("put back", async () => {
      const found = await world.get(scaled);
      expect(getIn(found, "spec", "minReadySeconds")).toBe(5);
      return found;
    });
    expect(getIn(healed, "spec", "replicas")).toBe(5);
    const ours = entriesOf(healed).find((one) => getString(one, "manager") === "plumbline");
    expect(getIn(ours, "fieldsV1", "f:spec", "f:replicas")).toBeUndefined();
    await deploy(flux, [deployment("scaled", full)]);
    const given = await untilOwnedBy(scaled, "autoscaler", "kustomize-controller");
    expect(getIn(given, "spec", "replicas")).toBe(5);
    const scaler = entriesOf(given).find((one) => getString(one, "subresource") === "scale");
    expect(scaler).toMatchObject({ manager: "autoscaler", fieldsV1: { "f:spec": { "f:replicas": {} } } });
    expect(written()).toEqual(["patch scaled", "patch scaled"]);
  });

  test("at the end everything is in sync, and nothing but the heals was told", async () => {
    await untilInSync();
    expect(await world.drifts()).toEqual([]);
    expect(await world.events("PermissionMissing", "map-flux")).toEqual([]);
    expect(operator.log()).not.toMatch(/"level":"?(error|50)/);
    expect(written()).toEqual([]);
  });
});
