/**
 * What runs, taken over into a kustomization: a patch file (JSON 6902) beside it, and the line that names it. It is
 * built with kustomize in a copy of the repository before it is shown: a transformer that runs behind patches (images,
 * replicas) would undo it, and that is told.
 */
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { maskValue, type SensitiveKind } from "../../compare/redact.ts";
import { sameJson } from "../../compare/same-json.ts";
import { declare } from "../../model/desired.ts";
import { canonicalJson } from "../../model/canonical.ts";
import { getIn, getString, isArray, isObject, type Json, type JsonObject } from "../../model/json.ts";
import { field, formatPath, formatPointer, parsePointer, type PathElement } from "../../model/path.ts";
import { messageOf } from "../../model/problem.ts";
import { formatId, type KubeObject, type ResourceId } from "../../model/resource.ts";
import type { Environment } from "../../runtime/config.ts";
import { kustomizationNames } from "../../sources/kustomize-scan.ts";
import { parseYaml } from "../../sources/yaml.ts";
import { countDifferences, type PairInput } from "../../verdict/counting.ts";
import { CliError } from "../cli-error.ts";
import { readSource } from "../diff/inputs.ts";
import { buildKustomize } from "../diff/kustomize.ts";
import { showPathsOf } from "../output/shown-path.ts";
import { formatYaml } from "../output/yaml-text.ts";
import { type Adoption, asWritten } from "./adoption.ts";
import { type ChangedFile, repositoryOf } from "./checkout.ts";
import { editDocument } from "./file-edit.ts";
import { alignLists } from "./list-alignment.ts";
import { checkExact } from "./opened-object.ts";

export interface KustomizedAdoption {
  readonly pair: PairInput;
  readonly adoption: Adoption;
  readonly folder: string;
  readonly binary: string;
  readonly environment: Environment;
}

type Tokens = readonly (string | number)[];

/** RFC 6902 operations from one value to another. Lists are gone through from their end, so that no index is off. */
export function operationsTo(from: Json, to: Json, at: Tokens = []): readonly JsonObject[] {
  if (canonicalJson(from) === canonicalJson(to)) return [];
  const replace = (): readonly JsonObject[] => [{ op: "replace", path: formatPointer(at), value: to }];
  if (isArray(from) && isArray(to))
    return to.length === 0 || from.length === 0 ? replace() : listOperations(from, to, at);
  if (!isObject(from) || !isObject(to)) return replace();
  const gone = Object.keys(from).filter((key) => !Object.hasOwn(to, key));
  return [
    ...gone.map((key) => ({ op: "remove", path: formatPointer([...at, key]) })),
    ...Object.entries(to).flatMap(([key, value]): readonly JsonObject[] => {
      const before = Object.hasOwn(from, key) ? from[key] : undefined;
      if (before === undefined) return [{ op: "add", path: formatPointer([...at, key]), value }];
      return operationsTo(before, value, [...at, key]);
    }),
  ];
}

function listOperations(from: readonly Json[], to: readonly Json[], at: Tokens): readonly JsonObject[] {
  const operations: JsonObject[] = [];
  let behind = from.length;
  for (const step of alignLists(from, to).toReversed()) {
    if (step.from === undefined)
      operations.push({ op: "add", path: formatPointer([...at, behind]), value: to[step.to ?? 0] ?? null });
    else {
      behind = step.from;
      if (step.to === undefined) operations.push({ op: "remove", path: formatPointer([...at, behind]) });
      else operations.push(...operationsTo(from[behind] ?? null, to[step.to] ?? null, [...at, behind]));
    }
  }
  return operations;
}

/** Whether an operation writes down what nobody may see: an item that is written anew brings all that it holds. */
export function bringsHidden(
  { path: pointer, value }: JsonObject,
  kind: SensitiveKind,
  sensitive: readonly string[],
): boolean {
  if (value === undefined) return false;
  const tokens = parsePointer(String(pointer)) ?? [];
  const at = tokens.map((token): PathElement => {
    return /^\d+$/.test(token) ? { type: "index", index: Number(token) } : field(token);
  });
  return !sameJson(maskValue(value, { kind, path: at, sensitive }), value);
}

const nameOf = ({ kind, name }: ResourceId): string =>
  `adopted-${kind.toLowerCase()}-${name.toLowerCase().replaceAll(/[^a-z0-9.-]/g, "-")}`;

/** A name that no file of the folder has. */
function freeName(folder: string, id: ResourceId): string {
  for (let count = 1; ; count += 1) {
    const name = `${nameOf(id)}${count === 1 ? "" : `-${count}`}.yaml`;
    if (!existsSync(path.join(folder, name))) return name;
  }
}

/** As patches see it: they run before the kustomization puts its own namespace, prefix and suffix on. */
function targetOf({ group, kind, name, namespace }: ResourceId, version: string, kustomization: string): JsonObject {
  const [document] = parseYaml(kustomization).documents;
  const said = (key: string): string => getString(document?.value, key) ?? "";
  const [prefix, suffix] = [said("namePrefix"), said("nameSuffix")];
  const start = name.startsWith(prefix) ? prefix.length : 0;
  const end = suffix !== "" && name.endsWith(suffix) ? name.length - suffix.length : name.length;
  return {
    ...(group === "" ? {} : { group }),
    version,
    kind,
    name: name.slice(start, end),
    ...(namespace === "" || said("namespace") !== "" ? {} : { namespace }),
  };
}

