/** What a long-lived process logs in with is renewed under it: token, authority, client certificate. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCredentials, type Credentials } from "../../src/cluster/credentials.ts";
import { createReflector } from "../../src/cluster/reflector.ts";
import { type ApiTransport, createTransport } from "../../src/cluster/transport.ts";
import { getString } from "../../src/model/json.ts";
import { systemClock, type Clock } from "../../src/runtime/clock.ts";
import { silentLog } from "../../src/runtime/log.ts";
import { files } from "../control-plane/component-arguments.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { createAuthority } from "./certificate.ts";
import { configMap, until } from "./connection.ts";

const authority = createAuthority("clients");
let plane: ControlPlane;
let folder: string;
/** Milliseconds by which the monotonic clock is ahead. */
let ahead = 0;
const clock: Clock = { ...systemClock, monotonic: () => systemClock.monotonic() + ahead };

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "plumbline-rotation-"));
  writeFileSync(path.join(folder, "clients.crt"), authority.certificate);
  plane = await startControlPlane({ apiServerArgs: [`--client-ca-file=${path.join(folder, "clients.crt")}`] });
  for (const name of ["first", "second"]) {
    await plane.request("POST", "/api/v1/namespaces/default/serviceaccounts", { body: { metadata: { name } } });
    const subjects = [{ kind: "ServiceAccount", name, namespace: "default" }];
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" };
    const body = { metadata: { name: `admin-${name}` }, subjects, roleRef };
    await plane.request("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", { body });
  }
});
afterAll(async () => {
  await plane?.stop();
  rmSync(folder, { recursive: true });
});

/** The folder as the kubelet lays it down for a Pod. */
function podAccount(name: string) {
  const prefix = path.join(folder, name);
  const mounted = path.join(prefix, "var/run/secrets/kubernetes.io/serviceaccount");
  mkdirSync(mounted, { recursive: true });
  const write = (file: string, text: string): void => writeFileSync(path.join(mounted, file), text);
  write("ca.crt", plane.caData);
  write("namespace", "shop\n");
  const { hostname, port } = new URL(plane.url);
  const environment = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
  return {
    write,
    credentials: () => createCredentials({ source: { kind: "in-cluster", pathPrefix: prefix }, clock, environment }),
  };
}

function open(credentials: Credentials): ApiTransport {
  return createTransport({ credentials, clock, version: "0.0.0" });
}

async function whoAmI(transport: ApiTransport): Promise<string> {
  const answer = await transport.request({
    method: "POST",
    path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
    verb: "create",
    body: '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}',
  });
  if (answer.status !== 201) return String(answer.status);
  return getString(JSON.parse(answer.text) as never, "status", "userInfo", "username") ?? "";
}

function follow(transport: ApiTransport) {
  const seen = new Set<string>();
  const put = (object: { readonly metadata: never }): void => void seen.add(getString(object.metadata, "name") ?? "");
  const reflector = createReflector({
    transport,
    clock,
    log: silentLog,
    kind: configMap,
    path: "/api/v1/configmaps",
    sink: {
      begin: () => {},
      stage: (object) => put(object as never),
      unstage: () => {},
      commit: () => {},
      apply: (object) => put(object as never),
      remove: () => {},
    },
    onStep: () => {},
  });
  reflector.start();
  return { seen, reflector };
}

async function make(name: string): Promise<void> {
  const body = { apiVersion: "v1", kind: "ConfigMap", metadata: { name } };
  await plane.request("POST", "/api/v1/namespaces/default/configmaps", { body });
}

test("a token that is taken back: the renewed one is read at once, for requests and for watches", async () => {
  const account = podAccount("token");
  const old = await plane.tokenFor("default", "first");
  account.write("token", old);
  const credentials = account.credentials();
  const transport = open(credentials);
  expect(await whoAmI(transport)).toBe("system:serviceaccount:default:first");
  expect(credentials.namespace).toBe("shop");
  const { seen, reflector } = follow(transport);
  await until("synced", () => reflector.state().synced);

  account.write("token", `${await plane.tokenFor("default", "second")}\n`);
  await plane.request("DELETE", "/api/v1/namespaces/default/serviceaccounts/first");
  await until("taken back", async () => (await plane.request("GET", "/api", { token: old })).status === 401);
  await make("after-the-token");
  await until("still followed", () => seen.has("after-the-token"));
  const stream = await transport.stream({
    method: "GET",
    path: "/api/v1/configmaps",
    query: { watch: "true", timeoutSeconds: "1" },
    verb: "watch",
  });
  expect(stream.ok).toBe(true);
  if (stream.ok) for await (const _ of stream.batches);
  expect(await whoAmI(transport)).toBe("system:serviceaccount:default:second");
  reflector.stop();
  await transport.close();
});

test("a client certificate that was renewed is used for what is asked from then on; a watch goes on", async () => {
  const [certificate, key] = [path.join(folder, "client.crt"), path.join(folder, "client.key")];
  const write = (name: string): void => {
    const issued = authority.issue(name, "system:masters");
    writeFileSync(certificate, issued.certificate);
    writeFileSync(key, issued.key);
  };
  write("jane");
  const kubeconfig = path.join(folder, "certificate.kubeconfig");
  const cluster = { server: plane.url, "certificate-authority": plane.caFile };
  const contexts = [{ name: "c", context: { cluster: "c", user: "u" } }];
  const users = [{ name: "u", user: { "client-certificate": certificate, "client-key": key } }];
  const config = { clusters: [{ name: "c", cluster }], users, contexts, "current-context": "c" };
  writeFileSync(kubeconfig, JSON.stringify(config));
  const transport = open(createCredentials({ source: { kind: "file", path: kubeconfig }, clock }));
  expect(await whoAmI(transport)).toBe("jane");
  const { seen, reflector } = follow(transport);
  await until("synced", () => reflector.state().synced);

  write("joe");
  ahead += 31_000;
  expect(await whoAmI(transport)).toBe("joe");
  await make("after-the-certificate");
  await until("still followed", () => seen.has("after-the-certificate"));
  expect(reflector.relists()).toBe(0);
  reflector.stop();
  await transport.close();
});

// Last, for the server is another one afterwards.
test("another authority and server certificate: trusted as soon as it lies there, and nothing is lost", async () => {
  const account = podAccount("authority");
  account.write("token", plane.adminToken);
  const transport = open(account.credentials());
  const { seen, reflector } = follow(transport);
  await until("synced", () => reflector.state().synced);
  const before = readFileSync(plane.caFile, "utf8");

  await plane.kill("kube-apiserver");
  rmSync(files(plane.folder).certificates, { recursive: true });
  mkdirSync(files(plane.folder).certificates);
  await plane.restart("kube-apiserver");
  const after = readFileSync(plane.caFile, "utf8");
  expect(after).not.toBe(before);
  await make("after-the-authority");
  await until("not trusted", () => /certificate/i.test(reflector.state().refused?.message ?? ""));
  expect(await whoAmI(transport)).toBe("0");

  account.write("ca.crt", after);
  expect(await whoAmI(transport)).toBe("admin");
  await until("found", () => seen.has("after-the-authority"));
  reflector.stop();
  await transport.close();
});
