/**
 * The bundle: the command and its YAML worker, with their packages, in dist/. One file each and no chunk in a folder,
 * so that `import.meta.url` leads to the same neighbours as in src.
 */
import { copyFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import { defineConfig, type Plugin } from "rolldown";

const root = import.meta.dirname;

/** Files that code finds beside itself, and where the bundle has them. */
const assets: readonly (readonly [from: string, to: string])[] = [
  ["src/cli/built-in-schema/kubernetes.json.gz", "built-in-schema/kubernetes.json.gz"],
];

/** Threads are started by file name, and theirs ends in .js here. */
const workers: Readonly<Record<string, string>> = { "./yaml-worker.ts": "./yaml-worker.js" };

const neighbours: Plugin = {
  name: "neighbours",
  transform(code, id) {
    if (!id.startsWith(path.join(root, "src"))) return null;
    const found = [...code.matchAll(/new URL\("([^"]+\.ts)", import\.meta\.url\)/g)];
    for (const [, file = ""] of found)
      if (workers[file] === undefined) this.error(`${id} starts ${file}, which is no entry of the bundle`);
    if (found.length === 0) return null;
    const replaced = found.reduce(
      (text, [whole, file = ""]) => text.replace(whole, whole.replace(file, workers[file] ?? "")),
      code,
    );
    return { code: replaced, map: null };
  },
  writeBundle({ dir = "dist" }) {
    for (const [from, to] of assets) {
      const target = path.resolve(root, dir, to);
      mkdirSync(path.dirname(target), { recursive: true });
      copyFileSync(path.join(root, from), target);
    }
  },
};

export default defineConfig({
  input: { plumbline: "src/cli/plumbline.ts", "yaml-worker": "src/sources/yaml-worker.ts" },
  platform: "node",
  // Of client-node the reading of a kubeconfig is used; its thousand models say nothing by being loaded.
  treeshake: { moduleSideEffects: [{ test: /client-node\/dist\//, sideEffects: false }] },
  plugins: [neighbours],
  output: {
    dir: "dist",
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
    sourcemap: true,
    // Names of functions and classes stay, for stack traces and for `error.name`.
    minify: false,
    cleanDir: true,
  },
});
