/**
 * The etcd below a world: with room for 50,000 objects and their history, its data kept from one run for the next, and
 * compacted on demand.
 */
import { chmodSync, cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ensureBinaries } from "../control-plane/binaries.ts";
import { files } from "../control-plane/component-arguments.ts";
import type { ControlPlane } from "../control-plane/control-plane.ts";
import { argumentsOf } from "./process-figures.ts";

/** What etcd advises as the most. */
const QUOTA = 8_589_934_592;

let isGiven = false;

/**
 * A folder of binaries whose etcd has a larger quota, named to the control plane as the place to take them from: its
 * arguments are the harness's.
 */
export async function giveEtcdRoom(): Promise<void> {
  if (isGiven) return;
  const binaries = await ensureBinaries(["etcd", "kube-apiserver", "kubectl", "helm", "kustomize"]);
  const place = mkdtempSync(path.join(tmpdir(), "plumbline-bench-bin-"));
  process.once("exit", () => rmSync(place, { recursive: true, force: true }));
  for (const [name, file] of Object.entries(binaries)) if (name !== "etcd") symlinkSync(file, path.join(place, name));
  const etcd = path.join(place, "etcd");
  writeFileSync(etcd, `#!/bin/sh\nexec "${binaries.etcd}" --quota-backend-bytes=${QUOTA} "$@"\n`);
  chmodSync(etcd, 0o755);
  process.env["PLUMBLINE_CONTROL_PLANE_BIN"] = place;
  isGiven = true;
}

/** Stops server and store and copies what is stored; the control plane can only be stopped after that. */
export async function keepEtcd(plane: ControlPlane, folder: string): Promise<void> {
  await plane.kill("kube-apiserver");
  await plane.kill("etcd", "SIGTERM");
  rmSync(folder, { recursive: true, force: true });
  cpSync(files(plane.folder).etcdData, folder, { recursive: true });
}

/** What was kept in place of what is stored. */
export async function loadEtcd(plane: ControlPlane, folder: string): Promise<void> {
  const data = files(plane.folder).etcdData;
  await plane.kill("kube-apiserver");
  await plane.kill("etcd");
  rmSync(data, { recursive: true, force: true });
  cpSync(folder, data, { recursive: true });
  await plane.restart("etcd");
  await plane.restart("kube-apiserver");
}

async function ask(plane: ControlPlane, call: string, body: unknown): Promise<unknown> {
  const flag = "--listen-client-urls=";
  const url = argumentsOf(plane.pidOf("etcd") ?? 0)
    .find((argument) => argument.startsWith(flag))
    ?.slice(flag.length);
  const answer = await fetch(`${url}/v3/${call}`, { method: "POST", body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`etcd ${call}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Forgets all history: whoever asks for an older version gets a 410. */
export async function compactEtcd(plane: ControlPlane): Promise<void> {
  const status = (await ask(plane, "maintenance/status", {})) as { header: { revision: string } };
  await ask(plane, "kv/compaction", { revision: status.header.revision, physical: true });
}

/** MB that the store takes. */
export async function etcdSize(plane: ControlPlane): Promise<number> {
  const status = (await ask(plane, "maintenance/status", {})) as { dbSize: string };
  return Number(status.dbSize) / 1_048_576;
}
