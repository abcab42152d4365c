/**
 * The image's bill of materials, CycloneDX 1.6 as JSON: npm packages of the bundle, Go modules of the renderers,
 * Debian packages. Runs inside the build; reads a folder with package-lock.json, *.modules and debian.packages.
 * Source: https://cyclonedx.org/docs/1.6/json/
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

interface Component {
  readonly type: "library" | "application";
  readonly name: string;
  readonly version: string;
  readonly purl: string;
}

export function npmComponents(lock: string): readonly Component[] {
  const { packages } = JSON.parse(lock) as {
    packages: Record<string, { version?: string; dev?: boolean; devOptional?: boolean }>;
  };
  return Object.entries(packages).flatMap(([place, { version, dev, devOptional }]) => {
    const name = place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);
    if (place === "" || dev === true || devOptional === true || version === undefined) return [];
    return [{ type: "library", name, version, purl: `pkg:npm/${name.replace("@", "%40")}@${version}` } as const];
  });
}

/** From `go version -m`: the main module (`mod`) and its dependencies (`dep`). */
export function goComponents(text: string): readonly Component[] {
  return text.split("\n").flatMap((line) => {
    const [, what, name = "", version = ""] = line.split("\t");
    if (what !== "mod" && what !== "dep") return [];
    const known = version === "(devel)" ? "0.0.0" : version;
    return [{ type: "library", name, version: known, purl: `pkg:golang/${name}@${known}` } as const];
  });
}

/** From `dpkg-query`: name, version and architecture, tabs between. */
export function debianComponents(text: string): readonly Component[] {
  return text.split("\n").flatMap((line) => {
    const [name = "", version = "", architecture = ""] = line.split("\t");
    if (name === "") return [];
    const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}`;
    return [{ type: "library", name, version, purl } as const];
  });
}

export function billOfMaterials(folder: string): unknown {
  const read = (file: string): string => readFileSync(path.join(folder, file), "utf8");
  const lock = JSON.parse(read("package-lock.json")) as { name: string; version: string };
  const modules = readdirSync(folder).filter((file) => file.endsWith(".modules"));
  const node: Component = {
    type: "application",
    name: "node",
    version: process.versions.node,
    purl: `pkg:generic/node@${process.versions.node}`,
  };
  const found = [
    node,
    ...npmComponents(read("package-lock.json")),
    ...modules.flatMap((file) => goComponents(read(file))),
    ...debianComponents(read("debian.packages")),
  ];
  const components = [...new Map(found.map((component) => [component.purl, component])).values()];
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: { type: "application", name: lock.name, version: lock.version } },
    components: components.sort((a, b) => a.purl.localeCompare(b.purl)),
  };
}

const [, , folder] = process.argv;
if (import.meta.main && folder !== undefined) console.log(JSON.stringify(billOfMaterials(folder), null, 1));