/** The kustomization with one more row in its `patches`. */
function withPatch(file: string, text: string, row: JsonObject): string {
  const [document] = parseYaml(text).documents;
  const patches = getIn(document?.value, "patches");
  const rows = isArray(patches) ? [...patches, row] : [row];
  const edit = editDocument(text, (value) => ({ ...(isObject(value) ? value : {}), patches: rows }));
  if (!edit.ok) throw new CliError(`${file}:${edit.line}: a row cannot be added to its patches: ${edit.message}`);
  return edit.text;
}

/** Calls with a copy of the folder, in a copy of all that it may refer to. */
async function inCopy<T>(folder: string, use: (copy: string) => Promise<T>): Promise<T> {
  const root = repositoryOf(path.join(folder, "kustomization.yaml")) ?? path.resolve(folder);
  const copy = mkdtempSync(path.join(os.tmpdir(), "plumbline-adopt-"));
  try {
    const isLeftOut = (file: string): boolean => /(^|[\\/])(\.git|node_modules)$/.test(file);
    cpSync(root, copy, { recursive: true, filter: (file) => !isLeftOut(file) });
    return await use(path.join(copy, path.relative(root, path.resolve(folder))));
  } catch (error) {
    throw error instanceof CliError ? error : new CliError(`${folder} cannot be tried out: ${messageOf(error)}`);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** @throws CliError where kustomize builds something else than what was wanted */
export async function adoptKustomized(asked: KustomizedAdoption): Promise<readonly ChangedFile[]> {
  const { pair, adoption, folder, binary, environment } = asked;
  const { desired } = pair;
  const { id } = desired;
  const own = kustomizationNames.map((name) => path.join(folder, name)).find((file) => existsSync(file));
  if (own === undefined) throw new CliError(`${folder}: there is no kustomization in it`);
  const built = await buildKustomize(folder, binary, environment);
  const written = built.objects.find(
    (one) => one.id.kind === id.kind && one.id.group === id.group && one.id.name === id.name,
  );
  if (written === undefined) throw new CliError(`${formatId(id)} is not built by ${folder}`);
  const before = written.object;
  const operations = operationsTo(before, asWritten(before, adoption.target));
  const name = freeName(folder, id);
  const version = before.apiVersion.includes("/")
    ? before.apiVersion.slice(before.apiVersion.indexOf("/") + 1)
    : before.apiVersion;
  const read = readSource(own);
  checkExact(own, read);
  const { text: kustomization } = read;
  const files: readonly ChangedFile[] = [
    {
      file: path.join(folder, name),
      before: undefined,
      after: formatYaml(operations),
      isHidden: operations.some((one) => bringsHidden(one, id, pair.baseline.compare.sensitive)),
    },
    {
      file: own,
      before: kustomization,
      after: withPatch(own, kustomization, { path: name, target: targetOf(written.id, version, kustomization) }),
    },
  ];
  await inCopy(folder, async (copy) => {
    for (const { file, after } of files) writeFileSync(path.join(copy, path.basename(file)), after);
    const again = await buildKustomize(copy, binary, environment);
    checkBuilt(
      again.objects.map(({ object }) => object),
      built.objects.map(({ object }) => object),
      asked,
      before,
    );
  });
  return files;
}

function checkBuilt(
  after: readonly KubeObject[],
  before: readonly KubeObject[],
  { pair, adoption, folder }: KustomizedAdoption,
  own: KubeObject,
): void {
  const { desired } = pair;
  const isOwn = (one: KubeObject): boolean =>
    one.kind === own.kind &&
    one.apiVersion === own.apiVersion &&
    getString(one.metadata, "name") === getString(own.metadata, "name") &&
    getString(one.metadata, "namespace") === getString(own.metadata, "namespace");
  const rest = (objects: readonly KubeObject[]): string => canonicalJson(objects.filter((one) => !isOwn(one)));
  if (rest(after) !== rest(before))
    throw new CliError(`${folder}: the patch would change other objects too; nothing was changed`);
  const found = after.find(isOwn);
  if (found === undefined)
    throw new CliError(`${formatId(desired.id)} would not be built any more; nothing was changed`);
  const { namespace } = desired.id;
  const placed = { ...found, metadata: namespace === "" ? found.metadata : { ...found.metadata, namespace } };
  const left = new Set(
    countDifferences({ ...pair, desired: declare(placed, desired.source) }).counting.map(({ path }) =>
      formatPath(path),
    ),
  );
  const show = showPathsOf(pair);
  const still = adoption.adopted.filter(({ path }) => left.has(formatPath(path))).map(({ path }) => show(path));
  if (still.length > 0)
    throw new CliError(
      `${formatId(desired.id)}: ${still.join(", ")} is set by ${folder} behind its patches (images, replicas, labels …): change it there`,
    );
}
